"""Files of Reports that a stopped run leaves behind, to go on from.

    with open_resumable("out.jsonl", resume=True) as (stream, earlier):
        for document in earlier.rest(documents): ...

Reports are written to ``out.jsonl.partial``, which takes the name ``out.jsonl`` when all is done.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from .errors import DataError
from .files import numbered_lines
from .outputs import naming_full
from .resolve.dates import publication_date

if TYPE_CHECKING:
    from .inputs import InputDocument

__all__ = ["Earlier", "open_resumable", "partial_path"]

_BLOCK = 1 << 20  # bytes at a time


class Earlier:
    """What an earlier run has done: which documents, by id, text and date, and by which models."""

    def __init__(self) -> None:
        self._done: dict[bytes, Counter[str | None]] = {}  # by publication date
        self._models: dict[str, None] = {}
        self._least_score = 1.0  # of an event
        self.file: Path | None = None

    def __len__(self) -> int:
        return sum(dates.total() for dates in self._done.values())

    def rest(
        self, documents: Iterable[InputDocument], skipped: Callable[[], None]
    ) -> Iterator[InputDocument]:
        """The documents that are still to be read; ``skipped`` is called for each other.

        A document that comes twice is read as often as it comes. Raises DataError at one that was
        read with another publication date: its relative dates are wrong now, and both Reports
        would stand in one file.
        """
        left = {key: dates.copy() for key, dates in self._done.items()}
        for document in documents:
            key = _key(document.fields["doc_id"], document.fields["text"])
            dates = left.get(key)
            if document.error is not None or dates is None or not dates.total():
                yield document
                continue
            date = _date(document)
            if not dates[date]:
                known = next(iter(+dates))
                raise DataError(
                    f"{document.place} was read with {_dated(known)} and comes with "
                    f"{_dated(date)} now; give the same date, or remove the file",
                    file=str(self.file),
                )
            dates[date] -= 1
            skipped()

    def check_model(self, version: str) -> None:
        """Raise DataError if the Reports are another model's."""
        if others := [name for name in self._models if name != version]:
            raise DataError(
                f"its Reports are by model {', '.join(others)}, not by {version}; go on with that "
                "model, or remove the file",
                file=str(self.file),
            )

    def check_scores(self, min_score: float) -> None:
        """Raise DataError if events stand there that ``min_score`` would have left out."""
        if self._least_score < min_score:
            raise DataError(
                f"it holds events of score {self._least_score}, and --min-score {min_score} would "
                "leave them out; give the same as before, or another file",
                file=str(self.file),
            )

    def add(self, raw: dict[str, Any]) -> None:
        """Take in a Report, as the dict of its JSON."""
        events = raw.get("events")
        for event in events if isinstance(events, list) else ():
            score = event.get("score") if isinstance(event, dict) else None
            if isinstance(score, int | float):
                self._least_score = min(self._least_score, score)
        self._done.setdefault(_key(raw["doc_id"], raw["text"]), Counter())[raw["date"]] += 1
        self._models[raw["model_version"]] = None


def partial_path(path: str | Path) -> Path:
    """Where the Reports for ``path`` grow."""
    target = Path(os.path.realpath(path))
    return target.with_name(f"{target.name}.partial")


@contextmanager
def open_resumable(path: str | Path, *, resume: bool) -> Iterator[tuple[TextIO, Earlier]]:
    """A file of JSON lines to write Reports to, and what it holds already.

    If the block fails, the file stays as ``partial_path(path)``, unless no Report was added to
    those of ``path``. With ``resume``, its Reports, else those of ``path``, are kept; but for a
    last line that was cut off, and for Reports that carry an error: their documents are to be
    read again. Raises DataError for a file that cannot be made or holds other things than Reports,
    and, without ``resume``, where a stopped run has left Reports.
    """
    target, partial = Path(os.path.realpath(path)), partial_path(path)
    earlier = Earlier()
    try:
        if resume:
            _take_over(partial if partial.exists() else target, partial, earlier)
        elif n := _count(partial):
            raise DataError(
                f"holds {n} Reports of a run that was stopped; go on from there with --resume, or "
                "remove the file",
                file=str(partial),
            )
        out = partial.open("a" if resume else "w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror}", file=str(path)) from None
    try:
        with naming_full(path), out:
            yield out, earlier
        os.replace(partial, target)
    except BaseException:
        known = 0 if earlier.file == partial else len(earlier)  # they are in ``path`` as well
        if _count(partial) == known:
            partial.unlink(missing_ok=True)
        raise


def _take_over(source: Path, partial: Path, earlier: Earlier) -> None:
    """Fill ``partial`` with the good Reports of ``source``, which may be the same file."""
    if not source.exists():
        return
    earlier.file = source
    new = partial.with_name(f"{partial.name}.new")
    try:
        with source.open("rb") as old, new.open("wb") as out:
            for number, line in numbered_lines(old, source, "a Report"):
                if not line.endswith(b"\n"):
                    break  # the run was killed while it wrote
                raw = _report(line)
                if raw is None:
                    raise DataError(
                        "not a Report as predict writes it", file=str(source), line=number
                    )
                if raw["error"] is None:
                    out.write(line)
                    earlier.add(raw)
        os.replace(new, partial)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _report(line: bytes) -> dict[str, Any] | None:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict):
        return None
    expected = ("doc_id", "text", "date", "error", "model_version")
    return raw if all(isinstance(raw.get(key, 0), str | None) for key in expected) else None


def _count(path: Path) -> int:
    """Whole lines of a file; 0 where there is none."""
    try:
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))
    except FileNotFoundError:
        return 0


def _key(doc_id: str | None, text: str | None) -> bytes:
    # As JSON in ASCII: any text, lone surrogates too.
    return hashlib.sha256(json.dumps([doc_id or None, text]).encode()).digest()[:16]


def _date(document: InputDocument) -> str | None:
    """The publication date that its Report will have: the given one, or that of its head."""
    given = document.fields.get("date")
    if given is not None:
        return str(given)
    written = publication_date(document.fields["text"] or "")
    return written.isoformat() if written is not None else None


def _dated(date: str | None) -> str:
    return "no date" if date is None else f"the date {date}"
