"""An event as one flat row: the columns of ``events_frame``, CSV, Parquet and GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from .cells import Value, storable
from .view import joined

if TYPE_CHECKING:
    from ..report import Codes, DateValue, Location, Toll
    from .view import EventView

__all__ = ["COLUMNS", "Column", "event_row"]


class Column(NamedTuple):
    """``type`` is string, Int64 or Float64, as pandas calls them; all may be missing."""

    name: str
    type: Literal["string", "Int64", "Float64"]
    meaning: str


def _columns() -> tuple[Column, ...]:
    text: Literal["string"] = "string"
    whole: Literal["Int64"] = "Int64"
    real: Literal["Float64"] = "Float64"
    return (
        Column("event_id", text, "id of the event; unique if ids of documents are"),
        Column("doc_id", text, "id of the document"),
        Column("title", text, "of the document"),
        Column("publisher", text, "of the document"),
        Column("published", text, "publication date, YYYY-MM-DD"),
        Column("type", text, "what happened"),
        Column("category", text, "group of types"),
        Column("status", text, "happened, planned, denied or possible"),
        Column("score", real, "calibrated probability that the event is right, 0 to 1"),
        Column("actors", text, "names of those who act"),
        Column("targets", text, "names of those or that which it is done to"),
        Column("killed", text, "who was killed"),
        Column("injured", text, "who was injured"),
        Column("killed_low", whole, "lower bound of deaths"),
        Column("killed_high", whole, "upper bound of deaths; missing where none is stated"),
        Column("injured_low", whole, "lower bound of people hurt"),
        Column("injured_high", whole, "upper bound of people hurt; missing where none is stated"),
        Column("weapons", text, "what it was done with"),
        Column("sources", text, "who reports it"),
        Column("date_start", text, "first day, YYYY-MM-DD"),
        Column("date_end", text, "last day, YYYY-MM-DD"),
        Column("date_precision", text, "day, week, month, year or range"),
        Column("date_basis", text, "stated, inherited or news_day"),
        Column("date_text", text, "the words the date came from"),
        Column("country", text, "ISO 3166-1 alpha-2"),
        Column("location", text, "name of the place"),
        Column("admin1", text, "first-level division"),
        Column("lat", real, "latitude in degrees, WGS 84"),
        Column("lon", real, "longitude in degrees, WGS 84"),
        Column("geonames_id", whole, "id of the place in GeoNames"),
        Column("location_precision", text, "point, area, region or country"),
        Column("location_text", text, "the words the place came from"),
        Column("origin", text, "where a movement starts"),
        Column("destination", text, "where a movement ends"),
        Column("acled_event_type", text, "ACLED-style event type"),
        Column("acled_sub_event_type", text, "ACLED-style sub-event type"),
        Column("plover_event", text, "PLOVER event type"),
        Column("plover_mode", text, "PLOVER mode"),
        Column("cameo", text, "CAMEO root code, two digits"),
        Column("ucdp", whole, "UCDP type of violence: 1 state-based, 2 non-state, 3 one-sided"),
        Column("trigger", text, "the words that name the event, where it is told first"),
        Column("trigger_start", whole, "first code point of ``trigger`` in the text"),
        Column("trigger_end", whole, "one past its last code point"),
        Column("spans", text, "all triggers and arguments as role:start-end"),
        Column("sentence", text, "the sentences that hold the triggers"),
        Column("model_version", text, "of the model that read the document"),
    )


COLUMNS: tuple[Column, ...] = _columns()
"""In order. A cell with several names joins them with "; "."""


def event_row(view: EventView) -> dict[str, Value]:
    """Column name -> value, in the order of ``COLUMNS``; None is unknown.

    Text is valid Unicode without NUL. A number beyond 64 bits is left out.
    """
    report, event = view.report, view.event
    trigger = view.trigger
    row: dict[str, Value] = {
        "event_id": view.id,
        "doc_id": report.doc_id,
        "title": report.title,
        "publisher": report.publisher,
        "published": report.date,
        "type": event.type,
        "category": event.category,
        "status": event.status,
        "score": event.score,
        "actors": joined(view.names("actor")),
        "targets": joined(view.names("target")),
        "killed": joined(view.names("killed")),
        "injured": joined(view.names("injured")),
        **_toll("killed", event.killed),
        **_toll("injured", event.injured),
        "weapons": joined(view.names("weapon")),
        "sources": joined(event.sources),
        **_when(event.date),
        **_where(event.location),
        "origin": joined(view.names("origin")),
        "destination": joined(view.names("destination")),
        **_codes(event.codes),
        "trigger": trigger.text,
        "trigger_start": trigger.start,
        "trigger_end": trigger.end,
        "spans": view.spans,
        "sentence": view.sentence,
        "model_version": report.model_version,
    }
    return {column.name: storable(row.get(column.name)) for column in COLUMNS}


def _toll(name: str, toll: Toll | None) -> dict[str, Value]:
    return {} if toll is None else {f"{name}_low": toll.low, f"{name}_high": toll.high}


def _when(when: DateValue | None) -> dict[str, Value]:
    if when is None:
        return {}
    return {
        "date_start": when.start,
        "date_end": when.end,
        "date_precision": when.precision,
        "date_basis": when.basis,
        "date_text": when.text,
    }


def _where(where: Location | None) -> dict[str, Value]:
    if where is None:
        return {}
    return {
        "country": where.country,
        "location": where.name,
        "admin1": where.admin1,
        "lat": where.lat,
        "lon": where.lon,
        "geonames_id": where.geonames_id,
        "location_precision": where.precision,
        "location_text": where.text,
    }


def _codes(codes: Codes) -> dict[str, Value]:
    row: dict[str, Value] = {"cameo": codes.cameo, "ucdp": codes.ucdp}
    if codes.acled is not None:
        row["acled_event_type"] = codes.acled.event_type
        row["acled_sub_event_type"] = codes.acled.sub_event_type
    if codes.plover is not None:
        row["plover_event"] = codes.plover.event
        row["plover_mode"] = codes.plover.mode
    return row
