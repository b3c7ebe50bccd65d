"""Whole evaluations: perfect predictions, merging, intervals, tables and errors."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conflictwire.document import Document
from conflictwire.errors import DataError
from conflictwire.eval import (
    Scores,
    evaluate,
    gold_as_report,
    headline,
    intervals,
    read_prediction,
    run,
    tables,
    to_dict,
)
from rich.console import Console
from test_eval_builders import event, full_document, make, score

HEADLINE = {
    "mention_f1", "trigger_id_f1", "trigger_cls_f1", "event_f1", "event_precision", "event_recall",
    "argument_f1", "status_accuracy", "status_macro_f1", "date", "date_start", "date_overlap",
    "country", "killed", "record_recall", "record_precision", "sources_f1", "entity_bcubed_f1",
    "canonical_name", "ece", "token_mention_micro_f1", "token_mention_macro_f1",
    "token_trigger_micro_f1", "token_trigger_macro_f1",
}  # fmt: skip


def partly_right() -> tuple[list[Document], list[dict[str, Any]]]:
    """Four documents of two corpora: right, right but for a status, empty, all wrong."""
    gold = [full_document(f"g{i}", corpus) for i, corpus in enumerate(("x", "x", "y", None))]
    reports = [gold_as_report(d) for d in gold]
    reports[1]["events"][0]["status"] = "planned"
    reports[1]["events"][0]["score"] = 0.5
    reports[2] = gold_as_report(make(id="g2"))
    for e in reports[3]["events"]:
        e.update(type="riot", score=0.25)
    return gold, reports


def test_gold_against_itself_is_perfect() -> None:
    gold = [full_document("a"), full_document("b", "other")]
    figures = evaluate(gold, map(gold_as_report, gold), n_resamples=10).headline()
    assert figures.keys() >= HEADLINE
    assert figures.pop("ece") == 0.0
    assert set(figures.values()) == {1.0}


def test_gold_as_report_survives_json() -> None:
    report = gold_as_report(full_document())
    assert json.loads(json.dumps(report)) == report
    for mention in report["mentions"]:
        assert report["text"][mention["start"] : mention["end"]] == mention["text"]


def test_merged_counts_equal_the_score_of_the_union() -> None:
    gold, reports = partly_right()
    halves = [evaluate(gold[i : i + 2], reports[i : i + 2], n_resamples=0) for i in (0, 2)]
    whole = evaluate(gold, reports, n_resamples=0)
    assert halves[0].overall + halves[1].overall == whole.overall
    assert sum((score(g, r) for g, r in zip(gold, reports, strict=True)), Scores()) == whole.overall
    assert whole.n_documents == 4


def test_corpora_add_up() -> None:
    gold, reports = partly_right()
    evaluation = evaluate(gold, reports, n_resamples=0)
    assert {k: v.n_documents for k, v in evaluation.by_corpus.items()} == {
        "(none)": 1,
        "x": 2,
        "y": 1,
    }
    figures = headline(evaluation.by_corpus["x"])
    assert (figures["event_f1"], figures["status_accuracy"]) == (1.0, 0.75)
    assert headline(evaluation.by_corpus["y"])["event_f1"] == 0.0


def test_figures_by_hand() -> None:
    gold, reports = partly_right()
    figures = evaluate(gold, reports, n_resamples=0).headline()
    # Events: 2 + 2 + 0 + 0 right of 6 predicted and 8 in gold.
    assert figures["event_precision"] == pytest.approx(4 / 6)
    assert figures["event_recall"] == pytest.approx(4 / 8)
    assert figures["event_f1"] == pytest.approx(8 / 14)
    # Records: gold has 4 attacks that happened; that of g0 is right. Predicted to have happened:
    # the attack of g0 and the "riot" of g3.
    assert figures["record_recall"] == pytest.approx(1 / 4)
    assert figures["record_precision"] == pytest.approx(1 / 2)
    # Sorted: .25 wrong, .25 wrong | .5 right | 1 | 1 | 1 right: (|.25| * 2 + .5) / 6.
    assert figures["ece"] == pytest.approx(1 / 6)


def test_intervals_hold_the_figure_and_repeat_with_the_seed() -> None:
    gold, reports = partly_right()
    first, again, other = (
        evaluate(gold, reports, n_resamples=200, seed=seed).intervals for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    low_high = first["event_f1"]
    assert low_high is not None
    # Resamples reach from all wrong to all right.
    assert low_high[0] < 8 / 14 < low_high[1]
    assert 0 <= low_high[0] <= low_high[1] <= 1


def test_intervals_equal_scoring_the_resampled_documents() -> None:
    # Percentiles 0 and 100 over resamples of two documents: those of the three possible sums.
    gold, reports = partly_right()
    pair = [score(gold[i], reports[i]) for i in (1, 3)]
    sums = [headline(pair[0] + pair[0]), headline(pair[0] + pair[1]), headline(pair[1] + pair[1])]
    found = intervals(pair, n_resamples=100, seed=0, level=1.0)
    for name, low_high in found.items():
        values = [figures[name] for figures in sums]
        defined = [value for value in values if value is not None]
        expected = (min(defined), max(defined)) if defined else None
        assert low_high == (expected if expected is None else pytest.approx(expected)), name


def test_no_documents() -> None:
    evaluation = evaluate([], [], n_resamples=5)
    assert set(evaluation.headline().values()) == {None}
    assert set(evaluation.intervals.values()) == {None}
    assert tables(evaluation)
    assert to_dict(evaluation)["n_documents"] == 0


def test_undefined_figures_have_no_interval() -> None:
    gold = [make(id="a", events=[event("attack", ["attacked"])])]
    evaluation = evaluate(gold, map(gold_as_report, gold), n_resamples=5)
    assert evaluation.intervals["date"] is None
    assert evaluation.intervals["event_f1"] == (1.0, 1.0)


def test_to_dict_is_json() -> None:
    gold, reports = partly_right()
    result = to_dict(evaluate(gold, reports, n_resamples=20, seed=4, gold_name="g.jsonl"))
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert {k: result[k] for k in ("gold", "model_version", "n_documents", "seed")} == {
        "gold": "g.jsonl", "model_version": "gold", "n_documents": 4, "seed": 4,
    }  # fmt: skip
    assert result["by_type"]["riot"]["event"] == {
        "precision": 0.0, "recall": None, "f1": 0.0, "tp": 0, "predicted": 2, "gold": 0,
    }  # fmt: skip
    assert result["by_role"]["actor"]["argument"]["gold"] == 8
    assert result["by_kind"]["PLACE"]["mention"]["tp"] == 6
    assert result["by_status"]["happened"]["status"]["recall"] == 0.5
    assert result["by_corpus"]["y"]["event_precision"] is None
    assert result["counts"]["killed"] == {"right": 4, "total": 4}


def test_tables_show_every_group() -> None:
    gold, reports = partly_right()
    console = Console(width=120, record=True, file=io.StringIO())
    for table in tables(evaluate(gold, reports, n_resamples=20, gold_name="g.jsonl")):
        console.print(table)
    text = console.export_text()
    for words in (
        "g.jsonl, 4 documents",
        "20 resamples",
        "57.1",  # event F1: 8 / 14
        "record_recall",
        "shelling",
        "location",
        "FACILITY",
        "possible",
        "(none)",
    ):
        assert words in text
    assert "nan" not in text.lower()


def test_run_reads_gold_and_passes_what_a_coder_needs(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    gold = [full_document("a"), full_document("b")]
    path.write_text("".join(json.dumps(d.to_dict()) + "\n" for d in gold), encoding="utf-8")
    seen: list[dict[str, Any]] = []

    def predict(inputs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        seen.extend(inputs)
        yield from map(gold_as_report, gold)

    evaluation = run(path, predict, n_resamples=0)
    assert evaluation.gold_name == "gold.jsonl"
    assert evaluation.headline()["event_f1"] == 1.0
    assert seen[0] == {"text": gold[0].text, "date": None, "doc_id": "a", "title": None}


def test_failed_documents_are_named_and_scored() -> None:
    gold, reports = partly_right()
    reports[2]["error"] = "out of memory"
    evaluation = evaluate(gold, reports, n_resamples=0)
    assert evaluation.failed == ("g2",)
    assert evaluation.n_documents == 4


# --- errors


def assert_refused(
    gold: Iterable[Document], reports: Iterable[dict[str, Any]], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        evaluate(gold, reports, n_resamples=0)


def test_other_text_is_refused() -> None:
    report = gold_as_report(make("Gunmen attacked Tarn."))
    assert_refused([make("Gunmen attacked Velo.", id="x7")], [report], r"'x7'.*character 16")
    report = gold_as_report(make("Gunmen"))
    assert_refused([make("Gunmen attacked", id="x7")], [report], r"'x7'.*character 6")


def test_sides_of_two_lengths_are_refused() -> None:
    gold, reports = partly_right()
    assert_refused(gold, reports[:2], "no prediction for gold document 'g2'")
    assert_refused(gold[:2], reports, "more predictions than the 2 gold documents")


def _without(key: str) -> Any:
    return lambda report: report.pop(key)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without("events"), "field events: missing"),
        (lambda r: r["mentions"][0].update(end=9999), r"mentions\[0\]: span"),
        (lambda r: r["mentions"][0].update(start=1), r"mentions\[0\]: text.* count code points"),
        (lambda r: r["mentions"][0].update(entity=4), r"mentions\[0\].entity: no item 4"),
        (lambda r: r["entities"][0].update(mentions=[99]), r"entities\[0\].mentions: no item 99"),
        (lambda r: r["events"][0].update(score=1.5), r"events\[0\].score: expected a number"),
        (lambda r: r["events"][0].update(score=float("nan")), r"events\[0\].score"),
        (lambda r: r["events"][0].update(type=None), r"events\[0\].type: expected str"),
        (lambda r: r["events"][0].update(killed={"low": True}), r"killed.low: expected int"),
        (lambda r: r["events"][0]["date"].update(start="2018"), r"date.start: expected YYYY-MM-DD"),
        (lambda r: r["events"][0]["arguments"][0].update(mention=-1), r"arguments\[0\].mention"),
        (lambda r: r.update(mentions=["x"], entities=[]), r"mentions\[0\]: expected an object"),
    ],
)
def test_ill_formed_predictions_are_refused(spoil: Any, message: str) -> None:
    report = gold_as_report(full_document())
    spoil(report)
    with pytest.raises(DataError, match=message) as caught:
        read_prediction(report, "doc-5")
    assert "doc-5" in str(caught.value)


def test_optional_values_may_be_absent() -> None:
    gold = full_document()
    report = {
        "text": gold.text,
        "mentions": [],
        "entities": [],
        "events": [
            {
                "type": "attack",
                "status": "happened",
                "triggers": [{"start": 7, "end": 15}],
                "arguments": [{"role": "actor", "start": 0, "end": 6}],
            }
        ],
    }
    scores = score(gold, report)
    assert headline(scores)["event_precision"] == 1.0
    assert headline(scores)["ece"] is None  # an event without score is not in it


def test_import_is_free_of_torch() -> None:
    code = "import sys, conflictwire.eval; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
