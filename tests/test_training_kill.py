"""A run killed with SIGKILL, at moments nobody chose, ends with the weights of one left alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from training_samples import settings, write_samples

# Prints a line after each record of the metrics file, so that the killer sees how far it is.
_LOUD = """
import sys
from conflictwire.training import runs, train
log = runs.Run.log
def loud(self, **record):
    log(self, **record)
    print(record["phase"], flush=True)
runs.Run.log = loud
sys.exit(train.main(sys.argv[1:]))
"""


def _start(samples: Path, run_dir: Path) -> subprocess.Popen[str]:
    words = [w for s in settings(samples, run_dir, loop__epochs=5) for w in ("--set", s)]
    return subprocess.Popen(
        [sys.executable, "-c", _LOUD, "tiny", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_twice_and_resumed(tmp_path: Path) -> None:
    write_samples(tmp_path)
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    undisturbed = _start(tmp_path, quiet)
    moments = [random.randint(3, 8), random.randint(1, 6)]
    for moment in moments:
        process = _start(tmp_path, killed)
        assert process.stdout is not None
        for _ in range(moment):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL, f"over before record {moment} of {moments}"
    process = _start(tmp_path, killed)
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert "resumed after update" in said, f"killed at records {moments}"
    _, other = undisturbed.communicate()
    assert undisturbed.returncode == 0, other

    for name in ("best/model.safetensors", "best/training.json", "metrics.jsonl"):
        same = (killed / name).read_bytes() == (quiet / name).read_bytes()
        assert same, f"{name} differs; killed at records {moments}"
    last = [sorted((run / "checkpoints").iterdir())[-1] for run in (killed, quiet)]
    assert [p.name for p in last] == ["update-00000015"] * 2
    for name in ("model.safetensors", "custom_checkpoint_1.pkl"):
        assert (last[0] / name).read_bytes() == (last[1] / name).read_bytes(), (name, moments)
