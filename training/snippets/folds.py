"""Held-out folds that keep near copies of a text together: news repeats itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold  # type: ignore[import-untyped]

COPY = 0.5
"""Share of words that two texts have in common (of all that either has) from which they are
copies."""

Rows = npt.NDArray[np.int64]


def copies(texts: Sequence[str], share: float = COPY) -> list[int]:
    """Of each text the number of its group: texts that are copies, or copies of a copy."""
    words = [set(text.lower().split()) for text in texts]
    group = list(range(len(texts)))
    for i, own in enumerate(words):
        for j in range(i):
            if group[i] != group[j] and len(own & words[j]) >= share * len(own | words[j]):
                old = group[i]
                group = [group[j] if g == old else g for g in group]
    return group


def folds(
    texts: Sequence[str], labels: Sequence[str], *, n: int, seed: int
) -> Iterator[tuple[Rows, Rows]]:
    """(kept, held out) rows of each fold; classes are spread over the folds as evenly as groups
    allow."""
    splitter = StratifiedGroupKFold(n, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A class with fewer snippets than folds is in some folds only; packaged ones teach it.
        warnings.filterwarnings("ignore", message="The least populated class")
        yield from splitter.split(np.zeros(len(texts)), list(labels), copies(texts))
