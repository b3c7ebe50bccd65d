"""Training on from the encoder of a trained model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conflictwire.errors import ConfigError, ModelFolderError
from conflictwire.folder import load_model
from conflictwire.network import Network
from conflictwire.training import warm
from conflictwire.training.encoders import load_encoder


def test_the_encoder_of_a_model_folder(tiny_model_dir: Path) -> None:
    encoder, tokenizer = load_encoder(str(tiny_model_dir), attention_dropout=0.25)
    model = load_model(tiny_model_dir)
    found, expected = encoder.state_dict(), model.network.encoder.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[k], expected[k]) for k in expected)
    assert tokenizer.get_vocab() == model.tokenizer.get_vocab()
    assert encoder.config.attention_probs_dropout_prob == 0.25
    rates = {m.p for n, m in encoder.named_modules() if n.endswith("attention.self.dropout")}
    assert rates == {0.25}
    Network(model.network.config, encoder)  # it fits as any other does


def test_of_a_run_and_of_the_package(
    tiny_model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "best").symlink_to(tiny_model_dir)
    assert warm.named_model(str(run)) == run / "best"
    assert warm.named_model("minilm") is None
    monkeypatch.setattr(warm, "WEIGHTS", tmp_path / "empty")
    with pytest.raises(ModelFolderError):
        load_encoder("shipped", attention_dropout=0.0)
    monkeypatch.setattr(warm, "WEIGHTS", tiny_model_dir)
    encoder, _ = load_encoder("shipped", attention_dropout=0.0)
    assert encoder.config.hidden_size == 32


def test_heads_go_on_as_they_were(tiny_model_dir: Path) -> None:
    model = load_model(tiny_model_dir)
    encoder, _ = load_encoder(str(tiny_model_dir), attention_dropout=0.0)
    network = Network(model.network.config, encoder)
    before = model.network.state_dict()
    assert any(not torch.equal(v, before[k]) for k, v in network.state_dict().items())
    warm.keep_heads(network, warm.kept_model(str(tiny_model_dir)).network)
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())


def test_heads_of_other_sizes_and_of_no_model(tiny_model_dir: Path) -> None:
    model = load_model(tiny_model_dir)
    wider = replace(model.network.config, span_size=model.network.config.span_size + 4)
    encoder, _ = load_encoder(str(tiny_model_dir), attention_dropout=0.0)
    with pytest.raises(ConfigError, match=r"kept, but span_size is \d+ in "):
        warm.keep_heads(Network(wider, encoder), model.network)
    with pytest.raises(ConfigError, match="'tiny' is no trained model"):
        warm.kept_model("tiny")


def test_a_run_by_its_name(
    tiny_model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFLICTWIRE_RUNS", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no trained model yet; .*conflictwire train first"):
        warm.named_model("run:first")
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "best").symlink_to(tiny_model_dir)
    assert warm.named_model("run:first") == tmp_path / "first" / "best"
