"""The encoder of a trained model as the one to train on from.

What it learnt of a model's own labels is a better start than general text where a task has few
examples. Only the encoder is taken: no tagger, no head, no embedding of casing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conflictwire.coder import WEIGHTS
from conflictwire.files import model_folder
from conflictwire.folder import ONTOLOGY_FILE, load_model
from transformers import AutoConfig, AutoModel

SHIPPED = "shipped"  # the model in the package
# What the configs of encoders call the dropout of their attention.
ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout")


def named_model(name: str) -> Path | None:
    """The model folder that the name of an encoder means: SHIPPED, the folder of a training run
    or of a model. None: it means an encoder alone."""
    if name == SHIPPED:
        return WEIGHTS
    folder = model_folder(Path(name))
    return folder if (folder / ONTOLOGY_FILE).is_file() else None


def encoder_of(folder: Path, *, attention_dropout: float) -> tuple[Any, Any]:
    """-> (encoder in float32, fast tokenizer) of a model. Raises ModelFolderError."""
    model = load_model(folder)
    settings: dict[str, Any] = {
        key: attention_dropout if key in ATTENTION_DROPOUT else value
        for key, value in model.network.config.encoder.items()
    }
    config = AutoConfig.for_model(**settings)
    # Built anew: layers keep the dropout that they were built with.
    encoder: Any = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None  # as the network has it
    encoder.load_state_dict(model.network.encoder.state_dict())
    return encoder, model.tokenizer
