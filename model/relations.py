"""Window by window scores -> scores of the whole document.

A pair of spans may stand in several windows; the window in which it is farthest from a cut edge
has the say. Only pairs that matter are kept, so that a book costs no more per page than a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .windows import Window

Floats = NDArray[np.float32]
# Pairs less likely than this are dropped at once; every threshold in use lies above it.
MIN_PROBABILITY = 0.02


@dataclass(slots=True)
class DocumentRelations:
    """Probabilities over a document's spans, indexed as its mention and trigger lists are."""

    status: Floats  # [T, S], rows sum to 1
    roles: dict[tuple[int, int], Floats] = field(default_factory=dict)  # (trigger, mention) -> [R]
    same_event: dict[tuple[int, int], float] = field(default_factory=dict)  # i < j
    same_entity: dict[tuple[int, int], float] = field(default_factory=dict)  # i < j


@dataclass(frozen=True, slots=True)
class WindowScores:
    """Probabilities of one window: its spans' document indices and their scores, unpadded."""

    triggers: list[int]
    mentions: list[int]
    status: Floats  # [t, S]
    role: Floats  # [t, m, R]
    same_event: Floats  # [t, t]
    same_entity: Floats  # [m, m]


def merge(
    windows: Sequence[Window],
    scores: Sequence[WindowScores],
    *,
    triggers: Sequence[tuple[int, int]],
    mentions: Sequence[tuple[int, int]],
    n_words: int,
    n_statuses: int,
) -> DocumentRelations:
    """Each pair's score from the window that holds it most centrally."""
    merged = DocumentRelations(np.full((len(triggers), n_statuses), 1 / n_statuses, np.float32))
    t_spans = np.array(triggers, dtype=np.int64).reshape(-1, 2)
    m_spans = np.array(mentions, dtype=np.int64).reshape(-1, 2)
    for index, part in enumerate(scores):
        t_ids, m_ids = np.array(part.triggers, np.int64), np.array(part.mentions, np.int64)
        t, m = t_spans[t_ids], m_spans[m_ids]
        own_t = np.diagonal(_owned(windows, index, t, t, n_words))
        merged.status[t_ids[own_t]] = part.status[own_t]
        likely = part.role.max(-1, initial=0.0) >= MIN_PROBABILITY
        i, j = np.nonzero(likely & _owned(windows, index, t, m, n_words))
        merged.roles.update(zip(_pairs(t_ids[i], m_ids[j]), part.role[i, j], strict=True))
        # Unlikely pairs of triggers count too: they weigh in the average of a cluster.
        for matrix, spans, ids, into, least in (
            (part.same_event, t, t_ids, merged.same_event, 0.0),
            (part.same_entity, m, m_ids, merged.same_entity, MIN_PROBABILITY),
        ):
            keep = np.triu(matrix >= least, 1)
            i, j = np.nonzero(keep & _owned(windows, index, spans, spans, n_words))
            into.update(zip(_pairs(ids[i], ids[j]), matrix[i, j].tolist(), strict=True))
    return merged


def _pairs(a: NDArray[np.int64], b: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    return zip(a.tolist(), b.tolist(), strict=True)


def _owned(
    windows: Sequence[Window],
    index: int,
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    n_words: int,
) -> NDArray[np.bool_]:
    """Which pairs of spans a [I, 2], b [J, 2] (all inside the window) the window owns, [I, J]."""
    low = np.minimum(a[:, None, 0], b[None, :, 0])
    high = np.maximum(a[:, None, 1], b[None, :, 1])
    own = _margins(windows[index], low, high, n_words)
    owned = np.ones(own.shape, dtype=bool)
    # Ties go to the earlier window.
    for other in range(index - 1, -1, -1):
        if windows[other].word_end <= windows[index].word_start:
            break
        owned &= own > _margins(windows[other], low, high, n_words)
    for other in range(index + 1, len(windows)):
        if windows[other].word_start >= windows[index].word_end:
            break
        owned &= own >= _margins(windows[other], low, high, n_words)
    return owned


def _margins(
    window: Window, low: NDArray[np.int64], high: NDArray[np.int64], n_words: int
) -> NDArray[np.int64]:
    """Words between the pair and the nearest cut edge; negative if it is not inside."""
    left = low - window.word_start if window.word_start else np.full_like(low, n_words)
    right = window.word_end - high if window.word_end < n_words else np.full_like(low, n_words)
    return np.minimum(left, right)
