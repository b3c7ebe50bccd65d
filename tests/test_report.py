"""The Report contract: shapes, JSON round trip, invariants, the shipped schema."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import conflictwire.report
import pytest
from conflictwire.errors import DataError
from conflictwire.report import SCHEMA_VERSION, Report, write_schema
from pydantic import ValidationError

TEXT = "Naïve 🛰 report: at least 12 herders died on Friday near Baidoa, Al-Noor TV said. \ud800"

CONTRACT = {
    "Report": "schema_version model_version error doc_id text title publisher date windows "
    "truncated warnings mentions entities events",
    "Mention": "id start end text kind score entity",
    "Entity": "id name kind mentions country link codes",
    "Link": "source id name",
    "Event": "id type category status score triggers arguments date location killed injured "
    "sources codes",
    "Trigger": "start end text score",
    "Argument": "role start end text kind mention entity score count",
    "Count": "low high text",
    "DateValue": "start end precision basis text start_char end_char",
    "Location": "country name admin1 lat lon geonames_id precision text",
    "Toll": "low high by_group",
    "GroupToll": "group low high",
    "Codes": "acled plover cameo ucdp",
    "Acled": "event_type sub_event_type",
    "Plover": "event mode",
}


def span(words: str) -> dict[str, Any]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "text": words}


def example() -> dict[str, Any]:
    """A full Report as plain data, every optional part present."""
    herders, place, outlet = (
        {**span("at least 12 herders"), "kind": "CIVILIAN", "entity": None},
        {**span("Baidoa"), "kind": "PLACE", "entity": 0},
        {**span("Al-Noor TV"), "kind": "ORG", "entity": 1},
    )
    mentions = [
        {"id": i, "score": 0.9, **mention} for i, mention in enumerate((herders, place, outlet))
    ]
    count = {"low": 12, "high": None, "text": "at least 12"}
    friday = span("Friday")
    event = {
        "id": "a1:0",
        "type": "attack",
        "category": "violence",
        "status": "happened",
        "score": 0.75,
        "triggers": [{**span("died"), "score": 1.0}],
        "arguments": [
            {"role": "killed", **herders, "mention": 0, "score": 0.8, "count": count},
            {"role": "location", **place, "mention": 1, "score": 0.8, "count": None},
            {"role": "source", **outlet, "mention": 2, "score": 0.8, "count": None},
        ],
        "date": {
            "start": "2022-03-04",
            "end": "2022-03-04",
            "precision": "day",
            "basis": "stated",
            "text": "Friday",
            "start_char": friday["start"],
            "end_char": friday["end"],
        },
        "location": {
            "country": "SO",
            "name": "Baidoa",
            "admin1": "Bay",
            "lat": 3.11,
            "lon": 43.65,
            "geonames_id": 64435,
            "precision": "place",
            "text": "Baidoa",
        },
        "killed": {
            "low": 12,
            "high": None,
            "by_group": [{"group": "CIVILIAN", "low": 12, "high": None}],
        },
        "injured": None,
        "sources": ["Al-Noor TV"],
        "codes": {
            "acled": {
                "event_type": "Violence against civilians",
                "sub_event_type": "Attack",
            },
            "plover": {"event": "ASSAULT", "mode": None},
            "cameo": "18",
            "ucdp": 3,
        },
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "model_version": "0.1.0",
        "error": None,
        "doc_id": "a1",
        "text": TEXT,
        "title": None,
        "publisher": None,
        "date": "2022-03-05",
        "windows": 1,
        "truncated": False,
        "warnings": ["a warning"],
        "mentions": mentions,
        "entities": [
            {
                "id": 0,
                "name": "Baidoa",
                "kind": "PLACE",
                "mentions": [1],
                "country": "SO",
                "link": {"source": "geonames", "id": "64435", "name": "Baidoa"},
                "codes": None,
            },
            {
                "id": 1,
                "name": "Al-Noor TV",
                "kind": "ORG",
                "mentions": [2],
                "country": None,
                "link": None,
                "codes": {"cameo": "SOMMED", "plover": {"code": "SOM", "sector": "JRN"}},
            },
        ],
        "events": [event],
    }


def test_fields_are_those_of_the_contract() -> None:
    fields = {name: set(getattr(conflictwire.report, name).model_fields) for name in CONTRACT}
    assert fields == {name: set(names.split()) for name, names in CONTRACT.items()}


def test_round_trip_of_every_field() -> None:
    raw = example()
    report = Report.from_dict(raw)
    assert report.to_dict() == raw
    assert json.loads(report.to_json()) == raw
    assert Report.from_json(report.to_json()) == report
    assert Report.from_json(report.to_json(indent=2).encode("ascii")) == report
    assert Report.from_dict(report.to_dict()) == report
    (toll,) = report.events[0].killed.by_group  # type: ignore[union-attr]
    assert (toll.group, toll.low, toll.high) == ("CIVILIAN", 12, None)


def test_json_is_plain_types_on_one_ascii_line() -> None:
    report = Report.from_dict(example())
    assert report.to_json().isascii()
    assert "\n" not in report.to_json()

    def types(value: Any) -> set[type]:
        if isinstance(value, dict):
            return {type(value)}.union(*(types(v) for v in value.values()))
        if isinstance(value, list):
            return {type(value)}.union(*(types(v) for v in value))
        return {type(value)}

    assert types(report.to_dict()) <= {dict, list, str, int, float, bool, type(None)}


@pytest.mark.parametrize("text", ["", "\ud800", "a\udfff\x00b", "\u2028\x85\r\n", "نص", "🛰" * 3])
def test_any_text_survives(text: str) -> None:
    report = Report(model_version="0", text=text, windows=0, title=text, error=text)
    assert report.to_dict() == json.loads(report.to_json())
    assert Report.from_json(report.to_json()) == report
    assert len(report.to_json().splitlines()) == 1


def test_defaults_are_written_out() -> None:
    raw = Report(model_version="0", text="x", windows=1).to_dict()
    assert list(raw) == CONTRACT["Report"].split()
    assert raw["schema_version"] == SCHEMA_VERSION
    assert raw["mentions"] == raw["entities"] == raw["events"] == raw["warnings"] == []
    assert raw["truncated"] is False


def test_immutable_and_hashable() -> None:
    report = Report.from_dict(example())
    with pytest.raises(ValidationError):
        report.text = "other"
    with pytest.raises(ValidationError):
        report.events[0].codes.cameo = "01"
    assert isinstance(report.events, tuple)
    assert len({report, Report.from_dict(example())}) == 1


def put(raw: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = [int(s) if s.isdigit() else s for s in path.split(".")]
    holder: Any = raw
    for step in steps:
        holder = holder[step]
    holder[last] = value


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("mentions.0.start", 3, "mentions.0: text"),
        ("mentions.0.end", 9999, "mentions.0: span"),
        ("mentions.0.end", 0, "mentions.0: span"),
        ("mentions.0.id", 1, "mentions.0.id: expected 0"),
        ("mentions.0.entity", 1, "mentions.0.entity: 1, but entities say None"),
        ("mentions.1.entity", None, "mentions.1.entity: None, but entities say 0"),
        ("entities.0.id", 1, "entities.0.id"),
        ("entities.0.mentions", [1, 7], "entities.0.mentions: no mention 7"),
        ("events.0.triggers.0.text", "dies", "events.0.triggers.0: text 'dies'"),
        ("events.0.triggers", [], "events.0.triggers"),
        ("events.0.arguments.0.mention", 3, "no mention 3"),
        ("events.0.arguments.0.mention", 1, "arguments.0.start"),
        ("events.0.arguments.0.kind", "ORG", "arguments.0.kind"),
        ("events.0.arguments.1.entity", 1, "arguments.1.entity"),
        ("events.0.date.text", "Monday", "events.0.date: text"),
        ("events.0.date.text", None, "needs text"),
        ("events.0.date.end_char", None, "go together"),
        ("events.0.date.end", "2022-03-03", "before start"),
        ("events.0.date.start", "2022-02-30", "calendar day"),
        ("events.0.date.precision", "decade", "events.0.date.precision"),
        ("events.0.date.basis", "guessed", "events.0.date.basis"),
        ("events.0.location.country", "Somalia", "events.0.location.country"),
        ("events.0.location.lat", 91.0, "events.0.location.lat"),
        ("events.0.killed.high", 3, "below low"),
        ("events.0.killed.low", -1, "events.0.killed.low"),
        ("events.0.killed.low", "12", "events.0.killed.low"),
        ("events.0.codes.ucdp", 4, "events.0.codes.ucdp"),
        ("events.0.score", 1.5, "events.0.score"),
        ("events.0.score", float("nan"), "events.0.score"),
        ("events.0.extra", 1, "events.0.extra"),
        ("date", "20220305", "field date"),
        ("schema_version", "9.0", "accepted: 1.x"),
        ("schema_version", None, "accepted: 1.x"),
    ],
)
def test_what_does_not_hold_cannot_be_built(path: str, value: Any, says: str) -> None:
    raw = example()
    put(raw, path, value)
    with pytest.raises(DataError, match=says.replace(".", r"\.")):
        Report.from_dict(raw)


def test_event_ids_are_unique() -> None:
    raw = example()
    raw["events"] *= 2
    with pytest.raises(DataError, match="same id"):
        Report.from_dict(raw)


def test_a_mention_under_two_entities_belongs_to_the_first() -> None:
    raw = example()
    raw["entities"][1]["mentions"] = [1, 2]
    assert Report.from_dict(raw).mentions[1].entity == 0


@pytest.mark.parametrize(
    "line", ["", "{", "[1]", "null", "[" * 100_000, '{"schema_version": "1.0"}']
)
def test_json_that_is_no_report(line: str) -> None:
    with pytest.raises(DataError):
        Report.from_json(line)


def test_shipped_schema_is_that_of_the_code(tmp_path: Path) -> None:
    """If this fails: raise SCHEMA_VERSION if the contract changed, and run write_schema again."""
    path = Path(conflictwire.report.__file__).with_name("report.schema.json")
    shipped = json.loads(path.read_text(encoding="utf-8"))
    assert shipped == Report.model_json_schema()
    assert shipped["version"] == SCHEMA_VERSION
    write_schema(tmp_path / "schema.json")
    assert (tmp_path / "schema.json").read_bytes() == path.read_bytes()


def test_pydantic_is_imported_by_report_alone() -> None:
    code = (
        "import sys, conflictwire.ontology, conflictwire.document, conflictwire.readers; "
        "assert 'pydantic' not in sys.modules; "
        "import conflictwire.report; assert 'pydantic' in sys.modules; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
