"""Reports -> what a person or a program reads: tables, JSON, JSON lines.

    with open_output(path) as out, FORMATS["jsonl"](out, ontology) as writer:
        writer.write(report)

Writers hold at most one Report. Text of documents is printed without control characters.
"""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from rich.table import Table
from rich.text import Text

from .errors import DataError
from .terminal import clean, table_console

if TYPE_CHECKING:
    from .ontology import Ontology
    from .report import Argument, DateValue, Event, Report, Toll

__all__ = [
    "FORMATS",
    "JsonLinesWriter",
    "JsonWriter",
    "TableWriter",
    "Writer",
    "event_cells",
    "label_table",
    "open_output",
    "same_file",
]

_TITLE_LENGTH = 60
# Heading, width in columns, or share of what is left: 120 in all with one space between.
_COLUMNS: tuple[tuple[str, int | None, int | None], ...] = (
    ("type", 17, None),
    ("status", 8, None),
    ("who", None, 16),
    ("to whom", None, 16),
    ("where", None, 12),
    ("when", 10, None),
    ("killed/\ninjured", 8, None),
    ("source", None, 12),
    ("trigger", None, 12),
    ("score", 5, None),
)


# ---- where it goes


@contextmanager
def open_output(path: str | Path | None) -> Iterator[TextIO]:
    """Standard output, or a UTF-8 file that appears under its name only when all is written.

    Raises DataError if the file cannot be made. If the block fails, an older file is kept.
    """
    if path is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    target = Path(os.path.realpath(path))
    special = target.exists() and not target.is_file()  # a device or a pipe cannot be replaced
    pending = target if special else target.with_name(f".conflictwire-{os.getpid()}.tmp")
    try:
        out = pending.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror}", file=str(path)) from None
    try:
        with out:
            yield out
        if not special:
            os.replace(pending, target)
    except BaseException:
        if not special:
            pending.unlink(missing_ok=True)
        raise


def same_file(path: str | Path, other: str | Path) -> bool:
    """Whether two paths lead to one existing file."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


# ---- writers


class Writer(ABC):
    """Takes Reports one by one; used in a ``with`` block, which ends the output properly."""

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        self.out, self.ontology = out, ontology

    @abstractmethod
    def write(self, report: Report) -> None: ...

    def close(self) -> None:
        """Write what is still held back."""
        self.out.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()


class JsonLinesWriter(Writer):
    """One Report a line."""

    def write(self, report: Report) -> None:
        self.out.write(report.to_json() + "\n")
        self.out.flush()


class JsonWriter(Writer):
    """One Report: an object. Any other number of them: a list. Indented."""

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        super().__init__(out, ontology)
        self.held: Report | None = None
        self.n_written = 0

    def write(self, report: Report) -> None:
        if self.held is not None:
            self._item(self.held)
        self.held = report

    def close(self) -> None:
        if self.held is None:
            self.out.write("[]\n")
        elif self.n_written == 0:
            self.out.write(self.held.to_json(indent=2) + "\n")
        else:
            self._item(self.held)
            self.out.write("\n]\n")

    def _item(self, report: Report) -> None:
        self.out.write("[\n" if self.n_written == 0 else ",\n")
        self.out.write(report.to_json(indent=2))
        self.n_written += 1


class TableWriter(Writer):
    """For people: a line a document, then a row an event. Columns line up across documents."""

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        super().__init__(out, ontology)
        self.console = table_console(out)
        self.n_written = 0

    def write(self, report: Report) -> None:
        self.n_written += 1
        with self.console.capture() as captured:
            if self.n_written > 1:
                self.console.print()
            for line in _head(report, self.n_written):
                self.console.print(line, soft_wrap=True)
            if report.events:
                self.console.print(self._table(report))
        lines = captured.get().split("\n")
        self.out.write("\n".join(line.rstrip(" ") for line in lines))
        self.out.flush()

    def _table(self, report: Report) -> Table:
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
        for heading, width, ratio in _COLUMNS:
            table.add_column(heading, width=width, ratio=ratio, overflow="fold")
        for event in report.events:
            table.add_row(*(Text(cell) for cell in event_cells(report, event, self.ontology)))
        return table


FORMATS: Mapping[str, Callable[[TextIO, Ontology], Writer]] = {
    "table": TableWriter,
    "json": JsonWriter,
    "jsonl": JsonLinesWriter,
}


# ---- tables


def event_cells(report: Report, event: Event, ontology: Ontology) -> list[str]:
    """Type, status, who, to whom, where, when, killed/injured, source, trigger, score.

    Where no target is named, the victims stand under "to whom".
    """
    meaning = {label: role.means for label, role in ontology.roles.items()}
    fillers: dict[str | None, list[Argument]] = {}
    for argument in event.arguments:
        fillers.setdefault(meaning.get(argument.role), []).append(argument)
    victims = [*fillers.get("killed", ()), *fillers.get("injured", ())]
    cells = [
        event.type,
        event.status,
        _names(report, fillers.get("actor", ())),
        _names(report, fillers.get("target", victims)),
        _place(event),
        _when(event.date),
        _tolls(event.killed, event.injured),
        _joined(event.sources),
        _triggers(event),
        f"{event.score:.2f}",
    ]
    return [clean(cell) for cell in cells]


def label_table(title: str, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> Table:
    """Rows of ``Ontology.describe()``, the given columns of them."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "label")
    for row in rows:
        table.add_row(*(Text(clean(row[column])) for column in columns))
    return table


def _head(report: Report, number: int) -> Iterator[Text]:
    name = clean(report.doc_id or "") or f"document {number}"
    n = len(report.events)
    parts = [
        report.date or "no date",
        _short(clean(report.title or "")),
        f"{n} event{'' if n == 1 else 's'}" if report.error is None else "failed",
    ]
    head = Text(name, style="bold")
    head.append("  " + "  ".join(part for part in parts if part), style="not bold")
    yield head
    if report.error is not None:
        yield Text(f"  error: {clean(report.error)}")
    for warning in report.warnings:
        yield Text(f"  warning: {clean(warning)}")


def _short(text: str) -> str:
    return text if len(text) <= _TITLE_LENGTH else text[: _TITLE_LENGTH - 3].rstrip() + "..."


def _names(report: Report, arguments: Iterable[Argument]) -> str:
    """Names of entities, the words themselves where there is none; each once."""
    return _joined(
        a.text if a.entity is None else report.entities[a.entity].name for a in arguments
    )


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(parts))


def _triggers(event: Event) -> str:
    """The first three different ones, and how many more there are."""
    words = list(dict.fromkeys(clean(trigger.text).lower() for trigger in event.triggers))
    more = [f"+{len(words) - 3}"] if len(words) > 3 else []
    return _joined([*words[:3], *more])


def _place(event: Event) -> str:
    where = event.location
    if where is None:
        return ""
    name, country = where.name or where.text or "", where.country or ""
    return f"{name} ({country})" if name and country else name or country


def _when(when: DateValue | None) -> str:
    """The day, month or year, else first and last day; "news day" where no words state it."""
    if when is None:
        return ""
    length = {"day": 10, "month": 7, "year": 4}.get(when.precision)
    days = f"{when.start} {when.end}" if length is None else when.start[:length]
    return f"{days} (news day)" if when.basis == "news_day" else days


def _tolls(killed: Toll | None, injured: Toll | None) -> str:
    return "" if killed is None and injured is None else f"{_toll(killed)} / {_toll(injured)}"


def _toll(toll: Toll | None) -> str:
    if toll is None:
        return "-"
    if toll.high is None:
        return f"{toll.low}+"
    return str(toll.low) if toll.low == toll.high else f"{toll.low}-{toll.high}"
