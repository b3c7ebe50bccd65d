"""Windows: every word is read, budgets hold, neighbours overlap; owners."""

from __future__ import annotations

import random
from itertools import accumulate, pairwise

import pytest
from conflictwire.windows import Window, make_windows, owners


def ranges(lengths: list[int]) -> list[tuple[int, int]]:
    return list(pairwise([0, *accumulate(lengths)]))


def test_short_text_is_one_window() -> None:
    windows = make_windows([(0, 3), (3, 5)], [1, 2, 1, 1, 3], max_pieces=8, overlap=4)
    assert windows == [Window(0, 5)]
    assert make_windows([], [], max_pieces=8, overlap=4) == []


def test_cut_at_sentences_and_shared_sentences() -> None:
    # Sentences of 3, 3, 2, 4 and 3 one-piece words: the third is shared, the second does not fit.
    windows = make_windows(ranges([3, 3, 2, 4, 3]), [1] * 15, max_pieces=9, overlap=4)
    assert windows == [Window(0, 8), Window(6, 15)]


def test_windows_are_of_about_one_length() -> None:
    """As few as full ones would be; none is a short one at the end."""
    for n_sentences, expected in ((20, [275, 275]), (30, [400, 400]), (40, [375, 375, 350])):
        sentences = ranges([25] * n_sentences)
        pieces = [1] * (25 * n_sentences)
        windows = make_windows(sentences, pieces, max_pieces=480, overlap=64)
        assert [w.word_end - w.word_start for w in windows] == expected
    # With an overlap of 2 sentences count as runs of 2 and 1.
    windows = make_windows(ranges([3, 3, 2, 4, 3]), [1] * 15, max_pieces=8, overlap=2)
    assert len(windows) == 3
    assert max(w.word_end - w.word_start for w in windows) <= 7


def test_sentences_that_fill_the_overlap_exactly_are_shared() -> None:
    windows = make_windows(ranges([2] * 6), [1] * 12, max_pieces=8, overlap=4)
    assert windows == [Window(0, 8), Window(4, 12)]


def test_one_piece_more_than_the_budget_makes_a_second_window() -> None:
    assert len(make_windows([(0, 4), (4, 8)], [1] * 8, max_pieces=8, overlap=4)) == 1
    assert len(make_windows([(0, 4), (4, 8)], [2, *[1] * 7], max_pieces=8, overlap=4)) == 2


def test_long_sentence_is_split_and_overlaps() -> None:
    windows = make_windows([(0, 50)], [1] * 50, max_pieces=20, overlap=8)
    assert windows[0] == Window(0, 16)
    assert windows[1] == Window(8, 24)
    assert windows[-1].word_end == 50
    assert all(b.word_start < a.word_end for a, b in pairwise(windows))


@pytest.mark.parametrize(("max_pieces", "overlap"), [(10, 6), (10, 0), (10, -1)])
def test_bad_overlap(max_pieces: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        make_windows([(0, 1)], [1], max_pieces=max_pieces, overlap=overlap)


def test_random_texts() -> None:
    rng = random.Random(3)
    for _ in range(400):
        max_pieces = rng.randrange(4, 60)
        overlap = rng.randrange(1, max_pieces // 2 + 1)
        sentences = ranges([rng.randrange(1, 25) for _ in range(rng.randrange(1, 25))])
        n_words = sentences[-1][1]
        pieces = [rng.randrange(1, min(overlap, 5) + 1) for _ in range(n_words)]
        windows = make_windows(sentences, pieces, max_pieces=max_pieces, overlap=overlap)
        check(windows, sentences, pieces, max_pieces, overlap)


def check(
    windows: list[Window],
    sentences: list[tuple[int, int]],
    pieces: list[int],
    max_pieces: int,
    overlap: int,
) -> None:
    n_words = len(pieces)
    assert windows[0].word_start == 0
    assert windows[-1].word_end == n_words
    for window in windows:
        assert sum(pieces[window.word_start : window.word_end]) <= max_pieces
    for a, b in pairwise(windows):
        assert a.word_start < b.word_start < a.word_end < b.word_end
        assert sum(pieces[b.word_start : a.word_end]) <= overlap
    # What the module promises: words of neighbouring sentences meet in some window.
    short = [s for s in sentences if sum(pieces[s[0] : s[1]]) <= overlap]
    for (a, b), (c, d) in pairwise(sentences):
        if (a, b) in short and (c, d) in short:
            assert any((a, d) in w for w in windows), (a, d)


def test_owners_take_the_most_central_window_and_ties_the_earlier() -> None:
    windows = [Window(0, 8), Window(4, 12)]
    # Words 4 to 7 stand in both: margins 3 2 1 0 in the first, 0 1 2 3 in the second.
    assert owners(windows, 12) == [0] * 6 + [1] * 6
    # Words 3, 4, 5: margins 2 1 0 and 0 1 2, a tie at word 4.
    assert owners([Window(0, 6), Window(3, 9)], 9) == [0] * 5 + [1] * 4
    assert owners([Window(0, 5)], 5) == [0] * 5
    assert owners([], 0) == []


def test_owners_against_the_definition() -> None:
    rng = random.Random(5)
    for _ in range(100):
        n_words = rng.randrange(20, 80)
        windows = make_windows([(0, n_words)], [1] * n_words, max_pieces=12, overlap=6)
        for word, owner in enumerate(owners(windows, n_words)):
            margins = [
                min(
                    word - w.word_start if w.word_start else n_words,
                    w.word_end - word - 1 if w.word_end < n_words else n_words,
                )
                for w in windows
            ]
            assert owner == margins.index(max(margins))


def test_contains() -> None:
    assert (2, 5) in Window(2, 5)
    assert (1, 3) not in Window(2, 5)
    assert (4, 6) not in Window(2, 5)
