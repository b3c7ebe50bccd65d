"""Layer 2 on cases worked on paper."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from conflictwire.document import Document, Event, Span
from conflictwire.errors import DataError
from conflictwire.eval import PRF, Share, gold_as_report, headline
from conflictwire.eval.counts import total
from conflictwire.eval.events import assign_events
from conflictwire.eval.prediction import PredictedEvent
from test_eval_builders import TEXT, at, event, full_document, make, score

ATTACK = event("attack", ["attacked", "attack#2", "killed"])
SHELLING = event("shelling", ["shelled", "shelling"])
PEOPLE = [
    ("Gunmen", "ARMED_GROUP"),
    ("market", "FACILITY"),
    ("three farmers", "CIVILIAN"),
    ("Velo Watch", "ORG"),
    ("Soldiers", "MILITARY"),
]


def attack(**values: Any) -> Document:
    """One attack with all its triggers."""
    arguments = values.pop("arguments", None)
    return make(mentions=PEOPLE, events=[event("attack", ["attacked", "attack#2", "killed"],
                                               arguments, **values)])  # fmt: skip


# --- mentions and triggers


def test_empty_against_empty_is_undefined() -> None:
    scores = score(make(), make())
    assert set(headline(scores).values()) == {None}


def test_nothing_predicted() -> None:
    scores = score(full_document(), make())
    assert scores.event == {"attack": PRF(0, 0, 1), "shelling": PRF(0, 0, 1)}
    figures = headline(scores)
    assert figures["event_precision"] is None
    assert figures["event_recall"] == figures["event_f1"] == figures["argument_f1"] == 0.0
    assert figures["status_accuracy"] is figures["date"] is None  # no assigned pair
    assert figures["record_recall"] == 0.0
    assert figures["record_precision"] is None


def test_nothing_in_gold() -> None:
    figures = headline(score(make(), full_document()))
    assert figures["event_recall"] is None
    assert figures["event_precision"] == figures["record_precision"] == 0.0
    assert figures["record_recall"] is None


def test_mention_needs_exact_span_and_kind() -> None:
    gold = make(mentions=[("Gunmen", "ARMED_GROUP"), ("Tarn", "PLACE"), ("Soldiers", "MILITARY")])
    predicted = make(
        mentions=[("Gunmen", "ARMED_GROUP"), ("in Tarn", "PLACE"), ("Soldiers", "POLICE")]
    )
    assert score(gold, predicted).mention == {
        "ARMED_GROUP": PRF(1, 1, 1),
        "MILITARY": PRF(0, 0, 1),
        "PLACE": PRF(0, 1, 1),
        "POLICE": PRF(0, 1, 0),
    }


def test_repeated_mention_is_right_once() -> None:
    gold = make(mentions=[("Gunmen", "ARMED_GROUP")])
    report = gold_as_report(gold)
    report["mentions"] *= 2
    assert score(gold, report).mention == {"ARMED_GROUP": PRF(1, 2, 1)}


def test_triggers_match_one_to_one_and_cls_needs_the_type() -> None:
    gold = make(events=[event("air_strike", ["attacked", "killed"]), SHELLING])
    # "attacked a market" meets one gold trigger; "shelled Ostra and the shelling" meets two and
    # can have one; "killed" has the wrong type.
    predicted = make(
        events=[
            event("air_strike", ["attacked a market"]),
            event("shelling", ["shelled Ostra and the shelling"]),
            event("attack", ["killed"]),
        ]
    )
    scores = score(gold, predicted)
    assert scores.trigger_id == PRF(tp=3, predicted=3, gold=4)
    assert scores.trigger_cls == {
        "air_strike": PRF(1, 1, 2),
        "attack": PRF(0, 1, 0),
        "shelling": PRF(1, 1, 2),
    }


# --- the assignment


def test_split_event_costs_precision() -> None:
    # One gold event told as two: one of them is assigned, the other is spurious.
    gold = make(events=[ATTACK])
    split = make(events=[event("attack", ["attacked", "attack#2"]), event("attack", ["killed"])])
    scores = score(gold, split)
    assert scores.event == {"attack": PRF(tp=1, predicted=2, gold=1)}
    assert scores.trigger_cls == {"attack": PRF(3, 3, 3)}  # triggers do not see it
    assert scores.calibration.rights == (True, False)


def test_merged_events_cost_recall() -> None:
    gold = make(events=[event("attack", ["attacked"]), event("attack", ["attack#2", "killed"])])
    scores = score(gold, make(events=[ATTACK]))
    assert scores.event == {"attack": PRF(tp=1, predicted=1, gold=2)}


def test_event_of_another_type_is_not_assigned() -> None:
    scores = score(make(events=[ATTACK]), make(events=[{**ATTACK, "type": "bombing"}]))
    assert scores.event == {"attack": PRF(0, 0, 1), "bombing": PRF(0, 1, 0)}


def test_arguments_alone_assign_nothing() -> None:
    gold = make(mentions=PEOPLE, events=[event("attack", ["attacked"], [("actor", 0)])])
    predicted = make(mentions=PEOPLE, events=[event("attack", ["killed"], [("actor", 0)])])
    scores = score(gold, predicted)
    assert scores.event == {"attack": PRF(0, 1, 1)}
    assert scores.argument == {"actor": PRF(0, 1, 1)}


def test_shared_arguments_break_ties() -> None:
    # Both predicted events overlap one trigger of the one gold event; the second shares an
    # argument, so it is the assigned one: 1.1 against 1.0.
    gold = make(mentions=PEOPLE, events=[event("attack", ["attacked", "killed"], [("killed", 2)])])
    predicted = make(
        mentions=PEOPLE,
        events=[
            event("attack", ["attacked"], status="planned"),
            event("attack", ["killed"], [("killed", 2)]),
        ],
    )
    scores = score(gold, predicted)
    assert scores.calibration.rights == (False, True)
    assert scores.status == {"happened": PRF(1, 1, 1)}
    assert scores.argument == {"killed": PRF(1, 1, 1)}


def test_more_triggers_beat_a_shared_argument() -> None:
    # 2.0 for the first against 1.1 for the second.
    gold = make(mentions=PEOPLE, events=[{**ATTACK, "arguments": [("killed", 2)]}])
    predicted = make(
        mentions=PEOPLE,
        events=[
            event("attack", ["attacked", "attack#2"]),
            event("attack", ["killed"], [("killed", 2)]),
        ],
    )
    assert score(gold, predicted).calibration.rights == (True, False)


def test_similarity_counts_gold_triggers_not_predicted_ones() -> None:
    # "attacked" is one gold trigger, met by two predicted ones (similarity 1); the other
    # predicted event meets two gold triggers (similarity 2) with one long span.
    gold = make(events=[ATTACK])
    report = gold_as_report(make())
    raw = [
        [at(TEXT, "atta"), at(TEXT, "cked")],
        [at(TEXT, "attack killed")],
    ]
    report["events"] = [
        {"type": "attack", "status": "happened", "score": 0.5, "triggers": t, "arguments": []}
        for t in raw
    ]
    assert score(gold, report).calibration.rights == (False, True)


def test_assignment_is_optimal_not_greedy() -> None:
    # Overlaps: gold 0 with A: 2, gold 0 with B: 1, gold 1 with A: 2, gold 1 with B: 0.
    # Greedy in order would take 0-A and leave gold 1 alone; the best is 0-B and 1-A, total 3.
    text = "a1 a2 b1 c1 c2"
    gold = make(text, events=[event("attack", ["a1", "a2", "b1"]), event("attack", ["c1", "c2"])])
    predicted = make(
        text, events=[event("attack", ["a1", "a2", "c1", "c2"]), event("attack", ["b1"])]
    )
    assert score(gold, predicted).event == {"attack": PRF(2, 2, 2)}


def test_assignment_equals_brute_force_on_random_events() -> None:
    rng = random.Random(11)
    for _ in range(60):
        gold = [
            Event(str(i), rng.choice(("attack", "riot")), "happened", _random_spans(rng))
            for i in range(rng.randint(1, 4))
        ]
        predicted = [
            PredictedEvent(rng.choice(("attack", "riot")), "happened", None, _random_spans(rng),
                           (), None, None, None, None)
            for _ in range(rng.randint(1, 4))
        ]  # fmt: skip
        pairs = assign_events(gold, predicted, [{}] * len(gold), [{}] * len(predicted))
        assert all(_n_overlapped(gold[g], predicted[p]) for g, p in pairs)
        assert sum(_n_overlapped(gold[g], predicted[p]) for g, p in pairs) == max(
            sum(_n_overlapped(g, predicted[p]) for g, p in zip(gold, order, strict=False)
                if p < len(predicted))
            for order in itertools.permutations(range(max(len(gold), len(predicted))))
        )  # fmt: skip


def _random_spans(rng: random.Random) -> tuple[Span, ...]:
    starts = [rng.randrange(12) for _ in range(rng.randint(1, 3))]
    return tuple(Span(start, start + rng.randint(1, 3)) for start in starts)


def _n_overlapped(gold: Event, predicted: PredictedEvent) -> int:
    """Independent of the code under test: spans as sets of characters."""
    if gold.type != predicted.type:
        return 0
    covered = {c for t in predicted.triggers for c in range(t.start, t.end)}
    return sum(not covered.isdisjoint(range(t.start, t.end)) for t in gold.triggers)


# --- arguments

NAMES = "Rebels of Velo said the rebel fighters and the Velo men shot at police."
NAMED = [
    ("Rebels of Velo", "ARMED_GROUP"),
    ("rebel fighters", "ARMED_GROUP"),
    ("Velo men", "ARMED_GROUP"),
    ("police", "POLICE"),
]


def shot(arguments: list[tuple[str, int]], entities: list[tuple[str, list[int]]]) -> Document:
    return make(NAMES, NAMED, entities, [event("attack", ["shot"], arguments)])


def test_mentions_of_one_entity_are_one_unit() -> None:
    # Gold: actor = {Velo rebels: 0, 1, 2}, one unit. Any one of its mentions is enough.
    gold = shot([("actor", 0), ("actor", 1), ("actor", 2)], [("Velo rebels", [0, 1, 2])])
    assert score(gold, shot([("actor", 2)], [])).argument == {"actor": PRF(1, 1, 1)}
    # Predicted as two entities: two units, of which one matches.
    two = shot([("actor", 0), ("actor", 1), ("actor", 2)], [("A", [0, 1]), ("B", [2])])
    assert score(gold, two).argument == {"actor": PRF(1, 2, 1)}


def test_unnamed_mentions_are_units_of_their_own() -> None:
    gold = shot([("actor", 1), ("actor", 2)], [])
    merged = shot([("actor", 1), ("actor", 2)], [("Velo rebels", [1, 2])])
    assert score(gold, merged).argument == {"actor": PRF(1, 1, 2)}


def test_one_entity_in_two_roles_is_two_units() -> None:
    gold = shot([("actor", 0), ("source", 0)], [("Velo rebels", [0])])
    scores = score(gold, shot([("actor", 0), ("target", 0)], []))
    assert scores.argument == {
        "actor": PRF(1, 1, 1),
        "source": PRF(0, 0, 1),
        "target": PRF(0, 1, 0),
    }


def test_mention_under_two_entities_belongs_to_the_first() -> None:
    # Mention 1 stands under both; so {0, 1} is one unit of entity A, and B has no unit.
    gold = shot([("actor", 0), ("actor", 1)], [("A", [0, 1]), ("B", [1, 2])])
    assert total(score(gold, gold).argument) == PRF(1, 1, 1)
    # With B first, mention 1 is B's and mention 0 is A's.
    gold = shot([("actor", 0), ("actor", 1)], [("B", [1, 2]), ("A", [0, 1])])
    assert total(score(gold, gold).argument) == PRF(2, 2, 2)


def test_predicted_mention_under_two_entities_belongs_to_the_first() -> None:
    gold = shot([("actor", 0), ("actor", 1)], [("A", [0, 1])])
    report = gold_as_report(gold)
    report["entities"].append({**report["entities"][0], "id": 1, "name": "B"})
    report["events"][0]["arguments"][1]["entity"] = 1
    assert score(gold, report).argument == {"actor": PRF(1, 1, 1)}


def test_predicted_argument_without_mention_has_the_entity_it_names() -> None:
    gold = shot([("actor", 0), ("actor", 1)], [("A", [0, 1])])
    report = gold_as_report(gold)
    for argument in report["events"][0]["arguments"]:
        argument["mention"] = None
    assert score(gold, report).argument == {"actor": PRF(1, 1, 1)}


def test_units_match_by_close_spans_one_to_one() -> None:
    text = "Two young rebels and many police shot at it."
    gold = make(
        text, [("Two young rebels", "ARMED_GROUP"), ("many police", "POLICE")],
        events=[event("attack", ["shot"], [("actor", 0), ("actor", 1)])],
    )  # fmt: skip
    # "rebels": last word shared. "many": 4 of 11 characters, last words apart.
    predicted = make(
        text, [("rebels", "ARMED_GROUP"), ("many", "POLICE"), ("Two young", "CIVILIAN")],
        events=[event("attack", ["shot"], [("actor", 0), ("actor", 1), ("actor", 2)])],
    )  # fmt: skip
    # "Two young" is 9 of 16 characters: close too, but the gold unit is taken once.
    assert score(gold, predicted).argument == {"actor": PRF(1, 3, 2)}


def test_units_of_unassigned_events_stay_in_the_denominators() -> None:
    gold = make(mentions=PEOPLE, events=[
        event("attack", ["attacked"], [("actor", 0), ("target", 1)]),
        event("shelling", ["shelled"], [("actor", 4)]),
    ])  # fmt: skip
    predicted = make(mentions=PEOPLE, events=[
        event("attack", ["attacked"], [("actor", 0)]),
        event("bombing", ["shelled"], [("actor", 4), ("killed", 2)]),
    ])  # fmt: skip
    assert score(gold, predicted).argument == {
        "actor": PRF(tp=1, predicted=2, gold=2),
        "killed": PRF(0, 1, 0),
        "target": PRF(0, 0, 1),
    }


def test_sources_count_assigned_pairs_only() -> None:
    gold = make(mentions=PEOPLE, events=[
        event("attack", ["attacked"], [("source", 3)]),
        event("shelling", ["shelled"], [("source", 3), ("source", 4)]),
    ])  # fmt: skip
    predicted = make(mentions=PEOPLE, events=[
        event("attack", ["attacked"], [("source", 3), ("source", 0)]),
        event("bombing", ["shelled"], [("source", 3)]),
    ])  # fmt: skip
    assert score(gold, predicted).sources == PRF(tp=1, predicted=2, gold=1)


# --- fields of assigned pairs


def test_status() -> None:
    # Pairs: happened/happened, planned/happened; a third gold event is not found.
    gold = make(events=[
        event("attack", ["attacked"]),
        event("shelling", ["shelled"], status="planned"),
        event("riot", ["wounded"], status="denied"),
    ])  # fmt: skip
    predicted = make(events=[event("attack", ["attacked"]), event("shelling", ["shelled"])])
    scores = score(gold, predicted)
    assert scores.status == {"happened": PRF(1, 2, 1), "planned": PRF(0, 0, 1)}
    figures = headline(scores)
    assert figures["status_accuracy"] == 0.5
    # F1 of happened is 2/3, of planned 0; the other two statuses do not occur.
    assert figures["status_macro_f1"] == pytest.approx(1 / 3)


def test_dates() -> None:
    def dates(gold: str | None, predicted: str | None) -> list[Share]:
        scores = score(attack(date=gold), attack(date=predicted))
        return [scores.date, scores.date_start, scores.date_overlap]

    right, wrong, absent = Share(1, 1), Share(0, 1), Share(0, 0)
    assert dates("2018-05", "2018-05-01/2018-05-31") == [right, right, right]
    assert dates("2018-05", "2018-05-01") == [wrong, right, right]
    assert dates("2018-05", "2018-05-31/2018-06") == [wrong, wrong, right]
    assert dates("2015/2018", "2019") == [wrong, wrong, wrong]
    assert dates("2018-05-21", None) == [wrong, wrong, wrong]
    assert dates(None, "2018-05-21") == [absent, absent, absent]


def test_country_and_counts() -> None:
    scores = score(attack(country="SY", killed=3, injured=0), attack(country="IQ", killed=3))
    assert scores.country == Share(0, 1)
    assert scores.killed == Share(1, 1)
    assert scores.injured == Share(0, 1)  # gold says 0, which is not "unstated"


def test_what_gold_leaves_open_is_not_scored() -> None:
    # "dozens" is null in gold: any low is accepted.
    scores = score(attack(), attack(country="IQ", killed=24, injured=1))
    assert scores.country == scores.killed == scores.injured == Share(0, 0)


def test_killed_compares_the_lower_bound() -> None:
    gold = attack(killed=3)
    report = gold_as_report(gold)
    report["events"][0]["killed"] = {"low": 3, "high": None, "by_group": []}
    assert score(gold, report).killed == Share(1, 1)
    report["events"][0]["killed"] = {"low": None, "high": 3, "by_group": []}
    assert score(gold, report).killed == Share(0, 1)


# --- records

RECORD: dict[str, Any] = {
    "arguments": [("actor", 0), ("killed", 2)],
    "date": "2018-05-21",
    "country": "SY",
    "killed": 3,
}


def record(gold: dict[str, Any], predicted: dict[str, Any]) -> tuple[Share, Share]:
    scores = score(attack(**gold), attack(**predicted))
    return scores.record_recall, scores.record_precision


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"date": "2018-05-21/2018-05-25"}, True),  # only the first day counts
        ({"date": "2018-05-20/2018-05-21"}, False),
        ({"date": None}, False),
        ({"country": "IQ"}, False),
        ({"killed": None}, False),
        ({"arguments": [("killed", 2)]}, True),  # one right filler is enough
        ({"arguments": [("actor", 4), ("killed", 2)]}, True),  # beside a wrong one too
        ({"arguments": [("actor", 4)]}, False),
        ({"arguments": [("actor", 2)]}, False),  # right span in a wrong role
        ({"injured": 7}, True),  # not part of a record
    ],
)
def test_record(change: dict[str, Any], right: bool) -> None:
    expected = Share(int(right), 1)
    assert record(RECORD, {**RECORD, **change}) == (expected, expected)


def test_record_asks_nothing_that_gold_leaves_open() -> None:
    assert record({}, RECORD) == (Share(1, 1), Share(1, 1))


def test_fillers_in_other_roles_do_not_make_a_record() -> None:
    gold = {"arguments": [("actor", 0), ("source", 3)]}
    assert record(gold, {"arguments": [("source", 3)]}) == (Share(0, 1), Share(0, 1))
    # Without actor, target and killed in gold, none is asked for.
    assert record({"arguments": [("source", 3)]}, {}) == (Share(1, 1), Share(1, 1))


def test_records_are_events_that_happened() -> None:
    # A gold event that happened counts in recall, a predicted one in precision.
    assert record({}, {"status": "planned"}) == (Share(0, 1), Share(0, 0))
    assert record({"status": "denied"}, {}) == (Share(0, 0), Share(0, 1))
    assert record({"status": "denied"}, {"status": "denied"}) == (Share(0, 0), Share(0, 0))


# --- errors


def test_gold_date_in_no_calendar_names_the_document() -> None:
    gold = attack(date="2018-02-20")
    # from_dict refuses such a date; a Document built by hand gets past it.
    gold = replace(gold, events=(replace(gold.events[0], date="2018-02-30"),))
    with pytest.raises(DataError, match="gold document 'd1', event 'd1-0'"):
        score(gold, make())
