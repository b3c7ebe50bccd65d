"""Fit what stands behind the network on cross-validated predictions, and measure the scores.

    python -m conflictwire.training.fit.calibrate RUN --model FOLDER --card FOLDER
    python -m conflictwire.training.fit.calibrate --unseen SOURCE --model FOLDER --card FOLDER

RUN is a finished cross-validation (``training.crossval``). Each of its models reads its held-out
documents with the thresholds of ``--model``. First arguments are rescored (``rescoring``; documents
of ``--leave-out`` are kept out of this fit, so that they can measure it). Then scores are
calibrated: ways of calibration are compared by fitting on all folds but one and measuring on that
one, pooled over the folds; the maps that are stored are fitted on all folds. ``--card`` gets the
comparisons as JSON, a reliability diagram and a risk-coverage curve of the pooled held-out scores.

``--unseen`` takes annotated documents that the model itself was not trained on in place of RUN, and
deals them into folds. They are too few to fit rescoring on: it stays as the model has it, or is
that of the model ``--rescorer``, which should know the same roles.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence, Set
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
from conflictwire.coder import load
from conflictwire.document import Document
from conflictwire.errors import ConflictwireError
from conflictwire.eval import Calibration as Scored
from conflictwire.eval import Outcomes, expected_calibration_error
from conflictwire.extractor import Extraction
from conflictwire.folder import load_model
from conflictwire.network import NetworkConfig, save_config
from conflictwire.readers import read_gold
from conflictwire.scores import Calibration, Rescorer
from conflictwire.training.calibration import Floats, fit_calibration, fit_map
from conflictwire.training.crossval import folds, split
from conflictwire.training.data import load_documents
from conflictwire.training.devset import total_outcomes
from conflictwire.training.fit.rescoring import fit_rescorer
from conflictwire.training.heldout import HeldOut, read_held_out, read_with
from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]

N_FOLDS = 4  # of documents that no model has seen
SORTS = ("mention", "trigger", "argument", "event")
_Map = Callable[[Floats, Floats], Floats]  # scores [n], sizes [n] -> probabilities [n]


# ---- ways of calibration


def _none(scores: Floats, rights: Floats, sizes: Floats) -> _Map:
    return lambda s, n: s


def _temperature(scores: Floats, rights: Floats, sizes: Floats) -> _Map:
    return _vector(fit_map(scores.tolist(), rights.astype(bool).tolist(), offset=False))


def _platt(scores: Floats, rights: Floats, sizes: Floats) -> _Map:
    return _vector(fit_map(scores.tolist(), rights.astype(bool).tolist()))


def _platt_and_size(scores: Floats, rights: Floats, sizes: Floats) -> _Map:
    return _vector(
        fit_map(scores.tolist(), rights.astype(bool).tolist(), sizes.astype(int).tolist())
    )


def _isotonic(scores: Floats, rights: Floats, sizes: Floats) -> _Map:
    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(scores, rights)
    return lambda s, n: np.asarray(model.predict(s), dtype=np.float64)


def _vector(score_map: Any) -> _Map:
    return lambda s, n: np.array([score_map(a, b) for a, b in zip(s, n, strict=True)])


WAYS = {
    "none": _none,
    "temperature": _temperature,
    "platt": _platt,
    "platt_and_size": _platt_and_size,
    "isotonic": _isotonic,
}


def held_out_scores(
    way: Callable[[Floats, Floats, Floats], _Map], parts: Sequence[tuple[Floats, Floats, Floats]]
) -> Floats:
    """Scores of every fold's items by a map fitted on the other folds, in the order given.

    Where the other folds have outcomes of one sort only, scores stay as they are.
    """
    found = []
    for k, (scores, _, sizes) in enumerate(parts):
        rest = [
            np.concatenate(c) for c in zip(*(p for j, p in enumerate(parts) if j != k), strict=True)
        ]
        fitted = way(*rest) if len(set(rest[1].tolist())) > 1 else _none(*rest)
        found.append(fitted(scores, sizes) if len(scores) else scores)
    return np.concatenate(found)


def _parts(found: Sequence[Outcomes], sort: str) -> list[tuple[Floats, Floats, Floats]]:
    """(scores, rights, sizes) of every fold; sizes are 1 but for events."""
    parts = []
    for fold in found:
        scored: Scored = getattr(fold, sort)
        sizes = fold.event_sizes if sort == "event" else [1] * len(scored.scores)
        parts.append(
            (
                np.array(scored.scores, dtype=np.float64),
                np.array(scored.rights, dtype=np.float64),
                np.array(sizes, dtype=np.float64),
            )
        )
    return parts


def _measures(scores: Floats, rights: Floats) -> dict[str, float | int]:
    """Expected calibration error (5 bins of equal mass), log loss (nats), Brier score, and AURC:
    the mean share of wrong items over all coverages (Geifman and El-Yaniv, 2017)."""
    if not len(scores):
        return {"n": 0}
    p = np.clip(scores, 1e-6, 1 - 1e-6)
    _, risk = risk_coverage(scores, rights)
    return {
        "n": len(scores),
        "ece": round(expected_calibration_error(scores, rights) or 0.0, 4),
        "log_loss": round(float(-(rights * np.log(p) + (1 - rights) * np.log(1 - p)).mean()), 4),
        "brier": round(float(((scores - rights) ** 2).mean()), 4),
        "aurc": round(float(risk.mean()), 4),
    }


def risk_coverage(scores: Floats, rights: Floats) -> tuple[Floats, Floats]:
    """Coverage [n] and the share of wrong items among those kept [n], surest first."""
    order = np.argsort(-scores, kind="stable")
    kept = np.arange(1, len(order) + 1)
    return kept / len(order), np.cumsum(1 - rights[order]) / kept


# ---- the card


def _draw(path: Path, held_out: dict[str, tuple[Floats, Floats, Floats]]) -> None:
    """reliability.png and risk_coverage.png; values are (raw, calibrated, rights)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 8))
    axes = figure.subplots(2, 2).flat
    for axis, (sort, (raw, calibrated, rights)) in zip(axes, held_out.items(), strict=True):
        axis.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        for name, scores in (("raw", raw), ("calibrated", calibrated)):
            order = np.argsort(scores, kind="stable")
            bins = [b for b in np.array_split(order, 10) if len(b)]
            axis.plot(
                [scores[b].mean() for b in bins], [rights[b].mean() for b in bins], ".-", label=name
            )
        axis.set(title=f"{sort}s ({len(rights):,})", xlabel="score", ylabel="share right")
        axis.legend()
    figure.tight_layout()
    figure.savefig(path / "reliability.png", dpi=110)
    figure = Figure(figsize=(6, 4))
    axis = figure.subplots()
    for name, scores in zip(("raw", "calibrated"), held_out["event"][:2], strict=True):
        coverage, risk = risk_coverage(scores, held_out["event"][2])
        axis.plot(coverage, risk, label=name)
    axis.set(xlabel="coverage (share of events kept)", ylabel="risk (share wrong)", ylim=(0, None))
    axis.legend()
    figure.tight_layout()
    figure.savefig(path / "risk_coverage.png", dpi=110)


def calibrate(run: Path, model: Path, card: Path, leave_out: Path | None = None) -> dict[str, Any]:
    """Fit on the folds of ``run``, store in ``model``, draw into ``card``; -> the comparisons.

    ``leave_out``: gold documents that rescoring is not fitted on.
    """
    loaded = load_model(model)
    ids = {d.id for d in read_gold(leave_out, loaded.ontology)} if leave_out else set()
    config = dataclasses.replace(
        loaded.network.config, rescorer=Rescorer(), calibration=Calibration()
    )
    held_out = [read_held_out(fold, config.decoding) for fold in folds(run)]
    rescorer, roles = fit_rescorer(*_but(ids, held_out), config)
    config = dataclasses.replace(config, rescorer=rescorer)
    return {"argument_f1": roles} | _store(config, held_out, model, card)


def calibrate_unseen(
    sources: Sequence[str], model: Path, card: Path, rescorer: Path | None = None
) -> dict[str, Any]:
    """As ``calibrate``, by documents that the model has not seen: sources as configs name them.

    ``rescorer``: the model whose rescoring is taken; None: the model's own.
    """
    coder = load(model)
    network = coder.extractor.network
    taken = load_model(rescorer).network.config if rescorer is not None else network.config
    network.config = dataclasses.replace(
        network.config, rescorer=taken.rescorer, calibration=Calibration()
    )
    parts = split(load_documents(sources, coder.ontology), N_FOLDS)
    held_out = [read_with(coder, part) for part in parts]
    return _store(network.config, held_out, model, card)


def _store(
    config: NetworkConfig, held_out: Sequence[HeldOut], model: Path, card: Path
) -> dict[str, Any]:
    """Fit calibration, store it with ``config`` in ``model``, draw; -> the comparisons."""
    found = [total_outcomes(part, config) for part in held_out]
    comparison: dict[str, Any] = {}
    shown: dict[str, tuple[Floats, Floats, Floats]] = {}
    for sort in SORTS:
        parts = _parts(found, sort)
        raw, rights = (np.concatenate([p[i] for p in parts]) for i in (0, 1))
        scores = {
            name: held_out_scores(way, parts)
            for name, way in WAYS.items()
            if sort == "event" or name != "platt_and_size"
        }
        comparison[sort] = {name: _measures(s, rights) for name, s in scores.items()}
        shown[sort] = raw, scores["platt_and_size" if sort == "event" else "platt"], rights
    calibration = fit_calibration(reduce(add, found))
    save_config(dataclasses.replace(config, calibration=calibration), model)
    card.mkdir(parents=True, exist_ok=True)
    result = {"folds": len(found), "scores": comparison}
    (card / "calibration.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    _draw(card, shown)
    return result


def _but(
    left_out: Set[str], held_out: Sequence[HeldOut]
) -> tuple[list[Document], list[Extraction]]:
    pairs = [pair for part in held_out for pair in part if pair[0].id not in left_out]
    return [d for d, _ in pairs], [e for _, e in pairs]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.fit.calibrate")
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("run", type=Path, nargs="?", help="a finished cross-validation")
    data.add_argument(
        "--unseen", nargs="+", metavar="SOURCE", help="documents the model has not seen"
    )
    parser.add_argument("--model", type=Path, required=True, help="the model folder to calibrate")
    parser.add_argument("--card", type=Path, required=True, help="folder of figures and numbers")
    parser.add_argument(
        "--leave-out", type=Path, help="gold JSONL whose documents rescoring is not fitted on"
    )
    parser.add_argument("--rescorer", type=Path, help="with --unseen: take this model's rescoring")
    options = parser.parse_args(argv)
    try:
        if options.run is not None:
            result = calibrate(options.run, options.model, options.card, options.leave_out)
        else:
            result = calibrate_unseen(options.unseen, options.model, options.card, options.rescorer)
    except ConflictwireError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for role, scores in result.get("argument_f1", {}).items():
        print(role, "F1", " ".join(f"{k} {v:.3f}" for k, v in scores.items()))
    for sort, ways in result["scores"].items():
        for name, measures in ways.items():
            print(sort, name, " ".join(f"{k} {v}" for k, v in measures.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
