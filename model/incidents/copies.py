"""Near copies: one agency's text carried by several outlets is one telling, not several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ..resolve.countries import normalise

_WORD = re.compile(r"\w+")
_N_WORDS = 4  # of a shingle
_SHARED = 0.8  # of the shorter text's shingles: outlets cut a text from its end


def count_texts(texts: Sequence[str]) -> int:
    """How many of the texts are no near copy of a longer one among them."""
    if len(texts) == 1:
        return 1
    kept: list[frozenset[str]] = []
    for text in sorted(map(_shingles, texts), key=lambda t: (-len(t), sorted(t))):
        if not any(_is_copy(text, other) for other in kept):
            kept.append(text)
    return len(kept)


@lru_cache(maxsize=1024)  # a report may tell many incidents
def _shingles(text: str) -> frozenset[str]:
    """All runs of four words, without case and accents; of a shorter text, all of it."""
    words = _WORD.findall(normalise(text))
    last = max(1, len(words) - _N_WORDS + 1)
    return frozenset(" ".join(words[i : i + _N_WORDS]) for i in range(last))


def _is_copy(short: frozenset[str], long: frozenset[str]) -> bool:
    return len(short & long) >= _SHARED * len(short)
