"""Reports made by hand for the tests of exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from conflictwire.ontology import Ontology
from conflictwire.outputs import FORMATS
from conflictwire.report import Report

Filler = tuple[str, str, str]
"""Role, words in the text, kind."""

ATTACK = {
    "acled": {"event_type": "Violence against civilians", "sub_event_type": "Attack"},
    "plover": {"event": "ASSAULT", "mode": "firearms"},
    "cameo": "18",
    "ucdp": 3,
}
BATTLE = {
    "acled": {"event_type": "Battles", "sub_event_type": "Armed clash"},
    "plover": {"event": "ASSAULT", "mode": None},
    "cameo": "19",
    "ucdp": 1,
}


def make_report(
    text: str,
    fillers: Sequence[Filler],
    *,
    trigger: str,
    names: Mapping[str, tuple[str, str | None]] | None = None,
    document: Mapping[str, Any] | None = None,
    **event: Any,
) -> Report:
    """A Report of one event. ``names``: words -> name and country of their entity."""
    names = names or {}
    mentions: list[dict[str, Any]] = []
    entities: list[dict[str, Any]] = []
    arguments: list[dict[str, Any]] = []
    for i, (role, words, kind) in enumerate(fillers):
        entity = None
        if words in names:
            name, country = names[words]
            entity = len(entities)
            about = {"name": name, "country": country, "kind": kind, "mentions": [i]}
            entities.append({"id": entity, **about})
        span = {"start": text.index(words), "end": text.index(words) + len(words), "text": words}
        mentions.append({"id": i, **span, "kind": kind, "score": 0.9, "entity": entity})
        more = {"kind": kind, "mention": i, "entity": entity, "score": 0.8}
        arguments.append({"role": role, **span, **more})
    start = text.index(trigger)
    doc = {"doc_id": "d1", **(document or {})}
    told = {
        "id": "0" if doc["doc_id"] is None else f"{doc['doc_id']}:0",
        "type": "attack",
        "category": "violence",
        "status": "happened",
        "score": 0.875,
        "triggers": [{"start": start, "end": start + len(trigger), "text": trigger, "score": 0.9}],
        "arguments": arguments,
    }
    lists = {"mentions": mentions, "entities": entities, "events": [{**told, **event}]}
    return Report.model_validate(
        {"model_version": "0+test", "text": text, "windows": 1, **doc, **lists}
    )


RAID = (
    "A reporter writes. Gunmen of the Falcon Brigade shot 12 herders near Baidoa on Friday, "
    "wounding two guards, Al-Noor TV said. Calm returned."
)


def raid(**changes: Any) -> Report:
    """An attack on civilians of which all is known."""
    document = {"title": "A raid", "publisher": "Wire", "date": "2022-03-06"}
    event = {
        "date": {
            "start": "2022-03-04",
            "end": "2022-03-04",
            "precision": "day",
            "basis": "stated",
            "text": "Friday",
        },
        "location": {
            "country": "SO",
            "name": "Baidoa",
            "admin1": "Bay",
            "lat": 3.1138,
            "lon": 43.6498,
            "geonames_id": 66093,
            "precision": "point",
            "text": "Baidoa",
        },
        "killed": {
            "low": 12,
            "high": 12,
            "by_group": [{"group": "CIVILIAN", "low": 12, "high": 12}],
        },
        "injured": {"low": 2},
        "sources": ["Al-Noor TV"],
        "codes": ATTACK,
    }
    more = {**document, **changes.pop("document", {})}
    return make_report(
        RAID,
        [
            ("actor", "Falcon Brigade", "ARMED_GROUP"),
            ("killed", "12 herders", "CIVILIAN"),
            ("injured", "two guards", "POLICE"),
            ("location", "Baidoa", "PLACE"),
            ("source", "Al-Noor TV", "ORG"),
        ],
        trigger="shot",
        names={"Falcon Brigade": ("Falcon Brigade", "SO"), "Al-Noor TV": ("Al-Noor TV", None)},
        document=more,
        **{**event, **changes},
    )


def bare(**document: Any) -> Report:
    """An event of which nothing is known but its words."""
    return make_report("They attacked.", [], trigger="attacked", document=document)


NASTY_NAME = "=cmd|' /C calc'!A0"
NASTY = (
    "On Monday, \"=cmd|' /C calc'!A0\" men,\r\nsome drunk, seized \U0001f4a5 "
    "\u202bقرية الأمل\u202c; \uff0b1\tguns\0 and \ud800 more."
)


def hostile() -> Report:
    """Text that breaks spreadsheets, CSV, JSON readers or encoders, in every text field."""
    return make_report(
        NASTY,
        [
            ("actor", NASTY_NAME, "ARMED_GROUP"),
            ("target", "\uff0b1\tguns\0", "WEAPON"),
            ("location", "قرية الأمل", "PLACE"),
        ],
        trigger="seized",
        names={NASTY_NAME: (NASTY_NAME, None)},
        document={
            "doc_id": "-1",
            "title": ' \u200b@SUM(1,"2")\nsecond line',
            "publisher": "\t=1+1",
            "date": "2022-03-06",
        },
        location={
            "country": "AR",
            "name": "\u2212x, \U0001f4a5",
            "lat": -34.5,
            "lon": -58.25,
            "text": "قرية الأمل",
        },
        killed={"low": 10**30},
        sources=["+one", "\uff1dtwo"],
        codes=BATTLE,
    )


def lines(*reports: Report) -> bytes:
    return "".join(report.to_json() + "\n" for report in reports).encode()


def written(format: str, *reports: Report) -> str:
    """The reports in a form of ``outputs.FORMATS``."""
    out = io.StringIO(newline="")
    with FORMATS[format](out, Ontology.load()) as writer:
        for report in reports:
            writer.write(report)
    return out.getvalue()


def rows_of(format: str, *reports: Report) -> list[dict[str, str]]:
    """The same, for a form with columns: column -> cell."""
    return list(csv.DictReader(io.StringIO(written(format, *reports), newline="")))
