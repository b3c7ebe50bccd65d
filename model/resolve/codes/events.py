"""One event -> its codes in other schemes, by the rules of the ontology's crosswalk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar, cast

from ...ontology import AcledCode, Condition, Ontology, PloverCode, Rule
from ...report import Acled, Codes, Plover

__all__ = ["Party", "any_begins", "event_codes"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Party:
    """One filler of an event: an actor or a target (a place or thing that was hit included).

    ``kind`` is that of the entity it stands for, else of the mention; ``country`` its ISO code, if
    known; ``text`` the words.
    """

    kind: str
    country: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Facts:
    actors: Sequence[Party]
    targets: Sequence[Party]
    weapons: Sequence[str]
    triggers: Sequence[str]
    killed_low: int | None
    country: str | None


def event_codes(
    ontology: Ontology,
    *,
    event_type: str,
    actors: Sequence[Party],
    targets: Sequence[Party],
    weapons: Sequence[str] = (),
    triggers: Sequence[str] = (),
    killed_low: int | None = None,
    country: str | None = None,
) -> Codes:
    """Codes of an event of ``event_type``; those without a rule that fits are None.

    ``actors`` and ``targets`` hold one Party a filler (two armed groups are two: that tells a clash
    of two groups from one of which one side is known). People killed, or injured where nobody was
    killed, count among the targets. ``weapons`` and ``triggers`` are phrases as the text has them;
    ``killed_low`` is the lower bound of deaths, None if unstated; ``country`` is the ISO code of
    where it happened. An unknown ``event_type`` raises DataError.
    """
    crosswalk = ontology.event_type(event_type).crosswalk
    facts = _Facts(actors, targets, weapons, triggers, killed_low, country)
    acled = _first(crosswalk.acled, facts)
    plover = _first(crosswalk.plover, facts)
    return Codes(
        acled=None if acled is None else _acled(acled),
        plover=None if plover is None else _plover(plover),
        cameo=_first(crosswalk.cameo, facts),
        ucdp=cast("Literal[1, 2, 3] | None", _first(crosswalk.ucdp, facts)),
    )


def any_begins(words: tuple[str, ...], phrases: Iterable[str]) -> bool:
    """Whether a word, or a run of words, in one of ``phrases`` begins with one of ``words``.

    Case is put aside; a hyphen parts words.
    """
    return any(map(_beginnings(words).search, phrases))


def _acled(code: AcledCode) -> Acled:
    return Acled(event_type=code.event_type, sub_event_type=code.sub_event_type)


def _plover(code: PloverCode) -> Plover:
    return Plover(event=code.event, mode=code.mode)


def _first(rules: tuple[Rule[_T, Condition], ...], facts: _Facts) -> _T | None:
    return next((rule.give for rule in rules if _holds(rule.when, facts)), None)


def _holds(when: Condition, facts: _Facts) -> bool:
    """Whether every condition that is given holds; the head of ontology.yaml says what each is."""
    actors = [party.kind for party in facts.actors]
    targets = [party.kind for party in facts.targets]
    return (
        (when.actor is None or _some(actors, when.actor))
        and (when.actors_only is None or _all(actors, when.actors_only))
        and (when.actor_foreign is None or _foreign(facts, when.actor) is when.actor_foreign)
        and (when.actors_min is None or len(actors) >= when.actors_min)
        and (when.target is None or _some(targets, when.target))
        and (
            when.target_words is None
            or any_begins(when.target_words, (p.text for p in facts.targets))
        )
        and (when.party is None or _some([*actors, *targets], when.party))
        and (when.weapon is None or any_begins(when.weapon, facts.weapons))
        and (when.trigger is None or any_begins(when.trigger, facts.triggers))
        and (when.killed_min is None or (facts.killed_low or 0) >= when.killed_min)
    )


def _some(kinds: Sequence[str], wanted: tuple[str, ...]) -> bool:
    return not set(kinds).isdisjoint(wanted)


def _all(kinds: Sequence[str], wanted: tuple[str, ...]) -> bool:
    return bool(kinds) and set(kinds) <= set(wanted)


def _foreign(facts: _Facts, kinds: tuple[str, ...] | None) -> bool:
    """Whether the actors of these kinds (None: all) are known to be from abroad, every one."""
    actors = [party for party in facts.actors if kinds is None or party.kind in kinds]
    return bool(actors) and all(
        party.country is not None and facts.country not in (None, party.country) for party in actors
    )


@lru_cache(maxsize=256)
def _beginnings(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches where a word begins with one of ``words``."""
    if not words:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})", re.IGNORECASE)
