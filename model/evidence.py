"""What two mentions' strings say about their being one entity: a class for the network to embed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

# Classes in rising order of strength; of those that hold, the strongest is given.
CLASSES = (
    "none",
    "shared_word",  # a word of four letters or more
    "shared_stem",  # first five letters of capitalised words: Syria, Syrian
    "shared_name",  # a capitalised word
    "same_last_word",
    "contained",  # all content words of one are among the other's
    "acronym",  # the letters of one are the initials of the other
    "same_content",  # equal but for numbers and function words
    "equal",  # equal but for case
)
_POSSESSIVE = re.compile(r"\s?['’]\s?s\b")  # also where words were joined by spaces
_FUNCTION_WORDS = frozenset(
    "a an the of in on at to for from and or by with more than at least about some over under up "
    "nearly almost around several many dozens scores hundreds thousands few other others".split()
)


def evidence_matrix(texts: Sequence[str]) -> NDArray[np.int64]:
    """Mention strings [M] -> symmetric classes [M, M], indices into CLASSES."""
    n = len(texts)
    result = np.zeros((n, n), dtype=np.int64)
    if n == 0:
        return result
    words = [_words(t) for t in texts]
    lower = [[w.lower() for w in ws] for ws in words]
    content = [_content(ws) for ws in lower]
    names = [[w.lower() for w in ws if w[:1].isupper() and len(w) > 2] for ws in words]
    names = [[w for w in ws if w not in _FUNCTION_WORDS] for ws in names]
    shared_content = _shared(content)
    sizes = np.array([len(set(c)) for c in content])
    smaller = np.minimum(sizes[:, None], sizes[None, :])
    checks = (
        _shared([[w for w in c if len(w) > 3] for c in content]) > 0,
        _shared([[w[:5] for w in ws if len(w) > 3] for ws in names]) > 0,
        _shared(names) > 0,
        _equal([c[-1] if c else None for c in content]),
        (shared_content == smaller) & (smaller > 0),
        _acronyms(words, lower),
        _equal([" ".join(c) or None for c in content]),
        _equal([" ".join(ws) or None for ws in lower]),
    )
    for strength, holds in enumerate(checks, start=1):
        result[holds] = strength
    return result


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in _POSSESSIVE.sub(" ", text)).split()


def _content(words: Sequence[str]) -> list[str]:
    return [w for w in words if w not in _FUNCTION_WORDS and not w.isdigit()]


def _shared(sets: Sequence[Iterable[str]]) -> NDArray[np.int64]:
    """[M, M] numbers of distinct strings in common."""
    numbers: dict[str, int] = {}
    rows = [[numbers.setdefault(w, len(numbers)) for w in s] for s in sets]
    table = np.zeros((len(rows), max(1, len(numbers))), dtype=np.float32)
    for i, row in enumerate(rows):
        table[i, row] = 1
    return (table @ table.T).astype(np.int64)


def _equal(keys: Sequence[str | None]) -> NDArray[np.bool_]:
    numbers: dict[str, int] = {}
    ids = np.array([-1 if k is None else numbers.setdefault(k, len(numbers)) for k in keys])
    equal: NDArray[np.bool_] = (ids[:, None] == ids[None, :]) & (ids[:, None] >= 0)
    return equal


def _acronyms(words: Sequence[Sequence[str]], lower: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
    """Whether one mention holds an all-capitals word that is the other's initials."""
    n = len(words)
    holds = np.zeros((n, n), dtype=bool)
    short = [{w.lower() for w in ws if w.isupper() and 2 <= len(w) <= 7} for ws in words]
    initials = [
        {
            "".join(w[0] for w in ws),
            "".join(w[0] for w in ws if w not in _FUNCTION_WORDS),
        }
        if len(ws) > 1
        else set()
        for ws in lower
    ]
    for i in range(n):
        if short[i]:
            for j in range(n):
                if i != j and short[i] & initials[j]:
                    holds[i, j] = holds[j, i] = True
    return holds
