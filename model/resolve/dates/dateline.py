"""Text -> the date that it carries at its head: its publication date, where no one gives it.

Nothing raises for any string: what cannot be read, or cannot be on a calendar (month 13, year
1500), is None.
"""

from __future__ import annotations

import re
from datetime import date

from .days import WEEKDAY, WEEKDAYS, calendar_day, full_dates

__all__ = ["publication_date"]

_HEAD_CHARS = 150  # a dateline stands within this many characters of the text's start
_LINE_CHARS = 300  # a line of its own with a date: headline, byline and deck may stand before it

_PREFIX = re.compile(r"\s*date[:\s]\s*([12][0-9]{3})([-/.])([0-9]{2})\2([0-9]{2})(?![0-9-])", re.I)
_WEEKDAY_END = re.compile(rf"(?:^|[\s,(]){WEEKDAY},?\s*$", re.I)
_LEAD = re.compile(
    r"\W*(?:(?:date of publication|posted(?: on)?|published(?: on)?|last updated(?: at| on)?"
    r"|updated(?: on)?|date)[:\s]*)?$",
    re.I,
)
# A dateline's place, in capitals: "BEIRUT, ", "SAN SALVADOR (EL SALVADOR), ", "KABUL (Wire) ".
_PLACE = re.compile(
    r"\W*(?:[^\W\d_a-z][^\W\d_a-z.'\u2019-]*[\s,]+(?:\([^()]{1,40}\)[\s,]*)?){1,6}$"
)
# ... or in title case, with a comma, a rule or an agency after it: "Gaza City, ", "Goma (AFP) ".
_WORD = r"[^\W\d_][\w.'\u2019-]*"
_TITLE_PLACE = re.compile(
    rf"\W*(?P<words>{_WORD}(?:(?:, ?|/| ){_WORD}){{0,6}})"
    r"(?: ?\([^()]{1,40}\),? ?| ?(?:,|--|[-\u2013\u2014|]) ?| (?=\($))\(?$"
)
_PARTICLES = frozenset("al au d da das de del des di do dos du el en es la las le les lez".split())
_ARTICLED = re.compile(r"(?:a[dlnrstz]|ash|e[ln])-[^\W\d_a-z]")  # "al-Hasakah"
# Capitalised words that are no place's: the opening of a sentence, the name of an event.
_NO_PLACE = re.compile(
    r"\b(?:on|in|at|since|from|until|till|after|before|during|as|when|the|an?|this|that|it|he|she"
    r"|they|we|attacks?|bombings?|massacres?|battle|wars?|siege|fall|coup|killings?|shootings?"
    r"|uprising|revolution|genocide|invasion|offensive|earthquake|anniversary|timeline)\b",
    re.I,
)
_AGENCY = re.compile(r"(?:^|[\s(])(?:[A-Z]{2,9}|Reuters|Wire)[\s,)-]*$")
_LOWER_PLACE = re.compile(
    r"\s*(?!(?:in|on|at|by|since|from|until)\b)[a-z][a-z.]*(?: [a-z.]+){0,2}, *$"
)
_PREPOSITION = re.compile(
    r"\b(?:on|in|of|since|from|until|till|by|before|after|to|and|between|during|dated?)\s+$", re.I
)
_THEN_AGENCY = re.compile(r"\s+(?:[A-Z][\w-]+\s+){0,2}(?:[A-Z]{3,9}|Reuters)(?:[-\s]|$)")
_RULE = re.compile(r"[\s,.]*(?:\([^()]{1,60}\)\s*|\[[^\[\]]{1,60}\]\s*)*(?:--|[-\u2013\u2014:|/])")
_CLOCK = re.compile(
    r"\s+(?:at\s+)?[0-9]{1,2}:?[0-9]{2}(?::?[0-9]{2})?(?![0-9])(?:\s*[ap]\.?m\.?)?", re.I
)
_BRACKETED = re.compile(r"[\s,]*\((?=[^()]{0,58}[^\W\d_a-z])[^()]{1,60}\)")
_COLON = re.compile(r"[\s,]*:")
_LOWER_AFTER_RULE = re.compile(r"[\s,.]*(?:--|[-\u2013\u2014])+\s*[a-z]")
# Nothing more than a clock, a zone or an agency stands after the date on its line.
_LINE_END = re.compile(
    r"(?:[^\na-z]|(?<![a-z])(?:at|[ap]\.?m|local|time|by|updated?|first published"
    r"|last modified)(?![a-z])|(?<=[^\W\d_a-z])[a-z]+){0,60}(?:\n|$)"
)
# The date of what a text looks back on is not its own.
_HINDSIGHT = re.compile(
    r"\b(?:years?|decades?) (?:later|on)\b|\bthe (?:day|night) (?:that|when|the)\b"
)
_MARKS = "\ufeff\u200b\u200e\u200f"  # byte order mark and others that print nothing
_PROSE = re.compile(r"[\s,]*(?!by\b|at\b|gmt\b|utc\b|update|title:|[ap]m\b)[a-z]")


def publication_date(text: str) -> date | None:
    """The date a text gives itself at its head, or None.

    Read are a prefix ``date 2018-05-21``, a date that opens the text ("Tue Oct 7 2014 ...",
    "Published July 19 2016 ..."), a dateline ("BEIRUT, 21 May 2018 (Wire) - ...", "Goma, March 5,
    2024: ..."), a line that holds only a date, and an agency line after a headline ("... AFP
    Friday 2 May 2014 ..."). Dates inside sentences are not read, nor is an opening date with no
    more than a colon after it ("September 11, 2001: the day ..."), nor one of several lines of
    dates, as in a chronology.
    Two numbers up to 12 can be read in two ways: ``03.04.2016`` and ``03-04-2016`` are taken as
    day first, as nearly all who write dates so mean them; with slashes both orders are common, so
    ``03/04/2016`` is None.
    """
    text = text.lstrip(_MARKS)
    prefix = _PREFIX.match(text[:_HEAD_CHARS])
    if prefix:
        year, _, month, day = prefix.groups()
        found = calendar_day(int(year), int(month), int(day))
        return found.start if found else None
    head = text[: 2 * _LINE_CHARS]
    dates = sorted(full_dates(head), key=lambda pair: pair[0].start())
    lines = [
        found.start
        for match, found in dates
        if match.start() <= _LINE_CHARS and _is_date_line(head, match, found.start)
    ]
    for match, found in dates:
        if match.start() <= _HEAD_CHARS and _is_dateline(head, match, found.start):
            in_chronology = found.start in lines and _is_chronology(head)
            return None if in_chronology else found.start
    return None if not lines or _is_chronology(head) else lines[0]


def _is_dateline(head: str, match: re.Match[str], day: date) -> bool:
    before, after = head[: match.start()], head[match.end() :]
    if _opens_range(after):
        return False
    weekday = _WEEKDAY_END.search(before)
    before, fits = _without_weekday(before, day)
    if not fits and not _LEAD.match(before):
        return False
    has_rule = _RULE.match(after) is not None
    if _LEAD.match(before):
        return _opens_text(head, before, match, after)
    if has_rule and (_PLACE.match(before) or _LOWER_PLACE.match(before)):
        return True
    line = before.rpartition("\n")[2]
    if _is_place(line) and _ends_dateline(after):
        return True
    if weekday and _AGENCY.search(before):
        return True
    if _PROSE.match(after) or _PREPOSITION.search(before):
        return False
    if _CLOCK.match(after) and (weekday or match["m"].isdigit()):
        return True
    return _THEN_AGENCY.match(after) is not None


def _without_weekday(before: str, day: date) -> tuple[str, bool]:
    """The words before a date less its weekday, and whether that is the weekday of ``day``."""
    weekday = _WEEKDAY_END.search(before)
    if not weekday:
        return before, True
    named = WEEKDAYS.index(weekday[0].strip(" ,(\n\t")[:3].lower())
    gap = "\n" if weekday[0].startswith("\n") else " "
    return before[: weekday.start()].rstrip(" ") + gap, named == day.weekday()


def _opens_text(head: str, before: str, match: re.Match[str], after: str) -> bool:
    """Is a date with nothing but a label before it the text's own?"""
    has_rule = _RULE.match(after) is not None
    if len(match["y"]) == 2:
        return has_rule or not after.strip()
    if re.search(r"\w", before):  # "Published"
        return has_rule or not _PROSE.match(after)
    if _COLON.match(after) or _HINDSIGHT.search(after):
        return False
    if _LOWER_AFTER_RULE.match(after):
        return head == head.lower()
    return has_rule or not _PROSE.match(after)


def _is_place(line: str) -> bool:
    """Is what stands on a line before a date a place ("Khartoum, Sudan, "), or a byline?"""
    found = _TITLE_PLACE.match(line)
    if not found or _NO_PLACE.search(found["words"]):
        return False
    words = re.split(r"[ ,/]+", found["words"])
    names = [w for w in words if w[0].isupper() or _ARTICLED.match(w)]
    others = [w for w in words if w not in names]
    return 0 < len(names) <= 4 and words[-1] in names and _PARTICLES.issuperset(others)


def _ends_dateline(after: str) -> bool:
    """Does a rule, a line's end or an agency in brackets follow the date of a dateline?"""
    after = after.removeprefix(")")
    if _RULE.match(after) or re.match(r"[ \t]*\n|\s*$", after):
        return not _HINDSIGHT.search(after) or _BRACKETED.match(after) is not None
    return _BRACKETED.match(after) is not None


def _opens_range(after: str) -> bool:
    """Is the date the first of two, as in "1 May 2016 - 31 May 2016: ..."?"""
    rule = _RULE.match(after)
    rest = after[rule.end() :] if rule else ""
    return any(not rest[: match.start()].strip(" -") for match, _ in full_dates(rest[:40]))


def _is_date_line(head: str, match: re.Match[str], day: date) -> bool:
    """Does the date stand alone on its line, but for a label, a weekday, a clock?"""
    before, fits = _without_weekday(head[: match.start()], day)
    after = head[match.end() :]
    line = before.rpartition("\n")[2]
    if not fits or len(match["y"]) == 2 or not _LEAD.match(line) or _opens_range(after):
        return False
    return "\n" in head.strip() and _LINE_END.match(after) is not None


def _is_chronology(head: str) -> bool:
    """Do several bare dates head lines of the text, as in a list of what happened when?"""
    bare = {
        found.start
        for match, found in full_dates(head)
        if not re.search(r"\w", head[: match.start()].rpartition("\n")[2])
    }
    return len(bare) > 1
