"""The small tensor helpers of the heads against loops."""

from __future__ import annotations

import random

import pytest
import torch
from conflictwire.heads import (
    _DISTANCES,
    Pairs,
    SpanVectors,
    _agreement,
    _ranks,
    _signed_distance,
    pick,
    running_sum,
    sum_of_embeddings,
)
from torch import nn


@pytest.fixture
def spans() -> torch.Tensor:
    """[2, 7, 2]"""
    rng = random.Random(1)
    starts = [[rng.randrange(60) for _ in range(7)] for _ in range(2)]
    return torch.tensor([[(a, a + rng.randrange(1, 4)) for a in row] for row in starts])


def test_pick_and_running_sum() -> None:
    values = torch.randn(2, 9, 3, generator=torch.Generator().manual_seed(1))
    index = torch.tensor([[0, 8, 3, 3], [5, 1, 0, 8]])
    picked = pick(values, index)
    sums = running_sum(values)
    assert sums.shape == (2, 10, 3)
    for b in range(2):
        for k in range(4):
            assert torch.equal(picked[b, k], values[b, index[b, k]])
        for i in range(10):
            torch.testing.assert_close(sums[b, i], values[b, :i].sum(0))
    assert running_sum(values.half()).dtype == torch.float32


def test_distance_buckets_are_signed_words_between(spans: torch.Tensor) -> None:
    found = _signed_distance(spans, spans.flip(0))
    n = len(_DISTANCES)
    for b in range(2):
        for i, (a0, a1) in enumerate(spans[b].tolist()):
            for j, (b0, b1) in enumerate(spans.flip(0)[b].tolist()):
                gap = max(b0 - a1, a0 - b1) + 1  # 1: side by side; 0 or less: they overlap
                size = sum(d < max(gap, 0) for d in _DISTANCES)
                expected = n + size if b0 - a1 >= a0 - b1 else n - size
                assert found[b, i, j] == expected
    far = torch.tensor([[[0, 1], [5000, 5001]]])
    assert _signed_distance(far, far).tolist() == [[[n, 2 * n], [0, n]]]


def test_ranks_count_valid_spans_that_start_before(spans: torch.Tensor) -> None:
    mask = torch.tensor([[True] * 7, [True] * 4 + [False] * 3])
    found = _ranks(spans, spans, mask)
    assert found.shape == (2, 1, 7)
    for b in range(2):
        for i in range(7):
            expected = sum(
                bool(mask[b, j]) and int(spans[b, j, 0]) < int(spans[b, i, 0]) for j in range(7)
            )
            assert found[b, 0, i] == expected


def test_span_vectors_read_first_last_and_mean() -> None:
    vectors = SpanVectors(4, 5, 0.0).eval()
    words = torch.randn(1, 6, 4, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        found = vectors(words, running_sum(words), torch.tensor([[[1, 4]]]))[0, 0]
        joined = torch.cat([words[0, 1], words[0, 3], words[0, 1:4].mean(0)])
        expected = torch.nn.functional.gelu(vectors.norm(vectors.project(joined)))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_shared_pairs_are_symmetric() -> None:
    vectors = torch.randn(1, 5, 8, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        own = torch.randn(1, 5, 6, generator=torch.Generator().manual_seed(4))
        shared = Pairs(8, 6, shared=True)(vectors, vectors, own, own)
        split = Pairs(8, 6, shared=False)(vectors, vectors, own, own)
    assert shared.shape == (1, 5, 5, 6)
    torch.testing.assert_close(shared, shared.transpose(1, 2))
    assert not torch.allclose(split, split.transpose(1, 2))


def test_sum_of_embeddings() -> None:
    one, other = nn.Embedding(4, 3), nn.Embedding(5, 3)
    rows = torch.tensor([[[0, 3], [1, 2]]])
    columns = torch.tensor([[[4, 0]]])  # the same in each row
    found = sum_of_embeddings((one, rows), (other, columns))
    torch.testing.assert_close(found, one(rows) + other(columns))
    found.sum().backward()
    assert one.weight.grad is not None
    assert bool((one.weight.grad == 1).all())
    assert other.weight.grad is not None
    assert other.weight.grad[0].tolist() == [2.0] * 3


def test_agreement() -> None:
    """Triggers 0 and 1 have one actor in two mentions, trigger 2 another actor."""
    role = torch.full((1, 3, 4, 1), -20.0)
    for trigger, mention in ((0, 0), (1, 1), (2, 2)):
        role[0, trigger, mention, 0] = 20
    same_entity = torch.full((1, 4, 4), -20.0)
    same_entity[0, 0, 1] = same_entity[0, 1, 0] = 20
    mask = torch.tensor([[True, True, True, False]])
    found = _agreement(role, same_entity, mask)[0]
    assert found.shape == (3, 3, 2)
    assert found[0, 1].tolist() == pytest.approx([1, 0], abs=1e-4)
    assert found[0, 2].tolist() == pytest.approx([0, 1], abs=1e-4)
    assert found[2, 2].tolist() == pytest.approx([1, 0], abs=1e-4)
    role[0, :, 3, 0] = 20  # a padded mention is nobody's filler
    torch.testing.assert_close(_agreement(role, same_entity, mask)[0], found)
