"""Window scores merged into a document's: each pair from the window that holds it centrally."""

from __future__ import annotations

import numpy as np
import pytest
from conflictwire.relations import MIN_PROBABILITY, DocumentRelations, WindowScores, merge
from conflictwire.windows import Window, make_windows

Spans = list[tuple[int, int]]


def inside(window: Window, spans: Spans) -> list[int]:
    return [i for i, s in enumerate(spans) if s in window]


def scores(
    rng: np.random.Generator, windows: list[Window], triggers: Spans, mentions: Spans
) -> list[WindowScores]:
    """Random probabilities for two roles and three statuses."""
    found = []
    for window in windows:
        t, m = inside(window, triggers), inside(window, mentions)

        def uniform(*shape: int) -> np.ndarray:
            return rng.random(shape, dtype=np.float32)

        part = (uniform(len(t), 3), uniform(len(t), len(m), 2))
        found.append(WindowScores(t, m, *part, uniform(len(t), len(t)), uniform(len(m), len(m))))
    return found


def naive(
    windows: list[Window],
    parts: list[WindowScores],
    triggers: Spans,
    mentions: Spans,
    n_words: int,
) -> DocumentRelations:
    """The definition, pair by pair."""

    def best(*spans: tuple[int, int]) -> int | None:
        low, high = min(s[0] for s in spans), max(s[1] for s in spans)
        margins = [
            min(
                low - w.word_start if w.word_start else n_words,
                w.word_end - high if w.word_end < n_words else n_words,
            )
            for w in windows
        ]
        index = margins.index(max(margins))
        return index if margins[index] >= 0 else None

    merged = DocumentRelations(np.full((len(triggers), 3), 1 / 3, np.float32))
    for i, t in enumerate(triggers):
        if (w := best(t)) is not None:
            merged.status[i] = parts[w].status[parts[w].triggers.index(i)]
        for j, m in enumerate(mentions):
            if (w := best(t, m)) is not None:
                p = parts[w]
                role = p.role[p.triggers.index(i), p.mentions.index(j)]
                if role.max() >= MIN_PROBABILITY:
                    merged.roles[i, j] = role
        for j in range(i + 1, len(triggers)):
            if (w := best(t, triggers[j])) is not None:
                p = parts[w]
                pair = p.triggers.index(i), p.triggers.index(j)
                merged.same_event[i, j] = float(p.same_event[pair])
    for i, m in enumerate(mentions):
        for j in range(i + 1, len(mentions)):
            if (w := best(m, mentions[j])) is not None:
                p = parts[w]
                score = float(p.same_entity[p.mentions.index(i), p.mentions.index(j)])
                if score >= MIN_PROBABILITY:
                    merged.same_entity[i, j] = score
    return merged


def spans_over(rng: np.random.Generator, n_words: int) -> Spans:
    spans, word = [], 0
    while True:
        start = word + int(rng.integers(0, 6))
        word = start + int(rng.integers(1, 4))
        if word > n_words:
            return spans
        spans.append((start, word))


def test_against_the_definition() -> None:
    rng = np.random.default_rng(1)
    for n_words in (5, 20, 60, 110):
        for _ in range(4):
            windows = make_windows([(0, n_words)], [1] * n_words, max_pieces=20, overlap=8)
            triggers, mentions = spans_over(rng, n_words), spans_over(rng, n_words)
            parts = scores(rng, windows, triggers, mentions)
            found = merge(
                windows,
                parts,
                triggers=triggers,
                mentions=mentions,
                n_words=n_words,
                n_statuses=3,
            )
            expected = naive(windows, parts, triggers, mentions, n_words)
            assert (found.status == expected.status).all()
            assert found.same_event == expected.same_event
            assert found.same_entity == expected.same_entity
            assert found.roles.keys() == expected.roles.keys()
            assert all((found.roles[k] == expected.roles[k]).all() for k in expected.roles)


def one(probability: float) -> WindowScores:
    """One trigger and one mention in a window, all scores the same."""

    def full(*shape: int) -> np.ndarray:
        return np.full(shape, probability, np.float32)

    return WindowScores([0], [0], full(1, 2), full(1, 1, 2), full(1, 1), full(1, 1))


@pytest.mark.parametrize(
    ("trigger", "mention", "owner"),
    [((8, 9), (6, 7), 0), ((11, 12), (10, 11), 1), ((9, 10), (10, 11), 0), ((6, 7), (13, 14), 0)],
)
def test_the_central_window_has_the_say(
    trigger: tuple[int, int], mention: tuple[int, int], owner: int
) -> None:
    # Both windows hold words 6 to 13; pairs that lie in the middle (8 to 11) tie.
    windows = [Window(0, 14), Window(6, 20)]
    found = merge(
        windows,
        [one(0.25), one(0.75)],
        triggers=[trigger],
        mentions=[mention],
        n_words=20,
        n_statuses=2,
    )
    assert found.roles[0, 0].tolist() == [[0.25, 0.75][owner]] * 2


def test_unlikely_pairs_are_dropped_but_for_triggers() -> None:
    low = MIN_PROBABILITY / 2
    part = WindowScores(
        [0, 1],
        [0, 1],
        np.full((2, 2), 0.5, np.float32),
        np.full((2, 2, 2), low, np.float32),
        np.full((2, 2), low, np.float32),
        np.full((2, 2), low, np.float32),
    )
    spans = [(0, 1), (2, 3)]
    found = merge([Window(0, 4)], [part], triggers=spans, mentions=spans, n_words=4, n_statuses=2)
    assert found.roles == {}
    assert found.same_entity == {}
    assert found.same_event == {(0, 1): pytest.approx(low)}


def test_a_trigger_in_no_window_has_an_even_status() -> None:
    windows = [Window(0, 6), Window(4, 10)]
    empty = np.zeros((0, 0), np.float32)
    part = WindowScores([], [], np.zeros((0, 4), np.float32), np.zeros((0, 0, 2)), empty, empty)
    found = merge(windows, [part, part], triggers=[(3, 8)], mentions=[], n_words=10, n_statuses=4)
    assert found.status.tolist() == [[0.25] * 4]


def test_nothing() -> None:
    found = merge([], [], triggers=[], mentions=[], n_words=0, n_statuses=4)
    assert found.status.shape == (0, 4)
    assert not found.roles
