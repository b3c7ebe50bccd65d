"""Words -> what the encoder reads: sub-word piece ids, and a casing class for each word.

Casing classes are needed because the encoders at hand are uncased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

CASINGS = ("lower", "title", "upper", "mixed", "digits", "digits_letters", "mark", "no_case")
# A longer word is read by its first characters; its offsets stay whole.
MAX_WORD_CHARS = 48
MAX_WORD_PIECES = 16  # of a word; windows overlap by at least as much


@dataclass(frozen=True, slots=True)
class WordPieces:
    """Piece ids of all words, flat; word ``i`` has ``counts[i]`` of them (at least one)."""

    ids: list[int]
    counts: list[int]
    casings: list[int]


def casing(word: str) -> int:
    """Index into CASINGS."""
    if not word[0].isalnum() and len(word) == 1:
        return 6
    if word.isdigit():
        return 4
    if any(c.isdigit() for c in word):
        return 5
    if word.islower():
        return 0
    if word.isupper():
        return 2 if len(word) > 1 else 1
    if word[0].isupper() and word[1:].islower():
        return 1
    return 3 if word.lower() != word else 7


class WordTokenizer:
    """Runs a fast Hugging Face tokenizer over words; remembers words seen (they repeat a lot)."""

    CACHE_WORDS = 100_000

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, max_pieces_per_word: int) -> None:
        if not tokenizer.is_fast:
            raise ValueError(f"{type(tokenizer).__name__} has no fast (Rust) version")
        self.tokenizer = tokenizer
        self.max_pieces_per_word = max_pieces_per_word
        cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
        self.bos = cls if cls is not None else tokenizer.bos_token_id
        self.eos = sep if sep is not None else tokenizer.eos_token_id
        self.unk = tokenizer.unk_token_id
        if self.bos is None or self.eos is None or tokenizer.pad_token_id is None:
            raise ValueError("the tokenizer lacks a start, end or padding token")
        self.pad: int = tokenizer.pad_token_id
        # The Rust tokenizer itself: the Python wrapper sets padding on each call, which is not
        # safe when several threads share it.
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_padding()
        self._backend.no_truncation()
        self._cache: dict[str, list[int]] = {}

    def __call__(self, words: Sequence[str]) -> WordPieces:
        cut = [w[:MAX_WORD_CHARS] for w in words]
        if len(self._cache) > self.CACHE_WORDS:
            # A new dict, not clear(): another thread may be reading the old one.
            self._cache = {}
        cache = self._cache
        unseen = sorted({w for w in cut if w not in cache})
        if unseen:
            self._learn(unseen, cache)
        pieces = [cache[w] for w in cut]
        return WordPieces(
            ids=[i for p in pieces for i in p],
            counts=[len(p) for p in pieces],
            casings=[casing(w) for w in cut],
        )

    def _learn(self, words: list[str], cache: dict[str, list[int]]) -> None:
        # Lone surrogates cannot be encoded for the Rust side.
        safe = [w.encode("utf-8", "replace").decode("utf-8") for w in words]
        # A leading space makes byte-level tokenizers see a word start; WordPiece ignores it.
        encoded = self._backend.encode_batch([f" {w}" for w in safe], add_special_tokens=False)
        unknown = [self.unk if self.unk is not None else self.eos]
        for word, pieces in zip(words, encoded, strict=True):
            cache[word] = list(pieces.ids[: self.max_pieces_per_word]) or unknown
