"""Tag logits -> spans: constrained IOB2 decoding over whole documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """Half-open word range, type index and score (geometric mean of its labels' probabilities)."""

    word_start: int
    word_end: int
    type: int
    score: float


def decode_iob2(logits: Sequence[Floats], *, bias: float = 0.0) -> list[list[TaggedSpan]]:
    """For each document's logits [W, 1 + 2 K], the spans of the best valid IOB2 sequence.

    Labels: 0 is O, 1 + 2k begins type k, 2 + 2k continues it. I may only follow B or I of its own
    type; among the valid sequences the one of highest total log-probability wins (Viterbi; all
    documents step together). ``bias`` is added to the logits of all labels but O.
    """
    n_words = [len(x) for x in logits]
    if not logits or max(n_words) == 0:
        return [[] for _ in logits]
    # Longest first: at step t only the first n_active documents still have words.
    order = sorted(range(len(logits)), key=lambda i: -n_words[i])
    n_labels = logits[0].shape[1]
    log_probs = np.full((len(logits), n_words[order[0]], n_labels), 0.0, dtype=np.float32)
    for row, i in enumerate(order):
        log_probs[row, : n_words[i]] = _log_softmax(logits[i], bias)
    lengths = np.array([n_words[i] for i in order])
    labels = _viterbi(log_probs, lengths)
    result: list[list[TaggedSpan]] = [[] for _ in logits]
    for row, i in enumerate(order):
        n = n_words[i]
        result[i] = _runs(labels[row, :n], log_probs[row, :n])
    return result


def _log_softmax(logits: Floats, bias: float) -> Floats:
    x = logits.astype(np.float32)
    if bias:
        x = x.copy()
        x[:, 1:] += bias
    x = x - x.max(1, keepdims=True, initial=-np.inf)
    out: Floats = x - np.log(np.exp(x).sum(1, keepdims=True))
    return out


def _viterbi(log_probs: Floats, lengths: NDArray[np.int64]) -> NDArray[np.int32]:
    """[N, W, L] log-probabilities, rows sorted by falling length -> labels [N, W]."""
    n_docs, n_words, n_labels = log_probs.shape
    inside = np.arange(2, n_labels, 2)
    back = np.zeros((n_docs, n_words, n_labels), dtype=np.int32)
    score = log_probs[:, 0].copy()
    score[:, inside] = -np.inf
    finals = score.copy()
    rows = np.arange(n_docs)
    for t in range(1, n_words):
        n_active = int(np.searchsorted(-lengths, -t))
        live = score[:n_active]
        best = live.argmax(1)
        previous = np.broadcast_to(best[:, None], live.shape).copy()
        carried = np.broadcast_to(live[rows[:n_active], best][:, None], live.shape).copy()
        begin, cont = live[:, inside - 1], live[:, inside]
        continues = cont > begin
        previous[:, inside] = np.where(continues, inside, inside - 1)
        carried[:, inside] = np.where(continues, cont, begin)
        back[:n_active, t] = previous
        score = carried + log_probs[:n_active, t]
        finals[:n_active] = score
    labels = np.zeros((n_docs, n_words), dtype=np.int32)
    for row in range(n_docs):
        t = int(lengths[row]) - 1
        if t < 0:
            continue
        label = int(finals[row].argmax())
        while t >= 0:
            labels[row, t] = label
            label = int(back[row, t, label])
            t -= 1
    return labels


def _runs(labels: NDArray[np.int32], log_probs: Floats) -> list[TaggedSpan]:
    spans = []
    chosen = log_probs[np.arange(len(labels)), labels]
    for start in np.flatnonzero(labels % 2 == 1):
        label, end = int(labels[start]), int(start) + 1
        while end < len(labels) and labels[end] == label + 1:
            end += 1
        score = float(np.exp(chosen[start:end].mean()))
        spans.append(TaggedSpan(int(start), end, (label - 1) // 2, score))
    return spans
