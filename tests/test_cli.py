"""The command line, end to end over a tiny model with random weights."""

from __future__ import annotations

import gzip
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import typer
from command_runs import Run, runner
from conflictwire.cli import app
from conflictwire.cli.output import Format
from conflictwire.errors import ConfigError
from conflictwire.outputs import FORMATS
from conflictwire.report import Report
from conflictwire.version import __version__
from conftest import make_network

if TYPE_CHECKING:
    from conflictwire.coder import Coder
    from conflictwire.network import NetworkConfig
    from conflictwire.ontology import Ontology
    from transformers import PreTrainedTokenizerFast

TEXT = "Rebels attacked the town near the north on Monday and killed two soldiers, police said."
COMMANDS = ("predict", "export", "merge", "train", "evaluate", "bench", "info")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder: two texts and three lines."""
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "b.txt").write_text("Two soldiers were wounded in the east.", encoding="utf-8")
    rows = [{"id": f"r{i}", "text": TEXT, "date": "2020-01-02"} for i in range(3)]
    (folder / "c.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return folder


@pytest.fixture
def group_model_dir(
    tiny_config: NetworkConfig,
    tiny_tokenizer: PreTrainedTokenizerFast,
    ontology: Ontology,
    tmp_path: Path,
) -> Path:
    """A model that takes every word for an armed group of its own."""
    import torch
    from conflictwire.folder import save_model

    network = make_network(tiny_config, seed=7)
    with torch.no_grad():
        network.mention_tagger.weight.zero_()
        network.mention_tagger.bias.zero_()
        network.mention_tagger.bias[1 + 2 * tiny_config.kinds.index("ARMED_GROUP")] = 20.0
    save_model(tmp_path / "groups", network, tiny_tokenizer, ontology)
    return tmp_path / "groups"


def reports(text: str) -> list[Report]:
    return [Report.from_json(line) for line in text.splitlines()]


def separate(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "conflictwire.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


class TestHelp:
    def test_help_imports_nothing_heavy(self) -> None:
        code = (
            "import sys; from conflictwire.cli import main; code = main(['predict', '--help'])\n"
            "heavy = {'torch', 'transformers', 'numpy', 'scipy', 'datasets'} & set(sys.modules)\n"
            "assert code == 0, code; assert not heavy, heavy"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_examples(self, run: Run, command: str) -> None:
        done = run(command, "--help")
        assert done.code == 0
        assert f"Examples:\n    conflictwire {command}" in done.out

    def test_all_commands_are_listed(self, run: Run) -> None:
        done = run("--help")
        assert done.code == 0
        assert all(f"\n  {command} " in done.out for command in COMMANDS)
        assert "Exit codes" in done.out

    def test_version(self, run: Run) -> None:
        assert run("--version") == (0, f"conflictwire {__version__}\n", "")

    def test_no_command_is_wrong_use(self, run: Run) -> None:
        done = run()
        assert (done.code, done.out) == (2, "")
        assert "Usage: conflictwire" in done.err

    def test_formats_are_those_that_can_be_written(self) -> None:
        assert list(Format) == list(FORMATS)


def examples(command: str) -> list[str]:
    """The lines under "Examples:" in the help of a command."""
    text = typer.main.get_command(app).commands[command].help or ""  # type: ignore[attr-defined]
    return [line.strip() for line in text.partition("Examples:\n")[2].splitlines()]


def parsed(words: list[str]) -> dict[str, Any]:
    """The arguments of a command line, checked as the command would, which does not run."""
    command = typer.main.get_command(app).commands[words[1]]  # type: ignore[attr-defined]
    found: dict[str, Any] = command.make_context(words[1], words[2:]).params
    return found


class TestExamples:
    """What the help tells people to type."""

    @pytest.fixture
    def files(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, news: Path, gold: Path,
        tiny_model_dir: Path, tiny_coder: Coder,
    ) -> Path:  # fmt: skip
        """The working folder, with the files that the examples name."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("conflictwire.coder.WEIGHTS", tiny_model_dir)
        (tmp_path / "RUN").mkdir()
        (tmp_path / "RUN" / "best").symlink_to(tiny_model_dir)
        (tmp_path / "article.txt").write_text(TEXT, encoding="utf-8")
        (tmp_path / "more.jsonl").write_text(json.dumps({"text": TEXT}), encoding="utf-8")
        with gzip.open(tmp_path / "posts.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write(json.dumps({"body": TEXT}))
        posts = pd.DataFrame({"body": [TEXT], "published": ["2020-01-02"]})
        posts.to_csv(tmp_path / "posts.csv", index=False)
        posts.rename(columns={"body": "text"}).to_parquet(tmp_path / "archive.parquet")
        (tmp_path / "mine.csv").write_text("name,kind\nHill Lanterns,ARMED_GROUP\n", "utf-8")
        gold.rename(tmp_path / "dev.jsonl")
        shutil.copy(tmp_path / "dev.jsonl", tmp_path / "second.jsonl")
        documents = map(json.loads, (tmp_path / "dev.jsonl").read_text("utf-8").splitlines())
        found = [tiny_coder(row["text"], doc_id=row["id"]).to_json() + "\n" for row in documents]
        (tmp_path / "reports.jsonl").write_text("".join(found), encoding="utf-8")
        return tmp_path

    @pytest.mark.parametrize(
        "line", [e for c in COMMANDS if c not in ("train", "bench") for e in examples(c)]
    )
    def test_they_work(
        self, files: Path, run: Run, monkeypatch: pytest.MonkeyPatch, line: str
    ) -> None:
        piped = b""
        for words in map(shlex.split, line.split(" | ")):
            if words[0] == "cat":
                piped = Path(words[1]).read_bytes()
                continue
            assert words[0] == "conflictwire"
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
            done = run(*words[1:])
            assert (done.code, done.err) == (0, "")
            out = parsed(words).get("out")
            assert out is None or Path(out).is_file() or (Path(out) / "manifest.jsonl").is_file()
            piped = done.out.encode()

    def test_those_of_train_have_known_configs_and_settings(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import conflictwire.configs
        from conflictwire.training.config import load_config

        monkeypatch.chdir(tmp_path)
        (packaged,) = conflictwire.configs.__path__
        shutil.copy(Path(packaged) / "small.yaml", "my.yaml")
        found = [parsed(shlex.split(line)) for line in examples("train")]
        for arguments in found[:2]:
            load_config(arguments["config"], arguments["overrides"] or ())
        assert found[2]["model"] == "RUN/best"

    def test_those_of_bench_have_known_names(self) -> None:
        from conflictwire.eval.bench import BENCHMARKS

        names = [parsed(shlex.split(line))["name"] for line in examples("bench")]
        assert {*names} <= {*BENCHMARKS, "all", "speed"}


class TestWrongUse:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["bogus"], "bogus"),
            (["predict", "--bogus"], "--bogus"),
            (["predict", "--format", "xls"], "'table', 'json', 'jsonl'"),
            (["predict", "--date", "21.5.2018"], "expected an ISO day"),
            (["predict", "--batch-size", "0"], "--batch-size"),
            (["predict", "ok.txt", "--min-score", "1.01"], "'--min-score': "),
            (["predict", "ok.txt", "--min-score", "-0.1"], "'--min-score': "),
            (["predict", "ok.txt", "--min-score", "nan"], "'--min-score': "),
            (["predict", "ok.txt", "--min-score", "half"], "'--min-score': "),
            (["predict", "gone.txt"], "gone.txt: no such file or folder"),
            (["predict", "table.ods"], "accepted: .txt, .jsonl"),
            (["predict", "ok.txt", "--model", "./gone"], "./gone: no such model folder"),
            (["predict", "ok.txt", "--model", "empty"], "config.json"),
            (["predict", "ok.txt", "-o", "gone/out.txt"], "cannot be written"),
            (["predict", "ok.txt", "-o", "empty", "--format", "csv"], "a folder holds jsonl or"),
            (["export", "ok.txt", "-o", "empty"], "is a folder"),
            (["predict", "ok.txt", "-o", "ok.txt"], "is one of the inputs"),
            (["predict", "ok.txt", "-o", "out.xls"], "'.xls'; accepted: .txt, .json, .jsonl"),
            (["export", "ok.txt", "-o", "out"], "a name without extension; accepted: .txt"),
            (["predict", ".", "-o", "out.jsonl"], "lies in ., which is read"),
            (["predict", ".", "-o", "empty/out.csv", "--format", "json"], "lies in ., which"),
            (["predict", "ok.txt", "--model", "empty", "-o", "out.json"], "config.json"),
            (["train", "nosuch"], "no config 'nosuch'"),
            (["train", "small", "--set", "optimiser.learning=1"], "unknown setting"),
            (["evaluate"], "--gold"),
            (["evaluate", "--gold", "gone.jsonl"], "gone.jsonl: no such file"),
            (["evaluate", "--gold", "ok.txt", "--predictions", "gone"], "gone: no such file"),
            (["evaluate", "--gold", "empty"], "training.markup empty --out gold.jsonl"),
            (["info", "--model", "./gone"], "no such model folder"),
        ],
    )
    def test_one_line_and_2(
        self,
        run: Run,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
        message: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "ok.txt").write_text(TEXT, encoding="utf-8")
        (tmp_path / "table.ods").write_text("text\nx", encoding="utf-8")
        (tmp_path / "empty").mkdir()
        done = run(*arguments)
        assert (done.code, done.out) == (2, "")
        assert message in done.err
        assert done.err.startswith("error: ")
        assert done.err.count("\n") == 1
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {"ok.txt", "table.ods", "empty"}

    @pytest.mark.parametrize(
        ("option", "value", "message"),
        [("--device", "tpu", "auto, cpu, cuda, mps"), ("--dtype", "int4", "float32, bfloat16")],
    )
    def test_devices_and_dtypes(
        self, run: Run, tiny_model_dir: Path, option: str, value: str, message: str
    ) -> None:
        done = run("info", "--model", tiny_model_dir, option, value)
        assert done.code == 2
        assert message in done.err


class TestPredict:
    def test_a_folder_as_lines(self, run: Run, news: Path, tiny_model_dir: Path) -> None:
        done = run("predict", news, "--format", "jsonl", "--model", tiny_model_dir)
        assert (done.code, done.err) == (0, "")
        found = reports(done.out)
        assert [r.doc_id for r in found] == ["a.txt", "b.txt", "r0", "r1", "r2"]
        assert [r.date for r in found] == [None, None, *["2020-01-02"] * 3]
        assert found[0].text == TEXT

    def test_the_coder_says_the_same(self, run: Run, news: Path, tiny_model_dir: Path) -> None:
        from conflictwire import load

        options = ("--date", "2021-03-04", "--format", "json", "--dtype", "float32")
        done = run("predict", news / "a.txt", *options, "--model", tiny_model_dir)
        coder = load(tiny_model_dir, dtype="float32")
        assert json.loads(done.out) == coder(TEXT, date="2021-03-04", doc_id="a.txt").to_dict()

    def test_batch_size_changes_nothing_but_the_pace(
        self, run: Run, news: Path, tiny_model_dir: Path
    ) -> None:
        options = ("--format", "jsonl", "--model", tiny_model_dir, "--dtype", "float32")
        one, many = (reports(run("predict", news, *options, "--batch-size", n).out) for n in (1, 4))
        assert [(r.doc_id, r.text) for r in one] == [(r.doc_id, r.text) for r in many]

    def test_a_table_by_default(self, run: Run, news: Path, tiny_model_dir: Path) -> None:
        done = run("predict", news / "a.txt", "--date", "2021-03-04", "--model", tiny_model_dir)
        assert done.code == 0
        assert done.out.startswith("a.txt  2021-03-04  ")
        assert max(map(len, done.out.splitlines())) <= 120

    @pytest.mark.parametrize("name", ["out.json", "out.jsonl", "out.txt"])
    def test_out_names_the_form(
        self, run: Run, news: Path, tmp_path: Path, tiny_model_dir: Path, name: str
    ) -> None:
        done = run("predict", news, "-o", tmp_path / name, "--model", tiny_model_dir)
        assert done == (0, "", "")
        text = (tmp_path / name).read_text(encoding="utf-8")
        if name == "out.json":
            assert len(json.loads(text)) == 5
        elif name == "out.jsonl":
            assert len(reports(text)) == 5
        else:
            assert text.startswith("a.txt  no date")
        assert {p.name for p in tmp_path.iterdir()} == {"news", name}

    def test_min_score_leaves_out_events_and_keeps_ids(
        self, run: Run, news: Path, tiny_model_dir: Path
    ) -> None:
        options = ("--format", "jsonl", "--model", tiny_model_dir, "--dtype", "float32")
        everything = reports(run("predict", news, *options).out)
        scores = sorted(event.score for report in everything for event in report.events)
        least = scores[len(scores) // 2]
        assert scores[0] < least
        done = run("predict", news, *options, "--min-score", least)
        assert (done.code, done.err) == (0, "")
        assert [[(e.id, e.score) for e in r.events] for r in reports(done.out)] == [
            [(e.id, e.score) for e in r.events if e.score >= least] for r in everything
        ]
        none = reports(run("predict", news, *options, "--min-score", 1).out)
        assert [r.doc_id for r in none] == [r.doc_id for r in everything]
        assert not any(r.events for r in none)

    def test_actors_of_ones_own(self, run: Run, tmp_path: Path, group_model_dir: Path) -> None:
        news, own = tmp_path / "a.txt", tmp_path / "own.csv"
        news.write_text("Zorvani gunmen attacked Hisbe on Monday.", encoding="utf-8")
        own.write_text(
            "name,kind,aliases,id\nHarbour Wolves of Tarn,ARMED_GROUP,Zorvani|Tarn Wolves,w1\n",
            encoding="utf-8",
        )
        command = ("predict", news, "--format", "jsonl", "--model", group_model_dir)
        (without,) = reports(run(*command).out)
        assert "Zorvani" in [m.text for m in without.mentions]
        assert not [e for e in without.entities if e.link is not None and e.link.source == "own"]
        done = run(*command, "--actors", own)
        assert (done.code, done.err) == (0, "")
        (report,) = reports(done.out)
        (entity,) = [e for e in report.entities if e.link is not None and e.link.source == "own"]
        assert (entity.name, entity.link.id) == ("Harbour Wolves of Tarn", "w1")
        assert [report.mentions[i].text for i in entity.mentions] == ["Zorvani"]

    @pytest.mark.parametrize(
        ("content", "message"),
        [(None, "cannot be read"), ("name,kind\nWolves,TEAM\n", ":2, field kind: 'TEAM'")],
    )
    def test_a_bad_list_of_actors(
        self, run: Run, news: Path, tiny_model_dir: Path, content: str | None, message: str
    ) -> None:
        own = news.with_name("own.csv")
        if content is not None:
            own.write_text(content, encoding="utf-8")
        done = run("predict", news, "--model", tiny_model_dir, "--actors", own)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"error: {own}")
        assert message in done.err

    def test_the_form_that_is_asked_for_goes_under_any_name(
        self, run: Run, news: Path, tmp_path: Path, tiny_model_dir: Path
    ) -> None:
        out = tmp_path / "out.log"
        done = run("predict", news, "-o", out, "--format", "jsonl", "--model", tiny_model_dir)
        assert done == (0, "", "")
        assert len(reports(out.read_text(encoding="utf-8"))) == 5
        assert run("predict", news, "-o", os.devnull, "--model", tiny_model_dir).code == 0

    def test_a_bad_field_keeps_the_text_and_the_id(
        self, run: Run, tmp_path: Path, tiny_model_dir: Path
    ) -> None:
        path = tmp_path / "a.jsonl"
        rows = [{"id": "k", "text": TEXT, "title": 3}, {"id": [1], "text": TEXT, "title": "T"}]
        path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
        done = run("predict", path, "--format", "jsonl", "--model", tiny_model_dir)
        assert done.code == 1
        found = reports(done.out)
        assert [(r.doc_id, r.text, r.title) for r in found] == [
            ("k", TEXT, None), ("a.jsonl:2", TEXT, "T"),
        ]  # fmt: skip
        assert [r.error for r in found] == [
            "field 'title': expected text, got int",
            "field 'id': expected text or a whole number, got list",
        ]
        assert not any(r.mentions or r.events for r in found)

    def test_json_lines_on_standard_input(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tiny_model_dir: Path
    ) -> None:
        raw = "".join(json.dumps({"id": i, "text": TEXT}) + "\n" for i in "ab")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw.encode())))
        done = run("predict", "--format", "jsonl", "--model", tiny_model_dir)
        assert [(r.doc_id, r.text) for r in reports(done.out)] == [("a", TEXT), ("b", TEXT)]

    def test_failures_are_named_and_the_rest_go_on(
        self, run: Run, news: Path, tiny_model_dir: Path
    ) -> None:
        (news / "b.txt").write_bytes(b"Caf\xe9")
        lines = ['{"text": "A quiet day."', '{"id": "k", "text": "Calm.", "date": "May"}', "{}"]
        (news / "c.jsonl").write_text("\n".join([*lines, '{"text": "x"}']), encoding="utf-8")
        done = run("predict", news, "--format", "jsonl", "--model", tiny_model_dir)
        assert done.code == 1
        found = reports(done.out)
        assert [r.doc_id for r in found] == [
            "a.txt", "b.txt", "c.jsonl:1", "k", "c.jsonl:3", "c.jsonl:4",
        ]  # fmt: skip
        assert [r.error is None for r in found] == [True, False, False, False, False, True]
        assert found[3].text == "Calm."
        named = done.err.splitlines()
        assert len(named) == 5
        assert named[0] == f"error: {news / 'b.txt'}: not UTF-8 at byte 3 (0xe9)"
        assert named[1].startswith(f"error: {news / 'c.jsonl'}:1: not JSON")
        assert "c.jsonl:2: field 'date': expected an ISO day" in named[2]
        assert "c.jsonl:3: field 'text' is missing" in named[3]
        assert named[4] == "4 of 6 documents failed"

    def test_fields_by_other_names(self, run: Run, tmp_path: Path, tiny_model_dir: Path) -> None:
        path = tmp_path / "posts.jsonl"
        path.write_text('{"body": "Calm.", "day": "2020-01-02", "key": 5}\n', encoding="utf-8")
        fields = ("--text-field", "body", "--date-field", "day", "--id-field", "key")
        done = run("predict", path, *fields, "--format", "jsonl", "--model", tiny_model_dir)
        (report,) = reports(done.out)
        assert (report.text, report.date, report.doc_id) == ("Calm.", "2020-01-02", "5")

    @pytest.mark.parametrize("arguments", [[], ["-"]])
    def test_standard_input(
        self,
        run: Run,
        monkeypatch: pytest.MonkeyPatch,
        tiny_model_dir: Path,
        arguments: list[str],
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
        done = run("predict", *arguments, "--format", "json", "--model", tiny_model_dir)
        assert (done.code, done.err) == (0, "")
        assert (json.loads(done.out)["text"], json.loads(done.out)["doc_id"]) == (TEXT, None)

    def test_interrupted(
        self,
        run: Run,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        tiny_model_dir: Path,
    ) -> None:
        class Waiting(io.RawIOBase):
            def readable(self) -> bool:
                return True

            def readinto(self, _: object) -> int:
                raise KeyboardInterrupt

        stdin = io.TextIOWrapper(io.BufferedReader(Waiting()))
        monkeypatch.setattr(sys, "stdin", stdin)
        done = run("predict", "-o", tmp_path / "out.json", "--model", tiny_model_dir)
        assert done == (130, "", "interrupted\n")
        assert not list(tmp_path.iterdir())

    def test_names_with_control_characters_are_shown_clean(self, run: Run, tmp_path: Path) -> None:
        done = run("predict", tmp_path / "a\x1b[31m\nb.txt")
        assert done.code == 2
        assert "\x1b" not in done.err
        assert done.err.count("\n") == 1


class TestProcess:
    """What only a process of its own shows."""

    def test_a_reader_that_goes_away(self, news: Path, tiny_model_dir: Path) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        command = [sys.executable, "-m", "conflictwire.cli", "predict", str(news), "--format"]
        done = subprocess.run(
            [*command, "jsonl", "--model", str(tiny_model_dir)],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, b"")

    def test_ascii_output(self, tmp_path: Path, tiny_model_dir: Path) -> None:
        path = tmp_path / "a.jsonl"
        row = {"id": "Ж", "title": "Naïve 🛰", "text": TEXT}
        path.write_text(json.dumps(row), encoding="utf-8")
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        done = separate("predict", path, "--model", tiny_model_dir, env=environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(rb"\u0416  no date  Na\xefve \U0001f6f0")

    def test_the_bar_shows_on_a_terminal_and_only_there(
        self, news: Path, tmp_path: Path, tiny_model_dir: Path
    ) -> None:
        out = tmp_path / "out.jsonl"
        command = ("predict", news, "-o", out, "--model", tiny_model_dir)
        assert "documents/s" in on_terminal(*command)
        assert len(reports(out.read_text(encoding="utf-8"))) == 5
        single = ("predict", news / "a.txt", "-o", out, "--model", tiny_model_dir)
        assert on_terminal(*single) == ""


def on_terminal(*arguments: object) -> str:
    """What the command writes on stderr when that is a terminal."""
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "conflictwire.cli", *map(str, arguments)]
    process = subprocess.Popen(command, stderr=theirs, stdout=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        written += part
    os.close(ours)
    assert process.wait() == 0, written
    return written.decode()


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Two annotated documents, the first with a date."""
    start = TEXT.index("killed")
    event = {
        "id": "E0",
        "type": "attack",
        "status": "happened",
        "triggers": [{"start": start, "end": start + 6}],
        "arguments": [],
    }
    rows: list[dict[str, object]] = [
        {"id": "g0", "text": TEXT, "date": "2020-01-02", "events": [event]},
        {"id": "g1", "text": "A quiet day in the north.", "events": []},
    ]
    path = tmp_path / "gold.jsonl"
    lists: dict[str, object] = {"mentions": [], "entities": []}
    path.write_text("".join(json.dumps({**lists, **r}) + "\n" for r in rows), encoding="utf-8")
    return path


def saved(path: Path, gold: Path, *errors: str | None) -> Path:
    """Reports without events for the documents of gold."""
    texts = [json.loads(line)["text"] for line in gold.read_text(encoding="utf-8").splitlines()]
    found = [
        Report(model_version="0+saved", text=text, windows=1, error=error)
        for text, error in zip(texts, errors, strict=True)
    ]
    path.write_text("".join(r.to_json() + "\n" for r in found), encoding="utf-8")
    return path


class TestEvaluate:
    def test_a_model(self, run: Run, gold: Path, tmp_path: Path, tiny_model_dir: Path) -> None:
        options = ("--resamples", 10, "--seed", 3, "--json", tmp_path / "scores.json")
        done = run("evaluate", "--gold", gold, "--model", tiny_model_dir, *options)
        assert (done.code, done.err) == (0, "")
        assert "gold.jsonl, 2 documents" in done.out
        scores = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
        assert (scores["n_documents"], scores["seed"], scores["n_resamples"]) == (2, 3, 10)
        assert scores["model_version"].startswith(f"{__version__}+{tiny_model_dir.name}.")
        assert 0 <= scores["overall"]["event_f1"] <= 1

    def test_saved_reports(self, run: Run, gold: Path, tmp_path: Path) -> None:
        path = saved(tmp_path / "reports.jsonl", gold, None, None)
        options = ("--resamples", 5, "--json", tmp_path / "scores.json")
        done = run("evaluate", "--gold", gold, "--predictions", path, *options)
        assert (done.code, done.err) == (0, "")
        scores = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
        assert scores["model_version"] == "0+saved"
        assert scores["counts"]["event"] == {"tp": 0, "predicted": 0, "gold": 1}

    def test_an_archive(self, run: Run, gold: Path, tmp_path: Path, tiny_model_dir: Path) -> None:
        job, path = tmp_path / "job", tmp_path / "reports.jsonl"
        predict = ("predict", "--model", tiny_model_dir)
        assert run(*predict, gold, "-o", job, "--shard-size", 1) == (0, "", "")
        shards = [job / "part-00000.jsonl", job / "part-00001.jsonl"]
        path.write_bytes(b"".join(shard.read_bytes() for shard in shards))
        evaluate = ("evaluate", "--gold", gold, "--resamples", 0, "--predictions")
        expected = run(*evaluate, path)
        assert (expected.code, expected.err) == (0, "")
        assert run(*evaluate, job) == expected
        assert "lies in" in run(*evaluate, job, "--json", job / "scores.json").err
        (tmp_path / "bad.jsonl").write_text("{}", encoding="utf-8")
        assert run(*predict, tmp_path / "bad.jsonl", "-o", tmp_path / "bad").code == 1
        done = run(*evaluate, tmp_path / "bad")
        assert (done.code, "lacks the Reports of documents" in done.err) == (2, True)

    def test_a_second_annotation(self, run: Run, gold: Path, tmp_path: Path) -> None:
        options = ("--resamples", 0, "--json", tmp_path / "scores.json")
        done = run("evaluate", "--gold", gold, "--annotations", gold, *options)
        assert (done.code, done.err) == (0, "")
        scores = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
        assert scores["overall"]["event_f1"] == scores["overall"]["status_accuracy"] == 1
        one = tmp_path / "one.jsonl"
        one.write_text(gold.read_text(encoding="utf-8").split("\n")[0], encoding="utf-8")
        done = run("evaluate", "--gold", gold, "--annotations", one)
        assert (done.code, "no document" in done.err) == (2, True)
        done = run("evaluate", "--gold", gold, "--annotations", gold, "--predictions", gold)
        assert (done.code, "give one of them" in done.err) == (2, True)

    def test_errors_by_cause(self, run: Run, gold: Path, tmp_path: Path) -> None:
        path = saved(tmp_path / "reports.jsonl", gold, None, None)
        options = ("--resamples", 0, "--errors", tmp_path / "errors.md")
        done = run("evaluate", "--gold", gold, "--predictions", path, *options)
        assert (done.code, done.err) == (0, "")
        assert "## Event missed: 1\n" in (tmp_path / "errors.md").read_text(encoding="utf-8")
        before = gold.read_bytes()
        done = run("evaluate", "--gold", gold, "--predictions", path, "--errors", gold)
        assert (done.code, "one of the inputs" in done.err) == (2, True)
        assert gold.read_bytes() == before
        options = ("--json", tmp_path / "x", "--errors", tmp_path / "x")
        done = run("evaluate", "--gold", gold, "--predictions", path, *options)
        assert (done.code, "name one file" in done.err) == (2, True)

    def test_saved_reports_need_no_torch(self, gold: Path, tmp_path: Path) -> None:
        path = saved(tmp_path / "reports.jsonl", gold, None, None)
        arguments = ["evaluate", "--gold", str(gold), "--predictions", str(path)]
        code = (
            f"import sys; from conflictwire.cli import main; code = main({arguments!r})\n"
            "assert code == 0, code; assert 'torch' not in sys.modules"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def test_failed_documents_are_named(self, run: Run, gold: Path, tmp_path: Path) -> None:
        path = saved(tmp_path / "reports.jsonl", gold, None, "ValueError: odd")
        done = run("evaluate", "--gold", gold, "--predictions", path, "--resamples", 0)
        assert (done.code, done.err) == (1, "error: g1: ValueError: odd\n")
        assert "2 documents" in done.out

    @pytest.mark.parametrize(
        ("lines", "message"),
        [
            ("{", "reports.jsonl:1: not JSON"),
            ("[]", "reports.jsonl:1: expected a Report object"),
            ("{}", "field text: missing (prediction for 'g0')"),
            ("", "no prediction for gold document 'g0'"),
        ],
    )
    def test_bad_reports(
        self, run: Run, gold: Path, tmp_path: Path, lines: str, message: str
    ) -> None:
        path = tmp_path / "reports.jsonl"
        path.write_text(lines, encoding="utf-8")
        scores = tmp_path / "scores.json"
        done = run("evaluate", "--gold", gold, "--predictions", path, "--json", scores)
        assert done.code == 2
        assert message in done.err
        assert done.err.count("\n") == 1
        assert not scores.exists()

    def test_bad_gold(self, run: Run, gold: Path, tmp_path: Path) -> None:
        path = saved(tmp_path / "reports.jsonl", gold, None, None)
        gold.write_text('{"id": "g0"}\n', encoding="utf-8")
        done = run("evaluate", "--gold", gold, "--predictions", path)
        assert (done.code, done.out) == (2, "")
        assert f"{gold}:1" in done.err


class TestInfo:
    def test_text(self, run: Run, tiny_model_dir: Path) -> None:
        done = run("info", "--model", tiny_model_dir)
        assert done.code == 0
        assert max(map(len, done.out.splitlines())) <= max(120, 20 + len(str(tiny_model_dir)))
        for part in (__version__, str(tiny_model_dir), "bert, 2 layers, 32 wide", "air_strike"):
            assert part in done.out

    def test_json(self, run: Run, tiny_model_dir: Path) -> None:
        from conflictwire import Ontology

        done = run("info", "--model", tiny_model_dir, "--json", "--dtype", "float32")
        facts = json.loads(done.out)
        assert (facts["version"], facts["dtype"]) == (__version__, "float32")
        assert facts["weights"] == str(tiny_model_dir)
        assert facts["parameters"] > 10_000
        assert facts["labels"] == Ontology.load().describe()

    def test_what_comes_with_it(self, run: Run, tiny_model_dir: Path) -> None:
        from conflictwire.eval.bench import BENCHMARKS

        facts = json.loads(run("info", "--model", tiny_model_dir, "--json").out)
        assert facts["actors"] > 1_000
        assert facts["places"] > 100_000
        assert facts["formats"] == list(FORMATS)
        assert facts["benchmarks"] == list(BENCHMARKS)

    def test_without_the_extra_there_are_no_benchmarks(
        self, run: Run, tiny_model_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "seqeval", None)  # as if it were not installed
        done = run("info", "--model", tiny_model_dir)
        assert (done.code, done.err) == (0, "")
        assert "benchmarks:     none installed\n" in done.out


class TestTrain:
    @pytest.mark.parametrize("package", ["accelerate", "datasets", "matplotlib"])
    def test_a_missing_extra_is_named(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, package: str
    ) -> None:
        monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
        done = run("train", "small")
        assert (done.code, done.out) == (2, "")
        expected = f"error: {package} not installed; run: pip install 'conflictwire[train]'\n"
        assert done.err == expected

    def test_settings_reach_the_run_and_its_folder_is_printed(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        training = pytest.importorskip("conflictwire.training.train")
        seen: list[tuple[Any, bool]] = []

        def train(config: Any, *, show: Callable[[str], None], progress: bool) -> object:
            seen.append((config, progress))
            show("epoch 1")
            return training.TrainingResult(tmp_path, {}, 1)

        monkeypatch.setattr(training, "train", train)
        done = run("train", "small", "--set", "loop.epochs=3", "--set", "seed=5")
        assert done == (0, f"{tmp_path}\n", "epoch 1\n")
        ((config, progress),) = seen
        assert (config.loop.epochs, config.seed, progress) == (3, 5, False)

    @pytest.mark.parametrize(
        ("error", "code"), [(ConfigError("other settings"), 2), (FloatingPointError("loss"), 1)]
    )
    def test_errors_of_a_run(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
    ) -> None:
        training = pytest.importorskip("conflictwire.training.train")

        def train(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(training, "train", train)
        assert run("train", "small") == (code, "", f"error: {error}\n")
