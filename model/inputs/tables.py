"""CSV (the csv module) and Parquet (pyarrow): a row is a document."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from .fields import MAX_SIZE, TOO_LONG, FieldNames, InputDocument, from_object, unread
from .sources import Source

__all__ = ["count_csv", "count_parquet", "from_arrow", "read_csv", "read_parquet"]

_MAX_FIELD = 2**31 - 1  # characters of a cell, whose own limit is 131,072; a row's is MAX_SIZE
_UNDECODED = re.compile("[\udc80-\udcff]")  # how Python keeps bytes that are not UTF-8
_ROWS = 64  # of Parquet, decoded at a time, unless that may take more than
_DECODED = 256 << 20  # bytes: one value of a dictionary can stand in all rows


# ---- CSV


def read_csv(source: Source, names: FieldNames) -> Iterator[InputDocument]:
    """Commas between cells, names in the first row, quoted as RFC 4180 has it.

    A row that breaks the form (other number of cells, a quote out of place, not UTF-8) fails
    alone; one longer than MAX_SIZE ends the file. A document without id goes by the line where its
    row starts. A file without any row, not even one with the names, has no documents.
    """
    path, name = source.path, source.name
    number = 1
    try:
        with _csv_rows(path) as rows:
            header: list[str] | None = None
            for number, cells in rows:
                place, own = f"{path}:{number}", f"{name}:{number}"
                problem = cells if isinstance(cells, str) else _csv_problem(cells, header, names)
                if problem is not None:
                    yield unread(place, own, problem)
                    if header is None:
                        return
                elif header is None:
                    header = list(cells)
                else:
                    yield from_object(dict(zip(header, cells, strict=True)), place, own, names)
    except OSError as error:
        yield unread(f"{path}:{number}", f"{name}:{number}", error)


def count_csv(path: str) -> int:
    try:
        with _csv_rows(path) as rows:
            n_rows = sum(1 for _ in rows)
            return max(n_rows - 1, min(n_rows, 1))
    except OSError:
        return 1


@contextmanager
def _csv_rows(path: str) -> Iterator[Iterator[tuple[int, list[str] | str]]]:
    """(line where it starts, cells or what is wrong with it) of each row that is not blank."""
    with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        yield _each_row(_RowLines(file))


class _TooLongError(csv.Error):
    pass


class _RowLines:
    """The lines of a file, as long as those of one row are no longer than MAX_SIZE."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.left = MAX_SIZE

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(self.left + 1)
        self.left -= len(line)
        if self.left < 0:
            raise _TooLongError(f"row {TOO_LONG}; the file is read no further")
        if not line:
            raise StopIteration
        return line


def _each_row(lines: _RowLines) -> Iterator[tuple[int, list[str] | str]]:
    csv.field_size_limit(max(_MAX_FIELD, csv.field_size_limit()))
    reader = csv.reader(lines, strict=True)
    while True:
        lines.left = MAX_SIZE
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first, f"not CSV that can be read: {error}"
            if isinstance(error, _TooLongError):
                return
        else:
            if cells:
                yield first, cells


def _csv_problem(
    cells: Sequence[str], header: Sequence[str] | None, names: FieldNames
) -> str | None:
    """What is wrong with a row; with the one that holds the names where there is no header yet."""
    for cell in cells:
        if bad := _UNDECODED.search(cell):
            return f"not UTF-8 (0x{ord(bad[0]) - 0xDC00:02x})"
    if header is None:
        return _header_problem(cells, names)
    if len(cells) != len(header):
        return f"{len(cells)} cells, but the first row names {len(header)} columns"
    return None


def _header_problem(columns: Sequence[str], names: FieldNames) -> str | None:
    if names.text not in columns:
        known = ", ".join(repr(column[:40]) for column in columns[:8]) or "none"
        return f"column {names.text!r} is missing (columns here: {known})"
    for name in names.all:
        if columns.count(name) > 1:
            return f"column {name!r} is there more than once"
    return None


# ---- Parquet


def read_parquet(source: Source, names: FieldNames) -> Iterator[InputDocument]:
    """Row groups are decoded a few rows at a time. Places are numbers of rows, from 1.

    Damage ends the file; the rows before it are read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, name = source.path, source.name
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            columns = file.schema_arrow.names
            problem = _header_problem(columns, names)
            if problem is not None:
                yield unread(path, f"{name}:1", problem)
                return
            wanted = [column for column in names.all if column in columns]
            for batch in _batches(file, wanted):
                for i in range(batch.num_rows):
                    number += 1
                    yield from_arrow(batch, i, f"{path}:{number}", f"{name}:{number}", names)
    # UnicodeDecodeError: pyarrow's of the name of a column.
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        yield unread(f"{path}:{number + 1}", f"{name}:{number + 1}", error)


def _batches(file: Any, columns: list[str]) -> Iterator[Any]:
    """Row group by row group: a batch over two of them would be lost with the second."""
    for group in range(file.num_row_groups):
        held = max(1, file.metadata.row_group(group).total_byte_size)
        rows = max(1, min(_ROWS, _DECODED // held))
        yield from file.iter_batches(batch_size=rows, row_groups=[group], columns=columns)


def from_arrow(batch: Any, index: int, place: str, name: str, names: FieldNames) -> InputDocument:
    """A row of an Arrow table or batch."""
    columns = [name for name in names.all if name in batch.schema.names]
    # Value by value: text that is not UTF-8, a time that Python cannot hold, fail their row alone.
    try:
        row = {key: batch.column(key)[index].as_py() for key in columns}
    except (ValueError, OverflowError) as error:
        return unread(place, name, f"cannot be read: {error}")
    return from_object(row, place, name, names)


def count_parquet(path: str) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return max(0, int(pq.read_metadata(path).num_rows))  # a broken footer may tell any number
    except (OSError, pa.ArrowException, UnicodeDecodeError):
        return 1
