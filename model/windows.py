"""Sentences -> overlapping windows that fit the encoder, so that every word is read.

A window is cut at sentence boundaries. A text is read in as few windows as it takes, of about one
length: a short one at the end would see little around its words. Consecutive windows share as many
whole sentences as fit ``overlap`` pieces, at least one, so words of neighbouring sentences always
stand in some window together. (For this, a sentence of more than ``overlap`` pieces counts as
several.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open range of word indices of the document."""

    word_start: int
    word_end: int

    def __contains__(self, span: tuple[int, int]) -> bool:
        return self.word_start <= span[0] and span[1] <= self.word_end


def make_windows(
    sentences: Sequence[tuple[int, int]],
    pieces_per_word: Sequence[int],
    *,
    max_pieces: int,
    overlap: int,
) -> list[Window]:
    """Pack sentences into windows of at most ``max_pieces`` sub-word pieces.

    A sentence longer than ``overlap`` pieces is split into runs of words, so that windows overlap
    even there. The caller keeps single words at most ``overlap`` pieces long.
    """
    if not 0 < overlap <= max_pieces // 2:
        raise ValueError(f"overlap {overlap} must be positive and at most half of {max_pieces}")
    offsets = [0, *accumulate(pieces_per_word)]
    if offsets[-1] <= max_pieces:
        return [Window(0, len(pieces_per_word))] if pieces_per_word else []
    units = [u for s in sentences for u in _split(s, offsets, overlap)]
    windows = _pack(units, offsets, max_pieces, overlap)
    # The smallest budget that takes no more of them, near enough: there is one of each length.
    n = len(windows)
    low, high = (offsets[-1] + (n - 1) * overlap) // n - 1, max_pieces
    low = max(low, 2 * overlap - 1)  # which alone is never tried
    while high - low > 1:
        budget = (low + high) // 2
        trial = _pack(units, offsets, budget, overlap)
        if len(trial) > n:
            low = budget
        else:
            windows, high = trial, budget
    return windows


def _pack(
    units: Sequence[tuple[int, int]], offsets: Sequence[int], max_pieces: int, overlap: int
) -> list[Window]:
    """Windows as full as they can be, from the first unit on."""
    windows: list[Window] = []
    first = 0
    while True:
        last = first
        while (
            last + 1 < len(units)
            and offsets[units[last + 1][1]] - offsets[units[first][0]] <= max_pieces
        ):
            last += 1
        windows.append(Window(units[first][0], units[last][1]))
        if last + 1 == len(units):
            return windows
        step = last
        while step > first + 1 and offsets[units[last][1]] - offsets[units[step - 1][0]] <= overlap:
            step -= 1
        first = max(step, first + 1)


def _split(sentence: tuple[int, int], offsets: Sequence[int], limit: int) -> list[tuple[int, int]]:
    """One sentence -> runs of words of at most ``limit`` pieces each."""
    start, end = sentence
    runs = []
    run_start = start
    for word in range(start, end):
        if word > run_start and offsets[word + 1] - offsets[run_start] > limit:
            runs.append((run_start, word))
            run_start = word
    if run_start < end:
        runs.append((run_start, end))
    return runs


def owners(windows: Sequence[Window], n_words: int) -> list[int]:
    """For each word, the index of the window in which it stands farthest from a cut edge.

    The document's own ends are no cut edges. Ties go to the earlier window.
    """
    best = [-1] * n_words
    margin = [-1] * n_words
    for index, window in enumerate(windows):
        for word in range(window.word_start, window.word_end):
            m = _margin(window, word, n_words)
            if m > margin[word]:
                best[word], margin[word] = index, m
    return best


def _margin(window: Window, word: int, n_words: int) -> int:
    left = n_words if window.word_start == 0 else word - window.word_start
    right = n_words if window.word_end == n_words else window.word_end - (word + 1)
    return min(left, right)
