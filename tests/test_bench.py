"""The frame of the benchmarks, and the command over it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import types
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from command_runs import Run, runner
from conflictwire.coder import WEIGHTS
from conflictwire.errors import ConfigError, DataError, ModelFolderError
from conflictwire.eval.bench import (
    BENCHMARKS,
    Benchmark,
    Options,
    find,
    json_lines,
    locate,
    measure,
    read_rows,
    registry,
)
from conflictwire.eval.bench.base import run_name, with_baselines
from conflictwire.eval.bench.checkpoint import describe
from conflictwire.files import run_folder
from conflictwire.training.config import load_config, packaged_configs
from pydantic import BaseModel

if TYPE_CHECKING:
    from conflictwire.network import Network

FORM = "a river: name, length (km)"


def run_rivers(path: Path, options: Options) -> dict[str, Any]:
    """Share of rivers that are long."""
    rows = read_rows(path, FORM, name=str, length=float)
    counts = [(row["length"] > 100, 1) for row in rows]
    return {
        "long": sum(right for right, _ in counts) / len(counts),
        "n": len(rows),
        **options.interval(counts),
        "by_name": {row["name"]: row["length"] for row in rows},
        "failed": [row["name"] for row in rows if not row["length"]],
    }


class Town(BaseModel):
    name: str
    people: int | None


def rivers(name: str = "rivers", *, own_model: bool = False) -> Benchmark:
    return Benchmark(
        name=name,
        title="Long rivers",
        data=f"{name}/all.jsonl",
        form=json_lines(FORM),
        source="the list of rivers",
        headline=("long",),
        run=run_rivers,
        config=f"bench/{name}" if own_model else None,
        uses_model=own_model,
    )


def lines(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


LONG, SHORT = {"name": "Aru", "length": 700}, {"name": "Bek", "length": 12.5}


@pytest.fixture
def two_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """rivers and brooks in place of the real ones."""
    for name in ("rivers", "brooks"):
        module = types.ModuleType(name)
        module.BENCHMARK = rivers(name)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"conflictwire.eval.bench.{name}", module)
    monkeypatch.setattr("conflictwire.eval.bench.registry.BENCHMARKS", ("rivers", "brooks"))
    monkeypatch.setattr("conflictwire.eval.bench.BENCHMARKS", ("rivers", "brooks"))


class TestRows:
    def test_rows_come_as_they_stand(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text('\ufeff{"name": "A\u2028ru", "length": 7, "more": [1]}\n\n', "utf-8")
        rows = read_rows(path, FORM, name=str, length=float)
        assert rows == [{"name": "A\u2028ru", "length": 7, "more": [1]}]

    @pytest.mark.parametrize(
        ("line", "place", "problem"),
        [
            ('{"name": "Aru"}', ", field length", "Field required"),
            ('{"name": 3, "length": 1}', ", field name", "valid string"),
            ('{"name": "Aru", "length": "1"}', ", field length", "valid number"),
            ('{"name": "Aru", "length": null}', ", field length", "valid number"),
            ("[1]", "", "valid dictionary"),
            ("{", "", "not JSON"),
            ("[" * 100_000, "", "not JSON"),
        ],
    )
    def test_a_bad_line_is_named(self, tmp_path: Path, line: str, place: str, problem: str) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text(json.dumps(LONG) + "\n\n" + line + "\n", encoding="utf-8")
        with pytest.raises(DataError) as caught:
            read_rows(path, FORM, name=str, length=float)
        assert str(caught.value).startswith(f"{path}:3{place}: ")
        assert problem in str(caught.value)
        assert f"must hold {FORM}" in str(caught.value)

    def test_fields_within_fields(self, tmp_path: Path) -> None:
        good = {"towns": [{"name": "Dol", "people": None}]}
        assert read_rows(lines(tmp_path / "a.jsonl", good), FORM, towns=list[Town]) == [good]
        bad = {"towns": [{"name": "Dol", "people": 5}, {"name": "Eri", "people": "x"}]}
        with pytest.raises(DataError, match=r"a\.jsonl:2, field towns\.1\.people"):
            read_rows(lines(tmp_path / "a.jsonl", good, bad), FORM, towns=list[Town])

    def test_an_empty_file_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "a.jsonl").write_text("\n", encoding="utf-8")
        with pytest.raises(DataError, match="no line in the file"):
            read_rows(tmp_path / "a.jsonl", FORM)


class TestOptions:
    def test_interval_of_a_share(self) -> None:
        counts = [(1, 1)] * 60 + [(0, 1)] * 40
        found = Options(n_resamples=2000).interval(counts)
        # The normal interval of 60 in 100 is 0.504 to 0.696.
        assert found["ci_low"] == pytest.approx(0.504, abs=0.02)
        assert found["ci_high"] == pytest.approx(0.696, abs=0.02)
        assert found == Options(n_resamples=2000).interval(counts)
        assert found != Options(seed=1, n_resamples=2000).interval(counts)

    def test_documents_are_drawn_whole(self) -> None:
        """Ten equal items of one document tell no more than one."""
        alone = Options().interval([(i % 2, 1) for i in range(20)])
        tenfold = Options().interval([(10 * (i % 2), 10) for i in range(20)])
        assert alone == tenfold

    def test_interval_of_another_figure(self) -> None:
        found = Options().interval([(3, 1, 9)] * 5, lambda sums: sums[2] / sums[0] / 10)
        assert found == {"ci_low": pytest.approx(0.3), "ci_high": pytest.approx(0.3)}

    @pytest.mark.parametrize(
        ("options", "counts"),
        [(Options(), []), (Options(n_resamples=0), [(1, 1)]), (Options(), [(0, 0)] * 3)],
    )
    def test_undefined_interval(self, options: Options, counts: list[tuple[int, int]]) -> None:
        assert options.interval(counts) == {"ci_low": None, "ci_high": None}

    def test_the_model_is_loaded_once(self, tiny_model_dir: Path) -> None:
        options = Options(model=str(tiny_model_dir), device="cpu", dtype="float32")
        assert options.coder() is options.coder()
        assert options.coder().folder == tiny_model_dir

    @pytest.fixture
    def run_dir(self, tmp_path: Path, tiny_model_dir: Path) -> Path:
        """Of a run of the config bench/rivers."""
        run = tmp_path / "bench-rivers"
        shutil.copytree(tiny_model_dir, run / "best")
        config = {"name": "bench-rivers", "seed": 13, "network": {"encoder": "minilm"}}
        (run / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        return run

    def test_a_run_stands_for_its_best_model(self, run_dir: Path) -> None:
        options = Options(model=str(run_dir), device="cpu", dtype="float32", config="bench/brooks")
        assert options.checkpoint() == run_dir / "best"
        assert options.coder().folder == run_dir / "best"
        assert Options(model=str(run_dir / "best")).checkpoint() == run_dir / "best"

    def test_the_run_of_the_config_is_found(
        self, run_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CONFLICTWIRE_RUNS", str(run_dir.parent))
        options = Options(config="bench/rivers", device="cpu", dtype="float32")
        assert options.checkpoint() == run_dir / "best"
        assert options.coder().folder == run_dir / "best"
        monkeypatch.delenv("CONFLICTWIRE_RUNS")
        monkeypatch.setenv("HOME", str(run_dir.parent / "home"))
        (run_dir.parent / "home/.cache/conflictwire").mkdir(parents=True)
        shutil.copytree(run_dir, run_dir.parent / "home/.cache/conflictwire/runs/bench-rivers")
        found = Options(config="bench/rivers").checkpoint()
        assert found == run_dir.parent / "home/.cache/conflictwire/runs/bench-rivers/best"

    def test_a_missing_run_says_what_trains_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CONFLICTWIRE_RUNS", str(tmp_path))
        says = (
            r"no trained model in \$CONFLICTWIRE_RUNS/bench-rivers: run `conflictwire train bench/"
        )
        with pytest.raises(ConfigError, match=says):
            Options(config="bench/rivers").coder()
        (tmp_path / "bench-rivers/checkpoints").mkdir(parents=True)  # in training, no best/ yet
        with pytest.raises(ConfigError, match=says):
            Options(config="bench/rivers").checkpoint()
        monkeypatch.delenv("CONFLICTWIRE_RUNS")
        monkeypatch.setenv("HOME", str(tmp_path))
        with pytest.raises(ConfigError, match=r"in ~/\.cache/conflictwire/runs/bench-rivers: run"):
            Options(config="bench/rivers").checkpoint()

    def test_without_a_config_it_is_the_shipped_model(self) -> None:
        assert Options().checkpoint() == WEIGHTS

    def test_what_a_model_folder_tells(self, run_dir: Path, tiny_network: Network) -> None:
        told = describe(run_dir / "best")
        assert told == {
            "encoder": "bert, 2 layers, 32 wide",
            "parameters": sum(p.numel() for p in tiny_network.parameters()),
            "run": "bench-rivers",
            "training_seed": 13,
            "training_encoder": "minilm",
        }
        (run_dir / "config.yaml").unlink()
        assert set(describe(run_dir / "best")) == {"encoder", "parameters"}
        assert describe(run_dir) == {"encoder": None, "parameters": None}

    def test_wrong_names_of_models_and_devices(self, tiny_model_dir: Path) -> None:
        with pytest.raises(ModelFolderError, match=r"\./gone: no such model folder"):
            Options(model="./gone").coder()
        with pytest.raises(ConfigError, match="abacus"):
            Options(model=str(tiny_model_dir), device="abacus").coder()


class TestRegistry:
    def test_an_unknown_name_lists_the_known(self) -> None:
        with pytest.raises(ConfigError, match="no benchmark 'tides'; known: gold, muc4, re3d"):
            find("tides")

    @pytest.mark.parametrize("name", BENCHMARKS)
    def test_every_benchmark_says_what_it_is(self, name: str) -> None:
        benchmark = find(name)
        assert benchmark.name == name
        assert benchmark.headline
        assert benchmark.form.startswith(("JSON lines; a line holds ", "CoNLL"))
        with pytest.raises(DataError) as caught:
            locate(benchmark, Path("gone"), Path("gone.jsonl"))
        form = benchmark.form.rstrip(".")
        assert f"{name} reads {benchmark.source}, as {form}" in str(caught.value)
        if Path(benchmark.data).is_absolute():
            assert locate(benchmark, Path("gone")) == Path(benchmark.data)
            return
        with pytest.raises(DataError) as caught:
            locate(benchmark, Path("gone"))
        for part in (benchmark.source, benchmark.form.rstrip("."), benchmark.data, "--split"):
            assert part in str(caught.value)

    def test_the_own_file_or_the_split(self, tmp_path: Path) -> None:
        own = lines(tmp_path / "rivers/all.jsonl", LONG)
        other = lines(tmp_path / "other.jsonl", SHORT)
        assert locate(rivers(), tmp_path) == own
        assert locate(rivers(), tmp_path, other) == other
        with pytest.raises(DataError, match=r"none\.jsonl: no such file"):
            locate(rivers(), tmp_path, tmp_path / "none.jsonl")

    def test_a_run_lies_where_it_is_looked_for(self) -> None:
        assert run_name("bench/muc4") == "bench-muc4"
        assert load_config("tiny").run_path == run_folder(run_name("tiny"))

    @pytest.mark.parametrize("name", BENCHMARKS)
    def test_a_config_of_its_own_is_packaged_and_leads_to_its_run(self, name: str) -> None:
        config = find(name).config
        if config is None:
            assert name not in ("muc4", "re3d", "case2021")
            return
        settings = yaml.safe_load(packaged_configs()[config].read_text(encoding="utf-8"))
        assert settings["name"] == run_name(config)
        assert settings["run_dir"] is None  # the run lies where it is looked for

    def test_another_package_that_is_missing_is_named(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registry, "BENCHMARKS", ("rivers",))
        monkeypatch.setitem(sys.modules, "hydrology", None)  # as if not installed
        source = "import hydrology"

        def load(*_: object) -> object:
            return exec(source)

        monkeypatch.setattr(registry, "import_module", load)
        with pytest.raises(ConfigError, match="rivers needs hydrology, which is not installed"):
            find("rivers")

    def test_a_benchmark_runs_with_its_own_config(
        self, tmp_path: Path, tiny_model_dir: Path
    ) -> None:
        seen = []

        def run(path: Path, options: Options) -> dict[str, Any]:
            seen.append(options)
            return run_rivers(path, options)

        path = lines(tmp_path / "all.jsonl", LONG)
        given = Options(model=str(tiny_model_dir))
        own = replace(rivers(), run=run, config="bench/rivers", uses_model=True)
        found = measure(own, path, given)
        assert seen[0] == replace(given, config="bench/rivers")
        assert found["encoder"] == "bert, 2 layers, 32 wide"
        measure(replace(own, config=None), path, given)
        assert seen[1] is given  # so that benchmarks of one model share it

    def test_the_commit_is_that_of_the_start(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registry, "git_commit", lambda: "before")

        def run(path: Path, options: Options) -> dict[str, Any]:
            monkeypatch.setattr(registry, "git_commit", lambda: "meanwhile")
            return run_rivers(path, options)

        path = lines(tmp_path / "all.jsonl", LONG)
        assert measure(replace(rivers(), run=run), path, Options())["commit"] == "before"

    def test_what_is_told_of_every_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registry, "git_commit", lambda: "abc+")
        path = lines(tmp_path / "all.jsonl", LONG, SHORT)
        found = measure(rivers(), path, Options(seed=4, n_resamples=50))
        assert found.pop("seconds") >= 0
        assert date.fromisoformat(found.pop("measured_on")) <= datetime.now(UTC).date()
        keys = ("benchmark", "data", "seed", "n_resamples", "commit", "encoder", "parameters")
        assert {key: found[key] for key in keys} == {
            "benchmark": "rivers",
            "data": "all.jsonl",
            "seed": 4,
            "n_resamples": 50,
            "commit": "abc+",
            "encoder": None,
            "parameters": None,
        }
        assert (found["long"], found["n"]) == (0.5, 2)

    def test_the_time_of_baselines_is_apart(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 0.0

        def spend(seconds: float) -> None:
            nonlocal now
            now += seconds

        def ruler() -> dict[str, Any]:
            spend(30)
            return {"ruler": {"long": 0.5}}

        def run(path: Path, options: Options) -> dict[str, Any]:
            spend(2)
            told = with_baselines(ruler)
            spend(1.5)
            return {**run_rivers(path, options), **told}

        monkeypatch.setattr("time.perf_counter", lambda: now)
        path = lines(tmp_path / "all.jsonl", LONG)
        found = measure(replace(rivers(), run=run), path, Options(n_resamples=5))
        assert (found["seconds"], found["baseline_seconds"]) == (3.5, 30.0)
        assert found["baselines"] == {"ruler": {"long": 0.5}}


# ---- the command


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "bench")


@pytest.mark.usefixtures("two_benchmarks")
class TestCommand:
    def test_one(self, run: Run, tmp_path: Path) -> None:
        lines(tmp_path / "rivers/all.jsonl", LONG, SHORT, LONG, LONG)
        out = tmp_path / "out.json"
        done = run("rivers", "--data", tmp_path, "--json", out, "--seed", 3, "--resamples", 20)
        assert (done.code, done.err) == (0, "")
        written = json.loads(out.read_text(encoding="utf-8"))
        assert (written["long"], written["n"]) == (0.75, 4)
        assert (written["seed"], written["n_resamples"]) == (3, 20)
        assert {"seconds", "commit", "ci_low", "ci_high"} <= set(written)
        head = next(line.split() for line in done.out.splitlines() if "long" in line)
        assert "75.0%" in head
        assert "by_name" not in done.out  # nested tables are for JSON alone

    def test_data_folder_from_the_environment(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CONFLICTWIRE_DATA", str(tmp_path))
        lines(tmp_path / "rivers/all.jsonl", LONG)
        assert run("rivers").code == 0
        monkeypatch.delenv("CONFLICTWIRE_DATA")
        monkeypatch.chdir(tmp_path)
        done = run("rivers")
        assert done.code == 2
        assert "../shared/data/rivers/all.jsonl: no such file" in done.err

    def test_split(self, run: Run, tmp_path: Path) -> None:
        lines(tmp_path / "rivers/all.jsonl", SHORT)
        other = lines(tmp_path / "other.jsonl", LONG)
        done = run("rivers", "--data", tmp_path, "--split", other)
        assert done.code == 0
        assert "100.0%" in done.out

    def test_all(self, run: Run, tmp_path: Path) -> None:
        lines(tmp_path / "rivers/all.jsonl", LONG, SHORT)
        lines(tmp_path / "brooks/all.jsonl", SHORT)
        out = tmp_path / "out.json"
        done = run("all", "--data", tmp_path, "--json", out)
        assert (done.code, done.err) == (0, "")
        written = json.loads(out.read_text(encoding="utf-8"))
        assert {name: part["long"] for name, part in written.items()} == {
            "rivers": 0.5,
            "brooks": 0.0,
        }
        rows = {line.split()[0]: line for line in done.out.splitlines() if " long " in line}
        assert " 50.0 " in rows["rivers"]
        assert " 0.0 " in rows["brooks"]

    def test_all_leaves_out_what_cannot_run(self, run: Run, tmp_path: Path) -> None:
        lines(tmp_path / "rivers/all.jsonl", {"name": "Aru"})
        lines(tmp_path / "brooks/all.jsonl", LONG)
        done = run("all", "--data", tmp_path)
        assert done.code == 1
        assert done.err.startswith("error: rivers: ")
        assert done.err.count("\n") == 1
        assert "brooks" in done.out
        (tmp_path / "brooks/all.jsonl").unlink()
        out = tmp_path / "out.json"
        done = run("all", "--data", tmp_path, "--json", out)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 2)
        written = json.loads(out.read_text(encoding="utf-8"))
        assert written["rivers"] == {
            "benchmark": "rivers",
            "not_run": "all.jsonl:1, field length: Field required (a line must hold " + FORM + ")",
        }
        assert written["brooks"]["not_run"] == "all.jsonl: no such file"

    def test_all_goes_on_where_a_model_is_missing(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model_dir: Path
    ) -> None:
        """A model that is named stands for the shipped one, not for a benchmark's own."""
        asked = []

        def needy(path: Path, options: Options) -> dict[str, Any]:
            asked.append(options.checkpoint())
            return run_rivers(path, options)

        monkeypatch.setenv("CONFLICTWIRE_RUNS", str(tmp_path / "runs"))
        module = sys.modules["conflictwire.eval.bench.rivers"]
        monkeypatch.setattr(module, "BENCHMARK", replace(rivers(own_model=True), run=needy))
        for name in ("rivers", "brooks"):
            lines(tmp_path / f"{name}/all.jsonl", LONG)
        page = tmp_path / "all.md"
        command = ("all", "--data", tmp_path, "--model", tiny_model_dir, "--markdown", page)
        done = run(*command)
        assert (done.code, done.err.count("\n")) == (1, 1)
        assert "run `conflictwire train bench/rivers`" in done.err
        told = page.read_text(encoding="utf-8")
        assert "| brooks | long | 100.0 | 100.0–100.0 |" in told
        assert "- rivers: not run: no trained model in $CONFLICTWIRE_RUNS/bench-rivers" in told
        shutil.copytree(tiny_model_dir, tmp_path / "runs/bench-rivers/best")
        assert run(*command).code == 0
        assert asked == [tmp_path / "runs/bench-rivers/best"]
        assert run("rivers", *command[1:]).code == 0
        assert asked[1] == tiny_model_dir

    def test_documents_that_failed_are_named(self, run: Run, tmp_path: Path) -> None:
        lines(tmp_path / "rivers/all.jsonl", LONG, {"name": "Dry", "length": 0})
        done = run("rivers", "--data", tmp_path)
        assert (done.code, done.err) == (1, "error: Dry: could not be read by the model\n")
        assert "50.0%" in done.out

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["tides"], "no benchmark 'tides'; known: rivers, brooks"),
            (["rivers"], "the list of rivers, as JSON lines; a line holds a river: name, length"),
            (["rivers", "--split", "bad.jsonl"], "bad.jsonl:1, field length: Field required"),
            (["rivers", "--split", "good.jsonl", "--json", "."], "is a folder"),
            (["rivers", "--split", "good.jsonl", "--json", "no/a.json"], "cannot be written"),
            (["rivers", "--split", "good.jsonl", "--markdown", "no/a.md"], "cannot be written"),
            (["all", "--split", "good.jsonl"], "--split is a file for one benchmark"),
            (["rivers", "--resamples", "-1"], "--resamples"),
            ([], "NAME"),
        ],
    )
    def test_wrong_use(
        self,
        run: Run,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
        message: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        lines(tmp_path / "good.jsonl", LONG)
        lines(tmp_path / "bad.jsonl", {"name": "Aru"})
        done = run(*arguments)
        assert (done.code, done.out) == (2, "")
        assert message in done.err
        assert done.err.count("\n") == 1

    def test_a_malformed_file_leaves_an_older_result(self, run: Run, tmp_path: Path) -> None:
        out = tmp_path / "out.json"
        out.write_text("old", encoding="utf-8")
        bad = lines(tmp_path / "bad.jsonl", {"name": "Aru"})
        assert run("rivers", "--split", bad, "--json", out).code == 2
        assert out.read_text(encoding="utf-8") == "old"


def test_fractions_are_percent_and_intervals_stand_by_their_figures() -> None:
    figures = {
        "long": 1.0,
        "ci_low": 1.0,
        "ci_high": 1.0,
        "long_at_least": 0.875,
        "wide": 0.25,
        "intervals": {"wide": (0.125, 0.5)},
        "baselines": {"ruler": {"long": 0.5}, "oracle": "not run: no oracle"},
        "n": 3,
        "seconds": 1.5,
        "baseline_seconds": 2.0,
        "data": "a.jsonl",
    }
    shown = registry.table(rivers(), figures)
    cells = [[str(cell) for cell in column.cells] for column in shown.columns]
    assert list(zip(*cells, strict=True)) == [
        ("long", "100.0%", "at least 87.5%"),
        ("baseline ruler long", "50.0%", ""),
        ("baseline oracle", "not run: no oracle", ""),
        ("wide", "25.0%", "12.5% to 50.0%"),
        ("n", "3", ""),
        ("seconds", "1.5", ""),
        ("baseline_seconds", "2", ""),
    ]


def test_benchmarks_of_resolvers_need_no_torch() -> None:
    code = (
        "import sys; from conflictwire.eval.bench import find; find('timex'); find('places')\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


class TestGold:
    def test_every_figure_of_the_scorer(
        self, run: Run, tmp_path: Path, tiny_model_dir: Path
    ) -> None:
        text = "Rebels attacked the town near the north on Monday and killed two soldiers."
        empty: dict[str, object] = {"mentions": [], "entities": [], "events": []}
        path = lines(
            tmp_path / "gold.jsonl",
            {"id": "g0", "text": text, "date": "2020-01-02", **empty},
            {"id": "g1", "text": "A quiet day.", **empty},
        )
        out = tmp_path / "out.json"
        options = ("--model", tiny_model_dir, "--dtype", "float32", "--device", "cpu")
        done = run("gold", "--split", path, "--json", out, "--resamples", 5, *options)
        assert (done.code, done.err) == (0, "")
        written = json.loads(out.read_text(encoding="utf-8"))
        from conflictwire.eval import Scores, headline

        assert set(headline(Scores())) < set(written)
        assert (written["n"], written["data"]) == (2, "gold.jsonl")
        assert written["record_recall"] is None
        assert written["ci_low"] is None

    def test_malformed(self, run: Run, tmp_path: Path, tiny_model_dir: Path) -> None:
        path = lines(tmp_path / "gold.jsonl", {"id": "g0"})
        done = run("gold", "--split", path, "--model", tiny_model_dir)
        assert (done.code, done.out) == (2, "")
        assert f"{path}:1" in done.err
        assert "gold reads documents annotated for this project, as JSON lines" in done.err
        path.write_text("", encoding="utf-8")
        done = run("gold", "--split", path, "--model", tiny_model_dir)
        assert (done.code, done.out) == (2, "")
        assert "no line in the file" in done.err
