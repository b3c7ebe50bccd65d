"""PLOVER records as JSON lines: one object an event that happened.

The layout follows PLOVER's record (actor and recipient are lists of entities); ``README.md`` lists
the fields. Unknown values are null, and so is ``context``'s content: an empty list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..resolve.countries import alpha3_of
from ..resolve.counts import Victim, toll
from .base import Writer
from .cells import storable
from .parties import Filler, parties_of
from .view import views

if TYPE_CHECKING:
    from ..report import Location, Plover, Report
    from .view import EventView

__all__ = ["PloverWriter"]

_ARREST = "arrest"


class PloverWriter(Writer):
    """Events that happened and have a PLOVER type, one a line."""

    def write(self, report: Report) -> None:
        for view in views(report, self.ontology):
            code = view.event.codes.plover
            if view.happened and code is not None:
                record = _clean(_record(view, code))
                self.out.write(json.dumps(record, allow_nan=False) + "\n")
        self.out.flush()


def _record(view: EventView, code: Plover) -> dict[str, Any]:
    event, report = view.event, view.report
    actors, recipients = parties_of(view)
    return {
        "id": view.id,
        "date": event.date.start if event.date is not None else None,
        "enddate": event.date.end if event.date is not None else None,
        "actor": _entities(actors),
        "recipient": _entities(recipients),
        "event": code.event,
        "mode": code.mode,
        "context": [],
        "event_loc": _place(event.location),
        "event_text": view.trigger.text,
        "text": view.sentence,
        "text_info": {
            "spans": view.spans,
            "status": event.status,
            "score": event.score,
            "type": event.type,
        },
        "cite_info": {
            "doc_id": report.doc_id,
            "publisher": report.publisher,
            "title": report.title,
            "date": report.date,
            "sources": list(event.sources),
        },
        "size": {
            "dead": event.killed.low if event.killed is not None else None,
            "injured": event.injured.low if event.injured is not None else None,
            "arrested": _arrested(view) if code.mode == _ARREST else None,
        },
    }


def _entities(side: Iterable[Filler]) -> list[dict[str, str | None]]:
    return [
        {
            "code": filler.code.country if filler.code is not None else None,
            "sector": filler.code.sector if filler.code is not None else None,
            "entity_text": filler.name,
            "identifier_id": filler.link.id if filler.link is not None else None,
        }
        for filler in side
    ]


def _place(where: Location | None) -> dict[str, Any] | None:
    if where is None:
        return None
    return {
        "name": where.name,
        "country": alpha3_of(where.country) if where.country else None,
        "admin1": where.admin1,
        "lat": where.lat,
        "lon": where.lon,
        "geonames_id": where.geonames_id,
    }


def _arrested(view: EventView) -> int | None:
    """Lower bound of the people held, added up as victims are: no group counts twice."""
    text = view.report.text
    held = sorted(view.fillers("target"), key=lambda a: a.start)
    found = toll([Victim(a.text, a.kind, text[max(0, a.start - 60) : a.start]) for a in held])
    return found.low if found is not None else None


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else storable(value)
