"""Well-known actors: alias -> canonical name, kind and home country, from ``actors.tsv``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .countries import normalise

__all__ = ["KnownActor", "alias_key", "known_actor"]

_QUALIFIER = re.compile(r"\s\(([^)]*)\)$")


@dataclass(frozen=True, slots=True)
class KnownActor:
    """One row of the table; ``country`` is the ISO code of its home, or None."""

    name: str
    kind: str
    country: str | None


@dataclass(frozen=True, slots=True)
class _Alias:
    actor: KnownActor
    capitals: bool  # matches only where the text has capitals ("IS", "AR")
    local: bool  # needs the document to be about the actor's home country


@cache
def _aliases() -> dict[str, list[_Alias]]:
    table: dict[str, list[_Alias]] = {}
    content = Path(__file__).with_name("actors.tsv").read_text(encoding="utf-8")
    for line in content.splitlines():
        if line.startswith("#") or not line:
            continue
        name, kind, home, aliases = line.split("\t")
        actor = KnownActor(name, kind, home or None)
        for alias in (name, *aliases.split("|")):
            if not alias:
                continue
            bare = _QUALIFIER.sub("", alias)
            capitals = len(bare) <= 4 and bare.isupper()
            local = bare != alias and home != ""
            table.setdefault(alias_key(bare), []).append(_Alias(actor, capitals, local))
            if local:
                table.setdefault(alias_key(alias), []).append(_Alias(actor, False, False))
    return table


def alias_key(text: str) -> str:
    """Key of an alias: ``normalise`` without brackets, quotes and a leading article."""
    key = normalise(re.sub(r"[()\[\]\"\u201c\u201d,]", " ", text))
    return key[4:] if key.startswith("the ") else key


def known_actor(
    text: str, kind: str | None = None, context: Mapping[str, int] | None = None
) -> KnownActor | None:
    """The actor that ``text`` as a whole names, or None.

    An alias of several actors goes to one whose kind is ``kind`` and whose home has most weight
    in ``context`` (countries of the document), else to the first in the table.
    """
    found = _aliases().get(alias_key(text))
    if not found:
        return None
    context = context or {}
    top = max(context.values(), default=0)
    usable = [
        alias.actor
        for alias in found
        if (not alias.capitals or text.strip("() ").isupper())
        and (not alias.local or (context.get(alias.actor.country or "", 0) * 2 >= top > 0))
        and (kind is None or (kind == "PERSON") == (alias.actor.kind == "PERSON"))
    ]
    if not usable:
        return None
    return max(usable, key=lambda a: (a.kind == kind, context.get(a.country or "", 0)))
