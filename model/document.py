"""The one internal document type, shared by training, the model's heads and the scorer.

All offsets are half-open code-point ranges into ``Document.text``. References are 0-based indices
into the document's own lists. A ``Document`` is checked once, by ``from_dict``; code behind that
door relies on it.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import DataError

if TYPE_CHECKING:
    from .ontology import Ontology

_EVENT_DATE = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open code-point range."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Mention:
    start: int
    end: int
    kind: str

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Entity:
    """A canonical name and the indices of the mentions that refer to it or act for it."""

    name: str
    mentions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """A mention (by index) in a role."""

    role: str
    mention: int


@dataclass(frozen=True, slots=True)
class Event:
    """One real-world event as the text tells it; several triggers are retellings."""

    id: str
    type: str
    status: str
    triggers: tuple[Span, ...]
    arguments: tuple[Argument, ...] = ()
    date: str | None = None
    country: str | None = None
    place: str | None = None
    killed: int | None = None
    injured: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its gold annotation; built by ``from_dict`` (which checks it)."""

    id: str
    text: str
    date: str | None
    title: str | None
    source: str | None
    license: str | None
    corpus: str | None
    sentences: tuple[Span, ...]
    mentions: tuple[Mention, ...]
    entities: tuple[Entity, ...]
    events: tuple[Event, ...]

    def slice(self, span: Span | Mention) -> str:
        return self.text[span.start : span.end]

    def entity_of(self) -> dict[int, int]:
        """Mention index -> entity index; a mention under two entities belongs to the first."""
        owner: dict[int, int] = {}
        for index, entity in enumerate(self.entities):
            for mention in entity.mentions:
                owner.setdefault(mention, index)
        return owner

    def to_dict(self) -> dict[str, Any]:
        """The gold JSON object of the annotation scheme (inverse of ``from_dict``)."""
        return {
            "id": self.id,
            "source": self.source,
            "license": self.license,
            "date": self.date,
            "title": self.title,
            "text": self.text,
            "sentences": [[s.start, s.end] for s in self.sentences],
            "mentions": [
                {"id": i, "start": m.start, "end": m.end, "kind": m.kind}
                for i, m in enumerate(self.mentions)
            ],
            "entities": [{"name": e.name, "mentions": list(e.mentions)} for e in self.entities],
            "events": [
                {
                    "id": e.id,
                    "type": e.type,
                    "status": e.status,
                    "triggers": [{"start": t.start, "end": t.end} for t in e.triggers],
                    "arguments": [{"role": a.role, "mention": a.mention} for a in e.arguments],
                    "date": e.date,
                    "country": e.country,
                    "place": e.place,
                    "killed": e.killed,
                    "injured": e.injured,
                }
                for e in self.events
            ],
            "corpus": self.corpus,
        }


def from_dict(
    raw: object, ontology: Ontology, *, file: str | None = None, line: int | None = None
) -> Document:
    """Check one gold JSON object and build its Document.

    Raises DataError, naming file, line and field, for anything the scheme does not allow:
    unknown labels (the known ones are listed), spans outside the text, overlapping mentions or
    triggers, dangling references, malformed dates.
    """
    return _Checker(ontology, file, line).document(raw)


class _Checker:
    """Turns JSON values into checked types; knows where it stands, so errors can say so."""

    def __init__(self, ontology: Ontology, file: str | None, line: int | None) -> None:
        self.ontology, self.file, self.line = ontology, file, line

    def fail(self, field: str, message: str) -> DataError:
        return DataError(message, file=self.file, line=self.line, field=field)

    def get(self, raw: Any, field: str, key: str, kind: type | tuple[type, ...]) -> Any:
        if not isinstance(raw, dict):
            raise self.fail(field or "document", f"expected an object, got {type(raw).__name__}")
        name = f"{field}.{key}" if field else key
        if key not in raw:
            raise self.fail(name, "missing")
        value = raw[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            wanted = " or ".join("null" if k is type(None) else k.__name__ for k in kinds)
            raise self.fail(name, f"expected {wanted}, got {type(value).__name__} {value!r:.60}")
        return value

    def optional(self, raw: Any, field: str, key: str, kind: type) -> Any:
        return self.get(raw, field, key, (kind, type(None))) if key in raw else None

    def label(self, field: str, value: str, known: Any) -> str:
        if value not in known:
            raise self.fail(field, f"unknown label {value!r}; known: {', '.join(known)}")
        return value

    def span(self, raw: Any, field: str, n_chars: int) -> Span:
        start, end = self.get(raw, field, "start", int), self.get(raw, field, "end", int)
        if not 0 <= start < end <= n_chars:
            raise self.fail(field, f"span [{start}, {end}) is empty or outside text of {n_chars}")
        return Span(start, end)

    def no_overlap(self, field: str, spans: list[Span]) -> None:
        ordered = sorted(spans, key=lambda s: s.start)
        for left, right in itertools.pairwise(ordered):
            if left.overlaps(right):
                raise self.fail(
                    field,
                    f"spans [{left.start}, {left.end}) and [{right.start}, {right.end}) overlap",
                )

    def document(self, raw: Any) -> Document:
        text = self.get(raw, "", "text", str)
        date = self.optional(raw, "", "date", str)
        if date is not None and not _DAY.match(date):
            raise self.fail("date", f"expected YYYY-MM-DD, got {date!r}")
        mentions = tuple(
            self.mention(m, f"mentions[{i}]", i, len(text))
            for i, m in enumerate(self.get(raw, "", "mentions", list))
        )
        self.no_overlap("mentions", [m.span for m in mentions])
        events = tuple(
            self.event(e, f"events[{i}]", len(text), len(mentions))
            for i, e in enumerate(self.get(raw, "", "events", list))
        )
        self.no_overlap("events.triggers", [t for e in events for t in e.triggers])
        return Document(
            id=self.get(raw, "", "id", str),
            text=text,
            date=date,
            title=self.optional(raw, "", "title", str),
            source=self.optional(raw, "", "source", str),
            license=self.optional(raw, "", "license", str),
            corpus=self.optional(raw, "", "corpus", str),
            sentences=self.sentences(raw, len(text)),
            mentions=mentions,
            entities=tuple(
                self.entity(e, f"entities[{i}]", len(mentions))
                for i, e in enumerate(self.get(raw, "", "entities", list))
            ),
            events=events,
        )

    def sentences(self, raw: Any, n_chars: int) -> tuple[Span, ...]:
        spans = []
        for i, pair in enumerate(self.optional(raw, "", "sentences", list) or ()):
            field = f"sentences[{i}]"
            if not isinstance(pair, list) or len(pair) != 2:
                raise self.fail(field, f"expected [start, end], got {pair!r:.60}")
            spans.append(self.span({"start": pair[0], "end": pair[1]}, field, n_chars))
        self.no_overlap("sentences", spans)
        return tuple(spans)

    def mention(self, raw: Any, field: str, index: int, n_chars: int) -> Mention:
        span = self.span(raw, field, n_chars)
        if self.get(raw, field, "id", int) != index:
            raise self.fail(f"{field}.id", f"expected {index} (ids are list positions)")
        kind = self.label(f"{field}.kind", self.get(raw, field, "kind", str), self.ontology.kinds)
        return Mention(span.start, span.end, kind)

    def reference(self, value: Any, field: str, n_mentions: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < n_mentions:
            raise self.fail(field, f"no mention {value!r}; there are {n_mentions}")
        return value

    def entity(self, raw: Any, field: str, n_mentions: int) -> Entity:
        members = tuple(
            self.reference(m, f"{field}.mentions", n_mentions)
            for m in self.get(raw, field, "mentions", list)
        )
        return Entity(self.get(raw, field, "name", str), members)

    def event(self, raw: Any, field: str, n_chars: int, n_mentions: int) -> Event:
        triggers = tuple(
            self.span(t, f"{field}.triggers[{i}]", n_chars)
            for i, t in enumerate(self.get(raw, field, "triggers", list))
        )
        if not triggers:
            raise self.fail(f"{field}.triggers", "an event needs at least one trigger")
        date = self.optional(raw, field, "date", str)
        if date is not None and not _EVENT_DATE.match(date):
            raise self.fail(f"{field}.date", f"expected a day, month, year or range, got {date!r}")
        country = self.optional(raw, field, "country", str)
        if country is not None and not _COUNTRY.match(country):
            raise self.fail(f"{field}.country", f"expected ISO 3166-1 alpha-2, got {country!r}")
        return Event(
            id=self.get(raw, field, "id", str),
            type=self.label(
                f"{field}.type", self.get(raw, field, "type", str), self.ontology.event_types
            ),
            status=self.label(
                f"{field}.status", self.get(raw, field, "status", str), self.ontology.statuses
            ),
            triggers=triggers,
            arguments=tuple(
                self.argument(a, f"{field}.arguments[{i}]", n_mentions)
                for i, a in enumerate(self.get(raw, field, "arguments", list))
            ),
            date=date,
            country=country,
            place=self.optional(raw, field, "place", str),
            killed=self.optional(raw, field, "killed", int),
            injured=self.optional(raw, field, "injured", int),
        )

    def argument(self, raw: Any, field: str, n_mentions: int) -> Argument:
        role = self.label(f"{field}.role", self.get(raw, field, "role", str), self.ontology.roles)
        return Argument(role, self.reference(raw.get("mention"), f"{field}.mention", n_mentions))
