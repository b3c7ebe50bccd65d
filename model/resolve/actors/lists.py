"""Well-known actors, and those of a user's own list: names -> who it is.

The packaged list is ``packaged.tsv``, its first line says what the columns hold. A list of one's
own is a CSV file with a header; ``ActorList.with_own`` describes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from ...ontology import Ontology
from ..countries.terms import country_of
from .alike import Alike
from .known import OWN, Alias, KnownActor, alias_key
from .own import read_own

__all__ = ["ActorList", "actors_of_sort", "known_actor", "packaged_actors"]

_FORCES = frozenset({"MILITARY", "POLICE"})
_ARMED = _FORCES | {"ARMED_GROUP"}
_QUALIFIER = re.compile(r"\s\(([^)]*)\)$")


class ActorList:
    """Actors by their names. Immutable; may be shared between threads."""

    def __init__(self, actors: Iterable[tuple[KnownActor, Sequence[str]]]) -> None:
        """``actors``: each with its other names. Of equals, an earlier one wins."""
        self._rows = tuple((actor, tuple(aliases)) for actor, aliases in actors)
        self._by_id = {actor.id: actor for actor, _ in reversed(self._rows)}
        self._aliases: dict[str, list[Alias]] = {}
        for actor, aliases in self._rows:
            for alias in (actor.name, *aliases):
                self._add(actor, alias)
        self._alike = Alike(self._aliases)

    def _add(self, actor: KnownActor, alias: str) -> None:
        bare = _QUALIFIER.sub("", alias)
        acronym = bare if len(bare) <= 4 and sum(map(str.isupper, bare)) > 1 else None
        place = (_place(alias) or actor.country) if bare != alias else None
        self._aliases.setdefault(alias_key(bare), []).append(Alias(actor, acronym, place))
        if place:
            self._aliases.setdefault(alias_key(alias), []).append(Alias(actor, None, None))

    def __iter__(self) -> Iterator[KnownActor]:
        return (actor for actor, _ in self._rows)

    def by_id(self, id: str) -> KnownActor | None:
        return self._by_id.get(id)

    def of_sort(self, sort: str) -> tuple[KnownActor, ...]:
        """All actors of one sort, in the order of the list."""
        return tuple(actor for actor in self if actor.sort == sort)

    def find(
        self,
        text: str,
        kind: str | None = None,
        context: Mapping[str, int] | None = None,
        year: int | None = None,
    ) -> KnownActor | None:
        """The actor that ``text`` as a whole names, or None.

        ``context``: the countries of the document, weighted; ``year``: of its publication. A name
        of several actors goes to one of the user's own list, else to one whose kind is ``kind``,
        else to one whose years do not rule it out and whose country the document is about, else
        to the first in the list. A name that stands for an actor only in texts about a country
        does so where no other country counts more than twice as much; an acronym of its forces
        wherever the country is told of at all.
        """
        found = self._aliases.get(alias_key(text))
        return self._best(found, text, kind, context or {}, year) if found else None

    def find_alike(
        self,
        text: str,
        kind: str | None = None,
        context: Mapping[str, int] | None = None,
        year: int | None = None,
    ) -> KnownActor | None:
        """The actor that ``text`` names with another spelling ("Boko Haraam"), or None.

        Short names, acronyms, people and places are never compared; see ``Alike``. An actor whose
        home the document does not touch on is left out: a wrong one is worse than none.
        """
        key = self._alike.nearest(alias_key(text))
        if key is None:
            return None
        found = [
            a
            for a in self._aliases[key]
            if a.actor.kind == kind
            and a.actor.active(year)
            and (not context or not a.actor.country or context.get(a.actor.country, 0) > 0)
        ]
        return self._best(found, text, kind, context or {}, year)

    def _best(
        self,
        found: Iterable[Alias],
        text: str,
        kind: str | None,
        context: Mapping[str, int],
        year: int | None,
    ) -> KnownActor | None:
        top, bare = max(context.values(), default=0), text.strip("() ")

        def in_place(alias: Alias) -> bool:
            if alias.place is None:
                return True
            weight = context.get(alias.place, 0)
            # Forces that fight abroad go by their acronym in texts about another country.
            sure = bare.isupper() and alias.actor.kind in _FORCES and kind in _ARMED
            return weight > 0 if sure else weight * 2 >= top > 0

        usable = [
            alias
            for alias in found
            if (alias.acronym is None or bare.isupper() or bare == alias.acronym)
            and in_place(alias)
            and (kind is None or (kind == "PERSON") == (alias.actor.kind == "PERSON"))
        ]
        if len(usable) < 2:
            return usable[0].actor if usable else None

        def fitness(alias: Alias) -> tuple[bool, bool, bool, int]:
            actor = alias.actor
            weight = context.get(alias.place or actor.country or "", 0)
            at_home = weight > 0 or not actor.country or not context
            return actor.source == OWN, actor.kind == kind, actor.active(year) and at_home, weight

        return max(usable, key=fitness).actor

    def with_own(self, path: str | Path, ontology: Ontology) -> ActorList:
        """This list with a user's own (CSV, UTF-8, a header line) before it.

        Columns, in any order: name, kind (a label of ``ontology``); optional, and may be empty:
        aliases (separated by |), acronym (of up to four letters it matches only in capitals),
        country (ISO 3166-1), start_year and end_year, sort (what a text may call it: "monitor"),
        plover_sector (of ``ontology``), code (its whole CAMEO-style code), id (else made from the
        name). An actor of the same name, or id, as a packaged one takes its place and its other
        names. Raises DataError with file, line and column.
        """
        own = list(read_own(path, ontology))
        mine = {key for actor, _ in own for key in (alias_key(actor.name), actor.id)}
        inherited: dict[str, tuple[str, ...]] = {}
        kept = []
        for actor, aliases in self._rows:
            if mine.isdisjoint({alias_key(actor.name), actor.id}):
                kept.append((actor, aliases))
            else:
                inherited[alias_key(actor.name)] = inherited[actor.id] = (actor.name, *aliases)
        joined = []
        for actor, aliases in own:
            old = inherited.get(actor.id) or inherited.get(alias_key(actor.name), ())
            joined.append((actor, (*aliases, *old)))
        return ActorList([*joined, *kept])


def _place(alias: str) -> str | None:
    """Country in the brackets of an alias: "Civil Defence (Syria)" -> SY."""
    match = _QUALIFIER.search(alias)
    return country_of(match.group(1)) if match else None


@cache
def packaged_actors() -> ActorList:
    """The list that comes with the package, read once."""
    content = Path(__file__).with_name("packaged.tsv").read_text(encoding="utf-8")
    return ActorList(map(_packaged_row, content.splitlines()[1:]))


def _packaged_row(line: str) -> tuple[KnownActor, list[str]]:
    id, name, kind, home, years, sort, code, aliases = line.split("\t")
    start, _, end = years.partition("-")
    actor = KnownActor(
        *(id, name, kind, home or None, sort),
        start=int(start) if start else None,
        end=int(end) if end else None,
        code=code or None,
    )
    return actor, [alias for alias in aliases.split("|") if alias]


def known_actor(
    text: str, kind: str | None = None, context: Mapping[str, int] | None = None
) -> KnownActor | None:
    """``ActorList.find`` in the packaged list."""
    return packaged_actors().find(text, kind, context)


def actors_of_sort(sort: str) -> tuple[KnownActor, ...]:
    """``ActorList.of_sort`` of the packaged list."""
    return packaged_actors().of_sort(sort)
