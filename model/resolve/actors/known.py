"""One entry in a list of actors, and its names as they are looked up.

All years are those in which an actor was active under its name, both included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..countries.terms import normalise

__all__ = ["NEWS_SORTS", "OWN", "PACKAGED", "Alias", "KnownActor", "alias_key"]

PACKAGED, OWN = "conflictwire", "own"
"""Sources of an actor: the list that comes with the package, the user's."""

_LAG = 1  # years after its end in which the news still write of an actor
# Of actors that report news: they are quoted from anywhere.
NEWS_SORTS = frozenset({"agency", "newspaper", "broadcaster", "media"})


@dataclass(frozen=True, slots=True)
class KnownActor:
    """One row of a list; ``country`` is the ISO alpha-2 code of its home, or None.

    ``sort`` is what a text may call it where it does not name it ("monitor", "agency"), or "".
    ``start`` and ``end`` are years; None is unknown, an end also still open. ``sector`` and
    ``code`` are codes that the list sets itself (see ``resolve.codes``); None: by the rules.
    """

    id: str
    name: str
    kind: str
    country: str | None = None
    sort: str = ""
    start: int | None = None
    end: int | None = None
    sector: str | None = None
    code: str | None = None
    source: str = PACKAGED

    def active(self, year: int | None) -> bool:
        """Whether news of that year may write of it; what is unknown speaks for it."""
        if year is None:
            return True
        began = self.start is None or self.start <= year
        return began and (self.end is None or year <= self.end + _LAG)


@dataclass(frozen=True, slots=True)
class Alias:
    """One name of an actor, and where it stands for it."""

    actor: KnownActor
    acronym: str | None  # it matches only as written, or in capitals ("IS", "AR", "LeT")
    place: str | None  # country that the document must be about


@lru_cache(maxsize=65_536)  # texts repeat their names, and rules ask for each part of them
def alias_key(text: str) -> str:
    """Key of an alias: ``normalise`` without brackets, quotes and a leading article."""
    key = normalise(re.sub(r"[()\[\]\"\u201c\u201d,]", " ", text))
    return key[4:] if key.startswith("the ") else key
