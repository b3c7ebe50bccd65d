"""Scores of a network in training on dev documents, and the choice of its thresholds.

Runs the stages up to events, without resolvers: what training can change is what is scored.
Scores are fitted to outcomes there too (``calibration``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import reduce
from operator import add
from typing import Any

from conflictwire.document import Document
from conflictwire.errors import ConfigError
from conflictwire.eval import (
    Outcomes,
    Scores,
    headline,
    outcomes,
    read_prediction,
    score_document,
)
from conflictwire.extractor import Encoded, Extraction, Extractor, Prepared
from conflictwire.network import NetworkConfig
from conflictwire.spans import TaggedSpan
from conflictwire.structure import build_structure
from conflictwire.training.calibration import fit_calibration
from conflictwire.training.corpora import Scorer

# What is shown of every evaluation; early stopping and threshold choice look at these too, with
# equal weight, where nothing else is asked for.
SELECTED = ("mention_f1", "trigger_cls_f1", "event_f1", "argument_f1", "status_accuracy")

# Settings of Decoding in the order in which they are chosen, and the values tried besides the
# default.
GRIDS: dict[str, tuple[float, ...]] = {
    "trigger_begin_bias": (-0.8, -0.4, 0.4, 0.8),
    "trigger_bias": (-0.4, -0.2, 0.2, 0.4, 0.8),
    "mention_begin_bias": (-2.4, -1.8, -1.2, -0.6, 0.6),
    "mention_bias": (-1.2, -0.9, -0.6, -0.3, 0.3, 0.6),
    "same_event_threshold": (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.55, 0.6),
    "role_threshold": (0.3, 0.35, 0.4, 0.45, 0.55, 0.6),
    "same_entity_threshold": (0.3, 0.4, 0.6, 0.7, 0.8),
}
# Documents run through the network at a time.
BATCH_SIZE = 16
_NOTHING: dict[str, Any] = {"text": "", "mentions": [], "entities": [], "events": []}


class DevSet:
    """Dev documents, prepared once for one tokenizer; ``selected`` names the metrics that count.

    ``own_metrics`` gives those that the documents' corpus has besides. Raises ConfigError for a
    metric that is unknown.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        extractor: Extractor,
        *,
        selected: Sequence[str] = SELECTED,
        own_metrics: Scorer | None = None,
    ) -> None:
        self.documents = list(documents)
        self.own_metrics = own_metrics
        known = headline(Scores())
        if own_metrics is not None:
            known |= own_metrics([_NOTHING] * len(self.documents))
        if unknown := sorted(set(selected) - known.keys()):
            nearest = get_close_matches(unknown[0], known, n=1, cutoff=0.0)[0]
            raise ConfigError(f"loop.select: no metric {unknown[0]!r}; did you mean {nearest!r}?")
        self.selected = tuple(selected)
        self.prepared: list[Prepared] = [extractor.prepare(d.text) for d in self.documents]

    def encode(self, extractor: Extractor) -> list[Encoded]:
        """The encoder's work, for any number of ``extract`` with other thresholds."""
        return [extractor.encode(batch) for batch in self._batches()]

    def extract(
        self, extractor: Extractor, encoded: Sequence[Encoded] | None = None
    ) -> list[Extraction]:
        batches = self._batches()
        states: Sequence[Encoded | None] = encoded or [None] * len(batches)
        return [
            extraction
            for batch, state in zip(batches, states, strict=True)
            for extraction in extractor.run(batch, encoded=state)
        ]

    def _batches(self) -> list[list[Prepared]]:
        starts = range(0, len(self.prepared), BATCH_SIZE)
        return [self.prepared[start : start + BATCH_SIZE] for start in starts]

    def score(
        self, extractions: Sequence[Extraction], extractor: Extractor
    ) -> dict[str, float | None]:
        """Headline metrics (fractions) plus ``selected``, the mean of those that count."""
        config = extractor.network.config
        reports = [light_report(extraction, config) for extraction in extractions]
        if not reports:
            return {"selected": None}
        pairs = zip(self.documents, reports, strict=True)
        metrics = headline(
            reduce(add, (score_document(d, read_prediction(r, d.id)) for d, r in pairs))
        )
        if self.own_metrics is not None:
            metrics |= self.own_metrics(reports)
        values = [metrics[name] or 0.0 for name in self.selected]
        metrics["selected"] = sum(values) / len(values)
        return metrics

    def outcomes(self, extractions: Sequence[Extraction], config: NetworkConfig) -> Outcomes:
        """Raw score of every predicted item, and whether it is right."""
        return total_outcomes(zip(self.documents, extractions, strict=True), config)


def total_outcomes(found: Iterable[tuple[Document, Extraction]], config: NetworkConfig) -> Outcomes:
    """Raw score of every item that the thresholds of ``config`` give, and whether it is right."""
    each = (outcomes(d, read_prediction(light_report(e, config), d.id)) for d, e in found)
    return reduce(add, each, Outcomes())


def light_report(extraction: Extraction, config: NetworkConfig) -> dict[str, Any]:
    """An Extraction -> what the scorer reads of a Report: raw scores, no resolved values."""
    prepared = extraction.prepared
    structure = build_structure(extraction, config)
    entity_of = structure.entity_of

    def span(tagged: TaggedSpan) -> dict[str, Any]:
        start, end = prepared.chars(tagged.word_start, tagged.word_end)
        score = min(1.0, tagged.score)
        return {"start": start, "end": end, "text": prepared.text[start:end], "score": score}

    mentions = [
        {
            **span(m),
            "id": i,
            "kind": config.kinds[m.type],
            "entity": entity_of.get(i),
        }
        for i, m in enumerate(extraction.mentions)
    ]
    return {
        "text": prepared.text,
        "error": None,
        "model_version": None,
        "mentions": mentions,
        "entities": [
            {"id": i, "name": c.name, "kind": c.kind, "mentions": list(c.mentions)}
            for i, c in enumerate(structure.clusters)
        ],
        "events": [
            {
                "id": str(i),
                "type": config.event_types[e.type],
                "status": config.statuses[e.status],
                "score": min(1.0, e.score),
                "triggers": [span(extraction.triggers[t]) for t in e.triggers],
                "arguments": [
                    {
                        "role": config.roles[a.role],
                        **{k: mentions[a.mention][k] for k in ("start", "end", "text", "kind")},
                        "mention": a.mention,
                        "entity": entity_of.get(a.mention),
                        "score": a.score,
                    }
                    for a in e.arguments
                ],
                "date": None,
                "location": None,
                "killed": None,
                "injured": None,
            }
            for i, e in enumerate(structure.events)
        ],
    }


def tune(devset: DevSet, extractor: Extractor) -> tuple[NetworkConfig, dict[str, Any]]:
    """Choose biases and thresholds on dev, one after the other, by ``selected``; then fit the
    calibration of scores on dev.

    Returns the config with both and its metrics; the network's own config is left as found.
    """
    network = extractor.network
    original = network.config
    best = original.decoding
    encoded = devset.encode(extractor)
    extractions = devset.extract(extractor, encoded)
    best_metrics = devset.score(extractions, extractor)
    try:
        for name, values in GRIDS.items():
            for value in values:
                trial = dataclasses.replace(best, **{name: value})
                network.config = dataclasses.replace(original, decoding=trial)
                found = extractions
                if name.endswith("bias"):
                    found = devset.extract(extractor, encoded)
                metrics = devset.score(found, extractor)
                if (metrics["selected"] or 0) > (best_metrics["selected"] or 0):
                    best, best_metrics, extractions = trial, metrics, found
    finally:
        network.config = original
    chosen = dataclasses.replace(original, decoding=best)
    calibration = fit_calibration(devset.outcomes(extractions, chosen))
    return dataclasses.replace(chosen, calibration=calibration), best_metrics
