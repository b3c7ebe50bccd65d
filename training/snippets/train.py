"""Config -> a run folder with the layer, and what it scores on folds that it did not see."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import numpy as np
from conflictwire.coder import load_checked
from conflictwire.errors import DataError
from conflictwire.eval.bench.case2021 import (
    CLASSES,
    Classifier,
    Fold,
    SentenceEncoder,
    scores,
)
from conflictwire.eval.bench.case2021.classes import ranked_by_crosswalk
from conflictwire.eval.bench.case2021.classifier import ENCODER_FOLDER, Layer, digest, inputs
from conflictwire.eval.bench.case2021.features import Floats, names_of
from conflictwire.files import model_source
from conflictwire.folder import load_model, save_model
from conflictwire.training.encoders import load_encoder
from conflictwire.training.runs import Run
from conflictwire.training.snippets.config import SnippetsConfig
from conflictwire.training.snippets.folds import folds
from conflictwire.training.snippets.sources import Snippet, load_snippets
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

_STEPS = 2000  # of L-BFGS, at most
_NEVER = -100.0  # bias of a class without a snippet to learn from
_FEWEST = 3  # classes

Say = Callable[[str], None]


def train_snippets(config: SnippetsConfig, *, show: Say | None = None) -> Path:
    """-> the run folder; its best/ holds the model, the sentence encoder and the layer.

    Raises ConfigError and DataError, before the folder is made.
    """
    say: Say = show or (lambda _: None)
    run = Run(config.run_path)
    run.check(config)

    # ---- snippets, and what model and encoder say of them
    own, dev = load_snippets(config.data.train), load_snippets(config.data.dev)
    snippets = [*own, *dev]
    if len({s.label for s in snippets}) < _FEWEST:
        raise DataError(f"snippets of fewer than {_FEWEST} classes", field="data.train")
    say(f"{len(own)} snippets to train on, {len(dev)} to hold out in folds; run: {run.path}")
    name = config.network.model
    coder = load_checked(None if name is None else model_source(name))
    encoder = SentenceEncoder(*load_encoder(config.network.encoder, attention_dropout=0.0))
    texts = [s.text for s in snippets]
    reports = list(coder.stream({"text": text} for text in texts))
    names = names_of(reports)
    weight = config.classifier.report_weight
    rows = inputs(reports, encoder(texts), names, weight)
    say(f"{rows.shape[1]} inputs, {len(names)} of them from reports")

    # ---- the layer, and those of folds
    own_rows, dev_rows = rows[: len(own)], rows[len(own) :]
    held_out, metrics = _cross_validate(config, own, own_rows, dev, dev_rows)
    layer = _fit(rows, [s.label for s in snippets], config.classifier.strength)
    classifier = Classifier(CLASSES, names, weight, layer, held_out)
    if dev:
        gold = [s.label for s in dev]
        alone = _fit(own_rows, [s.label for s in own], config.classifier.strength)
        metrics |= {
            "without_dev": _headline(scores(gold, _ranked(alone(dev_rows)))),
            "crosswalk": _headline(
                scores(gold, [ranked_by_crosswalk(r) for r in reports[len(own) :]])
            ),
        }

    # ---- run folder
    counts = {c: sum(s.label == c for s in snippets) for c in CLASSES}
    run.open(config, {"snippets_by_class": counts})

    def write(folder: Path) -> None:
        source = coder.folder
        assert source is not None  # load() always knows it
        model = load_model(source)
        save_model(folder, model.network, model.tokenizer, model.ontology)
        encoder.save(folder / ENCODER_FOLDER)
        classifier.save(folder)

    run.replace_best(write)
    run.log_final(metrics)
    for kind, figures in metrics.items():
        say(f"{kind}: " + ", ".join(f"{k} {v:.3f}" for k, v in figures.items() if v is not None))
    return run.path


def _cross_validate(
    config: SnippetsConfig,
    own: Sequence[Snippet],
    own_rows: Floats,
    dev: Sequence[Snippet],
    dev_rows: Floats,
) -> tuple[tuple[Fold, ...], dict[str, Any]]:
    """The layers of the first round of folds, and mean and spread of the figures over rounds."""
    if not dev:
        return (), {}
    texts, gold = [s.text for s in dev], [s.label for s in dev]
    kept_folds: list[Fold] = []
    rounds = []
    for repeat in range(config.classifier.repeats):
        shares = np.zeros((len(dev), len(CLASSES)))
        for kept, out in folds(texts, gold, n=config.classifier.folds, seed=config.seed + repeat):
            layer = _fit(
                np.vstack([own_rows, dev_rows[kept]]),
                [*(s.label for s in own), *(gold[i] for i in kept)],
                config.classifier.strength,
            )
            shares[out] = layer(dev_rows[out])
            if repeat == 0:
                kept_folds.append(Fold(layer, frozenset(digest(texts[i]) for i in out)))
        rounds.append(_headline(scores(gold, _ranked(shares))))
    means = {k: fmean(r[k] for r in rounds) for k in rounds[0]}
    spreads = {k: pstdev(r[k] for r in rounds) for k in rounds[0]}
    return tuple(kept_folds), {"cross_validated": means, "spread_over_rounds": spreads}


def _fit(rows: Floats, labels: Sequence[str], strength: float) -> Layer:
    """Multinomial logistic regression; ``strength`` is the inverse of the penalty on its norm."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last steps change nothing
        fitted = LogisticRegression(C=strength, max_iter=_STEPS).fit(rows, list(labels))
    weight = np.zeros((len(CLASSES), rows.shape[1]), dtype=np.float32)
    bias = np.full(len(CLASSES), _NEVER, dtype=np.float32)
    for name, w, b in zip(fitted.classes_, fitted.coef_, fitted.intercept_, strict=True):
        weight[CLASSES.index(name)], bias[CLASSES.index(name)] = w, b
    return Layer(weight, bias)


def _ranked(shares: Floats) -> list[list[str]]:
    return [[CLASSES[c] for c in row] for row in (-shares).argsort(axis=1)]


def _headline(figures: dict[str, Any]) -> dict[str, float]:
    return {k: v or 0.0 for k, v in figures.items() if "_f1_" in k}
