"""``conflictwire export``, and the forms of ``conflictwire predict`` that exports/ writes."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import conflictwire
import pandas as pd
import pyarrow.parquet as pq
import pytest
from conflictwire.cli import main
from conflictwire.outputs import BINARY, FORMATS
from conflictwire.report import Report
from export_samples import bare, hostile, lines, raid

Run = Callable[..., tuple[int, str, str]]
REPORTS = [raid(document={"doc_id": "d0"}), bare(doc_id="d1"), hostile()]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(a) for a in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "reports.jsonl"
    path.write_bytes(lines(*REPORTS))
    return path


@pytest.mark.parametrize("format", FORMATS)
def test_every_form(format: str, run: Run, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1.6e9)  # of the ACLED layout
    out, expected = saved.with_name("out"), saved.with_name("expected")
    assert run("export", saved, "--format", format, "-o", out) == (0, "", "")
    conflictwire.export(REPORTS, expected, format)
    assert out.read_bytes() == expected.read_bytes()


@pytest.mark.parametrize("format", [f for f in FORMATS if f not in BINARY])
def test_to_standard_output(format: str, run: Run, saved: Path) -> None:
    code, out, err = run("export", saved, "--format", format)
    assert (code, err) == (0, "")
    assert "d0" in out


def test_the_suffix_tells_the_form(run: Run, saved: Path) -> None:
    out = saved.with_name("events.parquet")
    assert run("export", saved, "-o", out) == (0, "", "")
    assert pq.read_table(out)["event_id"].to_pylist() == ["d0:0", "d1:0", "-1:0"]


def test_gzipped_reports(run: Run, saved: Path) -> None:
    packed = saved.with_name("reports.jsonl.gz")
    packed.write_bytes(gzip.compress(saved.read_bytes()))
    assert run("export", packed, "--format", "csv") == run("export", saved, "--format", "csv")


def test_standard_input(run: Run, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(saved.read_bytes())))
    code, out, _ = run("export", "-", "--format", "jsonl")
    assert code == 0
    assert out.encode() == lines(*REPORTS)


def test_what_is_no_report_is_named_and_the_rest_go_on(run: Run, saved: Path) -> None:
    failed = Report(model_version="0", doc_id="d9", text="x", windows=0, error="ValueError: bad")
    first = b'{"schema_version": "9.0"}\n'
    saved.write_bytes(first + lines(REPORTS[0], failed) + b"[1]\n" + lines(REPORTS[1]))
    code, out, err = run("export", saved, "--format", "csv")
    assert code == 1
    assert list(pd.read_csv(io.StringIO(out))["event_id"]) == ["d0:0", "d1:0"]
    one, second, third = err.splitlines()
    assert one.startswith(f"error: {saved}:1: field schema_version: ")
    assert second == "error: d9: ValueError: bad"
    assert third.startswith(f"error: {saved}:4: field ")


@pytest.mark.parametrize("other", [b"a,b\n1,2\n", b'{"text": "x"}\n{"text": "y"}\n', b"[1]\n"])
def test_another_file_is_refused_at_its_first_line(other: bytes, run: Run, saved: Path) -> None:
    saved.write_bytes(b"\n" + other)
    out = saved.with_name("a.csv")
    said = f"error: {saved}:2: not a Report (no schema_version)\n"
    assert run("export", saved, "-o", out) == (2, "", said)
    assert not out.exists()


def test_an_empty_file_gives_an_empty_result(run: Run, saved: Path) -> None:
    saved.write_bytes(b"\n")
    code, out, err = run("export", saved, "--format", "json")
    assert (code, out, err) == (0, "[]\n", f"note: no Report in {saved}\n")


def test_the_first_id_that_comes_again_is_named_once(run: Run, saved: Path) -> None:
    saved.write_bytes(lines(*REPORTS, REPORTS[1], REPORTS[0], REPORTS[1], bare(doc_id=None)))
    code, _, err = run("export", saved, "--format", "csv")
    assert code == 0
    assert err == (
        "note: more than one document has the id 'd1': ids of their events are not unique\n"
    )
    saved.write_bytes(lines(bare(doc_id=None), bare(doc_id=None, title="other")))
    assert run("export", saved, "--format", "csv")[2] == ""


def test_a_full_disk_is_named(run: Run, saved: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    code, _, err = run("export", saved, "--format", "csv", "-o", "/dev/full")
    assert code == 2
    assert "/dev/full" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.jsonl"], "gone.jsonl: no such file"),
        (["reports.jsonl", "--format", "xls"], "'table', 'json', 'jsonl'"),
        (["reports.jsonl", "-o", "out.xls"], "the extension '.xls'; accepted: .txt, .json"),
        (["reports.jsonl", "-o", "out"], "goes by a name without extension; accepted: .txt"),
        (["reports.jsonl", "-o", "reports.jsonl"], "is one of the inputs"),
        (["reports.jsonl", "--model", "gone", "-o", "a.csv"], "gone/ontology.yaml"),
        ([], "REPORTS.jsonl"),
    ],
)
def test_wrong_use(
    arguments: list[str], message: str, run: Run, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(saved.parent)
    code, out, err = run("export", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert [path.name for path in saved.parent.iterdir()] == ["reports.jsonl"]


def test_parquet_is_not_shown_on_a_terminal(
    run: Run, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, err = run("export", saved, "--format", "parquet")
    assert (code, out) == (2, "")
    assert "name a file with --out" in err


def test_missing_pyarrow_is_named(run: Run, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, out, err = run("export", saved, "-o", saved.with_name("a.parquet"))
    assert (code, out) == (2, "")
    assert err == "error: pyarrow not installed; run: pip install 'conflictwire[export]'\n"


def test_predict_gives_the_same_as_export(run: Run, tmp_path: Path, tiny_model_dir: Path) -> None:
    news = tmp_path / "news.jsonl"
    text = "Rebels attacked the town near the north on Monday and killed two soldiers."
    news.write_text(
        "".join(json.dumps({"id": i, "text": f"{text} {i}"}) + "\n" for i in "abc"),
        encoding="utf-8",
    )
    model = ("--model", tiny_model_dir)
    saved = tmp_path / "reports.jsonl"
    assert run("predict", news, "-o", saved, *model) == (0, "", "")
    n_events = sum(len(Report.from_json(r).events) for r in saved.read_bytes().splitlines())
    assert n_events > 0
    for format in ("csv", "geojson", "parquet"):
        direct, later = tmp_path / f"direct.{format}", tmp_path / f"later.{format}"
        assert run("predict", news, "-o", direct, *model)[0] == 0
        assert run("export", saved, "-o", later, *model)[0] == 0
        assert direct.read_bytes() == later.read_bytes()
    assert len(pq.read_table(tmp_path / "later.parquet")) == n_events
