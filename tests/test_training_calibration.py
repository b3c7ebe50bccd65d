"""Fitting of calibration maps, folds, and the whole of it on six small reports."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conflictwire.errors import ConfigError
from conflictwire.eval import Calibration, Outcomes
from conflictwire.folder import load_model
from conflictwire.scores import ScoreMap
from conflictwire.training import crossval
from conflictwire.training.calibration import fit_calibration, fit_map
from conflictwire.training.fit import calibrate
from test_eval_builders import make
from training_samples import settings, write_samples


def drawn(scale: float, offset: float, size: float, n: int = 20_000) -> tuple[list[float], ...]:
    """Scores, sizes and outcomes that follow a map of these weights."""
    rng = np.random.default_rng(3)
    scores, sizes = rng.uniform(0.02, 0.98, n), rng.integers(1, 6, n)
    chance = [
        ScoreMap(scale, offset, size)(s, k) for s, k in zip(scores, sizes.tolist(), strict=True)
    ]
    return scores.tolist(), sizes.tolist(), (rng.uniform(size=n) < chance).tolist()


def test_the_map_that_made_the_outcomes_is_found() -> None:
    scores, sizes, rights = drawn(0.6, -0.4, 0.8)
    found = fit_map(scores, rights, sizes)
    assert (found.scale, found.offset, found.size) == pytest.approx((0.6, -0.4, 0.8), abs=0.06)
    scores, _, rights = drawn(1.7, 0.0, 0.0)
    temperature = fit_map(scores, rights, offset=False)
    assert temperature.scale == pytest.approx(1.7, abs=0.06)
    assert (temperature.offset, temperature.size) == (0.0, 0.0)


def test_nothing_to_fit() -> None:
    assert fit_map([], []) == ScoreMap()
    assert fit_map([0.2, 0.9], [True, True]) == ScoreMap()
    separable = fit_map([0.2, 0.9], [False, True])
    assert np.isfinite([separable.scale, separable.offset]).all()
    assert separable(0.9) > separable(0.2)


def test_scores_that_are_far_too_sure() -> None:
    """Nearly all next to 1, three in ten of them wrong: whole Newton steps run away from there."""
    rng = np.random.default_rng(3)
    scores = 1 / (1 + np.exp(-rng.normal(5.0, 2.0, 800)))
    true = ScoreMap(0.45, -0.7)
    rights = rng.uniform(size=800) < [true(s) for s in scores.tolist()]
    found = fit_map(scores.tolist(), rights.tolist())
    assert (found.scale, found.offset) == pytest.approx((0.45, -0.7), abs=0.25)


def test_each_sort_gets_its_own_map() -> None:
    scores, sizes, rights = drawn(0.6, -0.4, 0.8, n=2000)
    events = Calibration(tuple(scores), tuple(map(bool, rights)))
    found = fit_calibration(Outcomes(event=events, event_sizes=tuple(map(int, sizes))))
    assert found.event == fit_map(scores, rights, sizes)
    assert found.mention == found.trigger == found.argument == ScoreMap()


def test_folds_share_out_every_corpus_and_keep_their_documents() -> None:
    documents = [make(id=f"{c}{i}", corpus=c) for c in "ab" for i in range(10)]
    parts = crossval.split(documents, 4)
    assert sorted(d.id for p in parts for d in p) == sorted(d.id for d in documents)
    assert all(sum(d.corpus == c for d in p) in (2, 3) for p in parts for c in "ab")
    again = crossval.split(documents[::-1], 4)
    assert [{d.id for d in p} for p in again] == [{d.id for d in p} for p in parts]
    with pytest.raises(ConfigError, match="21 folds of 20"):
        crossval.split(documents, 21)


def test_every_item_is_scored_by_a_map_fitted_elsewhere() -> None:
    parts = [(np.full(3, k), np.full(3, k), np.ones(3)) for k in (1.0, 2.0, 4.0)]
    seen = calibrate.held_out_scores(lambda s, r, n: lambda x, m: x * 0 + s.sum(), parts)
    assert seen.tolist() == [18.0] * 3 + [15.0] * 3 + [9.0] * 3


def test_risk_and_coverage() -> None:
    coverage, risk = calibrate.risk_coverage(
        np.array([0.2, 0.9, 0.5, 0.7]), np.array([0.0, 1.0, 0.0, 1.0])
    )
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 0, 1 / 3, 0.5])


def test_cross_validation_and_calibration_end_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_samples(tmp_path)
    overrides = settings(
        tmp_path, tmp_path / "cv", loop__epochs=6, data__dev=f"[{tmp_path / 'more'}]"
    )
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "7.txt").write_text(
        "# id: harbour-7\n\nA [tug|VESSEL c1:doer] {rammed|c1} a pier.\n---\nc1 collision real\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="no finished cross-validation"):
        crossval.folds(tmp_path / "cv")
    command = ["tiny", "--folds", "2", *(x for o in overrides for x in ("--set", o))]
    assert crossval.main(command) == 0
    folds = crossval.folds(tmp_path / "cv")
    ids = []
    for fold in folds:
        ontology = load_model(fold.model).ontology
        tests = {d.id for d in fold.documents(ontology)}
        trained = (fold.test.parent / "train.jsonl").read_text(encoding="utf-8").splitlines()
        assert tests.isdisjoint(json.loads(line)["id"] for line in trained)
        ids += sorted(tests)
    assert sorted(ids) == [f"harbour-{i}" for i in range(1, 8)]
    model, card = folds[0].model, tmp_path / "card"
    weights = (model / "model.safetensors").read_bytes()
    assert calibrate.main([str(tmp_path / "cv"), "--model", str(model), "--card", str(card)]) == 0
    assert "mention platt" in capsys.readouterr().out
    assert (model / "model.safetensors").read_bytes() == weights
    assert load_model(model).network.config.calibration.mention != ScoreMap()
    held_out = json.loads((card / "calibration.json").read_text(encoding="utf-8"))["scores"]
    assert set(held_out) == set(calibrate.SORTS)
    for name in ("reliability.png", "risk_coverage.png"):
        assert (card / name).read_bytes().startswith(b"\x89PNG")
    other = folds[1].model
    unseen = ["--unseen", str(tmp_path / "reports"), "--rescorer", str(model)]
    assert calibrate.main([*unseen, "--model", str(other), "--card", str(card)]) == 0
    told = load_model(other).network.config
    assert told.rescorer == load_model(model).network.config.rescorer
    assert told.calibration.mention != ScoreMap()
    with pytest.raises(SystemExit):
        calibrate.main(["--model", str(other), "--card", str(card)])
    capsys.readouterr()
    assert crossval.main(["tiny", "--folds", "99", *command[3:]]) == 2
    assert "99 folds" in capsys.readouterr().err
