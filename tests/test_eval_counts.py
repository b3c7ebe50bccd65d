"""Counts, ratios and calibration, worked by hand."""

from __future__ import annotations

import dataclasses

import pytest
from conflictwire.eval.counts import PRF, BCubed, Calibration, Share, macro, tally, total


def test_prf() -> None:
    counts = PRF(tp=3, predicted=4, gold=6)
    assert counts.precision == 0.75
    assert counts.recall == 0.5
    assert counts.f1 == pytest.approx(2 * 0.75 * 0.5 / 1.25)  # 0.6


def test_undefined_ratios_are_none() -> None:
    assert (PRF().precision, PRF().recall, PRF().f1) == (None, None, None)
    assert Share().value is None
    assert (BCubed().precision, BCubed().recall, BCubed().f1) == (None, None, None)
    assert Calibration().ece is None
    assert macro({}, "f1") is None


def test_nothing_predicted_is_recall_zero_and_no_precision() -> None:
    counts = PRF(tp=0, predicted=0, gold=2)
    assert (counts.precision, counts.recall, counts.f1) == (None, 0.0, 0.0)


def test_counts_merge_and_cannot_be_changed() -> None:
    assert PRF(1, 2, 3) + PRF(10, 20, 30) == PRF(11, 22, 33)
    assert Share(1, 2) + Share(0, 5) == Share(1, 7)
    assert BCubed(0.5, 1, 1.0, 2) + BCubed(1.0, 2, 0.5, 3) == BCubed(1.5, 3, 1.5, 5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        PRF(1, 2, 3).tp = 2  # type: ignore[misc]


def test_tally_total_macro() -> None:
    by_label = tally(matched=["a"], predicted=["a", "a", "b"], gold=["a", "c"])
    assert by_label == {"a": PRF(1, 2, 1), "b": PRF(0, 1, 0), "c": PRF(0, 0, 1)}
    assert total(by_label) == PRF(1, 3, 2)
    # Precision: a 1/2, b 0, c undefined, counted as 0: (0.5 + 0 + 0) / 3.
    assert macro(by_label, "precision") == pytest.approx(0.5 / 3)
    # F1: a 2/3, b 0, c 0.
    assert macro(by_label, "f1") == pytest.approx(2 / 9)
    # A label that was counted nowhere (left over from a merge) takes no part.
    assert macro({**by_label, "d": PRF()}, "f1") == pytest.approx(2 / 9)


def test_ece_by_hand() -> None:
    # Ten events, five bins of two. Mean score against share right:
    # .05/.0  .25/.5  .45/.5  .65/.5  .85/1.0 -> gaps .05 .25 .05 .15 .15, mean .13
    scores = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    rights = (False, False, True, False, False, True, True, False, True, True)
    assert Calibration(scores, rights).ece == pytest.approx(0.13)


def test_ece_does_not_depend_on_the_order_of_equal_scores() -> None:
    # All scored 0.5 and half of them right: perfectly calibrated, whatever the order.
    scores = (0.5,) * 8
    assert Calibration(scores, (True,) * 4 + (False,) * 4).ece == pytest.approx(0.0)
    assert Calibration(scores, (True, False) * 4).ece == pytest.approx(0.0)


def test_ece_with_fewer_events_than_bins() -> None:
    # Two bins of one event and three empty ones: (|0.9 - 1| + |0.4 - 0|) / 2.
    assert Calibration((0.9, 0.4), (True, False)).ece == pytest.approx(0.25)
