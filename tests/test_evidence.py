"""String evidence classes of pairs of mentions."""

from __future__ import annotations

import random

import pytest
from conflictwire.evidence import CLASSES, evidence_matrix


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("the Dori Brigade", "The dori brigade", "equal"),
        ("the Dori Brigade", "Dori Brigade", "same_content"),
        ("three miners", "some 40 miners", "contained"),
        ("about 40 miners", "miners", "same_content"),
        ("Popular Front of Dori", "PFD", "acronym"),
        ("Popular Front of Dori", "the PFoD", "none"),
        ("Union of Miners", "UM fighters", "acronym"),
        ("Joseph Tarka", "Tarka", "contained"),
        ("Joseph Tarka", "Daniel Tarka", "same_last_word"),
        ("Tarka government", "Tarka army", "shared_name"),
        ("Moldova forces", "Moldovan troops", "shared_stem"),
        ("angry villagers there", "villagers here", "shared_word"),
        ("gunmen", "the army", "none"),
        ("Tarka’s men", "Tarka's men", "equal"),
        ("the", "a", "none"),
        ("12", "13", "none"),
        ("...", "...", "none"),
    ],
)
def test_classes(left: str, right: str, expected: str) -> None:
    assert CLASSES[evidence_matrix([left, right])[0, 1]] == expected


def test_matrix_is_symmetric_and_independent_of_company() -> None:
    rng = random.Random(1)
    words = "the of Dori Front PF Tarka miners 12 rebel Rebels's é ... \ud800".split()
    texts = [" ".join(rng.choices(words, k=rng.randrange(5))) for _ in range(40)]
    matrix = evidence_matrix(texts)
    assert (matrix == matrix.T).all()
    for i in range(0, 40, 3):
        for j in range(0, 40, 7):
            if i != j:
                assert matrix[i, j] == evidence_matrix([texts[i], texts[j]])[0, 1]


def test_nothing() -> None:
    assert evidence_matrix([]).shape == (0, 0)
    assert evidence_matrix([""]).tolist() == [[0]]
