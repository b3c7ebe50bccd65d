"""Near copies: one agency's text carried by several outlets is one telling, not several."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from math import ceil

from ..resolve.countries import normalise

_WORD = re.compile(r"\w+")
_N_WORDS = 4  # of a shingle
_SHARED = 0.8  # of the shorter text's shingles: outlets cut a text from its end


def count_texts(texts: Iterable[str]) -> int:
    """How many of the texts are no near copy of a longer one among them."""
    distinct = set(map(_shingles, set(texts)))
    kept: list[frozenset[str]] = []
    holding: dict[str, list[int]] = defaultdict(list)  # shingle -> which of the kept texts have it
    for text in sorted(distinct, key=lambda t: (-len(t), sorted(t))):
        # A copy lacks so few shingles that some of any greater number are shared: the rarest.
        by_use = sorted(text, key=lambda shingle: (len(holding.get(shingle, ())), shingle))
        probes = by_use[: len(text) - ceil(_SHARED * len(text)) + 1]
        alike = {number for shingle in probes for number in holding.get(shingle, ())}
        if not any(_is_copy(text, kept[number]) for number in alike):
            for shingle in text:
                holding[shingle].append(len(kept))
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
