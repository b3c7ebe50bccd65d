"""The benchmark of death tolls of articles, with a coder that is told what to say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conflictwire.errors import DataError
from conflictwire.eval.bench import Options, find
from conflictwire.eval.bench.fakes import BASELINE, BOTH_ORDERS, first_number, main_toll
from conflictwire.report import Codes, Event, Report, Toll


def event(killed: int | None, status: str = "happened") -> Event:
    return Event.model_construct(
        status=status,
        killed=None if killed is None else Toll(low=killed, high=killed, by_group=()),
        codes=Codes.model_construct(),
    )


def report(*events: Event) -> Report:
    return Report.model_construct(events=events, error=None, doc_id="x")


def test_the_main_event_is_the_first_with_dead_that_happened() -> None:
    told = report(event(None), event(0), event(90, "planned"), event(7), event(40))
    assert main_toll(told) == 7
    assert main_toll(report()) == 0


@pytest.mark.parametrize(
    ("text", "plain", "both_orders"),
    [
        ("12 porters killed in a raid", 12, 12),
        ("Twenty-two people were killed", 22, 22),
        ("Raid kills at least nine porters", 0, 9),
        ("It claimed the lives of 1,200 people", 0, 1200),
        ("Five of the porters hurt in the raid in May later died", 0, 0),
        ("Many porters died", 0, 0),
    ],
)
def test_baselines(text: str, plain: int, both_orders: int) -> None:
    assert first_number(BASELINE, text) == plain
    assert first_number(BOTH_ORDERS, text) == both_orders


class ScriptedOptions(Options):
    """Options with a coder that tells the toll that stands in brackets."""

    def coder(self) -> Any:
        class Coder:
            def stream(
                self, documents: Iterable[dict[str, Any]], batch_size: int
            ) -> Iterator[Report]:
                for document in documents:
                    told = document["text"].partition("[")[2].partition("]")[0]
                    yield report(event(int(told) if told else None))

        return Coder()


def write(path: Path, *rows: tuple[int, str, str, int, int]) -> Path:
    names = ("unit_id", "article_title", "article_content", "nb_civilians", "nb_noncivilians")
    lines = [
        json.dumps({**dict(zip(names, row, strict=True)), "iso": "2016-05-01"}) for row in rows
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_figures(tmp_path: Path) -> None:
    path = write(
        tmp_path / "fakes" / "train.jsonl",
        (1, "12 killed", "[12] told", 10, 2),
        (2, "Raid kills 40", "[42] told", 40, 0),
        (3, "Raid in the north", "nothing told", 5, 0),
        (4, "9 killed", "[3] told", 3, 0),
    )
    figures = find("fakes").run(path, ScriptedOptions(n_resamples=50))
    assert figures["exact"] == 0.5
    assert figures["within_10pct"] == 0.75
    assert figures["baseline_exact"] == 0.25
    assert figures["both_orders_exact"] == 0.5
    assert figures["baselines"]["regex"]["exact"] == 0.25
    assert figures["baselines"]["regex in both orders"]["exact"] == 0.5
    assert figures["title_agreement"] == pytest.approx(2 / 3)
    assert (figures["n"], figures["n_titles_with_toll"], figures["failed"]) == (4, 3, [])
    assert 0 <= figures["ci_low"] <= 0.5 <= figures["ci_high"] <= 1
    assert "exact_unseen" not in figures


def test_articles_that_are_annotated_are_left_out_as_well(tmp_path: Path) -> None:
    path = write(
        tmp_path / "fakes" / "train.jsonl",
        (1, "12 killed", "[12] told", 12, 0),
        (2, "Raid kills 40", "[42] told", 40, 0),
    )
    gold = tmp_path / "gold" / "train.jsonl"
    gold.parent.mkdir()
    own = '{"id": "fakes-2", "text": "a"}\n\n{"id": "other-1", "text": "b"}\n'
    gold.write_text(own, encoding="utf-8")
    figures = find("fakes").run(path, ScriptedOptions(n_resamples=50))
    assert (figures["exact"], figures["exact_unseen"], figures["n_unseen"]) == (0.5, 1.0, 1)
    assert figures["baseline_exact_unseen"] == 1.0
    elsewhere = find("fakes").run(path, ScriptedOptions(n_resamples=50, data=tmp_path / "other"))
    assert "exact_unseen" not in elsewhere
    gold.write_text('{"unit_id": 2}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"train.jsonl:1, field id.*annotated document"):
        find("fakes").run(path, ScriptedOptions())


def test_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text('{"unit_id": 1}\n', encoding="utf-8")
    with pytest.raises(DataError, match="nb_noncivilians"):
        find("fakes").run(path, ScriptedOptions())
