"""Calibration maps."""

from __future__ import annotations

import dataclasses
import math

import pytest
from conflictwire.scores import Calibration, ScoreMap


def test_the_default_leaves_scores_as_they_are() -> None:
    for raw in (0.01, 0.3, 0.97):
        assert ScoreMap()(raw) == pytest.approx(raw)


def test_scale_offset_and_size() -> None:
    assert ScoreMap(scale=2, offset=1)(0.5) == pytest.approx(1 / (1 + math.exp(-1)))
    assert ScoreMap(scale=2)(0.8) == pytest.approx(16 / 17)
    assert ScoreMap(size=2)(0.5, 3) == pytest.approx(0.9)
    assert ScoreMap(size=2)(0.5, 1) == 0.5


@pytest.mark.parametrize("raw", [0.0, 1.0])
def test_the_ends_stay_inside(raw: float) -> None:
    assert 0 <= ScoreMap(scale=3, offset=-1)(raw) <= 1


def test_a_steep_map_does_not_overflow() -> None:
    assert ScoreMap(scale=1e5)(0.4) == pytest.approx(0)
    assert ScoreMap(scale=1e5)(0.6) == 1


def test_round_trip() -> None:
    calibration = Calibration(event=ScoreMap(0.8, -0.1, 0.4), mention=ScoreMap(1.2))
    assert Calibration.from_dict(dataclasses.asdict(calibration)) == calibration
    assert Calibration.from_dict({"event": {"scale": 2.0}}) == Calibration(event=ScoreMap(2.0))
    assert Calibration.from_dict({"other": {"scale": 2.0}}) == Calibration()
