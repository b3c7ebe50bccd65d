"""From a run's best model to weights in half precision."""

from __future__ import annotations

from pathlib import Path

import pytest
from conflictwire import load
from conflictwire.training import ship


def test_shipped_folder_is_half_as_large_and_predicts(tiny_model_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "weights"
    size = ship.ship(tiny_model_dir, target)
    assert size == (target / "model.safetensors").stat().st_size
    assert size < 0.6 * (tiny_model_dir / "model.safetensors").stat().st_size
    assert load(target, device="cpu")("Rebels shelled Tarka on Monday.").error is None
    assert [p.name for p in tmp_path.iterdir()] == ["weights"]


def test_an_older_folder_is_replaced(tiny_model_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "weights"
    target.mkdir()
    (target / "stale.json").write_text("{}")
    ship.ship(tiny_model_dir, target)
    assert not (target / "stale.json").exists()


def test_too_large_weights_leave_the_target_alone(
    tiny_model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship, "MAX_BYTES", 1000)
    target = tmp_path / "weights"
    assert ship.main([str(tiny_model_dir), "--to", str(target)]) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    assert ship.main([str(tmp_path / "nothing"), "--to", str(tmp_path / "weights")]) == 2
