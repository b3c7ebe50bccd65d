"""Windows and spans of several documents -> padded tensors.

B windows, P pieces, W words, T triggers, M mentions; all span offsets are half-open word ranges
within the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Sizes are padded to multiples: CPU kernels are compiled and kept for each shape that turns up.
PIECES_STEP, WORDS_STEP, SPANS_STEP = 32, 32, 8


@dataclass(frozen=True, slots=True)
class WindowInput:
    """One window, unpadded: pieces of its words, their casing classes and sentence numbers."""

    piece_ids: list[int]
    piece_counts: list[int]
    casings: list[int]
    sentence_of_word: list[int]


@dataclass(frozen=True, slots=True)
class SpanInput:
    """The spans of one window, unpadded.

    ``trigger_words`` numbers the triggers' lower-cased strings (equal strings, equal numbers);
    ``evidence[i][j]`` is the string evidence class of two mentions (``evidence.CLASSES``).
    """

    triggers: list[tuple[int, int]]
    trigger_types: list[int]
    trigger_words: list[int]
    mentions: list[tuple[int, int]]
    mention_kinds: list[int]
    evidence: NDArray[np.int64]


class _Movable:
    __slots__ = ()

    def to(self, device: torch.device | str):  # type: ignore[no-untyped-def]
        moved = {f.name: getattr(self, f.name).to(device) for f in fields(self)}  # type: ignore[arg-type]
        return type(self)(**moved)


@dataclass(frozen=True, slots=True)
class WindowBatch(_Movable):
    piece_ids: Tensor  # [B, P] long, start and end tokens included
    piece_mask: Tensor  # [B, P] long
    piece_casing: Tensor  # [B, P] long, class + 1; 0 for special tokens and padding
    word_first: Tensor  # [B, W] long, index of the word's first piece
    word_count: Tensor  # [B, W] long, its number of pieces; 0 for padding
    word_casing: Tensor  # [B, W] long
    word_sentence: Tensor  # [B, W] long

    @property
    def word_mask(self) -> Tensor:
        return self.word_count > 0


@dataclass(frozen=True, slots=True)
class SpanBatch(_Movable):
    triggers: Tensor  # [B, T, 2] long
    trigger_types: Tensor  # [B, T] long
    trigger_words: Tensor  # [B, T] long
    trigger_mask: Tensor  # [B, T] bool
    mentions: Tensor  # [B, M, 2] long
    mention_kinds: Tensor  # [B, M] long
    mention_mask: Tensor  # [B, M] bool
    evidence: Tensor  # [B, M, M] long


def _round_up(n: int, step: int) -> int:
    return max(1, -(-n // step)) * step


def collate_windows(
    windows: Sequence[WindowInput], *, bos: int, eos: int, pad: int, max_width: int | None = None
) -> WindowBatch:
    """Pad to the longest window, or with ``max_width`` (pieces) to a round width up to it."""
    longest = max(len(w.piece_ids) for w in windows) + 2
    n_pieces = max(longest, min(_round_up(longest, PIECES_STEP), max_width or 0))
    n_words = _round_up(max(len(w.piece_counts) for w in windows), WORDS_STEP if max_width else 1)
    piece_ids, piece_mask, piece_casing, first, count, casings, sentences = ([] for _ in range(7))
    for w in windows:
        padding = n_pieces - len(w.piece_ids) - 2
        word_padding = n_words - len(w.piece_counts)
        piece_ids.append([bos, *w.piece_ids, eos, *[pad] * padding])
        piece_mask.append([1] * (n_pieces - padding) + [0] * padding)
        spread = [c + 1 for c, n in zip(w.casings, w.piece_counts, strict=True) for _ in range(n)]
        piece_casing.append([0, *spread, 0, *[0] * padding])
        starts, position = [], 1
        for n in w.piece_counts:
            starts.append(position)
            position += n
        first.append(starts + [0] * word_padding)
        count.append(w.piece_counts + [0] * word_padding)
        casings.append(w.casings + [0] * word_padding)
        sentences.append(w.sentence_of_word + [0] * word_padding)
    columns = (piece_ids, piece_mask, piece_casing, first, count, casings, sentences)
    return WindowBatch(*(torch.tensor(c, dtype=torch.long) for c in columns))


def collate_spans(spans: Sequence[SpanInput], *, step: int = 1) -> SpanBatch:
    """Pad to the largest window, in multiples of ``step``; T and M are at least 1, so that every
    head always runs."""
    n_b = len(spans)
    n_t = _round_up(max(len(s.triggers) for s in spans), step)
    n_m = _round_up(max(len(s.mentions) for s in spans), step)
    triggers = torch.zeros(n_b, n_t, 2, dtype=torch.long)
    triggers[..., 1] = 1  # padding spans are [0, 1): never empty, so means stay finite
    mentions = torch.zeros(n_b, n_m, 2, dtype=torch.long)
    mentions[..., 1] = 1
    types, words = torch.zeros(n_b, n_t, dtype=torch.long), torch.zeros(n_b, n_t, dtype=torch.long)
    kinds = torch.zeros(n_b, n_m, dtype=torch.long)
    evidence = torch.zeros(n_b, n_m, n_m, dtype=torch.long)
    trigger_mask = torch.zeros(n_b, n_t, dtype=torch.bool)
    mention_mask = torch.zeros(n_b, n_m, dtype=torch.bool)
    for row, s in enumerate(spans):
        t, m = len(s.triggers), len(s.mentions)
        if t:
            triggers[row, :t] = torch.tensor(s.triggers)
            types[row, :t] = torch.tensor(s.trigger_types)
            words[row, :t] = torch.tensor(s.trigger_words)
            trigger_mask[row, :t] = True
        if m:
            mentions[row, :m] = torch.tensor(s.mentions)
            kinds[row, :m] = torch.tensor(s.mention_kinds)
            evidence[row, :m, :m] = torch.as_tensor(s.evidence)
            mention_mask[row, :m] = True
    return SpanBatch(triggers, types, words, trigger_mask, mentions, kinds, mention_mask, evidence)
