"""Padding of windows and spans."""

from __future__ import annotations

import numpy as np
from conflictwire.batch import SpanInput, WindowInput, collate_spans, collate_windows


def test_collate_windows() -> None:
    batch = collate_windows(
        [
            WindowInput([11, 12, 13], [1, 2], [0, 3], [0, 0]),
            WindowInput([14], [1], [7], [5]),
        ],
        bos=1,
        eos=2,
        pad=9,
    )
    assert batch.piece_ids.tolist() == [[1, 11, 12, 13, 2], [1, 14, 2, 9, 9]]
    assert batch.piece_mask.tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    assert batch.piece_casing.tolist() == [[0, 1, 4, 4, 0], [0, 8, 0, 0, 0]]
    assert batch.word_first.tolist() == [[1, 2], [1, 0]]
    assert batch.word_count.tolist() == [[1, 2], [1, 0]]
    assert batch.word_casing.tolist() == [[0, 3], [7, 0]]
    assert batch.word_sentence.tolist() == [[0, 0], [5, 0]]
    assert batch.word_mask.tolist() == [[True, True], [True, False]]


def span_input(n_triggers: int, n_mentions: int) -> SpanInput:
    return SpanInput(
        triggers=[(2 * i, 2 * i + 2) for i in range(n_triggers)],
        trigger_types=list(range(n_triggers)),
        trigger_words=[0] * n_triggers,
        mentions=[(i, i + 1) for i in range(n_mentions)],
        mention_kinds=[3] * n_mentions,
        evidence=np.full((n_mentions, n_mentions), 8, np.int64),
    )


def test_collate_spans() -> None:
    batch = collate_spans([span_input(2, 1), span_input(0, 3)])
    assert batch.triggers.tolist() == [[[0, 2], [2, 4]], [[0, 1], [0, 1]]]
    assert batch.trigger_mask.tolist() == [[True, True], [False, False]]
    assert batch.trigger_types.tolist() == [[0, 1], [0, 0]]
    assert batch.mentions.tolist() == [[[0, 1], [0, 1], [0, 1]], [[0, 1], [1, 2], [2, 3]]]
    assert batch.mention_mask.tolist() == [[True, False, False], [True] * 3]
    assert batch.mention_kinds.tolist() == [[3, 0, 0], [3, 3, 3]]
    assert batch.evidence.sum((1, 2)).tolist() == [8, 72]


def test_a_batch_without_spans_still_has_one_of_each() -> None:
    batch = collate_spans([span_input(0, 0)])
    assert batch.triggers.shape == batch.mentions.shape == (1, 1, 2)
    assert not batch.trigger_mask.any()
    assert not batch.mention_mask.any()


def test_moving_keeps_type_and_values() -> None:
    batch = collate_spans([span_input(1, 1)])
    moved = batch.to("cpu")
    assert type(moved) is type(batch)
    assert moved.mentions.tolist() == batch.mentions.tolist()
