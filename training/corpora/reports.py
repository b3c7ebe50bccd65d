"""News reports of the sources that gold comes from, annotated for this project.

The annotations ship with the package (``training/annotations``): offsets, and the names of entities
and places as annotators wrote them. The texts stand in the outside data,
``unlabelled/reports.jsonl``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from conflictwire.document import Document
from conflictwire.ontology import Ontology
from conflictwire.training.standoff import read_standoff

ANNOTATIONS = Path(__file__).parents[1] / "annotations" / "reports.jsonl"


def read(path: Path, ontology: Ontology) -> Iterator[Document]:
    """The annotated ones of the texts in ``path``. Raises DataError for one that has changed."""
    return read_standoff(ANNOTATIONS, path, ontology)
