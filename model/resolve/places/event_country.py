"""The country of an event: which of those that the text speaks of is meant.

An event with a located place is where that is; others take their country from the words around
them, the sides' nationality, and what the text is about. How much each of these says is a linear
score of every country at issue (a conditional logit); ``training/fit/countries.py`` fits it.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["CLUES", "WEIGHTS", "CountryClues", "Pointer", "TextCountries"]

WEIGHTS = Path(__file__).with_name("event_country_weights.json")
CLUES = (
    "its place", "its other places", "its facility", "its origin", "its destination", "its actor",
    "its target", "its sides, power", "all its sides", "actor of an act at home",
    "share of text", "share of text, power", "share of places", "most of text",
    "place in sentence", "other in sentence", "place before", "place after", "first place",
    "filed there",
)  # fmt: skip
# Of a text that speaks of more countries, those that it speaks of most are at issue for all events.
_MOST_AT_ISSUE = 16
# Powers that act or are quoted far from home.
POWERS = frozenset({"US", "GB", "RU", "FR"})

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pointer:
    """A mention that points to a country; ``place``: it names a place there."""

    start: int
    end: int
    code: str
    place: bool


@dataclass(frozen=True, slots=True)
class CountryClues:
    """What an event says of its country, in ISO codes.

    ``places``: of its location arguments, the most specific first; ``facilities``: of buildings
    and camps; ``origins``, ``destinations``: of a movement; ``actors``, ``targets``: of those who
    act, and of those who suffer it. ``at_home``: it is of a type that states do at home, such as a
    trial. ``start``: of its first trigger; ``sentence``: the range of that one's sentence.
    """

    places: Sequence[str]
    facilities: Sequence[str]
    origins: Sequence[str]
    destinations: Sequence[str]
    actors: Sequence[str]
    targets: Sequence[str]
    at_home: bool
    start: int
    sentence: tuple[int, int]


class TextCountries:
    """The countries that one text points to.

    ``context``: their weights in the whole text. ``pointers``: mentions outside the dateline, in
    order. ``filed``: the country of the dateline.
    """

    def __init__(
        self,
        context: Mapping[str, int],
        pointers: Sequence[Pointer],
        *,
        filed: str | None = None,
    ) -> None:
        self._context, self._pointers, self._filed = context, pointers, filed
        self._starts = [p.start for p in pointers]
        self._named = [p for p in pointers if p.place]
        self._named_starts = [p.start for p in self._named]
        self._places = Counter(p.code for p in self._named)
        self._first = self._named[0].code if self._named else None
        self._most = _only_largest(context)
        often = [
            Counter(context).most_common(_MOST_AT_ISSUE),
            self._places.most_common(_MOST_AT_ISSUE),
        ]
        kept = {code for counts in often for code, _ in counts}
        self._at_issue = [c for c in dict.fromkeys([*context, *self._places]) if c in kept]

    def country_of(self, clues: CountryClues, weights: Floats | None = None) -> str | None:
        """The likeliest country of an event; None if nothing points anywhere."""
        codes, x = self.features(clues)
        if not codes:
            return None
        return codes[int(np.argmax(x @ (_packaged() if weights is None else weights)))]

    def features(self, clues: CountryClues) -> tuple[list[str], Floats]:
        """The countries at issue and what speaks for each, [n_countries, n_clues]."""
        sides = [*clues.actors, *clues.targets]
        ways = [*clues.origins, *clues.destinations]
        low, high = clues.sentence
        starts = self._starts
        inside = self._pointers[bisect_left(starts, low) : bisect_left(starts, high)]
        here = {p.code for p in inside if p.place}
        others = {p.code for p in inside if not p.place}
        at = bisect_left(self._named_starts, clues.start)
        before = self._named[at - 1].code if at else None
        following = self._named[at].code if at < len(self._named) else None
        after = following if following and self._named_starts[at] < high else None
        named = [*clues.places, *clues.facilities, *ways, *sides, *self._at_issue]
        single = [self._filed, before, following, self._first, self._most]
        near = [p.code for p in inside]
        codes = list(dict.fromkeys([*named, *(code for code in single if code), *near]))
        locals_ = set(sides) - POWERS
        total = max(1, sum(self._context.values()))
        n_places = max(1, self._places.total())
        x = [
            (
                code in clues.places[:1],
                code in clues.places[1:],
                code in clues.facilities,
                code in clues.origins,
                code in clues.destinations,
                code in clues.actors and code not in POWERS,
                code in clues.targets and code not in POWERS,
                code in sides and code in POWERS,
                locals_ == {code},
                clues.at_home and code in clues.actors,
                self._context.get(code, 0) / total,
                (code in POWERS) * self._context.get(code, 0) / total,
                self._places[code] / n_places,
                code == self._most,
                code in here,
                code in others,
                code == before,
                code == after,
                code == self._first,
                code == self._filed,
            )
            for code in codes
        ]
        return codes, np.array(x, dtype=float).reshape(len(codes), len(CLUES))


def _only_largest(weights: Mapping[str, int]) -> str | None:
    """The key of the largest value; None if two share it."""
    first, second = (*Counter(weights).most_common(2), ("", 0), ("", 0))[:2]
    return first[0] if first[1] > second[1] else None


@cache
def _packaged() -> Floats:
    raw = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return np.array([raw[name] for name in CLUES])
