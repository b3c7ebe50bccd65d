"""Spans that meet, and optimal one-to-one matching."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from ..document import Span

Left = TypeVar("Left")
Right = TypeVar("Right")


def n_shared_chars(a: Span, b: Span) -> int:
    """Code points in both spans."""
    return max(0, min(a.end, b.end) - max(a.start, b.start))


def meet(a: Span, b: Span) -> bool:
    """True if the spans share at least one character."""
    return n_shared_chars(a, b) > 0


def at_least_half_shared(a: Span, b: Span) -> bool:
    """True if intersection over union, in characters, is 0.5 or more."""
    shared = n_shared_chars(a, b)
    union = (a.end - a.start) + (b.end - b.start) - shared
    return shared > 0 and 2 * shared >= union


def assign(similarity: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """One-to-one pairs (row, column) with the largest total similarity; pairs of 0 are left out.

    ``similarity`` is [n_rows][n_columns], non-negative integers (so that equal totals are equal).
    """
    if not similarity or not similarity[0]:
        return []
    rows, columns = linear_sum_assignment(np.array(similarity, dtype=np.int64), maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(row, column) for row, column in pairs if similarity[row][column] > 0]


def match_all(
    left: Sequence[Left], right: Sequence[Right], allowed: Callable[[Left, Right], bool]
) -> list[tuple[int, int]]:
    """As many one-to-one pairs of indices as ``allowed`` permits."""
    return assign([[int(allowed(a, b)) for b in right] for a in left])
