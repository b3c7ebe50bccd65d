"""One model from several runs of one start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conflictwire.errors import ConfigError
from conflictwire.folder import Model, load_model, save_model
from conflictwire.training import average, encoders, warm
from conflictwire.training.train import TrainingResult, train
from training_samples import make_config


@pytest.fixture(scope="module")
def trained(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    return train(make_config(samples, tmp_path_factory.mktemp("run") / "r", loop__epochs=1))


def _shifted(model: Model, by: float) -> Model:
    with torch.no_grad():
        for weight in model.network.parameters():
            weight += by
    return model


def test_weights_are_the_mean(tiny_model_dir: Path) -> None:
    lower, upper = (_shifted(load_model(tiny_model_dir), by) for by in (-1.0, 2.0))
    found = average.mean_of([lower, upper], ["a", "b"]).state_dict()
    plain = load_model(tiny_model_dir).network.state_dict()
    for key, value in dict(lower.network.named_parameters()).items():
        assert torch.allclose(found[key], plain[key] + 0.5, atol=1e-5)
        assert not torch.allclose(found[key], value)
    assert found.keys() == plain.keys()


def test_thresholds_may_differ_and_sizes_may_not(tiny_model_dir: Path) -> None:
    one, other = load_model(tiny_model_dir), load_model(tiny_model_dir)
    config = other.network.config
    other.network.config = replace(config, decoding=replace(config.decoding, role_threshold=0.1))
    average.mean_of([one, other], ["a", "b"])
    other.network.config = replace(config, span_size=config.span_size + 4)
    with pytest.raises(ConfigError, match="b and a are of other labels, sizes or encoders"):
        average.mean_of([one, other], ["a", "b"])


def test_a_second_stage_goes_on_from_the_first(
    trained: TrainingResult, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Path] = []
    for module in (warm, encoders):
        monkeypatch.setattr(module, "load_model", lambda f: (loaded.append(f), load_model(f))[1])
    stage = make_config(
        samples,
        tmp_path / "second",
        loop__epochs=1,
        network__encoder=str(trained.run_dir),
        network__heads="kept",
        optimiser__lr=1e-9,
        optimiser__heads_lr=1e-9,
    )
    found = load_model(train(stage).run_dir / "best").network.state_dict()
    first = load_model(trained.run_dir / "best").network.state_dict()
    assert all(torch.allclose(found[k], first[k], atol=1e-6) for k in first)
    assert loaded == [trained.run_dir / "best"]


def test_the_command(
    trained: TrainingResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    best = load_model(trained.run_dir / "best")
    save_model(other / "best", _shifted(best, 0.01).network, best.tokenizer, best.ontology)
    target = tmp_path / "mean"
    assert average.main([str(trained.run_dir), str(other), "--to", str(target)]) == 0
    found = load_model(target).network.state_dict()
    ours = load_model(trained.run_dir / "best").network.state_dict()
    key = "mention_tagger.weight"
    assert torch.allclose(found[key], ours[key] + 0.005, atol=1e-6)
    assert average.main([str(tmp_path), "--to", str(target)]) == 1
    assert "no such folder" in capsys.readouterr().err
