"""A Report of a snippet -> named features, each from 0 to 1: what the layer sees of it.

A feature is the score of the surest event, argument or mention that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ....report import Event, Report

__all__ = ["Floats", "feature_rows", "features", "names_of"]

Floats = npt.NDArray[np.float64]


def features(report: Report) -> dict[str, float]:
    """Empty for a report without events and mentions, and for one with an error."""
    found: dict[str, float] = {}
    for name, score in _named(report):
        found[name] = max(score, found.get(name, 0.0))
    return found


def names_of(reports: Iterable[Report]) -> tuple[str, ...]:
    """The names of all features that some report has, sorted."""
    return tuple(sorted({name for report in reports for name in features(report)}))


def feature_rows(reports: Sequence[Report], names: Sequence[str]) -> Floats:
    """[n_reports, n_names], each row of length 1 (0 without any); other features are left out."""
    columns = {name: i for i, name in enumerate(names)}
    rows = np.zeros((len(reports), len(names)))
    for row, report in zip(rows, reports, strict=True):
        for name, score in features(report).items():
            if name in columns:
                row[columns[name]] = score
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def _named(report: Report) -> Iterator[tuple[str, float]]:
    for i, event in enumerate(report.events):
        if i == 0:
            yield f"first {event.type}", event.score
        yield from ((name, event.score) for name in _of_event(event))
        if event.killed is not None and event.killed.low:
            yield "killed", 1.0
        for argument in event.arguments:
            yield f"{argument.role} {argument.kind}", argument.score
    for mention in report.mentions:
        yield f"mention {mention.kind}", mention.score


def _of_event(event: Event) -> Iterator[str]:
    yield f"type {event.type}"
    yield f"type {event.type} {event.status}"
    if (acled := event.codes.acled) is not None:
        yield f"acled {acled.sub_event_type}"
    if (plover := event.codes.plover) is not None:
        yield f"plover {plover.event} {plover.mode or '-'}"
