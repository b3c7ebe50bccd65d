"""A line of the file -> two marked reports.

    {"id": "next-town", "kind": "different", "about": "same day, same type, two towns ...",
     "reports": [{"date": "2016-09-13", "publisher": "Levant Line", "text": "Government jets ...",
                  "events": [{"incident": "a", "type": "air_strike", "triggers": ["bombed"], ...}]},
                 {...}]}

Events with the same ``incident`` in both reports of a pair are one incident. ``triggers`` are words
of the text; ``word#2`` is its second occurrence. ``date`` is that of the annotation scheme, tolls
are [low, high], ``parties`` maps words of the text to the canonical names of actors and targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....document import Span
from ....errors import DataError
from ....ontology import Ontology
from ....report import (
    Argument,
    DateValue,
    Entity,
    Event,
    Location,
    Mention,
    Report,
    Toll,
    Trigger,
)
from ...dates import day_range
from ..base import read_rows

FORM = "id, and reports: two objects of date, publisher, text and events with incident and triggers"
_PRECISIONS = {10: "day", 7: "month", 4: "year"}  # by the length of the date


@dataclass(frozen=True)
class MarkedEvent:
    """``incident`` is unique to the pair: two events with the same one are the same incident."""

    incident: tuple[str, str]
    type: str
    status: str
    triggers: tuple[Span, ...]
    date: str | None
    country: str | None
    place: str | None
    killed: tuple[int, int | None] | None
    injured: tuple[int, int | None] | None
    parties: dict[str, str]


@dataclass(frozen=True)
class MarkedReport:
    doc_id: str
    pair: str
    date: str
    publisher: str
    text: str
    events: tuple[MarkedEvent, ...]


def read_pairs(path: Path) -> list[MarkedReport]:
    """All reports, the two of a pair side by side. Raises DataError."""
    reports = []
    for row in read_rows(path, FORM, id=str, reports=list[dict[str, Any]]):
        for i, raw in enumerate(row["reports"]):
            doc_id = f"{row['id']}/{i}"
            try:
                reports.append(_report(doc_id, row["id"], raw))
            except KeyError as error:
                raise _failure(path, doc_id, f"field {error} is missing") from None
            except (TypeError, ValueError) as error:
                raise _failure(path, doc_id, str(error)) from None
    return reports


def _failure(path: Path, doc_id: str, problem: str) -> DataError:
    return DataError(f"{doc_id}: {problem} (expected: {FORM})", file=str(path))


def _report(doc_id: str, pair: str, raw: dict[str, Any]) -> MarkedReport:
    text = raw["text"]
    events = tuple(
        MarkedEvent(
            incident=(pair, e["incident"]),
            type=e["type"],
            status=e["status"],
            triggers=tuple(_find(words, text) for words in e["triggers"]),
            date=e["date"],
            country=e["country"],
            place=e["place"],
            killed=tuple(e["killed"]) if e["killed"] else None,
            injured=tuple(e["injured"]) if e["injured"] else None,
            parties=e["parties"],
        )
        for e in raw["events"]
    )
    return MarkedReport(doc_id, pair, raw["date"], raw["publisher"], text, events)


def _find(mark: str, text: str) -> Span:
    words, _, nth = mark.partition("#")
    start = -1
    for _ in range(int(nth or 1)):
        start = text.find(words, start + 1)
        if start < 0:
            raise ValueError(f"{mark!r} is not in the text")
    return Span(start, start + len(words))


# ---- the marks as a Report


def report_of_marks(marked: MarkedReport, ontology: Ontology) -> Report:
    """What a reader without fault would give: no coordinates, and of people the named alone."""
    names = list(dict.fromkeys(n for e in marked.events for n in e.parties.values()))
    words = dict(pair for e in marked.events for pair in e.parties.items())
    mentions = []
    for i, (text, name) in enumerate(words.items()):
        span = _find(text, marked.text)
        mentions.append(
            Mention(
                id=i,
                start=span.start,
                end=span.end,
                text=text,
                kind=ontology.actor_kinds[0],
                score=1.0,
                entity=names.index(name),
            )
        )
    entities = [
        Entity(
            id=i,
            name=name,
            kind=ontology.actor_kinds[0],
            mentions=tuple(m.id for m in mentions if m.entity == i),
        )
        for i, name in enumerate(names)
    ]
    return Report(
        model_version="marks",
        doc_id=marked.doc_id,
        text=marked.text,
        publisher=marked.publisher,
        date=marked.date,
        windows=0,
        mentions=tuple(mentions),
        entities=tuple(entities),
        events=tuple(
            _event(f"{marked.doc_id}:{i}", event, marked.text, mentions, ontology)
            for i, event in enumerate(marked.events)
        ),
    )


def _event(
    id_: str, marked: MarkedEvent, text: str, mentions: list[Mention], ontology: Ontology
) -> Event:
    (actor,) = ontology.roles_meaning("actor")
    return Event(
        id=id_,
        type=marked.type,
        category=ontology.event_type(marked.type).category,
        status=marked.status,
        score=1.0,
        triggers=tuple(
            Trigger(start=s.start, end=s.end, text=text[s.start : s.end], score=1.0)
            for s in marked.triggers
        ),
        arguments=tuple(
            Argument(
                role=actor,
                start=m.start,
                end=m.end,
                text=m.text,
                kind=m.kind,
                mention=m.id,
                entity=m.entity,
                score=1.0,
            )
            for m in mentions
            if m.text in marked.parties
        ),
        date=None if marked.date is None else _date(marked.date),
        location=Location(country=marked.country, name=marked.place) if marked.country else None,
        killed=_toll(marked.killed),
        injured=_toll(marked.injured),
    )


def _date(text: str) -> DateValue:
    start, end = day_range(text)
    return DateValue.model_validate(
        {
            "start": start.isoformat(),
            "end": end.isoformat(),
            "precision": _PRECISIONS.get(len(text), "range"),
            "basis": "stated",
        }
    )


def _toll(toll: tuple[int, int | None] | None) -> Toll | None:
    return None if toll is None else Toll(low=toll[0], high=toll[1])
