"""Percentile bootstrap over documents, on counts: no document is scored twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from .counts import PRF, BCubed, Floats, Share, expected_calibration_error
from .scores import Scores, headline

N_RESAMPLES = 1000
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
    samples = _resample(per_document, names, _weights(len(per_document), n_resamples, seed))
    columns = zip(names, samples.T, strict=True)
    return {name: _central(column, level) for name, column in columns}


def resampled_interval(
    per_document: Sequence[Sequence[float]],
    figure: Callable[[Sequence[float]], float | None],
    *,
    n_resamples: int,
    seed: int,
    level: float = 0.95,
) -> Interval | None:
    """As ``intervals``, for one figure of any counts: ``figure`` of their sums over documents.

    ``per_document`` is [n_documents, n_counts].
    """
    if not per_document or n_resamples < 1:
        return None
    weights = _weights(len(per_document), n_resamples, seed)
    sums = weights @ np.array(per_document, dtype=np.float64)
    found = [figure(row) for row in sums.tolist()]
    return _central(np.array([np.nan if f is None else f for f in found]), level)


def _weights(n_documents: int, n_resamples: int, seed: int) -> Any:
    """[n_resamples, n_documents]: how often a resample holds a document."""
    rng = np.random.default_rng(seed)
    draws = rng.integers(n_documents, size=(n_resamples, n_documents))
    return np.stack([np.bincount(draw, minlength=n_documents) for draw in draws])


def _central(samples: Floats, level: float) -> Interval | None:
    """The central ``level`` of those samples that are defined (not NaN)."""
    defined = samples[~np.isnan(samples)]
    if not len(defined):
        return None
    low, high = np.percentile(defined, [50 * (1 - level), 50 * (1 + level)]).tolist()
    return low, high


def _resample(per_document: Sequence[Scores], names: list[str], weights: Any) -> Floats:
    """[n_resamples, n_figures]; NaN where undefined."""
    table = _CountTable(per_document)
    sums = weights @ table.counts
    samples = np.full((len(weights), len(names)), np.nan)
    for i in range(len(weights)):
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
