"""One time expression -> the days that it names, read against the publication date.

This is the grammar: a table of patterns, searched in order, at the end of the module. What each
pattern means is read by ``timex_fixed.py`` (months, years and their parts) and
``timex_relative.py`` (what counts from the publication day or another day of the text). All ranges
are inclusive at both ends. Nothing here raises for any string: what cannot be read is None.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date

from .clock import Clock
from .days import (
    DAY,
    MONTH,
    WEEKDAY,
    YEAR,
    DateRange,
    days_between,
    full_dates,
    has_impossible_day,
    shifted,
)
from .tense import looks_ahead
from .timex_fixed import (
    read_day,
    read_day_pair,
    read_decade,
    read_holiday,
    read_month,
    read_month_pair,
    read_month_part,
    read_near_year,
    read_september_11,
    read_week_of_day,
    read_year_pair,
    read_year_part,
    read_year_start,
    read_years,
)
from .timex_relative import (
    read_ago,
    read_anchored,
    read_bare_plural,
    read_hours_ago,
    read_named_period,
    read_nth,
    read_offset_day,
    read_overnight,
    read_past,
    read_recent,
    read_soon,
    read_weekday_of_week,
    read_weekdays,
    read_year_apart,
)

__all__ = ["ends_in_since", "is_duration", "resolve", "time_range", "until_now"]

_MAX_CHARS = 200  # longer "expressions" are not time expressions

_UNITS_UP_TO_19 = tuple(
    (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen"
        " fourteen fifteen sixteen seventeen eighteen nineteen"
    ).split()
)
_TENS = tuple("twenty thirty forty fifty sixty seventy eighty ninety".split())
_NUMBERS = {word: n for n, word in enumerate(_UNITS_UP_TO_19)}
_NUMBERS |= {word: 10 * n for n, word in enumerate(_TENS, start=2)}
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


def time_range(
    expression: str,
    *,
    published: date | None,
    context: str = "",
    anchor: DateRange | None = None,
) -> DateRange | None:
    """The days that a TIME mention names, or None if it names none.

    ``context`` is its sentence (or the words before it): it may hold "since" just before the
    expression, or speak of a time to come, which turns a weekday to the next such day. ``anchor``
    is the day that "the following day" or "a day earlier" counts from. Without a publication date
    only expressions with a year can be read.
    """
    at = context.find(expression)
    start = at if at >= 0 else len(context)
    ahead = looks_ahead(context, start, start + len(expression)) if context else False
    return resolve(expression, Clock(published, anchor, ahead, ends_in_since(context[:start])))


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
    if has_impossible_day(words):
        return None
    if (beside := _BESIDE.match(words)) and (day := _read(beside["of"], clock)):
        return _read_beside(beside, day)
    for pattern, read in _PAIR_RULES:
        if match := pattern.search(words):
            return read(match, clock)
    full = [day for _, day in full_dates(words)]
    if full:
        return days_between(min(day.start for day in full), max(day.end for day in full))
    for pattern, read in _RULES:
        if match := pattern.search(words):
            return read(match, clock)
    return None


def _read_beside(match: re.Match[str], day: DateRange) -> DateRange | None:
    """As in "day before last Tuesday", "2 days after 3 May"."""
    n_days = int(match["n"] or 1)
    moved = shifted(*((day.start, -n_days) if match["side"] == "before" else (day.end, n_days)))
    return days_between(moved, moved)


def _normalise(expression: str) -> str:
    words = re.sub(r"[\u2010-\u2015]", "-", expression.lower().replace("\u2019", "'"))
    words = re.sub(r"\s+", " ", words).strip(" .,;:()[]\"'")
    words = re.sub(r"'s\b|(?<=day)s\b(?! (?:ago|later|before|after|earlier|of|prior))", "", words)
    words = _NUMBER_WORD.sub(_number_text, words)
    words = re.sub(r"\bcouple of\b|\bpair of\b", "2", words)
    words = re.sub(r"\b(?:a|an)(?= (?:hour|day|night|week|month|year|decade)\b)", "1", words)
    words = re.sub(r" and a half|[- ]1/2|½", "", words)
    words = re.sub(r"\s+", " ", _HEDGES.sub("", words)).strip()
    for pattern, plain in _SAID_OTHERWISE:
        words = pattern.sub(plain, words)
    return words


_SAID_OTHERWISE = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\b(?:1 )?fortnight\b", "2 weeks"),
        # A mention may have lost its article: "day earlier", "week later".
        (r"^(?=(?:day|night|week|month|year) (?:earlier|later|before|after|ago|prior)$)", "1 "),
        (r"\b(same|that|following|next|previous) (?:morning|afternoon|evening)\b", r"\1 day"),
        (r"\bpreceding (?=day|night|week|month|year)", "previous "),
        (r"^(since )?(?:start|beginning|turn) of year$", r"\1start of this year"),
        (r"^earlier in (week|month|year)$", r"this \1"),
        (r"^(?:earlier|later) in day$", "today"),
    )
)


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
    return days_between(found.start, max(end, found.end)) or found


_Rule = Callable[[re.Match[str], Clock], DateRange | None]


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
_N = r"(?<![0-9])[0-9]{1,3}"
# ... not the start of "14 July 1789": a year that is on no calendar here leaves no day to read
_NO_YEAR = r"(?!,? ?[0-9]{3})"
_HOLIDAY = (
    r"(?P<name>christmas eve|christmas|new year eve|new year day|thanksgiving|good friday"
    r"|easter monday|easter)(?: day| sunday)?\b"
)
_BESIDE = re.compile(rf"(?:(?P<n>{_N}) )?days? (?P<side>before|after) (?P<of>.*[a-z0-9].*)")
_DURATION = re.compile(rf"^(?:{_N}|few|several|many)?(?: [a-z]+)?[- ]?{_UNIT}$")


def _compile(*rules: tuple[str, _Rule]) -> tuple[tuple[re.Pattern[str], _Rule], ...]:
    return tuple((re.compile(pattern), read) for pattern, read in rules)


# Searched in this order; the first pattern that is found decides, and may decide on None.
_PAIR_RULES = _compile(
    (
        r"\bsame (?:month|period|day|week|quarter|time)(?: of)?"
        r" (?:last year|(?:the|1) (?:previous |prior )?year(?: (?:before|earlier|ago|prior))?"
        r"|(?:the )?previous year)",
        read_year_apart,
    ),
    (r"^9/11$", read_september_11),
    (rf"(?P<d>{DAY}){_JOIN}(?P<d2>{DAY}) (?:of )?{_NAME}(?:,? (?P<y>{YEAR}))?", read_day_pair),
    (
        rf"{_NAME} ?(?P<d>{DAY}){_JOIN}(?P<d2>{DAY})(?![:.][0-9]| ?[ap]\.?m\b)"
        rf"(?:,? (?P<y>{YEAR}))?",
        read_day_pair,
    ),
    (rf"(?P<d>{DAY}) {_NAME}{_JOIN}(?P<d2>{DAY}) {_NAME_2}(?:,? (?P<y>{YEAR}))?", read_day_pair),
    (rf"{_NAME} (?P<d>{DAY}){_JOIN}{_NAME_2} (?P<d2>{DAY})(?:,? (?P<y>{YEAR}))?", read_day_pair),
)
_RULES = _compile(
    (
        r"\bsame (?:month|period|day|week|quarter|time)(?: of)?"
        r" (?:last year|(?:the|1) (?:previous |prior )?year(?: (?:before|earlier|ago|prior))?"
        r"|(?:the )?previous year)",
        read_year_apart,
    ),
    # parts and names of months and years
    (rf"^week of (?:{_NAME} (?P<d>{DAY})|(?P<d2>{DAY}) (?P<m2>{MONTH}))", read_week_of_day),
    (rf"{_NTH} week of {_NAME}{_YEAR_TAIL}?", read_month_part),
    (rf"(?:(?P<rel>last|this|next) )?{_HOLIDAY}(?:,? (?:of )?(?P<y>{YEAR}))?", read_holiday),
    (
        rf"{_NTH} (?:(?P<n>[0-9]{{1,2}}) months|(?P<unit>half|semester|trimester|quarter))"
        rf"(?: of (?:(?P<y>{YEAR})|(?:(?P<rel>last|previous|this|that|same|next) )?year))?",
        read_year_part,
    ),
    (rf"(?:start|beginning) of {_REL_YEAR}", read_year_start),
    (rf"{_NAME} ?(?P<y1>{YEAR})?{_JOIN}{_NAME_2}{_YEAR_TAIL}?", read_month_pair),
    (rf"(?:(?P<w>{WEEKDAY}),? )?(?P<d>{DAY}) (?:of )?{_NAME}{_NO_YEAR}(?: {_REL_YEAR})?", read_day),
    (
        rf"(?:(?P<w>{WEEKDAY}),? )?{_NAME} ?(?P<d>{DAY})(?![:.][0-9]){_NO_YEAR}(?:,? {_REL_YEAR})?",
        read_day,
    ),
    (rf"{_NAME}{_YEAR_TAIL}", read_month),
    (rf"(?P<y>{_DECADE})s(?:[^0-9]{{1,9}}(?P<y2>{_DECADE})s)?", read_decade),
    (
        rf"(?<![-/.])(?P<y>{YEAR}) ?(?P<sep>[-/]) ?(?P<y2>{YEAR}|(?<=[-/])[0-9]{{2}})"
        r"(?![-/.:]?[0-9]| ?(?:gmt|utc|hours|hrs|local|[ap]\.?m\b))",
        read_year_pair,
    ),
    (rf"(?<![-/.]){YEAR}(?![-/.]?[0-9])(?! ?(?:gmt|utc|hours|hrs|local))", read_years),
    # days
    (r"\b(?:overnight|last night)\b", read_overnight),
    (r"\bday before yesterday\b", read_offset_day(-2)),
    (r"\byesterday\b", read_offset_day(-1)),
    (r"\bday after tomorrow\b", read_offset_day(2)),
    (r"\btomorrow\b", read_offset_day(1)),
    (r"^(?:few |several )?hours (?:ago|earlier|before|later|after)\b", read_hours_ago),
    (
        rf"(?P<n>{_N}) {_UNIT} (?P<word>ago|earlier|before|prior|later|after)\b"
        r"(?P<today> today\b)?",
        read_ago,
    ),
    (rf"(?P<w>{WEEKDAY}) (?:of )?(?P<rel>last|this|next) week\b", read_weekday_of_week),
    (rf"(?:\b(?P<rel>last|this|next|past|coming) )?(?<![a-z]){WEEKDAY}", read_weekdays),
    # stretches and periods
    (rf"\b(?P<rel>last|past|previous|next|coming|following) (?P<n>{_N}) {_UNIT}", read_past),
    (rf"\b(?P<rel>same|following|that) {_UNIT}", read_anchored),
    (r"\b(?P<rel>next|previous) (?P<unit>day|night)\b", read_anchored),
    (rf"\b(?P<rel>past)(?P<n>) {_UNIT_ONE}", read_past),
    (
        r"\b(?:(?P<rel>last|previous|this|current|next|coming) )?(?P<unit>weekend)\b",
        read_named_period,
    ),
    (
        r"\b(?P<rel>last|previous|this|current|next|coming) (?P<unit>week|month|year)\b",
        read_named_period,
    ),
    (rf"\b(?P<rel>last|this|next) {_SEASON}\b", read_near_year),
    (rf"\b(?:recent|last|past|previous|these) (?:few |several )?{_UNIT}", read_recent),
    (rf"\b(?:coming|next) (?:few |several )?{_UNIT}", read_soon),
    (rf"{_NTH} (?:[a-z]+ )?{_UNIT_ONE}", read_nth),
    (r"\b(?:today|tonight|this (?:morning|afternoon|evening|night))\b", read_offset_day(0)),
    (rf"\b{_NAME}{_NO_YEAR}", read_month),
    (rf"^(?P<rel>)(?P<n>{_N})(?: [a-z]+)?[- ]{_UNIT}$", read_past),
    (r"^(?:few |several |many )?(?P<unit>day|week|month)s$", read_bare_plural),
    (r"^(?P<unit>day)?recently$", read_recent),
)
