"""The time words of a document -> the date of each of its events, and the ground for it.

An event's date is the best of its candidates (``candidates.py``) by a linear model, or none:
"no date" is a candidate like any other. The weights (``weights.json``) are fitted on gold
documents by ``training/fit/dates.py``; a candidate's score is the sum of the weights of
its features. ``basis`` says where the chosen days come from:

    stated     the event's own time words, or the name of a war ("the civil war")
    inherited  other time words of the text: of its sentence, of an event told with it, ...; a
               word of its sentence that speaks of the time of the news ("currently", "recent",
               "ongoing") gives the month or the year
    news_day   none; the text tells the event as the news of the day it appeared, or of the day
               before. The evidence is the event's words, tense, place in the text and arguments,
               and how the text dates other events: the features of the slots news_day and eve.

The publication date alone dates nothing: where the model finds no evidence, there is no date. Nor
is there one where the event's own words name a day that no calendar here has ("12 May 1850").
All ranges are inclusive at both ends. Nothing raises for any text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import repeat
from math import fsum
from pathlib import Path

from .candidates import CONTEXT_SLOTS, Candidate, candidates, context
from .days import MONTH, WEEKDAY, DateRange
from .text import DatedText, EventClues, TimeMention
from .wars import war_word

__all__ = ["WEIGHTS", "EventDate", "date_warnings", "event_dates"]

WEIGHTS = Path(__file__).with_name("weights.json")

_STATED = frozenset(("own", "own~", "own^", "own?", "stated"))
_BY_NEWS = frozenset(("news_day", "eve"))
_FAR = frozenset(("far", "far~", "common"))
_FAR_AHEAD = timedelta(days=366)  # what happened is not told a year before
# A clock, a time of day or a length of time names no day: nothing is lost if it is not read.
_NO_DAY = re.compile(
    # Possessive: "night hours" can be read in two ways, a row of them in two to the power of n.
    r"[0-9:.,\s]*(?:[a-z]+ (?:hours|minutes|days|weeks|months|years)"
    r"|[ap]\.?\s?m\.?|gmt|utc|hours?|hrs|o'clock|local time|noon|midnight|midday|dawn"
    r"|dusk|night(?:fall)?|morning|afternoon|evening|early|late|minutes?|at|the|in|around|about|and"
    r"|[\s,()0-9:.])*+",
    re.I,
)
# What names a day, month or year even if no calendar here has it.
_NAMES_DAY = re.compile(
    rf"(?<![a-z])(?:{MONTH}|{WEEKDAY})|(?<![0-9])[0-9]{{1,4}}([-./])[0-9]{{1,2}}\1[0-9]{{1,4}}(?![0-9])"
    r"|(?<![0-9:.])[0-9]{4}(?![0-9:.])(?!,? ?(?:gmt|utc|hours|hrs|local|[ap]\.?m\b))",
    re.I,
)
_AT_CLOCK = re.compile(r"\b(?:at|by|until|till|around|about|before|after|from|to|and)\s+$", re.I)
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-4])[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class EventDate:
    """``basis`` is stated, inherited or news_day; ``mention``: where it was read, if it was."""

    dates: DateRange
    basis: str
    mention: TimeMention | None = None


class _Weights:
    """Feature -> weight: of candidates, and per slot those of the event's context."""

    def __init__(self, raw: dict[str, dict[str, float]]) -> None:
        self.candidate = raw["candidate"]
        self.context = {slot: raw.get(slot, {}) for slot in CONTEXT_SLOTS}

    def slot(self, slot: str, features: Sequence[str]) -> float:
        return _sum_of(self.context[slot], features)


def _sum_of(weights: dict[str, float], features: Iterable[str]) -> float:
    # Exact, so that sets of features, which come in another order in each process, sum up alike.
    return fsum(map(weights.get, features, repeat(0.0)))


@cache
def _weights() -> _Weights:
    return _Weights(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def event_dates(text: DatedText, events: Sequence[EventClues]) -> list[EventDate | None]:
    """The dates of all events of a document, in the order given."""
    weights = _weights()
    return [
        _event_date(text, event, found, weights)
        for event, found in zip(events, candidates(text, events), strict=True)
    ]


def _event_date(
    text: DatedText, event: EventClues, found: Sequence[Candidate], weights: _Weights
) -> EventDate | None:
    if text.published is None and event.own and not any(c.slots & _STATED for c in found):
        return None  # "Monday", of no known week
    if _names_unread_day(text, event):
        return None  # "12 May 1850", "31 February": another day would be made up
    features = context(text, event)
    by_slot: dict[str, float] = {}
    best: Candidate | None = None
    best_score = weights.slot("none", features)
    for candidate in found:
        slots = candidate.slots & CONTEXT_SLOTS
        for slot in slots - by_slot.keys():
            by_slot[slot] = weights.slot(slot, features)
        score = _sum_of(weights.candidate, candidate.features) + fsum(by_slot[s] for s in slots)
        if score > best_score:
            best, best_score = candidate, score
    if best is None:
        return None
    basis = _basis(text, event, best)
    return EventDate(best.days, basis, None if basis == "news_day" else best.mention)


def _names_unread_day(text: DatedText, event: EventClues) -> bool:
    """Do the event's own words name a day, month or year, and can none of them be read?"""
    own = event.own
    unread = all(text.readings[i].days is None and text.guess(i) is None for i in own)
    return unread and any(_names_day(text, i) for i in own)


def _names_day(text: DatedText, index: int) -> bool:
    mention = text.times[index]
    if _CLOCK.fullmatch(mention.text) and _AT_CLOCK.search(text.text[: mention.start][-10:]):
        return False
    return _NAMES_DAY.search(mention.text) is not None


def _basis(text: DatedText, event: EventClues, chosen: Candidate) -> str:
    slots = chosen.slots
    if slots & _STATED:
        return "stated"
    if slots & _BY_NEWS and slots <= _BY_NEWS | _FAR:
        return "news_day"
    if slots <= {"war", "war_start"}:
        named = any(war_word(text.text[start:end]) for start, end in event.triggers)
        return "stated" if named else "inherited"
    return "inherited"


def _lies_far_ahead(text: DatedText, index: int) -> bool:
    days = text.readings[index].days
    return (
        days is not None and text.published is not None and days.start - text.published > _FAR_AHEAD
    )


def date_warnings(text: DatedText, events: Sequence[EventClues]) -> list[str]:
    """What could not be placed on the calendar, naming the words; one message a cause."""
    own = sorted({i for event in events for i in event.own})
    unread = dict.fromkeys(
        text.times[i].text
        for i in own
        if text.readings[i].days is None
        and (_names_day(text, i) or not _NO_DAY.fullmatch(text.times[i].text))
    )
    messages = []
    if unread:
        words = ", ".join(f'"{w}"' for w in unread)
        cause = "" if text.published else " (the publication date is not known)"
        messages.append(f"time words that give no date{cause}: {words}")
    ahead = dict.fromkeys(
        text.times[i].text
        for event in events
        if event.status == "happened"
        for i in event.own
        if _lies_far_ahead(text, i)
    )
    if ahead:
        words = ", ".join(f'"{w}"' for w in ahead)
        messages.append(
            "time words of what is told as past that name a date more than a year after the"
            f" publication: {words}"
        )
    today = date.today()
    if text.published is not None and text.published > today:
        messages.append(f"the publication date {text.published} lies after today, {today}")
    return messages
