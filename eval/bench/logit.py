"""Conditional logit: which of several alternatives is right, by a linear score of each.

McFadden, "Conditional logit analysis of qualitative choice behavior", 1974.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize  # type: ignore[import-untyped]

from ...errors import DataError

__all__ = ["fit_logit", "fit_table"]

Floats = npt.NDArray[np.float64]


def fit_logit(
    choices: Sequence[tuple[Floats, npt.NDArray[np.bool_]]], *, ridge: float = 1.0
) -> Floats:
    """Weights [n_features] of the largest likelihood, less ``ridge`` / 2 times their squared norm.

    Each choice is the features of its alternatives, [n_alternatives, n_features], and which of
    them are right: one at least. Their probabilities add up. L-BFGS, starting from zero. Raises
    DataError if there is no choice.
    """
    if not choices:
        raise DataError("nothing to fit weights on: no choice with a right alternative")
    return fit_table(
        np.concatenate([features for features, _ in choices]),
        np.concatenate([mask for _, mask in choices]).astype(float),
        np.array([len(features) for features, _ in choices]),
        ridge=ridge,
    )


def fit_table(
    x: Any,
    right: Floats,
    sizes: npt.NDArray[np.int_],
    *,
    ridge: float,
    worth: Floats | None = None,
    max_steps: int = 15_000,
) -> Floats:
    """``fit_logit`` of choices that stand in one table, dense or sparse, [n_rows, n_features].

    ``right`` [n_rows] is 1 for right alternatives, else 0; ``sizes`` [n_choices] says how many
    rows each choice has, ``worth`` [n_choices] how much it counts (None: each 1).
    """
    start = np.cumsum([0, *sizes[:-1]])
    weight = np.ones(len(sizes)) if worth is None else worth
    transposed = x.T

    def loss(w: Floats) -> tuple[float, Floats]:
        scores = x @ w
        e = np.exp(scores - np.repeat(np.maximum.reduceat(scores, start), sizes))
        every, good = np.add.reduceat(e, start), np.add.reduceat(e * right, start)
        gap = e / np.repeat(every, sizes) - e * right / np.repeat(good, sizes)
        value = float((weight * (np.log(every) - np.log(good))).sum() + ridge / 2 * w @ w)
        return value, transposed @ (gap * np.repeat(weight, sizes)) + ridge * w

    found: Floats = minimize(
        loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": max_steps}
    ).x
    return found
