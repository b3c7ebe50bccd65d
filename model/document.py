"""The one internal document type, shared by training, the model's heads and the scorer.

All offsets are half-open code-point ranges into ``Document.text``. References are 0-based indices
into the document's own lists. A ``Document`` is checked once, by ``from_dict``; code behind that
door relies on it.
"""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from .errors import DataError
from .files import iso_day

if TYPE_CHECKING:
    from .ontology import Ontology

_COUNTRY = re.compile(r"[A-Z]{2}")


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
    unknown labels (the known ones are listed) and keys, spans outside the text, overlapping
    mentions or triggers, dangling references, ids given twice, dates that are not in the
    calendar, negative counts.
    """
    return _Checker(ontology, file, line).document(raw)


def is_event_date(value: str) -> bool:
    """Whether ``value`` is a calendar day, month or year, or a range ``first/last`` of them."""
    parts = value.split("/")
    known = [days for days in map(_first_and_last, parts) if days is not None]
    return len(known) == len(parts) <= 2 and known[0][0] <= known[-1][1]


def _first_and_last(part: str) -> tuple[str, str] | None:
    """``2018-05`` -> its first and last day as ISO days; None if it names no time."""
    first = {4: f"{part}-01-01", 7: f"{part}-01"}.get(len(part), part)
    day = iso_day(first)
    if day is None:
        return None
    month = 12 if len(part) == 4 else day.month
    end = day.replace(month=month, day=calendar.monthrange(day.year, month)[1])
    return first, first if len(part) == 10 else end.isoformat()


_DOCUMENT_KEYS = (
    "id", "source", "license", "date", "header_date", "title", "text", "sentences", "mentions",
    "entities", "events", "corpus",
)  # fmt: skip


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
        kinds = kind if isinstance(kind, tuple) else (kind,)
        # True is an int to Python, but no number in JSON.
        if not isinstance(value, kinds) or isinstance(value, bool):
            wanted = " or ".join("null" if k is type(None) else k.__name__ for k in kinds)
            raise self.fail(name, f"expected {wanted}, got {type(value).__name__} {value!r:.60}")
        return value

    def keys(self, raw: Any, field: str, known: Iterable[str]) -> None:
        """Refuse a key that is not known: it would be lost, or is a known one misspelt."""
        if not isinstance(raw, dict):
            return  # ``get`` says what is wrong
        for key in raw:
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise self.fail(
                    f"{field}.{key}" if field else key,
                    f"unknown key; {hint}accepted: {', '.join(known)}",
                )

    def count(self, raw: Any, field: str, key: str) -> int | None:
        value: int | None = self.optional(raw, field, key, int)
        if value is not None and value < 0:
            raise self.fail(f"{field}.{key}", f"expected a number from 0, got {value}")
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
        self.keys(raw, "", _DOCUMENT_KEYS)
        # The date that another source gives, kept beside the one in force; not used.
        self.day(raw, "header_date")
        mentions = tuple(
            self.mention(m, f"mentions[{i}]", i, len(text))
            for i, m in enumerate(self.get(raw, "", "mentions", list))
        )
        self.no_overlap("mentions", [m.span for m in mentions])
        events = tuple(
            self.event(e, f"events[{i}]", len(text), len(mentions))
            for i, e in enumerate(self.get(raw, "", "events", list))
        )
        seen: set[str] = set()
        for i, event in enumerate(events):
            if event.id in seen:
                raise self.fail(f"events[{i}].id", f"{event.id!r} is the id of another event too")
            seen.add(event.id)
        self.no_overlap("events.triggers", [t for e in events for t in e.triggers])
        return Document(
            id=self.get(raw, "", "id", str),
            text=text,
            date=self.day(raw, "date"),
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

    def day(self, raw: Any, key: str) -> str | None:
        value: str | None = self.optional(raw, "", key, str)
        if value is not None and iso_day(value) is None:
            raise self.fail(key, f"expected YYYY-MM-DD, a day of the calendar, got {value!r}")
        return value

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
        self.keys(raw, field, ("id", *_names(Mention)))
        if self.get(raw, field, "id", int) != index:
            raise self.fail(f"{field}.id", f"expected {index} (ids are list positions)")
        kind = self.label(f"{field}.kind", self.get(raw, field, "kind", str), self.ontology.kinds)
        return Mention(span.start, span.end, kind)

    def reference(self, value: Any, field: str, n_mentions: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < n_mentions:
            raise self.fail(field, f"no mention {value!r}; there are {n_mentions}")
        return value

    def entity(self, raw: Any, field: str, n_mentions: int) -> Entity:
        self.keys(raw, field, _names(Entity))
        members = tuple(
            self.reference(m, f"{field}.mentions", n_mentions)
            for m in self.get(raw, field, "mentions", list)
        )
        return Entity(self.get(raw, field, "name", str), members)

    def event(self, raw: Any, field: str, n_chars: int, n_mentions: int) -> Event:
        self.keys(raw, field, _names(Event))
        triggers = tuple(
            self.trigger(t, f"{field}.triggers[{i}]", n_chars)
            for i, t in enumerate(self.get(raw, field, "triggers", list))
        )
        if not triggers:
            raise self.fail(f"{field}.triggers", "an event needs at least one trigger")
        date = self.optional(raw, field, "date", str)
        if date is not None and not is_event_date(date):
            raise self.fail(
                f"{field}.date",
                f"expected a day, month, year or range, got {date!r} (in the calendar, as "
                "2018-05-21, 2018-05, 2018 or FIRST/LAST)",
            )
        country = self.optional(raw, field, "country", str)
        if country is not None and not _COUNTRY.fullmatch(country):
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
            killed=self.count(raw, field, "killed"),
            injured=self.count(raw, field, "injured"),
        )

    def trigger(self, raw: Any, field: str, n_chars: int) -> Span:
        self.keys(raw, field, _names(Span))
        return self.span(raw, field, n_chars)

    def argument(self, raw: Any, field: str, n_mentions: int) -> Argument:
        self.keys(raw, field, _names(Argument))
        role = self.label(f"{field}.role", self.get(raw, field, "role", str), self.ontology.roles)
        return Argument(role, self.reference(raw.get("mention"), f"{field}.mention", n_mentions))


def _names(cls: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls))
