"""A run folder: config, environment, metrics (JSON lines), plots, checkpoints, best model."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from conflictwire.errors import ConfigError
from conflictwire.training.config import TrainingConfig

KEEP_CHECKPOINTS = 2
_PACKAGES = ("conflictwire", "torch", "transformers", "datasets", "accelerate", "seqeval")
_LOOP_FILE = "loop.json"


class Run:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.best = path / "best"
        self.metrics = path / "metrics.jsonl"
        self.checkpoints = path / "checkpoints"

    def open(self, config: TrainingConfig) -> None:
        """Make the folder, or check that it was made with the same settings."""
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
        path = self.path / "config.yaml"
        if path.is_file() and path.read_text(encoding="utf-8") != text:
            raise ConfigError(
                f"{self.path} holds a run with other settings (see its config.yaml): "
                "give --set run_dir=OTHER, or remove the folder"
            )
        path.write_text(text, encoding="utf-8")
        (self.path / "environment.json").write_text(
            json.dumps(_environment(), indent=2) + "\n", encoding="utf-8"
        )

    # Metrics

    def log(self, **record: Any) -> None:
        with self.metrics.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record) + "\n")

    def log_final(self, metrics: dict[str, Any]) -> None:
        records = [r for r in self.records() if r["phase"] != "final"]
        self._rewrite([*records, {"phase": "final", "update": None, **metrics}])

    def records(self) -> Iterator[dict[str, Any]]:
        if self.metrics.is_file():
            for line in self.metrics.read_text(encoding="utf-8").splitlines():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    continue  # the line that a kill cut off

    def drop_metrics_after(self, updates: int) -> None:
        """Forget what came after the checkpoint: it will be logged again."""
        self._rewrite([r for r in self.records() if r["update"] and r["update"] <= updates])

    def _rewrite(self, records: list[dict[str, Any]]) -> None:
        new = self.metrics.with_suffix(".new")
        new.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
        os.replace(new, self.metrics)

    # Checkpoints: written under another name and renamed, so that a kill leaves none half-made

    def pending_checkpoint(self, updates: int) -> Path:
        return self.checkpoints / f"pending-{updates:08d}"

    def commit_checkpoint(self, folder: Path, state: dict[str, Any]) -> None:
        (folder / _LOOP_FILE).write_text(json.dumps(state) + "\n", encoding="utf-8")
        target = self.checkpoints / folder.name.replace("pending", "update")
        if target.exists():
            shutil.rmtree(target)
        os.replace(folder, target)
        for old in self._committed()[:-KEEP_CHECKPOINTS]:
            shutil.rmtree(old, ignore_errors=True)

    def latest_checkpoint(self) -> Path | None:
        committed = self._committed()
        return committed[-1] if committed else None

    def _committed(self) -> list[Path]:
        return sorted(p for p in self.checkpoints.glob("update-*") if (p / _LOOP_FILE).is_file())

    # Plots

    def plot(self) -> None:
        """loss.png and dev.png, drawn anew from the metrics file."""
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        records = list(self.records())
        for name, phase, keys in (
            ("loss", "step", ("loss", "mention", "trigger", "role", "same_event")),
            ("dev", "dev", ("mention_f1", "trigger_cls_f1", "event_f1", "argument_f1")),
        ):
            rows = [r for r in records if r["phase"] == phase]
            figure, axes = pyplot.subplots(figsize=(7, 4))
            for key in keys:
                axes.plot([r["update"] for r in rows], [r.get(key) for r in rows], label=key)
            axes.set_xlabel("updates")
            axes.set_ylabel("nats per word" if name == "loss" else "F1")
            if name == "loss":
                axes.set_yscale("log")
            axes.legend()
            figure.tight_layout()
            figure.savefig(self.path / f"{name}.png", dpi=110)
            pyplot.close(figure)


def _environment() -> dict[str, Any]:
    versions = {}
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
        "git_commit": _git_commit(),
    }


def _git_commit() -> str | None:
    """The checkout's commit, with ``+`` if it has changes; None outside a checkout."""
    folder = Path(__file__).parent

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        return done.stdout.strip()

    commit = git("rev-parse", "HEAD")
    return commit and commit + ("+" if git("status", "--porcelain") else "")
