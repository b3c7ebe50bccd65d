"""A document as its events are dated: its time mentions, read once, and what its sentences say."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from .clock import Clock
from .days import DateRange, calendar_year, full_dates, span
from .tense import looks_ahead
from .timex import ends_in_since, is_duration, resolve, until_now
from .wars import war_of

__all__ = [
    "LEAD_CHARS",
    "OWN",
    "DatedText",
    "EventClues",
    "Guess",
    "PresentWord",
    "Reading",
    "TimeMention",
]

OWN = 0.5  # a time expression is the event's own if the network says so with this probability
LEAD_CHARS = 60  # a full date this near to the start of a text is its dateline

# Words of a sentence that place what it tells: at the day of the news, or as background to it.
_CUES = re.compile(
    r"\b(since|recent(?:ly)?|wars?|years?|months?|weeks?|days?|hours?|earlier|previous(?:ly)?|last"
    r"|meanwhile|later|also|today|now|so far|total|ongoing|still|continu\w{1,4}|began|begun"
    r"|start\w{0,3}|launch\w{0,3}|ever|already|once|often|regular\w{0,2}|repeated\w{0,2}|many"
    r"|several|thousands?|hundreds?|millions?|more than|at least|according|said|told|added|after"
    r"|before|when|while|during|ago|former|early|late|another|other|same|new|latest|first|time|if"
    r"|could|may|might|would|should|will|never|not|until|overnight|anniversary)\b",
    re.I,
)
# Words that tell an event at another time than the news around it: the perfect tenses ("rebels
# have held the town"), lengths of time, years, habits.
_BACKGROUND = re.compile(
    r"\b(?:has|have|had|having|since|began|ago|once|war|earlier|previous(?:ly)?|former(?:ly)?"
    r"|so far|total|recent(?:ly)?|often|regularly|days|weeks?|months?|years?|decades?"
    r"|(?:19|20)[0-9]{2})\b|['\u2019]ve\b",
    re.I,
)
_HEADING_END = re.compile(r"\s?(?::(?![0-9])|--|[\u2013\u2014]|-\s)")
# Types that have no length: "since" tells when they happened.
_POINTS = frozenset(("protest", "repression", "group_change", "territory_capture", "agreement"))
# Types that go on from when they began.
_LASTING = frozenset(("armed_clash", "displacement", "siege", "air_strike"))
_BEGAN = re.compile(
    r"\b(?:began|begun|start(?:ed|ing)?|erupted|broke out|launched|sparked|triggered|beginning"
    r"|outbreak|descended|unleashed)\b",
    re.I,
)


# Words that tell something as of the time at which the text was written, by sort.
_PRESENT = re.compile(
    r"(?<![\w-])(?:(?P<recent>recent(?:ly)?|lately|latest|newly)"
    r"|(?P<now>now|current(?:ly)?|presently|at (?:present|the moment)|these days|nowadays|so far"
    r"|to date)"
    r"|(?P<ongoing>on-?going|still|continu(?:e[sd]?|ing|ous|ously|al|ally)|remain(?:s|ed|ing)?"
    r"|under ?way|in progress))(?![\w-])",
    re.I,
)
_EXACT = {"day": 3, "month": 2, "year": 1}


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A TIME mention: its code-point range in the document, and the index of its sentence."""

    text: str
    start: int
    end: int
    sentence: int = 0


@dataclass(frozen=True, slots=True)
class EventClues:
    """What an event offers to date it.

    ``triggers`` are code-point ranges in text order; ``times`` is the index of a time mention ->
    the probability that it is the event's time; ``roles`` are those of its other arguments.
    """

    type: str
    triggers: tuple[tuple[int, int], ...]
    status: str = "happened"
    times: Mapping[int, float] = field(default_factory=dict)
    roles: tuple[str, ...] = ()

    @property
    def own(self) -> list[int]:
        return sorted(i for i, p in self.times.items() if p >= OWN)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one time mention names (None: nothing) and, if it can be meant so, "since then".

    ``ahead``: what it names if it lies ahead, where that is another day; ``open_tense``: the verbs
    of its sentence do not tell.
    """

    days: DateRange | None
    until_now: DateRange | None = None
    since: bool = False
    is_duration: bool = False
    is_dateline: bool = False
    ahead: DateRange | None = None
    open_tense: bool = False


@dataclass(frozen=True, slots=True)
class PresentWord:
    """A word by which a sentence speaks of the time of the news, and its sort."""

    mention: TimeMention
    sort: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A day or month without a year, in the year named at time mention ``told``."""

    days: DateRange
    told: int
    before: bool  # was that year named before?
    latest: bool  # is it the latest of the text?


class DatedText:
    """A document's text with its time mentions read once, for all of its events.

    ``sentences`` are code-point ranges that cover the text in order.
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[tuple[int, int]],
        times: Sequence[TimeMention],
        published: date | None,
    ) -> None:
        self.text, self.sentences, self.times = text, sentences, times
        self.published = published
        self.readings: list[Reading] = []
        self.times_of_sentence: dict[int, list[int]] = {}
        anchor: DateRange | None = None
        period: DateRange | None = None
        for i, mention in enumerate(times):
            reading = self._read(mention, anchor, period)
            self.readings.append(reading)
            self.times_of_sentence.setdefault(mention.sentence, []).append(i)
            days = reading.days
            if days is None:
                continue
            if days.precision == "day":
                anchor = days
            if days.n_days <= 366 and not (reading.is_duration or reading.is_dateline):
                period = days
        self._starts = [start for start, _ in sentences]
        self._present: dict[int, list[PresentWord]] = {}
        self._cues: dict[int, list[str]] = {}
        self._plain: dict[int, bool] = {}

    def sentence_of(self, position: int) -> int:
        return max(0, bisect_right(self._starts, position) - 1)

    def sentence(self, index: int) -> str:
        start, end = self.sentences[index]
        return self.text[start:end]

    def heads_sentence(self, index: int) -> bool:
        """Does a time mention open its sentence as a heading: "15 MARCH: rebels shelled ..."?"""
        mention = self.times[index]
        before = self.text[self.sentences[mention.sentence][0] : mention.start]
        after = self.text[mention.end : mention.end + 4]
        return not re.search(r"\w", before) and _HEADING_END.match(after) is not None

    def cues(self, index: int) -> list[str]:
        if index not in self._cues:
            found = {m[1].lower() for m in _CUES.finditer(self.sentence(index))}
            self._cues[index] = sorted(found)
        return self._cues[index]

    def present_words(self, index: int) -> list[PresentWord]:
        """Words of a sentence that speak of the time of the news, those of dates apart."""
        if index not in self._present:
            start, end = self.sentences[index]
            times = [
                self.times[i]
                for i in self.times_of_sentence.get(index, ())
                if self.readings[i].days is not None
            ]
            self._present[index] = [
                PresentWord(TimeMention(m[0], m.start(), m.end(), index), m.lastgroup or "")
                for m in _PRESENT.finditer(self.text, start, end)
                if not any(t.start < m.end() and m.start() < t.end for t in times)
            ]
        return self._present[index]

    @cached_property
    def _years(self) -> list[int]:
        """Indices of the time mentions that name a year or a date in one."""
        return [
            i
            for i, r in enumerate(self.readings)
            if r.days is not None and not r.is_duration and r.days.n_days <= 366
        ]

    @cached_property
    def _years_told(self) -> set[int]:
        return {self._year_of(i) for i in self._years}

    def guess(self, index: int) -> Guess | None:
        """Of a text without date: a day or month without a year, in the year told last before it.

        None if it can be read as it stands, or if no year is told.
        """
        if self.published is not None or self.readings[index].days is not None or not self._years:
            return None
        n_before = bisect_left(self._years, index)
        told = self._years[max(0, n_before - 1)]
        year = self._year_of(told)
        days = resolve(f"{self.times[index].text} {year}", Clock(None))
        if days is None or days.precision not in ("day", "month"):
            return None
        return Guess(days, told, n_before > 0, year == max(self._years_told))

    def guess_features(self, index: int, found: Guess) -> list[str]:
        days = self.readings[found.told].days
        exact = _EXACT.get(days.precision, 0) if days else 0
        apart = abs(self.times[found.told].sentence - self.times[index].sentence)
        n_years = len(self._years_told)
        return [
            f"exact={exact}",
            f"before={found.before}",
            f"apart={min(apart, 4)}",
            f"latest={found.latest}",
            f"years={min(3, n_years)}",
            f"exact={exact} latest={found.latest}",
            found.days.precision,
        ]

    def _year_of(self, index: int) -> int:
        days = self.readings[index].days
        return days.start.year if days else 0

    def is_plain(self, index: int) -> bool:
        """Does a sentence, dates apart, hold no word that makes it background to the news?"""
        if index not in self._plain:
            words = self.sentence(index)
            for match, _ in full_dates(words):  # a dateline is part of the first sentence
                words = words.replace(match[0], " ")
            self._plain[index] = _BACKGROUND.search(words) is None
        return self._plain[index]

    @cached_property
    def war_years(self) -> tuple[DateRange | None, DateRange | None]:
        """The war that the text speaks of, up to its year of publication; its first year."""
        if self.published is None:
            return None, None
        war = war_of(self.text, self.published.year)
        if war is None:
            return None, None
        first = calendar_year(war.first)
        return span(first, calendar_year(self.published.year)), first

    @cached_property
    def style(self) -> list[str]:
        """Features of the document: length, quotes, dateline, how fresh its dates are."""
        ages = Counter(
            self.age(reading.days) for reading in self.readings if reading.days is not None
        )
        n_quotes = self.text.count("\u201c") + self.text.count('"') // 2
        features = [
            f"length={min(len(self.sentences) // 4, 5)}",
            f"dateline={any(r.is_dateline for r in self.readings)}",
            f"quotes={min(n_quotes, 6) // 2}",
        ]
        features += [f"has {age}={min(n, 3)}" for age, n in ages.items()]
        if not ages["0"] and not ages["1"]:
            features.append("nothing fresh")
        return features

    def age(self, days: DateRange) -> str:
        """How long before the publication a range begins, in classes."""
        if self.published is None:
            return "?"
        n_days = (self.published - days.start).days
        if n_days < 0:
            return "ahead"
        for limit, name in ((0, "0"), (1, "1"), (7, "week"), (31, "month"), (366, "year")):
            if n_days <= limit:
                return name
        return "old"

    def meant(self, index: int, event: EventClues) -> DateRange | None:
        """What a time mention says of an event: "since May" is a point for a protest, not a siege.

        A war that "began in May", too, goes on until the news.
        """
        reading = self.readings[index]
        if reading.days is None or reading.until_now is None:
            return reading.days
        if reading.since:
            return reading.days if event.type in _POINTS else reading.until_now
        mention = self.times[index]
        before = self.text[self.sentences[mention.sentence][0] : mention.start]
        lasts = event.type in _LASTING and event.status == "happened"
        is_long = reading.days.precision in ("month", "year")
        return reading.until_now if lasts and is_long and _BEGAN.search(before) else reading.days

    def _read(
        self, mention: TimeMention, anchor: DateRange | None, period: DateRange | None
    ) -> Reading:
        start, end = self.sentences[mention.sentence]
        sentence = self.text[start:end]
        ahead = looks_ahead(sentence, mention.start - start, mention.end - start)
        words = re.sub(r"^since\s+", "", mention.text, flags=re.I)
        found = resolve(words, Clock(self.published, anchor, ahead, period=period))
        if found is None:
            return Reading(None)
        later = found if ahead else resolve(words, Clock(self.published, anchor, True))
        lasting = until_now(found, self.published)
        return Reading(
            found,
            lasting if lasting != found else None,
            words != mention.text or ends_in_since(self.text[start : mention.start]),
            is_duration(words),
            mention.start < LEAD_CHARS and any(m.start() == 0 for m, _ in full_dates(words)),
            later if later != found else None,
            ahead is None,
        )
