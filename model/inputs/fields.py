"""The fields of a document, from a JSON object or a row of a table."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..files import day_of_time, iso_day

if TYPE_CHECKING:
    from ..report import Report

__all__ = [
    "MAX_SIZE",
    "TOO_LONG",
    "FieldNames",
    "InputDocument",
    "from_object",
    "is_day",
    "not_utf8",
    "unread",
]

# Bytes of a text file, a line or standard input, characters of a row: far above any report, and
# little enough to be held. A few kilobytes of gzip can stand for any number of bytes.
MAX_SIZE = 64 << 20
TOO_LONG = f"longer than {MAX_SIZE >> 20} MiB, which no document may be"

_DAY_HINT = "expected an ISO day such as '2018-05-21', with or without a time"


@dataclass(frozen=True, slots=True)
class FieldNames:
    """Keys or columns; ``title`` and ``publisher`` are read under these names."""

    text: str = "text"
    date: str = "date"
    id: str = "id"

    @property
    def all(self) -> tuple[str, ...]:
        return self.text, self.date, self.id, "title", "publisher"


@dataclass(frozen=True, slots=True)
class InputDocument:
    """``place`` names it in messages (file, or file:line); ``fields`` is for ``predict_stream``.

    Where ``error`` is set, the document failed; ``fields`` holds what could be read of it, and
    ``given`` what stood there, the wrong values and other fields too, under the usual names where
    there is one, if that is known.
    """

    place: str
    fields: dict[str, Any]
    error: str | None = None
    given: dict[str, Any] | None = None

    @property
    def readable(self) -> dict[str, Any]:
        """What the coder gets: without text it reads nothing, and its Report says what is known."""
        return self.fields if self.error is None else {**self.fields, "text": None}

    def told(self, report: Report) -> Report:
        """The coder's Report of ``readable``, with what the reader found wrong as its error."""
        if self.error is None:
            return report
        text = self.fields["text"] or ""
        return report.model_copy(update={"error": self.error, "text": text})


def unread(place: str, name: str | None, why: str | BaseException) -> InputDocument:
    """A document that could not be read at all; ``name`` is its id."""
    if isinstance(why, BaseException):
        reason = why.strerror if isinstance(why, OSError) else None
        why = f"cannot be read: {reason or why}"
    return InputDocument(place, {"text": None, "doc_id": name}, why)


def from_object(raw: Mapping[str, Any], place: str, name: str, names: FieldNames) -> InputDocument:
    """A document from a JSON object or a row; without an id it goes by ``name``.

    An absent, null, NaN or empty value is not given. The day of a date is taken as written: a time
    of day and a zone behind it are left out.
    """
    given = {key: value for key in names.all if not _is_none(value := raw.get(key)) and value != ""}
    fields: dict[str, Any] = {"text": None, "doc_id": name}
    problems = []
    identity = given.get(names.id)
    if isinstance(identity, float) and identity.is_integer():
        identity = int(identity)  # tables keep whole numbers so where some are missing
    if isinstance(identity, str) or type(identity) is int:
        fields["doc_id"] = str(identity)
    elif identity is not None:
        problems.append(f"field {names.id!r}: expected text or a whole number, {_got(identity)}")
    for key in ("title", "publisher"):
        if isinstance(given.get(key), str):
            fields[key] = given[key]
        elif key in given:
            problems.append(f"field {key!r}: expected text, {_got(given[key])}")
    text = raw.get(names.text)
    if names.text not in raw:
        keys = ", ".join(repr(key) for key in list(raw)[:8]) or "none"
        problems.append(f"field {names.text!r} is missing (fields here: {keys})")
    elif not isinstance(text, str):
        problems.append(f"field {names.text!r}: expected text, {_got(text)}")
    elif len(text) > MAX_SIZE:
        problems.append(f"field {names.text!r}: {TOO_LONG}")
    else:
        fields["text"] = text
    date = given.get(names.date)
    day = None if date is None else _day(date)
    if date is None or day is not None:
        fields["date"] = day
    else:
        problems.append(f"field {names.date!r}: {_DAY_HINT}, {_got(date)}")
    if not problems:
        return InputDocument(place, fields)
    usual = zip(FieldNames().all, names.all, strict=True)
    others = {key: value for key, value in raw.items() if key not in names.all}
    values = {own: given[key] for own, key in usual if key in given}
    return InputDocument(
        place,
        fields,
        "; ".join(problems),
        {**others, "id": fields["doc_id"], "text": text, **values},
    )


def is_day(value: object) -> bool:
    """Whether ``value`` is a string ``YYYY-MM-DD`` that names a real day."""
    return isinstance(value, str) and iso_day(value) is not None


def _day(value: object) -> str | None:
    """The ISO day that a cell names; None if it names none."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str):
        day = day_of_time(value)
        return None if day is None else day.isoformat()
    return None


def _is_none(value: object) -> bool:
    """None, or NaN, which tables have in its place (NaT, of pandas, too)."""
    return value is None or value != value


def _got(value: object) -> str:
    return f"got {value!r:.40}" if isinstance(value, str) else f"got {type(value).__name__}"


def not_utf8(data: bytes, at: int) -> str:
    return f"not UTF-8 at byte {at} (0x{data[at]:02x})"
