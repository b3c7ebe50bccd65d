"""Encoders by name: the one built in code, and what is said of those that are missing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch
from conflictwire.errors import ConfigError
from conflictwire.training import encoders
from conflictwire.training.encoders import load_encoder, tiny_tokenizer


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
