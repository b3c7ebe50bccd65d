"""Settings: all in the file, checked by name and type, overridden by --set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from conflictwire.errors import ConfigError
from conflictwire.training.config import (
    LABELS,
    TrainingConfig,
    load_config,
    ontology_source,
    packaged_configs,
)
from pydantic import BaseModel

PACKAGED = ("house", "small", "tiny")


def sections(model: type[BaseModel] = TrainingConfig) -> list[type[BaseModel]]:
    inner = [f.annotation for f in model.model_fields.values()]
    return [model, *(s for s in inner if isinstance(s, type) and issubclass(s, BaseModel))]


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged_configs_are_valid_and_named_after_their_file(name: str) -> None:
    assert load_config(name).name == name
    assert load_config(packaged_configs()[name]) == load_config(name)


def test_packaged_configs_are_listed() -> None:
    assert set(packaged_configs()) >= set(PACKAGED)
    assert not any(name.endswith(LABELS) for name in packaged_configs())


def test_packaged_labels_go_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import conflictwire.configs

    monkeypatch.setattr(conflictwire.configs, "__path__", [str(tmp_path)])
    (tmp_path / "bench").mkdir()
    for name in ("x.yaml", "x_labels.yaml"):
        (tmp_path / "bench" / name).touch()
    assert set(packaged_configs()) == {"bench/x"}
    assert ontology_source("bench/x_labels") == str(tmp_path / "bench" / "x_labels.yaml")
    assert ontology_source("mine.yaml") == "mine.yaml"
    assert ontology_source(None) is None


@pytest.mark.parametrize("name", PACKAGED)
def test_each_number_says_its_unit(name: str) -> None:
    """Every line with a setting has a comment, or its section has one that says it for all."""
    section_says = False
    for line in packaged_configs()[name].read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            section_says = "#" in line
        is_number = re.match(r" +(\w+): +[\d.]", line)
        assert not is_number or "#" in line or section_says, f"{name}: no unit: {line}"


def test_no_setting_has_a_default() -> None:
    for section in sections():
        for key, field in section.model_fields.items():
            assert field.is_required(), f"{section.__name__}.{key}"


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    raw = yaml.safe_load(packaged_configs()["tiny"].read_text(encoding="utf-8"))
    del raw["loop"]["epochs"]
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.yaml: loop\.epochs: missing"):
        load_config(path)


@pytest.mark.parametrize(
    ("override", "nearest"),
    [
        ("optimizer.lr=1", "optimiser.lr"),
        ("optimiser.head_lr=1", "optimiser.heads_lr"),
        ("loop.epoch=1", "loop.epochs"),
        ("lr=1", "optimiser.lr"),
        ("patience=1", "loop.patience"),
        ("network.epochs=1", "loop.epochs"),
        ("sed=1", "seed"),
        ("tune.more=true", "tune"),
    ],
)
def test_an_unknown_setting_gets_the_nearest_valid_one(override: str, nearest: str) -> None:
    key = override.partition("=")[0]
    with pytest.raises(ConfigError) as caught:
        load_config("tiny", [override])
    said = str(caught.value)
    assert f"unknown setting {key!r}" in said
    assert f"did you mean {nearest!r}?" in said


def test_an_unknown_key_of_a_file_too(tmp_path: Path) -> None:
    text = packaged_configs()["tiny"].read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("warmup_share:", "warm_up_share:"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"'optimiser.warm_up_share'; did.*optimiser.warmup_sh"):
        load_config(path)


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("loop.epochs=many", r"loop\.epochs: .*integer, got 'many'"),
        ("loop.epochs=1.5", r"loop\.epochs: .*integer"),
        ("loop.epochs=true", r"loop\.epochs: .*integer"),
        ("loop.epochs=0", r"loop\.epochs: .*greater than or equal to 1, got 0"),
        ("optimiser.lr=-1", r"optimiser\.lr: .*greater than 0"),
        ("optimiser.lr='1'", r"optimiser\.lr: .*number, got '1'"),
        ("data.train=house", r"data\.train: .*list, got 'house'"),
        ("data.train=[]", r"data\.train: .*at least 1"),
        ("loop.precision=half", r"loop\.precision: .*'auto', 'no', 'bf16' or 'fp16'"),
        ("name=a/b", r"name: .*pattern"),
        ("name=7", r"name: .*string"),
        ("tune=1", r"tune: .*boolean"),
        ("data.overlap=250", r"data: .*overlap 250 is over half of max_pieces"),
        ("loop.epochs=[1", r"--set 'loop.epochs=\[1': the value is not YAML"),
        ("loop.epochs", r"expected section.key=value"),
        ("loop=3", r"unknown setting 'loop'"),
    ],
)
def test_wrong_values_are_named(override: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_config("tiny", [override])


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("optimiser.lr=1e-4", 1e-4),
        ("optimiser.lr=2E-05", 2e-5),
        ("optimiser.lr=1", 1.0),
        ("loop.precision=no", "no"),
        ("loop.precision=bf16", "bf16"),
        ("data.train=[house:train, other.jsonl]", ["house:train", "other.jsonl"]),
        ("run_dir=/somewhere/else", "/somewhere/else"),
        ("run_dir=null", None),
        ("tune=true", True),
    ],
)
def test_set_overrides_one_setting(override: str, value: Any) -> None:
    key = override.partition("=")[0]
    found: Any = load_config("tiny", [override])
    untouched: Any = load_config("tiny").model_dump()
    for part in key.split("."):
        found = getattr(found, part)
    assert found == value
    changed = load_config("tiny", [override]).model_dump()
    *inner, last = key.split(".")
    a, b = changed, untouched
    for part in inner:
        a, b = a[part], b[part]
    a[last] = b[last]
    assert changed == untouched


def test_the_last_override_counts() -> None:
    assert load_config("tiny", ["seed=1", "seed=2"]).seed == 2


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_config("tiny").seed = 3


def test_a_missing_file_lists_the_packaged_names() -> None:
    with pytest.raises(ConfigError, match=r"no config 'smal': neither .* of .*house, last, nar"):
        load_config("smal")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"- a", "expected a mapping of settings, got list"),
        (b"a: [", "not YAML"),
        (b"a: \xff", "not YAML"),
        (b"loop: 3", "loop: expected a section of settings, got 3"),
        (b"1: 3", "unknown setting '1'"),
        (b"a: &a [*a]", "not YAML: more than 200,000 values"),
        (b"a: " + b"[" * 5000, "not YAML"),
        (b"seed: " + b"9" * 5000, "not YAML"),
        (b"a: !!python/object/apply:os.getcwd []", "not YAML"),
    ],
)
def test_files_that_are_no_config(data: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=says):
        load_config(path)


def test_run_folders_lie_outside_the_work_tree(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CONFLICTWIRE_RUNS", str(tmp_path))
    assert load_config("tiny").run_path == tmp_path / "tiny"
    assert load_config("tiny", ["name=other"]).run_path == tmp_path / "other"
    assert load_config("tiny", ["run_dir=here"]).run_path == Path("here")
    monkeypatch.delenv("CONFLICTWIRE_RUNS")
    assert load_config("tiny").run_path == Path.home() / ".cache/conflictwire/runs/tiny"
