"""What a time expression is read against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .days import DateRange

__all__ = ["Clock"]


@dataclass(frozen=True, slots=True)
class Clock:
    """``now`` is the publication day; "the following day" counts from ``anchor``.

    ``ahead``: does the sentence speak of a time to come? True turns a weekday, a day or a month to
    the next one; None (it does not tell) takes the next one only of a day or month that is near.
    ``period`` is the last day, month or year named before: "that year" is its year.
    ``since`` runs from the days named to ``now``.
    """

    now: date | None
    anchor: DateRange | None = None
    ahead: bool | None = False
    since: bool = False
    period: DateRange | None = None
