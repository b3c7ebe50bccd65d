"""CoNLL blocks as training documents: one a block, with its labelled spans as mentions.

A block is a document of its own: in re3d neighbours in the file come from different texts. The
labels of the file must be kinds of the ontology, e.g. ``bench/re3d_labels``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from conflictwire.document import Document, from_dict
from conflictwire.eval.conll import read_conll
from conflictwire.ontology import Ontology


def read(path: Path, ontology: Ontology) -> Iterator[Document]:
    """Documents named after file and block: ``train-0``. Raises DataError with file and line."""
    for index, block in enumerate(read_conll(path)):
        raw = {
            "id": f"{path.stem}-{index}",
            "text": block.text,
            "mentions": [
                {"id": i, "start": m.start, "end": m.end, "kind": m.kind}
                for i, m in enumerate(block.mentions)
            ],
            "entities": [],
            "events": [],
        }
        yield from_dict(raw, ontology, file=str(path), line=block.line)
