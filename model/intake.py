"""What callers give -> documents to read, checked; for one that cannot be read, its Report."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from .files import day_of_time
from .report import Report

__all__ = ["Batches", "Checked", "Day", "checked", "day_of", "failed", "paired"]

Day = str | datetime.date | None  # an ISO day
Checked = dict[str, Any]  # exactly text, date, doc_id, title, publisher, warnings
# One character as the two halves of UTF-16, which JSON joins and Python does not.
_SPLIT = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_DATE_HINT = "expected an ISO day such as '2018-05-21'"


class Batches:
    """Documents as they are given -> batches of them, checked, or failed already.

    If ``documents`` raises, the last batch is what came before; ``failure`` holds the error.
    """

    def __init__(
        self, documents: Iterable[Mapping[str, Any]], batch_size: int, version: str
    ) -> None:
        self._documents, self._size, self._version = iter(documents), batch_size, version
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[list[Checked | Report]]:
        return self

    def __next__(self) -> list[Checked | Report]:
        batch: list[Mapping[str, Any]] = []
        if self.failure is None:
            try:
                for document in islice(self._documents, self._size):
                    batch.append(document)
            except Exception as error:
                self.failure = error
        if not batch:
            raise StopIteration
        return [self._checked(document) for document in batch]

    def _checked(self, document: Mapping[str, Any]) -> Checked | Report:
        try:
            return checked(document)
        except Exception as error:  # whatever a mapping of others raises
            return failed(document, error, self._version)


def paired(texts: object, dates: object) -> Iterator[Checked]:
    """A list of texts, and one date for all or one each -> documents.

    Raises TypeError and ValueError, for an entry naming its index.
    """
    if isinstance(texts, bytes | bytearray | Mapping) or not isinstance(texts, Sequence):
        raise TypeError(f"text must be a string or a list of strings, got {type(texts).__name__}")
    if dates is None or isinstance(dates, str | datetime.date):
        dates = [dates] * len(texts)
    if not isinstance(dates, Sequence):
        raise TypeError(f"date: {_DATE_HINT} or a list of them, got {type(dates).__name__}")
    if len(dates) != len(texts):
        raise ValueError(f"{len(texts)} texts but {len(dates)} dates")
    for index, (text, date) in enumerate(zip(texts, dates, strict=True)):
        try:
            yield checked({"text": text, "date": date})
        except (TypeError, ValueError) as error:
            raise type(error)(f"index {index}: {error}") from None


def checked(document: object) -> Checked:
    """-> a dict of exactly text, date (datetime.date or None), doc_id, title, publisher, warnings.

    ``warnings`` tells how the text differs from the one given, if it does. Raises TypeError and
    ValueError for a field that cannot be.
    """
    if not isinstance(document, Mapping):
        raise TypeError(f"expected a dict with 'text', got {type(document).__name__}")
    text = document.get("text")
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    text = _plain(text)
    warnings: list[str] = []
    if _SPLIT.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        warnings.append("characters written as two halves were joined; offsets count them as one")
    day = day_of(document.get("date"))
    fields: Checked = {"text": text, "date": day, "warnings": warnings}
    for key in ("doc_id", "title", "publisher"):
        value = document.get(key)
        if value is not None and not isinstance(value, str):
            if key != "doc_id" or not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{key} must be a string, got {type(value).__name__}")
            value = str(value)
        fields[key] = value if value is None else _plain(value)
    fields["doc_id"] = fields["doc_id"] or None  # "" is none: event ids begin with it
    return fields


def _plain(text: str) -> str:
    """A string of Python's own: those of others may carry whole documents along."""
    return "".join((text,))


def day_of(value: object) -> datetime.date | None:
    """Raises TypeError and ValueError for what is no day."""
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if not isinstance(value, str):
        raise TypeError(f"date: {_DATE_HINT}, got {type(value).__name__}")
    day = day_of_time(value)
    if day is None:
        raise ValueError(f"date: {_DATE_HINT}, got {value!r}")
    return day


def failed(document: object, error: Exception, version: str) -> Report:
    """A Report that carries the error and as much of the document as can be told."""

    def string(key: str) -> str | None:
        value = None
        with suppress(Exception):
            value = document.get(key) if isinstance(document, Mapping) else None
        if key == "doc_id" and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return _plain(value) if isinstance(value, str) else None

    return Report(
        model_version=version,
        error=f"{type(error).__name__}: {error}",
        doc_id=string("doc_id") or None,
        text=string("text") or "",
        title=string("title"),
        publisher=string("publisher"),
        windows=0,
    )
