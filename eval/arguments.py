"""Argument units: what one filler of one role is, and when two of them match.

A unit is (role, entity), or (role, span) where the mention has no entity: several mentions of one
entity in one role are one unit.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ..document import Document, Event, Span
from .matching import at_least_half_shared, match_all, meet
from .prediction import PredictedEvent

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Filler:
    """A span and the span of the last word in it."""

    span: Span
    last_word: Span


Unit = tuple[Filler, ...]
UnitsByRole = dict[str, list[Unit]]


def gold_units(document: Document, event: Event, entity_of: dict[int, int]) -> UnitsByRole:
    """``entity_of`` is ``document.entity_of()``, made once a document."""
    return _units(
        document.text,
        (
            (a.role, entity_of.get(a.mention), document.mentions[a.mention].span)
            for a in event.arguments
        ),
    )


def predicted_units(text: str, event: PredictedEvent) -> UnitsByRole:
    return _units(text, ((a.role, a.entity, a.span) for a in event.arguments))


def matched_by_role(gold: UnitsByRole, predicted: UnitsByRole) -> dict[str, int]:
    """Role -> number of one-to-one matches between the units of two events (roles with any)."""
    found = {
        role: len(match_all(units, predicted[role], units_match))
        for role, units in gold.items()
        if role in predicted
    }
    return {role: n for role, n in found.items() if n}


def units_match(gold: Unit, predicted: Unit) -> bool:
    """True if any span of one is close to any span of the other."""
    return any(close(a, b) for a in gold for b in predicted)


def close(a: Filler, b: Filler) -> bool:
    """Intersection over union is at least 0.5, or the spans meet and so do their last words."""
    # Last words lie inside their spans, so where they meet the spans meet.
    return at_least_half_shared(a.span, b.span) or meet(a.last_word, b.last_word)


def last_word(text: str, span: Span) -> Span:
    """The last run of word characters in the span; the whole span if it has none."""
    words = [m.span() for m in _WORD.finditer(text, span.start, span.end)]
    return Span(*words[-1]) if words else span


def _units(text: str, fillers: Iterable[tuple[str, int | None, Span]]) -> UnitsByRole:
    grouped: dict[str, dict[Hashable, dict[Span, None]]] = {}
    for role, entity, span in fillers:
        key: Hashable = span if entity is None else entity
        grouped.setdefault(role, {}).setdefault(key, {})[span] = None
    return {
        role: [tuple(Filler(s, last_word(text, s)) for s in spans) for spans in units.values()]
        for role, units in grouped.items()
    }
