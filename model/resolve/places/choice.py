"""The place that each mention of a text means, and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .gazetteer import COUNTRY, DISTRICT, LEVELS, REGION, TOWN, gazetteer
from .names import Name, names_of
from .phrases import PlacePhrase
from .ranking import IN_CONTAINER, Weights, describe, probabilities

__all__ = ["Choice", "choices", "choose"]

_MOST_OTHERS = 10
_SPELT_ALIKE = 0.9  # likeness of a spelling that is beyond doubt
_VILLAGE = 10_000  # people; namesakes of places larger than this are few
_SUPPORTED = 0.15  # of one other name: some 230 km away

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """The place meant (an index into the gazetteer), its probability, and the phrase.

    ``inside``: the text says that it lies where it does. ``contained``: it is unknown, and
    ``place`` is what it lies in. ``doubtful``: good for its country, not for a point. ``others``:
    what else it may mean, the likeliest first.
    """

    place: int
    probability: float
    phrase: PlacePhrase
    inside: bool = False
    contained: bool = False
    doubtful: bool = False
    others: tuple[int, ...] = ()


def choose(
    mentions: Sequence[tuple[str, int, int]],
    text: str,
    context: Mapping[str, int],
    weights: Weights | None = None,
) -> list[Choice | None]:
    """The place that each mention (words, start, end in ``text``) means; None if it is unknown.

    ``context``: the countries that the text speaks of, with their weights.
    """
    names = names_of(mentions, text, context)
    describe(names, context)
    return choices(names, probabilities(names, weights or Weights.packaged()), len(mentions))


def choices(names: Sequence[Name], p: Sequence[Floats], n_mentions: int) -> list[Choice | None]:
    """The likeliest place of each mention, by the probabilities of each name's places.

    A name that is unknown, or known only elsewhere than where the phrase says it lies, takes the
    point of what it lies in; of a whole country, no more than the country.
    """
    chosen: list[Choice | None] = [None] * n_mentions
    for i, name in enumerate(names):
        choice = _choice(names, p, i)
        if choice is not None:
            for mention, phrase in zip(name.mentions, name.phrases, strict=True):
                chosen[mention] = replace(choice, phrase=phrase)
    return chosen


def _choice(names: Sequence[Name], p: Sequence[Floats], i: int) -> Choice | None:
    name, at = names[i], names[i].container
    order = np.argsort(-p[i], kind="stable")[:_MOST_OTHERS].tolist() if len(name.places) else []
    held = at is not None and len(names[at].places) > 0
    if order and not (held and _elsewhere(name, order[0])):
        best = order[0]
        place, *others = name.places[order].tolist()
        inside = bool(name.x[best, IN_CONTAINER])
        return Choice(
            place,
            float(p[i][best]),
            name.phrase,
            inside=inside,
            doubtful=not inside and _stray(name, best),
            others=tuple(others),
        )
    if at is None or not held:
        return None
    outer = int(names[at].places[np.argmax(p[at])])
    level = int(gazetteer().level[outer])
    if not (name.firm or level in (REGION, DISTRICT)):
        return None
    return Choice(
        outer,
        float(p[at].max()),
        name.phrase,
        inside=True,
        contained=True,
        doubtful=level == COUNTRY,
    )


def _elsewhere(name: Name, best: int) -> bool:
    """Whether a small place is known only elsewhere than where its phrase says it lies."""
    level = int(gazetteer().level[name.places[best]])
    return name.firm and level in (DISTRICT, TOWN) and not name.x[:, IN_CONTAINER].any()


def _stray(name: Name, best: int) -> bool:
    """Whether a small place, or one of doubtful spelling, is far from all others of the text.

    Quarters and villages of one name are many; where the text's other places are elsewhere, the
    one that is known is not the one that is meant.
    """
    world, place = gazetteer(), int(name.places[best])
    level = LEVELS[world.level[place]]
    small = level == "town" and world.population[place] < _VILLAGE
    doubtful = name.likeness[best] < _SPELT_ALIKE
    if not (small or doubtful or level in ("listed area", "listed point")):
        return False
    return bool(name.support[best] < _SUPPORTED)
