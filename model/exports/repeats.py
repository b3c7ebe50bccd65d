"""Documents that share an id: their events share theirs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from .view import document_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..report import Report

__all__ = ["Repeats"]

_RECENT = 65_536  # documents; a set takes ten times the memory of an array


class Repeats:
    """Finds the first document whose id was there before; keeps 8 bytes of each until then."""

    def __init__(self) -> None:
        self._recent: set[int] | None = set()
        self._earlier: NDArray[np.uint64] = np.empty(0, np.uint64)  # sorted

    def first(self, report: Report) -> str | None:
        """The id, if ``report`` is the first document that repeats one; later ones give None.

        Two documents without id repeat each other if text, title, publisher and date are the same.
        """
        if self._recent is None:
            return None
        key = document_key(report)
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8]
        number = int.from_bytes(digest, "little")
        if number in self._recent or self._is_earlier(number):
            self._recent, self._earlier = None, np.empty(0, np.uint64)
            return key
        self._recent.add(number)
        if len(self._recent) >= _RECENT:
            recent = np.fromiter(self._recent, np.uint64, len(self._recent))
            self._earlier = np.union1d(self._earlier, recent)
            self._recent = set()
        return None

    def _is_earlier(self, number: int) -> bool:
        at = int(np.searchsorted(self._earlier, np.uint64(number)))
        return at < len(self._earlier) and int(self._earlier[at]) == number
