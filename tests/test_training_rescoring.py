"""Fitting of the models that look at argument scores a second time."""

from __future__ import annotations

import random

import numpy as np
from conflictwire.arguments import FEATURES
from conflictwire.document import Document
from conflictwire.extractor import Extraction, Prepared
from conflictwire.network import NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.relations import DocumentRelations
from conflictwire.segment import segment
from conflictwire.spans import TaggedSpan
from conflictwire.training.fit.rescoring import RoleCandidates, f1, fit_rescorer
from conflictwire.windows import Window
from test_eval_builders import event, make

ONTOLOGY = Ontology.load()
CONFIG = NetworkConfig(
    encoder={},
    kinds=tuple(ONTOLOGY.kinds),
    event_types=tuple(ONTOLOGY.event_types),
    roles=tuple(ONTOLOGY.roles),
    statuses=tuple(ONTOLOGY.statuses),
    max_pieces=96,
    overlap=32,
    span_size=8,
    pair_size=8,
    dropout=0.0,
)
SOURCE = CONFIG.roles.index("source")


def report(number: int, rng: random.Random) -> tuple[Document, Extraction]:
    """Two bodies in a sentence, the speaker now first and now last; the network cannot tell."""
    names = ["Police", "Mayors"]
    rng.shuffle(names)
    first = rng.random() < 0.5
    text = (
        f"{names[0]} said that raiders from Tarn attacked {names[1]}."
        if first
        else f"Raiders from Tarn attacked {names[0]}, {names[1]} said."
    )
    speaker = names[0] if first else names[1]
    document = make(
        text,
        mentions=[(n, "GOVERNMENT") for n in names],
        events=[event("attack", ["attacked"], [("source", names.index(speaker))])],
        id=f"r{number}",
    )
    segmented = segment(text)
    n = len(segmented)

    def span(words: str, label: int) -> TaggedSpan:
        at = segmented.starts.index(text.index(words))
        return TaggedSpan(at, at + 1, label, 0.9)

    p = np.zeros(len(CONFIG.roles), np.float32)
    p[SOURCE] = 0.4
    prepared = Prepared(
        text=text,
        segmented=segmented,
        sentence_of_word=[0] * n,
        piece_ids=[0] * n,
        piece_counts=[1] * n,
        piece_starts=list(range(n + 1)),
        casings=[0] * n,
        windows=[Window(0, n)],
    )
    statuses = np.full((1, len(CONFIG.statuses)), 0.1, np.float32)
    return document, Extraction(
        prepared,
        [span(name, CONFIG.kinds.index("GOVERNMENT")) for name in names],
        [span("attacked", CONFIG.event_types.index("attack"))],
        DocumentRelations(statuses, roles={(0, 0): p, (0, 1): p.copy()}),
    )


def test_the_speaker_is_learnt_and_roles_without_examples_get_no_model() -> None:
    rng = random.Random(5)
    documents, extractions = zip(*(report(i, rng) for i in range(60)), strict=True)
    rescorer, measured = fit_rescorer(documents, extractions, CONFIG)
    assert set(rescorer.roles) == {"source"}
    assert measured["source"]["network"] == 0
    assert measured["source"]["model"] > 0.95
    assert rescorer.roles["source"].weights["speaks"] > 0
    assert measured["actor"] == {"network": 0.0}


def test_f1_counts_units_once() -> None:
    found = RoleCandidates(
        features=np.zeros((4, len(FEATURES))),
        network=np.zeros(4),
        documents=["a"] * 4,
        events=["e"] * 4,
        # Two mentions of one entity; two mentions that match one gold unit.
        units=["x", "x", "y", "z"],
        gold=[frozenset({0}), frozenset(), frozenset({1}), frozenset({1})],
        n_gold=3,
    )
    assert f1(found, np.array([True, True, False, False])) == 2 * 1 / (1 + 3)
    assert f1(found, np.array([True, True, True, True])) == 2 * 2 / (3 + 3)
    assert f1(found, np.zeros(4, bool)) == 0
