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


def decode_iob2(
    logits: Sequence[Floats], *, bias: float = 0.0, begin_bias: float = 0.0
) -> list[list[TaggedSpan]]:
    """For each document's logits [W, 1 + 2 K], the spans of the best valid IOB2 sequence.

    Labels: 0 is O, 1 + 2k begins type k, 2 + 2k continues it. I may only follow B or I of its own
    type; among the valid sequences the one of highest total log-probability wins (Viterbi).
    ``bias`` is added to the logits of all labels but O, ``begin_bias`` to those of B besides: the
    first weighs each word of a span, the second each span.
    """
    log_probs = [_log_softmax(x, bias, begin_bias) for x in logits]
    labels = [_without_inside(x) for x in log_probs]
    pieces = [(d, *span) for d, x in enumerate(log_probs) for span in _open_pieces(x)]
    sizes = [end - start for _, start, end in pieces]
    for group in _like_length(sizes):
        shape = (len(group), sizes[group[0]], log_probs[pieces[group[0]][0]].shape[1])
        padded = np.zeros(shape, dtype=np.float32)
        for row, i in enumerate(group):
            d, start, end = pieces[i]
            padded[row, : sizes[i]] = log_probs[d][start:end]
        found = _viterbi(padded, np.array([sizes[i] for i in group]))
        for row, i in enumerate(group):
            d, start, end = pieces[i]
            labels[d][start:end] = found[row, : sizes[i]]
    return [_runs(of_words, x) for of_words, x in zip(labels, log_probs, strict=True)]


def _without_inside(log_probs: Floats) -> NDArray[np.int32]:
    """[W, L] -> the best of O and B for each word."""
    outside = log_probs.copy()
    outside[:, 2::2] = -np.inf
    best: NDArray[np.int32] = outside.argmax(1).astype(np.int32)
    return best


def _open_pieces(log_probs: Floats) -> list[tuple[int, int]]:
    """The ranges of two words or more within which a span may go on from word to word.

    None goes on into a word whose best other label is likelier than I, and still is when the I that
    may follow had to become B: with the other label, and B behind it, the sequence would be better.
    """
    begin, inside = log_probs[:, 1::2], log_probs[:, 2::2]
    other = np.maximum(log_probs[:, :1], begin.max(1, keepdims=True, initial=-np.inf))
    gain = np.zeros_like(inside)
    gain[:-1] = np.maximum(0, inside[1:] - begin[1:])
    goes_on = (inside + gain >= other).any(1)
    starts = np.flatnonzero(~goes_on)
    if not len(starts) or starts[0]:  # the first word goes on from nowhere
        starts = np.concatenate([[0], starts])
    ends = np.append(starts[1:], len(log_probs))
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True) if b - a > 1]


def _like_length(n_words: Sequence[int]) -> list[list[int]]:
    """Pieces of documents, longest first, in groups that step together.

    Each is at least half as long as its group's first, so padding at most doubles the memory.
    """
    groups: list[list[int]] = []
    for i in sorted(range(len(n_words)), key=lambda i: -n_words[i]):
        if groups and 2 * n_words[i] >= n_words[groups[-1][0]]:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _log_softmax(logits: Floats, bias: float, begin_bias: float) -> Floats:
    x = logits.astype(np.float32)  # a copy
    x[:, 1:] += bias
    x[:, 1::2] += begin_bias
    x = x - x.max(1, keepdims=True, initial=-np.inf)
    out: Floats = x - np.log(np.exp(x).sum(1, keepdims=True))
    return out


def _viterbi(log_probs: Floats, lengths: NDArray[np.int64]) -> NDArray[np.int32]:
    """[N, W, L] log-probabilities, rows sorted by falling length -> labels [N, W], the first not I.

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
