"""Where a report was filed: the dateline at its head, which is no place of its events.

"NAIROBI, Kenya (Wire) - ", "AMMAN/BEIRUT, May 3 -- ".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from .phrases import is_country

__all__ = ["outside_dateline"]

_DATELINE_CHARS = 400  # it starts within this many characters: a headline may stand before it
_PROPER = r"[^\W\d_a-z](?:[\w.\u2019'-]*[\w.])?"
_MORE_PLACES = rf"(?:\s*[/,]\s*(?:the\s+)?{_PROPER}(?:\s+{_PROPER}){{0,3}}){{0,4}}"
_BRACKETS = r"(?:\s*(?:,\s*)?(?:\([^()]{1,60}\)|\[[^\[\]]{1,60}\]|/[^\W\d_a-z][\w-]{1,20}/\.?))"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?"
_ON_DAY = (
    rf"(?i:[\s,]*(?:{_WEEKDAY}[\s,]*)?"
    rf"(?:{_MONTH}\s*[0-9]{{1,2}}|[0-9]{{1,2}}\s*{_MONTH}|{_WEEKDAY})"
    r"(?:[\s,]*[0-9]{2}(?:[0-9]{2})?(?![0-9]))?)"
)
_DASH = r"\s*(?:--+|[\u2013\u2014]|-(?=\s)|(?<=\s)-)"
_AFTER_PLACE = re.compile(
    rf"{_MORE_PLACES}(?:"
    # Bounded: of a long list of brackets or weekdays there are too many readings to try.
    rf"(?:{_BRACKETS}|{_ON_DAY}){{1,6}}(?:{_DASH}|:(?=\s)|(?=\s+[^\W\d_a-z]))"
    rf"|{_DASH}(?=\s*[\"\u201c(\[]?[^\W_a-z])"
    r"|(?P<colon>:(?=\s+[\"\u201c]?[^\W_a-z]))"
    r"|(?P<lost>\s+(?=[^\W\d_a-z]+[a-z])))"
)
_IN_SENTENCE = re.compile(r"(?:^|\s)[a-z][\w'\u2019-]*,?\s*$")
_OPENS_LINE = re.compile(r"(?:^|[\n.!?:|\u201d\")\]])\s*$")


class MentionSpan(Protocol):
    """A mention as places need it: its words, code-point range and kind."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...


_M = TypeVar("_M", bound=MentionSpan)


def outside_dateline(mentions: Sequence[_M], text: str) -> list[_M]:
    """The mentions of ``text`` but those in its dateline, which tells where it was filed."""
    start, end = _dateline(mentions, text)
    return [m for m in mentions if not start <= m.start < end]


def _dateline(mentions: Sequence[_M], text: str) -> tuple[int, int]:
    """Range of the dateline at the head of ``text``; (0, 0) if there is none."""
    shouts = text[:_DATELINE_CHARS].upper() == text[:_DATELINE_CHARS]
    for m in sorted(mentions, key=lambda m: m.start):
        if m.start > _DATELINE_CHARS:
            break
        if m.kind not in {"PLACE", "GOVERNMENT"}:
            continue
        after = _AFTER_PLACE.match(text, m.end)
        if after is None:
            continue
        capitals = not shouts and m.text.split(",")[0].isupper() and len(m.text) > 3
        before = text[max(0, m.start - 20) : m.start]
        opens = _OPENS_LINE.search(before) is not None
        # "YEMEN: 12 killed", "Syria - rebels ..." name the topic.
        bare = after.start("colon") >= 0 or after.start("lost") >= 0
        if (bare or not capitals) and is_country(m.text):
            continue
        if after.start("lost") >= 0 and _IN_SENTENCE.search(before):
            continue
        if capitals or (opens and not bare):
            return m.start, after.end()
    return 0, 0
