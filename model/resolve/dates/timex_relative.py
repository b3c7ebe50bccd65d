"""Readers of time expressions that count from the publication day, or from another day of the text.

A reader takes the match of a pattern of ``timex.py`` and the clock; None if the day that it counts
from is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from .clock import Clock
from .days import (
    WEEKDAY,
    WEEKDAYS,
    DateRange,
    calendar_day,
    calendar_year,
    days_between,
    month_after,
    shifted,
    span,
    week_of,
)
from .timex_fixed import nth


def read_offset_day(n_days: int) -> Callable[[re.Match[str], Clock], DateRange | None]:
    """A reader of "yesterday" and the like: so many days after the publication day."""

    def read(match: re.Match[str], clock: Clock) -> DateRange | None:
        day = shifted(clock.now, n_days) if clock.now else None
        return days_between(day, day)

    return read


def read_overnight(match: re.Match[str], clock: Clock) -> DateRange | None:
    return days_between(shifted(clock.now, -1), clock.now) if clock.now else None


def read_weekdays(match: re.Match[str], clock: Clock) -> DateRange | None:
    """One weekday, or the span of several ("Saturday to Monday")."""
    if clock.now is None:
        return None
    names = re.findall(rf"(?<![a-z]){WEEKDAY}", match.string)
    found = [_weekday(name, match["rel"], clock.now, bool(clock.ahead)) for name in names]
    last = found[-1]
    if last is None or len(found) == 1:
        return last
    back = (WEEKDAYS.index(names[-1][:3]) - WEEKDAYS.index(names[0][:3])) % 7
    return days_between(shifted(last.start, -back), last.start)


def _weekday(name: str, relative: str | None, now: date, ahead: bool) -> DateRange | None:
    back = (now.weekday() - WEEKDAYS.index(name[:3])) % 7
    if relative == "next" or (ahead and back and relative != "last"):
        day = shifted(now, 7 - back)
    elif relative == "last" and back == 0:
        day = shifted(now, -7)
    else:
        day = shifted(now, -back)
    return days_between(day, day)


def read_weekday_of_week(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "Monday of last week"; weeks begin on Monday."""
    if clock.now is None:
        return None
    step = {"last": -7, "next": 7}.get(match["rel"], 0)
    day = shifted(clock.now, step + WEEKDAYS.index(match["w"][:3]) - clock.now.weekday())
    return days_between(day, day)


def read_named_period(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "last week", "this month", "next year", "earlier this week", "previous year"."""
    now = clock.now
    if now is None:
        return None
    step = {"last": -1, "previous": -1, "past": -1, "next": 1, "coming": 1}.get(match["rel"], 0)
    unit = match["unit"]
    if unit == "year":
        return calendar_year(now.year + step)
    if unit == "month":
        return month_after(now, step)
    monday = shifted(now, -now.weekday() + 7 * step)
    if monday is None:
        return None
    if unit == "weekend":
        if step == 0 and not clock.ahead and now.weekday() < 5:
            monday = shifted(monday, -7) or monday
        return days_between(shifted(monday, 5), shifted(monday, 6))
    end = shifted(monday, 6)
    if step == 0:  # a running week ends today, or starts today where the text looks ahead
        return days_between(now, end) if clock.ahead else days_between(monday, now)
    return days_between(monday, end)


def read_past(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "past 24 hours", "last two years", "next three days": to or from the news day."""
    if clock.now is None:
        return None
    n, unit = int(match["n"] or 1), match["unit"]
    if not match["n"] and unit == "year":
        n, unit = 12, "month"
    ahead = match["rel"] in ("next", "coming", "following")
    return _stretch(clock.now, n, unit, ahead)


def _stretch(now: date, n: int, unit: str, ahead: bool) -> DateRange | None:
    sign = 1 if ahead else -1
    if unit in ("year", "decade"):
        return span(
            calendar_year(now.year),
            calendar_year(now.year + sign * n * (10 if unit == "decade" else 1)),
        )
    if unit == "month" and n > 24:
        return span(calendar_year(now.year), calendar_year(now.year + sign * (n // 12)))
    if unit == "month":
        return span(month_after(now, 0), month_after(now, sign * n))
    if unit == "week" and n > 2:
        day = shifted(now, sign * 7 * n)
        return span(month_after(now, 0), month_after(day, 0)) if day else None
    n_days = {"hour": max(1, (n + 12) // 24), "day": n, "night": n, "week": 7 * n}[unit]
    other = shifted(now, sign * n_days)
    return days_between(now, other) if ahead else days_between(other, now)


def read_recent(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "recent days" is the month, "recent weeks" two months, "recent months" the year."""
    now = clock.now
    if now is None:
        return None
    unit = match["unit"] or "day"
    if unit in ("hour", "day", "night"):
        return month_after(now, 0)
    if unit == "week":
        return span(month_after(now, -1), month_after(now, 0))
    if unit == "decade":
        return _stretch(now, 1, unit, ahead=False)
    return calendar_year(now.year) if unit == "month" else None


def read_soon(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "coming weeks": the mirror of "recent weeks"."""
    now = clock.now
    if now is None:
        return None
    if match["unit"] in ("hour", "day", "night"):
        return month_after(now, 0)
    return span(month_after(now, 0), month_after(now, 1)) if match["unit"] == "week" else None


def read_bare_plural(match: re.Match[str], clock: Clock) -> DateRange | None:
    """ "(after) weeks (of fighting)": the month, or for months the year."""
    if clock.now is None:
        return None
    return calendar_year(clock.now.year) if match["unit"] == "month" else month_after(clock.now, 0)


def read_ago(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "two weeks ago", "a day earlier", "three years later": as exact as its unit."""
    n, unit, word = int(match["n"]), match["unit"], match["word"]
    told = (clock.period or clock.anchor) if unit in ("month", "year") else clock.anchor
    if unit == "month" and told is not None and told.n_days > 31:
        told = None
    from_anchor = word != "ago" and told is not None
    base = told.start if from_anchor and told else clock.now
    if base is None or (word in ("later", "after") and not from_anchor):
        return None
    n = n if word in ("later", "after") else -n
    if unit == "decade":
        return None
    if match["today"]:  # "seven years ago today"
        return _same_day(base, n, unit)
    if unit == "year":
        return calendar_year(base.year + n)
    if unit == "month":
        return month_after(base, n)
    if unit == "week":
        day = shifted(base, 7 * n)
        return month_after(day, 0) if day and abs(n) > 2 else days_between(day, day)
    day = shifted(base, round(n / 24) if unit == "hour" else n)
    return days_between(day, day)


def _same_day(base: date, n: int, unit: str) -> DateRange | None:
    if unit == "year":
        return calendar_day(base.year + n, base.month, base.day)
    if unit == "month":
        month = month_after(base, n)
        return calendar_day(month.start.year, month.start.month, base.day) if month else None
    day = shifted(base, n * (7 if unit == "week" else 1))
    return days_between(day, day)


def read_hours_ago(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "hours earlier": the day that it counts from."""
    if clock.anchor is not None and clock.anchor.precision == "day":
        return clock.anchor
    return days_between(clock.now, clock.now)


def read_anchored(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "same day", "the following day", "previous night", "same month"."""
    if clock.anchor is None:
        return None
    step = {"following": 1, "next": 1, "previous": -1}.get(match["rel"], 0)
    day = clock.anchor.start
    if match["unit"] == "year":
        return calendar_year(day.year + step)
    if match["unit"] == "month":
        return month_after(day, step)
    if match["unit"] == "week":
        return week_of(day, step)
    if step == 0:
        return clock.anchor if clock.anchor.precision == "day" else None
    moved = shifted(clock.anchor.end if step > 0 else day, step)
    return days_between(moved, moved)


def read_year_apart(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "same month last year", "same period a year earlier"."""
    told = clock.period
    if told is None:
        return None
    return span(_year_before(told.start), _year_before(told.end)) if told.n_days < 366 else None


def _year_before(day: date) -> DateRange | None:
    return calendar_day(day.year - 1, day.month, min(day.day, 28 if day.month == 2 else 31))


def read_nth(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "third day", "eighth year" of something that still goes on."""
    if clock.now is None:
        return None
    n = nth(match["nth"]) - 1
    if n < 1:
        return None
    return _stretch(clock.now, n, match["unit"], ahead=False)
