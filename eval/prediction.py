"""The door for predictions: a Report in its JSON form -> one checked internal type.

Only what is scored is kept, so predictions of other programs in this JSON form can be scored too.
Labels are not checked against the ontology: an unknown one is a wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..document import Span
from ..errors import DataError
from .dates import DayRange


@dataclass(frozen=True, slots=True)
class PredictedMention:
    """``entity`` is an index into ``Prediction.entities``."""

    span: Span
    kind: str
    entity: int | None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class PredictedArgument:
    role: str
    span: Span
    entity: int | None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class PredictedEvent:
    """``date`` is inclusive; ``killed`` and ``injured`` are the lower bounds.

    ``trigger_scores`` goes with ``triggers``.
    """

    type: str
    status: str
    score: float | None
    triggers: tuple[Span, ...]
    arguments: tuple[PredictedArgument, ...]
    date: DayRange | None
    country: str | None
    killed: int | None
    injured: int | None
    trigger_scores: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """The scored part of one Report; ``entities`` holds the predicted names."""

    text: str
    error: str | None
    model_version: str | None
    mentions: tuple[PredictedMention, ...]
    entities: tuple[str, ...]
    events: tuple[PredictedEvent, ...]


def read_prediction(report: Mapping[str, Any], document_id: str) -> Prediction:
    """Check one Report dict and keep what is scored.

    Lists that are absent are an error, optional values may be absent or None. Raises DataError,
    naming the document and the field, for spans outside the text or of another text than they
    say (offsets are code points), dangling references, dates that are no ISO days, scores
    outside 0..1 and values of another type.
    """
    return _Reader(document_id).prediction(report)


class _Reader:
    def __init__(self, document_id: str) -> None:
        self.document_id = document_id
        self.text = ""

    def fail(self, field: str, message: str) -> DataError:
        return DataError(f"{message} (prediction for {self.document_id!r})", field=field)

    def get(self, raw: Any, field: str, key: str, kind: type | tuple[type, ...]) -> Any:
        if not isinstance(raw, Mapping):
            raise self.fail(field, f"expected an object, got {type(raw).__name__}")
        name = f"{field}.{key}" if field else key
        if key not in raw:
            raise self.fail(name, "missing")
        return self.checked(raw[key], name, kind)

    def optional(self, raw: Any, field: str, key: str, kind: type | tuple[type, ...]) -> Any:
        if not isinstance(raw, Mapping) or raw.get(key) is None:
            return None
        return self.checked(raw[key], f"{field}.{key}" if field else key, kind)

    def checked(self, value: Any, name: str, kind: type | tuple[type, ...]) -> Any:
        if not isinstance(value, kind) or isinstance(value, bool):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            wanted = " or ".join(k.__name__ for k in kinds)
            raise self.fail(name, f"expected {wanted}, got {type(value).__name__} {value!r:.60}")
        return value

    def span(self, raw: Any, field: str) -> Span:
        start, end = self.get(raw, field, "start", int), self.get(raw, field, "end", int)
        if not 0 <= start < end <= len(self.text):
            raise self.fail(field, f"span [{start}, {end}) is empty or outside the text")
        said, found = self.optional(raw, field, "text", str), self.text[start:end]
        if said is not None and said != found:
            raise self.fail(
                field, f"text[{start}:{end}] is {found!r:.60}, not {said!r:.60}; count code points"
            )
        return Span(start, end)

    def index(self, raw: Any, field: str, key: str, n_items: int) -> int | None:
        value: int | None = self.optional(raw, field, key, int)
        if value is not None and not 0 <= value < n_items:
            raise self.fail(f"{field}.{key}", f"no item {value}; there are {n_items}")
        return value

    def prediction(self, raw: Any) -> Prediction:
        self.text = self.get(raw, "", "text", str)
        mentions = self.get(raw, "", "mentions", list)
        entities = self.get(raw, "", "entities", list)
        owner = self.owners(entities, len(mentions))
        return Prediction(
            text=self.text,
            error=self.optional(raw, "", "error", str),
            model_version=self.optional(raw, "", "model_version", str),
            mentions=tuple(
                PredictedMention(
                    self.span(m, f"mentions[{i}]"),
                    self.get(m, f"mentions[{i}]", "kind", str),
                    owner.get(i, self.index(m, f"mentions[{i}]", "entity", len(entities))),
                    self.score(m, f"mentions[{i}]"),
                )
                for i, m in enumerate(mentions)
            ),
            entities=tuple(
                self.get(e, f"entities[{i}]", "name", str) for i, e in enumerate(entities)
            ),
            events=tuple(
                self.event(e, f"events[{i}]", owner, len(mentions), len(entities))
                for i, e in enumerate(self.get(raw, "", "events", list))
            ),
        )

    def owners(self, entities: list[Any], n_mentions: int) -> dict[int, int]:
        """Mention -> entity; a mention under two entities belongs to the first, as in gold."""
        owner: dict[int, int] = {}
        for i, entity in enumerate(entities):
            field = f"entities[{i}].mentions"
            for value in self.get(entity, f"entities[{i}]", "mentions", list):
                mention = self.checked(value, field, int)
                if not 0 <= mention < n_mentions:
                    raise self.fail(field, f"no item {mention}; there are {n_mentions}")
                owner.setdefault(mention, i)
        return owner

    def event(
        self, raw: Any, field: str, owner: dict[int, int], n_mentions: int, n_entities: int
    ) -> PredictedEvent:
        location = self.optional(raw, field, "location", Mapping)
        triggers = self.get(raw, field, "triggers", list)
        return PredictedEvent(
            type=self.get(raw, field, "type", str),
            status=self.get(raw, field, "status", str),
            score=self.score(raw, field),
            triggers=tuple(self.span(t, f"{field}.triggers[{i}]") for i, t in enumerate(triggers)),
            trigger_scores=tuple(
                self.score(t, f"{field}.triggers[{i}]") for i, t in enumerate(triggers)
            ),
            arguments=tuple(
                self.argument(a, f"{field}.arguments[{i}]", owner, n_mentions, n_entities)
                for i, a in enumerate(self.get(raw, field, "arguments", list))
            ),
            date=self.date(self.optional(raw, field, "date", Mapping), f"{field}.date"),
            country=self.optional(location, f"{field}.location", "country", str),
            killed=self.low(raw, field, "killed"),
            injured=self.low(raw, field, "injured"),
        )

    def argument(
        self, raw: Any, field: str, owner: dict[int, int], n_mentions: int, n_entities: int
    ) -> PredictedArgument:
        mention = self.index(raw, field, "mention", n_mentions)
        entity = self.index(raw, field, "entity", n_entities)
        if mention is not None:
            entity = owner.get(mention, entity)
        return PredictedArgument(
            self.get(raw, field, "role", str),
            self.span(raw, field),
            entity,
            self.score(raw, field),
        )

    def date(self, raw: Any, field: str) -> DayRange | None:
        if raw is None:
            return None
        days = []
        for key in ("start", "end"):
            value = self.get(raw, field, key, str)
            try:
                days.append(date.fromisoformat(value))
            except ValueError:
                raise self.fail(f"{field}.{key}", f"expected YYYY-MM-DD, got {value!r}") from None
        return days[0], days[1]

    def score(self, raw: Any, field: str) -> float | None:
        value = self.optional(raw, field, "score", (int, float))
        if value is None:
            return None
        if not 0 <= value <= 1:  # false for NaN too
            raise self.fail(f"{field}.score", f"expected a number from 0 to 1, got {value!r}")
        return float(value)

    def low(self, raw: Any, field: str, key: str) -> int | None:
        counts = self.optional(raw, field, key, Mapping)
        low: int | None = self.optional(counts, f"{field}.{key}", "low", int)
        return low
