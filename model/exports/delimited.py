"""CSV: rows of events under a header, by RFC 4180 (comma, ``"``, CRLF between rows), in UTF-8."""

from __future__ import annotations

import csv
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, TextIO

from .base import Writer
from .cells import Value, csv_cell
from .rows import COLUMNS, event_row
from .view import views

if TYPE_CHECKING:
    from ..ontology import Ontology
    from ..report import Report

__all__ = ["CsvWriter", "RowWriter"]


class RowWriter(Writer):
    """Writes the rows that ``rows`` gives for a Report, with the columns ``header``."""

    header: ClassVar[tuple[str, ...]]

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        super().__init__(out, ontology)
        self._csv = csv.writer(out)
        self._csv.writerow(self.header)

    @abstractmethod
    def rows(self, report: Report) -> Iterator[Mapping[str, Value]]:
        """Cells by column; a column that is left out is empty."""

    def write(self, report: Report) -> None:
        for row in self.rows(report):
            self._csv.writerow([csv_cell(row.get(name)) for name in self.header])
        self.out.flush()


class CsvWriter(RowWriter):
    """All events, with the columns of ``events_frame``."""

    header = tuple(column.name for column in COLUMNS)

    def rows(self, report: Report) -> Iterator[Mapping[str, Value]]:
        return map(event_row, views(report, self.ontology))
