"""Which scored items are right."""

from __future__ import annotations

from typing import Any

from conflictwire.eval import Outcomes, gold_as_report, outcomes, read_prediction
from test_eval_builders import event, full_document, make


def scored(report: dict[str, Any], score: float) -> dict[str, Any]:
    """The report with ``score`` on every item; 0.01 less on each further one of its list."""
    lists = [report["mentions"], report["events"]]
    lists += [e[key] for e in report["events"] for key in ("triggers", "arguments")]
    for items in lists:
        for i, item in enumerate(items):
            item["score"] = score - i / 100
    return report


def found(gold: Any, predicted: Any, score: float = 0.9) -> Outcomes:
    report = scored(gold_as_report(predicted), score)
    return outcomes(gold, read_prediction(report, gold.id))


def test_gold_itself_is_right_throughout() -> None:
    gold = full_document()
    all_of_it = found(gold, gold)
    for sort, n in (("mention", 9), ("trigger", 5), ("argument", 9), ("event", 2)):
        assert getattr(all_of_it, sort).rights == (True,) * n, sort
    assert all_of_it.mention.scores[:2] == (0.9, 0.89)
    assert all_of_it.event_sizes == (3, 2)


def test_each_sort_has_its_own_rule() -> None:
    kinds = [("Gunmen", "ARMED_GROUP"), ("market", "FACILITY"), ("Tarn", "PLACE")]
    gold = make(
        mentions=kinds,
        events=[
            event("attack", ["attacked"], [("actor", 0), ("location", 2)]),
            event("shelling", ["shelled"]),
        ],
    )
    predicted = make(
        mentions=[("Gunmen", "CIVILIAN"), ("a market", "FACILITY"), ("Tarn", "PLACE")],
        events=[
            # The market is no actor; with one entity in two mentions, the higher score counts.
            event("attack", ["attacked"], [("actor", 1), ("location", 2)]),
            event("bombing", ["shelled"], [("location", 2)]),
        ],
    )
    result = found(gold, predicted)
    assert result.mention.rights == (False, False, True)
    assert result.trigger.rights == (True, False)
    assert result.event.rights == (True, False)
    # Nothing is right in an event that is none.
    assert result.argument.rights == (False, True, False)
    assert result.argument.scores == (0.9, 0.89, 0.9)


def test_one_unit_has_the_highest_score_of_its_mentions() -> None:
    words = [("Gunmen", "ARMED_GROUP"), ("Soldiers", "MILITARY")]
    gold = make(
        mentions=words,
        entities=[("X", [0, 1])],
        events=[event("attack", ["attacked"], [("actor", 0), ("actor", 1)])],
    )
    result = found(gold, gold)
    assert (result.argument.scores, result.argument.rights) == ((0.9,), (True,))


def test_items_without_a_score_are_left_out_and_documents_add_up() -> None:
    gold = full_document()
    report = gold_as_report(gold)
    for e in report["events"]:
        e["score"] = None
        for item in (*e["triggers"], *e["arguments"]):
            item.pop("score", None)
    for m in report["mentions"]:
        m.pop("score", None)
    assert outcomes(gold, read_prediction(report, gold.id)) == Outcomes()
    both = found(gold, gold) + found(gold, gold)
    assert len(both.event.scores) == len(both.event_sizes) == 4
