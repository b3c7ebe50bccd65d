"""Public corpora as training data: one reader each, from its own files to documents.

A config names one as ``reader:path``, e.g. ``muc4:$CONFLICTWIRE_DATA/muc4/train.jsonl``. A reader
takes a path and the ontology of the run, and gives documents; it raises DataError for a file that
does not have the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from conflictwire.document import Document
from conflictwire.ontology import Ontology

Reader = Callable[[Path, Ontology], Iterator[Document]]

# Name in configs -> module of this package that has ``read``.
READERS = {
    "muc4": "muc4",
    "re3d": "conll",
    "wikievents": "wikievents",
    "rams": "rams",
}


def reader(name: str) -> Reader:
    """The reader of a name out of READERS."""
    read: Reader = import_module(f".{READERS[name]}", __package__).read
    return read
