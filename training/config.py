"""Training configuration: YAML + ``--set`` overrides -> checked, frozen settings.

There are no defaults here: every setting stands in the YAML file, with its unit in a comment.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import yaml
from conflictwire.errors import ConfigError
from conflictwire.files import load_yaml, run_folder
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

LABELS = "_labels"  # ends the names of packaged ontologies, which are no configs

Settings = TypeVar("Settings", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """YAML 1.2 in what matters here: 1e-4 is a number, ``no`` is a word (a precision)."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(true|True|false|False)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+[eE][-+]?\d+$"), list("-+0123456789")
)


class Section(BaseModel):
    """Settings that belong together: all given, none unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DataConfig(Section):
    train: list[str] = Field(min_length=1)
    unlabelled: list[str]
    dev: list[str] = Field(min_length=1)
    leave_out: str | None
    max_pieces: int = Field(ge=32)
    overlap: int = Field(ge=16)  # a word has at most 16 pieces
    empty_share: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _overlap_fits(self) -> Self:
        if self.overlap > self.max_pieces // 2:
            raise ValueError(f"overlap {self.overlap} is over half of max_pieces")
        return self


class NetworkSettings(Section):
    encoder: str
    heads: Literal["new", "kept"]
    teachers: list[str]
    ontology: str | None
    layers: list[int]
    freeze_layers: int = Field(ge=0)
    span_size: int = Field(ge=4)
    pair_size: int = Field(ge=4)
    dropout: float = Field(ge=0, lt=1)
    attention_dropout: float = Field(ge=0, lt=1)


class OptimiserConfig(Section):
    lr: float = Field(gt=0)
    heads_lr: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    warmup_share: float = Field(ge=0, le=1)
    max_grad_norm: float = Field(gt=0)


class LoopConfig(Section):
    epochs: int = Field(ge=1)
    batch_windows: int = Field(ge=1)
    accumulation: int = Field(ge=1)
    precision: Literal["auto", "no", "bf16", "fp16"]
    ema_decay: float = Field(ge=0, lt=1)
    proposals_from_epoch: int = Field(ge=0)
    word_dropout: float = Field(ge=0, lt=1)
    evaluate_every: int = Field(ge=1)
    select: list[str] = Field(min_length=1)
    patience: int = Field(ge=1)
    checkpoint_every: int = Field(ge=1)
    threads: int = Field(ge=0)


class LossConfig(Section):
    mention: float = Field(ge=0)
    trigger: float = Field(ge=0)
    status: float = Field(ge=0)
    role: float = Field(ge=0)
    same_event: float = Field(ge=0)
    same_entity: float = Field(ge=0)
    teachers: float = Field(ge=0, le=1)


class TrainingConfig(Section):
    name: str = Field(pattern=r"^[\w.-]+$")
    run_dir: str | None
    seed: int
    data: DataConfig
    network: NetworkSettings
    optimiser: OptimiserConfig
    loop: LoopConfig
    loss: LossConfig
    tune: bool

    @model_validator(mode="after")
    def _teachers_are_heard(self) -> Self:
        if bool(self.network.teachers) != (self.loss.teachers > 0):
            raise ValueError("network.teachers and loss.teachers: give both, or [] and 0.0")
        if self.data.unlabelled and not self.network.teachers:
            raise ValueError("data.unlabelled: only network.teachers can annotate these texts")
        return self

    @property
    def run_path(self) -> Path:
        """``run_dir``, or a folder of this name under $CONFLICTWIRE_RUNS (outside any checkout)."""
        if self.run_dir is not None:
            return Path(self.run_dir)
        return run_folder(self.name)


SNIPPETS = "snippets"
"""The ``task`` of configs for a classifier of snippets."""


def load_config(source: str | Path, overrides: Iterable[str] = ()) -> TrainingConfig:
    """A path, or the name of a packaged config (``small``) -> TrainingConfig.

    ``overrides`` are ``section.key=value`` strings; values are YAML. Raises ConfigError that names
    the bad key and the nearest valid one, and for a config that trains no network.
    """
    if task_of(source) == SNIPPETS:
        raise ConfigError(
            f"{source} trains a classifier of snippets, no network: `conflictwire train {source}`"
        )
    return load_settings(source, TrainingConfig, overrides)


def task_of(source: str | Path) -> str | None:
    """What a config trains if it is no network: its ``task``. Raises ConfigError."""
    return _mapping(_find(source)).get("task")


def load_settings(
    source: str | Path, shape: type[Settings], overrides: Iterable[str] = ()
) -> Settings:
    """As ``load_config``, for the settings of another task."""
    path = _find(source)
    raw = _mapping(path)
    for override in overrides:
        _apply(raw, override, shape)
    _check_keys(raw, shape, shape)
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        problems = (
            ": ".join(filter(None, (".".join(str(p) for p in e["loc"]), _problem(e))))
            for e in error.errors()
        )
        raise ConfigError(f"{path}: {'; '.join(problems)}") from None


def packaged_configs() -> dict[str, Path]:
    """Names and files of the configs that ship with the package."""
    return {name: path for name, path in _packaged().items() if not name.endswith(LABELS)}


def ontology_source(name: str | None) -> str | None:
    """``network.ontology`` -> what Ontology.load takes: the name of packaged labels
    (``bench/muc4_labels``) becomes their file, anything else stays."""
    packaged = _packaged()
    return str(packaged[name]) if name in packaged else name


def _packaged() -> dict[str, Path]:
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


def _mapping(path: Path) -> dict[str, Any]:
    try:
        raw = _read(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # nested too deep, not UTF-8
        raise ConfigError(f"{path}: not YAML: {error}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected a mapping of settings, got {type(raw).__name__}")
    return raw


def _read(text: str) -> Any:
    return load_yaml(text, _Loader)


def _problem(error: Any) -> str:
    if error["type"] == "missing":
        return "missing; every setting must be given"
    if not error["loc"]:  # of the settings together
        return str(error["msg"])
    return f"{error['msg']}, got {error['input']!r:.60}"


def _apply(raw: dict[str, Any], override: str, shape: type[BaseModel]) -> None:
    key, separator, text = override.partition("=")
    if not separator:
        raise ConfigError(f"--set {override!r}: expected section.key=value")
    key = key.strip()
    *sections, last = key.split(".")
    target = raw
    for section in sections:
        child = target.get(section)
        if not isinstance(child, dict):
            raise _unknown(key, shape)
        target = child
    if key not in _settings(shape):
        raise _unknown(key, shape)
    try:
        target[last] = _read(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise ConfigError(f"--set {override!r}: the value is not YAML") from None


def _check_keys(
    raw: Mapping[Any, Any], model: type[BaseModel], shape: type[BaseModel], prefix: str = ""
) -> None:
    """``model`` is the part of ``shape`` at ``prefix``."""
    for key, value in raw.items():
        if key not in model.model_fields:
            raise _unknown(f"{prefix}{key}", shape)
        section = model.model_fields[key].annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            if not isinstance(value, dict):
                raise ConfigError(f"{prefix}{key}: expected a section of settings, got {value!r}")
            _check_keys(value, section, shape, f"{prefix}{key}.")


@cache
def _settings(shape: type[BaseModel]) -> tuple[str, ...]:
    """Dotted names of all settings, sections left out."""
    return tuple(_names(shape, ""))


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for key, field in model.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from _names(section, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _unknown(key: str, shape: type[BaseModel]) -> ConfigError:
    """The nearest valid one: of the same last part, else in the same section, else anywhere."""
    names = _settings(shape)
    section, _, last = key.rpartition(".")
    same_last = [n for n in names if n.rpartition(".")[2] == last]
    siblings = [n for n in names if section and n.rpartition(".")[0] == section]
    candidates = same_last or siblings or names
    nearest = difflib.get_close_matches(key, candidates, n=1, cutoff=0.0)[0]
    return ConfigError(f"unknown setting {key!r}; did you mean {nearest!r}?")
