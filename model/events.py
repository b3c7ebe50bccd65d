"""Triggers and pair scores -> events: retold triggers clustered, arguments and status attached."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from .relations import DocumentRelations
from .spans import TaggedSpan


@dataclass(frozen=True, slots=True)
class ScoredArgument:
    role: int
    mention: int
    score: float


@dataclass(frozen=True, slots=True)
class EventHypothesis:
    """One event: indices of its triggers (in text order), its labels and arguments."""

    type: int
    status: int
    status_score: float
    triggers: tuple[int, ...]
    arguments: tuple[ScoredArgument, ...]
    score: float


def build_events(
    triggers: Sequence[TaggedSpan],
    relations: DocumentRelations,
    *,
    role_threshold: float,
    same_event_threshold: float,
    score_scale: float = 1.0,
    score_offset: float = 0.0,
) -> list[EventHypothesis]:
    """Events in the order of their first triggers.

    An event's score is that of its surest trigger, calibrated by scale and offset of its logit
    (Platt, 1999).
    """
    clusters = cluster_triggers(triggers, relations.same_event, threshold=same_event_threshold)
    arguments = _arguments(clusters, relations, role_threshold)
    events = []
    for cluster, args in zip(clusters, arguments, strict=True):
        status = np.log(relations.status[list(cluster)] + 1e-6).mean(0)
        best = int(status.argmax())
        events.append(
            EventHypothesis(
                type=triggers[cluster[0]].type,
                status=best,
                status_score=float(np.exp(status - np.logaddexp.reduce(status))[best]),
                triggers=cluster,
                arguments=args,
                score=calibrated(
                    max(triggers[t].score for t in cluster), score_scale, score_offset
                ),
            )
        )
    return events


def calibrated(score: float, scale: float, offset: float) -> float:
    """sigmoid(scale * logit(score) + offset)."""
    score = min(1 - 1e-6, max(1e-6, score))
    return 1 / (1 + math.exp(-(scale * math.log(score / (1 - score)) + offset)))


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


def _arguments(
    clusters: Sequence[tuple[int, ...]], relations: DocumentRelations, threshold: float
) -> list[tuple[ScoredArgument, ...]]:
    """A mention fills a role if any trigger of the event says so strongly enough."""
    event_of = {t: e for e, cluster in enumerate(clusters) for t in cluster}
    best: list[dict[tuple[int, int], float]] = [{} for _ in clusters]
    pairs = list(relations.roles)
    if not pairs:
        return [() for _ in clusters]
    probabilities = np.stack([relations.roles[pair] for pair in pairs])
    for row, role in np.argwhere(probabilities >= threshold).tolist():
        trigger, mention = pairs[row]
        known = best[event_of[trigger]]
        known[mention, role] = max(known.get((mention, role), 0.0), float(probabilities[row, role]))
    return [
        tuple(ScoredArgument(role, mention, p) for (mention, role), p in sorted(args.items()))
        for args in best
    ]
