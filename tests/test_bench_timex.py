"""The benchmark of time expressions, on lines made for this test."""

import json
from datetime import date
from pathlib import Path

import pytest
from conflictwire.errors import DataError
from conflictwire.eval.bench.base import Options
from conflictwire.eval.bench.timex import BENCHMARK, baseline, resolved
from conflictwire.eval.dates import timex_range

NEWS = date(2018, 5, 23)  # a Wednesday


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2018-05-21", "2018-05-21", "2018-05-21"),
        ("2018-05-21TEV", "2018-05-21", "2018-05-21"),
        ("2018-05-21T09:30", "2018-05-21", "2018-05-21"),
        ("2018-02", "2018-02-01", "2018-02-28"),
        ("2018", "2018-01-01", "2018-12-31"),
        ("2018-W10", "2018-03-05", "2018-03-11"),
        ("2018-W10-WE", "2018-03-10", "2018-03-11"),
        ("2018-Q2", "2018-04-01", "2018-06-30"),
        ("2018-H2", "2018-07-01", "2018-12-31"),
        ("199X", "1990-01-01", "1999-12-31"),
        ("199", "1990-01-01", "1999-12-31"),
    ],
)
def test_values_of_timex(value: str, first: str, last: str) -> None:
    assert timex_range(value) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("value", ["P3D", "PAST_REF", "2018-SU", "XXXX-05", ""])
def test_other_values_have_no_days(value: str) -> None:
    assert timex_range(value) is None


def test_impossible_value_raises() -> None:
    with pytest.raises(ValueError, match="month"):
        timex_range("2018-13")


def line(text: str, value: str, context: str, doc: str = "a") -> str:
    return json.dumps(
        {"doc": doc, "dct": "2018-05-23", "text": text, "value": value, "context": context}
    )


def test_run_counts_right_wrong_and_unresolved(tmp_path: Path) -> None:
    path = tmp_path / "timex.jsonl"
    lines = [
        line("Friday", "2018-05-25", "Envoys will meet on Friday."),
        line("Friday", "2018-05-18", "Envoys met on Friday.", "b"),
        line("2015", "2015", "It has gone on since 2015.", "b"),  # the value leaves out "since"
        line("May", "2017-05", "Envoys met in May.", "c"),  # wrong: May of 2018
        line("noon", "2018-05-23T12:00", "Envoys met at noon.", "c"),  # unresolved
        line("three days", "P3D", "It took three days.", "c"),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    figures = BENCHMARK.run(path, Options(n_resamples=50))
    assert (figures["accuracy"], figures["n"], figures["unresolved"]) == (3 / 5, 5, 1)
    assert figures["accuracy_calendar"] == 3 / 4
    assert figures["baseline"] == 2 / 5
    assert figures["baselines"] == {"strptime": {"accuracy": 2 / 5}}
    assert (figures["n_documents"], figures["without_calendar_value"]) == (3, 1)
    assert figures["by_class"]["day"] == {"accuracy": 1.0, "n": 2}
    assert figures["ci_low"] <= figures["accuracy"] <= figures["ci_high"]
    assert set(BENCHMARK.headline) <= set(figures)


def test_a_line_of_another_form_is_named(tmp_path: Path) -> None:
    path = tmp_path / "timex.jsonl"
    path.write_text('{"text": "Friday"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="doc"):
        BENCHMARK.run(path, Options())
    path.write_text(line("Friday", "2018-02-31", "x"), encoding="utf-8")
    with pytest.raises(DataError, match="expression 'Friday' of 'a': day"):
        BENCHMARK.run(path, Options())


def test_a_file_without_calendar_values_has_no_figures(tmp_path: Path) -> None:
    path = tmp_path / "timex.jsonl"
    path.write_text(line("three days", "P3D", "It took three days."), encoding="utf-8")
    figures = BENCHMARK.run(path, Options(n_resamples=5))
    assert (figures["n"], figures["without_calendar_value"]) == (0, 1)
    assert figures["accuracy"] is figures["accuracy_calendar"] is figures["ci_low"] is None


def test_package_and_baseline_differ_where_the_sentence_looks_ahead() -> None:
    day = date(2018, 5, 25)
    assert resolved("Friday", "Envoys will meet on Friday.", NEWS) == (day, day)
    assert baseline("Friday", NEWS) == (date(2018, 5, 18), date(2018, 5, 18))
    assert baseline("Oct. 3", NEWS) == (date(2018, 10, 3), date(2018, 10, 3))
    assert baseline("last week", NEWS) is None
