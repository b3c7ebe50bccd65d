"""``conflictwire merge``: the same incident in many saved Reports."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import Out
from .saved import LabelsOf, ReportsArgument, SavedReports, ontology_of
from .shared import FAILED, MinScore


def merge(
    reports: ReportsArgument,
    out: Out = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Least probability, between 0 and 1, that two events are one incident.",
            show_default="0.5",
        ),
    ] = None,
    min_score: MinScore = 0.0,
    model: LabelsOf = None,
) -> int:
    """Find the same incident in many saved Reports, and write one incident a line, as JSON.

    An incident keeps every source and each source's toll, and refers to the events behind it by
    the number of their Report (from 0). A line that is no Report, and a Report of a document that
    could not be read, are named on stderr and left out; the rest go on.

    \b
    Examples:
      conflictwire merge reports.jsonl -o incidents.jsonl
      conflictwire merge reports.jsonl --threshold 0.8 --min-score 0.5
      conflictwire predict news/ --format jsonl | conflictwire merge -
    """
    from ..incidents import THRESHOLD, merge_reports
    from ..outputs import open_output

    least = THRESHOLD if threshold is None else threshold
    if not 0 < least < 1:
        raise typer.BadParameter(f"--threshold {least}: expected a number between 0 and 1")
    saved = SavedReports(reports, out)
    ontology = ontology_of(model)
    with open_output(out) as stream:
        for incident in merge_reports(
            list(saved), threshold=least, min_score=min_score, ontology=ontology
        ):
            stream.write(incident.to_json() + "\n")
    return FAILED if saved.n_failed else 0
