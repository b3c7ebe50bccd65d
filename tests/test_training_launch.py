"""Started by ``accelerate launch`` and in two processes, as users start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from training_samples import settings, write_samples

_LAUNCH = ["-m", "accelerate.commands.launch", "--num_processes", "2", "--cpu"]
# accelerate launch with --cpu starts a second process through MPI only; torchrun needs none.
_TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]


def _train(launcher: list[str], samples: Path, run_dir: Path, **more: object) -> str:
    words = [w for s in settings(samples, run_dir, **more) for w in ("--set", s)]
    done = subprocess.run(
        [sys.executable, *launcher, "-m", "conflictwire.training.train", "tiny", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def _loop(run_dir: Path) -> dict[str, object]:
    last = sorted((run_dir / "checkpoints").iterdir())[-1]
    loop: dict[str, object] = json.loads((last / "loop.json").read_text(encoding="utf-8"))
    return loop


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    write_samples(tmp_path)
    return tmp_path


def test_accelerate_launch(samples: Path) -> None:
    """In bf16, which emulates it where the processor lacks it."""
    more: dict[str, object] = {"loop__epochs": 1, "loop__precision": "bf16"}
    said = _train(_LAUNCH, samples, samples / "run", **more)
    assert said.count("epoch 1: selected") == 1
    assert (samples / "run" / "best" / "model.safetensors").is_file()


def test_two_processes_share_the_work_and_resume(samples: Path) -> None:
    run = samples / "run"
    more: dict[str, object] = {"loop__accumulation": 2, "loop__batch_windows": 1}
    said = _train(_TORCHRUN, samples, run, **more)
    assert said.count("epoch 2: selected") == 1  # the main process alone writes and speaks
    # 6 windows by 2 processes: 3 steps, so 2 updates an epoch.
    assert (_loop(run)["processes"], _loop(run)["updates"]) == (2, 4)
    records = [json.loads(x) for x in (run / "metrics.jsonl").read_text("utf-8").splitlines()]
    assert [r["update"] for r in records if r["phase"] == "step"] == [1, 2, 3, 4]
    checkpoint = sorted((run / "checkpoints").iterdir())[-1]
    weights = (checkpoint / "model.safetensors").read_bytes()

    for file in checkpoint.iterdir():
        file.unlink()
    said = _train(_TORCHRUN, samples, run, **more)
    assert "update-00000004 is passed over: loop.json is missing" in said
    assert "resumed after update 2 of 4" in said
    assert (checkpoint / "model.safetensors").read_bytes() == weights
