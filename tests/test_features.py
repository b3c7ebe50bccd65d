"""Words -> pieces and casing classes."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from conflictwire.features import CASINGS, MAX_WORD_CHARS, WordTokenizer, casing

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("mortar", "lower"),
        ("Mortar", "title"),
        ("A", "title"),
        ("UN", "upper"),
        ("McRae", "mixed"),
        ("ISWAPs", "mixed"),
        ("iD", "mixed"),
        ("2018", "digits"),
        ("4th", "digits_letters"),
        ("AK47", "digits_letters"),
        (",", "mark"),
        ("_", "mark"),
        ("\ud800", "mark"),
        ("🛰", "mark"),
        ("中国", "no_case"),
        ("عدن", "no_case"),
        ("Åse", "title"),
        ("éé", "lower"),
    ],
)
def test_casing(word: str, expected: str) -> None:
    assert CASINGS[casing(word)] == expected


def test_casing_of_every_code_point_is_a_class() -> None:
    assert all(0 <= casing(chr(i)) < len(CASINGS) for i in range(0x3000) if not chr(i).isspace())


def test_pieces(tiny_words: WordTokenizer, tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = tiny_words(["The", "army", "left", ",", "army"])
    assert tiny_tokenizer.convert_ids_to_tokens(pieces.ids) == (
        ["the", "army", "l", "##e", "##f", "##t", ",", "army"]
    )
    assert pieces.counts == [1, 1, 4, 1, 1]
    assert [CASINGS[c] for c in pieces.casings] == ["title", "lower", "lower", "mark", "lower"]
    empty = tiny_words([])
    assert (empty.ids, empty.counts, empty.casings) == ([], [], [])


@pytest.mark.parametrize("word", ["\x00", "\u200d", "\ufeff", "\u0301"])
def test_a_word_without_pieces_is_unknown(
    tiny_words: WordTokenizer, tiny_tokenizer: PreTrainedTokenizerFast, word: str
) -> None:
    assert tiny_tokenizer.tokenize(word) == []  # the case this test is about
    pieces = tiny_words(["army", word])
    assert pieces.counts == [1, 1]
    assert pieces.ids[1] == tiny_tokenizer.unk_token_id


def test_lone_surrogates(tiny_words: WordTokenizer) -> None:
    assert tiny_words(["\ud800", "a\udfff"]).counts[0] == 1


def test_long_words_are_cut(tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    tokenizer = WordTokenizer(tiny_tokenizer, max_pieces_per_word=5)
    pieces = tokenizer(["q" * 20_000, "abcdefgh"])
    assert pieces.counts == [5, 5]
    assert max(map(len, tokenizer._cache)) == MAX_WORD_CHARS


def test_a_full_cache_changes_nothing(tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    class Small(WordTokenizer):
        CACHE_WORDS = 3

    small = Small(tiny_tokenizer, max_pieces_per_word=16)
    large = WordTokenizer(tiny_tokenizer, max_pieces_per_word=16)
    rng = random.Random(2)
    for _ in range(20):
        words = ["".join(rng.choices("abc", k=3)) for _ in range(8)]
        assert small(words) == large(words)
        assert len(small._cache) <= 3 + 8
    assert len(large._cache) > 12


def test_threads_share_one(tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    class Small(WordTokenizer):
        CACHE_WORDS = 20  # thrown away all the time

    shared = Small(tiny_tokenizer, max_pieces_per_word=16)
    rng = random.Random(4)
    texts = [["".join(rng.choices("abcde", k=4)) for _ in range(60)] for _ in range(40)]
    expected = [WordTokenizer(tiny_tokenizer, max_pieces_per_word=16)(t) for t in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared, texts)) == expected


def test_no_padding_or_truncation_is_left_on(tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    tiny_tokenizer.backend_tokenizer.enable_padding(length=12)
    tiny_tokenizer.backend_tokenizer.enable_truncation(max_length=1)
    assert WordTokenizer(tiny_tokenizer, max_pieces_per_word=16)(["abc"]).counts == [3]


def test_unusable_tokenizers() -> None:
    base: dict[str, Any] = {"is_fast": True, "bos_token_id": None, "eos_token_id": None}
    base |= {"cls_token_id": None, "sep_token_id": None, "unk_token_id": 0, "pad_token_id": None}
    slow: Any = SimpleNamespace(**{**base, "is_fast": False})
    with pytest.raises(ValueError, match="fast"):
        WordTokenizer(slow, max_pieces_per_word=16)
    bare: Any = SimpleNamespace(**base)
    with pytest.raises(ValueError, match="start, end or padding"):
        WordTokenizer(bare, max_pieces_per_word=16)
