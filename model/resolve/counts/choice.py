"""Which victim phrases tell the toll of an event, and the toll that they add up to.

A report tells a toll more than once, in parts, updated, and beside the tolls of other events; what
the network gives an event as killed or injured is all of that. A *reading* is a set of phrases that
may together be the toll: all of them, those of one sentence, of the first sentences, or one phrase.
A linear score ranks the readings (a conditional logit over the features below); the phrases of the
best one are added up by ``tolls``. ``training/fit/tolls.py`` fits the weights, ``weights.json``.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from .numerals import whole_numeral
from .phrases import Count, count, is_absurd, is_vague
from .tolls import GroupToll, Toll, Victim, count_in_group, joined, toll
from .words import Fate, Harm, fate, nobody_harmed, number_of_deaths

__all__ = [
    "MAX_TOLL",
    "MIN_SCORE",
    "WEIGHTS",
    "EventTrigger",
    "Reading",
    "TollClues",
    "VictimClue",
    "event_toll",
    "readings",
]

WEIGHTS = Path(__file__).with_name("weights.json")
MIN_SCORE = 0.1  # of a phrase that may be a victim of an event at all
# The dead of one side of the worst war on record, the Soviet soldiers of 1941-45, are fewer than
# nine million: more are no toll of an event that a report tells.
MAX_TOLL = 9_000_000
_MAX_PHRASES = 16  # the likeliest of an event; a list of a hundred names tells no more
_BEFORE = 60  # characters before a phrase: "no", "and", "including" change its count
# A headline rounds ("over 500"), the text gives the number (545).
_ROUNDED = re.compile(r"\b(?:over|more than|upwards? of|in excess of)\b", re.I)
_MAX_ROUNDED = 1.2  # what "over 500" may stand for, as a multiple
_REACH = 2  # sentences from an event to a later "no casualties"


@dataclass(frozen=True, slots=True)
class VictimClue:
    """A phrase that may name victims of an event.

    ``start`` and ``end`` are code-point offsets, ``sentence`` is an index. Probabilities: ``score``
    is the highest that a trigger of the event gives it in the role in question, ``claim`` the mean
    over these triggers, ``other_harm`` the highest in the other role (injured for killed),
    ``elsewhere`` the highest in the role that a trigger of another event gives it.
    """

    phrase: str
    kind: str
    start: int
    end: int
    sentence: int
    score: float
    claim: float
    other_harm: float
    elsewhere: float


@dataclass(frozen=True, slots=True)
class EventTrigger:
    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class TollClues:
    """What a text gives on the toll of one event.

    ``sentences`` has the code-point range of every sentence, ``told`` the triggers of all events,
    both in the order of the text. From ``threshold`` on, a score makes a phrase an argument.
    """

    text: str
    sentences: Sequence[tuple[int, int]]
    harm: Harm
    victims: Sequence[VictimClue]
    triggers: Sequence[EventTrigger]
    told: Sequence[EventTrigger] = ()
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """Phrases that may be the toll, what they add up to, and the features that are not 0."""

    phrases: tuple[str, ...]
    toll: Toll
    low: int
    features: Mapping[str, float]


def event_toll(
    clues: TollClues, weights: Mapping[str, float] | None = None
) -> tuple[Toll | None, list[str]]:
    """The toll of an event, or None if nothing is stated, and phrases too large to be believed.

    Without victims, "no casualties" near the event is 0, and a number may stand before a noun for
    deaths ("512 homicides").
    """
    phrases, absurd = _phrases(clues)
    found = _readings(phrases, clues)
    if not any(p.clue.score >= clues.threshold for p in phrases):
        if _nobody(clues):
            return Toll(0, 0), absurd
        stated = _stated_deaths(clues)
        if stated is not None:
            return stated, absurd
        # A victim that no event surely has may be this one's, where the text says what befell it.
        found = [r for r in found if r.features.get("said so") == 1 and "shared" not in r.features]
    if not found:
        return None, absurd
    weights = weights or _packaged()[clues.harm]
    best = max(found, key=lambda r: sum(weights.get(k, 0) * x for k, x in r.features.items()))
    best = _refined(best, found, phrases, clues.threshold)
    return _with_rivals(best, phrases, clues.threshold), absurd


@cache
def _packaged() -> dict[Harm, dict[str, float]]:
    loaded: dict[Harm, dict[str, float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class _Phrase:
    clue: VictimClue
    victim: Victim
    low: int
    high: int | None
    fate: Fate | None
    vague: bool


def _phrases(clues: TollClues) -> tuple[list[_Phrase], list[str]]:
    """The phrases that state a number, in the order of the text, and those that are absurd."""
    likely = sorted(
        (v for v in clues.victims if v.score >= MIN_SCORE), key=lambda v: (-v.score, v.start)
    )
    found, absurd = [], []
    for clue in sorted(likely[:_MAX_PHRASES], key=lambda v: v.start):
        before = clues.text[max(0, clue.start - _BEFORE) : clue.start]
        victim = Victim(clue.phrase, clue.kind, before)
        number = count_in_group(victim)
        if _is_too_large(victim, number):
            absurd.append(clue.phrase)
            continue
        if number is None or number.low is None:
            continue
        said = fate(clues.text, (clue.start, clue.end), clues.sentences[clue.sentence])
        # "48 killed and injured" tells neither number, and the wounded are not among the dead.
        if said is not None and said != clues.harm:
            continue
        vague = is_vague(clue.phrase)
        found.append(_Phrase(clue, victim, number.low, number.high, said, vague))
    return found, absurd


def _is_too_large(victim: Victim, number: Count | None) -> bool:
    if number is None:
        return is_absurd(whole_numeral(victim.phrase, victim.before))
    return number.low is not None and number.low > MAX_TOLL


def readings(clues: TollClues) -> list[Reading]:
    """All readings of an event's victim phrases, with features: what weights are fitted on."""
    return _readings(_phrases(clues)[0], clues)


def _readings(phrases: Sequence[_Phrase], clues: TollClues) -> list[Reading]:
    if not phrases:
        return []
    table = _Statements(phrases, clues)
    found = []
    for subset in table.subsets():
        added = toll([p.victim for p in subset])
        if added is None or added.low is None:
            continue
        # Rival tolls of several sentences: each of them is a reading of its own.
        at_odds = any(p.low > added.low and not p.vague for p in subset)
        if at_odds and len({p.clue.sentence for p in subset}) > 1:
            continue
        features = {k: x for k, x in table.features(subset, added.low).items() if x}
        found.append(Reading(tuple(p.victim.phrase for p in subset), added, added.low, features))
    return found


class _Statements:
    """The phrases of an event by sentence: each sentence states a toll."""

    def __init__(self, phrases: Sequence[_Phrase], clues: TollClues) -> None:
        self.phrases, self.harm, self.threshold = phrases, clues.harm, clues.threshold
        self.certain = [p for p in phrases if p.clue.score >= self.threshold]
        self.base = self.certain or list(phrases)
        self.trigger_sentences = [t.sentence for t in clues.triggers]
        self.sentences = sorted({p.clue.sentence for p in self.base})
        self.lows: dict[int, int] = {}
        for sentence in self.sentences:
            stated = toll([p.victim for p in self._in(sentence)])
            if stated is not None and stated.low is not None:
                self.lows[sentence] = stated.low
        clear = [s for s in self.lows if any(not p.vague for p in self._in(s))] or [*self.lows]
        self.first = self.lows[clear[0]] if clear else 0
        beside = joined([p.victim for p in self.base])
        self.joined = [
            pair
            for pair, is_joined in zip(pairwise(self.base), beside[1:], strict=True)
            if is_joined
        ]
        self.best_score = max(p.clue.score for p in phrases)
        self.best_claim = max(p.clue.claim for p in self.base)

    def _in(self, sentence: int) -> list[_Phrase]:
        return [p for p in self.base if p.clue.sentence == sentence]

    def subsets(self) -> list[tuple[_Phrase, ...]]:
        found: dict[tuple[int, ...], tuple[_Phrase, ...]] = {}

        def add(subset: Sequence[_Phrase]) -> None:
            if subset:
                found.setdefault(tuple(p.clue.start for p in subset), tuple(subset))

        add(self.certain)
        for sentence in sorted({p.clue.sentence for p in self.phrases}):
            add([p for p in self.certain if p.clue.sentence == sentence])
            add([p for p in self.phrases if p.clue.sentence == sentence])
        for n in range(2, len(self.sentences)):
            add([p for p in self.certain if p.clue.sentence in self.sentences[:n]])
        for phrase in self.phrases:
            add([phrase])
        return list(found.values())

    def features(self, subset: Sequence[_Phrase], low: int) -> dict[str, float]:
        # "12 people, four of them children": the 12 alone make the toll.
        makers = [p for p in subset if p.low == low] or subset
        n = len(makers)
        starts = {p.clue.start for p in subset}
        first = min(starts)
        here = {p.clue.sentence for p in subset}
        left = [p for p in self.base if p.clue.start not in starts and not p.vague]
        bigger = [p for p in left if p.low > low]
        every = set(self.lows.values())
        others = {x for s, x in self.lows.items() if s not in here and x not in (low, 0, 1)}
        triggers = self.trigger_sentences
        return {
            "claim": sum(p.clue.claim for p in makers) / n,
            "claim short of best": self.best_claim - max(p.clue.claim for p in makers),
            "score short of best": self.best_score - max(p.clue.score for p in makers),
            "unlikely": sum(p.clue.score < self.threshold for p in makers) / n,
            "likelier elsewhere": max(0, *(p.clue.elsewhere - p.clue.score for p in makers)),
            "shared": sum(p.clue.elsewhere >= self.threshold for p in makers) / n,
            "likelier other harm": max(0, *(p.clue.other_harm - p.clue.score for p in makers)),
            "said so": sum(p.fate == self.harm for p in makers) / n,
            "nothing said": sum(p.fate is None for p in makers) / n,
            "vague": all(p.vague for p in subset) and not all(p.vague for p in self.base),
            "triggers here": sum(s in here for s in triggers) / len(triggers),
            "first trigger here": triggers[0] in here,
            "as told first": low == self.first,
            "first and most": low == self.first == max(every, default=-1) and len(every) > 1,
            "first and whole": low == self.first and bool(others) and sum(others) <= low,
            "statements alike": min(3, sum(x == low for x in self.lows.values())),
            "list cut": any(self._cuts(starts, low, left, right) for left, right in self.joined),
            "bigger left": min(2, sum(p.clue.score for p in bigger)),
            "bigger before": any(p.clue.start < first for p in bigger),
            "smaller after": min(
                2, sum(p.clue.score for p in left if 0 < p.low < low and p.clue.start > first)
            ),
        }

    @staticmethod
    def _cuts(starts: set[int], low: int, left: _Phrase, right: _Phrase) -> bool:
        """Does a reading leave out, or repeat, one of two phrases that an "and" joins?"""
        has_left, has_right = left.clue.start in starts, right.clue.start in starts
        return has_left != has_right or (not has_left and low in (left.low, right.low))


def _refined(
    best: Reading, found: Sequence[Reading], phrases: Sequence[_Phrase], threshold: float
) -> Reading:
    """The reading of "545 people" where the best one is the round "over 500 civilians"."""
    rounded = [p for p in phrases if p.victim.phrase in best.phrases and p.low == best.low]
    if not rounded or not all(_ROUNDED.search(p.clue.phrase) for p in rounded):
        return best
    group = rounded[0].victim.group
    exact = [
        p.clue.phrase
        for p in phrases
        if best.low < p.low <= _MAX_ROUNDED * best.low
        and p.clue.score >= threshold
        and p.victim.group == group
        and not p.vague
        and not _ROUNDED.search(p.clue.phrase)
    ]
    return next((r for r in found if exact and r.phrases == (exact[0],)), best)


def _with_rivals(best: Reading, phrases: Sequence[_Phrase], threshold: float) -> Toll:
    """The toll, its ``high`` raised to that of a rival toll of the same group told elsewhere."""
    groups = {g.group for g in best.toll.by_group}
    highs = [
        p.high
        for p in phrases
        if p.clue.score >= threshold
        and p.victim.phrase not in best.phrases
        and p.victim.group in groups
        and best.low < p.low <= 2 * best.low
    ]
    if not highs or len(best.toll.by_group) != 1:
        return best.toll
    highs.append(best.toll.high)
    high = None if None in highs else max(h or 0 for h in highs)
    return Toll(best.low, high, (GroupToll(best.toll.by_group[0].group, best.low, high),))


def _nobody(clues: TollClues) -> bool:
    """Is the event said to have harmed nobody: is it the last one told before such words?"""
    own = {t.start for t in clues.triggers}
    reach = {t.sentence + i for t in clues.triggers for i in range(_REACH + 1)}
    for sentence in sorted(s for s in reach if s < len(clues.sentences)):
        for found in nobody_harmed(clues.text, *clues.sentences[sentence]):
            if clues.harm not in found.harms:
                continue
            at = bisect_left(clues.told, found.start, key=lambda t: t.start)
            before = clues.told[max(0, at - 1) : at]
            if not before or before[0].sentence < sentence - _REACH:
                before = clues.told[at : at + 1]
            if before and before[0].start in own:
                return True
    return False


def _stated_deaths(clues: TollClues) -> Toll | None:
    """The toll that stands before a trigger: "512 homicides"."""
    if clues.harm != "killed":
        return None
    for trigger in clues.triggers:
        number = number_of_deaths(clues.text, (trigger.start, trigger.end))
        found = count(number) if number else None
        if found is not None and found.low is not None and found.low <= MAX_TOLL:
            return Toll(found.low, found.high)
    return None
