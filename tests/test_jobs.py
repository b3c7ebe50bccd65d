"""Archives: every document exactly once, wherever the run is killed."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import conflictwire.jobs
import pandas as pd
import pytest
from command_runs import Run, runner
from conflictwire.cli import main
from conflictwire.cli import predict as predict_command
from conflictwire.errors import DataError
from conflictwire.inputs import InputDocument
from conflictwire.jobs import Job, open_job, read_folder
from conflictwire.jobs.manifest import read
from conflictwire.ontology import Ontology
from conflictwire.outputs import JsonLinesWriter
from conflictwire.report import Report

if TYPE_CHECKING:
    from conflictwire.coder import Coder
    from conflictwire.extractor import Prepared

ONTOLOGY = Ontology.load()
SETTINGS = {"model": "m1", "min_score": 0.5}
CODE = Path(conflictwire.jobs.__file__).parent


def document(number: int, text: str | None = None, error: str | None = None) -> InputDocument:
    fields = {"doc_id": f"d{number}", "text": text or f"Text {number}."}
    return InputDocument(f"in:{number}", fields, error)


def archive(n: int) -> list[InputDocument]:
    return [document(i, error="odd" if i % 4 == 2 else None) for i in range(n)]


def code(documents: Iterator[InputDocument]) -> Iterator[tuple[InputDocument, Report]]:
    for one in documents:
        values = {"text": one.fields["text"], "doc_id": one.fields["doc_id"], "error": one.error}
        yield one, Report(model_version="m1", windows=1, **values)


def begin(job: Job, settings: dict[str, Any] = SETTINGS, size: int = 3) -> None:
    def writer(out: Any) -> JsonLinesWriter:
        return JsonLinesWriter(out, ONTOLOGY)

    job.begin(settings, inputs=["in"], form="jsonl", shard_size=size, writer=writer)


def work(
    folder: Path,
    documents: list[InputDocument],
    *,
    resume: bool = True,
    settings: dict[str, Any] = SETTINGS,
) -> list[str]:
    """A run to the end -> places of the documents that were read in it."""
    with open_job(folder, resume=resume) as job:
        begin(job, settings)
        return [one.place for one, _ in job.run(documents, code)]


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != ".lock"}


def rows(*paths: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]


class TestFolder:
    def test_what_it_holds(self, tmp_path: Path) -> None:
        folder = tmp_path / "job"
        places = work(folder, archive(8), resume=False)
        assert places == [f"in:{i}" for i in range(8)]
        names = ["part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl"]
        assert sorted(contents(folder)) == ["failed.jsonl", "manifest.jsonl", *names]
        done = [[row["doc_id"] for row in rows(folder / name)] for name in names]
        assert done == [["d0", "d1"], ["d3", "d4", "d5"], ["d7"]]
        assert rows(folder / "failed.jsonl") == [
            {"place": f"in:{i}", "error": "odd", "id": f"d{i}", "text": f"Text {i}."}
            for i in (2, 6)
        ]
        header, *shards, end = rows(folder / "manifest.jsonl")
        assert header["settings"] == {**SETTINGS, "format": "jsonl", "shard_size": 3}
        assert header["inputs"] == ["in"]
        assert [shard["file"] for shard in shards] == names
        assert [(shard["documents"], shard["failed"]) for shard in shards] == [
            (3, 1), (3, 0), (2, 1),
        ]  # fmt: skip
        assert [(shard["first"], shard["last"]) for shard in shards] == [
            ("in:0", "in:2"), ("in:3", "in:5"), ("in:6", "in:7"),
        ]  # fmt: skip
        for shard in shards:
            data = (folder / shard["file"]).read_bytes()
            assert shard["sha256"] == hashlib.sha256(data).hexdigest()
            assert shard["bytes"] == len(data)
        assert end == {"complete": True, "shards": 3, "documents": 8, "failed": 2, "events": 0}

    def test_no_failures_no_file_of_them(self, tmp_path: Path) -> None:
        work(tmp_path / "job", [document(i) for i in range(4)])
        assert not (tmp_path / "job" / "failed.jsonl").exists()

    def test_no_documents(self, tmp_path: Path) -> None:
        work(tmp_path, [])
        assert list(contents(tmp_path)) == ["manifest.jsonl"]
        assert read_folder(tmp_path).is_complete

    def test_when_all_is_done_nothing_is_read_again(self, tmp_path: Path) -> None:
        work(tmp_path, archive(8))
        before = contents(tmp_path)
        assert work(tmp_path, archive(8)) == []
        assert contents(tmp_path) == before

    def test_what_is_new_is_added(self, tmp_path: Path) -> None:
        work(tmp_path, archive(4))
        assert work(tmp_path, archive(8)) == [f"in:{i}" for i in range(4, 8)]
        found = read_folder(tmp_path)
        assert (found.n_documents, found.n_failed, found.is_complete) == (8, 2, True)
        ids = [
            row["doc_id"]
            for row in rows(*found.files, tmp_path / "failed.jsonl")
            if "doc_id" in row
        ]
        assert ids == ["d0", "d1", "d3", "d4", "d5", "d7"]

    def test_done_documents_are_told(self, tmp_path: Path) -> None:
        work(tmp_path, archive(4))
        with open_job(tmp_path, resume=True) as job:
            begin(job)
            told: list[int] = []
            assert len(list(job.run(archive(6), code, skipped=lambda: told.append(1)))) == 2
            assert (len(told), job.n_new) == (4, 2)

    def test_any_text(self, tmp_path: Path) -> None:
        odd = [document(0, "\ud800 \u2028 🙂"), document(1, "\ud800\n", error="bad")]
        work(tmp_path, odd)
        assert work(tmp_path, odd) == []
        assert [row["text"] for row in rows(tmp_path / "failed.jsonl")] == ["\ud800\n"]

    def test_reading_stops_with_the_one_who_asks(self, tmp_path: Path) -> None:
        with open_job(tmp_path, resume=True) as job:
            begin(job)
            reports = job.run(archive(8), code)
            for _ in range(4):
                next(reports)
            reports.close()  # type: ignore[attr-defined]
        assert [p.name for p in tmp_path.glob("*part*")] == ["part-00000.jsonl"]
        assert work(tmp_path, archive(8)) == [f"in:{i}" for i in range(3, 8)]

    def test_an_input_that_fails(self, tmp_path: Path) -> None:
        def failing() -> Iterator[InputDocument]:
            yield from archive(4)
            raise OSError("gone")

        with open_job(tmp_path, resume=True) as job:
            begin(job)
            with pytest.raises(OSError, match="gone"):
                list(job.run(failing(), code))
        assert read_folder(tmp_path).n_documents == 3

    def test_a_manifest_cut_off_at_any_byte(self, tmp_path: Path) -> None:
        whole = tmp_path / "whole"
        work(whole, archive(5))
        lines = (whole / "manifest.jsonl").read_bytes()
        for cut in range(0, len(lines), 29):
            folder = tmp_path / str(cut)
            shutil.copytree(whole, folder)
            (folder / "manifest.jsonl").write_bytes(lines[:cut])
            if cut < lines.index(b"\n") + 1:  # nothing was done at that time
                for name in contents(folder).keys() - {"manifest.jsonl"}:
                    (folder / name).unlink()
            work(folder, archive(5))
            assert contents(folder) == contents(whole)


class TestRefusals:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        work(tmp_path / "job", archive(8))
        return tmp_path / "job"

    def refused(
        self, folder: Path, message: str, *documents: InputDocument, **settings: Any
    ) -> None:
        before = contents(folder)
        with pytest.raises(DataError, match=message):
            work(folder, [*documents] or archive(8), settings={**SETTINGS, **settings})
        assert contents(folder) == before

    def test_a_job_that_is_there(self, folder: Path) -> None:
        with pytest.raises(DataError, match=r"holds a job with 8 documents done; .* --resume"):
            work(folder, archive(8), resume=False)

    @pytest.mark.parametrize("resume", [True, False])
    def test_other_files(self, tmp_path: Path, resume: bool) -> None:
        (tmp_path / "thesis.txt").write_text("Mine.", encoding="utf-8")
        with pytest.raises(DataError, match=r"holds other files \(thesis.txt\)"):
            work(tmp_path, archive(3), resume=resume)
        assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]

    def test_no_place_for_it(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="gone/job: cannot be written: No such file"):
            work(tmp_path / "gone" / "job", archive(3))
        (tmp_path / "file").touch()
        with pytest.raises(DataError, match="file: cannot be written: File exists"):
            work(tmp_path / "file", archive(3))

    def test_other_settings(self, folder: Path) -> None:
        self.refused(folder, r"settings \(min_score: 0.5 then, 0.6 now\); give", min_score=0.6)
        self.refused(folder, r"\(date: null then, \"2020-01-02\" now\)", date="2020-01-02")

    def test_documents_that_have_changed(self, folder: Path) -> None:
        for changed in (
            document(4, "Another text."),
            InputDocument("in:4", {"doc_id": "x", "text": "Text 4."}),
            InputDocument("in:4", {"doc_id": "d4", "text": "Text 4.", "date": "2020-01-02"}),
        ):
            documents = [changed if i == 4 else one for i, one in enumerate(archive(8))]
            message = r"documents 4 to 6 .* part-00001.jsonl was made from \(in:3 to in:5\)"
            self.refused(folder, message, *documents)

    def test_fewer_documents(self, folder: Path) -> None:
        message = "8 documents are done, but the inputs hold only 5 now"
        self.refused(folder, message, *archive(8)[:5])

    def test_shards_that_have_changed(self, folder: Path) -> None:
        part, failed = folder / "part-00001.jsonl", folder / "failed.jsonl"
        data = part.read_bytes()
        part.write_bytes(data + b"\n")
        self.refused(folder, r"part-00001.jsonl: has [\d,]+ bytes and had")
        part.unlink()
        self.refused(folder, r"part-00001.jsonl: is gone; put it back")
        part.write_bytes(data)
        failed.write_bytes(failed.read_bytes()[:-1])
        self.refused(folder, r"failed.jsonl: has")
        failed.unlink()
        self.refused(folder, r"failed.jsonl: has 0 bytes")

    def test_a_manifest_that_is_empty_is_no_leave_to_write_over_shards(self, folder: Path) -> None:
        (folder / "manifest.jsonl").write_bytes(b"")
        self.refused(folder, "holds other files .failed.jsonl. and no manifest.jsonl of a job")

    @pytest.mark.parametrize(
        ("number", "line"),
        [(1, b"{}"), (1, b'{"manifest_version": 2}'), (2, b"[1]"), (3, b"x"), (4, b'{"file": 1}')],
    )
    def test_manifests_that_cannot_be_read(self, folder: Path, number: int, line: bytes) -> None:
        path = folder / "manifest.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[: number - 1], line + b"\n", *lines[number:]]))
        self.refused(folder, rf"manifest.jsonl:{number}: not a line of a manifest of version 1")

    def test_a_folder_in_use(self, folder: Path) -> None:
        with open_job(folder, resume=True):
            self.refused(folder, "job: another process is writing to it")
        assert work(folder, archive(8)) == []

    def test_a_folder_in_use_by_another_process(self, folder: Path) -> None:
        out, into = os.pipe()
        if (child := os.fork()) == 0:
            with open_job(folder, resume=True):
                os.write(into, b".")
                signal.pause()
        os.read(out, 1)
        self.refused(folder, "job: another process is writing to it")
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert work(folder, archive(8)) == []

    def test_a_job_that_did_not_begin_leaves_nothing(self, tmp_path: Path) -> None:
        class NoModelError(Exception):
            pass

        with pytest.raises(NoModelError), open_job(tmp_path / "job", resume=True):
            raise NoModelError
        assert not (tmp_path / "job").exists()


# ---- killed for real: a process of its own, at a line of the code that it comes to


def at_line(number: int, tell: int | None = None) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that kills the process before it runs so many lines of ``jobs/``, or that
    writes a byte to ``tell`` for each."""
    left = number

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if tell is not None:
                os.write(tell, b".")
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return local

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        return local if frame.f_code.co_filename.startswith(str(CODE)) else None

    return trace


def forked(run: Callable[[], int], kill_at: int, tell: int | None = None) -> int | None:
    """The exit code of ``run`` in a process of its own; None if it was killed."""
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(300)
            torch = sys.modules.get("torch")
            if torch is not None:
                torch.set_num_threads(1)  # others of the parent's are not here
            sys.settrace(at_line(kill_at, tell))
            result = run()
            sys.settrace(None)
            os._exit(result)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(70)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    return os.waitstatus_to_exitcode(status)


def n_lines(run: Callable[[], int]) -> int:
    """How many lines of ``jobs/`` a run comes to."""
    out, into = os.pipe()
    assert forked(run, -1, into) == 0
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        return len(pipe.read())


class TestKilled:
    def test_at_any_line(self, tmp_path: Path) -> None:
        documents = archive(8)
        whole = tmp_path / "whole"

        def run(folder: Path) -> int:
            work(folder, documents)
            return 0

        total = n_lines(lambda: run(whole))
        assert total > 200
        for kill_at in range(1, total + 1, 23):
            folder = tmp_path / str(kill_at)
            assert forked(lambda: run(folder), kill_at) is None  # noqa: B023
            work(folder, documents)
            assert contents(folder) == contents(whole), kill_at

    @pytest.mark.parametrize(
        ("form", "options"),
        [("jsonl", ()), ("jsonl.gz", ()), ("parquet", ()), ("jsonl", ("--format", "parquet"))],
    )
    def test_the_command_ten_times(
        self,
        tmp_path: Path,
        tiny_coder: Coder,
        monkeypatch: pytest.MonkeyPatch,
        form: str,
        options: tuple[str, ...],
    ) -> None:
        tiny_coder("Warm: what is loaded once is loaded before the processes part.")
        monkeypatch.setattr("conflictwire.coder.load_checked", lambda *_, **__: tiny_coder)
        prepare = tiny_coder.extractor.prepare

        def prepare_or_fail(text: str) -> Prepared:
            if "town 11 " in text:
                raise RuntimeError("odd")
            return prepare(text)

        monkeypatch.setattr(tiny_coder.extractor, "prepare", prepare_or_fail)
        source = news(tmp_path / f"news.{form}")
        command = ["predict", source, "--shard-size", 4, *options]

        def run(folder: Path, kill_at: int) -> int | None:
            arguments = [*map(str, command), "--batch-size", "3", "-o", f"{folder}/", "--resume"]
            return forked(lambda: main(arguments), kill_at)

        whole, folder = tmp_path / "whole", tmp_path / "killed"
        assert run(whole, -1) == 1
        points = random.Random(form)
        for _ in range(10):
            assert run(folder, points.randint(1, 250)) is None
        n_done = 0 if (found := read(folder)) is None else found.n_documents
        assert n_done < N_NEWS
        assert run(folder, -1) == 1
        assert contents(folder) == contents(whole)
        failed = [row["id"] for row in rows(folder / "failed.jsonl")]
        assert failed == ["r3", "r8", "r11", "r13", "r18"]
        if not options:
            done = [row["doc_id"] for row in rows(*read_folder(folder).files)]
            assert Counter(done + failed) == Counter(f"r{i}" for i in range(N_NEWS))
            assert done == [f"r{i}" for i in range(N_NEWS) if f"r{i}" not in failed]


N_NEWS = 23


def news(path: Path) -> Path:
    """An archive in the form that the name says; each fifth document has no day for a date."""
    made = [
        {
            "id": f"r{i}",
            "text": f"Rebels attacked town {i} on Monday and killed two soldiers, police said.",
            "date": "May" if i % 5 == 3 else "2020-01-02",
        }
        for i in range(N_NEWS)
    ]
    if path.suffix == ".parquet":
        pd.DataFrame(made).to_parquet(path)
        return path
    data = "".join(json.dumps(row) + "\n" for row in made).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tiny_model_dir: Path) -> Run:
    return runner(capsys, "predict", "--model", str(tiny_model_dir))


class TestCommand:
    def test_what_it_says(self, run: Run, tmp_path: Path) -> None:
        source, job = news(tmp_path / "news.jsonl"), tmp_path / "job"
        first = run(source, "-o", job, "--shard-size", 10)
        assert (first.code, first.out) == (1, "")
        *named, last = first.err.splitlines()
        assert [line.split(": ")[1] for line in named] == [f"{source}:{i}" for i in (4, 9, 14, 19)]
        failed = f"4 of 23 documents failed; they are in {job / 'failed.jsonl'}\n"
        assert last + "\n" == failed
        assert [p.name for p in read_folder(job).files] == [f"part-0000{i}.jsonl" for i in range(3)]
        again = run(source, "-o", job, "--shard-size", 10, "--resume")
        assert again == (1, "", f"nothing to do: all 23 documents are done in {job}\n{failed}")
        refused = run(source, "-o", job, "--shard-size", 10)
        assert refused.code == 2
        assert refused.err.startswith(f"error: {job}: holds a job with 23 documents done; go on")
        other = run(source, "-o", job, "--shard-size", 10, "--resume", "--min-score", 0.25)
        assert other.code == 2
        assert "(min_score: 0.0 then, 0.25 now)" in other.err

    def test_a_run_that_is_stopped_says_how_to_go_on(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source, job = news(tmp_path / "news.jsonl"), tmp_path / "job"
        undisturbed = JsonLinesWriter.write

        def stop(self: JsonLinesWriter, report: Report) -> None:
            if report.doc_id == "r12":
                raise KeyboardInterrupt
            undisturbed(self, report)

        monkeypatch.setattr(JsonLinesWriter, "write", stop)
        command = (source, "-o", job, "--shard-size", 5, "--resume")
        stopped = run(*command)
        assert stopped.code == 130
        assert stopped.err.endswith(
            f"\nstopped; 10 documents are done in {job}, and --resume goes on from there\n"
            "interrupted\n"
        )
        monkeypatch.undo()
        assert run(*command).code == 1
        assert run(source, "-o", tmp_path / "whole", "--shard-size", 5).code == 1
        assert contents(job) == contents(tmp_path / "whole")

    def test_documents_that_failed_can_be_repaired(self, run: Run, tmp_path: Path) -> None:
        source, job = news(tmp_path / "news.jsonl"), tmp_path / "job"
        assert run(source, "-o", job).code == 1
        failed = tmp_path / "again.jsonl"
        text = (job / "failed.jsonl").read_text(encoding="utf-8")
        failed.write_text(text, encoding="utf-8")
        again = run(failed, "-o", tmp_path / "again")
        assert again.code == 1
        assert "4 of 4 documents failed" in again.err
        failed.write_text(text.replace('"May"', '"2020-05-01"'), encoding="utf-8")
        assert run(failed, "-o", tmp_path / "repaired") == (0, "", "")
        found = rows(*read_folder(tmp_path / "repaired").files)
        assert [(row["doc_id"], row["date"]) for row in found] == [
            (f"r{i}", "2020-05-01") for i in (3, 8, 13, 18)
        ]

    @pytest.mark.parametrize(
        ("out", "is_folder"),
        [("a", True), ("a.b/", True), ("there.d", True), ("a.jsonl", False), ("file", False)],
    )
    def test_which_names_are_folders(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, is_folder: bool
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("in.txt").write_text("Rebels attacked.", encoding="utf-8")
        Path("there.d").mkdir()
        Path("file").touch()
        assert run("in.txt", "--format", "jsonl", "-o", out) == (0, "", "")
        assert Path(out).is_dir() == is_folder

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (("-o", "a/", "--format", "csv"), "--format csv: a folder holds jsonl or parquet"),
            (("-o", "a.jsonl", "--shard-size", 5), "--shard-size is for a folder: --out NAME/"),
            (("-o", "in"), "in: lies in in, which is read"),
            (("-o", "in/sub/"), "in/sub: lies in in, which is read"),
            (("-o", "other"), "other: holds other files (a.txt)"),
            (("-o", "a", "--model", "gone/gone/gone"), "no such model folder"),
        ],
    )
    def test_wrong_use(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        options: tuple[object, ...], message: str,
    ) -> None:  # fmt: skip
        monkeypatch.chdir(tmp_path)
        for name in ("in", "other"):
            Path(name).mkdir()
            Path(name, "a.txt").write_text("Rebels attacked.", encoding="utf-8")
        done = run("in", *options)
        assert (done.code, done.out) == (2, "")
        assert message in done.err
        assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.txt", "a.txt", "in", "other"]

    def test_kernels_kept_are_few_unless_one_says_otherwise(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "7")
        monkeypatch.setenv("LRU_CACHE_CAPACITY", "7")
        monkeypatch.delenv("LRU_CACHE_CAPACITY")
        assert run(news(tmp_path / "news.jsonl"), "-o", tmp_path / "job").code == 1
        assert os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == "7"
        assert os.environ["LRU_CACHE_CAPACITY"] == "256"

    def test_processes_side_by_side_write_the_same(self, run: Run, tmp_path: Path) -> None:
        source = news(tmp_path / "news.jsonl")
        for n in (1, 2):
            options = ("--shard-size", 9, "--dtype", "float32", "--workers", n)
            assert run(source, "-o", tmp_path / f"job{n}", *options).code == 1
        one, two = (contents(tmp_path / f"job{n}") for n in (1, 2))
        assert one == two

    def test_what_is_worth_several_processes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for n, many in ((0, False), (128, False), (129, True)):
            found, same = predict_command._are_many(iter(archive(n)))
            assert (found, list(same)) == (many, archive(n))
        monkeypatch.setattr(predict_command, "_MANY_CHARS", 10)
        source = iter(archive(5))
        assert predict_command._are_many(source)[0]
        assert len(list(source)) > 1  # no more were taken than it needs to know

    def test_parquet_holds_the_rows_of_a_file(self, run: Run, tmp_path: Path) -> None:
        source = news(tmp_path / "news.jsonl")
        options = ("--format", "parquet", "--dtype", "float32", "--batch-size", 5)
        assert run(source, "-o", tmp_path / "job", "--shard-size", 5, *options).code == 1
        assert run(source, "-o", tmp_path / "all.parquet", *options).code == 1
        parts = [pd.read_parquet(p) for p in sorted((tmp_path / "job").glob("*.parquet"))]
        assert len(parts) == 5
        whole = pd.read_parquet(tmp_path / "all.parquet")
        pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)

    def test_other_commands_read_the_folder(
        self, run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        source, job = news(tmp_path / "news.jsonl"), tmp_path / "job"
        assert run(source, "-o", job, "--shard-size", 5).code == 1
        done = "".join(p.read_text("utf-8") for p in read_folder(job).files)
        (tmp_path / "all.jsonl").write_text(done, encoding="utf-8")
        other = runner(capsys)
        failed = f"error: 4 documents failed: {job / 'failed.jsonl'}\n"
        for command in ("export", "merge"):
            options = ("--format", "csv") if command == "export" else ()
            expected = other(command, tmp_path / "all.jsonl", *options)
            assert expected.code == 0
            assert other(command, job, *options) == (1, expected.out, failed)
        assert "lies in" in other("export", job, "-o", job / "events.csv").err
        assert "no job of predict" in other("export", tmp_path, "-o", "events.csv").err
        manifest = job / "manifest.jsonl"
        lines = manifest.read_bytes().splitlines(keepends=True)
        manifest.write_bytes(b"".join(lines[:3]))
        found = other("export", job, "--format", "jsonl")
        assert found.err.startswith(f"note: {job} is not complete: 10 documents are done\n")
        assert found.out.splitlines() == done.splitlines()[:8]
        assert run(source, "-o", tmp_path / "rows", "--format", "parquet").code == 1
        assert "its shards are parquet" in other("export", tmp_path / "rows").err
