"""The days that an event may have happened on, each with the evidence for it, as feature names.

Candidates are what the time expressions of the document name, its years of war, the publication
day with the day before it, and, for sentences that speak of the time of the news ("currently"), its
month and its year. A candidate stands in one or more slots, by where it comes from:

    own, own~       a time expression that the network links to the event ("~": from then until now)
    own^            the same, of what has not happened, read as one to come
    own?            a day or month without year, in a text without date: in the year told before it
    same, prev, next, far   a time expression of the event's sentence, the one before, after, others
    stated          what all of the event's own time expressions say together
    before, beside  the date of the last event before it with own time words; of one in its sentence
    common          the date that most events with own time words have
    war, war_start  the years of the war that the text speaks of; its first year
    news_day, eve   by the publication date: that day, and the day before
    month, year     by the publication date and a word such as "currently", "recent", "ongoing"

The slots in CONTEXT_SLOTS are weighed by the event's words, too (``context``). "none", no date, is
one of them. All names are plain strings: those in ``weights.json`` can be read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from .clock import Clock
from .days import YEAR, DateRange, calendar_year, days_between, month_after, shifted, span
from .text import LEAD_CHARS, OWN, DatedText, EventClues, TimeMention
from .timex import resolve
from .wars import war_word

__all__ = ["CONTEXT_SLOTS", "Candidate", "candidates", "context"]

_MAX_TRIGGERS = 6  # more retellings of one event add nothing
_MAX_TIMES = 24  # time expressions of a text, of which those nearest to an event are weighed

CONTEXT_SLOTS = frozenset("none own own~ stated war war_start news_day eve month year".split())

_AUXILIARIES = frozenset(
    "has have had was were is are will would to been being be could may might should not".split()
)
_JOINED = re.compile(r"\b(?:meanwhile|meantime|also|elsewhere|another|later|added|adding)\b", re.I)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.I)
_RELATIVE = re.compile(r"last|this|ago|recent|past|earlier|yester|today|night", re.I)
_TOKEN = re.compile(r"[\w'\u2019]+|[^\w\s]")


@dataclass(slots=True)
class Candidate:
    """A range of days, the slots that it stands in and the features that speak for or against it.

    ``mention`` is the time mention it was read from, the event's own before others.
    """

    days: DateRange
    slots: set[str] = field(default_factory=set)
    features: set[str] = field(default_factory=set)
    mention: TimeMention | None = None


def context(text: DatedText, event: EventClues) -> list[str]:
    """Features of the event itself: what it is, where it stands, how its sentences tell it."""
    sentences = _sentences(text, event)
    n_times = sum(len(text.times_of_sentence.get(s, ())) for s in sentences)
    features = [
        "bias",
        f"type={event.type}",
        f"status={event.status}",
        f"sentence={_bucket(sentences[0])}",
        f"triggers={min(len(event.triggers), 4)}",
        f"sentences={min(len(sentences), 4)}",
        f"times={min(n_times, 3)}",
        f"published={text.published is not None}",
        f"own={bool(event.own)}",
    ]
    if event.triggers[0][0] < LEAD_CHARS // 2:
        features.append("top")
    words: set[str] = set()
    for start, end in event.triggers[:_MAX_TRIGGERS]:
        trigger = text.text[start:end].lower()
        left = text.sentences[text.sentence_of(start)][0]
        before = _TOKEN.findall(text.text[max(left, start - 40) : start].lower())[-4:]
        auxiliaries = "_".join(w for w in before if w in _AUXILIARIES)
        words.add(f"aux={auxiliaries}|{_ending(trigger)}")
        words.add(f"word={trigger.split()[-1] if trigger.split() else ''}")
    features += sorted(words)
    features += [f"cue={c}" for c in sorted({c for s in sentences[:3] for c in text.cues(s)})]
    features += [f"role={role}" for role in sorted(set(event.roles))]
    return features + text.style


def candidates(text: DatedText, events: Sequence[EventClues]) -> list[list[Candidate]]:
    """For each event its candidates, in no special order."""
    shared = _Shared(text, events)
    return [_Collector(shared, i).collect() for i in range(len(events))]


_Stated = tuple[DateRange, TimeMention]


class _Shared:
    """What all events of a text are weighed against, in an order that can be searched: a text of
    many events costs no more for each."""

    def __init__(self, text: DatedText, events: Sequence[EventClues]) -> None:
        self.text, self.events = text, events
        self.sentences = [_sentences(text, event) for event in events]
        # Events whose own time words are read, and what these say.
        self.stated: dict[int, _Stated] = {
            i: days for i, event in enumerate(events) if (days := _stated(text, event))
        }
        self.told_in: dict[int, list[int]] = {}  # sentence -> those events
        for i in self.stated:
            for sentence in self.sentences[i]:
                self.told_in.setdefault(sentence, []).append(i)
        self.in_order = sorted((events[i].triggers[0][0], -i) for i in self.stated)
        self.stated_days = {days for days, _ in self.stated.values()}
        self.first_days = {days.start for days in self.stated_days}
        self.common = Counter(days for days, _ in self.stated.values()).most_common(1)
        self.read = [i for i, reading in enumerate(text.readings) if reading.days is not None]
        self.read.sort(key=lambda i: (text.times[i].start, i))
        self.read_starts = [text.times[i].start for i in self.read]

    def times_near(self, start: int) -> list[int]:
        """The time mentions that are read, of many those nearest to ``start``, nearest first."""
        if len(self.read) <= _MAX_TIMES:
            return sorted(self.read)
        at = bisect_left(self.read_starts, start)
        near = self.read[max(0, at - _MAX_TIMES) : at + _MAX_TIMES]
        return sorted(near, key=lambda i: (abs(self.text.times[i].start - start), i))[:_MAX_TIMES]

    def stated_before(self, start: int) -> int | None:
        """The last event before ``start`` that has own time words."""
        at = bisect_left(self.in_order, (start, -len(self.events)))
        return -self.in_order[at - 1][1] if at else None


class _Collector:
    """The candidates of one event."""

    def __init__(self, shared: _Shared, index: int) -> None:
        self.shared, self.index = shared, index
        self.text, self.events, self.stated = shared.text, shared.events, shared.stated
        self.event, self.sentences = shared.events[index], shared.sentences[index]
        self.sentences_of = shared.sentences
        self.start = self.event.triggers[0][0]
        told = self.text.times_of_sentence.get(self.sentences[0], ())
        self.days_in_first = {d for i in told if (d := self.text.readings[i].days) is not None}
        self.found: dict[tuple[date, date], Candidate] = {}

    def collect(self) -> list[Candidate]:
        self._add_mentions()
        self._add_readings_of_own()
        self._add_own()
        self._add_events()
        self._add_war()
        self._add_publication()
        self._add_present()
        return list(self.found.values())

    def _add(
        self, days: DateRange, slot: str, features: Sequence[str], mention: TimeMention | None
    ) -> None:
        candidate = self.found.setdefault((days.start, days.end), Candidate(days))
        candidate.slots.add(slot)
        candidate.features.update(f"{slot} {feature}" for feature in features)
        if candidate.mention is None or slot in ("own", "stated"):
            candidate.mention = mention or candidate.mention

    def _add_mentions(self) -> None:
        text, event = self.text, self.event
        read = self.shared.times_near(self.start)
        last_before = max((i for i in read if text.times[i].start < self.start), default=None)
        n_same = sum(text.times[i].sentence in self.sentences for i in read)
        surest = max(read, key=lambda i: event.times.get(i, 0.0), default=None)
        n_own = min(3, sum(event.times.get(i, 0.0) >= OWN for i in read))
        for i in read:
            reading, mention = text.readings[i], text.times[i]
            p = event.times.get(i, 0.0)
            slot = self._slot(mention, p)
            features = [
                event.type,
                event.status,
                f"p={_probability(p)}",
                f"form={_form(mention.text)}",
            ]
            if reading.is_dateline:
                features.append("dateline")
            if reading.is_duration:
                features.append("duration")
            if i == last_before:
                features.append("last before")
            if slot in ("own", "same") and mention.sentence in self.sentences:
                is_first = mention.sentence == self.sentences[0]
                features += [f"surest={i == surest} n={n_own}", f"first={is_first} n={n_own}"]
                features += self._nearness(mention)
                if n_same == 1:
                    features.append("only")
            else:
                n_apart = min(abs(mention.sentence - s) for s in self.sentences)
                features.append(f"apart={_bucket(n_apart)}")
            self._add_reading(i, slot, features)

    def _add_reading(self, index: int, slot: str, features: Sequence[str]) -> None:
        reading, mention = self.text.readings[index], self.text.times[index]
        meant = self.text.meant(index, self.event)
        if slot not in ("own", "same"):
            options = [reading.days]
        elif reading.since:
            options = [meant]
        else:
            options = [reading.days, reading.until_now]
        for days in options:
            if days is None:
                continue
            mark = "" if days == reading.days else "~"
            more = [
                days.precision,
                f"age={self.text.age(days)}",
                f"since={reading.since}",
                f"since={reading.since} {self.event.type}",
                f"meant={days == meant}",
            ]
            self._add(days, slot + mark, [*features, *more], mention)

    def _add_readings_of_own(self) -> None:
        """Other readings of the event's own expressions: of those ahead, of those without year."""
        text, event = self.text, self.event
        for i in event.own:
            reading, mention = text.readings[i], text.times[i]
            if reading.ahead is not None and event.status != "happened":
                features = [event.status, f"open={reading.open_tense}", event.type]
                self._add(reading.ahead, "own^", features, mention)
            guess = text.guess(i)
            if guess is not None:
                features = ["bias", *text.guess_features(i, guess)]
                self._add(guess.days, "own?", features, mention)

    def _slot(self, mention: TimeMention, p: float) -> str:
        if p >= OWN:
            return "own"
        if mention.sentence in self.sentences:
            return "same"
        if mention.sentence == self.sentences[0] - 1:
            return "prev"
        return "next" if mention.sentence == self.sentences[-1] + 1 else "far"

    def _nearness(self, mention: TimeMention) -> list[str]:
        gap = max(0, self._gap(mention))
        step = next((i for i, limit in enumerate((20, 50, 100)) if gap < limit), 3)
        side = "after" if mention.start > self.start else "before"
        return [f"near={step}", side]

    def _gap(self, mention: TimeMention) -> int:
        """Characters between a mention and the nearest trigger."""
        return min(
            max(mention.start - end, start - mention.end) for start, end in self.event.triggers
        )

    def _add_own(self) -> None:
        if self.index in self.stated:
            days, mention = self.stated[self.index]
            n_own = min(3, len(self.event.own))
            features = [days.precision, self.event.status, self.event.type, f"n={n_own}"]
            self._add(days, "stated", features, mention)

    def _add_events(self) -> None:
        last = self.shared.stated_before(self.start)
        if last is not None:
            self._add_event("before", last)
        beside = {j for s in self.sentences for j in self.shared.told_in.get(s, ())}
        for j in sorted(beside - {self.index}):
            self._add_event("beside", j)
        for days, n in self.shared.common:
            mention = next(m for d, m in self.stated.values() if d == days)
            features = [f"{days.precision} {self.text.age(days)}", f"n={min(n, 4)}"]
            self._add(days, "common", features, mention)

    def _add_event(self, slot: str, other: int) -> None:
        days, mention = self.stated[other]
        event, types = self.events[other], f"{self.events[other].type}>{self.event.type}"
        told, same_type = self._told_as_of(days), event.type == self.event.type
        told_in = self.sentences_of[other]
        n_apart = min(abs(a - b) for a in told_in for b in self.sentences)
        features = [
            f"{days.precision} {self.text.age(days)}",
            f"same type={same_type}",
            f"same status={event.status == self.event.status}",
            f"apart={_bucket(n_apart)}",
            types,
            f"told={told} {days.precision} {self.text.age(days)}",
            f"told={told} {self.event.type}",
        ]
        self._add(days, slot, features, mention)

    def _add_war(self) -> None:
        whole, first = self.text.war_years
        start, end = self.event.triggers[0]
        for days, slot in ((whole, "war"), (first, "war_start")):
            if days is None:
                continue
            word = next(
                (w for a, b in self.event.triggers if (w := war_word(self.text.text[a:b]))), None
            )
            mention = TimeMention(self.text.text[start:end], start, end, self.sentences[0])
            features = [f"word={word}", f"{self.event.type} {word is not None}"]
            features += self._as_long(days)
            self._add(days, slot, features, mention)

    def _as_long(self, days: DateRange) -> list[str]:
        """Is a length of years told with the event, as long as the war: "after eight years"?"""
        readings = [
            self.text.readings[i]
            for i in (*self.event.own, *self.text.times_of_sentence.get(self.sentences[0], ()))
        ]
        lengths = [
            r.days for r in readings if r.is_duration and r.days is not None and r.days.n_days > 366
        ]
        return [f"length={abs(d.start.year - days.start.year) <= 1}" for d in lengths[:1]]

    def _add_publication(self) -> None:
        published = self.text.published
        if published is None:
            return
        eve = shifted(published, -1)
        today = days_between(published, published)
        has_today = today in self.shared.stated_days
        has_eve = eve in self.shared.first_days
        lead = self.sentences[0] < 2
        joined = _JOINED.search(self.text.sentence(self.sentences[0])) is not None
        for slot, days in (("news_day", today), ("eve", days_between(eve, eve))):
            if days is None:
                continue
            told = self._told_as_of(days)
            features = [
                f"known={(days.start, days.end) in self.found}",
                f"others today={has_today}",
                f"others eve={has_eve}",
                f"told={told}",
                f"told={told} lead={lead} joined={joined} today={has_today}",
                f"told={told} {self.event.type}",
            ]
            self._add(days, slot, features, None)

    def _add_present(self) -> None:
        """The month and the year of the news, where a word says that it is of that time."""
        text, published = self.text, self.text.published
        words = [word for s in self.sentences for word in text.present_words(s)]
        if published is None or not words:
            return
        gap, word = min(((self._gap(w.mention), w) for w in words), key=lambda pair: pair[0])
        step = next((i for i, limit in enumerate((5, 20, 60)) if gap < limit), 3)
        side = "after" if word.mention.start > self.start else "before"
        features = [
            f"sort={word.sort}",
            f"word={word.mention.text.lower()}",
            f"near={step} {word.sort}",
            f"near={step} {side}",
            self.event.type,
            self.event.status,
            f"{self.event.type} {word.sort}",
            f"day={min(published.day // 6, 4)}",
        ]
        for slot, days in (
            ("month", month_after(published, 0)),
            ("year", calendar_year(published.year)),
        ):
            if days is not None:
                self._add(days, slot, features, word.mention)

    def _told_as_of(self, days: DateRange) -> bool:
        """Does the event's first sentence speak of no other time than ``days``?"""
        return self.days_in_first <= {days} and self.text.is_plain(self.sentences[0])


_MAX_JOINED = {"month": 366, "year": 20 * 366}  # days; else 31


def _stated(text: DatedText, event: EventClues) -> _Stated | None:
    """One range of the event's own expressions: the narrowest; the span of days that lie apart."""
    own = [
        (days, text.times[i], text.readings[i].is_duration)
        for i in event.own
        if (days := text.meant(i, event)) is not None
    ]
    firm = [(days, mention) for days, mention, is_length in own if not is_length]
    firm = firm or [(days, mention) for days, mention, _ in own]
    if text.published is None:
        firm = _with_year(text, event) or firm
    if not firm:
        return None
    dates, mention = min(firm, key=lambda pair: pair[0].n_days)
    for other in [d for d, _ in firm if d.end < dates.start or d.start > dates.end]:
        joined = span(dates, other)
        alike = other.precision == dates.precision or other.n_days <= 2 * dates.n_days
        if alike and joined is not None and joined.n_days <= _MAX_JOINED.get(dates.precision, 31):
            dates = joined
    return dates, mention


def _with_year(text: DatedText, event: EventClues) -> list[_Stated]:
    """As in "June 16" beside "2015": one day, told in two mentions."""
    own = [text.times[i] for i in event.own]
    years = [mention.text for mention in own if re.fullmatch(YEAR, mention.text)]
    days = [
        (found, mention)
        for mention in own
        if len(years) == 1
        and (found := resolve(f"{mention.text} {years[0]}", Clock(None)))
        and found.precision == "day"
    ]
    return days[:1]


def _sentences(text: DatedText, event: EventClues) -> list[int]:
    return sorted({text.sentence_of(start) for start, _ in event.triggers})


def _bucket(n: int) -> str:
    return next((name for limit, name in _BUCKETS if n <= limit), "11+")


_BUCKETS = ((0, "0"), (1, "1"), (2, "2"), (5, "3-5"), (10, "6-10"))


def _probability(p: float) -> str:
    return next(name for limit, name in _LEVELS if p >= limit)


_LEVELS = ((0.8, "high"), (0.5, "fair"), (0.2, "low"), (0.05, "very low"), (0.0, "none"))


def _ending(trigger: str) -> str:
    return next((e for e in ("ed", "ing", "s") if trigger.endswith(e)), "")


def _form(words: str) -> str:
    if _WEEKDAY.search(words):
        return "weekday"
    return "relative" if _RELATIVE.search(words) else "absolute"
