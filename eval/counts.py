"""Counts that merge with ``+``. A ratio comes last, and an undefined ratio is None, never 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

N_CALIBRATION_BINS = 5

Floats = npt.NDArray[np.float64]


def ratio(part: float, whole: float) -> float | None:
    """``part / whole``, or None where ``whole`` is 0."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class PRF:
    """Items found right, items predicted, items in gold."""

    tp: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: PRF) -> PRF:
        return PRF(self.tp + other.tp, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float | None:
        return ratio(self.tp, self.predicted)

    @property
    def recall(self) -> float | None:
        return ratio(self.tp, self.gold)

    @property
    def f1(self) -> float | None:
        """Defined as soon as there is an item on either side (then 0 if none is right)."""
        return ratio(2 * self.tp, self.predicted + self.gold)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of ``total`` are right."""

    right: int = 0
    total: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.right + other.right, self.total + other.total)

    @property
    def value(self) -> float | None:
        return ratio(self.right, self.total)


@dataclass(frozen=True, slots=True)
class BCubed:
    """Sums of the per-mention precision and recall of clusters (Bagga and Baldwin, 1998).

    ``predicted`` counts the gold mentions that stand in a predicted entity; ``gold`` counts all
    gold mentions of entities.
    """

    precision_sum: float = 0.0
    predicted: int = 0
    recall_sum: float = 0.0
    gold: int = 0

    def __add__(self, other: BCubed) -> BCubed:
        return BCubed(
            self.precision_sum + other.precision_sum,
            self.predicted + other.predicted,
            self.recall_sum + other.recall_sum,
            self.gold + other.gold,
        )

    @property
    def precision(self) -> float | None:
        return ratio(self.precision_sum, self.predicted)

    @property
    def recall(self) -> float | None:
        return ratio(self.recall_sum, self.gold)

    @property
    def f1(self) -> float | None:
        if not self.gold:
            return None
        precision, recall = self.precision or 0.0, self.recall or 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Score (0..1) and outcome of each predicted event, in the same order."""

    scores: tuple[float, ...] = ()
    rights: tuple[bool, ...] = ()

    def __add__(self, other: Calibration) -> Calibration:
        return Calibration(self.scores + other.scores, self.rights + other.rights)

    @property
    def ece(self) -> float | None:
        """Expected calibration error, see ``expected_calibration_error``."""
        return expected_calibration_error(
            np.array(self.scores, dtype=np.float64), np.array(self.rights, dtype=np.float64)
        )


def expected_calibration_error(
    scores: Floats, rights: Floats, n_bins: int = N_CALIBRATION_BINS
) -> float | None:
    """Mean distance between score and share right over bins of equal mass; None without events.

    ``scores`` and ``rights`` are [n_events]. Events of equal score share their mean outcome, so a
    bin edge among them, or the order in which documents come, changes nothing.
    """
    if not len(scores):
        return None
    values, group, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    outcome = np.bincount(group, weights=rights) / sizes
    # np.unique sorts, so repeating each value by its count gives the events in order of score.
    gaps = np.repeat(values - outcome, sizes)
    return float(sum(abs(part.sum()) for part in np.array_split(gaps, n_bins)) / len(scores))


def tally(matched: Iterable[str], predicted: Iterable[str], gold: Iterable[str]) -> dict[str, PRF]:
    """Labels of the right, the predicted and the gold items -> counts per label, sorted."""
    tp, n_predicted, n_gold = Counter(matched), Counter(predicted), Counter(gold)
    labels = sorted(n_predicted.keys() | n_gold.keys())
    return {label: PRF(tp[label], n_predicted[label], n_gold[label]) for label in labels}


def total(by_label: Mapping[str, PRF]) -> PRF:
    """The micro counts."""
    return sum(by_label.values(), PRF())


def macro(by_label: Mapping[str, PRF], part: Literal["precision", "recall", "f1"]) -> float | None:
    """Unweighted mean over the labels that occur in gold or prediction; None if none does.

    As in seqeval, the undefined precision of a label that is never predicted (the undefined
    recall of one that gold lacks) counts as 0 in the mean.
    """
    values = [getattr(c, part) or 0.0 for c in by_label.values() if c.predicted or c.gold]
    return ratio(sum(values), len(values))
