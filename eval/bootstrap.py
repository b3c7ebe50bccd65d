"""Percentile bootstrap over documents, on counts: no document is scored twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from .counts import PRF, BCubed, Floats, Share, expected_calibration_error
from .scores import Scores, headline

Interval = tuple[float, float]

_COUNT_TYPES: tuple[type[Any], ...] = (PRF, Share, BCubed)


def intervals(
    per_document: Sequence[Scores], *, n_resamples: int, seed: int, level: float = 0.95
) -> dict[str, Interval | None]:
    """Figure name -> (low, high), the central ``level`` of it over resampled sets of documents.

    A resample in which a figure is undefined is left out for that figure. None where the figure
    is undefined in all of them, or where there is no document or no resample.
    """
    names = list(headline(Scores()))
    if not per_document or n_resamples < 1:
        return dict.fromkeys(names)
    samples = _resample(per_document, names, n_resamples, np.random.default_rng(seed))
    edges = [50 * (1 - level), 50 * (1 + level)]
    found: dict[str, Interval | None] = {}
    for name, column in zip(names, samples.T, strict=True):
        defined = column[~np.isnan(column)]
        low_high = np.percentile(defined, edges).tolist() if len(defined) else None
        found[name] = None if low_high is None else (low_high[0], low_high[1])
    return found


def _resample(
    per_document: Sequence[Scores], names: list[str], n_resamples: int, rng: np.random.Generator
) -> Floats:
    """[n_resamples, n_figures]; NaN where undefined."""
    n_documents = len(per_document)
    draws = rng.integers(n_documents, size=(n_resamples, n_documents))
    # weights[r, d]: how often resample r holds document d.
    weights = np.stack([np.bincount(draw, minlength=n_documents) for draw in draws])
    table = _CountTable(per_document)
    sums = weights @ table.counts
    samples = np.full((n_resamples, len(names)), np.nan)
    for i in range(n_resamples):
        figures = headline(table.scores(sums[i]))
        figures["ece"] = table.ece(weights[i])
        samples[i] = [np.nan if figures[name] is None else figures[name] for name in names]
    return samples


class _CountTable:
    """Scores as rows of numbers: a weighted sum of documents is then one product of matrices.

    ``counts`` is [n_documents, n_counts]. Calibration does not add up to numbers, so its events
    are held apart, each with the index of its document.
    """

    def __init__(self, per_document: Sequence[Scores]) -> None:
        merged = sum(per_document, Scores())
        # (field, label or None, type of count): the columns, in groups of one count each.
        self.groups: list[tuple[str, str | None, type[Any]]] = []
        for f in fields(Scores):
            value = getattr(merged, f.name)
            if isinstance(value, Mapping):
                self.groups += [(f.name, key, PRF) for key in value]
            elif isinstance(value, _COUNT_TYPES):
                self.groups.append((f.name, None, type(value)))
        self.counts = np.array([self._row(scores) for scores in per_document], dtype=np.float64)
        self.event_scores = np.array(merged.calibration.scores, dtype=np.float64)
        self.event_rights = np.array(merged.calibration.rights, dtype=np.float64)
        self.event_document = np.repeat(
            np.arange(len(per_document)), [len(s.calibration.scores) for s in per_document]
        )

    def _row(self, scores: Scores) -> list[float]:
        row: list[float] = []
        for name, key, count_type in self.groups:
            value = getattr(scores, name)
            count = value if key is None else value.get(key, count_type())
            row += [getattr(count, f.name) for f in fields(count_type)]
        return row

    def scores(self, row: Floats) -> Scores:
        """One row of counts -> Scores (without calibration)."""
        numbers = iter(row.tolist())
        values: dict[str, Any] = {}
        for name, key, count_type in self.groups:
            count = count_type(*(next(numbers) for _ in fields(count_type)))
            if key is None:
                values[name] = count
            else:
                values.setdefault(name, {})[key] = count
        return Scores(**values)

    def ece(self, weights: Any) -> float | None:
        """``weights`` is [n_documents], how often each document is in the resample."""
        times = weights[self.event_document]
        return expected_calibration_error(
            np.repeat(self.event_scores, times), np.repeat(self.event_rights, times)
        )
