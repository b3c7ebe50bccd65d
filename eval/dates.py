"""Gold date strings -> ranges of days, both ends inclusive."""

from __future__ import annotations

import calendar
from datetime import date

DayRange = tuple[date, date]


def day_range(text: str) -> DayRange:
    """``2018-05-21``, ``2018-05``, ``2018`` or two of them with ``/`` -> first and last day.

    A month or a year stands for the whole of it: ``2015/2018-05`` is 2015-01-01 to 2018-05-31.
    Raises ValueError for anything else, and for a range that ends before it starts.
    """
    first, slash, last = text.partition("/")
    start, end = _period(first)[0], _period(last if slash else first)[1]
    if end < start:
        raise ValueError(f"date range {text!r} ends before it starts")
    return start, end


def starts_agree(gold: DayRange, predicted: DayRange | None) -> bool:
    """True if both have the same first day."""
    return predicted is not None and gold[0] == predicted[0]


def ranges_meet(gold: DayRange, predicted: DayRange | None) -> bool:
    """True if a day lies in both."""
    return predicted is not None and gold[0] <= predicted[1] and predicted[0] <= gold[1]


def _period(text: str) -> DayRange:
    numbers = [int(part) for part in text.split("-")]
    match numbers:
        case [year]:
            return date(year, 1, 1), date(year, 12, 31)
        case [year, month]:
            # date() first: it says what is wrong with a month 13, monthrange says less.
            first = date(year, month, 1)
            return first, date(year, month, calendar.monthrange(year, month)[1])
        case [year, month, day]:
            return date(year, month, day), date(year, month, day)
    raise ValueError(f"expected YYYY, YYYY-MM or YYYY-MM-DD, got {text!r}")
