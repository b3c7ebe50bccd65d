"""What a model folder says of its model, read from its files: no weights are loaded."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import yaml
from safetensors import safe_open

__all__ = ["describe"]


def describe(folder: Path) -> dict[str, Any]:
    """``encoder`` (its kind and size), ``parameters`` (of the whole network), and, where the
    folder is part of a training run, ``run``, ``training_seed`` and ``training_encoder`` as its
    config names them. What the folder does not tell is None."""
    config = _config(folder)
    facts = {"encoder": _encoder(folder), "parameters": _parameters(folder)}
    if config is None:
        return facts
    return {
        **facts,
        "run": config.get("name"),
        "training_seed": config.get("seed"),
        "training_encoder": (config.get("network") or {}).get("encoder"),
    }


def _encoder(folder: Path) -> str | None:
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if not (encoder := config.get("encoder")):
        return None
    layers = encoder.get("num_hidden_layers") or encoder.get("n_layers")
    width = encoder.get("hidden_size") or encoder.get("dim")
    return f"{encoder.get('model_type')}, {layers} layers, {width} wide"


def _parameters(folder: Path) -> int | None:
    path = folder / "model.safetensors"
    if not path.is_file():
        return None
    with safe_open(path, framework="np") as weights:
        shapes: list[list[int]] = [weights.get_slice(name).get_shape() for name in weights.keys()]  # noqa: SIM118
    return sum(map(math.prod, shapes))


def _config(folder: Path) -> dict[str, Any] | None:
    """Settings of the training run whose best model this is."""
    path = folder.parent / "config.yaml"
    if folder.name != "best" or not path.is_file():
        return None
    config: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return config
