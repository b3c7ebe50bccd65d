"""Reports that were saved as JSON lines, as input of a command."""

from __future__ import annotations

import os
from collections.abc import Iterator
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
        metavar="REPORTS.jsonl|-",
        help="Reports as predict writes them with --format jsonl (.jsonl, .jsonl.gz), or - for "
        "standard input.",
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

        if path != STDIN and not os.path.isfile(path):
            raise DataError("no such file", file=path)
        check_output(out, (), [Source(path, path)])
        self.path = path
        self.n_failed = 0

    def __iter__(self) -> Iterator[Report]:
        """Reports that carry an error too; lines that hold none are passed over."""
        from ..exports.repeats import Repeats
        from ..exports.saved import read_reports

        is_empty, repeats = True, Repeats()
        for found in read_reports(self.path):
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


def ontology_of(model: str | None) -> Ontology:
    """The labels of a model folder, without its weights; the shipped ones for None."""
    from ..ontology import Ontology

    return Ontology.load(None if model is None else Path(model) / "ontology.yaml")
