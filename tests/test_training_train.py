"""Training end to end, in this process, on six small reports with labels of their own."""

from __future__ import annotations

import json
import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import conflictwire
import pytest
import torch
import yaml
from conflictwire.errors import ConfigError
from conflictwire.training import train
from conflictwire.training.config import load_config
from conflictwire.training.progress import Progress
from conflictwire.training.setup import set_up
from conflictwire.training.train import TrainingResult
from training_samples import make_config, settings


@dataclass
class Trained:
    result: TrainingResult
    said: list[str]

    @property
    def path(self) -> Path:
        return self.result.run_dir

    def records(self, phase: str) -> list[dict[str, Any]]:
        lines = (self.path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        return [r for r in map(json.loads, lines) if r["phase"] == phase]


@pytest.fixture(scope="module")
def trained(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    said: list[str] = []
    config = make_config(samples, tmp_path_factory.mktemp("run") / "r", loop__epochs=8, tune=True)
    return Trained(train.train(config, show=said.append), said)


def test_the_run_folder_holds_all_that_is_promised(trained: Trained) -> None:
    names = {p.name for p in trained.path.iterdir()}
    assert names == {
        "best", "checkpoints", "config.yaml", "coverage.json", "dev.png", "environment.json",
        "loss.png", "metrics.jsonl",
    }  # fmt: skip
    coverage = json.loads((trained.path / "coverage.json").read_text(encoding="utf-8"))
    assert coverage["in_gold"]["trigger"] == 7
    assert coverage["lost"] == {}
    for plot in ("loss.png", "dev.png"):
        assert (trained.path / plot).read_bytes().startswith(b"\x89PNG")
    environment = json.loads((trained.path / "environment.json").read_text(encoding="utf-8"))
    assert set(environment) == {"python", "platform", "cpu_count", "packages", "git_commit"}
    assert environment["packages"]["torch"] == torch.__version__
    assert {p.name for p in (trained.path / "checkpoints").iterdir()} == {
        "update-00000022", "update-00000024",
    }  # fmt: skip


def test_the_stored_config_trains_the_same_again(trained: Trained, samples: Path) -> None:
    stored = load_config(trained.path / "config.yaml")
    assert stored == make_config(samples, trained.path, loop__epochs=8, tune=True)
    assert yaml.safe_load((trained.path / "config.yaml").read_text(encoding="utf-8"))["seed"] == 13


def test_metrics_tell_every_update_and_evaluation(trained: Trained) -> None:
    steps, dev = trained.records("step"), trained.records("dev")
    assert [r["update"] for r in steps] == list(range(1, 25))
    assert [r["epoch"] for r in steps] == [e for e in range(8) for _ in range(3)]
    assert [r["epoch"] for r in dev] == list(range(1, 9))
    weights = {"same_entity": 0.3}
    tasks = ("mention", "trigger", "status", "role", "same_event", "same_entity")
    for r in steps:
        assert r["loss"] == pytest.approx(sum(weights.get(t, 1) * r[t] for t in tasks), abs=1e-4)
    (final,) = trained.records("final")
    assert final["selected"] == trained.result.best_metrics["selected"]
    assert final["selected"] >= max(r["selected"] for r in dev)


def test_it_learns(trained: Trained) -> None:
    steps = trained.records("step")
    assert steps[-1]["loss"] < steps[0]["loss"] / 3
    assert trained.records("final")[0]["trigger_cls_f1"] > 0.4


def test_the_user_hears_of_data_epochs_and_the_best(trained: Trained) -> None:
    assert trained.said[0].startswith("6 training documents, 6 windows")
    assert "  trigger: 7 in gold" in trained.said
    assert sum(line.startswith("epoch ") for line in trained.said) == 8
    assert trained.said[-1].startswith("best: selected 0.")


def test_the_model_folder_loads_and_predicts(trained: Trained) -> None:
    coder = conflictwire.load(str(trained.path / "best"), device="cpu", dtype="float32")
    text = "Two trawlers collided near Port Ansel."
    report = coder(text)
    assert report.error is None
    for event in report.events:
        assert event.type in ("collision", "rescue")
        assert all(text[t.start : t.end] == t.text for t in event.triggers)
    info = json.loads((trained.path / "best" / "training.json").read_text(encoding="utf-8"))
    best = max(trained.records("dev"), key=lambda r: r["selected"])
    assert (info["update"], info["selected"]) == (best["update"], best["selected"])


def test_a_model_folder_names_no_path_of_the_machine(trained: Trained, samples: Path) -> None:
    stored = json.loads((trained.path / "best" / "config.json").read_text(encoding="utf-8"))
    assert "_name_or_path" not in stored["encoder"]
    for file in (trained.path / "best").glob("*.json"):
        assert str(samples) not in file.read_text(encoding="utf-8")


def test_a_finished_run_started_again_changes_nothing(trained: Trained, samples: Path) -> None:
    def contents() -> dict[str, bytes]:
        files = [trained.path / "metrics.jsonl", *(trained.path / "best").iterdir()]
        return {str(f): f.read_bytes() for f in files}

    before = contents()
    again = train.train(make_config(samples, trained.path, loop__epochs=8, tune=True))
    assert again.updates == 24
    assert contents() == before


def test_other_settings_in_the_same_folder_are_refused(trained: Trained, samples: Path) -> None:
    with pytest.raises(ConfigError, match="holds a run with other settings"):
        train.train(make_config(samples, trained.path, loop__epochs=9, tune=True))


def test_early_stopping_counts_evaluations_without_gain(samples: Path, tmp_path: Path) -> None:
    still = {"optimiser__lr": 1e-12, "optimiser__heads_lr": 1e-12}  # no gain is possible
    config = make_config(samples, tmp_path / "r", loop__epochs=9, loop__patience=2, **still)
    assert train.train(config).updates == 9  # 3 epochs of 3
    trained = Trained(train.train(config), [])
    assert (trained.result.updates, len(trained.records("dev"))) == (9, 3)


def test_an_epoch_is_cut_into_updates_of_equal_weight() -> None:
    shares = [train._share_of_update(batch, 7, 3) for batch in range(7)]
    assert shares == pytest.approx([1 / 3] * 6 + [1])
    assert train._share_of_update(4, 5, 1) == 1


def test_accumulated_batches_weigh_the_same_and_the_rest_of_an_epoch_counts_in_full(
    samples: Path, tmp_path: Path
) -> None:
    def gradients(accumulation: int) -> list[torch.Tensor]:
        """Of one weight, batch by batch, while the weights all but stand still."""
        config = make_config(
            samples, tmp_path / str(accumulation), loop__accumulation=accumulation,
            optimiser__lr=1e-12, optimiser__heads_lr=1e-12,
        )  # fmt: skip
        setup = set_up(config, None)
        seen: list[torch.Tensor] = []
        setup.model.trigger_tagger.bias.register_hook(lambda g: seen.append(g.clone()))
        train._train_epoch(setup, Progress(2, done=0, shown=False))
        assert setup.state.updates == math.ceil(3 / accumulation)
        return seen

    alone, summed = gradients(1), gradients(2)
    for share, one, part in zip((0.5, 0.5, 1), alone, summed, strict=True):
        torch.testing.assert_close(part, one * share)


def test_a_loss_that_is_no_number_stops_before_any_checkpoint(
    samples: Path, tmp_path: Path
) -> None:
    config = make_config(samples, tmp_path / "r", loop__checkpoint_every=1)
    setup = set_up(config, None)
    with torch.no_grad():
        setup.model.trigger_tagger.bias[0] = math.nan
    with pytest.raises(FloatingPointError, match=r"gradient norm is nan after 0 updates.*lower"):
        train._train_epoch(setup, Progress(2, done=0, shown=False))
    assert not list((tmp_path / "r" / "checkpoints").iterdir())
    assert not (tmp_path / "r" / "metrics.jsonl").exists()


def test_a_damaged_checkpoint_is_passed_over(samples: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    train.train(make_config(samples, whole))
    train.train(make_config(samples, cut))
    newest = sorted((cut / "checkpoints").iterdir())[-1]
    weights = newest / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    said: list[str] = []
    train.train(make_config(samples, cut), show=said.append)
    why = "model.safetensors is not what was written"
    assert f"checkpoint {newest.name} is passed over: {why}" in said
    assert "resumed after update 4 of 6" in said
    assert _outcome(cut) == _outcome(whole)


def test_a_best_folder_of_another_checkpoint_is_replaced(samples: Path, tmp_path: Path) -> None:
    run = tmp_path / "r"
    train.train(make_config(samples, run))
    shutil.rmtree(sorted((run / "checkpoints").iterdir())[-1])
    (run / "best" / "training.json").write_text('{"update": 99}', encoding="utf-8")
    said: list[str] = []
    train.train(make_config(samples, run), show=said.append)
    assert "best/ is damaged or not of this checkpoint: the next evaluation replaces it" in said
    info = json.loads((run / "best" / "training.json").read_text(encoding="utf-8"))
    assert info["update"] == 6


def test_another_number_of_processes_cannot_resume(samples: Path, tmp_path: Path) -> None:
    run = tmp_path / "r"
    train.train(make_config(samples, run, loop__epochs=1))
    for file in run.glob("checkpoints/*/loop.json"):
        loop = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps({**loop, "processes": 3}), encoding="utf-8")
    with pytest.raises(ConfigError, match="trained by 3 processes, now there are 1"):
        train.train(make_config(samples, run, loop__epochs=1))


class Killed(BaseException):
    """Stands for a kill: nothing in the code under test catches it."""


def test_killed_at_each_change_of_the_run_folder(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Die before the k-th rename of an attempt, for growing k; the end is that of a quiet run."""
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    more: dict[str, object] = {"loop__epochs": 3, "tune": True, "loop__accumulation": 2}
    train.train(make_config(samples, quiet, **more))
    real = os.replace
    deaths = 0
    for limit in range(3, 60):
        left = limit

        def replace(a: Path, b: Path) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            real(a, b)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace)
            try:
                train.train(make_config(samples, killed, **more))
                break
            except Killed:
                deaths += 1
    assert deaths > 5
    assert _outcome(killed) == _outcome(quiet)


def _outcome(run: Path) -> dict[str, bytes]:
    """What must not depend on interruptions."""
    last = sorted((run / "checkpoints").iterdir())[-1]
    assert sorted(p.name for p in run.iterdir()) == [
        "best", "checkpoints", "config.yaml", "coverage.json", "dev.png", "environment.json",
        "loss.png", "metrics.jsonl",
    ]  # fmt: skip
    assert not list((run / "checkpoints").glob("pending-*"))
    files = [run / "metrics.jsonl", last / "model.safetensors", last / "custom_checkpoint_1.pkl"]
    files += (run / "best").iterdir()
    return {str(f.relative_to(run)): f.read_bytes() for f in files}


def test_the_command(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [w for s in settings(samples, tmp_path / "r", loop__epochs=1) for w in ("--set", s)]
    assert train.main(["tiny", *words]) == 0
    assert "epoch 1: selected" in capsys.readouterr().err
    assert train.main(["tiny", *words, "--set", "seed=14"]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert train.main(["tiny", "--set", "optimizer.lr=1"]) == 2
    assert "did you mean 'optimiser.lr'?" in capsys.readouterr().err
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n", encoding="utf-8")
    other = ["--set", f"run_dir={tmp_path / 'q'}", "--set", f"data.train=[{bad}]"]
    assert train.main(["tiny", *words, *other]) == 1
    assert "bad.jsonl:1" in capsys.readouterr().err
    # Nothing is left behind: with the setting mended, the run starts.
    assert not (tmp_path / "q").exists()
    again = ["--set", f"run_dir={tmp_path / 'q'}"]
    assert train.main(["tiny", *words, *again, "--set", "data.max_pieces=100000"]) == 2
    assert "max_pieces" in capsys.readouterr().err
    assert not (tmp_path / "q").exists()
    assert train.main(["tiny", *words, *again]) == 0


def test_a_launcher_that_starts_one_process_for_several_is_noticed(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setenv("MASTER_PORT", "29500")  # accelerate launch --num_processes 2 --cpu
    set_up(make_config(samples, tmp_path / "a"), said.append)
    assert said[0].startswith("one process alone, though the launcher was asked for several")
    monkeypatch.delenv("MASTER_PORT")
    said.clear()
    set_up(make_config(samples, tmp_path / "b"), said.append)
    assert said[0].startswith("6 training documents")


def test_the_metrics_that_select_are_set_by_name(tmp_path: Path, samples: Path) -> None:
    config = make_config(samples, tmp_path / "run", loop__select="[mention_f1]", loop__epochs=1)
    best = train.train(config).best_metrics
    assert best["selected"] == (best["mention_f1"] or 0.0)
    wrong = make_config(samples, tmp_path / "other", loop__select="[mention_f2]")
    with pytest.raises(ConfigError, match="no metric 'mention_f2'; did you mean 'mention_f1'"):
        train.train(wrong)
    assert not (tmp_path / "other").exists()
