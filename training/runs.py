"""A run folder: config, environment, coverage of the data, metrics (JSON lines), plots,
checkpoints, best model.

Whatever is read again is written under another name and renamed, so that a kill at any moment
leaves the old or the new, never half of one.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from conflictwire.errors import ConfigError, ModelFolderError
from conflictwire.stored import check_sums, replace_text
from conflictwire.version import git_commit
from pydantic import BaseModel

KEEP_CHECKPOINTS = 2
_PACKAGES = ("conflictwire", "torch", "transformers", "datasets", "accelerate", "seqeval")
CONFIG_FILE, _LOOP_FILE, _BEST_FILE = "config.yaml", "loop.json", "training.json"


class Run:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.best = path / "best"
        self.metrics = path / "metrics.jsonl"
        self.checkpoints = path / "checkpoints"

    def check(self, config: BaseModel) -> None:
        """Raise ConfigError if the folder holds a run with other settings; write nothing."""
        path = self.path / CONFIG_FILE
        if path.is_file() and path.read_text(encoding="utf-8") != _dumped(config):
            raise ConfigError(
                f"{self.path} holds a run with other settings (see its config.yaml): "
                "give --set run_dir=OTHER, or remove the folder"
            )

    def open(self, config: BaseModel, coverage: dict[str, Any]) -> None:
        """Make the folder, with what is known before the first step.

        ``coverage`` says what of the training data the network cannot represent.
        """
        self.check(config)
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        for leftover in self.checkpoints.glob("pending-*"):
            shutil.rmtree(leftover)
        replace_text(self.path / CONFIG_FILE, _dumped(config))
        replace_text(self.path / "environment.json", json.dumps(_environment(), indent=2) + "\n")
        replace_text(self.path / "coverage.json", json.dumps(coverage, indent=2) + "\n")

    # ---- metrics

    def log(self, **record: Any) -> None:
        with self.metrics.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record) + "\n")

    def log_final(self, metrics: dict[str, Any]) -> None:
        records = [r for r in self.records() if r["phase"] != "final"]
        self._rewrite([*records, {"phase": "final", "update": None, **metrics}])

    def records(self) -> Iterator[dict[str, Any]]:
        if self.metrics.is_file():
            for line in self.metrics.read_bytes().splitlines():
                try:
                    record = json.loads(line)
                except ValueError:
                    continue  # the line that a kill or a full disk cut off
                if isinstance(record, dict) and {"phase", "update"} <= record.keys():
                    yield record

    def drop_metrics_after(self, *, updates: int, epochs: int) -> int:
        """Forget what came after a checkpoint: it will be logged again. -> how many updates up to
        it are missing, which is 0 unless the file was damaged."""
        kept = [
            r
            for r in self.records()
            if (r["phase"] == "step" and r["update"] <= updates)
            or (r["phase"] == "dev" and r["epoch"] <= epochs)
        ]
        self._rewrite(kept)
        return updates - len({r["update"] for r in kept if r["phase"] == "step"})

    def _rewrite(self, records: list[dict[str, Any]]) -> None:
        replace_text(self.metrics, "".join(json.dumps(r) + "\n" for r in records))

    # ---- checkpoints

    def pending_checkpoint(self, updates: int) -> Path:
        return self.checkpoints / f"pending-{updates:08d}"

    def commit_checkpoint(self, folder: Path, loop: dict[str, Any]) -> None:
        """Give a written checkpoint its lasting name; ``loop`` says where the loop stands."""
        files = {p.name: _sum(p) for p in sorted(folder.iterdir())}
        replace_text(folder / _LOOP_FILE, json.dumps({**loop, "files": files}, indent=2) + "\n")
        target = self.checkpoints / folder.name.replace("pending", "update")
        if target.exists():
            shutil.rmtree(target)
        os.replace(folder, target)
        for old in self._committed()[:-KEEP_CHECKPOINTS]:
            shutil.rmtree(old, ignore_errors=True)

    def latest_checkpoint(self, say: Callable[[str], None]) -> tuple[Path, dict[str, Any]] | None:
        """The newest undamaged checkpoint and its ``loop``; ``say`` hears of those passed over."""
        for folder in reversed(self._committed()):
            try:
                return folder, _checked(folder)
            except ValueError as error:
                say(f"checkpoint {folder.name} is passed over: {error}")
        return None

    def newest_checkpoint(self) -> Path | None:
        return self._committed()[-1] if self._committed() else None

    def _committed(self) -> list[Path]:
        return sorted(self.checkpoints.glob("update-*"))

    # ---- the best model. It is staged before, and takes its place after the checkpoint that
    # ---- knows of it: whenever a kill comes, folder and checkpoint tell the same.

    def stage_best(self, info: dict[str, Any], write: Callable[[Path], None]) -> None:
        """Write a model folder by ``write``; ``promote_best`` of its update puts it in place."""
        os.replace(self._write_model(info, write), self._fresh(f"best-{info['update']:08d}"))

    def promote_best(self, update: int | None) -> None:
        """Put the model staged at ``update`` in place, if there is one; clear any other."""
        old = self.path / "best-old"
        if update is not None and (staged := self.path / f"best-{update:08d}").is_dir():
            self._swap(staged)
        elif old.is_dir() and not self.best.is_dir():
            os.replace(old, self.best)
        for other in self.path.glob("best-*"):
            shutil.rmtree(other)

    def replace_best(self, write: Callable[[Path], None]) -> None:
        """Write the best model anew, e.g. with tuned thresholds."""
        self._swap(self._write_model(self.best_info() or {}, write))

    def best_info(self) -> dict[str, Any] | None:
        """Update, epoch and score of the model in ``best/``; None if there is none."""
        try:
            info = json.loads((self.best / _BEST_FILE).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return info if isinstance(info, dict) and "update" in info else None

    def best_update(self) -> int | None:
        """That of the model in ``best/``; None if there is none, or a damaged one."""
        info = self.best_info()
        try:
            check_sums(self.best)
        except ModelFolderError:
            return None
        return info["update"] if info is not None else None

    def _write_model(self, info: dict[str, Any], write: Callable[[Path], None]) -> Path:
        folder = self._fresh("best-pending")
        try:
            write(folder)
            (folder / _BEST_FILE).write_text(json.dumps(info) + "\n", encoding="utf-8")
        except Exception:  # a full disk: give back what was taken
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def _swap(self, new: Path) -> None:
        old = self.path / "best-old"
        if self.best.is_dir():
            os.replace(self.best, self._fresh(old.name))
        os.replace(new, self.best)
        shutil.rmtree(old, ignore_errors=True)

    def _fresh(self, name: str) -> Path:
        folder = self.path / name
        if folder.exists():
            shutil.rmtree(folder)
        return folder

    # ---- plots

    def plot(self) -> None:
        """loss.png and dev.png, drawn anew from the metrics file."""
        records = list(self.records())
        losses = ("loss", "mention", "trigger", "role", "same_event")
        scores = ("mention_f1", "trigger_cls_f1", "event_f1", "argument_f1")
        steps = [r for r in records if r["phase"] == "step"]
        _draw(steps, losses, self.path / "loss.png", unit="nats per word", scale="log")
        dev = [r for r in records if r["phase"] == "dev"]
        _draw(dev, scores, self.path / "dev.png", unit="F1 on dev", scale="linear")


def _draw(
    rows: list[dict[str, Any]], keys: tuple[str, ...], path: Path, *, unit: str, scale: str
) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4))
    axes = figure.subplots()
    marker = "." if len(rows) < 50 else ""
    for key in keys:
        values = [math.nan if r.get(key) is None else r[key] for r in rows]
        axes.plot([r["update"] for r in rows], values, label=key, marker=marker)
    axes.set_xlabel("updates")
    axes.set_ylabel(unit)
    axes.set_yscale(scale)
    axes.legend()
    figure.tight_layout()
    new = path.with_name(f"{path.stem}.new.png")
    figure.savefig(new, dpi=110)
    os.replace(new, path)


def _dumped(config: BaseModel) -> str:
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)


def _sum(path: Path) -> list[int]:
    """[bytes, CRC-32] of a file."""
    size = crc = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            size += len(block)
            crc = zlib.crc32(block, crc)
    return [size, crc]


def _checked(folder: Path) -> dict[str, Any]:
    """A checkpoint's ``loop``; ValueError says what is damaged."""
    path = folder / _LOOP_FILE
    if not path.is_file():
        raise ValueError(f"{_LOOP_FILE} is missing")
    loop: dict[str, Any] = json.loads(path.read_bytes())
    if not isinstance(loop, dict):
        raise ValueError(f"{_LOOP_FILE} is damaged")
    for name, expected in loop.pop("files", {}).items():
        if not (folder / name).is_file():
            raise ValueError(f"{name} is missing")
        if _sum(folder / name) != expected:
            raise ValueError(f"{name} is not what was written")
    return loop


def _environment() -> dict[str, Any]:
    versions: dict[str, str | None] = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu_count": os.cpu_count(),
        "packages": versions,
        "git_commit": git_commit(),
    }
