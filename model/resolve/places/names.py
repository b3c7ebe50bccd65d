"""The place names of one text, what each may mean, and which lies in which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..countries.terms import PLACE, find_countries
from .gazetteer import Gazetteer, gazetteer
from .phrases import (
    PlacePhrase,
    is_country,
    links_container,
    links_part,
    read_place,
    without_class,
)

__all__ = ["PLACE_WEIGHT", "Name", "names_of"]

PLACE_WEIGHT = 4  # of a place mention among those that tell the countries of a text

_MOST = 60  # places of a name that are scored, the most populous first
_GAP = 45  # characters between a place and the one it lies in
_LISTED_BEFORE = re.compile(r"(?:,|\band|\bor)\s+(?:in\s+)?$")
_LISTED_AFTER = re.compile(r"\s*(?:,\s*[A-Z]|,?\s*(?:and|or)\b)")

Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Name:
    """One name of a text: the same words mean the same place throughout.

    ``phrase`` is the first with it, ``phrases`` those of its ``mentions``. ``container``: the
    position among the names of the one that it lies in; ``firm``: that this is sure. ``places``:
    what it may mean, [n_places]; ``likeness``: of the spelling of each; ``whole``: 1 if the phrase
    is its name, class word and all. ``said``: the weights of the countries that its mentions by
    themselves add to the text's. ``x``: features, [n_places, n_features]; ``support``: how much
    the text's other names speak for the surroundings of each place, infinite if none of them can.
    """

    phrase: PlacePhrase
    mentions: list[int] = field(default_factory=list)
    phrases: list[PlacePhrase] = field(default_factory=list)
    container: int | None = None
    firm: bool = False
    said: Counter[str] = field(default_factory=Counter)
    places: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    likeness: Floats = field(default_factory=lambda: np.empty(0))
    whole: Floats = field(default_factory=lambda: np.empty(0))
    x: Floats = field(default_factory=lambda: np.empty((0, 0)))
    support: Floats = field(default_factory=lambda: np.empty(0))


def names_of(
    mentions: Sequence[tuple[str, int, int]], text: str, context: Mapping[str, int]
) -> list[Name]:
    """Names of a text in order, with the places that each may mean and its container."""
    world = gazetteer()
    names: list[Name] = []
    position: dict[str, int] = {}

    def position_of(phrase: PlacePhrase) -> int:
        same = phrase.full if phrase.unit or phrase.town else phrase.name
        at = position.setdefault(same.casefold(), len(names))
        if at == len(names):
            names.append(Name(phrase))
        return at

    at_mention: list[int | None] = []
    for i, (words, _, _) in enumerate(mentions):
        phrase = read_place(words)
        at_mention.append(None)
        if phrase is None:
            continue
        at = position_of(phrase)
        at_mention[i] = at
        names[at].mentions.append(i)
        names[at].phrases.append(phrase)
        for hit in find_countries(words, "PLACE"):
            names[at].said[hit.codes[0]] += PLACE_WEIGHT
        if phrase.inside is not None and (outer := read_place(phrase.inside)) is not None:
            names[at].container, names[at].firm = position_of(outer), True
    order = sorted(range(len(mentions)), key=lambda i: mentions[i][1])
    for i, j in pairwise(order):
        inner, outer_at = at_mention[i], at_mention[j]
        between = text[mentions[i][2] : mentions[j][1]]
        if inner is None or outer_at is None or inner == outer_at or len(between) > _GAP:
            continue
        link = links_container(between)
        if links_part(between):
            inner, outer_at, link = outer_at, inner, "in"
        if link is None:
            continue
        if names[inner].container is None and names[outer_at].container != inner:
            sure = link == "in" or _stands_alone(names[outer_at], text, mentions[i], mentions[j])
            names[inner].container, names[inner].firm = outer_at, sure
    about = frozenset(world.number[code] for code in context if code in world.number)
    for name in names:
        _look_up(name, world, about)
    return names


def _stands_alone(
    outer: Name, text: str, first: tuple[str, int, int], second: tuple[str, int, int]
) -> bool:
    """Whether "X, Y" is one place, not two of a list: Y is a country or a unit, and ends it."""
    if not (outer.phrase.unit or is_country(outer.phrase.full)):
        return False
    before, after = text[max(0, first[1] - 8) : first[1]], text[second[2] : second[2] + 8]
    return _LISTED_BEFORE.search(before) is None and _LISTED_AFTER.match(after) is None


def _look_up(name: Name, world: Gazetteer, about: frozenset[int]) -> None:
    """Fill in the places that a name may mean."""
    phrase = name.phrase
    best: dict[int, tuple[float, float]] = {}
    if phrase.full != phrase.name:
        for match in world.matches(phrase.full):
            best[match.place] = (match.likeness, 1.0)
    for hit in find_countries(phrase.name, "PLACE"):
        if hit.sort != PLACE and hit.end - hit.start >= len(phrase.name) - 2:
            best.setdefault(world.number[hit.codes[0]], (1.0, 0.0))
    for match in world.matches(phrase.name):
        best.setdefault(match.place, (match.likeness, 0.0))
    if not best:
        for match in world.matches(without_class(phrase.name)):
            best[match.place] = (match.likeness, 0.0)
    if not best:
        best = {m.place: (m.likeness, 0.0) for m in world.similar(phrase.name, about)}
    places = sorted(best, key=lambda i: -int(world.population[i]))
    if len(places) > _MOST:
        local = [i for i in places[_MOST:] if int(world.country[i]) in about]
        places = places[:_MOST] + local[:_MOST]
    name.places = np.array(places, np.int64)
    name.likeness = np.array([best[i][0] for i in places])
    name.whole = np.array([best[i][1] for i in places])
