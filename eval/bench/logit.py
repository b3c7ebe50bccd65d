"""Conditional logit: which of several alternatives is right, by a linear score of each.

McFadden, "Conditional logit analysis of qualitative choice behavior", 1974.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize  # type: ignore[import-untyped]

__all__ = ["fit_logit"]

Floats = npt.NDArray[np.float64]


def fit_logit(
    choices: Sequence[tuple[Floats, npt.NDArray[np.bool_]]], *, ridge: float = 1.0
) -> Floats:
    """Weights [n_features] of the largest likelihood, less ``ridge`` / 2 times their squared norm.

    Each choice is the features of its alternatives, [n_alternatives, n_features], and which of
    them are right: one at least. Their probabilities add up. L-BFGS, starting from zero.
    """
    x = np.concatenate([features for features, _ in choices])
    right = np.concatenate([mask for _, mask in choices]).astype(float)
    sizes = [len(features) for features, _ in choices]
    start = np.cumsum([0, *sizes[:-1]])
    of_choice = np.repeat(np.arange(len(choices)), sizes)

    def loss(w: Floats) -> tuple[float, Floats]:
        scores = x @ w
        e = np.exp(scores - np.maximum.reduceat(scores, start)[of_choice])
        every, good = np.add.reduceat(e, start), np.add.reduceat(e * right, start)
        slope = x.T @ (e / every[of_choice] - e * right / good[of_choice])
        value = float((np.log(every) - np.log(good)).sum() + ridge / 2 * w @ w)
        return value, slope + ridge * w

    found: Floats = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x
    return found
