"""Which events are worth comparing: near in time, and of one country, place or named party.

Events that share a key are sorted by day, and each meets only the few after it whose days are
near (sorted neighbourhood; Hernandez and Stolfo, SIGMOD 1995). There are at most
``_MAX_NEIGHBOURS`` pairs for each key of each event, so that the number of pairs grows in line
with that of the events, even if all tell one story.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .compare import ALSO_TOLD_AS
from .traits import Traits

_Key = tuple[str, str, str | None]  # what is shared, a family of types, the value

_MAX_GAP = 2  # days between two tellings of one day
_MAX_LENGTH = 31  # days; in a country, longer periods are compared by the day of publication
_NEWS_LAG = 7  # an undated event is taken to be of the days before its publication
_MAX_NEIGHBOURS = 50  # of one event under one key


def candidate_pairs(events: Sequence[Traits]) -> set[tuple[int, int]]:
    """Pairs of indices (i < j)."""
    blocks: dict[_Key, list[int]] = defaultdict(list)
    for i, event in enumerate(events):
        for key in _keys(event):
            blocks[key].append(i)
    return {pair for key, block in blocks.items() for pair in _near(events, block, key[0])}


def _keys(event: Traits) -> Iterator[_Key]:
    family = _FAMILIES.get(event.type, event.type)
    yield "country", family, event.place.country
    for word in event.place.name:
        yield "place", family, word
    for name in event.parties:
        yield "party", family, name


def _near(events: Sequence[Traits], block: list[int], shared: str) -> Iterator[tuple[int, int]]:
    spans = sorted((*_span(events[i], shared), i) for i in block)
    for at, (_, last, i) in enumerate(spans):
        for first, _, j in spans[at + 1 : at + 1 + _MAX_NEIGHBOURS]:
            if first > last + _MAX_GAP:
                break
            yield min(i, j), max(i, j)


def _span(event: Traits, shared: str) -> tuple[int, int]:
    """First and last day on which it may have been, as ordinals; (0, 0) if nothing tells."""
    if event.days is not None and (event.days.length <= _MAX_LENGTH or shared != "country"):
        return event.days.first, event.days.last
    if event.published is not None:
        return event.published - _NEWS_LAG, event.published
    return 0, 0


def _families() -> dict[str, str]:
    """Type -> a name shared by all types that it can be told as, also by way of others."""
    family: dict[str, str] = {}
    for pair in sorted(map(sorted, ALSO_TOLD_AS)):
        old, new = (family.setdefault(t, t) for t in pair)
        family = {t: new if f == old else f for t, f in family.items()}
    return family


_FAMILIES = _families()
