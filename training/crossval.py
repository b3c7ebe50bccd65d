"""Cross-validation: models that have not seen the documents they are asked about.

``python -m conflictwire.training.crossval CONFIG --folds 4`` trains one model a fold on the rest
of the config's training and dev documents. What they say of their own fold is what the resolvers'
small models and the calibration of scores are fitted on: scores on the documents that a model was
trained on are far too high.

No choice is made by the held-out fold: the number of epochs is the config's, thresholds are not
tuned, and the fold is scored once, at the end. The house corpus and the annotated reports
(``reports:``) are training data in every fold.
A run that was stopped goes on when the command is given again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from conflictwire.document import Document
from conflictwire.errors import ConfigError
from conflictwire.ontology import Ontology
from conflictwire.training.command import config_parser, exit_code, say
from conflictwire.training.config import TrainingConfig, load_config
from conflictwire.training.data import load_documents
from conflictwire.training.setup import Say
from conflictwire.training.train import train

_ALWAYS = ("house", "reports:")  # sources that are never held out


@dataclass(frozen=True, slots=True)
class Fold:
    """One held-out part: the model's folder, and the documents that the model has not seen."""

    model: Path
    test: Path

    def documents(self, ontology: Ontology) -> list[Document]:
        return load_documents([str(self.test)], ontology)


def split(documents: Sequence[Document], n_folds: int) -> list[list[Document]]:
    """Parts of nearly one size, each with its share of every corpus; the order given is kept.

    Documents are dealt by a checksum of their ids: the split does not hang on their order.
    """
    if not 2 <= n_folds <= len(documents):
        raise ConfigError(f"{n_folds} folds of {len(documents)} documents")
    order = sorted(documents, key=lambda d: (d.corpus or "", crc32(d.id.encode()), d.id))
    fold_of = {d.id: i % n_folds for i, d in enumerate(order)}
    return [[d for d in documents if fold_of[d.id] == k] for k in range(n_folds)]


def cross_validate(config: TrainingConfig, n_folds: int, *, show: Say | None = None) -> list[Fold]:
    """Train every fold's model in ``config.run_path``; -> the folds, in order."""
    if config.network.teachers:
        raise ConfigError("network.teachers may know what a fold holds out: give []")
    root = config.run_path
    ontology = Ontology.load(config.network.ontology)
    always = [s for s in config.data.train if s.startswith(_ALWAYS)]
    dealt = [s for s in (*config.data.train, *config.data.dev) if not s.startswith(_ALWAYS)]
    parts = split(load_documents(dealt, ontology), n_folds)
    for k, part in enumerate(parts):
        folder = root / f"fold-{k}"
        folder.mkdir(parents=True, exist_ok=True)
        rest = [d for other in parts if other is not part for d in other]
        _write(folder / "train.jsonl", rest)
        _write(folder / "test.jsonl", part)
        if show is not None:
            show(f"fold {k + 1} of {n_folds}: {len(rest)} documents, {len(part)} held out")
        train(_fold_config(config, folder, always), show=show)
    return folds(root)


def folds(root: Path) -> list[Fold]:
    """The folds of a finished cross-validation. Raises ConfigError if one has no model."""
    found = [
        Fold(folder / "run" / "best", folder / "test.jsonl")
        for folder in sorted(root.glob("fold-*"), key=lambda p: int(p.name.partition("-")[2]))
    ]
    missing = [f for f in found if not (f.model / "model.safetensors").is_file()]
    if missing or not found:
        raise ConfigError(
            f"{root} is no finished cross-validation; train one with "
            "python -m conflictwire.training.crossval CONFIG"
        )
    return found


def _fold_config(config: TrainingConfig, folder: Path, always: Sequence[str]) -> TrainingConfig:
    train_on = [str(folder / "train.jsonl"), *always]
    test = [str(folder / "test.jsonl")]
    return config.model_copy(
        update={
            "name": f"{config.name}-{folder.name}",
            "run_dir": str(folder / "run"),
            "data": config.data.model_copy(update={"train": train_on, "dev": test}),
            # Scored once, when all is decided.
            "loop": config.loop.model_copy(update={"evaluate_every": config.loop.epochs}),
            "tune": False,
        }
    )


def _write(path: Path, documents: Sequence[Document]) -> None:
    text = "".join(json.dumps(d.to_dict(), ensure_ascii=False) + "\n" for d in documents)
    path.write_text(text, encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    parser = config_parser("python -m conflictwire.training.crossval", __doc__.split("\n\n")[1])
    parser.add_argument("--folds", type=int, default=4, help="parts (default 4)")
    options = parser.parse_args(argv)
    return exit_code(
        lambda: cross_validate(
            load_config(options.config, options.overrides), options.folds, show=say
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
