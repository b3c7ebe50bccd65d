"""Triggers and pair scores -> events: retold triggers clustered, status attached."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from .arguments import ScoredArgument
from .relations import DocumentRelations
from .spans import TaggedSpan


@dataclass(frozen=True, slots=True)
class EventHypothesis:
    """One event: indices of its triggers (in text order), its labels and arguments."""

    type: int
    status: int
    triggers: tuple[int, ...]
    arguments: tuple[ScoredArgument, ...]
    score: float


def build_events(
    triggers: Sequence[TaggedSpan],
    relations: DocumentRelations,
    clusters: Sequence[tuple[int, ...]],
    arguments: Sequence[tuple[ScoredArgument, ...]],
) -> list[EventHypothesis]:
    """One event for each cluster of triggers and its arguments, in their order.

    Its status has the highest geometric mean over the triggers; its raw score is that of its
    surest trigger.
    """
    events = []
    for cluster, args in zip(clusters, arguments, strict=True):
        status = np.log(relations.status[list(cluster)] + 1e-6).mean(0)
        events.append(
            EventHypothesis(
                type=triggers[cluster[0]].type,
                status=int(status.argmax()),
                triggers=cluster,
                arguments=args,
                score=max(triggers[t].score for t in cluster),
            )
        )
    return events


def cluster_triggers(
    triggers: Sequence[TaggedSpan],
    same_event: Mapping[tuple[int, int], float],
    *,
    threshold: float,
) -> list[tuple[int, ...]]:
    """Average-link agglomeration of triggers of one type, best pair first.

    Pairs that never shared a window neither join nor part clusters: they are left out of the
    average. Clusters come in the order of their first triggers.
    """
    members: dict[int, list[int]] = {i: [i] for i in range(len(triggers))}
    links = _Links(len(triggers), threshold)
    for (i, j), p in same_event.items():
        if triggers[i].type == triggers[j].type:
            links.put(i, j, p, 1)
    while pair := links.pop_best():
        kept, dropped = pair
        members[kept] += members.pop(dropped)
        links.merge(kept, dropped)
    return sorted(tuple(sorted(m)) for m in members.values())


class _Links:
    """Average probabilities between clusters, the best at hand (a heap with stale entries)."""

    def __init__(self, n: int, threshold: float) -> None:
        self.threshold = threshold
        # of[a][b] and of[b][a]: (sum, number) of the pair probabilities between a and b.
        self.of: list[dict[int, tuple[float, int]]] = [{} for _ in range(n)]
        self.heap: list[tuple[float, int, int]] = []

    def put(self, a: int, b: int, total: float, number: int) -> None:
        self.of[a][b] = self.of[b][a] = (total, number)
        if total / number >= self.threshold:
            heappush(self.heap, (-total / number, -min(a, b), -max(a, b)))

    def pop_best(self) -> tuple[int, int] | None:
        """The pair of highest average (of equals the last), or None if all are too low."""
        while self.heap:
            average, a, b = heappop(self.heap)
            total, number = self.of[-a].get(-b, (math.inf, 1))
            if total / number == -average:
                return -a, -b
        return None

    def merge(self, kept: int, dropped: int) -> None:
        """All links of ``dropped`` become links of ``kept``."""
        moved, self.of[dropped] = self.of[dropped], {}
        for other, (total, number) in moved.items():
            del self.of[other][dropped]
            if other != kept:
                known_total, known_number = self.of[kept].get(other, (0.0, 0))
                self.put(kept, other, known_total + total, known_number + number)
