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
    type; among the valid sequences the one of highest total log-probability wins (Viterbi).
    ``bias`` is added to the logits of all labels but O.
    """
    n_words = [len(x) for x in logits]
    result: list[list[TaggedSpan]] = [[] for _ in logits]
    for group in _like_length(n_words):
        shape = (len(group), n_words[group[0]], logits[group[0]].shape[1])
        log_probs = np.zeros(shape, dtype=np.float32)
        for row, i in enumerate(group):
            log_probs[row, : n_words[i]] = _log_softmax(logits[i], bias)
        labels = _viterbi(log_probs, np.array([n_words[i] for i in group]))
        for row, i in enumerate(group):
            n = n_words[i]
            result[i] = _runs(labels[row, :n], log_probs[row, :n])
    return result


def _like_length(n_words: Sequence[int]) -> list[list[int]]:
    """Documents that have words, longest first, in groups that step together.

    Each is at least half as long as its group's first, so padding at most doubles the memory.
    """
    groups: list[list[int]] = []
    for i in sorted(range(len(n_words)), key=lambda i: -n_words[i]):
        if groups and 2 * n_words[i] >= n_words[groups[-1][0]]:
            groups[-1].append(i)
        elif n_words[i]:
            groups.append([i])
    return groups


def _log_softmax(logits: Floats, bias: float) -> Floats:
    x = logits.astype(np.float32)
    if bias:
        x = x.copy()
        x[:, 1:] += bias
    x = x - x.max(1, keepdims=True, initial=-np.inf)
    out: Floats = x - np.log(np.exp(x).sum(1, keepdims=True))
    return out


def _viterbi(log_probs: Floats, lengths: NDArray[np.int64]) -> NDArray[np.int32]:
    """[N, W, L] log-probabilities, rows sorted by falling length -> labels [N, W].

    Scores are relative to the best label of the word before, so that O and B, which may follow
    anything, score their own log-probability, and no sum grows with the text.
    """
    n_docs, n_words, n_labels = log_probs.shape
    best = np.zeros((n_docs, n_words), dtype=np.int32)  # label of highest score
    continues = np.zeros((n_docs, n_words, n_labels // 2), dtype=bool)  # I follows I, not B
    n_active = np.searchsorted(-lengths, -np.arange(n_words))  # documents that have a word t
    rows = np.arange(n_docs)
    score = log_probs[:, 0].copy()
    score[:, 2::2] = -np.inf
    best[:, 0] = score.argmax(1)
    for t in range(1, n_words):
        n = n_active[t]
        begin, cont = score[:n, 1::2], score[:n, 2::2]
        continues[:n, t] = cont > begin
        top = score[rows[:n], best[:n, t - 1]]
        inside = np.maximum(begin, cont) - top[:, None]
        score = log_probs[:n, t].copy()
        score[:, 2::2] += inside
        best[:n, t] = score.argmax(1)
    labels = np.zeros((n_docs, n_words), dtype=np.int32)
    for row in range(n_docs):
        t = int(lengths[row]) - 1
        label = int(best[row, t])
        while True:
            labels[row, t] = label
            if t == 0:
                break
            if label and label % 2 == 0:
                label -= 0 if continues[row, t, label // 2 - 1] else 1
            else:
                label = int(best[row, t - 1])
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
