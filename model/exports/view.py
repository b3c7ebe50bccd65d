"""An event with what the rest of its Report says of it: names, fillers by meaning, sentences."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from ..ontology import RoleMeaning
from ..segment import segment

if TYPE_CHECKING:
    from ..ontology import Ontology
    from ..report import Argument, Event, Report, Trigger

__all__ = ["EventView", "document_key", "joined", "views"]

HAPPENED = "happened"
_MAX_SIDE = 500  # characters of a sentence on either side of a trigger; a text may have no stops


def views(report: Report, ontology: Ontology) -> Iterator[EventView]:
    """A view of each event; the text is split into sentences once, and only if asked for."""
    document = _Document(report, ontology)
    return (EventView(document, event) for event in report.events)


def joined(parts: Iterable[str]) -> str | None:
    """Different parts in order, with "; " between; None if there is none."""
    return "; ".join(dict.fromkeys(part for part in parts if part)) or None


def document_key(report: Report) -> str:
    """What leads the ids of its events: its ``doc_id``, else 16 hexadecimal digits of a digest.

    The digest is the same in every run.
    """
    if report.doc_id is not None:
        return report.doc_id
    parts = (report.text, report.title, report.publisher, report.date)
    whole = "\0".join(part or "" for part in parts)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class _Document:
    def __init__(self, report: Report, ontology: Ontology) -> None:
        self.report, self.ontology = report, ontology
        self.meanings = {label: role.means for label, role in ontology.roles.items()}

    @cached_property
    def key(self) -> str:
        return document_key(self.report)

    @cached_property
    def _sentences(self) -> tuple[list[int], list[int]]:
        """First characters of the sentences, and the ends."""
        split = segment(self.report.text)
        starts = [split.starts[first] for first, _ in split.sentences]
        return starts, [split.ends[end - 1] for _, end in split.sentences]

    def sentence_at(self, char: int) -> tuple[int, int]:
        """Character range of the sentence that holds a character; empty where none does."""
        starts, ends = self._sentences
        index = bisect_right(starts, char) - 1
        return (char, char) if index < 0 else (starts[index], ends[index])


class EventView:
    """One event of ``report``."""

    def __init__(self, document: _Document, event: Event) -> None:
        self._document, self.event = document, event
        self.report, self.ontology = document.report, document.ontology

    @property
    def id(self) -> str:
        """The event's id; where the Report has no ``doc_id``, a digest of the document leads it.

        Unique in an export as long as no two documents in it have one id.
        """
        if self.report.doc_id is not None:
            return self.event.id
        return f"{self._document.key}:{self.event.id}"

    def fillers(self, *meanings: RoleMeaning) -> list[Argument]:
        """Arguments whose role has one of the meanings, in the event's order."""
        of = self._document.meanings
        return [a for a in self.event.arguments if of.get(a.role) in meanings]

    def name(self, argument: Argument) -> str:
        """Canonical name, or the words themselves where there is none."""
        if argument.entity is None:
            return argument.text
        return self.report.entities[argument.entity].name

    def names(self, *meanings: RoleMeaning) -> list[str]:
        """Names of the fillers, each once."""
        return list(dict.fromkeys(self.name(a) for a in self.fillers(*meanings)))

    @property
    def happened(self) -> bool:
        """Whether it is told as a fact; a data set of what happened holds no other event."""
        return self.event.status == HAPPENED

    @property
    def trigger(self) -> Trigger:
        """The first in the text."""
        return min(self.event.triggers, key=lambda trigger: trigger.start)

    @property
    def spans(self) -> str:
        """Where its words stand: "trigger:13-17; actor:0-6", half-open code-point ranges."""
        parts = [("trigger", t.start, t.end) for t in self.event.triggers]
        parts += [(a.role, a.start, a.end) for a in self.event.arguments]
        return "; ".join(f"{name}:{start}-{end}" for name, start, end in parts)

    @property
    def provenance(self) -> str:
        """For layouts without columns of their own for it: document, status, score, the words."""
        event, when = self.event, self.event.date
        parts = {
            "doc_id": self.report.doc_id,
            "status": event.status,
            "score": f"{event.score:.2f}",
            "type": event.type,
            "trigger": self.trigger.text,
            "spans": self.spans.replace("; ", ","),
            "dates": f"{when.start}/{when.end}" if when is not None else None,
        }
        return "; ".join(f"{key}={value}" for key, value in parts.items() if value is not None)

    @property
    def sentence(self) -> str:
        """The sentences that hold its triggers, in the order of the text.

        A long one is cut 500 characters from the trigger, with "..." in place of the rest.
        """
        found: dict[int, str] = {}
        for trigger in sorted(self.event.triggers, key=lambda t: t.start):
            first, end = self._document.sentence_at(trigger.start)
            if first not in found:
                found[first] = self._cut(first, max(end, trigger.end), trigger.start)
        return " ".join(found.values())

    def _cut(self, first: int, end: int, middle: int) -> str:
        start, stop = max(first, middle - _MAX_SIDE), min(end, middle + _MAX_SIDE)
        head, tail = "..." * (start > first), "..." * (stop < end)
        return f"{head}{self.report.text[start:stop]}{tail}"
