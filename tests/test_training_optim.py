"""Rates, groups, the average, and the order of windows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
import torch
from conflictwire.errors import ConfigError
from conflictwire.network import NetworkConfig
from conflictwire.training.config import load_config
from conflictwire.training.optim import freeze, moving_average, parameter_groups, rate_at, set_rate
from conflictwire.training.order import ShuffledRows
from conftest import make_network


def test_the_rate_rises_and_falls() -> None:
    rates = [rate_at(update, 10, 0.4) for update in range(10)]
    assert rates == pytest.approx([1 / 4, 2 / 4, 3 / 4, 1, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6])
    assert rate_at(0, 10, 0) == 1
    assert rate_at(0, 1, 1) == 1
    assert rate_at(99, 100, 1) == 1


def test_every_parameter_is_in_one_group(tiny_config: NetworkConfig) -> None:
    network = make_network(tiny_config, seed=1)
    settings = load_config("tiny", ["optimiser.lr=0.25", "optimiser.heads_lr=0.5"]).optimiser
    groups = parameter_groups(network, settings)
    grouped = [id(p) for g in groups for p in g["params"]]
    assert sorted(grouped) == sorted(id(p) for p in network.parameters())
    peaks = {id(p): (g["peak_lr"], g["weight_decay"]) for g in groups for p in g["params"]}
    assert peaks[id(network.trigger_tagger.weight)] == (0.5, settings.weight_decay)
    assert peaks[id(network.trigger_tagger.bias)] == (0.5, 0.0)
    embeddings: Any = network.encoder.get_input_embeddings()  # type: ignore[operator]
    assert peaks[id(embeddings.weight)] == (0.25, settings.weight_decay)
    optimiser = torch.optim.AdamW(groups)
    set_rate(optimiser, 0.5)
    assert {g["lr"] for g in optimiser.param_groups} == {0.125, 0.25}


def test_the_average_follows_by_its_decay(tiny_config: NetworkConfig) -> None:
    network = make_network(tiny_config, seed=1)
    average = moving_average(network, 0.75)
    averaged: Any = average.module
    bias = network.trigger_tagger.bias
    for value in (1.0, 5.0):  # the first update is taken over whole
        with torch.no_grad():
            bias.fill_(value)
        average.update_parameters(network)
    assert averaged.trigger_tagger.bias[0].item() == pytest.approx(0.75 * 1 + 0.25 * 5)


def test_frozen_layers_get_no_gradient_and_no_update(tiny_config: NetworkConfig) -> None:
    network = make_network(tiny_config, seed=1)
    freeze(network, 1)
    learnt = {name for name, p in network.named_parameters() if p.requires_grad}
    in_encoder = {name for name in learnt if name.startswith("encoder.")}
    assert in_encoder
    assert all(name.startswith("encoder.encoder.layer.1.") for name in in_encoder)
    assert "piece_casing.weight" not in learnt
    assert {"word_casing.weight", "trigger_tagger.weight"} <= learnt
    groups = parameter_groups(network, load_config("tiny").optimiser)
    assert sum(len(g["params"]) for g in groups) == len(learnt)
    with pytest.raises(ConfigError, match="freeze_layers: 3 of an encoder of 2 layers"):
        freeze(network, 3)


def rows(
    n: int, batch_rows: int, *, empty: Collection[int] = (), empty_share: float = 1.0
) -> ShuffledRows:
    ids = [[0] * (1 + i * 7 % 11) for i in range(n)]

    class Table(list[Any]):
        def __getitem__(self, key: Any) -> Any:
            if key == "piece_ids":
                return ids
            if key == "mentions":
                return [[] if i in empty or i % 2 else [[0, 1]] for i in range(n)]
            if key == "triggers":
                return [[] if i in empty or not i % 2 else [[0, 1]] for i in range(n)]
            return {"row": key}

    return ShuffledRows(Table(range(n)), seed=5, batch_rows=batch_rows, empty_share=empty_share)


def test_an_epoch_takes_a_share_of_the_rows_without_spans() -> None:
    data = rows(24, 3, empty=range(12), empty_share=0.25)
    assert len(data) == 12 + 3
    taken = []
    for epoch in range(40):
        data.shuffle(epoch=epoch)
        assert len(data) == 15
        assert set(data.order) >= set(range(12, 24))
        taken.append(set(data.order) & set(range(12)))
    assert set.union(*taken) == set(range(12))
    assert len(rows(24, 3, empty=range(12), empty_share=0.0)) == 12


def test_the_order_depends_on_the_epoch_alone() -> None:
    one, other = rows(50, 4), rows(50, 4)
    one.shuffle(epoch=3)
    for epoch in (0, 7, 3):
        other.shuffle(epoch=epoch)
    assert one.order == other.order
    other.shuffle(epoch=4)
    assert one.order != other.order
    assert sorted(one.order) == sorted(other.order) == list(range(50))
    assert one[0] == {"row": one.order[0]}


def test_batches_hold_windows_of_like_length_and_a_short_one_comes_last() -> None:
    shuffled = rows(66, 4)
    shuffled.shuffle(epoch=0)
    lengths = [shuffled.lengths[i] for i in shuffled.order]
    batches = [lengths[i : i + 4] for i in range(0, 66, 4)]
    assert [len(b) for b in batches] == [4] * 16 + [2]
    spread = sum(max(b) - min(b) for b in batches) / len(batches)
    assert spread < 3  # of lengths 1 to 11


def test_accelerate_cannot_reorder_behind_our_back() -> None:
    """It calls set_epoch of a data set with its own count, which starts anew after a resume."""
    assert not hasattr(rows(4, 2), "set_epoch")
