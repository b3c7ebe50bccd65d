"""The public result: an immutable ``Report`` for one document, and its JSON.

Every span is a half-open code-point range into ``Report.text`` and slices to its own ``text``;
every reference is a 0-based index into the Report's lists. A Report that breaks this cannot be
built. Sequences are tuples here (so that a Report is immutable and hashable) and lists in JSON.
``None`` means not stated or not resolvable.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from .errors import DataError
from .files import iso_day

__all__ = [
    "SCHEMA_VERSION",
    "Acled",
    "ActorCodes",
    "Argument",
    "Codes",
    "Count",
    "DateValue",
    "Entity",
    "Event",
    "GroupToll",
    "Link",
    "Location",
    "Mention",
    "Plover",
    "PloverActor",
    "Report",
    "Toll",
    "Trigger",
    "write_schema",
]

SCHEMA_VERSION = "1.1"
"""Of the Report: the first number changes when a reader must change, the second with additions."""


def _iso_day(value: str) -> str:
    if iso_day(value) is None:
        raise ValueError(f"expected a calendar day YYYY-MM-DD, got {value!r}")
    return value


IsoDay = Annotated[
    str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="YYYY-MM-DD"), AfterValidator(_iso_day)
]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Index = Annotated[int, Field(ge=0, strict=True)]
Score = Annotated[
    float, Field(ge=0, le=1, description="probability of being right; calibrated for events")
]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=()
    )


class _Span(_Model):
    start: Index = Field(description="first code point in Report.text")
    end: Index = Field(description="one past the last code point")
    text: str = Field(description="Report.text[start:end]")


class _Range(_Model):
    low: Index
    high: Index | None = Field(default=None, description="None: no upper bound is stated")

    @model_validator(mode="after")
    def _ordered(self) -> _Range:
        if self.high is not None and self.high < self.low:
            raise ValueError(f"high {self.high} is below low {self.low}")
        return self


class Mention(_Span):
    """A phrase of one kind."""

    id: Index = Field(description="its index in Report.mentions")
    kind: str
    score: Score
    entity: Index | None = Field(default=None, description="index into Report.entities")


class Link(_Model):
    """An entry of an outside catalogue."""

    source: str
    id: str
    name: str


class PloverActor(_Model):
    """PLOVER's codes of an actor."""

    code: str | None = Field(
        default=None, description="ISO 3166-1 alpha-3, or IGO, NGO, IMG in its place"
    )
    sector: str | None = Field(default=None, description="three letters, such as MIL")


class ActorCodes(_Model):
    """Codes of an actor in other schemes."""

    cameo: str = Field(description="country and sector, such as SYRMIL")
    plover: PloverActor


class Entity(_Model):
    """A named actor or place, with all mentions that refer to it or act for it."""

    id: Index = Field(description="its index in Report.entities")
    name: str = Field(description="canonical English name")
    kind: str
    mentions: tuple[Index, ...] = Field(description="indices into Report.mentions")
    country: Country | None = None
    link: Link | None = None
    codes: ActorCodes | None = Field(default=None, description="None: no actor")


class Trigger(_Span):
    """Words that name the event; several are several tellings."""

    score: Score


class Count(_Range):
    """A number of people or things, as a phrase states it."""

    text: str


class Argument(_Span):
    """A mention in a role."""

    role: str
    kind: str
    mention: Index = Field(description="index into Report.mentions")
    entity: Index | None = Field(default=None, description="index into Report.entities")
    score: Score
    count: Count | None = None


class DateValue(_Model):
    """Days on which the event took place, both ends included."""

    start: IsoDay
    end: IsoDay
    precision: Literal["day", "week", "month", "year", "range"]
    basis: Literal["stated", "inherited", "news_day"]
    text: str | None = Field(default=None, description="the words it came from")
    start_char: Index | None = None
    end_char: Index | None = None

    @model_validator(mode="after")
    def _ordered(self) -> DateValue:
        if self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        if (self.start_char is None) != (self.end_char is None):
            raise ValueError("start_char and end_char go together")
        if self.start_char is not None and self.text is None:
            raise ValueError("start_char needs text")
        return self


class Location(_Model):
    """Where; present whenever the country is known, even if no place is named."""

    country: Country | None = None
    name: str | None = None
    admin1: str | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    geonames_id: Index | None = None
    precision: str | None = None
    text: str | None = Field(default=None, description="the words it came from")


class GroupToll(_Range):
    """Victims of one group."""

    group: str


class Toll(_Range):
    """People killed or injured, in all and by group."""

    by_group: tuple[GroupToll, ...] = ()


class Acled(_Model):
    """ACLED-style names."""

    event_type: str
    sub_event_type: str


class Plover(_Model):
    """PLOVER event type and mode."""

    event: str
    mode: str | None = None


class Codes(_Model):
    """Codes of other schemes; all None where the ontology has no crosswalk."""

    acled: Acled | None = None
    plover: Plover | None = None
    cameo: str | None = Field(default=None, description="root code, two digits")
    ucdp: Literal[1, 2, 3] | None = Field(
        default=None, description="1 state-based, 2 non-state, 3 one-sided"
    )


class Event(_Model):
    """One real-world event as the text tells it."""

    id: str
    type: str
    category: str
    status: str
    score: Score
    triggers: tuple[Trigger, ...] = Field(min_length=1)
    arguments: tuple[Argument, ...] = ()
    date: DateValue | None = None
    location: Location | None = None
    killed: Toll | None = None
    injured: Toll | None = None
    sources: tuple[str, ...] = Field(default=(), description="who reports it")
    codes: Codes = Codes()


class Report(_Model):
    """All that was read from one document; ``error`` says why, where it could not be read."""

    model_config = ConfigDict(json_schema_extra={"version": SCHEMA_VERSION})

    schema_version: str = SCHEMA_VERSION
    model_version: str
    error: str | None = None
    doc_id: str | None = None
    text: str = Field(description="the text as passed in")
    title: str | None = None
    publisher: str | None = None
    date: IsoDay | None = Field(default=None, description="publication date, YYYY-MM-DD")
    windows: Index = Field(description="overlapping pieces the text was read in")
    truncated: bool = Field(default=False, description="true only if a limit the caller set hit")
    warnings: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    entities: tuple[Entity, ...] = ()
    events: tuple[Event, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Report:
        problem = _inconsistency(self)
        if problem:
            raise ValueError(problem)
        return self

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings, numbers; equals ``json.loads(self.to_json())``."""
        return self.model_dump(mode="json")

    def to_json(self, *, indent: int | None = None) -> str:
        """JSON in ASCII (other characters escaped), so that any text, even one with lone
        surrogates, gives valid JSON in any encoding, and on one line unless ``indent`` is given."""
        # Not model_dump_json: it fails on lone surrogates.
        return json.dumps(self.to_dict(), allow_nan=False, indent=indent)

    @classmethod
    def from_dict(cls, raw: object) -> Report:
        """Inverse of ``to_dict``. Raises DataError naming the field."""
        version = raw.get("schema_version") if isinstance(raw, dict) else SCHEMA_VERSION
        if not isinstance(version, str) or version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            major = SCHEMA_VERSION.split(".")[0]
            raise DataError(
                f"{version!r} cannot be read; accepted: {major}.x", field="schema_version"
            )
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "report"
            raise DataError(first["msg"], field=field) from None

    @classmethod
    def from_json(cls, line: str | bytes) -> Report:
        """Inverse of ``to_json``. Raises DataError."""
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"not JSON: {error}") from None
        return cls.from_dict(raw)


def _inconsistency(report: Report) -> str | None:
    """The first span or reference that does not hold, in words; None if all do."""
    for name, span in _spans(report):
        if not span.start < span.end <= len(report.text):
            return f"{name}: span [{span.start}, {span.end}) is empty or outside the text"
        if report.text[span.start : span.end] != span.text:
            return f"{name}: text {span.text!r:.60} is not at [{span.start}, {span.end})"
    return _bad_list(report) or _bad_event(report)


def _spans(report: Report) -> list[tuple[str, _Span]]:
    found: list[tuple[str, _Span]] = [
        (f"mentions.{i}", mention) for i, mention in enumerate(report.mentions)
    ]
    for i, event in enumerate(report.events):
        found += [(f"events.{i}.triggers.{j}", t) for j, t in enumerate(event.triggers)]
        found += [(f"events.{i}.arguments.{j}", a) for j, a in enumerate(event.arguments)]
        when = event.date
        if when is not None and when.start_char is not None and when.end_char is not None:
            span = _Span(start=when.start_char, end=when.end_char, text=when.text or "")
            found.append((f"events.{i}.date", span))
    return found


def _bad_list(report: Report) -> str | None:
    for i, entity in enumerate(report.entities):
        if entity.id != i:
            return f"entities.{i}.id: expected {i}, got {entity.id}"
        for index in entity.mentions:
            if index >= len(report.mentions):
                return f"entities.{i}.mentions: no mention {index}"
    # A mention under two entities belongs to the first.
    owner = {m: e.id for e in reversed(report.entities) for m in e.mentions}
    for i, mention in enumerate(report.mentions):
        if mention.id != i:
            return f"mentions.{i}.id: expected {i}, got {mention.id}"
        if mention.entity != owner.get(i):
            return f"mentions.{i}.entity: {mention.entity}, but entities say {owner.get(i)}"
    return None


def _bad_event(report: Report) -> str | None:
    if len({event.id for event in report.events}) < len(report.events):
        return "events: two events have the same id"
    for i, event in enumerate(report.events):
        for j, argument in enumerate(event.arguments):
            name = f"events.{i}.arguments.{j}"
            if argument.mention >= len(report.mentions):
                return f"{name}.mention: no mention {argument.mention}"
            mention = report.mentions[argument.mention]
            for key in ("start", "end", "kind", "entity"):
                mine, its = getattr(argument, key), getattr(mention, key)
                if mine != its:
                    return f"{name}.{key}: {mine!r}, but its mention has {its!r}"
    return None


def write_schema(path: str | Path) -> None:
    """Write the JSON schema of ``Report`` (the shipped ``report.schema.json``)."""
    schema = json.dumps(Report.model_json_schema(), indent=2, ensure_ascii=False)
    Path(path).write_text(schema + "\n", encoding="utf-8", newline="\n")
