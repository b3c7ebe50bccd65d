"""IOB2 decoding against brute force over all label sequences."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from conflictwire.spans import Floats, TaggedSpan, _like_length, decode_iob2


def valid(labels: tuple[int, ...]) -> bool:
    """I (even, above 0) follows only B or I of its own type."""
    for before, label in zip((0, *labels), labels, strict=False):
        if label and label % 2 == 0 and before not in (label - 1, label):
            return False
    return True


def log_softmax(logits: Floats) -> Floats:
    shifted = logits.astype(np.float64)
    out: Floats = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return out


def brute_force(logits: Floats) -> list[TaggedSpan]:
    """The spans of the best of all valid label sequences."""
    log_probs = log_softmax(logits)
    n_words, n_labels = logits.shape
    best = max(
        filter(valid, product(range(n_labels), repeat=n_words)),
        key=lambda labels: sum(log_probs[i, x] for i, x in enumerate(labels)),
    )
    spans = []
    for start, label in enumerate(best):
        if label % 2:
            end = start + 1
            while end < n_words and best[end] == label + 1:
                end += 1
            chosen = [log_probs[i, best[i]] for i in range(start, end)]
            spans.append(TaggedSpan(start, end, label // 2, math.exp(sum(chosen) / len(chosen))))
    return spans


def same(found: list[TaggedSpan], expected: list[TaggedSpan]) -> None:
    assert [(s.word_start, s.word_end, s.type) for s in found] == (
        [(s.word_start, s.word_end, s.type) for s in expected]
    )
    assert [s.score for s in found] == pytest.approx([s.score for s in expected], rel=1e-5)


def random_logits(rng: np.random.Generator, n_words: int, n_labels: int) -> Floats:
    return (3 * rng.standard_normal((n_words, n_labels))).astype(np.float32)


def test_against_brute_force() -> None:
    rng = np.random.default_rng(1)
    for n_words, n_labels in [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5), (6, 3), (3, 7)]:
        for _ in range(12):
            logits = random_logits(rng, n_words, n_labels)
            same(decode_iob2([logits])[0], brute_force(logits))


def plain_viterbi(logits: Floats) -> list[int]:
    """The best valid labels, word by word over all pairs of labels."""
    log_probs = log_softmax(logits)
    n = logits.shape[1]
    may = np.array([[b == 0 or b % 2 == 1 or a in (b - 1, b) for b in range(n)] for a in range(n)])
    score = np.where(may[0], log_probs[0], -np.inf)  # the first as after O
    back = []
    for row in log_probs[1:]:
        steps = np.where(may, score[:, None], -np.inf)
        back.append(steps.argmax(0))
        score = steps.max(0) + row
    labels = [int(score.argmax())]
    for pointers in reversed(back):
        labels.append(int(pointers[labels[-1]]))
    return labels[::-1]


@pytest.mark.parametrize("sharpness", [0.5, 2.0, 6.0])
def test_pieces_are_decoded_as_the_whole(sharpness: float) -> None:
    rng = np.random.default_rng(5)
    texts = []
    for n_words in (1, 7, 60, 200):
        logits = (sharpness * rng.standard_normal((n_words, 9))).astype(np.float32)
        logits[:, 0] += sharpness  # mostly O, and I after much that is no beginning
        texts.append(logits)
    for logits, spans in zip(texts, decode_iob2(texts), strict=True):
        found = [0] * len(logits)
        for s in spans:
            found[s.word_start : s.word_end] = [1 + 2 * s.type] + [2 + 2 * s.type] * (
                s.word_end - s.word_start - 1
            )
        assert found == plain_viterbi(logits)


def test_inside_tags_need_a_beginning() -> None:
    # Greedy tags: I-0 I-0, then O I-1. Valid and nearly as likely: B-0 I-0.
    logits = np.full((4, 5), -5.0, dtype=np.float32)
    logits[0, [2, 1]] = 3, 2
    logits[1, 2] = 3
    logits[2, 0] = 3
    logits[3, [4, 0]] = 3, 2.9
    spans = decode_iob2([logits])[0]
    assert [(s.word_start, s.word_end, s.type) for s in spans] == [(0, 2, 0)]


def test_two_spans_of_one_type_side_by_side() -> None:
    logits = np.zeros((3, 3), dtype=np.float32)
    logits[[0, 1, 2], [1, 1, 2]] = 9
    spans = decode_iob2([logits])[0]
    assert [(s.word_start, s.word_end) for s in spans] == [(0, 1), (1, 3)]


def test_score_is_the_geometric_mean() -> None:
    logits = np.log(np.array([[0.2, 0.7, 0.1], [0.3, 0.2, 0.5]], dtype=np.float32))
    (span,) = decode_iob2([logits])[0]
    assert span.score == pytest.approx(math.sqrt(0.7 * 0.5), rel=1e-5)


def test_biases_of_all_labels_but_o_and_of_those_that_begin_a_span() -> None:
    rng = np.random.default_rng(2)
    for bias in (-1.5, 0.7):
        logits = random_logits(rng, 5, 5)
        moved = logits.copy()
        moved[:, 1:] += np.float32(bias)
        same(decode_iob2([logits], bias=bias)[0], brute_force(moved))
        moved[:, 1::2] -= np.float32(0.8)
        same(decode_iob2([logits], bias=bias, begin_bias=-0.8)[0], brute_force(moved))
    assert decode_iob2([random_logits(rng, 9, 5)], bias=-1000)[0] == []
    before = logits.copy()
    decode_iob2([logits], bias=3)
    assert (logits == before).all()


def test_a_batch_equals_its_documents() -> None:
    rng = np.random.default_rng(3)
    lengths = [0, 7, 1, 30, 0, 12, 30, 2, 300, 16, 15]
    batch = [random_logits(rng, n, 7) for n in lengths]
    assert decode_iob2(batch) == [decode_iob2([x])[0] for x in batch]


def test_empty_documents() -> None:
    assert decode_iob2([]) == []
    empty = np.zeros((0, 1), dtype=np.float32)  # no window told how many labels there are
    assert decode_iob2([empty, empty]) == [[], []]
    logits = np.array([[0, 9, 0]], dtype=np.float32)
    for batch in ([empty, logits], [logits, empty]):
        assert sorted(map(len, decode_iob2(batch))) == [0, 1]


def test_padding_at_most_doubles_memory() -> None:
    rng = np.random.default_rng(4)
    lengths = [int(n) for n in rng.integers(0, 400, 60)]
    groups = _like_length(lengths)
    assert sorted(i for g in groups for i in g) == list(range(len(lengths)))
    for group in groups:
        assert len(group) * lengths[group[0]] <= 2 * sum(lengths[i] for i in group)


def test_long_texts_are_decoded_as_short_ones() -> None:
    """A close call 50,000 words in: sums of log-probabilities in float32 could not tell it."""
    period = np.zeros((50, 5), dtype=np.float32)
    period[10, 1], period[11, 2], period[11, 0] = 4, 0.5, 0.499
    period[30, 3], period[31, 4], period[31, 0] = 4, 0.499, 0.5
    period[:, 0] += 0.3 * (period[:, 1:].max(1) == 0)
    (one,) = decode_iob2([period])
    (many,) = decode_iob2([np.tile(period, (1000, 1))])
    assert [(s.word_start, s.word_end) for s in one] == [(10, 12), (30, 31)]
    assert [(s.word_start % 50, s.word_end % 50) for s in many] == [(10, 12), (30, 31)] * 1000
