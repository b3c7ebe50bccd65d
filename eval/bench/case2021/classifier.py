"""The layer: features of a Report and a sentence vector -> probabilities of the classes.

It lies beside the network in a model folder, as JSON and safetensors, with the layers of the folds
that its figures on the public data come from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ....errors import ModelFolderError
from ....report import Report
from .features import Floats, feature_rows

__all__ = ["ENCODER_FOLDER", "SETTINGS_FILE", "Classifier", "Fold", "Layer", "digest", "inputs"]

SETTINGS_FILE, WEIGHTS_FILE, ENCODER_FOLDER = "snippets.json", "snippets.safetensors", "encoder"


@dataclass(frozen=True, slots=True)
class Layer:
    """``weight`` [n_classes, n_inputs], ``bias`` [n_classes]."""

    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def __call__(self, rows: Floats) -> Floats:
        """[n, n_inputs] -> probabilities [n, n_classes]."""
        logits = rows @ self.weight.T.astype(float) + self.bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Floats = odds / odds.sum(axis=1, keepdims=True)
        return shares


@dataclass(frozen=True, slots=True)
class Fold:
    """A layer that did not see the texts of these digests."""

    layer: Layer
    held_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Classifier:
    """``feature_names`` are those of Reports, ``report_weight`` the length of their part of the
    input where a sentence vector has 1."""

    classes: tuple[str, ...]
    feature_names: tuple[str, ...]
    report_weight: float
    layer: Layer
    folds: tuple[Fold, ...] = field(default=())

    def probabilities(
        self, texts: Sequence[str], reports: Sequence[Report], vectors: Floats
    ) -> tuple[Floats, list[bool]]:
        """[n, n_classes], and of each text whether it is one that a fold held out: it is then
        labelled by the layer of that fold, as the whole one was fitted to it."""
        rows = inputs(reports, vectors, self.feature_names, self.report_weight)
        found = self.layer(rows)
        digests = [digest(text) for text in texts]
        held_out = [False] * len(texts)
        for fold in self.folds:
            for i in (i for i, d in enumerate(digests) if d in fold.held_out):
                found[i] = fold.layer(rows[i : i + 1])[0]
                held_out[i] = True
        return found, held_out

    def save(self, folder: Path) -> None:
        from safetensors.numpy import save_file

        layers = {"whole": self.layer, **{f"fold{i}": f.layer for i, f in enumerate(self.folds)}}
        save_file(
            {f"{n}.weight": np.ascontiguousarray(x.weight) for n, x in layers.items()}
            | {f"{n}.bias": np.ascontiguousarray(x.bias) for n, x in layers.items()},
            folder / WEIGHTS_FILE,
        )
        settings = {
            "classes": self.classes,
            "feature_names": self.feature_names,
            "report_weight": self.report_weight,
            "folds": [sorted(fold.held_out) for fold in self.folds],
        }
        (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Raises ModelFolderError if the folder has no layer, or a damaged one."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        if not (folder / SETTINGS_FILE).is_file():
            raise ModelFolderError(
                f"{folder}: no classifier of snippets ({SETTINGS_FILE}): run `conflictwire train "
                "bench/case2021` and name its folder with --model"
            )
        try:
            raw = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
            weights = load_file(folder / WEIGHTS_FILE)

            def layer(name: str) -> Layer:
                return Layer(weights[f"{name}.weight"], weights[f"{name}.bias"])

            folds = (Fold(layer(f"fold{i}"), frozenset(d)) for i, d in enumerate(raw["folds"]))
            loaded = cls(
                tuple(raw["classes"]),
                tuple(raw["feature_names"]),
                float(raw["report_weight"]),
                layer("whole"),
                tuple(folds),
            )
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise ModelFolderError(f"{folder}: {SETTINGS_FILE} cannot be used ({error})") from None
        if len(loaded.layer.bias) != len(loaded.classes):
            raise ModelFolderError(f"{folder}: {SETTINGS_FILE} and {WEIGHTS_FILE} do not fit")
        return loaded


def inputs(
    reports: Sequence[Report], vectors: Floats, names: Sequence[str], report_weight: float
) -> Floats:
    """[n, width + n_names]."""
    return np.hstack([vectors, report_weight * feature_rows(reports, names)])


def digest(text: str) -> str:
    """By which a text is known again, white space and case put aside."""
    return sha256(" ".join(text.lower().split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
