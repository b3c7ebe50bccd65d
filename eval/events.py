"""Layer 2: gold events against predicted events, one document at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..document import Document, Event, Span
from ..errors import DataError
from .arguments import UnitsByRole, gold_units, matched_by_role, predicted_units
from .counts import PRF, Calibration, Share, tally
from .dates import DayRange, day_range, ranges_meet, starts_agree
from .matching import assign, match_all, meet
from .prediction import PredictedEvent, Prediction

HAPPENED = "happened"
SOURCE = "source"
RECORD_ROLES = ("actor", "target", "killed")


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Layer 2 of one document, entities apart. Mappings are per event type, role or status."""

    trigger_id: PRF
    trigger_cls: dict[str, PRF]
    event: dict[str, PRF]
    argument: dict[str, PRF]
    status: dict[str, PRF]
    date: Share
    date_start: Share
    date_overlap: Share
    country: Share
    killed: Share
    injured: Share
    record_recall: Share
    record_precision: Share
    sources: PRF
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class _Pair:
    """An assigned pair; ``matched`` is role -> number of matched units."""

    gold: Event
    gold_date: DayRange | None
    gold_units: UnitsByRole
    predicted: PredictedEvent
    predicted_units: UnitsByRole
    matched: dict[str, int]


def score_mentions(document: Document, prediction: Prediction) -> dict[str, PRF]:
    """Kind -> counts; right is exact span and kind, and a repeated prediction is right once."""
    gold = Counter((m.span, m.kind) for m in document.mentions)
    predicted = Counter((m.span, m.kind) for m in prediction.mentions)
    return tally(
        matched=(kind for _, kind in (gold & predicted).elements()),
        predicted=(kind for _, kind in predicted.elements()),
        gold=(kind for _, kind in gold.elements()),
    )


def score_events(document: Document, prediction: Prediction) -> EventCounts:
    """All of layer 2 that turns on events.

    Raises DataError, naming the document, for a gold date that is in no calendar.
    """
    entity_of = document.entity_of()
    gold_side = [gold_units(document, event, entity_of) for event in document.events]
    predicted_side = [predicted_units(document.text, event) for event in prediction.events]
    gold_dates = [_gold_date(document, event) for event in document.events]
    indices = assign_events(document.events, prediction.events, gold_side, predicted_side)
    pairs = [
        _Pair(
            document.events[g],
            gold_dates[g],
            gold_side[g],
            prediction.events[p],
            predicted_side[p],
            matched_by_role(gold_side[g], predicted_side[p]),
        )
        for g, p in indices
    ]
    return _count(document, prediction, pairs, gold_side, predicted_side, {p for _, p in indices})


def assign_events(
    gold: Sequence[Event],
    predicted: Sequence[PredictedEvent],
    gold_side: Sequence[UnitsByRole],
    predicted_side: Sequence[UnitsByRole],
) -> list[tuple[int, int]]:
    """Optimal one-to-one pairs (gold index, predicted index) of events of one type.

    The similarity is in tenths: 10 for each gold trigger that is overlapped, and 1 for each
    shared argument unit if any trigger is. A pair without a common trigger is never made.
    """
    pairs = []
    for event_type in sorted({e.type for e in gold} & {e.type for e in predicted}):
        rows = [i for i, e in enumerate(gold) if e.type == event_type]
        columns = [i for i, e in enumerate(predicted) if e.type == event_type]
        similarity = [
            [_similarity(gold[g], predicted[p], gold_side[g], predicted_side[p]) for p in columns]
            for g in rows
        ]
        pairs += [(rows[row], columns[column]) for row, column in assign(similarity)]
    return sorted(pairs)


def _similarity(
    gold: Event,
    predicted: PredictedEvent,
    gold_units: UnitsByRole,
    predicted_units: UnitsByRole,
) -> int:
    n_triggers = sum(any(meet(t, other) for other in predicted.triggers) for t in gold.triggers)
    if not n_triggers:
        return 0
    return 10 * n_triggers + sum(matched_by_role(gold_units, predicted_units).values())


def _count(
    document: Document,
    prediction: Prediction,
    pairs: Sequence[_Pair],
    gold_side: Sequence[UnitsByRole],
    predicted_side: Sequence[UnitsByRole],
    assigned: set[int],
) -> EventCounts:
    dated = [(p.gold_date, p.predicted.date) for p in pairs if p.gold_date is not None]
    scored = [(e.score, i in assigned) for i, e in enumerate(prediction.events)]
    n_right_records = sum(_right_record(pair) for pair in pairs)
    return EventCounts(
        trigger_id=_trigger_id(document, prediction),
        trigger_cls=_trigger_cls(document, prediction),
        event=tally(
            matched=(pair.gold.type for pair in pairs),
            predicted=(e.type for e in prediction.events),
            gold=(e.type for e in document.events),
        ),
        argument=_arguments(pairs, gold_side, predicted_side),
        status=tally(
            matched=(p.gold.status for p in pairs if p.gold.status == p.predicted.status),
            predicted=(pair.predicted.status for pair in pairs),
            gold=(pair.gold.status for pair in pairs),
        ),
        date=_share([gold == predicted for gold, predicted in dated]),
        date_start=_share([starts_agree(gold, predicted) for gold, predicted in dated]),
        date_overlap=_share([ranges_meet(gold, predicted) for gold, predicted in dated]),
        country=_share(
            [p.gold.country == p.predicted.country for p in pairs if p.gold.country is not None]
        ),
        killed=_share(
            [p.gold.killed == p.predicted.killed for p in pairs if p.gold.killed is not None]
        ),
        injured=_share(
            [p.gold.injured == p.predicted.injured for p in pairs if p.gold.injured is not None]
        ),
        record_recall=Share(n_right_records, sum(e.status == HAPPENED for e in document.events)),
        record_precision=Share(
            n_right_records, sum(e.status == HAPPENED for e in prediction.events)
        ),
        sources=_sources(pairs),
        calibration=Calibration(
            tuple(score for score, _ in scored if score is not None),
            tuple(right for score, right in scored if score is not None),
        ),
    )


def _share(outcomes: Sequence[bool]) -> Share:
    return Share(sum(outcomes), len(outcomes))


def _gold_date(document: Document, event: Event) -> DayRange | None:
    if event.date is None:
        return None
    try:
        return day_range(event.date)
    except ValueError as error:
        raise DataError(f"{error} (gold document {document.id!r}, event {event.id!r})") from None


def typed_triggers(source: Document | Prediction) -> list[tuple[Span, str]]:
    """All triggers with the types of their events, event by event."""
    return [(t, e.type) for e in source.events for t in e.triggers]


def match_triggers(
    gold: Sequence[tuple[Span, str]], predicted: Sequence[tuple[Span, str]]
) -> list[tuple[int, int]]:
    """As many one-to-one pairs of triggers (indices) as have one type and meet."""
    return match_all(gold, predicted, lambda a, b: a[1] == b[1] and meet(a[0], b[0]))


def _trigger_id(document: Document, prediction: Prediction) -> PRF:
    gold, predicted = typed_triggers(document), typed_triggers(prediction)
    pairs = match_all(gold, predicted, lambda a, b: meet(a[0], b[0]))
    return PRF(len(pairs), len(predicted), len(gold))


def _trigger_cls(document: Document, prediction: Prediction) -> dict[str, PRF]:
    gold, predicted = typed_triggers(document), typed_triggers(prediction)
    pairs = match_triggers(gold, predicted)
    return tally(
        matched=(gold[g][1] for g, _ in pairs),
        predicted=(event_type for _, event_type in predicted),
        gold=(event_type for _, event_type in gold),
    )


def _roles(sides: Sequence[UnitsByRole]) -> list[str]:
    return [role for side in sides for role, units in side.items() for _ in units]


def _arguments(
    pairs: Sequence[_Pair],
    gold_side: Sequence[UnitsByRole],
    predicted_side: Sequence[UnitsByRole],
) -> dict[str, PRF]:
    """Right units stand in assigned pairs; the denominators have the units of all events."""
    return tally(
        matched=(role for pair in pairs for role, n in pair.matched.items() for _ in range(n)),
        predicted=_roles(predicted_side),
        gold=_roles(gold_side),
    )


def _sources(pairs: Sequence[_Pair]) -> PRF:
    return PRF(
        sum(pair.matched.get(SOURCE, 0) for pair in pairs),
        sum(len(pair.predicted_units.get(SOURCE, ())) for pair in pairs),
        sum(len(pair.gold_units.get(SOURCE, ())) for pair in pairs),
    )


def _right_record(pair: _Pair) -> bool:
    """True if a coder could take the record unread.

    What gold leaves open is not asked of the prediction, and not held against it.
    """
    gold, predicted = pair.gold, pair.predicted
    has_fillers = any(pair.gold_units.get(role) for role in RECORD_ROLES)
    return (
        gold.status == predicted.status == HAPPENED
        and gold.country in (None, predicted.country)
        and (pair.gold_date is None or starts_agree(pair.gold_date, predicted.date))
        and gold.killed in (None, predicted.killed)
        and (not has_fillers or any(pair.matched.get(role) for role in RECORD_ROLES))
    )
