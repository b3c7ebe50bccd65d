"""Training configuration: YAML + ``--set`` overrides -> checked, frozen settings.

There are no defaults here: every setting stands in the YAML file, with its unit in a comment.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conflictwire.errors import ConfigError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class DataConfig(_Section):
    train: list[str] = Field(min_length=1)
    dev: list[str] = Field(min_length=1)
    leave_out: str | None
    max_pieces: int = Field(ge=16)
    overlap: int = Field(ge=4)


class NetworkSettings(_Section):
    encoder: str
    ontology: str | None
    span_size: int = Field(ge=4)
    pair_size: int = Field(ge=4)
    dropout: float = Field(ge=0, lt=1)
    attention_dropout: float = Field(ge=0, lt=1)


class OptimiserConfig(_Section):
    lr: float = Field(gt=0)
    heads_lr: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    warmup_share: float = Field(ge=0, le=1)
    max_grad_norm: float = Field(gt=0)


class LoopConfig(_Section):
    epochs: int = Field(ge=1)
    batch_windows: int = Field(ge=1)
    accumulation: int = Field(ge=1)
    precision: Literal["auto", "no", "bf16", "fp16"]
    ema_decay: float = Field(ge=0, lt=1)
    proposals_from_epoch: int = Field(ge=0)
    word_dropout: float = Field(ge=0, lt=1)
    evaluate_every: int = Field(ge=1)
    patience: int = Field(ge=1)
    checkpoint_every: int = Field(ge=1)
    threads: int = Field(ge=0)


class LossConfig(_Section):
    mention: float = Field(ge=0)
    trigger: float = Field(ge=0)
    status: float = Field(ge=0)
    role: float = Field(ge=0)
    same_event: float = Field(ge=0)
    same_entity: float = Field(ge=0)


class TrainingConfig(_Section):
    name: str = Field(pattern=r"^[\w.-]+$")
    run_dir: str | None
    seed: int
    data: DataConfig
    network: NetworkSettings
    optimiser: OptimiserConfig
    loop: LoopConfig
    loss: LossConfig
    tune: bool

    @property
    def run_path(self) -> Path:
        """``run_dir``, or a folder of this name under $CONFLICTWIRE_RUNS (outside any checkout)."""
        if self.run_dir is not None:
            return Path(self.run_dir)
        default = Path.home() / ".cache" / "conflictwire" / "runs"
        return Path(os.environ.get("CONFLICTWIRE_RUNS", default)) / self.name


def load_config(source: str | Path, overrides: Iterable[str] = ()) -> TrainingConfig:
    """A path, or the name of a packaged config (``small``) -> TrainingConfig.

    ``overrides`` are ``section.key=value`` strings; values are YAML. Raises ConfigError that names
    the bad key and the nearest valid one.
    """
    path = _find(source)
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected a mapping of settings")
    for override in overrides:
        _apply(raw, override)
    _check_keys(raw, TrainingConfig, "")
    try:
        return TrainingConfig.model_validate(raw)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()
        )
        raise ConfigError(f"{path}: {problems}") from None


def packaged_configs() -> dict[str, Path]:
    """Names and files of the configs that ship with the package."""
    import conflictwire.configs

    folder = Path(conflictwire.configs.__path__[0])
    return {p.relative_to(folder).with_suffix("").as_posix(): p for p in folder.rglob("*.yaml")}


def _find(source: str | Path) -> Path:
    path = Path(source)
    if path.is_file():
        return path
    packaged = packaged_configs()
    if str(source) in packaged:
        return packaged[str(source)]
    raise ConfigError(
        f"no config {str(source)!r}: neither a file nor one of {', '.join(sorted(packaged))}"
    )


def _apply(raw: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator:
        raise ConfigError(f"--set {override!r}: expected section.key=value")
    *sections, last = key.strip().split(".")
    target = raw
    for section in sections:
        child = target.get(section)
        if not isinstance(child, dict):
            raise _unknown(key, section, target)
        target = child
    if last not in target:
        raise _unknown(key, last, target)
    value = yaml.safe_load(text)
    if isinstance(value, str):  # YAML 1.1 takes 1e-4 for a string
        try:
            value = float(value)
        except ValueError:
            pass
    target[last] = value


def _check_keys(raw: Mapping[str, Any], model: type[BaseModel], prefix: str) -> None:
    fields = model.model_fields
    for key, value in raw.items():
        if key not in fields:
            raise _unknown(f"{prefix}{key}", key, fields)
        section = fields[key].annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            if not isinstance(value, dict):
                raise ConfigError(f"{prefix}{key}: expected a section of settings, got {value!r}")
            _check_keys(value, section, f"{prefix}{key}.")


def _unknown(full: str, key: str, known: Iterable[str]) -> ConfigError:
    names = [str(k) for k in known]
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return ConfigError(f"unknown setting {full!r}{hint} (known here: {', '.join(names)})")
