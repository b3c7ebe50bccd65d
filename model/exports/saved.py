"""Reports that were saved as JSON lines -> Reports, one at a time."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO

from ..errors import DataError
from ..files import BOM, MAX_LINE, bounded_lines, too_long
from ..inputs import STDIN
from ..inputs.lines import DAMAGED
from ..report import Report

__all__ = ["read_reports"]


def read_reports(path: str) -> Iterator[Report | DataError]:
    """A Report for each line that is not blank; for a line that holds none, the error says why.

    Raises DataError if the first such line does not even claim to be a Report: the file is another.
    ``path`` is a file, gzipped if its name ends in .gz, or ``-`` for standard input. Damage ends
    the file, with an error. Errors name file and line. Raises OSError for a file that cannot be
    opened.
    """
    number, is_first = 0, True
    with _opened(path) as lines:
        try:
            for number, line in enumerate(bounded_lines(lines, MAX_LINE), start=1):
                line = line.removeprefix(BOM)
                if not line.strip():
                    continue
                if len(line) > MAX_LINE:
                    yield too_long(path, number, "a Report")
                    continue
                if is_first and not _claims_to_be_report(line):
                    raise DataError("not a Report (no schema_version)", file=path, line=number)
                is_first = False
                yield _read(line, path, number)
        except DAMAGED as error:
            yield DataError(f"damaged: {error}", file=path, line=number + 1)


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    if path == STDIN:
        return nullcontext(sys.stdin.buffer)
    # Not typed as BinaryIO, but read in the same way.
    return gzip.open(path) if path.lower().endswith(".gz") else open(path, "rb")  # type: ignore[return-value]


def _claims_to_be_report(line: bytes) -> bool:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(raw, dict) and "schema_version" in raw


def _read(line: bytes, path: str, number: int) -> Report | DataError:
    try:
        return Report.from_json(line)
    except DataError as error:
        return DataError(str(error), file=path, line=number)
