"""WikiEvents as training data; see ``given_triggers``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from conflictwire.document import Document
from conflictwire.eval.bench import wikievents
from conflictwire.eval.bench.given_triggers import LabelMap
from conflictwire.ontology import Ontology
from conflictwire.training.corpora.given_triggers import documents


def read(path: Path, ontology: Ontology) -> Iterator[Document]:
    """The documents of a file in the form of ``conflictwire.eval.bench.wikievents``.

    Raises DataError for another form.
    """
    yield from documents(
        wikievents.read(path), LabelMap.load("wikievents"), ontology, corpus="wikievents"
    )
