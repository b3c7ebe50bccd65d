"""``conflictwire export``: saved Reports in another form."""

from __future__ import annotations

from .output import FormatOption, Out, format_of
from .saved import LabelsOf, ReportsArgument, SavedReports, ontology_of
from .shared import FAILED


def export(
    reports: ReportsArgument,
    format: FormatOption = None,
    out: Out = None,
    model: LabelsOf = None,
) -> int:
    """Write saved Reports in another form. No model runs.

    A line that is no Report, and a Report of a document that could not be read, are named on
    stderr; the rest go on.

    \b
    Examples:
      conflictwire export reports.jsonl --format acled -o events.csv
      conflictwire export reports.jsonl -o events.parquet
      conflictwire predict news/ --format jsonl | conflictwire export - -o events.geojson
    """
    from ..outputs import FORMATS, open_output

    saved = SavedReports(reports, out)
    form = format_of(format, out)
    ontology = ontology_of(model)
    with open_output(out) as stream, FORMATS[form](stream, ontology) as writer:
        for report in saved:
            writer.write(report)
    return FAILED if saved.n_failed else 0
