"""Triggers -> events: clustering against a naive implementation, arguments, status, score."""

from __future__ import annotations

import math
import random
import time

import numpy as np
import pytest
from conflictwire.arguments import ScoredArgument
from conflictwire.events import build_events, cluster_triggers
from conflictwire.relations import DocumentRelations
from conflictwire.spans import TaggedSpan

Links = dict[tuple[int, int], float]


def triggers(types: list[int]) -> list[TaggedSpan]:
    return [TaggedSpan(i, i + 1, t, 0.5 + i / 1000) for i, t in enumerate(types)]


def naive(types: list[int], same_event: Links, threshold: float) -> list[tuple[int, ...]]:
    """Join the two clusters of highest average until it falls below the threshold."""
    clusters = [(i,) for i in range(len(types))]
    while True:
        best = None
        for n, a in enumerate(clusters):
            for b in clusters[n + 1 :]:
                if types[a[0]] != types[b[0]]:
                    continue
                pairs = [(min(i, j), max(i, j)) for i in a for j in b]
                known = [same_event[p] for p in pairs if p in same_event]
                if known:
                    average = math.fsum(known) / len(known)
                    if average >= threshold and (best is None or average > best[0]):
                        best = (average, a, b)
        if best is None:
            return sorted(clusters)
        _, a, b = best
        clusters = [c for c in clusters if c not in (a, b)] + [tuple(sorted(a + b))]


def test_against_naive() -> None:
    rng = random.Random(1)
    joined = 0
    for _ in range(150):
        types = [rng.randrange(3) for _ in range(rng.randrange(14))]
        links = {
            (i, j): rng.random() for j in range(len(types)) for i in range(j) if rng.random() < 0.7
        }
        threshold = rng.choice([0.3, 0.5, 0.8])
        found = cluster_triggers(triggers(types), links, threshold=threshold)
        assert found == naive(types, links, threshold)
        joined += sum(len(c) > 2 for c in found)
    assert joined > 20  # the cases reach averages of averages


def test_average_link() -> None:
    links = {(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.1}
    # 0-1 join first; then (0.8 + 0.1) / 2 = 0.45.
    assert cluster_triggers(triggers([0] * 3), links, threshold=0.5) == [(0, 1), (2,)]
    assert cluster_triggers(triggers([0] * 3), links, threshold=0.45) == [(0, 1, 2)]
    del links[0, 2]  # never in one window: left out of the average
    assert cluster_triggers(triggers([0] * 3), links, threshold=0.5) == [(0, 1, 2)]


def test_types_never_mix_and_the_threshold_is_inclusive() -> None:
    assert cluster_triggers(triggers([0, 1]), {(0, 1): 1.0}, threshold=0.5) == [(0,), (1,)]
    assert cluster_triggers(triggers([1, 1]), {(0, 1): 0.5}, threshold=0.5) == [(0, 1)]
    assert cluster_triggers([], {}, threshold=0.5) == []


def test_ties_are_settled_the_same_way_in_any_order() -> None:
    links = {(0, 1): 0.75, (1, 2): 0.75, (0, 2): 0.25, (2, 3): 0.75, (0, 3): 0.25, (1, 3): 0.25}
    expected = cluster_triggers(triggers([0] * 4), links, threshold=0.5)
    rng = random.Random(2)
    for _ in range(10):
        shuffled = dict(rng.sample(sorted(links.items()), len(links)))
        assert cluster_triggers(triggers([0] * 4), shuffled, threshold=0.5) == expected


def test_a_book_of_triggers_takes_no_time() -> None:
    """6,000 triggers, each linked to its 30 neighbours, half of them merging."""
    rng = random.Random(3)
    links = {(i, j): rng.random() for i in range(6000) for j in range(i + 1, min(6000, i + 31))}
    start = time.perf_counter()
    found = cluster_triggers(triggers([0] * 6000), links, threshold=0.5)
    assert time.perf_counter() - start < 10  # 1 s; picking the best of all links each time: hours
    assert len(found) < 5000


def relations(n: int, **parts: object) -> DocumentRelations:
    status = np.tile(np.array([0.7, 0.2, 0.1], np.float32), (n, 1))
    return DocumentRelations(**{"status": status, **parts})  # type: ignore[arg-type]


def test_one_event_a_cluster_with_its_arguments() -> None:
    arguments = [(ScoredArgument(1, 3, 0.8),), ()]
    events = build_events(triggers([4, 4, 6]), relations(3), [(0, 1), (2,)], arguments)
    assert [(e.type, e.triggers) for e in events] == [(4, (0, 1)), (6, (2,))]
    assert [e.arguments for e in events] == arguments
    assert events[0].score == pytest.approx(0.501)  # its surest trigger's


def test_status_is_the_geometric_mean_of_the_triggers() -> None:
    status = np.array([[0.5, 0.4, 0.1], [0.1, 0.4, 0.5]], np.float32)
    (event,) = build_events(triggers([0, 0]), DocumentRelations(status), [(0, 1)], [()])
    assert event.status == 1
