"""Reports -> a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..ontology import Ontology
from ..report import Report
from .base import each_report, not_installed
from .rows import COLUMNS, event_row
from .view import views

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["events_frame"]


def events_frame(
    reports: Report | Iterable[Report], *, ontology: Ontology | None = None
) -> pd.DataFrame:
    """One row an event, all statuses; columns and types as in ``COLUMNS``, unknown is ``pd.NA``.

    ``ontology`` says what roles mean; give the coder's own for a model with other labels. The
    frame is held in memory: for more than that holds, write Parquet. Raises ConfigError without
    pandas (extra ``export``).
    """
    try:
        import pandas as pd
    except ModuleNotFoundError:
        raise not_installed("pandas") from None
    labels = ontology or Ontology.load()
    rows = [event_row(view) for report in each_report(reports) for view in views(report, labels)]
    return pd.DataFrame(
        {
            column.name: pd.array([row[column.name] for row in rows], dtype=column.type)
            for column in COLUMNS
        }
    )
