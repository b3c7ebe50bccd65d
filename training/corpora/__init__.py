"""Corpora that lie outside the package as training data: one reader each, from its own files to
documents.

A config names one as ``reader:path``, e.g. ``muc4:$CONFLICTWIRE_DATA/muc4/train.jsonl``. A reader
takes a path and the ontology of the run, and gives documents; it raises DataError for a file that
does not have the form.

A reader's module may also have ``scorer``: the published metrics of the corpus, so that a run can
choose its best epoch and its thresholds by them (``loop.select``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from conflictwire.document import Document
from conflictwire.ontology import Ontology

Reader = Callable[[Path, Ontology], Iterator[Document]]
# Reports of all documents (what scoring reads of ``Report.to_dict()``), in order -> figures.
Scorer = Callable[[Sequence[Mapping[str, Any]]], dict[str, float | None]]

# Name in configs -> module of this package that has ``read``.
READERS = {
    "muc4": "muc4",
    "re3d": "conll",
    "wikievents": "wikievents",
    "rams": "rams",
    "reports": "reports",
}


def reader(name: str) -> Reader:
    """The reader of a name out of READERS."""
    read: Reader = import_module(f".{READERS[name]}", __package__).read
    return read


def scorer(name: str, path: Path) -> Scorer | None:
    """The metrics of a reader's corpus over a file; None if it has none of its own."""
    make: Callable[[Path], Scorer] | None = getattr(
        import_module(f".{READERS[name]}", __package__), "scorer", None
    )
    return make(path) if make is not None else None
