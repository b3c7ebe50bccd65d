"""A model folder: config.json, model.safetensors, tokenizer files, ontology.yaml, SHA256SUMS.
Nothing in it is ever executed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from .errors import DataError, ModelFolderError
from .network import CONFIG_FILE, WEIGHTS_FILE, Network, load_network, save_network
from .ontology import Ontology
from .stored import check_sums, read_bounded, read_json, sum_of, write_sums

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ONTOLOGY_FILE = "ontology.yaml"
_TOKENIZER_FILE, _TOKENS_FILE = "tokenizer.json", "tokenizer_config.json"
_NEEDED = (CONFIG_FILE, WEIGHTS_FILE, _TOKENIZER_FILE, ONTOLOGY_FILE)
_SPECIAL = tuple(f"{name}_token" for name in ("bos", "eos", "unk", "sep", "pad", "cls", "mask"))


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
    write_sums(path, (*_NEEDED, _TOKENS_FILE))


def name_of(folder: Path) -> str:
    """What tells a model in Reports from others: the folder's name (that of the run, where it is
    its ``best``) and the first digits of its weights' SHA-256."""
    full = folder.resolve()
    name = full.parent.name if full.name == "best" else full.name
    return f"{name}.{sum_of(folder / WEIGHTS_FILE)[:8]}"


def load_model(folder: str | Path) -> Model:
    """Read a model folder. Raises ModelFolderError that says what is missing or does not fit."""
    path = Path(folder)
    if not path.is_dir():
        raise ModelFolderError(f"{path}: no such folder")
    missing = [name for name in _NEEDED if not (path / name).is_file()]
    if missing:
        raise ModelFolderError(
            f"{path}: {', '.join(missing)} missing; a model folder holds {', '.join(_NEEDED)}"
        )
    check_sums(path)
    network = load_network(path)
    encoder: Any = network.encoder
    tokenizer = _load_tokenizer(path, encoder.get_input_embeddings().weight.shape[0])
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
    return Model(network, tokenizer, ontology)


def _load_tokenizer(folder: Path, n_rows: int) -> PreTrainedTokenizerBase:
    """By tokenizer.json, which is data alone, and the names of tokens in tokenizer_config.json.

    Not by ``from_pretrained``, which follows all that the latter may say: files of other names,
    other formats, code.
    """
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    path = folder / _TOKENIZER_FILE
    try:
        backend = Tokenizer.from_buffer(read_bounded(path))
    except ModelFolderError:
        raise
    except BaseException as error:  # bare Exceptions; what panics in Rust is not even one
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise ModelFolderError(f"{folder}: {_TOKENIZER_FILE} cannot be read ({error})") from None
    # Before anything else, as time goes with the largest number of a piece; there may be gaps.
    _check_pieces(folder, backend.get_vocab(), n_rows)
    # Words are never padded or cut, whatever the file asks for.
    backend.no_padding()
    backend.no_truncation()
    tokens = {token.content: token for token in backend.get_added_tokens_decoder().values()}
    settings: dict[str, Any] = {}
    if (folder / _TOKENS_FILE).is_file():
        raw = read_json(folder / _TOKENS_FILE)
        for name in _SPECIAL:
            value = raw.get(name)
            content = value.get("content") if isinstance(value, dict) else value
            if isinstance(content, str):
                settings[name] = tokens.get(content, content)
            elif content is not None:
                raise ModelFolderError(f"{folder / _TOKENS_FILE}: {name}: expected text")
        if isinstance(length := raw.get("model_max_length"), int):
            settings["model_max_length"] = length
    make: Any = PreTrainedTokenizerFast
    try:
        tokenizer: PreTrainedTokenizerBase = make(tokenizer_object=backend, **settings)
    except Exception as error:  # tokens that are no Unicode, and whatever else transformers minds
        raise ModelFolderError(f"{folder / _TOKENS_FILE}: cannot be used ({error})") from None
    _check_pieces(folder, tokenizer.get_vocab(), n_rows)  # with tokens of that other file
    starts = tokenizer.cls_token_id, tokenizer.bos_token_id
    ends = tokenizer.sep_token_id, tokenizer.eos_token_id
    if tokenizer.pad_token_id is None or {None} in ({*starts}, {*ends}):
        raise ModelFolderError(
            f"{folder}: the tokenizer has no start, end or padding token; is {_TOKENS_FILE} there?"
        )
    return tokenizer


def _check_pieces(folder: Path, vocab: dict[str, int], n_rows: int) -> None:
    n_pieces = 1 + max(vocab.values(), default=-1)
    if n_pieces > n_rows:
        raise ModelFolderError(
            f"{folder}: the tokenizer has {n_pieces} pieces, the encoder {n_rows}"
        )
