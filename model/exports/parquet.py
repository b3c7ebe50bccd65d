"""Parquet: the columns of ``events_frame``, written in row groups."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from .base import Writer, not_installed
from .cells import Value
from .rows import COLUMNS, event_row
from .view import views

if TYPE_CHECKING:
    from ..ontology import Ontology
    from ..report import Report

__all__ = ["ParquetWriter"]

_GROUP_ROWS = 10_000  # rows held in memory


class ParquetWriter(Writer):
    """All events. Needs pyarrow (extra ``export``), else ConfigError."""

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ModuleNotFoundError:
            raise not_installed("pyarrow") from None
        super().__init__(out, ontology)
        arrow: dict[str, Any] = {
            "string": pa.string(),
            "Int64": pa.int64(),
            "Float64": pa.float64(),
        }
        self._schema = pa.schema([(column.name, arrow[column.type]) for column in COLUMNS])
        self._table = pa.Table.from_pylist
        out.flush()
        self._parquet = pq.ParquetWriter(out.buffer, self._schema)
        self._rows: list[dict[str, Value]] = []

    def write(self, report: Report) -> None:
        self._rows += map(event_row, views(report, self.ontology))
        if len(self._rows) >= _GROUP_ROWS:
            self._write_group()

    def close(self) -> None:
        if self._rows:
            self._write_group()
        super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            # Also after a failure: pyarrow would do it later, when the file is closed already.
            self._parquet.close()

    def _write_group(self) -> None:
        self._parquet.write_table(self._table(self._rows, schema=self._schema))
        self._rows.clear()
