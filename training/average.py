"""The average of the weights of several runs that started from one model, as one model.

    python -m conflictwire.training.average RUN RUN ... --to FOLDER

Runs of one last stage (``network.heads: kept``) with other seeds end near one another, so the mean
of their weights is a model too: mostly a better one than each, at the cost of one ("model soups",
Wortsman et al. 2022). Thresholds are chosen on the first run's dev documents, as a run does.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from conflictwire.errors import ConfigError
from conflictwire.extractor import Extractor
from conflictwire.features import MAX_WORD_PIECES, WordTokenizer
from conflictwire.folder import Model, load_model, save_model
from conflictwire.network import Network
from conflictwire.training.command import exit_code, say
from conflictwire.training.config import load_config
from conflictwire.training.data import load_documents, own_metrics
from conflictwire.training.devset import SELECTED, DevSet, tune
from conflictwire.training.runs import CONFIG_FILE


def average(runs: Sequence[Path], target: Path) -> dict[str, float | None]:
    """Write the model to ``target``; -> its dev metrics. Raises ConfigError for runs that do not
    fit together, ModelFolderError for one that has no model yet."""
    models = [load_model(run / "best") for run in runs]
    config = load_config(runs[0] / CONFIG_FILE)
    network = mean_of(models, [str(run) for run in runs])

    first = models[0]
    words = WordTokenizer(first.tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
    extractor = Extractor(network, words, device=torch.device("cpu"), dtype=torch.float32)
    devset = DevSet(
        load_documents(config.data.dev, first.ontology),
        extractor,
        selected=config.loop.select,
        own_metrics=own_metrics(config.data.dev),
    )
    network.config, metrics = tune(devset, extractor)
    save_model(target, network, first.tokenizer, first.ontology)
    return metrics


def mean_of(models: Sequence[Model], names: Sequence[str]) -> Network:
    """A network of the models' mean weights, with no thresholds chosen. Raises ConfigError."""
    first, config = models[0], models[0].network.config.untuned()
    for model, name in zip(models, names, strict=True):
        if model.network.config.untuned() != config:
            raise ConfigError(f"{name} and {names[0]} are of other labels, sizes or encoders")
        if model.tokenizer.get_vocab() != first.tokenizer.get_vocab():
            raise ConfigError(f"{name} and {names[0]} have other tokenizers")
    network = Network(config)
    states = [model.network.state_dict() for model in models]
    network.load_state_dict(
        {key: torch.stack([s[key] for s in states]).mean(0) for key in states[0]}
    )
    return network.eval()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.average")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--to", type=Path, required=True, dest="target", metavar="FOLDER")
    options = parser.parse_args(argv)

    def run() -> None:
        metrics = average(options.runs, options.target)
        say(", ".join(f"{k} {metrics[k] or 0.0:.3f}" for k in ("selected", *SELECTED)))

    return exit_code(run)


if __name__ == "__main__":
    raise SystemExit(main())
