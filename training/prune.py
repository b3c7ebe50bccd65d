"""A trained model with narrower layers: its least useful attention heads and hidden units left out.

    python -m conflictwire.training.prune CONFIG --share 0.6 --to FOLDER

``network.encoder`` of the config names the model, ``data.train`` the texts that it is measured on.
What a head or unit is worth is told by how the loss would change without it: the square of the
loss's derivative by a factor on its output, summed over windows (the diagonal of the Fisher
information; Kwon et al. 2022, "A fast post-training pruning framework for transformers"). All
layers compete for what is kept, by worth for its time. The result is to be trained on
(``network.encoder: FOLDER``, ``heads: kept``): pruning takes more from a model than the few epochs
give back only where the share is small.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from conflictwire.errors import ConfigError
from conflictwire.features import MAX_WORD_PIECES, WordTokenizer
from conflictwire.folder import Model, save_model
from conflictwire.narrow import WIDTHS, layers_to_narrow, widths_of
from conflictwire.network import Network
from conflictwire.training.command import config_parser, exit_code, say
from conflictwire.training.config import TrainingConfig, load_config
from conflictwire.training.data import build_dataset, load_documents, read_ids
from conflictwire.training.losses import task_losses, total_loss
from conflictwire.training.targets import Collator, SpanChooser
from conflictwire.training.warm import kept_model
from torch import Tensor

# Time of a head, in that of a hidden unit, by the multiplications of either: measured for MiniLM
# (heads of 32, width 384) with 480 pieces in bfloat16, 0.51 ms against 0.0035 ms, where a head has
# 104 times the multiplications.
_SLOWER = 148 / 104
_PIECES = 480
_UNIT_STEP = 64  # hidden units of a layer are a multiple of it: what kernels take at once


@dataclasses.dataclass(frozen=True, slots=True)
class Worth:
    """Of each layer: [heads], [units]."""

    heads: list[Tensor]
    units: list[Tensor]


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """Numbers of the heads and units that stay in each layer, rising."""

    heads: list[list[int]]
    units: list[list[int]]


def prune(config: TrainingConfig, share: float, target: Path, *, windows: int) -> list[list[int]]:
    """Write the narrowed model to ``target``; -> [heads, hidden units] of each of its layers.

    ``share`` of the layers' time stays; ``windows`` is how many are measured on. Raises ConfigError
    for an encoder whose layers cannot be narrowed, and ModelFolderError for no model.
    """
    model = kept_model(config.network.encoder)
    network = model.network
    layers_to_narrow(network.encoder)  # at once, before any text is read
    worth = worth_of(model, _batches(model, config, windows), config)
    kept = choose(worth, share, head_cost=_head_cost(network.encoder))
    smaller = without(network, kept)
    save_model(target, smaller, model.tokenizer, model.ontology)
    return widths_of(smaller.encoder)


def _batches(model: Model, config: TrainingConfig, windows: int) -> Iterator[Any]:
    """Batches of one window: the square is taken of each window's derivative."""
    left_out = read_ids(config.data.leave_out)
    documents = [
        d for d in load_documents(config.data.train, model.ontology) if d.id not in left_out
    ]
    words = WordTokenizer(model.tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
    dataset, _ = build_dataset(documents, words, model.network.config)
    numbers = list(range(len(dataset)))
    random.Random(config.seed).shuffle(numbers)
    collate = Collator(words, model.network.config)
    say(f"measuring on {min(windows, len(numbers))} of {len(numbers)} windows")
    for number in numbers[:windows]:
        yield collate([dataset[number]])


def worth_of(model: Model, batches: Iterator[Any], config: TrainingConfig) -> Worth:
    network = model.network.eval()
    outputs = [
        (layer.attention.output.dense.weight, layer.output.dense.weight)
        for layer in layers_to_narrow(network.encoder)
    ]
    network.requires_grad_(False)
    for pair in outputs:
        for weight in pair:
            weight.requires_grad_(True)
    heads = [torch.zeros(n) for n, _ in widths_of(network.encoder)]
    units = [torch.zeros(n) for _, n in widths_of(network.encoder)]
    for windows, gold in batches:
        chooser = SpanChooser(gold, network.config, proposals=True)
        mention, trigger, found = network(windows, chooser)
        losses = task_losses(gold, chooser.labels, mention, trigger, found)
        total_loss(losses, config.loss).backward()  # type: ignore[no-untyped-call]
        for i, (attended, hidden) in enumerate(outputs):
            heads[i] += _by_factor(attended).view(len(heads[i]), -1).sum(1) ** 2
            units[i] += _by_factor(hidden) ** 2
            attended.grad = hidden.grad = None
    network.requires_grad_(True)
    return Worth(heads, units)


def _by_factor(weight: Tensor) -> Tensor:
    """Derivative of the loss by a factor on each input of a product, [out, in] -> [in]."""
    assert weight.grad is not None
    return (weight.detach() * weight.grad).sum(0)


def _head_cost(encoder: Any) -> float:
    """The time of a head in that of a hidden unit: its four projections and its attention, against
    a unit's two products."""
    width: int = encoder.config.hidden_size
    size = _head_size(encoder)
    return _SLOWER * (4 * size * width + 2 * _PIECES * size) / (2 * width)


def _head_size(encoder: Any) -> int:
    config = encoder.config
    return int(config.hidden_size // config.num_attention_heads)


def choose(worth: Worth, share: float, *, head_cost: float) -> Kept:
    """The heads and units worth most for their time that take ``share`` of it all, and at least one
    head and ``_UNIT_STEP`` units of each layer. ``head_cost``: time of a head, a unit's being 1.

    Raises ConfigError if what they are worth is no finite number, or 0 for all.
    """
    values = torch.cat([*worth.heads, *worth.units])
    if not values.isfinite().all() or not values.any():
        raise ConfigError("the loss says nothing about heads and units: too few training windows?")
    entries = [
        (float(value) / cost, cost, layer, number, kind)
        for kind, cost, layers in ((0, head_cost, worth.heads), (1, 1.0, worth.units))
        for layer, values in enumerate(layers)
        for number, value in enumerate(values)
    ]
    entries.sort(key=lambda e: -e[0])
    budget = share * sum(e[1] for e in entries)
    kept: tuple[list[list[int]], ...] = ([[] for _ in worth.heads], [[] for _ in worth.units])
    for _, cost, layer, number, kind in entries:
        if cost <= budget:
            budget -= cost
            kept[kind][layer].append(number)
    heads, units = kept
    for layer, values in enumerate(worth.heads):
        heads[layer] = sorted(heads[layer]) or [int(values.argmax())]
    for layer, values in enumerate(worth.units):
        n = len(units[layer])
        n = min(len(values), max(1, round(n / _UNIT_STEP)) * _UNIT_STEP)
        units[layer] = sorted(values.argsort(descending=True)[:n].tolist())
    return Kept(heads, units)


def without(network: Network, kept: Kept) -> Network:
    """A new network of the heads and units ``kept``, all other weights the same."""
    config = network.config
    widths = [[len(h), len(u)] for h, u in zip(kept.heads, kept.units, strict=True)]
    smaller = Network(
        dataclasses.replace(config.untuned(), encoder={**config.encoder, WIDTHS: widths})
    )
    state = network.state_dict()
    size = _head_size(network.encoder)
    for number, (heads, units) in enumerate(zip(kept.heads, kept.units, strict=True)):
        layer = f"encoder.encoder.layer.{number}."
        of_heads = torch.cat([torch.arange(h * size, (h + 1) * size) for h in heads])
        for name, rows in (
            ("attention.self.query", of_heads),
            ("attention.self.key", of_heads),
            ("attention.self.value", of_heads),
            ("intermediate.dense", torch.tensor(units)),
        ):
            for part in ("weight", "bias"):
                state[f"{layer}{name}.{part}"] = state[f"{layer}{name}.{part}"][rows]
        for name, columns in (
            ("attention.output.dense.weight", of_heads),
            ("output.dense.weight", torch.tensor(units)),
        ):
            state[layer + name] = state[layer + name][:, columns]
    smaller.load_state_dict(state)
    return smaller.eval()


def main(argv: list[str] | None = None) -> int:
    parser = config_parser(
        "python -m conflictwire.training.prune", "Leave out heads and units of a trained model."
    )
    parser.add_argument("--share", type=_share, required=True, help="of the layers' time kept")
    parser.add_argument("--to", type=Path, required=True, dest="target", metavar="FOLDER")
    parser.add_argument("--windows", type=_whole, default=600, help="how many are measured on")
    options = parser.parse_args(argv)

    def run() -> None:
        config = load_config(options.config, options.overrides)
        widths = prune(config, options.share, options.target, windows=options.windows)
        say("heads, hidden units of each layer: " + ", ".join(f"{h}, {u}" for h, u in widths))

    return exit_code(run)


def _whole(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("a whole number above 0")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("a share above 0, at most 1")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
