"""Rates, groups, the average, and the order of windows."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from conflictwire.network import NetworkConfig
from conflictwire.training.config import load_config
from conflictwire.training.optim import moving_average, parameter_groups, rate_at, set_rate
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


def rows(n: int, batch_rows: int) -> ShuffledRows:
    ids = [[0] * (1 + i * 7 % 11) for i in range(n)]

    class Table(list[Any]):
        def __getitem__(self, key: Any) -> Any:
            return ids if key == "piece_ids" else {"row": key}

    return ShuffledRows(Table(range(n)), seed=5, batch_rows=batch_rows)


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
