"""One time expression -> the days that it names, read against the publication date.

All ranges are inclusive at both ends. Nothing here raises for any string: what cannot be read is
None. The rules are a table, searched in order, at the end of the module.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from .dateline import (
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    MONTH,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    DateRange,
    calendar_day,
    day_number,
    full_dates,
    month_number,
)

__all__ = [
    "Clock",
    "ends_in_since",
    "is_duration",
    "looks_ahead",
    "resolve",
    "span",
    "time_range",
    "until_now",
]

_MAX_CHARS = 200  # longer "expressions" are not time expressions


# -- calendar arithmetic -----------------------------------------------------------------------


def _month(year: int, month: int) -> DateRange | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        return None
    return DateRange(date(year, month, 1), date(year, month, monthrange(year, month)[1]), "month")


def _year(year: int) -> DateRange | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return DateRange(date(year, 1, 1), date(year, 12, 31), "year")


def _shift(day: date, n_days: int) -> date | None:
    try:
        moved = day + timedelta(days=n_days)
    except OverflowError:
        return None
    return moved if FIRST_YEAR <= moved.year <= LAST_YEAR else None


def _days(start: date | None, end: date | None) -> DateRange | None:
    """The range between two days, named by how it lies on the calendar."""
    if start is None or end is None or start > end:
        return None
    if start == end:
        return DateRange(start, end, "day")
    for whole in (_month(start.year, start.month), _year(start.year)):
        if whole is not None and (whole.start, whole.end) == (start, end):
            return whole
    is_week = start.weekday() == 0 and (end - start).days == 6
    return DateRange(start, end, "week" if is_week else "range")


def span(first: DateRange | None, last: DateRange | None) -> DateRange | None:
    """The range from the first day of either to the last day of either."""
    if first is None or last is None:
        return None
    return _days(min(first.start, last.start), max(first.end, last.end))


def _month_after(day: date, n_months: int) -> DateRange | None:
    index = day.year * 12 + day.month - 1 + n_months
    return _month(index // 12, index % 12 + 1)


# -- one time expression -----------------------------------------------------------------------


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_UNITS_UP_TO_19 = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen"
    " fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
_NUMBERS = {word: n for n, word in enumerate(_UNITS_UP_TO_19)}
_NUMBERS |= {word: 10 * n for n, word in enumerate(_TENS, start=2)}
_NTHS = _words("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_ORDINALS = {word: n for n, word in enumerate(_NTHS, start=1)}
_NUMBER_WORD = re.compile(
    rf"\b({'|'.join(_TENS)})[-\s]({'|'.join(_UNITS_UP_TO_19[1:10])})\b"
    rf"|\b({'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b"
)
# Words that change nothing at the precision of a day, month or year.
_HEDGES = re.compile(
    r"\b(?:the|about|around|approximately|roughly|nearly|almost|some|just|only|at least|at most"
    r"|less than|more than|no less than|over|under|on|late|early|mid|middle of|long|alone"
    r"|early (?:hours|stages) of|night of|evening of|morning of|afternoon of|course of)\b[- ]?"
)
_SINCE = re.compile(r"\bsince\b[\s\w'-]{0,12}$", re.I)
_AHEAD = re.compile(
    r"\b(?:will|would|shall|plans?|planned|planning|scheduled|due|set|expected|upcoming|"
    r"to be held|is to|are to|ahead of|next)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Clock:
    """What an expression is read against.

    ``now`` is the publication day; "the following day" counts from ``anchor``; ``ahead`` turns a
    weekday or a month to the next one; ``since`` runs from the days named to ``now``.
    """

    now: date | None
    anchor: DateRange | None = None
    ahead: bool = False
    since: bool = False


def time_range(
    expression: str,
    *,
    published: date | None,
    context: str = "",
    anchor: DateRange | None = None,
) -> DateRange | None:
    """The days that a TIME mention names, or None if it names none.

    ``context`` is its sentence (or the words before it): it may hold "since" just before the
    expression, or look ahead ("will", "to be held"), which turns a weekday to the next such day.
    ``anchor`` is the day that "the following day" or "a day earlier" counts from. Without a
    publication date only expressions with a year can be read.
    """
    at = context.find(expression)
    before = context[:at] if at >= 0 else context
    return resolve(
        expression, Clock(published, anchor, looks_ahead(context), ends_in_since(before))
    )


def looks_ahead(sentence: str) -> bool:
    """Does it speak of what will be, or is planned?"""
    return _AHEAD.search(sentence) is not None


def ends_in_since(before: str) -> bool:
    """Do the words before a time expression end in "since", as in "since early" [2015]?"""
    return _SINCE.search(before) is not None


def is_duration(expression: str) -> bool:
    """Does it give a length of time, as in "three days", rather than a date?"""
    return _DURATION.match(_normalise(expression)) is not None


def resolve(expression: str, clock: Clock) -> DateRange | None:
    """``time_range`` for a caller who knows how the expression is meant."""
    if len(expression) > _MAX_CHARS:
        return None
    words = _normalise(expression)
    since = clock.since or words.startswith("since ")
    words = words.removeprefix("since ")
    found = _read(words, clock)
    return until_now(found, clock.now) if found is not None and since else found


def _read(words: str, clock: Clock) -> DateRange | None:
    for pattern, read in _PAIR_RULES:
        if match := pattern.search(words):
            return read(match, clock)
    full = [day for _, day in full_dates(words)]
    if full:
        return _days(min(day.start for day in full), max(day.end for day in full))
    for pattern, read in _RULES:
        if match := pattern.search(words):
            return read(match, clock)
    return None


def _normalise(expression: str) -> str:
    words = re.sub(r"[\u2010-\u2015]", "-", expression.lower().replace("\u2019", "'"))
    words = re.sub(r"\s+", " ", words).strip(" .,;:()[]\"'")
    words = re.sub(r"'s\b|(?<=day)s\b(?! (?:ago|later|before|after|earlier|of|prior))", "", words)
    words = _NUMBER_WORD.sub(_number_text, words)
    words = re.sub(r"\bcouple of\b|\bpair of\b", "2", words)
    words = re.sub(r"\b(?:a|an)(?= (?:hour|day|night|week|month|year|decade)\b)", "1", words)
    words = re.sub(r" and a half|[- ]1/2|½", "", words)
    return re.sub(r"\s+", " ", _HEDGES.sub("", words)).strip()


def _number_text(match: re.Match[str]) -> str:
    tens, unit, single = match.groups()
    return str(_NUMBERS[single] if single else _NUMBERS[tens] + _NUMBERS[unit])


def until_now(found: DateRange, now: date | None) -> DateRange:
    """The range of "since X": from its start to the end of the publication day, month or year."""
    if now is None or found.start > now:
        return found
    if found.precision == "year" or found.n_days > 366:
        end = date(now.year, 12, 31)
    elif found.precision == "month":
        end = date(now.year, now.month, monthrange(now.year, now.month)[1])
    else:
        end = now
    return _days(found.start, max(end, found.end)) or found


_Rule = Callable[[re.Match[str], Clock], DateRange | None]


def _read_day_pair(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "3 and 5 May [2016]", "May 3-5", "30 April to 2 May"."""
    parts = match.groupdict()
    month, other = parts["m"], parts.get("m2") or parts["m"]
    last = _year_for(other, parts["d2"], parts.get("y"), clock)
    if last is None:
        return None
    year = last.start.year - (month_number(month) > month_number(other))
    return span(calendar_day(year, month_number(month), day_number(parts["d"])), last)


def _read_day(match: re.Match[str], clock: Clock) -> DateRange | None:
    parts = match.groupdict()
    if parts.get("rel"):
        if clock.now is None and parts["rel"] != "that":
            return None
        return calendar_day(
            _relative_year(parts["rel"], clock), month_number(parts["m"]), day_number(parts["d"])
        )
    return _year_for(parts["m"], parts["d"], None, clock)


def _relative_year(word: str, clock: Clock) -> int:
    """The year of "last year", "this year", "that year"; 0, which no calendar has, if unknown."""
    if word in ("that", "same"):
        return clock.anchor.start.year if clock.anchor else 0
    if clock.now is None:
        return 0
    return clock.now.year + {"last": -1, "previous": -1, "next": 1}.get(word, 0)


def _year_for(month: str, day: str, year: str | None, clock: Clock) -> DateRange | None:
    """A day of a month; without a year the latest one up to the publication day, or the next."""
    n_month, n_day = month_number(month), day_number(day)
    if year:
        return calendar_day(int(year), n_month, n_day)
    if clock.now is None:
        return None
    candidates = [calendar_day(clock.now.year + shift, n_month, n_day) for shift in (-1, 0, 1)]
    # 29 February stands in one of the three years at most
    known = [found for found in candidates if found is not None]
    past = [found for found in known if found.start <= clock.now]
    future = [found for found in known if found.start >= clock.now]
    near = future[:1] if clock.ahead else past[-1:]
    return near[0] if near else None


def _read_month_pair(match: re.Match[str], clock: Clock) -> DateRange | None:
    last = _read_month_name(match["m2"], match["y"], match["rel"], clock)
    if last is None:
        return None
    year = int(match["y1"]) if match["y1"] else last.start.year
    first = _month(year, month_number(match["m"]))
    if first is not None and not match["y1"] and first.start > last.start:
        first = _month(year - 1, month_number(match["m"]))
    return span(first, last)


def _read_month(match: re.Match[str], clock: Clock) -> DateRange | None:
    parts = match.groupdict()
    spoken_last = "last" in match.string[: match.start()].split()
    return _read_month_name(parts["m"], parts.get("y"), parts.get("rel"), clock, spoken_last)


def _read_month_name(
    name: str, year: str | None, relative: str | None, clock: Clock, spoken_last: bool = False
) -> DateRange | None:
    month = month_number(name)
    if year:
        return _month(int(year), month)
    if relative:
        return _month(_relative_year(relative, clock), month)
    now = clock.now
    if now is None:
        return None
    if spoken_last:
        return _month(now.year - (month >= now.month), month)
    if clock.ahead and month != now.month:
        return _month(now.year + (month < now.month), month)
    return _month(now.year - (month > now.month), month)


def _read_month_part(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "first week of July"."""
    whole = _read_month_name(match["m"], match["y"], match["rel"], clock)
    if whole is None:
        return None
    if match["nth"] == "last":
        return _days(_shift(whole.end, -6), whole.end)
    first = _shift(whole.start, 7 * (_nth(match["nth"]) - 1))
    return _days(first, min(_shift(first, 6) or whole.end, whole.end)) if first else None


def _nth(word: str) -> int:
    return _ORDINALS.get(word) or int(re.sub(r"[^0-9]", "", word) or 1)


def _read_year_part(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "first half of 2019", "third quarter of last year", "first ten months of 2015"."""
    year = int(match["y"]) if match["y"] else _relative_year(match["rel"] or "this", clock)
    unit = match["unit"]
    if match["n"]:  # "first N months"
        n_months = int(match["n"])
        if match["nth"] == "last":
            return span(_month(year, 13 - n_months), _month(year, 12))
        return span(_month(year, 1), _month(year, n_months))
    length = {"half": 6, "semester": 6, "trimester": 3, "quarter": 3, "month": 1}[unit]
    n_parts = 12 // length
    part = n_parts if match["nth"] == "last" else _nth(match["nth"])
    return span(_month(year, (part - 1) * length + 1), _month(year, part * length))


def _read_year_start(match: re.Match[str], clock: Clock) -> DateRange | None:
    return _month(_relative_year(match["rel"], clock), 1)


def _read_decade(match: re.Match[str], clock: Clock) -> DateRange | None:
    start = int(match["y"])
    last = int(match["y2"] or match["y"])
    return span(_year(start), _year(last + 9))


def _read_years(match: re.Match[str], clock: Clock) -> DateRange | None:
    years = [int(year) for year in re.findall(YEAR, match.string)]
    return span(_year(min(years)), _year(max(years)))


def _read_year_pair(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "2011-2013", "2011/12"; "2011-05", which can be no pair, is a month."""
    first, last = int(match["y"]), match["y2"]
    if len(last) == 4:
        return span(_year(first), _year(int(last)))
    end = first - first % 100 + int(last)
    if end > first:
        return span(_year(first), _year(end))
    return _month(first, int(last)) if match["sep"] == "-" else None


def _read_near_year(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "last summer", "this spring": gold gives the year."""
    return _year(_relative_year(match["rel"] or "this", clock))


# -- rules that need the publication day -------------------------------------------------------


def _read_offset_day(n_days: int) -> _Rule:
    def read(match: re.Match[str], clock: Clock) -> DateRange | None:
        day = _shift(clock.now, n_days) if clock.now else None
        return _days(day, day)

    return read


def _read_september_11(match: re.Match[str], clock: Clock) -> DateRange | None:
    return calendar_day(2001, 9, 11)


def _read_overnight(match: re.Match[str], clock: Clock) -> DateRange | None:
    return _days(_shift(clock.now, -1), clock.now) if clock.now else None


def _read_weekdays(match: re.Match[str], clock: Clock) -> DateRange | None:
    """One weekday, or the span of several ("Saturday to Monday")."""
    if clock.now is None:
        return None
    names = re.findall(rf"(?<![a-z]){WEEKDAY}", match.string)
    found = [_weekday(name, match["rel"], clock.now, clock.ahead) for name in names]
    last = found[-1]
    if last is None or len(found) == 1:
        return last
    back = (WEEKDAYS.index(names[-1][:3]) - WEEKDAYS.index(names[0][:3])) % 7
    return _days(_shift(last.start, -back), last.start)


def _weekday(name: str, relative: str | None, now: date, ahead: bool) -> DateRange | None:
    back = (now.weekday() - WEEKDAYS.index(name[:3])) % 7
    if relative == "next" or (ahead and back and relative != "last"):
        day = _shift(now, 7 - back)
    elif relative == "last" and back == 0:
        day = _shift(now, -7)
    else:
        day = _shift(now, -back)
    return _days(day, day)


def _read_named_period(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "last week", "this month", "next year", "earlier this week", "previous year"."""
    now = clock.now
    if now is None:
        return None
    step = {"last": -1, "previous": -1, "past": -1, "next": 1, "coming": 1}.get(match["rel"], 0)
    unit = match["unit"]
    if unit == "year":
        return _year(now.year + step)
    if unit == "month":
        return _month_after(now, step)
    monday = _shift(now, -now.weekday() + 7 * step)
    if monday is None:
        return None
    if unit == "weekend":
        if step == 0 and not clock.ahead and now.weekday() < 5:
            monday = _shift(monday, -7) or monday
        return _days(_shift(monday, 5), _shift(monday, 6))
    end = _shift(monday, 6)
    if step == 0:  # a running week ends today, or starts today where the text looks ahead
        return _days(now, end) if clock.ahead else _days(monday, now)
    return _days(monday, end)


def _read_past(match: re.Match[str], clock: Clock) -> DateRange | None:
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
        return span(_year(now.year), _year(now.year + sign * n * (10 if unit == "decade" else 1)))
    if unit == "month" and n > 24:
        return span(_year(now.year), _year(now.year + sign * (n // 12)))
    if unit == "month":
        return span(_month_after(now, 0), _month_after(now, sign * n))
    if unit == "week" and n > 2:
        day = _shift(now, sign * 7 * n)
        return span(_month_after(now, 0), _month_after(day, 0)) if day else None
    n_days = {"hour": max(1, (n + 12) // 24), "day": n, "night": n, "week": 7 * n}[unit]
    other = _shift(now, sign * n_days)
    return _days(now, other) if ahead else _days(other, now)


def _read_recent(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "recent days" is the month, "recent weeks" two months, "recent months" the year."""
    now = clock.now
    if now is None:
        return None
    unit = match["unit"] or "day"
    if unit in ("hour", "day", "night"):
        return _month_after(now, 0)
    if unit == "week":
        return span(_month_after(now, -1), _month_after(now, 0))
    return _year(now.year) if unit == "month" else None


def _read_bare_plural(match: re.Match[str], clock: Clock) -> DateRange | None:
    """ "(after) weeks (of fighting)": the month, or for months the year."""
    if clock.now is None:
        return None
    return _year(clock.now.year) if match["unit"] == "month" else _month_after(clock.now, 0)


def _read_ago(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "two weeks ago", "a day earlier", "three years later": as exact as its unit."""
    n, unit, word = int(match["n"]), match["unit"], match["word"]
    from_anchor = word != "ago" and clock.anchor is not None
    base = clock.anchor.start if from_anchor and clock.anchor else clock.now
    if base is None or (word in ("later", "after") and not from_anchor):
        return None
    n = n if word in ("later", "after") else -n
    if unit == "decade":
        return None
    if unit == "year":
        return _year(base.year + n)
    if unit == "month":
        return _month_after(base, n)
    if unit == "week":
        day = _shift(base, 7 * n)
        return _month_after(day, 0) if day and abs(n) > 2 else _days(day, day)
    day = _shift(base, round(n / 24) if unit == "hour" else n)
    return _days(day, day)


def _read_anchored(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "same day", "the following day", "previous night", "same month"."""
    if clock.anchor is None:
        return None
    step = {"following": 1, "next": 1, "previous": -1}.get(match["rel"], 0)
    day = clock.anchor.start
    if match["unit"] == "year":
        return _year(day.year + step)
    if match["unit"] == "month":
        return _month_after(day, step)
    if match["unit"] == "week":
        monday = _shift(day, 7 * step - day.weekday())
        return _days(monday, _shift(monday, 6)) if monday else None
    if step == 0:
        return clock.anchor if clock.anchor.precision == "day" else None
    moved = _shift(clock.anchor.end if step > 0 else day, step)
    return _days(moved, moved)


def _read_nth(match: re.Match[str], clock: Clock) -> DateRange | None:
    """As in "third day", "eighth year" of something that still goes on."""
    if clock.now is None:
        return None
    n = _nth(match["nth"]) - 1
    if n < 1:
        return None
    return _stretch(clock.now, n, match["unit"], ahead=False)


_JOIN = r"\s*(?:-|to|and|through|until|till|or)\s*"
_REL_YEAR = r"(?:of )?(?P<rel>last|previous|this|that|same|next) year"
_YEAR_TAIL = rf"(?:(?:,| of)? ?(?:(?P<y>{YEAR})|{_REL_YEAR}))"
_UNIT_ONE = r"(?P<unit>hour|day|night|week|month|year|decade)\b"
_UNIT = r"(?P<unit>hour|day|night|week|month|year|decade)s?\b"
_NTH = (
    r"(?P<nth>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|last|[0-9]{1,2}(?:st|nd|rd|th))"
)
_NAME = rf"(?<![a-z])(?P<m>{MONTH})"
_NAME_2 = rf"(?P<m2>{MONTH})"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_DECADE = r"(?<![0-9])(?:19|20)[0-9]0"
_N = r"[0-9]{1,3}"
_DURATION = re.compile(rf"^(?:{_N}|few|several|many)?(?: [a-z]+)?[- ]?{_UNIT}$")


def _compile(*rules: tuple[str, _Rule]) -> tuple[tuple[re.Pattern[str], _Rule], ...]:
    return tuple((re.compile(pattern), read) for pattern, read in rules)


# Searched in this order; the first pattern that is found decides, and may decide on None.
_PAIR_RULES = _compile(
    (r"^9/11$", _read_september_11),
    (rf"(?P<d>{DAY}){_JOIN}(?P<d2>{DAY}) (?:of )?{_NAME}(?:,? (?P<y>{YEAR}))?", _read_day_pair),
    (
        rf"{_NAME} ?(?P<d>{DAY}){_JOIN}(?P<d2>{DAY})(?![:.][0-9]| ?[ap]\.?m\b)"
        rf"(?:,? (?P<y>{YEAR}))?",
        _read_day_pair,
    ),
    (rf"(?P<d>{DAY}) {_NAME}{_JOIN}(?P<d2>{DAY}) {_NAME_2}(?:,? (?P<y>{YEAR}))?", _read_day_pair),
    (rf"{_NAME} (?P<d>{DAY}){_JOIN}{_NAME_2} (?P<d2>{DAY})(?:,? (?P<y>{YEAR}))?", _read_day_pair),
)
_RULES = _compile(
    # parts and names of months and years
    (rf"{_NTH} week of {_NAME}{_YEAR_TAIL}?", _read_month_part),
    (
        rf"{_NTH} (?:(?P<n>[0-9]{{1,2}}) months|(?P<unit>half|semester|trimester|quarter))"
        rf"(?: of (?:(?P<y>{YEAR})|(?:(?P<rel>last|previous|this|that|same|next) )?year))?",
        _read_year_part,
    ),
    (rf"(?:start|beginning) of {_REL_YEAR}", _read_year_start),
    (rf"{_NAME} ?(?P<y1>{YEAR})?{_JOIN}{_NAME_2}{_YEAR_TAIL}?", _read_month_pair),
    (rf"(?P<d>{DAY}) (?:of )?{_NAME}(?: {_REL_YEAR})?", _read_day),
    (rf"{_NAME} ?(?P<d>{DAY})(?![:.][0-9])(?:,? {_REL_YEAR})?", _read_day),
    (rf"{_NAME}{_YEAR_TAIL}", _read_month),
    (rf"(?P<y>{_DECADE})s(?:[^0-9]{{1,9}}(?P<y2>{_DECADE})s)?", _read_decade),
    (
        rf"(?<![-/.])(?P<y>{YEAR}) ?(?P<sep>[-/]) ?(?P<y2>{YEAR}|(?<=[-/])[0-9]{{2}})"
        r"(?![-/.:]?[0-9]| ?(?:gmt|utc|hours|hrs|local|[ap]\.?m\b))",
        _read_year_pair,
    ),
    (rf"(?<![-/.]){YEAR}(?![-/.]?[0-9])(?! ?(?:gmt|utc|hours|hrs|local))", _read_years),
    # days
    (r"\b(?:overnight|last night)\b", _read_overnight),
    (r"\bday before yesterday\b", _read_offset_day(-2)),
    (r"\byesterday\b", _read_offset_day(-1)),
    (r"\bday after tomorrow\b", _read_offset_day(2)),
    (r"\btomorrow\b", _read_offset_day(1)),
    (rf"(?P<n>{_N}) {_UNIT} (?P<word>ago|earlier|before|prior|later|after)\b", _read_ago),
    (rf"(?:\b(?P<rel>last|this|next|past|coming) )?(?<![a-z]){WEEKDAY}", _read_weekdays),
    # stretches and periods
    (rf"\b(?P<rel>last|past|previous|next|coming|following) (?P<n>{_N}) {_UNIT}", _read_past),
    (rf"\b(?P<rel>same|following|that) {_UNIT}", _read_anchored),
    (r"\b(?P<rel>next|previous) (?P<unit>day|night)\b", _read_anchored),
    (rf"\b(?P<rel>past)(?P<n>) {_UNIT_ONE}", _read_past),
    (
        r"\b(?:(?P<rel>last|previous|this|current|next|coming) )?(?P<unit>weekend)\b",
        _read_named_period,
    ),
    (
        r"\b(?P<rel>last|previous|this|current|next|coming) (?P<unit>week|month|year)\b",
        _read_named_period,
    ),
    (rf"\b(?P<rel>last|this|next) {_SEASON}\b", _read_near_year),
    (rf"\b(?:recent|last|past|previous|these) (?:few |several )?{_UNIT}", _read_recent),
    (rf"{_NTH} (?:[a-z]+ )?{_UNIT_ONE}", _read_nth),
    (r"\b(?:today|tonight|this (?:morning|afternoon|evening|night))\b", _read_offset_day(0)),
    (rf"\b{_NAME}", _read_month),
    (rf"^(?P<rel>)(?P<n>{_N})(?: [a-z]+)?[- ]{_UNIT}$", _read_past),
    (r"^(?:few |several |many )?(?P<unit>day|week|month)s$", _read_bare_plural),
    (r"^(?P<unit>day)?recently$", _read_recent),
)
