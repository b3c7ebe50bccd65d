"""Raw scores and outcomes -> the maps that make scores probabilities (``conflictwire.scores``)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from conflictwire.eval import Outcomes
from conflictwire.scores import Calibration, ScoreMap

Floats = npt.NDArray[np.float64]
_RIDGE = 1e-2  # keeps the maps of separable outcomes finite; nothing beside a hundred outcomes
_SAFE = 1e-6


def fit_calibration(outcomes: Outcomes) -> Calibration:
    """One map for each sort of item; the sizes of events count."""
    return Calibration(
        mention=fit_map(outcomes.mention.scores, outcomes.mention.rights),
        trigger=fit_map(outcomes.trigger.scores, outcomes.trigger.rights),
        argument=fit_map(outcomes.argument.scores, outcomes.argument.rights),
        event=fit_map(outcomes.event.scores, outcomes.event.rights, outcomes.event_sizes),
    )


def fit_map(
    scores: Sequence[float],
    rights: Sequence[bool],
    sizes: Sequence[int] | None = None,
    *,
    offset: bool = True,
) -> ScoreMap:
    """The map of the highest likelihood: Platt scaling, or temperature without ``offset``.

    ``sizes``: the number of spans behind each score; None leaves them out. With outcomes of one
    sort only there is nothing to fit, and scores stay as they are.
    """
    if len(set(rights)) < 2:
        return ScoreMap()
    p = np.clip(np.array(scores, dtype=np.float64), _SAFE, 1 - _SAFE)
    columns = [np.log(p / (1 - p)), np.full_like(p, float(offset))]
    columns.append(np.log(sizes) if sizes is not None else np.zeros_like(p))
    scale, shift, size = _logistic(
        np.stack(columns, 1), np.array(rights, dtype=np.float64), start=np.array([1.0, 0.0, 0.0])
    )
    return ScoreMap(float(scale), float(shift), float(size))


def _logistic(x: Floats, y: Floats, *, start: Floats) -> Floats:
    """Weights [n_columns] of x [n, n_columns] for outcomes y [n] in 0..1, drawn to ``start``."""

    def loss(weights: Floats) -> float:
        logits = x @ weights
        drawn = _RIDGE / 2 * ((weights - start) ** 2).sum()
        return float((np.logaddexp(0, logits) - y * logits).sum() + drawn)

    weights = start.copy()
    for _ in range(50):  # Newton steps
        predicted = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (predicted - y) + _RIDGE * (weights - start)
        curvature = (x * (predicted * (1 - predicted))[:, None]).T @ x
        step = np.linalg.solve(curvature + _RIDGE * np.eye(len(start)), gradient)
        # A whole step from very sure scores can lead far away, and from there no step leads back.
        while loss(weights - step) > loss(weights) + _SAFE:
            step /= 2
        weights -= step
    return weights
