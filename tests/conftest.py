"""A tiny model built in code: what the tests of the model stages share.

Everything is seeded and made without network or files of this repository but the ontology. The
weights are random, so the spans found mean nothing; only their shapes and offsets do. For tests of
training there is also what a short one reads.
"""

from __future__ import annotations

import string
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conflictwire.coder import Coder
    from conflictwire.features import WordTokenizer
    from conflictwire.folder import Model
    from conflictwire.network import Network, NetworkConfig
    from conflictwire.ontology import Ontology
    from transformers import PreTrainedTokenizerFast

_WORDS = (
    "the a of in on at to and was were by from that said killed wounded soldiers people army "
    "police rebels attack attacked town city village north south east west on monday near two "
    "three five ##s ##ed ##ing"
).split()


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    from conflictwire.ontology import Ontology

    return Ontology.load()


@pytest.fixture(scope="session")
def tiny_tokenizer() -> PreTrainedTokenizerFast:
    return make_tokenizer()


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Lower-casing word pieces: some words, single ASCII characters, and nothing else."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = string.ascii_lowercase + string.digits
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    pieces += [*string.punctuation, *_WORDS]
    vocab = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    rust = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    rust.normalizer = normalizers.BertNormalizer(lowercase=True)
    rust.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return PreTrainedTokenizerFast(
        tokenizer_object=rust,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )


@pytest.fixture(scope="session")
def tiny_words(tiny_tokenizer: PreTrainedTokenizerFast) -> WordTokenizer:
    from conflictwire.features import WordTokenizer

    return WordTokenizer(tiny_tokenizer, max_pieces_per_word=16)


@pytest.fixture(scope="session")
def tiny_config(tiny_tokenizer: PreTrainedTokenizerFast, ontology: Ontology) -> NetworkConfig:
    return make_config(tiny_tokenizer, ontology)


def make_config(tokenizer: PreTrainedTokenizerFast, ontology: Ontology) -> NetworkConfig:
    """A BERT of 2 layers, 32 wide, that reads windows of at most 96 pieces."""
    from conflictwire.network import NetworkConfig
    from transformers import BertConfig

    encoder = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    return NetworkConfig(
        encoder=encoder.to_dict(),
        kinds=tuple(ontology.kinds),
        event_types=tuple(ontology.event_types),
        roles=tuple(ontology.roles),
        statuses=tuple(ontology.statuses),
        max_pieces=96,
        overlap=32,
        span_size=16,
        pair_size=16,
        dropout=0.1,
    )


def make_network(config: NetworkConfig, *, seed: int) -> Network:
    """Random weights, in evaluation mode; the taggers lean to O and the roles to none."""
    import torch
    from conflictwire.network import Network

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = Network(config)
        with torch.no_grad():
            network.mention_tagger.bias[0] += 2.4
            network.trigger_tagger.bias[0] += 3.2
            network.role.scorer.layers[-1].bias -= 0.2
    return network.eval()


@pytest.fixture(scope="session")
def tiny_network(tiny_config: NetworkConfig) -> Network:
    """Shared: never change it; build your own with ``make_network`` to change one."""
    return make_network(tiny_config, seed=7)


@pytest.fixture(scope="session")
def tiny_model(
    tiny_network: Network, tiny_tokenizer: PreTrainedTokenizerFast, ontology: Ontology
) -> Model:
    from conflictwire.folder import Model

    return Model(tiny_network, tiny_tokenizer, ontology)


@pytest.fixture(scope="session")
def tiny_model_dir(tiny_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as a folder. Shared: copy it before changing a file."""
    from conflictwire.folder import save_model

    folder = tmp_path_factory.mktemp("tiny") / "model"
    save_model(folder, tiny_model.network, tiny_model.tokenizer, tiny_model.ontology)
    return folder


@pytest.fixture(scope="session")
def tiny_coder(tiny_model: Model) -> Coder:
    return make_coder(tiny_model)


def make_coder(model: Model) -> Coder:
    import torch
    from conflictwire.coder import Coder

    return Coder(model, device=torch.device("cpu"), dtype=torch.float32, version="0+tiny")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a short training reads; of each test module its own."""
    from training_samples import write_samples

    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder
