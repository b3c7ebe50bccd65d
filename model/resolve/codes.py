"""One event -> its codes in other schemes, by the rules of the ontology's crosswalk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar, cast

from ..ontology import AcledCode, Condition, Ontology, PloverCode, Rule
from ..report import Acled, Codes, Plover

__all__ = ["event_codes"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Facts:
    actor_kinds: Sequence[str]
    target_kinds: Sequence[str]
    weapons: Sequence[str]
    killed_low: int | None


def event_codes(
    ontology: Ontology,
    *,
    event_type: str,
    actor_kinds: Sequence[str],
    target_kinds: Sequence[str],
    weapons: Sequence[str],
    killed_low: int | None,
) -> Codes:
    """Codes of an event of ``event_type``; those without a rule that fits are None.

    ``actor_kinds`` and ``target_kinds`` hold one kind label a filler (two armed groups are two
    labels: that tells a clash of two groups from one of which one side is known). People killed or
    injured count among the targets. ``weapons`` are phrases as the text has them; ``killed_low`` is
    the lower bound of deaths, None if unstated. An unknown ``event_type`` raises DataError.
    """
    crosswalk = ontology.event_type(event_type).crosswalk
    facts = _Facts(actor_kinds, target_kinds, weapons, killed_low)
    acled = _first(crosswalk.acled, facts)
    plover = _first(crosswalk.plover, facts)
    return Codes(
        acled=None if acled is None else _acled(acled),
        plover=None if plover is None else _plover(plover),
        cameo=_first(crosswalk.cameo, facts),
        ucdp=cast("Literal[1, 2, 3] | None", _first(crosswalk.ucdp, facts)),
    )


def _acled(code: AcledCode) -> Acled:
    return Acled(event_type=code.event_type, sub_event_type=code.sub_event_type)


def _plover(code: PloverCode) -> Plover:
    return Plover(event=code.event, mode=code.mode)


def _first(rules: tuple[Rule[_T], ...], facts: _Facts) -> _T | None:
    return next((rule.give for rule in rules if _holds(rule.when, facts)), None)


def _holds(when: Condition, facts: _Facts) -> bool:
    """Whether every condition that is given holds; the head of ontology.yaml says what each is."""
    actors, targets = set(facts.actor_kinds), set(facts.target_kinds)
    return (
        (when.actor is None or not actors.isdisjoint(when.actor))
        and (when.target is None or not targets.isdisjoint(when.target))
        and (when.party is None or not (actors | targets).isdisjoint(when.party))
        and (when.weapon is None or any(map(_beginnings(when.weapon).search, facts.weapons)))
        and (when.actors_min is None or len(facts.actor_kinds) >= when.actors_min)
        and (
            when.killed_min is None
            or (facts.killed_low is not None and facts.killed_low >= when.killed_min)
        )
    )


@lru_cache(maxsize=256)
def _beginnings(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches where a word begins with one of ``words``."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})", re.IGNORECASE)
