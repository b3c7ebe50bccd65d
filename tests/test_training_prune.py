"""Pruning: what a head or unit is worth, which stay, and what the narrowed model computes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from conflictwire.errors import ConfigError
from conflictwire.folder import Model, load_model, save_model
from conflictwire.narrow import WIDTHS, widths_of
from conflictwire.network import Network
from conflictwire.training import prune
from conflictwire.training.prune import Kept, Worth, choose, without
from conflictwire.training.train import train
from training_samples import make_config
from transformers import BertConfig, BertModel


@pytest.fixture(scope="module")
def trained(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder of the harbour reports, with 256 hidden units a layer."""
    target = tmp_path_factory.mktemp("wide")
    run = train(make_config(samples, target / "run", loop__epochs=1)).run_dir
    return _wider(load_model(run / "best"), target / "model")


def _wider(model: Model, folder: Path) -> Path:
    settings = {**model.network.config.encoder, "intermediate_size": 256}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model.network.config.encoder.update(settings)
        save_model(folder, Network(model.network.config), model.tokenizer, model.ontology)
    return folder


def test_the_best_for_their_time_stay() -> None:
    worth = Worth(
        [torch.tensor([9e6, 1.0, 2.0]), torch.tensor([3.0, 8e6, 0.0])],
        [torch.arange(128.0), torch.arange(128.0) + 1000],
    )
    cost = 6 * 100 + 256
    kept = choose(worth, (2 * 100 + 128) / cost, head_cost=100)
    assert kept.heads == [[0], [1]]
    # No layer is left without: 64 units at least, and whole steps of them.
    assert kept.units == [list(range(64, 128)), list(range(128))]
    everything = choose(worth, 1.0, head_cost=100)
    assert everything.heads == [[0, 1, 2]] * 2
    assert everything.units == [list(range(128))] * 2
    least = choose(worth, 0.001, head_cost=100)
    assert least.heads == [[0], [1]]
    assert least.units == [list(range(64, 128))] * 2


def test_a_worthless_part_changes_nothing_when_it_goes(trained: Path) -> None:
    model = load_model(trained)
    network = model.network
    with torch.no_grad():  # head 1 and units from 64 on say nothing
        for layer in network.encoder.encoder.layer:
            layer.attention.output.dense.weight[:, 16:] = 0
            layer.output.dense.weight[:, 64:] = 0
    kept = Kept([[0], [0]], [list(range(64))] * 2)
    smaller = without(network, kept)
    assert widths_of(smaller.encoder) == [[1, 64]] * 2
    assert smaller.config.encoder[WIDTHS] == [[1, 64]] * 2
    ids = torch.randint(5, 60, (2, 9), generator=torch.Generator().manual_seed(1))
    before = network.encoder(ids).last_hidden_state
    after = smaller.encoder(ids).last_hidden_state
    assert torch.allclose(before, after, atol=1e-5)
    # The model that was given stays as it was.
    assert widths_of(network.encoder) == [[2, 256]] * 2


def test_worth_tells_them_from_what_the_loss_hangs_on(trained: Path, samples: Path) -> None:
    model = load_model(trained)
    with torch.no_grad():
        for layer in model.network.encoder.encoder.layer:
            layer.attention.output.dense.weight[:, :16] = 0
            layer.output.dense.weight[:, 100:] = 0
    config = make_config(samples, Path("unused"), network__encoder=str(trained))
    worth = prune.worth_of(model, prune._batches(model, config, 4), config)
    for heads, units in zip(worth.heads, worth.units, strict=True):
        assert heads[0] == 0 < heads[1]
        assert (units[100:] == 0).all()
        assert (units[:100] > 0).all()
    assert all(p.requires_grad for p in model.network.parameters())


def test_the_command_and_training_on(
    trained: Path, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "narrow"
    config = make_config(samples, tmp_path / "second", network__encoder=str(trained))
    written = tmp_path / "config.yaml"
    written.write_text(json.dumps(config.model_dump()), encoding="utf-8")
    command = [str(written), "--share", "0.5", "--to", str(target), "--windows", "3"]
    assert prune.main(command) == 0
    told = capsys.readouterr().err
    assert "measuring on 3 of 6 windows" in told
    narrowed = load_model(target)
    widths = widths_of(narrowed.network.encoder)
    assert all(1 <= h <= 2 and u % 64 == 0 and 64 <= u <= 256 for h, u in widths)
    assert sum(h for h, _ in widths) < 4
    stage = make_config(
        samples,
        tmp_path / "second",
        loop__epochs=1,
        network__encoder=str(target),
        network__heads="kept",
    )
    again = load_model(train(stage).run_dir / "best")
    assert widths_of(again.network.encoder) == widths


@pytest.mark.parametrize("value", [0.0, float("nan")])
def test_a_loss_that_says_nothing(value: float) -> None:
    worth = Worth([torch.full((2,), value)], [torch.full((64,), value)])
    with pytest.raises(ConfigError, match="too few training windows"):
        choose(worth, 0.5, head_cost=100)


def test_a_head_costs_what_it_multiplies() -> None:
    def cost(width: int, n_heads: int) -> float:
        config = BertConfig(
            vocab_size=9, hidden_size=width, num_attention_heads=n_heads, num_hidden_layers=1,
            intermediate_size=8,
        )  # fmt: skip
        return prune._head_cost(BertModel(config, add_pooling_layer=False))

    assert cost(384, 12) == pytest.approx(148)
    assert cost(768, 12) == pytest.approx(239, abs=1)


@pytest.mark.parametrize("windows", ["0", "-5"])
def test_windows_to_measure_on(windows: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        prune.main(["final", "--share", "0.5", "--to", "x", "--windows", windows])
    assert "a whole number above 0" in capsys.readouterr().err


@pytest.mark.parametrize("share", ["0", "1.1", "-1"])
def test_shares_that_make_no_sense(share: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        prune.main(["final", "--share", share, "--to", "x"])
    assert "a share above 0, at most 1" in capsys.readouterr().err


def test_an_encoder_alone_is_no_model(samples: Path, tmp_path: Path) -> None:
    written = tmp_path / "config.yaml"
    written.write_text(json.dumps(make_config(samples, tmp_path / "r").model_dump()))
    assert prune.main([str(written), "--share", "0.5", "--to", str(tmp_path / "x")]) == 2
    assert not (tmp_path / "x").exists()
