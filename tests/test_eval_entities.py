"""Clusters and canonical names, worked by hand."""

from __future__ import annotations

import pytest
from conflictwire.document import Document
from conflictwire.eval import BCubed, Share, gold_as_report, headline
from conflictwire.eval.entities import plain_name
from test_eval_builders import make, score

TEXT = "aa bb cc dd ee ff"
WORDS = [(word, "PERSON") for word in TEXT.split()]


def clusters(*entities: tuple[str, list[int]], n_mentions: int = 6) -> Document:
    return make(TEXT, WORDS[:n_mentions], list(entities))


def test_b_cubed_by_hand() -> None:
    gold = clusters(("A", [0, 1, 2]), ("B", [3, 4]))
    predicted = clusters(("A", [0, 1]), ("B", [2, 3, 4]))
    # Precision: 0, 1: 2/2 each; 2: 1/3; 3, 4: 2/3 each -> 2 + 1/3 + 4/3 = 11/3 over 5.
    # Recall: 0, 1: 2/3 each; 2: 1/3; 3, 4: 2/2 each -> 4/3 + 1/3 + 2 = 11/3 over 5.
    counts = score(gold, predicted).entity_bcubed
    assert counts.precision == pytest.approx(11 / 15)
    assert counts.recall == pytest.approx(11 / 15)
    assert counts.f1 == pytest.approx(11 / 15)
    assert (counts.predicted, counts.gold) == (5, 5)


def test_mentions_not_found_or_not_linked_cost_recall() -> None:
    gold = clusters(("A", [0, 1, 2, 3]))
    # 3 is not predicted, 2 is in no entity; 0 and 1 are together.
    # Precision 1 over 2 mentions; recall 2/4 + 2/4 over 4 mentions.
    counts = score(gold, clusters(("A", [0, 1]), n_mentions=3)).entity_bcubed
    assert counts == BCubed(precision_sum=2.0, predicted=2, recall_sum=1.0, gold=4)
    assert counts.f1 == pytest.approx(2 * 1.0 * 0.25 / 1.25)


def test_only_gold_mentions_of_entities_count() -> None:
    # 4 and 5 are in no gold entity: that the prediction has 4 in A is not looked at.
    counts = score(clusters(("A", [0, 1])), clusters(("A", [0, 1, 4]))).entity_bcubed
    assert counts == BCubed(2.0, 2, 2.0, 2)


def test_no_entity_in_gold_is_undefined_and_no_prediction_is_zero() -> None:
    assert score(clusters(), clusters(("A", [0]))).entity_bcubed.f1 is None
    counts = score(clusters(("A", [0])), clusters()).entity_bcubed
    assert (counts.precision, counts.recall, counts.f1) == (None, 0.0, 0.0)


def test_mention_under_two_gold_entities_belongs_to_the_first() -> None:
    gold = clusters(("A", [0, 1]), ("B", [1, 2]))
    predicted = clusters(("A", [0, 1]), ("B", [2]))
    counts = score(gold, predicted).entity_bcubed
    assert counts == BCubed(3.0, 3, 3.0, 3)


def test_kind_does_not_matter_to_alignment() -> None:
    gold = make(TEXT, [("aa", "PERSON")], [("A", [0])])
    predicted = make(TEXT, [("aa", "ORG")], [("A", [0])])
    assert score(gold, predicted).entity_bcubed.f1 == 1.0


def test_canonical_names() -> None:
    gold = clusters(("The Velo Front", [0, 1]), ("Tarn", [2]), ("Ostra", [3]), ("Unseen", [4]))
    # Found: the first (name equal after "the" and case), the second (another name) and the third
    # (in no entity: wrong). The fourth has no found mention and is not counted.
    predicted = clusters(("velo front", [0, 1]), ("Tern", [2]), n_mentions=4)
    assert score(gold, predicted).canonical_name == Share(1, 3)


def test_name_is_that_of_the_entity_with_most_found_mentions() -> None:
    gold = clusters(("Velo", [0, 1, 2]))
    assert score(gold, clusters(("X", [0]), ("Velo", [1, 2]))).canonical_name == Share(1, 1)
    assert score(gold, clusters(("Velo", [0]), ("X", [1, 2]))).canonical_name == Share(0, 1)
    # Equal votes: the entity of the first mention.
    assert score(gold, clusters(("X", [1]), ("Velo", [0]))).canonical_name == Share(1, 1)


def test_entity_whose_mentions_all_belong_to_another_is_not_counted() -> None:
    gold = clusters(("A", [0, 1]), ("B", [1]))
    scores = score(gold, gold_as_report(gold))
    assert scores.canonical_name == Share(1, 1)
    assert headline(scores)["entity_bcubed_f1"] == 1.0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The  Velo Front", "velo front"),
        ("José Peña", "Jose Pena"),
        ("U.S.", "US"),
        ("al-Tarn", "alTarn"),
        ("Tarn\u2019s Army", "Tarn's army"),
    ],
)
def test_equal_names(a: str, b: str) -> None:
    assert plain_name(a) == plain_name(b)


@pytest.mark.parametrize(("a", "b"), [("Theo", "o"), ("Velo", "Velo Front"), ("the", "")])
def test_different_names(a: str, b: str) -> None:
    assert plain_name(a) != plain_name(b)
