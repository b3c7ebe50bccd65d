"""Settings of the classifier of snippets; as for networks, all stand in the file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from conflictwire.files import run_folder
from conflictwire.training.config import Section, load_settings
from pydantic import Field


class DataConfig(Section):
    train: list[str] = Field(min_length=1)
    dev: list[str]


class NetworkConfig(Section):
    model: str | None
    encoder: str


class ClassifierConfig(Section):
    report_weight: float = Field(ge=0)
    strength: float = Field(gt=0)
    folds: int = Field(ge=2)
    repeats: int = Field(ge=1)


class SnippetsConfig(Section):
    task: Literal["snippets"]
    name: str = Field(pattern=r"^[\w.-]+$")
    run_dir: str | None
    seed: int
    data: DataConfig
    network: NetworkConfig
    classifier: ClassifierConfig

    @property
    def run_path(self) -> Path:
        return run_folder(self.name) if self.run_dir is None else Path(self.run_dir)


def load_snippets_config(source: str | Path, overrides: Iterable[str] = ()) -> SnippetsConfig:
    """As ``training.config.load_config``."""
    return load_settings(source, SnippetsConfig, overrides)
