"""The options --format and --out: in what form results are written, and where."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError

if TYPE_CHECKING:
    from ..inputs import Source


class Format(StrEnum):
    """Of the results; the names are those of ``outputs.FORMATS``."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    geojson = "geojson"
    acled = "acled"
    ucdp = "ucdp"
    plover = "plover"
    html = "html"


FormatOption = Annotated[
    Format | None,
    typer.Option(
        help="table is for reading. jsonl: one Report a line. json: one document is an "
        "object, several are a list. csv, parquet, geojson: all events, one row each. acled, ucdp "
        "(CSV) and plover (JSON lines): layouts of event data sets, which hold what happened. "
        "html: a page with the texts and a table of events.",
        show_default="by the name of --out (.txt is table, .json, .jsonl, .csv, .parquet, "
        ".geojson, .html), else table",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="A file; it appears only when all is done."),
]
SHARDED = (Format.jsonl, Format.parquet)


def is_folder(out: str | None, format: Format | None) -> bool:
    """Whether results go to a folder of shards: ``out`` is one, ends in a slash, or is a name
    without extension that no file has, where no form is asked for but those of shards."""
    if out is None:
        return False
    path = Path(out)
    if out.endswith(("/", os.sep)) or path.is_dir():
        return True
    return not path.suffix and not path.exists() and format in (None, *SHARDED)


def format_of(format: Format | None, out: Path | None) -> str:
    """The form asked for, else that of the name of ``out``, else the table.

    Raises BadParameter for a binary form on a terminal, and DataError for a name of no form.
    """
    from .. import outputs

    if format is not None:
        form = format.value
    elif out is None or is_special(out):
        form = Format.table.value
    else:
        form = outputs.format_of(out)
    if form in outputs.BINARY and out is None and sys.stdout.isatty():
        raise typer.BadParameter(f"{form} is no text for a terminal; name a file with --out")
    return form


def check_output(
    out: Path | None,
    inputs: Sequence[str] = (),
    sources: Sequence[Source] = (),
    *,
    folder: bool = False,
) -> None:
    """Raise DataError if ``out`` lies in a folder that is read, is a source, or, unless a folder
    is wanted, is one."""
    from ..outputs import same_file

    if out is None:
        return
    if out.is_dir() and not folder:
        raise DataError("is a folder; give the name of a file", file=str(out))
    target = Path(os.path.realpath(out))
    for read in inputs:
        if os.path.isdir(read) and target.is_relative_to(os.path.realpath(read)):
            raise DataError(
                f"lies in {read}, which is read; write to a file outside it", file=str(out)
            )
    for source in sources:
        if same_file(source.path, out):
            raise DataError("is one of the inputs; write to another file", file=str(out))


def is_special(out: Path) -> bool:
    """Whether it is there and no regular file: a device, a pipe."""
    return out.exists() and not out.is_file()
