"""A model folder: config.json, model.safetensors, tokenizer files, ontology.yaml. Nothing in it
is ever executed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from .errors import DataError, ModelFolderError
from .network import Network, load_network, save_network
from .ontology import Ontology

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ONTOLOGY_FILE = "ontology.yaml"
_NEEDED = ("config.json", "model.safetensors", "tokenizer.json", ONTOLOGY_FILE)


@dataclass(frozen=True, slots=True)
class Model:
    network: Network
    tokenizer: PreTrainedTokenizerBase
    ontology: Ontology


def save_model(
    folder: str | Path,
    network: Network,
    tokenizer: PreTrainedTokenizerBase,
    ontology: Ontology,
    *,
    dtype: torch.dtype | None = None,
) -> None:
    """Write a model folder; ``dtype`` (e.g. float16) is that of the stored weights."""
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    save_network(network, path, dtype=dtype or torch.float32)
    tokenizer.save_pretrained(str(path))
    ontology.dump(path / ONTOLOGY_FILE)


def load_model(folder: str | Path) -> Model:
    """Read a model folder. Raises ModelFolderError that says what is missing or does not fit."""
    from transformers import PreTrainedTokenizerFast

    path = Path(folder)
    if not path.is_dir():
        raise ModelFolderError(f"{path}: no such folder")
    missing = [name for name in _NEEDED if not (path / name).is_file()]
    if missing:
        raise ModelFolderError(
            f"{path}: {', '.join(missing)} missing; a model folder holds {', '.join(_NEEDED)}"
        )
    try:
        network = load_network(path)
    except ModelFolderError:
        raise
    except Exception as error:  # transformers raises many types for settings of a wrong type
        raise ModelFolderError(f"{path}: config.json cannot be used ({error})") from None
    try:
        tokenizer: Any = PreTrainedTokenizerFast.from_pretrained(str(path), local_files_only=True)
    except Exception as error:  # the Rust side raises bare Exceptions
        raise ModelFolderError(f"{path}: tokenizer.json cannot be read ({error})") from None
    if None in (tokenizer.pad_token_id, tokenizer.cls_token_id or tokenizer.bos_token_id):
        raise ModelFolderError(
            f"{path}: the tokenizer has no start or padding token; is tokenizer_config.json there?"
        )
    try:
        ontology = Ontology.load(path / ONTOLOGY_FILE)
    except (DataError, OSError) as error:
        raise ModelFolderError(f"{path}: {ONTOLOGY_FILE} cannot be read ({error})") from None
    config = network.config
    for name, stored, listed in (
        ("kinds", config.kinds, ontology.kinds),
        ("event_types", config.event_types, ontology.event_types),
        ("roles", config.roles, ontology.roles),
        ("statuses", config.statuses, ontology.statuses),
    ):
        if tuple(listed) != stored:
            raise ModelFolderError(f"{path}: {name} of config.json and {ONTOLOGY_FILE} differ")
    encoder: Any = network.encoder
    n_rows = encoder.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > n_rows:
        raise ModelFolderError(
            f"{path}: the tokenizer has {len(tokenizer)} pieces, the encoder {n_rows}"
        )
    return Model(network, tokenizer, ontology)
