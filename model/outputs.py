"""Reports -> files, in any of ``FORMATS``: the table, JSON and JSON lines here, more in exports/.

    export(reports, "events.csv")

    with open_output(path) as out, FORMATS["jsonl"](out, ontology) as writer:
        writer.write(report)

Writers hold few Reports at a time. Tables show documents' text without control characters.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rich.table import Table
from rich.text import Text

from .errors import DataError
from .exports.acled import AcledWriter
from .exports.base import Writer, each_report
from .exports.delimited import CsvWriter
from .exports.geojson import GeoJsonWriter
from .exports.html import HtmlWriter
from .exports.parquet import ParquetWriter
from .exports.plover import PloverWriter
from .exports.readable import days, place, toll_range
from .exports.ucdp import UcdpWriter
from .ontology import Ontology
from .terminal import Screen, clean, table_console

if TYPE_CHECKING:
    from .report import Argument, Event, Report, Toll

__all__ = [
    "BINARY",
    "FORMATS",
    "SUFFIXES",
    "JsonLinesWriter",
    "JsonWriter",
    "TableWriter",
    "event_cells",
    "export",
    "format_of",
    "label_table",
    "naming_full",
    "open_output",
    "same_file",
]

_TITLE_LENGTH = 60
_OPENED = count()  # files opened for writing, for names of those that are not complete
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
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

    Raises DataError if the file cannot be made. If the block fails, an older file is kept. An
    OSError for want of space names the file.
    """
    if path is None:
        with naming_full("standard output"):
            out: Any = Screen(sys.stdout) if sys.stdout.isatty() else sys.stdout
            yield out
            sys.stdout.flush()
        return
    target = Path(os.path.realpath(path))
    special = target.exists() and not target.is_file()  # a device or a pipe cannot be replaced
    pending = (
        target if special else target.with_name(f".conflictwire-{os.getpid()}-{next(_OPENED)}.tmp")
    )
    try:
        out = pending.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror}", file=str(path)) from None
    try:
        with naming_full(path), out:
            yield out
        if not special:
            os.replace(pending, target)
    except BaseException:
        if not special:
            pending.unlink(missing_ok=True)
        raise


@contextmanager
def naming_full(path: str | Path) -> Iterator[None]:
    """Put the name of the file into an OSError for want of space, which comes without one."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL and error.filename is None:
            error.filename = str(path)
        raise


def same_file(path: str | Path, other: str | Path) -> bool:
    """Whether two paths lead to one existing file."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


# ---- writers for people and for conflictwire itself


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


# ---- all forms

FORMATS: Mapping[str, Callable[[TextIO, Ontology], Writer]] = {
    "table": TableWriter,
    "json": JsonWriter,
    "jsonl": JsonLinesWriter,
    "csv": CsvWriter,
    "parquet": ParquetWriter,
    "geojson": GeoJsonWriter,
    "acled": AcledWriter,
    "ucdp": UcdpWriter,
    "plover": PloverWriter,
    "html": HtmlWriter,
}
"""Names of forms -> their writers."""

SUFFIXES: Mapping[str, str] = {
    ".txt": "table",
    ".json": "json",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".geojson": "geojson",
    ".html": "html",
}
"""Of a file's name -> the form it has if none is named."""

BINARY = frozenset({"parquet"})
"""Forms that a terminal cannot show."""


def export(
    reports: Report | Iterable[Report],
    path: str | Path,
    format: str | None = None,
    *,
    ontology: Ontology | None = None,
) -> None:
    """Write Reports, one at a time, to a file that appears under its name when all is written.

    ``format`` is one of ``FORMATS``, by default what the file's suffix says. ``ontology`` says
    what roles mean; give the coder's own for a model with other labels. Raises ValueError for an
    unknown format, DataError for a suffix that tells none and a file that cannot be made, and
    ConfigError for parquet without the extra ``export``.
    """
    form = format_of(path) if format is None else format
    if form not in FORMATS:
        raise ValueError(f"unknown format {form!r}; accepted: {', '.join(FORMATS)}")
    with open_output(path) as out, FORMATS[form](out, ontology or Ontology.load()) as writer:
        for report in each_report(reports):
            writer.write(report)


def format_of(path: str | Path) -> str:
    """The form that a file's suffix tells, in any case. Raises DataError listing the known ones."""
    suffix = Path(path).suffix
    form = SUFFIXES.get(suffix.lower())
    if form is None:
        name = f"the extension {suffix!r}" if suffix else "a name without extension"
        raise DataError(
            f"no form of results goes by {name}; accepted: "
            f"{', '.join(SUFFIXES)}, or say which of {', '.join(FORMATS)}",
            file=str(path),
        )
    return form


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
        place(event.location),
        days(event.date),
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


def _tolls(killed: Toll | None, injured: Toll | None) -> str:
    return "" if killed is None and injured is None else f"{_toll(killed)} / {_toll(injured)}"


def _toll(toll: Toll | None) -> str:
    return "-" if toll is None else toll_range(toll)
