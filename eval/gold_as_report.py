"""A gold document in the JSON form of a Report: the prediction that is right everywhere.

It is the upper bound of every figure, and a check that the two forms say the same thing.
"""

from __future__ import annotations

from typing import Any

from ..document import Document, Event, Mention, Span
from .dates import day_range

MODEL_VERSION = "gold"


def gold_as_report(document: Document) -> dict[str, Any]:
    """Document -> the plain dict of a Report, with every score 1.0.

    What gold does not hold is None or empty (categories, codes, coordinates, dead by group). A
    mention under two entities stands under the first only. An event's location has no more than
    its country and the name of its place.
    """
    owner = document.entity_of()
    return {
        "schema_version": None,
        "model_version": MODEL_VERSION,
        "error": None,
        "doc_id": document.id,
        "text": document.text,
        "title": document.title,
        "publisher": document.source,
        "date": document.date,
        "windows": 1,
        "truncated": False,
        "warnings": [],
        "mentions": [
            {
                "id": index,
                **_span(document, mention),
                "kind": mention.kind,
                "score": 1.0,
                "entity": owner.get(index),
            }
            for index, mention in enumerate(document.mentions)
        ],
        "entities": [_entity(document, index, owner) for index in range(len(document.entities))],
        "events": [_event(document, event, owner) for event in document.events],
    }


def _span(document: Document, span: Span | Mention) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": document.slice(span)}


def _entity(document: Document, index: int, owner: dict[int, int]) -> dict[str, Any]:
    members = sorted(mention for mention, entity in owner.items() if entity == index)
    return {
        "id": index,
        "name": document.entities[index].name,
        "kind": document.mentions[members[0]].kind if members else None,
        "mentions": members,
        "country": None,
        "link": None,
    }


def _event(document: Document, event: Event, owner: dict[int, int]) -> dict[str, Any]:
    location = None
    if event.country is not None or event.place is not None:
        location = {"country": event.country, "name": event.place}
    return {
        "id": event.id,
        "type": event.type,
        "category": None,
        "status": event.status,
        "score": 1.0,
        "triggers": [{**_span(document, t), "score": 1.0} for t in event.triggers],
        "arguments": [
            {
                "role": argument.role,
                **_span(document, document.mentions[argument.mention]),
                "kind": document.mentions[argument.mention].kind,
                "mention": argument.mention,
                "entity": owner.get(argument.mention),
                "score": 1.0,
                "count": None,
            }
            for argument in event.arguments
        ],
        "date": None if event.date is None else _date(event.date),
        "location": location,
        "killed": _count(event.killed),
        "injured": _count(event.injured),
        "sources": [
            document.slice(document.mentions[a.mention])
            for a in event.arguments
            if a.role == "source"
        ],
        "codes": None,
    }


def _date(text: str) -> dict[str, Any]:
    start, end = day_range(text)
    precision = "range" if "/" in text else ("year", "month", "day")[text.count("-")]
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "precision": precision,
        "basis": "stated",
        "text": None,
        "start_char": None,
        "end_char": None,
    }


def _count(number: int | None) -> dict[str, Any] | None:
    return None if number is None else {"low": number, "high": number, "by_group": []}
