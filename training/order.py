"""The order of training windows: shuffled by seed and epoch alone, so that resuming repeats it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

import torch


class ShuffledRows(torch.utils.data.Dataset):  # type: ignore[type-arg]
    """A data set in an order that depends on seed and epoch alone.

    Rows of like length are put near each other (less padding), batches in random order.
    ``batch_rows`` is the number of rows that all processes together take at once. Of the rows
    without any span, each epoch takes another random ``empty_share``: they cost as much as the
    others and teach less.
    """

    def __init__(self, rows: Any, *, seed: int, batch_rows: int, empty_share: float = 1.0) -> None:
        self.rows, self.seed, self.batch_rows = rows, seed, batch_rows
        self.lengths = [len(ids) for ids in rows["piece_ids"]]
        spans = zip(rows["mentions"], rows["triggers"], strict=True)
        self.is_empty = [not mentions and not triggers for mentions, triggers in spans]
        self.n_empty = round(empty_share * sum(self.is_empty))
        self.order: list[int] = self._taken(range(len(rows)))

    # Not named set_epoch: accelerate would call it, with epochs counted since the process began.
    def shuffle(self, *, epoch: int) -> None:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        order = self._taken(torch.randperm(len(self.rows), generator=generator).tolist())
        pool = self.batch_rows * 8
        batches = []
        for start in range(0, len(order), pool):
            near = sorted(order[start : start + pool], key=lambda i: self.lengths[i])
            batches += [near[i : i + self.batch_rows] for i in range(0, len(near), self.batch_rows)]
        # A short batch goes last, so that all others are full whatever cuts them.
        batches.sort(key=len, reverse=True)
        full = [b for b in batches if len(b) == self.batch_rows]
        shuffled = torch.randperm(len(full), generator=generator).tolist()
        batches = [full[i] for i in shuffled] + batches[len(full) :]
        self.order = [i for batch in batches for i in batch]

    def _taken(self, order: Iterable[int]) -> list[int]:
        """Without the empty rows that are too many: the last ones of ``order``."""
        left = count()
        return [i for i in order if not self.is_empty[i] or next(left) < self.n_empty]

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row: dict[str, Any] = self.rows[self.order[index]]
        return row
