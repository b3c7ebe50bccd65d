"""Triggers and pair scores -> events: retold triggers clustered, arguments and status attached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
) -> list[EventHypothesis]:
    """Events in the order of their first triggers."""
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
    cluster_of = list(range(len(triggers)))
    members: dict[int, list[int]] = {i: [i] for i in range(len(triggers))}
    # (sum, number) of pair probabilities between two clusters.
    links: dict[tuple[int, int], list[float]] = {}
    for (i, j), p in same_event.items():
        if triggers[i].type == triggers[j].type:
            links[i, j] = [p, 1]
    while links:
        (a, b), (total, number) = max(links.items(), key=lambda kv: (kv[1][0] / kv[1][1], kv[0]))
        if total / number < threshold:
            break
        members[a] += members.pop(b)
        for t in members[a]:
            cluster_of[t] = a
        del links[a, b]
        for pair in [p for p in links if b in p]:
            other = pair[0] if pair[1] == b else pair[1]
            moved = links.pop(pair)
            key = (min(a, other), max(a, other))
            known = links.setdefault(key, [0.0, 0])
            known[0] += moved[0]
            known[1] += moved[1]
    return sorted(tuple(sorted(m)) for m in members.values())


def _arguments(
    clusters: Sequence[tuple[int, ...]], relations: DocumentRelations, threshold: float
) -> list[tuple[ScoredArgument, ...]]:
    """A mention fills a role if any trigger of the event says so strongly enough."""
    event_of = {t: e for e, cluster in enumerate(clusters) for t in cluster}
    best: list[dict[tuple[int, int], float]] = [{} for _ in clusters]
    for (trigger, mention), probabilities in relations.roles.items():
        known = best[event_of[trigger]]
        for role in np.flatnonzero(probabilities >= threshold):
            key = (mention, int(role))
            known[key] = max(known.get(key, 0.0), float(probabilities[role]))
    return [
        tuple(ScoredArgument(role, mention, p) for (mention, role), p in sorted(args.items()))
        for args in best
    ]
