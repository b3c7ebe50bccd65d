"""The project's own annotated documents: the shipped model was trained and tuned on some of them.

They come in part from corpora that are benchmarks too. These give figures without the shared texts
as well.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from .base import Options, read_rows

__all__ = ["annotated", "annotated_reports"]


def annotated(path: Path, options: Options) -> list[dict[str, Any]]:
    """The documents of ``gold/*.jsonl`` in the folder of outside data, by default that which holds
    the folder of ``path``; none where they do not lie there.

    Raises DataError for a file there that has another form.
    """
    folder = options.data or path.parent.parent
    return [
        document
        for file in sorted((folder / "gold").glob("*.jsonl"))
        for document in read_rows(file, "an annotated document: id, text", id=str, text=str)
    ]


def annotated_reports() -> frozenset[str]:
    """Ids of the texts whose annotations ship with the package (``training/annotations``)."""
    path = files("conflictwire.training") / "annotations" / "reports.jsonl"
    with path.open(encoding="utf-8") as lines:
        return frozenset(json.loads(line)["id"] for line in lines)
