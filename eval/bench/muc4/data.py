"""MUC-4 documents as the public versions of the data give them: one JSON object a line.

Offsets are those of the first place in the text where the letters of a mention occur, so they may
lie inside another word or at a telling that the annotator did not mean. Scoring uses the strings
alone; who trains on the offsets should look for whole words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ....errors import DataError
from ..base import read_rows

__all__ = ["FORM", "INCIDENT_TYPES", "ROLES", "Document", "Entity", "Mention", "Template", "read"]

ROLES = ("PerpInd", "PerpOrg", "Target", "Victim", "Weapon")
INCIDENT_TYPES = ("attack", "bombing", "kidnapping", "arson", "robbery", "forced work stoppage")

FORM = (
    "docid, doctext, and templates, each with incident_type and the slots "
    f"{', '.join(ROLES)}: lists of entities, an entity being a list of mentions [string, offset]"
)


class Mention(NamedTuple):
    """``Document.text[start:]`` begins with ``text``, case aside."""

    text: str
    start: int


Entity = tuple[Mention, ...]
"""One filler of a slot, by all its strings."""


@dataclass(frozen=True, slots=True)
class Template:
    """One incident. Gold may name two types: "bombing / attack". A slot left out is empty."""

    incident_type: str
    fillers: Mapping[str, tuple[Entity, ...]]


@dataclass(frozen=True, slots=True)
class Document:
    docid: str
    text: str
    templates: tuple[Template, ...]


def read(path: Path) -> list[Document]:
    """The documents of a file, in order. Raises DataError that names file, document and slot."""
    rows = read_rows(path, FORM, docid=str, doctext=str, templates=list[dict[str, Any]])
    return [_document(row, path) for row in rows]


def _document(row: dict[str, Any], path: Path) -> Document:
    text = row["doctext"]

    def fail(slot: str, problem: str) -> DataError:
        return DataError(
            f"document {row['docid']!r}: {problem} (a line must hold {FORM})",
            file=str(path),
            field=slot,
        )

    def mention(raw: object, slot: str) -> Mention:
        match raw:
            case [str(words), int(start)] if words and not isinstance(start, bool) and start >= 0:
                if text[start : start + len(words)].lower() == words.lower():
                    return Mention(words, start)
                raise fail(slot, f"{words!r:.60} is not at {start} of the text")
        raise fail(slot, f"expected a mention [string, offset], got {raw!r:.60}")

    def fillers(raw: object, slot: str) -> tuple[Entity, ...]:
        if not isinstance(raw, list) or not all(isinstance(entity, list) for entity in raw):
            raise fail(slot, f"expected a list of entities, got {raw!r:.60}")
        return tuple(tuple(mention(m, slot) for m in entity) for entity in raw if entity)

    templates = []
    for i, raw in enumerate(row["templates"]):
        for name in ("incident_type", *ROLES):
            if name not in raw:
                raise fail(f"templates.{i}.{name}", "missing")
        kind = raw["incident_type"]
        if not isinstance(kind, str) or not kind.strip():
            raise fail(f"templates.{i}.incident_type", f"expected text, got {kind!r:.60}")
        slots = {role: fillers(raw[role], f"templates.{i}.{role}") for role in ROLES}
        templates.append(Template(kind, slots))
    return Document(row["docid"], text, tuple(templates))
