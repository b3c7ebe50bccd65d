"""Every scored item of a prediction -> was it right? What calibration is fitted and measured on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, fields

from ..document import Document
from .arguments import gold_units, predicted_units, units_match
from .counts import Calibration
from .events import assign_events, match_triggers, typed_triggers
from .matching import match_all
from .prediction import PredictedEvent, Prediction


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Scores and outcomes by sort of item; they merge with ``+``.

    mention: exact span and kind. trigger: matched one-to-one with a gold trigger of its type.
    argument: units (role and entity or span, with their highest score), right if matched in an
    assigned pair of events. event: assigned to a gold event. ``event_sizes`` holds the number of
    triggers of each event. Items without a score are left out.
    """

    mention: Calibration = field(default_factory=Calibration)
    trigger: Calibration = field(default_factory=Calibration)
    argument: Calibration = field(default_factory=Calibration)
    event: Calibration = field(default_factory=Calibration)
    event_sizes: tuple[int, ...] = ()

    def __add__(self, other: Outcomes) -> Outcomes:
        return Outcomes(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def outcomes(document: Document, prediction: Prediction) -> Outcomes:
    """Of one document."""
    entity_of = document.entity_of()
    gold_side = [gold_units(document, e, entity_of) for e in document.events]
    predicted_side = [predicted_units(document.text, e) for e in prediction.events]
    gold_of = {
        p: g
        for g, p in assign_events(document.events, prediction.events, gold_side, predicted_side)
    }
    mentions = {(m.span, m.kind) for m in document.mentions}
    triggers = typed_triggers(prediction)
    matched = match_triggers(typed_triggers(document), triggers)
    right_triggers = {t for _, t in matched}
    trigger_scores = [s for e in prediction.events for s in e.trigger_scores]
    arguments: list[tuple[float | None, bool]] = []
    for p, event in enumerate(prediction.events):
        gold = gold_side[gold_of[p]] if p in gold_of else {}
        scores = _unit_scores(event)
        for role, units in predicted_side[p].items():
            right = {u for _, u in match_all(gold.get(role, ()), units, units_match)}
            arguments += [(scores[role][u], u in right) for u in range(len(units))]
    scored_events = [(e, i in gold_of) for i, e in enumerate(prediction.events)]
    return Outcomes(
        mention=_calibration((m.score, (m.span, m.kind) in mentions) for m in prediction.mentions),
        trigger=_calibration(
            (score, i in right_triggers) for i, score in enumerate(trigger_scores)
        ),
        argument=_calibration(arguments),
        event=_calibration((e.score, right) for e, right in scored_events),
        event_sizes=tuple(len(e.triggers) for e, _ in scored_events if e.score is not None),
    )


def _unit_scores(event: PredictedEvent) -> dict[str, list[float | None]]:
    """Role -> the highest score of each unit, in the order of ``predicted_units``."""
    best: dict[str, dict[Hashable, float | None]] = {}
    for a in event.arguments:
        key: Hashable = a.span if a.entity is None else a.entity
        units = best.setdefault(a.role, {})
        known = units.get(key)
        units[key] = a.score if known is None else max(known, a.score or 0.0)
    return {role: list(units.values()) for role, units in best.items()}


def _calibration(items: Iterable[tuple[float | None, bool]]) -> Calibration:
    known = [(score, right) for score, right in items if score is not None]
    return Calibration(tuple(s for s, _ in known), tuple(r for _, r in known))
