"""A full disk, damaged files, a loss that is no number: each ends in a clear message, and the same
command then ends with the weights of a run left alone.

A limit on the size of files stands for the full disk: the system refuses to write, as it does
there, in the middle of a file.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import conflictwire
import pytest
import torch
from conflictwire.errors import ConflictwireError
from conflictwire.training import room as module
from conflictwire.training import train
from conflictwire.training.room import room
from conflictwire.training.runs import Run
from training_samples import make_config, settings

TUNED: dict[str, object] = {"tune": True}


@pytest.fixture(scope="module")
def quiet(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run left alone: 2 epochs of 3 updates, checkpoints after 2, 3, 4 and 6."""
    run = tmp_path_factory.mktemp("quiet") / "r"
    train.train(make_config(samples, run, **TUNED))
    return run


@pytest.fixture
def finished(quiet: Path, samples: Path, tmp_path: Path) -> Path:
    """A copy of it to damage; its config names its own folder."""
    run = Path(shutil.copytree(quiet, tmp_path / "r"))
    config = (run / "config.yaml").read_text(encoding="utf-8")
    (run / "config.yaml").write_text(config.replace(str(quiet), str(run)), encoding="utf-8")
    return run


def outcome(run: Path) -> dict[str, bytes]:
    """What must not depend on faults."""
    last = sorted((run / "checkpoints").iterdir())[-1]
    files = [run / "metrics.jsonl", last / "model.safetensors", last / "custom_checkpoint_1.pkl"]
    files += sorted((run / "best").iterdir())
    return {str(f.relative_to(run)): f.read_bytes() for f in files}


@contextmanager
def files_up_to(size: int | None) -> Iterator[Callable[[], None]]:
    """Yields what makes the disk "full"; at the end there is room again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size or 0, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill_before(
    monkeypatch: pytest.MonkeyPatch, method: str, call: int, fill: Callable[[], None]
) -> None:
    """Have the disk full from the ``call``-th call of a method of Run on."""
    original, left = getattr(Run, method), call

    def late(self: Run, *args: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            fill()
        return original(self, *args, **more)

    monkeypatch.setattr(Run, method, late)


# ---- a full disk


@pytest.mark.parametrize(
    ("method", "call", "size", "target"),
    [
        ("pending_checkpoint", 3, 100_000, "checkpoints/pending-00000004"),  # safetensors
        ("pending_checkpoint", 3, 700_000, "checkpoints/pending-00000004"),  # the optimiser's
        ("commit_checkpoint", 4, 50, "checkpoints/pending-00000006"),
        ("stage_best", 1, 50_000, "best"),
        ("replace_best", 1, 50_000, "best"),
        ("log", 4, 10, ""),
    ],
)
def test_a_full_disk(
    samples: Path,
    quiet: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    call: int,
    size: int,
    target: str,
) -> None:
    run = tmp_path / "r"
    config = make_config(samples, run, **TUNED)
    with monkeypatch.context() as patch, files_up_to(size) as fill:
        fill_before(patch, method, call, fill)
        with pytest.raises(ConflictwireError, match="the same command resumes") as caught:
            train.train(config)
    message = str(caught.value)
    assert message.startswith(f"{run / target if target else run}: no space left to write it (")
    assert "MB are free" in message
    assert ("it takes about" in message) == bool(target)
    assert not list(run.glob("**/*pending*"))  # what was half written is given back
    said: list[str] = []
    kept = sorted(p.name for p in (run / "checkpoints").iterdir())
    train.train(config, show=said.append)
    assert not [line for line in said if "passed over" in line]
    if kept:
        assert f"resumed after update {int(kept[-1][7:])} of 6" in said
    assert outcome(run) == outcome(quiet)


def test_the_command_tells_it_in_a_line_with_the_space_of_a_checkpoint(
    samples: Path,
    quiet: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    newest = sorted((quiet / "checkpoints").iterdir())[-1]
    taken = sum(p.stat().st_size for p in newest.iterdir()) / 1e6
    words = [w for s in settings(samples, tmp_path / "r") for w in ("--set", s)]
    with monkeypatch.context() as patch, files_up_to(1000) as fill:
        fill_before(patch, "pending_checkpoint", 1, fill)
        assert train.main(["tiny", *words]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"error: {tmp_path / 'r'}/checkpoints/pending-00000002: no space left")
    told = float(last.split("takes about ")[1].split(" MB")[0])
    assert told == pytest.approx(taken, rel=0.25)


NO_SPACE = (errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Free bytes of three disks: that of run, of temporary files, and of shared memory."""
    free = {"run": 10**9, "temporary": 10**9, "shared": 10**9}
    for name in free:
        (tmp_path / name).mkdir()

    def disk(path: Path) -> tuple[int, int]:
        name = path.relative_to(tmp_path).parts[0]
        return list(free).index(name), free[name]

    monkeypatch.setattr(module, "_disk", disk)
    monkeypatch.setattr(module, "_SHARED", tmp_path / "shared")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return free


@pytest.mark.parametrize(
    ("full", "named"),
    [
        ([], "run"),  # a quota, or a file that was deleted again: nothing tells more
        (["run"], "run"),
        (["temporary"], "temporary"),
        (["shared"], "shared"),
        (["run", "temporary", "shared"], "run"),
    ],
)
def test_the_disk_that_is_full_is_named(
    tmp_path: Path, disks: dict[str, int], full: list[str], named: str
) -> None:
    disks |= dict.fromkeys(full, 4096)
    with (
        pytest.raises(ConflictwireError, match="the same command resumes") as caught,
        room(tmp_path / "run"),
    ):
        raise OSError(*NO_SPACE)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / named}: no space left ")
    assert f"({disks[named] / 1e6:,.1f} MB are free; " in message
    assert (f"that of {tmp_path / 'run'} has room" in message) == (named != "run")


@pytest.mark.usefixtures("disks")
@pytest.mark.parametrize("named", ["run/metrics.jsonl", "shared/torch_1", "temporary/x"])
def test_the_disk_of_a_file_that_the_system_names(tmp_path: Path, named: str) -> None:
    cause = OSError(*NO_SPACE, str(tmp_path / named))
    with pytest.raises(ConflictwireError) as caught, room(tmp_path / "run"):
        raise RuntimeError("cannot be saved") from cause
    expected = tmp_path / "run" if named.startswith("run") else tmp_path / named
    assert str(caught.value).startswith(f"{expected}: no space left ")


def test_other_failures_pass_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), room(tmp_path):
        raise PermissionError(13, "Permission denied")
    with pytest.raises(RuntimeError, match="mat1 and mat2"), room(tmp_path):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")


# ---- damaged files


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def other_json(path: Path) -> None:
    path.write_text("[]", encoding="utf-8")


def test_a_damaged_checkpoint_leaves_the_one_before(
    samples: Path, quiet: Path, finished: Path
) -> None:
    flip(finished / "checkpoints" / "update-00000006" / "optimizer.bin")
    said: list[str] = []
    train.train(make_config(samples, finished, **TUNED), show=said.append)
    why = "optimizer.bin is not what was written"
    assert f"checkpoint update-00000006 is passed over: {why}" in said
    assert "resumed after update 4 of 6" in said
    assert outcome(finished) == outcome(quiet)


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("optimizer.bin", cut, "optimizer.bin is not what was written"),
        ("random_states_0.pkl", Path.unlink, "random_states_0.pkl is missing"),
        ("custom_checkpoint_1.pkl", flip, "custom_checkpoint_1.pkl is not what was written"),
        ("loop.json", cut, ""),
        ("loop.json", other_json, "loop.json is damaged"),
        ("loop.json", Path.unlink, "loop.json is missing"),
    ],
)
def test_each_file_of_a_checkpoint_is_checked(
    finished: Path, name: str, damage: Callable[[Path], None], says: str
) -> None:
    damage(finished / "checkpoints" / "update-00000006" / name)
    said: list[str] = []
    found = Run(finished).latest_checkpoint(said.append)
    assert found is not None
    assert (found[0].name, found[1]["updates"]) == ("update-00000004", 4)
    assert said[0].startswith(f"checkpoint update-00000006 is passed over: {says}")


def test_without_a_whole_checkpoint_it_starts_anew(
    samples: Path, quiet: Path, finished: Path
) -> None:
    for path in finished.glob("checkpoints/*/optimizer.bin"):
        cut(path)
    said: list[str] = []
    train.train(make_config(samples, finished, **TUNED), show=said.append)
    assert sum("is passed over" in line for line in said) == 2
    assert outcome(finished) == outcome(quiet)


def test_damaged_metrics_cost_no_weights(samples: Path, quiet: Path, finished: Path) -> None:
    path = finished / "metrics.jsonl"
    path.write_bytes(path.read_bytes()[:300])
    said: list[str] = []
    train.train(make_config(samples, finished, **TUNED), show=said.append)
    assert any("metrics.jsonl was damaged" in line for line in said)
    before, after = outcome(quiet), outcome(finished)
    assert before.pop("metrics.jsonl") != after.pop("metrics.jsonl")
    assert after == before
    lines = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["phase"] == "final"


@pytest.mark.parametrize(
    ("data", "lost"),
    [
        (b"", 6),
        (b'\xff\x00{"phase"\n3\n[]\n{"phase": "step"}\n', 6),
        (b'{"phase": "step", "update": 2}\n{"phase": "step", "upda', 5),
    ],
)
def test_lines_that_are_no_metrics_are_counted(finished: Path, data: bytes, lost: int) -> None:
    (finished / "metrics.jsonl").write_bytes(data)
    assert Run(finished).drop_metrics_after(updates=6, epochs=2) == lost
    assert len((finished / "metrics.jsonl").read_bytes().splitlines()) == 6 - lost


def test_a_damaged_best_model_is_made_again(samples: Path, finished: Path) -> None:
    cut(finished / "best" / "model.safetensors")
    said: list[str] = []
    train.train(make_config(samples, finished, **TUNED), show=said.append)
    assert any(line.startswith("best/ is damaged") for line in said)
    assert Run(finished).best_update() == 6
    conflictwire.load(str(finished / "best"), device="cpu")
    said.clear()
    again = outcome(finished)
    train.train(make_config(samples, finished, **TUNED), show=said.append)
    assert not any(line.startswith("best/ is damaged") for line in said)
    assert outcome(finished) == again


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink, other_json])
@pytest.mark.parametrize("name", ["model.safetensors", "training.json", "ontology.yaml"])
def test_damage_to_the_best_model_is_noticed(
    finished: Path, name: str, damage: Callable[[Path], None]
) -> None:
    assert Run(finished).best_update() is not None
    damage(finished / "best" / name)
    # Of the note beside the model, a bit that leaves it a note is not noticed.
    assert Run(finished).best_update() is None or (name, damage) == ("training.json", flip)


# ---- a loss that is no number


def test_after_a_loss_that_is_no_number_the_same_command_goes_on(
    samples: Path, quiet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_config(samples, tmp_path / "r", **TUNED)
    real = train.total_loss
    left = 6

    def broken(*args: Any) -> torch.Tensor:
        nonlocal left
        left -= 1
        return real(*args) * (float("nan") if left == 0 else 1.0)

    with monkeypatch.context() as patch:
        patch.setattr(train, "total_loss", broken)
        with pytest.raises(FloatingPointError, match=r"is nan after \d updates; .* is good\. The"):
            train.train(config)
    said: list[str] = []
    train.train(config, show=said.append)
    assert any(line.startswith("resumed after update") for line in said)
    assert outcome(tmp_path / "r") == outcome(quiet)
