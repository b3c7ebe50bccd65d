"""Documents that share an id: their events share theirs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .view import document_key

if TYPE_CHECKING:
    from ..report import Report

__all__ = ["Repeats"]


class Repeats:
    """Finds the first document whose id was there before; keeps 8 bytes of each until then."""

    def __init__(self) -> None:
        self._seen: set[bytes] | None = set()

    def first(self, report: Report) -> str | None:
        """The id, if ``report`` is the first document that repeats one; later ones give None.

        Two documents without id repeat each other if text, title, publisher and date are the same.
        """
        if self._seen is None:
            return None
        key = document_key(report)
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8]
        if digest not in self._seen:
            self._seen.add(digest)
            return None
        self._seen = None
        return key
