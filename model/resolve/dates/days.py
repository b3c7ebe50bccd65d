"""Days, months and years of the calendar, as ranges of days, and how news writes them.

All ranges are inclusive at both ends and lie in the years 1900 to 2100. Nothing raises for any
string or number: what cannot be on the calendar (month 13, year 1500) is None.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = [
    "DAY",
    "FIRST_YEAR",
    "LAST_YEAR",
    "MONTH",
    "WEEKDAY",
    "WEEKDAYS",
    "YEAR",
    "DateRange",
    "calendar_day",
    "calendar_month",
    "calendar_year",
    "day_number",
    "days_between",
    "full_dates",
    "has_impossible_day",
    "month_after",
    "month_number",
    "shifted",
    "span",
    "week_of",
]

FIRST_YEAR, LAST_YEAR = 1900, 2100
_CENTURY_PIVOT = 70  # two-digit years: 70-99 are 19xx, 00-69 are 20xx

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)(?![a-z])\.?"
)
DAY = r"(?<![0-9])(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?(?![0-9])"
YEAR = r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])"


@dataclass(frozen=True, slots=True)
class DateRange:
    """First and last day, both included. ``precision`` is day, week, month, year or range."""

    start: date
    end: date
    precision: str

    @property
    def n_days(self) -> int:
        return (self.end - self.start).days + 1


def calendar_day(year: int, month: int, day: int) -> DateRange | None:
    """One day as a range, or None if there is no such day from 1900 to 2100."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        one = date(year, month, day)
    except ValueError:
        return None
    return DateRange(one, one, "day")


def calendar_month(year: int, month: int) -> DateRange | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        return None
    return DateRange(date(year, month, 1), date(year, month, monthrange(year, month)[1]), "month")


def calendar_year(year: int) -> DateRange | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return DateRange(date(year, 1, 1), date(year, 12, 31), "year")


def shifted(day: date | None, n_days: int) -> date | None:
    """The day ``n_days`` later (earlier, if negative)."""
    if day is None:
        return None
    try:
        moved = day + timedelta(days=n_days)
    except OverflowError:
        return None
    return moved if FIRST_YEAR <= moved.year <= LAST_YEAR else None


def days_between(start: date | None, end: date | None) -> DateRange | None:
    """The range of two days in order, named by how it lies on the calendar."""
    if start is None or end is None or start > end:
        return None
    if start == end:
        return DateRange(start, end, "day")
    for whole in (calendar_month(start.year, start.month), calendar_year(start.year)):
        if whole is not None and (whole.start, whole.end) == (start, end):
            return whole
    is_week = start.weekday() == 0 and (end - start).days == 6
    return DateRange(start, end, "week" if is_week else "range")


def span(first: DateRange | None, last: DateRange | None) -> DateRange | None:
    """The range from the first day of either to the last day of either."""
    if first is None or last is None:
        return None
    return days_between(min(first.start, last.start), max(first.end, last.end))


def month_after(day: date, n_months: int) -> DateRange | None:
    index = day.year * 12 + day.month - 1 + n_months
    return calendar_month(index // 12, index % 12 + 1)


def week_of(day: date | None, n_weeks: int = 0) -> DateRange | None:
    """Monday to Sunday of the week ``n_weeks`` after that of ``day``."""
    monday = shifted(day, 7 * n_weeks - day.weekday()) if day else None
    return days_between(monday, shifted(monday, 6))


def month_number(name: str) -> int:
    """1 to 12 for what the pattern MONTH matches."""
    return MONTHS.index(name[:3].lower()) + 1


def day_number(text: str) -> int:
    """1 to 31 for what the pattern DAY matches: "3", "03", "3rd"."""
    return int(text.rstrip("stndrh"))


_LEAP_YEAR = 2000
_ANY_YEAR = (
    r"(?:(?:\s*,\s*|\s+)(?P<y>[0-9]{3,4})(?![0-9:.]|\s*(?:gmt|utc|hours|hrs|local|[ap]\.?m\b)))?"
)
_FULL_DATES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<d>{DAY})\s+(?:of\s+)?(?P<m>{MONTH})[,\s]\s*(?P<y>{YEAR})",
        rf"(?<![a-z])(?P<m>{MONTH})\s*(?P<d>{DAY})(?:\s*,\s*|\s+)(?P<y>{YEAR})",
        rf"(?P<y>{YEAR})(?P<sep>[-./])(?P<m>[01][0-9])(?P=sep)(?P<d>[0-3][0-9])(?![0-9])",
        rf"(?<![0-9./-])(?P<d>[0-3]?[0-9])(?P<sep>[-./])(?P<m>[0-3]?[0-9])(?P=sep)(?P<y>{YEAR})",
        # two-digit years only where nothing else can be meant: "12 JAN 90"
        rf"(?P<d>{DAY})\s+(?P<m>{MONTH})\s+'?(?P<y>[0-9]{{2}})(?![0-9:.,]|\s*[a-z%])",
    )
)


# A day beside a month, as far as it can be read as nothing else; its year, if there is one.
_DAY_OF_MONTH = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?<![0-9:.,'/-])(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>{MONTH}){_ANY_YEAR}",
        rf"(?<![a-z])(?<![0-9] )(?<!(?:st|nd|rd|th) )(?P<m>{MONTH})\s*(?P<d>[0-9]{{1,2}})"
        rf"(?:st|nd|rd|th)?(?![0-9:./-]){_ANY_YEAR}",
    )
)


def has_impossible_day(text: str) -> bool:
    """Does a text name a day that no month has, as in "31 February", or a year out of range?"""
    return any(
        calendar_day(int(match["y"] or _LEAP_YEAR), month_number(match["m"]), int(match["d"]))
        is None
        for pattern in _DAY_OF_MONTH
        for match in pattern.finditer(text)
    )


def full_dates(text: str) -> Iterator[tuple[re.Match[str], DateRange]]:
    """Dates with a year, in the order of the patterns; overlapping ones may repeat."""
    for pattern in _FULL_DATES:
        for match in pattern.finditer(text):
            found = _match_day(match)
            if found is not None:
                yield match, found


def _match_day(match: re.Match[str]) -> DateRange | None:
    parts = match.groupdict()
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 1900 if year >= _CENTURY_PIVOT else 2000
    day = day_number(parts["d"])
    month = int(parts["m"]) if parts["m"].isdigit() else month_number(parts["m"])
    if parts.get("sep") and match.start("y") > match.start("d"):
        # with slashes, day first and month first are both in use
        if parts["sep"] == "/" and day <= 12 and month <= 12 and day != month:
            return None
        if month > 12:
            day, month = month, day
    return calendar_day(year, month, day)
