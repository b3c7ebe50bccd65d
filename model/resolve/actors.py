"""Well-known actors: alias -> canonical name, kind, home country and sort (``actors.tsv``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .countries import country_of, normalise

__all__ = ["KnownActor", "actors_of_sort", "alias_key", "known_actor"]

_QUALIFIER = re.compile(r"\s\(([^)]*)\)$")


@dataclass(frozen=True, slots=True)
class KnownActor:
    """One row of the table; ``country`` is the ISO code of its home, or None.

    ``sort`` is what a text may call it where it does not name it ("monitor", "agency"), or "".
    """

    name: str
    kind: str
    country: str | None
    sort: str = ""


@dataclass(frozen=True, slots=True)
class _Alias:
    actor: KnownActor
    capitals: bool  # matches only where the text has capitals ("IS", "AR")
    place: str | None  # country that the document must be about


@cache
def _aliases() -> dict[str, list[_Alias]]:
    table: dict[str, list[_Alias]] = {}
    content = Path(__file__).with_name("actors.tsv").read_text(encoding="utf-8")
    for line in content.splitlines():
        if line.startswith("#") or not line:
            continue
        name, kind, home, sort, aliases = line.split("\t")
        actor = KnownActor(name, kind, home or None, sort)
        for alias in (name, *aliases.split("|")):
            if not alias:
                continue
            bare = _QUALIFIER.sub("", alias)
            capitals = len(bare) <= 4 and bare.isupper()
            place = (_place(alias) or home or None) if bare != alias else None
            table.setdefault(alias_key(bare), []).append(_Alias(actor, capitals, place))
            if place:
                table.setdefault(alias_key(alias), []).append(_Alias(actor, False, None))
    return table


@cache
def actors_of_sort(sort: str) -> tuple[KnownActor, ...]:
    """All rows of one sort, in the order of the table."""
    actors = dict.fromkeys(alias.actor for found in _aliases().values() for alias in found)
    return tuple(actor for actor in actors if actor.sort == sort)


def _place(alias: str) -> str | None:
    """Country in the brackets of an alias: "Civil Defence (Syria)" -> SY."""
    match = _QUALIFIER.search(alias)
    return country_of(match.group(1)) if match else None


def alias_key(text: str) -> str:
    """Key of an alias: ``normalise`` without brackets, quotes and a leading article."""
    key = normalise(re.sub(r"[()\[\]\"\u201c\u201d,]", " ", text))
    return key[4:] if key.startswith("the ") else key


def known_actor(
    text: str, kind: str | None = None, context: Mapping[str, int] | None = None
) -> KnownActor | None:
    """The actor that ``text`` as a whole names, or None.

    ``context``: the countries of the document, weighted. An alias of several actors goes to one
    whose kind is ``kind`` and whose country has most weight there, else to the first in the table.
    """
    found = _aliases().get(alias_key(text))
    if not found:
        return None
    context = context or {}
    top = max(context.values(), default=0)
    usable = [
        alias
        for alias in found
        if (not alias.capitals or text.strip("() ").isupper())
        and (alias.place is None or context.get(alias.place, 0) * 2 >= top > 0)
        and (kind is None or (kind == "PERSON") == (alias.actor.kind == "PERSON"))
    ]
    if not usable:
        return None
    best = max(
        usable,
        key=lambda a: (a.actor.kind == kind, context.get(a.place or a.actor.country or "", 0)),
    )
    return best.actor
