"""Spans that meet, one-to-one matching against brute force, and ranges of days."""

from __future__ import annotations

import itertools
import random
from datetime import date

import pytest
from conflictwire.document import Span
from conflictwire.eval.arguments import Filler, close, last_word
from conflictwire.eval.dates import day_range, ranges_meet, starts_agree
from conflictwire.eval.matching import assign, at_least_half_shared, match_all, meet


def test_spans_meet_by_a_character() -> None:
    assert meet(Span(0, 5), Span(4, 6))
    assert not meet(Span(0, 5), Span(5, 6))
    assert not meet(Span(0, 5), Span(9, 12))


def test_half_shared_is_inclusive() -> None:
    # 5 shared of a union of 10: exactly 0.5.  4 of 10: less.
    assert at_least_half_shared(Span(0, 10), Span(0, 5))
    assert not at_least_half_shared(Span(0, 10), Span(0, 4))
    assert not at_least_half_shared(Span(0, 2), Span(4, 6))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Velo rebel fighters", "fighters", True),  # 8 of 19 characters, same last word
        ("Velo rebel fighters", "Velo", False),  # 4 of 19, other last word
        ("Velo rebel fighters", "Velo rebel", True),  # 10 of 19 characters
        ("fighters", "fighters and police", False),  # 8 of 19, last words apart
        ("(fighters)", "Velo rebel (fighters", True),  # last words are the same run of letters
    ],
)
def test_close(a: str, b: str, expected: bool) -> None:
    text = "the Velo rebel (fighters) and police"
    text = text if "(" in a else text.replace("(", "").replace(")", "")
    fillers = []
    for words in (a, b):
        span = Span(text.index(words), text.index(words) + len(words))
        fillers.append(Filler(span, last_word(text, span)))
    assert close(*fillers) is expected
    assert close(*reversed(fillers)) is expected


def test_last_word() -> None:
    assert last_word("two AK-47s.", Span(0, 11)) == Span(7, 10)
    assert last_word("a --- b", Span(2, 5)) == Span(2, 5)  # no word: the whole span


def brute_force(similarity: list[list[int]]) -> int:
    """The largest total over all one-to-one pairings, by trying each."""
    n_rows, n_columns = len(similarity), len(similarity[0])
    if n_rows > n_columns:
        return brute_force([list(column) for column in zip(*similarity, strict=True)])
    return max(
        sum(similarity[row][column] for row, column in enumerate(columns))
        for columns in itertools.permutations(range(n_columns), n_rows)
    )


def test_assign_equals_brute_force() -> None:
    rng = random.Random(7)
    for _ in range(200):
        n_rows, n_columns = rng.randint(1, 5), rng.randint(1, 5)
        similarity = [
            [rng.choice((0, 0, 0, 10, 11, 12, 20, 21)) for _ in range(n_columns)]
            for _ in range(n_rows)
        ]
        pairs = assign(similarity)
        assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
        assert all(similarity[row][column] > 0 for row, column in pairs)
        assert sum(similarity[row][column] for row, column in pairs) == brute_force(similarity)


def test_match_all_is_not_greedy() -> None:
    # a meets x and y, b meets x only: taking a-x first would leave b alone.
    spans = {"a": Span(0, 10), "b": Span(0, 3), "x": Span(1, 3), "y": Span(5, 8)}
    pairs = match_all([spans["a"], spans["b"]], [spans["x"], spans["y"]], meet)
    assert sorted(pairs) == [(0, 1), (1, 0)]


def test_nothing_to_match() -> None:
    assert assign([]) == []
    assert assign([[], []]) == []
    assert assign([[0]]) == []


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2018-05-21", date(2018, 5, 21), date(2018, 5, 21)),
        ("2018-05", date(2018, 5, 1), date(2018, 5, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2017", date(2017, 1, 1), date(2017, 12, 31)),
        ("2018-05-20/2018-05-21", date(2018, 5, 20), date(2018, 5, 21)),
        ("2015/2018", date(2015, 1, 1), date(2018, 12, 31)),
        ("2015-11-03/2016-02", date(2015, 11, 3), date(2016, 2, 29)),
        ("2015-11/2017", date(2015, 11, 1), date(2017, 12, 31)),
    ],
)
def test_day_range(text: str, start: date, end: date) -> None:
    assert day_range(text) == (start, end)


@pytest.mark.parametrize("text", ["2018-13", "2018-02-30", "2018/2015", "May", "", "2018-05-21-3"])
def test_day_range_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        day_range(text)


def test_comparing_ranges() -> None:
    may, day, june = day_range("2018-05"), day_range("2018-05-31"), day_range("2018-06")
    assert ranges_meet(may, day)
    assert not ranges_meet(may, june)
    assert not ranges_meet(may, None)
    assert not starts_agree(may, day)
    assert starts_agree(may, day_range("2018-05-01"))
    assert not starts_agree(may, None)
