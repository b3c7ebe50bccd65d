"""Runs that stop and go on: no Report lost, none twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conflictwire.cli import main
from conflictwire.errors import DataError
from conflictwire.inputs import InputDocument
from conflictwire.report import Report
from conflictwire.resolve.dates import publication_date
from conflictwire.resume import Earlier, open_resumable, partial_path

TEXTS = [f"Rebels shelled town {i} on Monday, police said." for i in range(5)]


def line(text: str, doc_id: str | None = None, **values: str) -> str:
    base = {"model_version": "m1", "text": text, "doc_id": doc_id, "windows": 1}
    return Report.model_validate({**base, **values}).to_json() + "\n"


def documents(*pairs: tuple[str | None, str]) -> list[InputDocument]:
    return [InputDocument("x", {"doc_id": doc_id, "text": text}) for doc_id, text in pairs]


def rest(earlier: Earlier, *pairs: tuple[str | None, str]) -> list[tuple[str | None, str]]:
    left = earlier.rest(documents(*pairs), lambda: None)
    return [(d.fields["doc_id"], d.fields["text"]) for d in left]


def ids(path: Path) -> list[str | None]:
    found = map(Report.from_json, path.read_text(encoding="utf-8").splitlines())
    return [report.doc_id for report in found]


class StopError(Exception):
    pass


def stopped(out: Path, *lines: str, resume: bool = False) -> None:
    """A run that writes some Reports and fails."""
    with pytest.raises(StopError), open_resumable(out, resume=resume) as (stream, _):  # noqa: PT012
        for one in lines:
            stream.write(one)
        raise StopError


class TestFile:
    def test_a_run_that_ends(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        out.write_text("old", encoding="utf-8")
        with open_resumable(out, resume=False) as (stream, earlier):
            assert len(earlier) == 0
            stream.write(line("a"))
            assert out.read_text(encoding="utf-8") == "old"
        assert out.read_text(encoding="utf-8") == line("a")
        assert list(tmp_path.iterdir()) == [out]

    def test_a_stopped_run_goes_on(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        stopped(out, line("a", "1"), line("b", "2"))
        assert list(tmp_path.iterdir()) == [partial_path(out)]
        stopped(out, line("c", "3"), resume=True)
        with open_resumable(out, resume=True) as (stream, earlier):
            assert len(earlier) == 3
            assert rest(earlier, ("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")) == [("4", "d")]
            stream.write(line("d", "4"))
        assert ids(out) == ["1", "2", "3", "4"]
        assert list(tmp_path.iterdir()) == [out]

    def test_a_line_that_was_cut_off_is_read_again(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        partial_path(out).write_text(line("a") + line("b")[:-1], encoding="utf-8")
        with open_resumable(out, resume=True) as (stream, earlier):
            assert rest(earlier, (None, "a"), (None, "b")) == [(None, "b")]
            stream.write(line("b"))
        assert out.read_text(encoding="utf-8") == line("a") + line("b")

    def test_documents_that_failed_are_read_again(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        stopped(out, line("a"), line("b", error="ValueError: odd"), line("c"))
        with open_resumable(out, resume=True) as (stream, earlier):
            assert rest(earlier, (None, "a"), (None, "b"), (None, "c")) == [(None, "b")]
            stream.write(line("b"))
        assert out.read_text(encoding="utf-8") == line("a") + line("c") + line("b")

    def test_a_run_that_ended_takes_what_is_new(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        out.write_text(line("a"), encoding="utf-8")
        stopped(out, resume=True)
        assert list(tmp_path.iterdir()) == [out]
        with open_resumable(out, resume=True) as (stream, earlier):
            assert rest(earlier, (None, "new"), (None, "a")) == [(None, "new")]
            stream.write(line("new"))
            assert out.read_text(encoding="utf-8") == line("a")
        assert out.read_text(encoding="utf-8") == line("a") + line("new")

    def test_nothing_to_go_on_from(self, tmp_path: Path) -> None:
        with open_resumable(tmp_path / "out.jsonl", resume=True) as (_, earlier):
            assert len(earlier) == 0
        assert (tmp_path / "out.jsonl").read_bytes() == b""

    def test_nothing_done_leaves_nothing(self, tmp_path: Path) -> None:
        stopped(tmp_path / "out.jsonl")
        stopped(tmp_path / "out.jsonl", line("a")[:-1])
        assert not list(tmp_path.iterdir())

    def test_a_new_run_does_not_throw_away_a_stopped_one(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        stopped(out, line("a"))
        with (
            pytest.raises(DataError, match=r"out\.jsonl\.partial: holds 1 Reports .* --resume"),
            open_resumable(out, resume=False),
        ):
            pass
        assert partial_path(out).read_text(encoding="utf-8") == line("a")

    @pytest.mark.parametrize(
        "bad",
        ["{}", "[1]", "x", '{"text": "a"}', "[" * 100_000, line("b").replace('"m1"', "[]").strip()],
    )
    def test_other_files_are_left_alone(self, tmp_path: Path, bad: str) -> None:
        out = tmp_path / "out.jsonl"
        out.write_text(f"{line('a')}{bad}\n", encoding="utf-8")
        with (
            pytest.raises(DataError, match=r"out\.jsonl:2: not a Report"),
            open_resumable(out, resume=True),
        ):
            pass
        assert list(tmp_path.iterdir()) == [out]

    def test_reports_of_another_model(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        out.write_text(line("a"), encoding="utf-8")
        with (
            pytest.raises(DataError, match=r"out\.jsonl: its Reports are by model m1, not by m2"),
            open_resumable(out, resume=True) as (_, earlier),
        ):
            earlier.check_model("m2")
        assert list(tmp_path.iterdir()) == [out]

    def test_reports_of_a_lower_min_score(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        report = json.loads(line("a"))
        report["events"] = [{"score": 0.4}, {"score": 0.8}]
        out.write_text(json.dumps(report) + "\n", encoding="utf-8")
        with open_resumable(out, resume=True) as (_, earlier):
            earlier.check_scores(0.4)
            with pytest.raises(DataError, match=r"events of score 0\.4, and --min-score 0\.5"):
                earlier.check_scores(0.5)


class TestRest:
    def earlier(self, *pairs: tuple[str | None, str]) -> Earlier:
        earlier = Earlier()
        for doc_id, text in pairs:
            earlier.add(json.loads(line(text, doc_id)))
        return earlier

    def test_by_id_and_text(self) -> None:
        earlier = self.earlier(("1", "a"), (None, "b"))
        others: list[tuple[str | None, str]] = [("2", "a"), ("1", "b"), (None, "a")]
        assert rest(earlier, *others) == others
        assert rest(earlier, ("1", "a"), ("", "b")) == []

    def test_another_publication_date_is_refused(self) -> None:
        earlier = Earlier()
        earlier.add(json.loads(line("a", "1", date="2020-01-02")))
        dated = InputDocument("x", {"doc_id": "1", "text": "a", "date": "2020-01-02"})
        assert list(earlier.rest([dated], lambda: None)) == []
        later = InputDocument("x:3", {"doc_id": "1", "text": "a", "date": "2021-05-06"})
        message = "x:3 was read with the date 2020-01-02 and comes with the date 2021-05-06 now"
        with pytest.raises(DataError, match=message):
            list(earlier.rest([later], lambda: None))
        with pytest.raises(DataError, match="comes with no date now"):
            rest(earlier, ("1", "a"))

    def test_a_date_at_the_head_of_the_text_is_its_date(self) -> None:
        text = "Date of publication 20 September 2016\nRebels shelled a town."
        earlier = Earlier()
        date = publication_date(text)
        assert date is not None
        earlier.add(json.loads(line(text, "1", date=date.isoformat())))
        assert rest(earlier, ("1", text)) == []

    def test_as_often_as_it_comes(self) -> None:
        earlier = self.earlier(("1", "a"), ("1", "a"))
        assert rest(earlier, *[("1", "a")] * 3) == [("1", "a")]

    def test_any_text(self) -> None:
        text = "\ud800 \u2028 🙂"
        assert rest(self.earlier((None, text)), (None, text)) == []

    def test_the_skipped_are_told(self) -> None:
        seen: list[int] = []
        earlier = self.earlier(("1", "a"))
        list(earlier.rest(documents(("1", "a"), ("2", "b")), lambda: seen.append(1)))
        assert seen == [1]

    def test_what_could_not_be_read_is_tried_again(self) -> None:
        earlier = self.earlier(("1", "a"))
        bad = InputDocument("x", {"doc_id": "1", "text": "a"}, "field 'date': odd")
        assert list(earlier.rest([bad], lambda: None)) == [bad]


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, tiny_model_dir: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command on news.jsonl -> exit code and stderr."""
    rows = [{"id": f"r{i}", "text": text} for i, text in enumerate(TEXTS)]
    news = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "news.jsonl").write_text(news, encoding="utf-8")

    def run(*options: object) -> tuple[int, str]:
        arguments = ["predict", tmp_path / "news.jsonl", "--model", tiny_model_dir, *options]
        capsys.readouterr()
        return main([str(a) for a in arguments]), capsys.readouterr().err

    return run


class TestCommand:
    @pytest.mark.parametrize("n_done", [0, 2, 5])
    @pytest.mark.parametrize("rest", ["", '{"schema_version": "1.'])
    def test_the_outcome_is_that_of_an_undisturbed_run(
        self, run: Run, tmp_path: Path, n_done: int, rest: str
    ) -> None:
        whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
        assert run("-o", whole) == (0, "")
        lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
        partial_path(out).write_text("".join(lines[:n_done]) + rest, encoding="utf-8")
        assert run("-o", out, "--resume") == (0, "")
        assert out.read_bytes() == whole.read_bytes()
        assert not partial_path(out).exists()

    @pytest.mark.parametrize("options", [(), ("-o", "out.json"), ("--format", "jsonl")])
    def test_it_takes_json_lines_and_a_file(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        code, said = run(*options, "--resume")
        assert code == 2
        assert "--resume goes on with a file of JSON lines" in said

    def test_another_model(self, run: Run, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        partial_path(out).write_text(line(TEXTS[0], "r0"), encoding="utf-8")
        code, said = run("-o", out, "--resume")
        assert code == 2
        assert "by model m1" in said
        assert partial_path(out).read_text(encoding="utf-8") == line(TEXTS[0], "r0")

    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
    def test_stopped_for_real(
        self, run: Run, tmp_path: Path, tiny_model_dir: Path, how: signal.Signals
    ) -> None:
        news = (tmp_path / "news.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        out, pipe = tmp_path / "out.jsonl", tmp_path / "pipe" / "news.jsonl"
        pipe.parent.mkdir()
        os.mkfifo(pipe)
        command = [sys.executable, "-m", "conflictwire.cli", "predict", pipe, "-o", out]
        options = ["--batch-size", "1", "--model", tiny_model_dir]
        # Open for reading too: that waits for no one, and the pipe stays open until the end.
        feed = os.open(pipe, os.O_RDWR)
        os.write(feed, "".join(news[:2]).encode())
        # Tests that run in the background may ignore it, and a process inherits that.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE)
        signal.signal(signal.SIGINT, before)
        deadline = time.monotonic() + 600
        while not partial_path(out).exists() or partial_path(out).read_bytes().count(b"\n") < 2:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(how)
        _, said = process.communicate(timeout=600)
        os.close(feed)
        if how == signal.SIGINT:
            assert process.returncode == 130
            assert said.decode() == (
                f"stopped; what is done is in {partial_path(out)}, and --resume goes on from "
                "there\ninterrupted\n"
            )
        assert not out.exists()
        assert run("-o", out)[0] == 2
        assert run("-o", out, "--resume") == (0, "")
        assert ids(out) == [f"r{i}" for i in range(5)]
