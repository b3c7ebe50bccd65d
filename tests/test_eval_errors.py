"""Causes of errors, on cases worked on paper and against the scorer's counts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from conflictwire.document import Document
from conflictwire.errors import DataError
from conflictwire.eval import ErrorReport, analyse, gold_as_report
from conflictwire.eval.counts import total
from conflictwire.eval.errors import CAUSES
from test_eval_builders import event, full_document, make, score

PEOPLE = [
    ("Gunmen", "ARMED_GROUP"),
    ("market", "FACILITY"),
    ("Tarn", "PLACE"),
    ("three farmers", "CIVILIAN"),
    ("Soldiers", "MILITARY"),
    ("Ostra", "PLACE"),
]
GUNMEN, MARKET, TARN, FARMERS, SOLDIERS, OSTRA = range(6)


def told(gold: Document, predicted: Document) -> ErrorReport:
    return analyse([gold], [gold_as_report(predicted)])


def causes(report: ErrorReport, layer: str) -> dict[str, dict[str, int]]:
    return {cause: dict(labels) for cause, labels in report.counts.get(layer, {}).items()}


def test_nothing_wrong() -> None:
    report = told(full_document(), full_document())
    assert report.counts == {}
    assert dict(report.right) == {
        "mention": 9, "trigger": 5, "event": 2, "status": 2, "argument": 9,
    }  # fmt: skip
    assert report.worst == [("full", 1.0, 2)]


def test_mentions() -> None:
    gold = make(mentions=[("Gunmen", "ARMED_GROUP"), ("Tarn", "PLACE"), ("Soldiers", "MILITARY"),
                          ("Monday", "TIME")])  # fmt: skip
    predicted = make(
        mentions=[("Gunmen", "CIVILIAN"), ("in Tarn", "PLACE"), ("Soldiers", "MILITARY"),
                  ("two nurses", "CIVILIAN")]
    )  # fmt: skip
    report = told(gold, predicted)
    assert causes(report, "mention missed") == {
        "other kind": {"ARMED_GROUP": 1}, "other boundary": {"PLACE": 1}, "not found": {"TIME": 1},
    }  # fmt: skip
    assert causes(report, "mention false") == {
        "other kind": {"CIVILIAN": 1}, "other boundary": {"PLACE": 1},
        "no mention": {"CIVILIAN": 1},
    }  # fmt: skip


def test_triggers_and_events() -> None:
    gold = make(
        events=[
            event("attack", ["attacked", "attack#2"]),
            event("shelling", ["shelled"]),
            event("bombing", ["wounded"]),
            event("attack", ["killed"]),
        ]
    )
    predicted = make(
        events=[
            event("attack", ["attacked", "killed"], status="possible"),
            event("air_strike", ["shelled"]),
            event("protest", ["said"]),
        ]
    )
    report = told(gold, predicted)
    assert causes(report, "trigger missed") == {
        "other type": {"shelling": 1},
        "retelling not found": {"attack": 1},
        "first of its event not found": {"bombing": 1},
    }
    assert causes(report, "trigger false") == {
        "other type": {"air_strike": 1}, "no trigger": {"protest": 1},
    }  # fmt: skip
    assert causes(report, "event missed") == {
        "merged into another": {"attack": 1},
        "other type": {"shelling": 1},
        "not found": {"bombing": 1},
    }
    assert causes(report, "event false") == {
        "other type": {"air_strike": 1}, "no event": {"protest": 1},
    }  # fmt: skip
    assert causes(report, "status") == {"happened as possible": {"attack": 1}}
    split = make(events=[event("attack", ["attacked"]), event("attack", ["attack#2"])])
    assert causes(told(gold, split), "event false") == {"part of another": {"attack": 1}}


@pytest.mark.parametrize(
    ("predicted_mentions", "arguments", "missed", "false"),
    [
        (PEOPLE[1:], [], {"actor": "no mention found"}, {}),
        (
            [("Gunmen attacked", "ARMED_GROUP"), *PEOPLE[1:]],
            [("actor", GUNMEN)],
            {"actor": "other boundary"},
            {"actor": "other boundary"},
        ),
        (PEOPLE, [("target", GUNMEN)], {"actor": "other role"}, {"target": "other role"}),
        (PEOPLE, [], {"actor": "not linked"}, {}),
        (PEOPLE, [("actor", GUNMEN), ("location", OSTRA)], {}, {"location": "other event's"}),
        (PEOPLE, [("actor", GUNMEN), ("target", MARKET)], {}, {"target": "not gold"}),
        (
            [*PEOPLE, ("Monday", "TIME")],
            [("actor", GUNMEN), ("time", 6)],
            {},
            {"time": "no mention"},
        ),
    ],
)
def test_arguments(
    predicted_mentions: list[tuple[str, str]],
    arguments: list[tuple[str, int]],
    missed: dict[str, str],
    false: dict[str, str],
) -> None:
    other = event("shelling", ["shelled"], [("location", OSTRA)])
    gold = make(mentions=PEOPLE, events=[event("attack", ["attacked"], [("actor", GUNMEN)]), other])
    shift = len(PEOPLE) - len(predicted_mentions) if len(predicted_mentions) < len(PEOPLE) else 0
    other = event("shelling", ["shelled"], [("location", OSTRA - shift)])
    predicted = make(
        mentions=predicted_mentions, events=[event("attack", ["attacked"], arguments), other]
    )
    report = told(gold, predicted)
    assert causes(report, "argument missed") == {c: {r: 1} for r, c in missed.items()}
    assert causes(report, "argument false") == {c: {r: 1} for r, c in false.items()}


def test_a_right_link_elsewhere_is_no_cause() -> None:
    first = event("attack", ["attacked"], [("actor", GUNMEN), ("location", TARN)])
    other = event("shelling", ["shelled"], [("location", TARN)])
    gold = make(mentions=PEOPLE, events=[first, other])
    without = event("attack", ["attacked"], [("actor", GUNMEN)])
    report = told(gold, make(mentions=PEOPLE, events=[without, other]))
    assert causes(report, "argument missed") == {"not linked": {"location": 1}}
    taken = event("shelling", ["shelled"], [("location", TARN), ("actor", GUNMEN)])
    report = told(gold, make(mentions=PEOPLE, events=[event("attack", ["attacked"]), taken]))
    assert causes(report, "argument missed") == {
        "given to another event": {"actor": 1}, "not linked": {"location": 1},
    }  # fmt: skip
    assert causes(report, "argument false") == {"other event's": {"actor": 1}}


def test_one_span_for_several_triggers_and_several_for_one() -> None:
    two = make(events=[event("attack", ["attacked"]), event("attack", ["market"])])
    wide = make(events=[event("attack", ["attacked a market"])])
    assert causes(told(two, wide), "trigger missed") == {"one found for several": {"attack": 1}}
    assert causes(told(wide, two), "trigger false") == {"several found for one": {"attack": 1}}


def test_an_event_without_triggers_is_false() -> None:
    gold = make(events=[event("attack", ["attacked"])])
    report = gold_as_report(gold)
    report["events"].append(report["events"][0] | {"triggers": []})
    assert causes(analyse([gold], [report]), "event false") == {"no event": {"attack": 1}}


def test_texts_must_be_the_same() -> None:
    gold = make()
    with pytest.raises(DataError, match="another text"):
        analyse([gold], [gold_as_report(make(text="Rain."))])


def test_arguments_of_events_that_are_not_paired() -> None:
    gold = make(
        mentions=PEOPLE,
        events=[event("attack", ["attacked"], [("actor", GUNMEN)]), event("shelling", ["shelled"])],
    )
    predicted = make(
        mentions=PEOPLE,
        events=[
            event("bombing", ["attacked"], [("actor", GUNMEN)]),
            event("shelling", ["shelled"], [("actor", GUNMEN)]),
        ],
    )
    report = told(gold, predicted)
    assert causes(report, "argument missed") == {"event missed": {"actor": 1}}
    assert causes(report, "argument false") == {
        "event false": {"actor": 1}, "other event's": {"actor": 1},
    }  # fmt: skip


def test_numbers_agree_with_the_scorer() -> None:
    gold = full_document()
    for predicted in (full_document(), make(mentions=PEOPLE, events=[
        event("attack", ["attacked", "shelled"], [("actor", GUNMEN), ("killed", FARMERS)]),
        event("shelling", ["shelling"], [("actor", SOLDIERS), ("location", TARN)]),
    ])):  # fmt: skip
        report, scores = told(gold, predicted), score(gold, predicted)
        for layer, counts in (
            ("mention", total(scores.mention)),
            ("trigger", total(scores.trigger_cls)),
            ("event", total(scores.event)),
            ("argument", total(scores.argument)),
        ):
            n = {
                side: sum(sum(c.values()) for c in causes(report, f"{layer} {side}").values())
                for side in ("missed", "false")
            }
            assert report.right[layer] == counts.tp
            assert n["missed"] == counts.gold - counts.tp
            assert n["false"] == counts.predicted - counts.tp


def test_the_table() -> None:
    gold = [full_document(), make(id="quiet")]
    shown = analyse(gold, [gold_as_report(make(mentions=PEOPLE)), gold_as_report(gold[1])])
    text = shown.markdown()
    for layer in CAUSES:
        assert f"## {layer.capitalize()}: " in text
    assert "| not found | 3 | 100% |" in text
    assert "…shelled" not in text.split("## Worst")[1]
    assert [name for name, *_ in shown.worst] == ["full", "quiet"]
    assert table_rows_are_whole(text.split("\n"))


def table_rows_are_whole(lines: Sequence[str]) -> bool:
    return all(line.count("|") in (4, 6) for line in lines if line.startswith("|"))
