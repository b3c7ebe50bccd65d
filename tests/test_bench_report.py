"""Results of benchmarks: kept, merged, set beside published figures, written into the pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import update_bench
from conflictwire.eval.bench import BENCHMARKS, find
from conflictwire.eval.bench.published import published
from conflictwire.eval.bench.report import by_name, full, merged, not_run, short, with_published
from update_bench import BEGIN, END, PAGES, ROOT, STORE, read_results, update, with_block


def figures(**more: Any) -> dict[str, Any]:
    """Of muc4, whose headline figures are f1 and template_f1."""
    return {
        "benchmark": "muc4",
        "encoder": "bert, 2 layers, 32 wide",
        "parameters": 12_345_678,
        "f1": 0.25,
        "template_f1": 0.125,
        "ci_low": 0.2,
        "ci_high": 0.3111,
        "n": 7,
        "data": "dev.jsonl",
        "seconds": 61.4,
        "seed": 0,
        "commit": "0123456789abcdef+",
        "measured_on": "2026-11-29",
        **more,
    }


def line(page: str, start: str) -> list[str]:
    """The cells of the one row that begins so."""
    (found,) = [row for row in page.splitlines() if row.startswith(f"| {start} |")]
    return [cell.strip() for cell in found.strip("| ").split("|")]


# ---- what others published


def test_published_figures_are_those_of_benchmarks_and_say_their_source() -> None:
    names = {name for name in BENCHMARKS if published(name)}
    assert names >= {"muc4", "re3d", "case2021", "wikievents", "rams", "places"}
    for name in names:
        assert set(published(name)) <= set(find(name).headline), name
        for entry in published(name).values():
            for reported in filter(None, (entry.base, entry.best)):
                assert reported.system
                assert reported.source
            if entry.base and entry.best:
                assert entry.base.value <= entry.best.value
    assert published("rivers") == {}


def test_json_tells_published_figures() -> None:
    assert with_published(figures())["published"]["f1"] == {"base": 0.545, "best": 0.578}
    assert with_published({"benchmark": "timex"})["published"] == {}


# ---- results


def test_one_benchmark_or_all_are_read() -> None:
    assert by_name(figures()) == {"muc4": figures()}
    both = {"muc4": figures(), "timex": not_run("timex", "no such file")}
    assert by_name(both) == both


@pytest.mark.parametrize("written", [{"f1": 1.0}, {"muc4": 3}, {"benchmark": "tides"}])
def test_another_file_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not what `conflictwire bench --json` writes"):
        by_name(written)


def test_new_results_take_the_place_of_old_ones_and_others_stay() -> None:
    stored = {"timex": {"benchmark": "timex", "n": 3}, "muc4": figures()}
    new = with_published(figures(f1=0.5))
    found = merged(stored, {"muc4": new})
    assert list(found) == ["muc4", "timex"]  # in the order of the benchmarks
    assert found["muc4"] == figures(f1=0.5)
    assert found["timex"] == stored["timex"]


def test_what_was_not_run_keeps_its_figures_until_it_runs() -> None:
    found = merged({"muc4": figures()}, {"muc4": not_run("muc4", "no model")})
    assert found["muc4"] == {**figures(), "not_run": "no model"}
    assert merged(found, {"muc4": figures(f1=0.5)})["muc4"] == figures(f1=0.5)
    never = merged({}, {"muc4": not_run("muc4", "no model")})
    assert never["muc4"] == not_run("muc4", "no model")


def test_baselines_measured_apart_join_the_figures_of_the_same_data() -> None:
    apart = {"benchmark": "muc4", "baselines": {"lexicon": {"f1": 0.1}, "probe": "not run: slow"}}
    found = merged({"muc4": figures()}, {"muc4": apart})
    assert found["muc4"] == figures(baselines=apart["baselines"])
    measured = {"probe": {"f1": 0.15}, "lexicon": "not run: not asked for"}
    again = merged(found, {"muc4": figures(f1=0.5, baselines=measured)})
    assert again["muc4"]["baselines"] == {"lexicon": {"f1": 0.1}, "probe": {"f1": 0.15}}
    other = merged(again, {"muc4": figures(data="test.jsonl")})
    assert "baselines" not in other["muc4"]


def test_the_time_of_baselines_stays_with_them() -> None:
    told = {"baselines": {"lexicon": {"f1": 0.1}}, "baseline_seconds": 9.5}
    stored = {"muc4": figures(**told)}
    for new in ({}, {"baselines": {"lexicon": "not run: slow"}, "baseline_seconds": 0.0}):
        assert merged(stored, {"muc4": figures(f1=0.5, **new)})["muc4"] == figures(f1=0.5, **told)
    again = told | {"baseline_seconds": 7.0}
    assert merged(stored, {"muc4": figures(**again)})["muc4"] == figures(**again)
    other = merged(stored, {"muc4": figures(data="test.jsonl")})
    assert other["muc4"] == figures(data="test.jsonl")


# ---- tables


def test_full_table() -> None:
    page = full({"muc4": figures(training_seed=13, training_encoder="minilm")})
    assert line(page, "muc4") == [
        "muc4",
        "role fillers, CEAF-REE micro F1",
        "25.0",
        "20.0–31.1",
        "54.5",
        "57.8",
        "7",
        "minilm (bert, 2 layers, 32 wide)",
        "12.3 M",
        "61",
        "13 (bootstrap 0)",
        "0123456+",
        "dev.jsonl",
    ]
    several = full({"muc4": figures(training_seed=[13, 14])})
    assert line(several, "muc4")[10] == "13, 14 (bootstrap 0)"
    assert line(full({"muc4": figures(baseline_seconds=9.7)}), "muc4")[9] == "61 + 10"
    assert "| templates, micro F1 of GTT | 12.5 | – | 51.7 | 54.3 |" in page
    assert "GRIT, BERT-base (Du, Rush, Cardie" in page
    assert "Simpler systems" not in page


def test_short_table_has_main_and_published_figures() -> None:
    timex = {
        "benchmark": "timex",
        "n": 9,
        "accuracy": 0.5,
        "accuracy_calendar": 1.0,
        "ci_low": None,
        "ci_high": None,
    }
    page = short({"muc4": figures(), "timex": timex})
    assert line(page, "muc4")[2:] == [
        "25.0 (20.0–31.1)",
        "54.5 (GRIT, BERT-base)",
        "57.8 (TempGen, BART)",
    ]
    assert "templates, micro F1" in page
    assert line(page, "timex")[2:] == ["50.0 (–)", "–", "–"]
    assert "calendar" not in page


def test_undefined_and_one_sided_figures() -> None:
    given = figures(f1=None, template_f1=0.75, template_f1_at_least=0.6)
    page = full({"muc4": given | {"ci_low": None, "intervals": {"f1": None}}})
    assert line(page, "muc4")[2:4] == ["–", "–"]
    assert "| 75.0 | at least 60.0 |" in page
    page = full({"muc4": figures(intervals={"template_f1": [0.1, 0.2]})})
    assert "| 12.5 | 10.0–20.0 |" in page


@pytest.mark.parametrize("table", [short, full])
def test_what_was_not_run_is_told(table: Any) -> None:
    page = table(
        {
            "muc4": {**figures(), "not_run": "no trained | model"},
            "re3d": not_run("re3d", "no such file"),
        }
    )
    assert line(page, "muc4\\*")[2].startswith("25.0")
    told = [row for row in page.splitlines() if row.startswith("- ") and "not run" in row]
    assert told == [
        "- \\* muc4: not run this time, the figures are of 2026-11-29, commit 0123456+: "
        "no trained | model",
        "- re3d: not run: no such file",
    ]


def test_baselines_stand_beside_ours() -> None:
    baselines = {"lexicon": {"f1": 0.1}, "probe": {"f1": 0.2, "recall": 1}, "spacy": "not run: x"}
    page = full({"muc4": figures(baselines=baselines)})
    assert "| muc4 | role fillers, CEAF-REE micro F1 | 25.0 | lexicon 10.0; probe 20.0 |" in page
    assert "- muc4: spacy: not run: x" in page.splitlines()


# ---- the pages


def test_pages_show_the_stored_results() -> None:
    results = read_results(ROOT / STORE)
    assert set(results) <= set(BENCHMARKS)
    for name, table in PAGES.items():
        page = (ROOT / name).read_text(encoding="utf-8")
        assert with_block(page, table(results)) == page, f"{name}: run tests/update_bench.py"


def test_update_writes_results_and_pages(tmp_path: Path) -> None:
    for name in (STORE, *PAGES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(
            f"before\n{BEGIN}\nstale rows\n{END}\nafter\n", encoding="utf-8"
        )
    (tmp_path / STORE).write_text("{}", encoding="utf-8")
    for name, written in {"one": figures(commit=None), "two": figures(f1=0.5)}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(written), encoding="utf-8")

    update(tmp_path, [tmp_path / "one.json"], commit="feedbeef0")
    assert read_results(tmp_path / STORE)["muc4"]["commit"] == "feedbeef0"
    update(tmp_path, [tmp_path / "two.json"], commit="feedbeef0")
    assert read_results(tmp_path / STORE)["muc4"] == figures(f1=0.5)
    for name in PAGES:
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert page.startswith(f"before\n{BEGIN}\n\n")
        assert page.endswith(f"\n\n{END}\nafter\n")
        assert "stale rows" not in page
        assert line(page, "muc4")[2].startswith("50.0")


@pytest.mark.parametrize("page", ["", f"{BEGIN}\n", f"{BEGIN}\n{END}\n" * 2])
def test_a_page_without_its_block_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="blocks of benchmarks"):
        with_block(page, "x")


def test_the_script_takes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    monkeypatch.setattr(update_bench, "update", lambda *arguments: taken.append(arguments))
    monkeypatch.setattr("sys.argv", ["update_bench.py", "a.json", "b.json"])
    update_bench.main()
    assert taken == [(ROOT, [Path("a.json"), Path("b.json")], None)]
