"""Scored pairs -> clusters, by average linkage: a chain of likely pairs does not join its ends.

Two clusters are joined, the likeliest first, while the mean log odds of all pairs between them are
at least the cut, and never if some report has an event in both.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence

_Pair = tuple[int, int]
_LIMIT = 6.0  # nats either way that one pair can count: no pair outvotes all others


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
    members: dict[int, list[int]] = {i: [i] for i in range(len(reports))}
    held: dict[int, set[int]] = {i: {report} for i, report in enumerate(reports)}
    # sums[a][b]: of the log odds of all pairs between two clusters
    sums: dict[int, dict[int, float]] = {i: {} for i in members}
    for (i, j), odds in pairs.items():
        if reports[i] != reports[j]:
            sums[i][j] = sums[j][i] = _limited(odds)
    queue = [(-total, i, j, 1, 1) for i in sums for j, total in sums[i].items() if i < j]
    queue = [entry for entry in queue if -entry[0] >= cut]
    heapq.heapify(queue)
    while queue:
        _, a, b, size_a, size_b = heapq.heappop(queue)
        if len(members.get(a, ())) != size_a or len(members.get(b, ())) != size_b:
            continue  # one of them has grown or is gone
        near = (sums[a].keys() | sums[b].keys()) - {a, b}
        for c in near:
            del_a, del_b = sums[c].pop(a, None), sums[c].pop(b, None)
            if held[c] & (held[a] | held[b]):
                sums[a].pop(c, None)
                continue
            total = (_between(members[c], members[a], log_odds) if del_a is None else del_a) + (
                _between(members[c], members[b], log_odds) if del_b is None else del_b
            )
            sums[a][c] = sums[c][a] = total
        members[a] = sorted([*members[a], *members.pop(b)])
        held[a] |= held.pop(b)
        del sums[b]
        sums[a].pop(b, None)
        for c, total in sums[a].items():
            mean = total / (len(members[a]) * len(members[c]))
            if mean >= cut:
                low, high = min(a, c), max(a, c)
                entry = (-mean, low, high, len(members[low]), len(members[high]))
                heapq.heappush(queue, entry)
    return sorted(members.values())


def _between(
    left: Sequence[int], right: Sequence[int], log_odds: Callable[[int, int], float]
) -> float:
    return sum(_limited(log_odds(i, j)) for i in left for j in right)


def _limited(odds: float) -> float:
    return max(-_LIMIT, min(_LIMIT, odds))
