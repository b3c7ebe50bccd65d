"""F1 of the settings, as the task's own scorer (scikit-learn) has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from ...counts import PRF
from .classes import CLASSES, SETTINGS

__all__ = ["pick", "scores", "weighted"]

_N = len(CLASSES)


def pick(ranked: Sequence[str], classes: Sequence[str]) -> str:
    """The first of ``ranked`` that is among ``classes``."""
    return next(label for label in ranked if label in classes)


def scores(gold: Sequence[str], ranked: Sequence[Sequence[str]]) -> dict[str, Any]:
    """``ranked`` are the classes of each snippet, likeliest first, OTHER or all among them.

    Of each setting n: ``weighted_f1_n`` (mean over classes by their number in gold), ``micro_f1_n``
    (one label a snippet: the share that is right), ``macro_f1_n`` (mean over classes that gold or
    prediction has) and ``n_n`` (snippets). ``open_`` are those of 25 and 28 with a pick among all
    30. ``by_class`` and ``confusions`` (gold, predicted, how often) are of 30.
    """
    figures: dict[str, Any] = {}
    for n, classes in SETTINGS.items():
        kept = [i for i, label in enumerate(gold) if label in classes]
        truth = [gold[i] for i in kept]
        told = [pick(ranked[i], classes) for i in kept]
        figures |= {f"{k}_f1_{n}": v for k, v in _f1(truth, told).items()}
        figures[f"n_{n}"] = len(kept)
        if n < _N:
            freely = [ranked[i][0] for i in kept]
            figures[f"open_weighted_f1_{n}"] = _f1(truth, freely)["weighted"]
        else:
            figures["by_class"] = {
                label: {"precision": c.precision, "recall": c.recall, "f1": c.f1, "n": c.gold}
                for label, c in _counts(truth, told).items()
            }
            wrong = Counter(pair for pair in zip(truth, told, strict=True) if pair[0] != pair[1])
            figures["confusions"] = [[*pair, times] for pair, times in wrong.most_common(15)]
    return figures


def weighted(sums: Sequence[float]) -> float | None:
    """Weighted F1 of counts that add up: tp, predicted and gold of class after class."""
    counts = [PRF(*map(int, sums[i : i + 3])) for i in range(0, len(sums), 3)]
    total = sum(c.gold for c in counts)
    return sum((c.f1 or 0.0) * c.gold for c in counts) / total if total else None


def counts_of(gold: str, told: str, classes: Sequence[str]) -> list[float]:
    """What ``weighted`` sums, of one snippet."""
    return [float(x) for c in classes for x in (c == gold and c == told, c == told, c == gold)]


def _f1(gold: Sequence[str], told: Sequence[str]) -> dict[str, float | None]:
    counts = _counts(gold, told)
    n = len(gold)
    return {
        "weighted": sum((c.f1 or 0.0) * c.gold for c in counts.values()) / n if n else None,
        "micro": sum(c.tp for c in counts.values()) / n if n else None,
        "macro": fmean(c.f1 or 0.0 for c in counts.values()) if n else None,
    }


def _counts(gold: Sequence[str], told: Sequence[str]) -> dict[str, PRF]:
    """Of each class that gold or prediction has, in the order of the classes."""
    tp = Counter(a for a, b in zip(gold, told, strict=True) if a == b)
    predicted, truth = Counter(told), Counter(gold)
    return {c: PRF(tp[c], predicted[c], truth[c]) for c in CLASSES if predicted[c] or truth[c]}
