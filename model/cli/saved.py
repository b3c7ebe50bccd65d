"""Reports that were saved as JSON lines, as input of a command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError
from ..terminal import say
from .output import check_output
from .shared import name_failure, name_repeat

if TYPE_CHECKING:
    from ..ontology import Ontology
    from ..report import Report

ReportsArgument = Annotated[
    str,
    typer.Argument(
        metavar="REPORTS.jsonl|FOLDER|-",
        help="Reports as predict writes them with --format jsonl (.jsonl, .jsonl.gz, or the folder "
        "of an archive), or - for standard input.",
    ),
]
LabelsOf = Annotated[
    str | None,
    typer.Option(
        help="The model folder that gave the Reports, for its labels.",
        show_default="the shipped model",
    ),
]


class SavedReports:
    """The Reports of a file, in order. What is wrong with them is named on stderr and counted."""

    def __init__(self, path: str, out: Path | None) -> None:
        """``out``: where results will go. Raises DataError if either cannot be."""
        from ..inputs import STDIN, Source

        self.n_failed = 0
        self.path = path
        self._files = [path]
        if path != STDIN and os.path.isdir(path):
            check_output(out, [path])
            self._files, self.n_failed = files_of(path)
            return
        if path != STDIN and not os.path.isfile(path):
            raise DataError("no such file", file=path)
        check_output(out, (), [Source(path, path)])

    def __iter__(self) -> Iterator[Report]:
        """Reports that carry an error too; lines that hold none are passed over."""
        from ..exports.repeats import Repeats
        from ..exports.saved import read_reports

        is_empty, repeats = True, Repeats()
        for found in chain.from_iterable(map(read_reports, self._files)):
            is_empty = False
            if isinstance(found, DataError):
                self.n_failed += 1
                say(f"error: {found}")
                continue
            self.n_failed += found.error is not None
            name_failure(found.doc_id, found.error)
            name_repeat(repeats, found)
            yield found
        if is_empty:
            say(f"note: no Report in {self.path}")


def files_of(folder: str) -> tuple[list[str], int]:
    """The files of Reports of an archive's folder, and how many of its documents failed.

    Tells of these, and of an archive that is not done. Raises DataError for another folder.
    """
    from ..jobs import FAILED, read_folder

    found = read_folder(folder)
    if not found.is_complete:
        say(f"note: {folder} is not complete: {found.n_documents:,} documents are done")
    if found.n_failed:
        say(f"error: {found.n_failed:,} documents failed: {Path(folder) / FAILED}")
    return [str(path) for path in found.files], found.n_failed


def ontology_of(model: str | None) -> Ontology:
    """The labels of a model folder, without its weights; the shipped ones for None."""
    from ..ontology import Ontology

    return Ontology.load(None if model is None else Path(model) / "ontology.yaml")
