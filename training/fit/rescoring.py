"""Argument candidates of held-out documents -> the models that score them a second time.

A role gets a model only if it finds arguments better than the network alone, on documents that the
model was not fitted on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from conflictwire.arguments import FEATURES, find_candidates
from conflictwire.document import Document, Span
from conflictwire.eval import read_prediction
from conflictwire.eval.arguments import (
    Filler,
    gold_units,
    last_word,
    predicted_units,
    units_match,
)
from conflictwire.eval.events import assign_events
from conflictwire.events import cluster_triggers
from conflictwire.extractor import Extraction
from conflictwire.network import NetworkConfig
from conflictwire.scores import Floats, Rescorer, RoleModel
from conflictwire.training.devset import light_report
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]

THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
_LEAST_PROBABILITY = 0.02  # below it the network has said no (``relations.MIN_PROBABILITY``)
_LEAST_RIGHT = 20  # right candidates without which a role gets no model
_PARTS = 5  # of the documents, by which a model is measured
_INVERSE_RIDGE = 0.3  # of weights of standardised features


@dataclass(frozen=True, slots=True)
class RoleCandidates:
    """One role's candidates [n] in a number of documents, and the number of gold units there."""

    features: Floats  # [n, FEATURES]
    network: Floats  # [n], the network's probabilities
    documents: list[str]  # [n]
    events: list[Hashable]  # [n]
    units: list[Hashable]  # [n], entity or mention; several mentions can be one unit
    gold: list[frozenset[int]]  # [n], the gold units that the mention matches
    n_gold: int

    @property
    def right(self) -> Floats:
        return np.array([bool(g) for g in self.gold], dtype=np.float64)


def fit_rescorer(
    documents: Sequence[Document], extractions: Sequence[Extraction], config: NetworkConfig
) -> tuple[Rescorer, dict[str, dict[str, float]]]:
    """-> the models, and by role the F1 of the network and of the model (on held-out documents).

    ``config``: whose thresholds and roles hold; the extractions must be of networks that have not
    seen the documents.
    """
    models, measured = {}, {}
    for role, label in enumerate(config.roles):
        found = collect(documents, extractions, config, role)
        network = f1(found, found.network >= config.decoding.role_threshold)
        measured[label] = {"network": network}
        if found.right.sum() < _LEAST_RIGHT:
            continue
        scores = _held_out(found)
        threshold = max(THRESHOLDS, key=lambda t: f1(found, scores >= t))
        measured[label]["model"] = f1(found, scores >= threshold)
        if measured[label]["model"] > network:
            weights, bias = _fit(found.features, found.right)
            models[label] = RoleModel(
                dict(zip(FEATURES, np.round(weights, 4).tolist(), strict=True)),
                round(bias, 4),
                threshold,
            )
    return Rescorer(models), measured


def collect(
    documents: Sequence[Document],
    extractions: Sequence[Extraction],
    config: NetworkConfig,
    role: int,
) -> RoleCandidates:
    """Candidates are right if they match a unit of the gold event that theirs is assigned to."""
    label = config.roles[role]
    features: list[Floats] = [np.zeros((0, len(FEATURES)))]
    network: list[float] = []
    ids: list[str] = []
    events: list[Hashable] = []
    units: list[Hashable] = []
    gold: list[frozenset[int]] = []
    n_gold = 0
    for document, extraction in zip(documents, extractions, strict=True):
        entity_of = document.entity_of()
        gold_side = [gold_units(document, e, entity_of) for e in document.events]
        n_gold += sum(len(side.get(label, ())) for side in gold_side)
        raw = light_report(extraction, config)
        prediction = read_prediction(raw, document.id)
        predicted_side = [predicted_units(document.text, e) for e in prediction.events]
        gold_of = {
            p: gold_side[g].get(label, [])
            for g, p in assign_events(document.events, prediction.events, gold_side, predicted_side)
        }
        if not extraction.relations.roles:
            continue
        clusters = cluster_triggers(
            extraction.triggers,
            extraction.relations.same_event,
            threshold=config.decoding.same_event_threshold,
        )
        found = find_candidates(extraction, clusters)
        rows = np.flatnonzero(found.probabilities[:, role] >= _LEAST_PROBABILITY)
        features.append(found.features(role)[rows])
        network += found.probabilities[rows, role].tolist()
        for event, mention in zip(found.events[rows], found.mentions[rows], strict=True):
            span = Span(raw["mentions"][mention]["start"], raw["mentions"][mention]["end"])
            filler = Filler(span, last_word(document.text, span))
            entity = raw["mentions"][mention]["entity"]
            ids.append(document.id)
            events.append((document.id, event))
            units.append(("mention", mention) if entity is None else ("entity", entity))
            gold.append(
                frozenset(
                    i for i, u in enumerate(gold_of.get(event, ())) if units_match(u, (filler,))
                )
            )
    return RoleCandidates(
        np.concatenate(features), np.array(network), ids, events, units, gold, n_gold
    )


def f1(found: RoleCandidates, chosen: np.ndarray) -> float:
    """Of argument units, as the scorer counts them (up to ties in its matching)."""
    by_unit: defaultdict[Hashable, defaultdict[Hashable, set[int]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for row in np.flatnonzero(chosen).tolist():
        by_unit[found.events[row]][found.units[row]] |= found.gold[row]
    n_right = n_chosen = 0
    for units in by_unit.values():
        taken: set[int] = set()
        for matches in units.values():
            free = matches - taken
            if free:
                taken.add(min(free))
        n_right, n_chosen = n_right + len(taken), n_chosen + len(units)
    total = n_chosen + found.n_gold
    return 2 * n_right / total if total else 0.0


def _held_out(found: RoleCandidates) -> Floats:
    """Every candidate's probability by a model fitted on the other parts of the documents."""
    scores = np.zeros(len(found.network))
    parts = GroupKFold(min(_PARTS, len(set(found.documents))))
    for rest, part in parts.split(found.features, groups=found.documents):
        if len(set(found.right[rest])) > 1:
            weights, bias = _fit(found.features[rest], found.right[rest])
            scores[part] = 1 / (1 + np.exp(-(found.features[part] @ weights + bias)))
    return scores


def _fit(features: Floats, right: Floats) -> tuple[Floats, float]:
    """Weights and bias for features as they are; they are standardised for the fit alone."""
    mean, spread = features.mean(0), features.std(0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=_INVERSE_RIDGE, max_iter=1000)
    model.fit((features - mean) / spread, right)
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - weights @ mean)
