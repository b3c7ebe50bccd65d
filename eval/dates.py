"""Gold date strings -> ranges of days, both ends inclusive."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

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


_TIMEX = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?:W(?P<week>[0-9]{2})(?P<weekend>-WE)?|Q(?P<quarter>[1-4])"
    r"|H(?P<half>[12])|(?P<rest>[0-9]{2}(?:-[0-9]{2})?)(?:T.*)?))?|(?P<decade>[0-9]{3})X?"
)


def timex_range(value: str) -> DayRange | None:
    """The days of a TIMEX3 calendar value, or None for any other value (durations, PAST_REF, ...).

    ``1998-W10`` is Monday to Sunday (ISO 8601), ``1998-Q2`` and ``1998-H1`` the quarter and the
    half, ``199X`` the decade; a time of day (``1998-01-20TEV``) stands for its day (TimeML 1.2.1,
    section TIMEX3). Raises ValueError for a value of that form that no calendar has.
    """
    match = _TIMEX.fullmatch(value)
    if match is None:
        return None
    parts = match.groupdict()
    if parts["decade"]:
        first = int(parts["decade"]) * 10
        return date(first, 1, 1), date(first + 9, 12, 31)
    year = int(parts["year"])
    if parts["week"]:
        monday = date.fromisocalendar(year, int(parts["week"]), 1)
        return monday + timedelta(5 if parts["weekend"] else 0), monday + timedelta(6)
    for name, n_months in (("quarter", 3), ("half", 6)):
        if parts[name]:
            last = n_months * int(parts[name])
            return _period(f"{year}-{last - n_months + 1}")[0], _period(f"{year}-{last}")[1]
    return _period(f"{year}-{parts['rest']}" if parts["rest"] else str(year))


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
