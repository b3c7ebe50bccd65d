"""Scored pairs -> clusters, by average linkage: a chain of likely pairs does not join its ends.

Two clusters are joined, the likeliest first, while the mean log odds of the pairs between them are
at least the cut, and never if some report has an event in both. Of a cluster of more than
``_SAMPLE`` events, that many drawn at random stand for all, so that a join costs the same however
large the clusters are: the work grows with the number of pairs given, and one logarithm more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import product

_Pair = tuple[int, int]
_LIMIT = 6.0  # nats either way that one pair can count: no pair outvotes all others
_SAMPLE = 8  # events that stand for a cluster


def average_link(
    reports: Sequence[int],
    pairs: Mapping[_Pair, float],
    log_odds: Callable[[int, int], float],
    cut: float,
) -> list[list[int]]:
    """Clusters of 0..n-1, each sorted, in order of their first member.

    ``reports`` [n] is the report of each event. ``pairs`` holds the log odds of pairs (i < j)
    that were compared; ``log_odds`` gives those of others, if clusters that meet need them.
    """
    members = [[i] for i in range(len(reports))]
    held = [{report} for report in reports]
    samples = _Samples(len(reports), log_odds)
    links = _Links(len(reports), cut)
    for (i, j), odds in pairs.items():
        if reports[i] != reports[j]:
            links.put(i, j, _limited(odds), 1)
    while best := links.pop_best():
        a, b, mean = best
        if not held[a].isdisjoint(held[b]):
            links.cut_off(a, b)
            continue
        # The mean at hand leaves out pairs that were not compared: it may be too high.
        total, number = samples.between(a, b)
        if total / number < mean:
            links.put(a, b, total, number)
            continue
        kept, dropped = links.join(a, b)
        samples.join(kept, dropped)
        members[kept] += members[dropped]
        held[kept] |= held[dropped]
        members[dropped], held[dropped] = [], set()
    return sorted(sorted(cluster) for cluster in members if cluster)


class _Links:
    """Means of scored pairs between clusters, the best at hand (a heap with stale entries)."""

    def __init__(self, n: int, cut: float) -> None:
        self.cut = cut
        # of[a][b] and of[b][a]: (sum, number) of the log odds of pairs between a and b.
        self.of: list[dict[int, tuple[float, int]]] = [{} for _ in range(n)]
        self.heap: list[tuple[float, int, int]] = []

    def put(self, a: int, b: int, total: float, number: int) -> None:
        self.of[a][b] = self.of[b][a] = (total, number)
        if total / number >= self.cut:
            heappush(self.heap, (-total / number, min(a, b), max(a, b)))

    def pop_best(self) -> tuple[int, int, float] | None:
        """The clusters of the highest mean, and that mean; None if all are below the cut."""
        while self.heap:
            less_mean, a, b = heappop(self.heap)
            link = self.of[a].get(b)
            if link is not None and link[0] / link[1] == -less_mean:
                return a, b, -less_mean
        return None

    def cut_off(self, a: int, b: int) -> None:
        del self.of[a][b], self.of[b][a]

    def join(self, a: int, b: int) -> _Pair:
        """All links of one, that has fewer, become links of the other: (kept, dropped)."""
        kept, dropped = (a, b) if len(self.of[a]) >= len(self.of[b]) else (b, a)
        self.cut_off(a, b)
        moved, self.of[dropped] = self.of[dropped], {}
        for other, (total, number) in moved.items():
            del self.of[other][dropped]
            known_total, known_number = self.of[kept].get(other, (0.0, 0))
            self.put(kept, other, known_total + total, known_number + number)
        return kept, dropped


class _Samples:
    """Of each cluster the ``_SAMPLE`` events that are first in a random order, or all it has."""

    def __init__(self, n: int, log_odds: Callable[[int, int], float]) -> None:
        self.rank = random.Random(0).sample(range(n), n)
        self.of = [[i] for i in range(n)]
        self.log_odds = log_odds

    def between(self, a: int, b: int) -> tuple[float, int]:
        """Sum of the log odds of all pairs, and their number."""
        odds = [_limited(self.log_odds(i, j)) for i, j in product(self.of[a], self.of[b])]
        return sum(odds), len(odds)

    def join(self, kept: int, dropped: int) -> None:
        both = sorted(self.of[kept] + self.of[dropped], key=self.rank.__getitem__)
        self.of[kept] = both[:_SAMPLE]


def _limited(odds: float) -> float:
    return max(-_LIMIT, min(_LIMIT, odds))
