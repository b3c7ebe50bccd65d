"""Which place of the gazetteer each place name of one text means.

Names are read together, in two rounds. The first scores the places that a name may mean by the
name and its phrase: people, level, spelling, the countries that the text speaks of, the place that
the phrase says it lies in. The second adds how well a place fits what the other names most likely
mean: near them, in the same unit, in the same country. Both are linear and give a distribution over
the places of a name (a conditional logit); ``training/fit/places.py`` fits the weights.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from .gazetteer import COUNTRY, DISTRICT, REGION, TOWN, Gazetteer, gazetteer
from .keys import key, key_words, skeleton
from .names import Name

__all__ = [
    "FEATURES",
    "FITS",
    "IN_CONTAINER",
    "WEIGHTS",
    "Weights",
    "describe",
    "fits",
    "probabilities",
]

WEIGHTS = Path(__file__).with_name("ranking_weights.json")
# Of a place by itself, then of its fit with the text's other names. In the second round, "same
# country" takes the place of "country of text".
FEATURES = (
    "people", "no people", "country", "region", "district", "listed", "alias", "respelt",
    "unit word, unit", "unit word, town", "town word, town", "bare district", "whole phrase",
    "in container", "country of text",
)  # fmt: skip
IN_CONTAINER = FEATURES.index("in container")
FITS = ("near others", "same region", "same country", "near first", "holds others")
_SECOND_ROUND = 10  # of these that are compared with the places of other names
_MOST_NAMES = 60  # names of a text that are compared with each other
_SCALE_KM = 120.0  # how far apart places of one story are
_SEAT_KM = 150.0  # from the middle of a unit to the town that it is named after
_SEAT_SHARE = 0.05  # of the unit's people: villages share names too
_INSIDE_KM = 60.0  # how far from a town what "lies in" it may be
_PEOPLE_LISTED = 0.7  # the own list has no populations: a place of 80,000 people

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of ``FEATURES`` in the first round; of these but the last and of ``FITS`` in the second."""

    first: Floats
    second: Floats

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Weights:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            np.array([raw["first"][name] for name in FEATURES]),
            np.array([raw["second"][name] for name in (*FEATURES[:-1], *FITS)]),
        )

    @staticmethod
    @cache
    def packaged() -> Weights:
        """The weights that the package ships, read at the first call."""
        return Weights.load()

    @staticmethod
    def fitted_on(path: Path = WEIGHTS) -> frozenset[int]:
        """CRC-32 of the texts that the weights of a file were fitted on."""
        return frozenset(json.loads(path.read_text(encoding="utf-8"))["fitted_on"])


def probabilities(names: Sequence[Name], weights: Weights) -> list[Floats]:
    """For each name that ``describe`` has seen, the probabilities of its places."""
    found = {id(name): np.zeros(len(name.places)) for name in names}
    for name, kept, x in fits(names, weights.first):
        found[id(name)][kept] = _softmax(x @ weights.second)
    return [found[id(name)] for name in names]


def describe(names: Sequence[Name], context: Mapping[str, int]) -> None:
    """Set the features of each name's places, but those of ``FITS``."""
    world = gazetteer()
    for name in names:
        at, phrase = name.places, name.phrase
        level = world.level[at]
        people = np.log10(world.population[at].astype(float) + 1) / 7
        people[level > TOWN] = _PEOPLE_LISTED
        main = [world.name(i) for i in at.tolist()]
        if not phrase.unit:
            spelt_alike = [skeleton(key_words(m)) or key(m) for m in main]
            _seats_first(world, at, spelt_alike, people)
        spelt = key(phrase.name)
        alias = np.array([key(m) != spelt for m in main], float)
        unit, town = (level == REGION) | (level == DISTRICT), level == TOWN
        share = _shares(name, context, world)[world.country[at]]
        columns = [
            people, people == 0, level == COUNTRY, level == REGION, level == DISTRICT,
            level > TOWN, alias * ((level != COUNTRY) & (level <= TOWN)), 1 - name.likeness,
            unit * phrase.unit, town * phrase.unit, town * phrase.town,
            (level == DISTRICT) & (not phrase.unit), name.whole,
            np.zeros(len(at)), share,
        ]  # fmt: skip
        name.x = np.zeros((len(at), len(FEATURES)))
        for j, column in enumerate(columns):
            name.x[:, j] = column
    for name in names:
        outer = names[name.container] if name.container is not None else None
        if outer is not None and len(outer.places) and len(name.places):
            name.x[:, IN_CONTAINER] = _inside(world, name.places, outer)


def _shares(name: Name, context: Mapping[str, int], world: Gazetteer) -> Floats:
    """Each country's share of what the text says of countries, what the name itself adds left out;
    the last is of places in several countries."""
    shares: Floats = np.zeros(len(world.codes) + 1)
    for code, weight in context.items():
        if code in world.number:
            shares[world.number[code]] = max(0, weight - name.said[code])
    shares /= max(1.0, shares.sum())
    return shares


def _seats_first(world: Gazetteer, places: Places, spelt: Sequence[str], people: Floats) -> None:
    """A unit counts no people where its name is that of a town in it, or of its country: without
    a class word, "Idlib" is the town and "Mexico" the country.

    ``spelt``: the places' main names, the same for "Raqqa" and "Ar Raqqah".
    """
    level, country, population = world.level[places], world.country[places], world.population
    for i in np.flatnonzero((level == REGION) | (level == DISTRICT)).tolist():
        same = np.array([k == spelt[i] for k in spelt]) & (country == country[i])
        large = population[places] >= _SEAT_SHARE * population[places[i]]
        seats = np.flatnonzero(same & large & (level == TOWN))
        seated = len(seats) and world.km(places[seats], places[[i]]).min() < _SEAT_KM
        if seated or (same & (level == COUNTRY)).any():
            people[i] = 0


def _inside(world: Gazetteer, places: Places, outer: Name) -> Floats:
    """1 for a place that lies in something that the container may mean, else 0."""
    inside = np.zeros(len(places))
    for at in outer.places.tolist():
        level = int(world.level[at])
        if level == COUNTRY:
            found = (world.country[places] == at) & (world.level[places] != COUNTRY)
        elif level == REGION:
            found = (world.region[places] == at) & (places != at)
        else:
            km = _INSIDE_KM if level == TOWN else 3 * _INSIDE_KM
            found = world.km(places[:, None], np.array([[at]]))[:, 0] < km
            found &= (world.level[places] != COUNTRY) & (places != at)
        inside[found] = 1
    return inside


def fits(names: Sequence[Name], first: Floats) -> list[tuple[Name, Places, Floats]]:
    """For the second round: names, their likeliest places (positions), and all their features.

    ``first``: the weights of the first round, which say what the names most likely mean. How a
    place fits with another name is expected over what that name may mean; each name counts once,
    however often it occurs. Sets the names' ``support``.
    """
    world = gazetteer()
    used = [name for name in names if len(name.places)]
    if not used:
        return []
    p = [_softmax(name.x @ first) for name in used]
    kept = [np.argsort(-row, kind="stable")[:_SECOND_ROUND] for row in p]
    at = np.concatenate([name.places[k] for name, k in zip(used, kept, strict=True)])
    mass = np.concatenate([row[k] for row, k in zip(p, kept, strict=True)])
    owner = np.repeat(np.arange(len(used)), [len(k) for k in kept])
    other = np.flatnonzero(owner < _MOST_NAMES)
    # "Ghazni" and "Ghazni province" say nothing of each other.
    bare = np.array([crc32(key(name.phrase.name).encode()) for name in used])[owner]
    apart = bare[:, None] != bare[other][None, :]
    weight = apart * mass[other][None, :]
    near = np.exp(-world.km(at[:, None], at[other][None, :]) / _SCALE_KM)
    near *= (world.level[at[other]] != COUNTRY)[None, :]
    country = world.country[at]
    region = world.region[at].astype(int)
    none = np.iinfo(np.uint16).max
    same_country = country[:, None] == country[other][None, :]
    same_region = (region[:, None] == region[other][None, :]) & (region[:, None] != none)
    x = np.concatenate([name.x[k] for name, k in zip(used, kept, strict=True)])
    around = (weight * np.maximum(near, 0.5 * same_region)).sum(1)
    around[(weight * (world.level[at[other]] != COUNTRY)[None, :]).sum(1) < 0.5] = np.inf
    inner = (world.level[at[other]] >= DISTRICT)[None, :] & (world.level[at] == REGION)[:, None]
    columns = np.stack(
        [
            np.log1p((weight * near).sum(1)),
            np.log1p((weight * same_region).sum(1)),
            ((weight * same_country).sum(1) + x[:, -1]) / len(used),
            (weight * near * (owner[other] == 0)[None, :]).sum(1),
            np.log1p((weight * same_region * inner).sum(1)),
        ],
        axis=1,
    )
    both = np.concatenate([x[:, :-1], columns], axis=1)
    bounds = np.cumsum([0, *(len(k) for k in kept)])
    for i, (name, k) in enumerate(zip(used, kept, strict=True)):
        name.support = np.zeros(len(name.places))
        name.support[k] = around[bounds[i] : bounds[i + 1]]
    return [
        (name, k, both[bounds[i] : bounds[i + 1]])
        for i, (name, k) in enumerate(zip(used, kept, strict=True))
    ]


def _softmax(scores: Floats) -> Floats:
    if not len(scores):
        return scores
    p: Floats = np.exp(scores - scores.max())
    p /= p.sum()
    return p
