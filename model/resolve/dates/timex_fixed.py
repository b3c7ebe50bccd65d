"""Readers of time expressions that name months, years and their parts.

A reader takes the match of a pattern of ``timex.py`` and the clock; None if no calendar has it.
"""

from __future__ import annotations

import re
from datetime import date

from .clock import Clock
from .days import (
    FIRST_YEAR,
    LAST_YEAR,
    WEEKDAYS,
    YEAR,
    DateRange,
    calendar_day,
    calendar_month,
    calendar_year,
    day_number,
    days_between,
    month_after,
    month_number,
    shifted,
    span,
    week_of,
)

# How long a day or month without a year may lie ahead, where the sentence looks ahead; and where
# it does not tell.
_AHEAD_DAYS, _NEAR_DAYS = 200, 90
_AHEAD_MONTHS, _NEAR_MONTHS = 7, 2


def relative_year(word: str, clock: Clock) -> int:
    """The year of "last year", "this year", "that year"; 0, which no calendar has, if unknown."""
    if word in ("that", "same"):
        told = clock.period or clock.anchor
        return told.start.year if told else 0
    if clock.now is None:
        return 0
    return clock.now.year + {"last": -1, "previous": -1, "next": 1}.get(word, 0)


def read_day_pair(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "3 and 5 May [2016]", "May 3-5", "30 April to 2 May"."""
    parts = match.groupdict()
    month, other = parts["m"], parts.get("m2") or parts["m"]
    last = _year_for(other, parts["d2"], parts.get("y"), clock)
    if last is None:
        return None
    year = last.start.year - (month_number(month) > month_number(other))
    return span(calendar_day(year, month_number(month), day_number(parts["d"])), last)


def read_day(match: re.Match[str], clock: Clock) -> DateRange | None:
    parts = match.groupdict()
    if parts.get("rel"):
        if clock.now is None and parts["rel"] != "that":
            return None
        return calendar_day(
            relative_year(parts["rel"], clock), month_number(parts["m"]), day_number(parts["d"])
        )
    return _year_for(parts["m"], parts["d"], None, clock, parts.get("w"))


def read_week_of_day(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "the week of March 6"."""
    day = _year_for(match["m"] or match["m2"], match["d"] or match["d2"], None, clock)
    return week_of(day.start) if day else None


def _year_for(
    month: str, day: str, year: str | None, clock: Clock, weekday: str | None = None
) -> DateRange | None:
    """A day of a month. Without a year the latest one up to the publication day, or the next.

    A weekday told with it ("Monday, 26 October") picks the nearest year that has it.
    """
    n_month, n_day = month_number(month), day_number(day)
    if year:
        return calendar_day(int(year), n_month, n_day)
    now = clock.now
    if now is None:
        return None
    candidates = [calendar_day(now.year + shift, n_month, n_day) for shift in (-1, 0, 1)]
    # 29 February stands in one of the three years at most
    known = [found for found in candidates if found is not None]
    if weekday:
        n_weekday = WEEKDAYS.index(weekday[:3])
        known = [found for found in known if found.start.weekday() == n_weekday] or known
    past = [found for found in known if found.start <= now]
    future = [found for found in known if found.start >= now]
    if clock.ahead is not False and future:
        wait = (future[0].start - now).days
        if wait <= (_NEAR_DAYS if clock.ahead is None else _AHEAD_DAYS):
            return future[0]
    if weekday and not past:
        past = future[:1]
    return past[-1] if past else None


def read_month_pair(match: re.Match[str], clock: Clock) -> DateRange | None:
    last = read_month_name(match["m2"], match["y"], match["rel"], clock)
    if last is None:
        return None
    year = int(match["y1"]) if match["y1"] else last.start.year
    first = calendar_month(year, month_number(match["m"]))
    if first is not None and not match["y1"] and first.start > last.start:
        first = calendar_month(year - 1, month_number(match["m"]))
    return span(first, last)


def read_month(match: re.Match[str], clock: Clock) -> DateRange | None:
    parts = match.groupdict()
    spoken_last = "last" in match.string[: match.start()].split()
    return read_month_name(parts["m"], parts.get("y"), parts.get("rel"), clock, spoken_last)


def read_month_name(
    name: str, year: str | None, relative: str | None, clock: Clock, spoken_last: bool = False
) -> DateRange | None:
    month = month_number(name)
    if year:
        return calendar_month(int(year), month)
    if relative:
        return calendar_month(relative_year(relative, clock), month)
    now = clock.now
    if now is None:
        return None
    if spoken_last:
        return calendar_month(now.year - (month >= now.month), month)
    wait = (month - now.month) % 12
    longest = _NEAR_MONTHS if clock.ahead is None else _AHEAD_MONTHS
    if wait and clock.ahead is not False and wait <= longest:
        return month_after(now, wait)
    return month_after(now, -((now.month - month) % 12))


def read_month_part(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "first week of July"."""
    whole = read_month_name(match["m"], match["y"], match["rel"], clock)
    if whole is None:
        return None
    if match["nth"] == "last":
        return days_between(shifted(whole.end, -6), whole.end)
    first = shifted(whole.start, 7 * (nth(match["nth"]) - 1))
    return days_between(first, min(shifted(first, 6) or whole.end, whole.end))


_ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
        start=1,
    )
}


def nth(word: str) -> int:
    """The number of "third" or "3rd"."""
    return _ORDINALS.get(word) or int(re.sub(r"[^0-9]", "", word) or 1)


def read_year_part(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "first half of 2019", "third quarter of last year", "first ten months of 2015"."""
    year = int(match["y"]) if match["y"] else relative_year(match["rel"] or "this", clock)
    unit = match["unit"]
    if match["n"]:  # "first N months"
        n_months = int(match["n"])
        if match["nth"] == "last":
            return span(calendar_month(year, 13 - n_months), calendar_month(year, 12))
        return span(calendar_month(year, 1), calendar_month(year, n_months))
    length = {"half": 6, "semester": 6, "trimester": 3, "quarter": 3, "month": 1}[unit]
    n_parts = 12 // length
    part = n_parts if match["nth"] == "last" else nth(match["nth"])
    return span(calendar_month(year, (part - 1) * length + 1), calendar_month(year, part * length))


def read_year_start(match: re.Match[str], clock: Clock) -> DateRange | None:
    return calendar_month(relative_year(match["rel"], clock), 1)


def read_decade(match: re.Match[str], clock: Clock) -> DateRange | None:
    start = int(match["y"])
    last = int(match["y2"] or match["y"])
    return span(calendar_year(start), calendar_year(last + 9))


def read_years(match: re.Match[str], clock: Clock) -> DateRange | None:
    years = [int(year) for year in re.findall(YEAR, match.string)]
    return span(calendar_year(min(years)), calendar_year(max(years)))


def read_year_pair(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "2011-2013", "2011/12"; "2011-05", which can be no pair, is a month."""
    first, last = int(match["y"]), match["y2"]
    if len(last) == 4:
        return span(calendar_year(first), calendar_year(int(last)))
    end = first - first % 100 + int(last)
    if end > first:
        return span(calendar_year(first), calendar_year(end))
    return calendar_month(first, int(last)) if match["sep"] == "-" else None


def read_near_year(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "last summer", "this spring": gold gives the year."""
    return calendar_year(relative_year(match["rel"] or "this", clock))


def read_september_11(match: re.Match[str], clock: Clock) -> DateRange | None:
    return calendar_day(2001, 9, 11)


def read_holiday(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "Thanksgiving Day", "last Christmas", "Easter 2016": the day itself."""
    if match["y"]:
        return _holiday(match["name"], int(match["y"]))
    if clock.now is None:
        return None
    years = [_holiday(match["name"], clock.now.year + shift) for shift in (-1, 0, 1)]
    known = [found for found in years if found is not None]
    if match["rel"] == "next" or (clock.ahead and match["rel"] != "last"):
        return next((found for found in known if found.start >= clock.now), None)
    return next((found for found in reversed(known) if found.start <= clock.now), None)


def _holiday(name: str, year: int) -> DateRange | None:
    fixed = {
        "christmas eve": (12, 24),
        "christmas": (12, 25),
        "new year eve": (12, 31),
        "new year day": (1, 1),
    }
    if name in fixed:
        return calendar_day(year, *fixed[name])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if name == "thanksgiving":  # the fourth Thursday of November
        return calendar_day(year, 11, 22 + (3 - date(year, 11, 22).weekday()) % 7)
    day = shifted(_easter(year), {"good friday": -2, "easter": 0, "easter monday": 1}[name])
    return days_between(day, day)


def _easter(year: int) -> date:
    """Western Easter Sunday (Anonymous Gregorian algorithm, Meeus 1991, ch. 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)
