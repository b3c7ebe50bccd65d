"""What the models of a cross-validation say of the documents that they have not seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conflictwire.coder import Coder, load
from conflictwire.document import Document
from conflictwire.extractor import Extraction
from conflictwire.network import Decoding, NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.training.crossval import Fold
from conflictwire.training.devset import DevSet


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A fold's documents and, in their order, what its model says of them by ``config``."""

    documents: list[Document]
    extractions: list[Extraction]
    config: NetworkConfig
    ontology: Ontology

    def __iter__(self) -> Iterator[tuple[Document, Extraction]]:
        return zip(self.documents, self.extractions, strict=True)


def read_held_out(fold: Fold, decoding: Decoding | None = None) -> HeldOut:
    """Run a fold's model; ``decoding`` takes the place of its own thresholds."""
    coder = load(fold.model)
    network = coder.extractor.network
    if decoding is not None:
        network.config = dataclasses.replace(network.config, decoding=decoding)
    return read_with(coder, fold.documents(coder.ontology))


def read_with(coder: Coder, documents: Sequence[Document]) -> HeldOut:
    """What a model says of documents that it has not seen."""
    extractor = coder.extractor
    dev = DevSet(documents, extractor)
    extractions = dev.extract(extractor)
    return HeldOut(dev.documents, extractions, extractor.network.config, coder.ontology)
