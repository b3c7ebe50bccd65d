"""The public ``Incident``: one real-world event as several reports tell it, and its JSON.

``model/incident.schema.json`` is its JSON schema. References are 0-based indices into the sequence
of Reports that was merged, and into the events of a Report. ``None`` means not known.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..errors import DataError
from ..report import DateValue, Index, IsoDay, Location, Score, Toll

__all__ = [
    "INCIDENT_SCHEMA_VERSION",
    "EventRef",
    "Incident",
    "Party",
    "ReportedToll",
    "TollRange",
    "write_incident_schema",
]

INCIDENT_SCHEMA_VERSION = "1.0"
"""Of the Incident: the first number changes when readers must change, the second with additions."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class EventRef(_Model):
    """An event of a Report that tells the incident."""

    report: Index = Field(description="index into the merged Reports")
    doc_id: str | None = None
    event: Index = Field(description="index into Report.events")
    id: str = Field(description="Event.id")
    link: Score | None = Field(
        default=None,
        description="how surely it is the incident of the other events here; None if alone",
    )


class Party(_Model):
    """A named actor or target."""

    name: str = Field(description="canonical English name")
    kind: str
    country: str | None = None
    n_reports: Index = Field(description="reports that name it in this part")


class TollRange(_Model):
    """Least and greatest number over all reports; ``high`` None: some report gives no bound."""

    low: Index
    high: Index | None = None


class ReportedToll(_Model):
    """What one report says of the dead and injured, and on whose word."""

    report: Index = Field(description="index into the merged Reports")
    doc_id: str | None = None
    publisher: str | None = None
    date: IsoDay | None = Field(default=None, description="publication date")
    sources: tuple[str, ...] = Field(default=(), description="whom the report names")
    killed: Toll | None = None
    injured: Toll | None = None


class Incident(_Model):
    """Events of different reports, at most one of each, taken to be one real-world event.

    The events of an incident share one status. A denied telling never counts as the event: it is
    an incident of its own, which ``disputed_by`` of the claimed one names.
    """

    model_config = ConfigDict(json_schema_extra={"version": INCIDENT_SCHEMA_VERSION})

    schema_version: str = INCIDENT_SCHEMA_VERSION
    id: str = Field(description="made of the event ids; the same events give the same id")
    type: str = Field(description="the type that most reports give it")
    status: str
    score: Score = Field(description="of the best told event: that it is an event as told")
    link: Score | None = Field(
        default=None, description="mean of the events' links; None if one report tells it"
    )
    date: DateValue | None = Field(default=None, description="the days that most reports give")
    location: Location | None = Field(default=None, description="the place that most reports give")
    actors: tuple[Party, ...] = ()
    targets: tuple[Party, ...] = ()
    killed: TollRange | None = None
    injured: TollRange | None = None
    tolls: tuple[ReportedToll, ...] = Field(default=(), description="in order of publication")
    sources: tuple[str, ...] = Field(default=(), description="whom the reports name, all")
    publishers: tuple[str, ...] = ()
    events: tuple[EventRef, ...] = Field(min_length=1, description="in order of publication")
    n_reports: Index
    n_texts: Index = Field(
        description="reports that are no near copy of another: copies corroborate nothing"
    )
    first_published: IsoDay | None = None
    last_published: IsoDay | None = None
    disputed_by: tuple[str, ...] = Field(
        default=(), description="ids of incidents in which reports deny that this one happened"
    )

    @model_validator(mode="after")
    def _counted(self) -> Incident:
        reports = {ref.report for ref in self.events}
        if not len(reports) == len(self.events) == self.n_reports:
            raise ValueError("an incident has one event of each of its n_reports reports")
        if not 1 <= self.n_texts <= self.n_reports:
            raise ValueError(f"n_texts {self.n_texts} of {self.n_reports} reports")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings, numbers; equals ``json.loads(self.to_json())``."""
        return self.model_dump(mode="json")

    def to_json(self, *, indent: int | None = None) -> str:
        """JSON in ASCII, on one line unless ``indent`` is given."""
        return json.dumps(self.to_dict(), allow_nan=False, indent=indent)

    @classmethod
    def from_dict(cls, raw: object) -> Incident:
        """Inverse of ``to_dict``. Raises DataError naming the field."""
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "incident"
            raise DataError(first["msg"], field=field) from None


def write_incident_schema(path: str | Path) -> None:
    """Write the JSON schema of ``Incident`` (the shipped ``incident.schema.json``)."""
    schema = json.dumps(Incident.model_json_schema(), indent=2, ensure_ascii=False)
    Path(path).write_text(schema + "\n", encoding="utf-8", newline="\n")
