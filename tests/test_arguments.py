"""From pair scores to arguments: by the network's threshold, and rescored with the text in view."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from conflictwire.arguments import FEATURES, ScoredArgument, choose_arguments, find_candidates
from conflictwire.extractor import Extraction, Prepared
from conflictwire.relations import DocumentRelations
from conflictwire.scores import Rescorer, RoleModel
from conflictwire.segment import segment
from conflictwire.spans import TaggedSpan
from conflictwire.windows import Window

TEXT = "Gunmen attacked Tarn, police said. According to the mayor, the attack ended in Ostra."
MENTIONS = ("Gunmen", "Tarn", "police", "mayor", "Ostra")
TRIGGERS = ("attacked", "attack ")
ROLES = ("source", "site")


def extraction(scores: dict[tuple[int, int], tuple[float, float]]) -> Extraction:
    segmented = segment(TEXT)
    n = len(segmented)

    def span(words: str) -> TaggedSpan:
        start = TEXT.index(words)
        first = segmented.starts.index(start)
        return TaggedSpan(first, first + 1, 0, 0.9)

    prepared = Prepared(
        text=TEXT,
        segmented=segmented,
        sentence_of_word=[i for i, (a, b) in enumerate(segmented.sentences) for _ in range(a, b)],
        piece_ids=[0] * n,
        piece_counts=[1] * n,
        piece_starts=list(range(n + 1)),
        casings=[0] * n,
        windows=[Window(0, n)],
    )
    relations = DocumentRelations(
        np.full((2, 3), 1 / 3, np.float32),
        roles={pair: np.array(p, np.float32) for pair, p in scores.items()},
    )
    triggers = [span(w) for w in TRIGGERS]
    return Extraction(prepared, [span(w) for w in MENTIONS], triggers, relations)


def feature(
    found: Extraction, clusters: list[tuple[int, ...]], role: int, name: str
) -> list[float]:
    column = FEATURES.index(name)
    return find_candidates(found, clusters).features(role)[:, column].tolist()


def test_without_models_the_best_trigger_of_the_event_decides() -> None:
    found = extraction({(0, 2): (0.6, 0.1), (1, 2): (0.9, 0.5), (1, 4): (0.4, 0.49)})
    (arguments,) = choose_arguments(
        found, [(0, 1)], roles=ROLES, threshold=0.5, rescorer=Rescorer()
    )
    assert arguments == (
        ScoredArgument(0, 2, pytest.approx(0.9)),
        ScoredArgument(1, 2, pytest.approx(0.5)),
    )
    apart = choose_arguments(found, [(0,), (1,)], roles=ROLES, threshold=0.5, rescorer=Rescorer())
    assert [len(a) for a in apart] == [1, 2]


def test_no_pairs_no_arguments() -> None:
    assert choose_arguments(
        extraction({}), [(0,), (1,)], roles=ROLES, threshold=0.5, rescorer=Rescorer()
    ) == [(), ()]


def test_features_of_text_and_rivals() -> None:
    found = extraction({(0, m): (p, 0.2) for m, p in enumerate((0.1, 0.3, 0.6, 0.4, 0.05))})
    one = [(0,)]
    assert feature(found, one, 0, "speaks") == [0, 0, 1, 0, 0]
    assert feature(found, one, 0, "quoted") == [0, 0, 0, 1, 0]
    assert feature(found, one, 0, "attributed_in_sentence") == [0, 0, 1, 0, 0]
    assert feature(found, [(0, 1)], 0, "attributed_in_sentence") == [0, 0, 1, 1, 0]
    assert feature(found, one, 0, "same_sentence") == [1, 1, 1, 0, 0]
    assert feature(found, one, 0, "sentences_apart") == [0, 0, 0, 1, 1]
    assert feature(found, one, 0, "before_trigger") == [1, 0, 0, 0, 0]
    assert feature(found, one, 0, "in_first_sentence") == [1, 1, 1, 0, 0]
    assert feature(found, one, 0, "after_in") == [0, 0, 0, 0, 1]
    assert feature(found, one, 0, "after_to") == [0, 0, 0, 1, 0]
    assert feature(found, one, 0, "log_words_apart")[:2] == [0, 0]
    assert feature(found, one, 0, "rival") == pytest.approx([0.6, 0.6, 0.4, 0.6, 0.6])
    assert feature(found, one, 0, "other_role") == pytest.approx([0.2] * 5)
    assert feature(found, one, 1, "other_role") == pytest.approx([0.1, 0.3, 0.6, 0.4, 0.05])
    assert feature(found, [(0, 1)], 0, "log_triggers") == pytest.approx([np.log(2)] * 5)


def test_a_model_takes_the_place_of_the_threshold_for_its_role_alone() -> None:
    found = extraction({(0, m): (0.3, 0.6 if m == 1 else 0.1) for m in range(5)})
    model = RoleModel({"speaks": 3.0, "quoted": 2.0}, bias=-2.0, threshold=0.5)
    (arguments, none) = choose_arguments(
        found, [(0,), (1,)], roles=ROLES, threshold=0.5, rescorer=Rescorer({"source": model})
    )
    assert none == ()
    assert arguments == (
        ScoredArgument(1, 1, pytest.approx(0.6)),
        ScoredArgument(0, 2, pytest.approx(1 / (1 + np.exp(-1)))),
        ScoredArgument(0, 3, pytest.approx(0.5)),
    )


def test_round_trip() -> None:
    rescorer = Rescorer({"source": RoleModel({"logit": 1.5}, -0.5, 0.3)})
    assert Rescorer.from_dict(dataclasses.asdict(rescorer)) == rescorer
    assert Rescorer.from_dict({}) == Rescorer()
