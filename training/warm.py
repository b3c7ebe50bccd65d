"""A trained model as the one to train on from.

Its encoder, which learnt our labels, is a better start than general text where a task has few
examples (``network.heads: new``). With ``kept``, taggers and heads go on too: a further stage of
the same training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conflictwire.coder import WEIGHTS
from conflictwire.errors import ConfigError
from conflictwire.files import model_folder, run_folder
from conflictwire.folder import ONTOLOGY_FILE, Model, load_model
from conflictwire.network import Network, empty_encoder

SHIPPED = "shipped"  # the model in the package
RUN = "run:"  # begins the name of a training run in the documented place
# What the configs of encoders call the dropout of their attention.
ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout")


def named_model(name: str, *, setting: str = "network.encoder") -> Path | None:
    """The model folder that the name of an encoder means: SHIPPED, ``run:NAME``, the folder of a
    training run or of a model. None: it means an encoder alone. Raises ConfigError, which names
    the ``setting``."""
    if name == SHIPPED:
        return WEIGHTS
    if name.startswith(RUN):
        run = name.removeprefix(RUN)
        if not (model_folder(run_folder(run)) / ONTOLOGY_FILE).is_file():
            raise ConfigError(
                f"{setting}: {run_folder(run)} holds no trained model yet; that of a packaged "
                f"config is made by conflictwire train {run}"
            )
        return model_folder(run_folder(run))
    folder = model_folder(Path(name))
    return folder if (folder / ONTOLOGY_FILE).is_file() else None


def encoder_of(model: Model, *, attention_dropout: float) -> tuple[Any, Any]:
    """-> (encoder in float32, fast tokenizer)."""
    settings: dict[str, Any] = {
        key: attention_dropout if key in ATTENTION_DROPOUT else value
        for key, value in model.network.config.encoder.items()
    }
    # Built anew: layers keep the dropout that they were built with.
    encoder = empty_encoder(settings)
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None  # as the network has it
    encoder.load_state_dict(model.network.encoder.state_dict())
    return encoder, model.tokenizer


def kept_model(name: str) -> Model:
    """The model that ``name`` means. Raises ConfigError if it means none, and ModelFolderError."""
    folder = named_model(name)
    if folder is None:
        raise ConfigError(
            f"network.encoder {name!r} is no trained model, whose heads could be kept"
        )
    return load_model(folder)


def keep_heads(network: Network, stored: Network) -> None:
    """Give ``network`` all weights of a trained one but its encoder's, in place.

    Raises ConfigError if that has other labels or sizes.
    """
    for part in ("kinds", "event_types", "roles", "statuses", "span_size", "pair_size"):
        ours, theirs = getattr(network.config, part), getattr(stored.config, part)
        if ours != theirs:
            raise ConfigError(
                f"network.heads: kept, but {part} is {theirs} in the trained model, not {ours}"
            )
    heads = {k: v for k, v in stored.state_dict().items() if not k.startswith("encoder.")}
    network.load_state_dict(network.state_dict() | heads)
