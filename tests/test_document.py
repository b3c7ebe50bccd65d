"""The door for gold: what the scheme does not allow is refused, by field."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from conflictwire.document import from_dict, is_event_date
from conflictwire.errors import DataError
from conflictwire.files import iso_day, read_text
from conflictwire.ontology import Ontology
from conflictwire.readers import read_gold
from training_samples import ONTOLOGY

TEXT = "A tug struck the quay. Crews saved two."
GOLD: dict[str, Any] = {
    "id": "d1",
    "source": "Log",
    "license": None,
    "date": "2031-02-04",
    "header_date": "2031-02-05",
    "title": None,
    "text": TEXT,
    "sentences": [[0, 22], [23, 39]],
    "mentions": [{"id": 0, "start": 2, "end": 5, "kind": "VESSEL"}],
    "entities": [{"name": "Tug Ida", "mentions": [0]}],
    "events": [
        {
            "id": "e0",
            "type": "collision",
            "status": "real",
            "triggers": [{"start": 6, "end": 12}],
            "arguments": [{"role": "doer", "mention": 0}],
            "date": "2031-02",
            "country": "NO",
            "place": "Ansel",
            "killed": 0,
            "injured": None,
        },
        {
            "id": "e1",
            "type": "rescue",
            "status": "real",
            "triggers": [{"start": 29, "end": 34}],
            "arguments": [],
        },
    ],
    "corpus": "log",
}


@pytest.fixture(scope="module")
def harbour() -> Ontology:
    return Ontology.from_text(ONTOLOGY)


def test_a_document_in_full(harbour: Ontology) -> None:
    document = from_dict(GOLD, harbour)
    assert document.events[0].killed == 0
    assert from_dict(document.to_dict(), harbour) == document


def change(path: str, value: object) -> dict[str, Any]:
    """GOLD with the value at a path such as ``events.0.date`` set."""
    raw = copy.deepcopy(GOLD)
    at: Any = raw
    *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    for part in parents:
        at = at[part]
    at[last] = value
    return raw


BAD_DAYS = [
    "2031-13-04", "2031-02-29", "2031-02-00", "0000-01-01", "2031-2-4", "20310204", "2031-W06-2",
    "2031-02-04\n", " 2031-02-04", "२०३१-०२-०४", "2031-02-04T00:00", "",
]  # fmt: skip


@pytest.mark.parametrize("field", ["date", "header_date"])
@pytest.mark.parametrize("value", [*BAD_DAYS, "2031-02", "2031"])
def test_the_day_of_publication_is_one_of_the_calendar(
    harbour: Ontology, field: str, value: str
) -> None:
    with pytest.raises(DataError, match="a day of the calendar, got") as caught:
        from_dict(change(field, value), harbour, file="g.jsonl", line=3)
    error = caught.value
    assert (error.file, error.line, error.field) == ("g.jsonl", 3, field)


@pytest.mark.parametrize(
    "value",
    [
        "2031-02-04", "2031-02", "2031", "2028-02-29", "2031-02-04/2031-02-04", "2030/2031-02",
        "2031-02-04/2031-02", "2031-02-04/2031", "2031-02/2031-02-04", "2030-12-31/2031-01-01",
    ],
)  # fmt: skip
def test_event_dates(harbour: Ontology, value: str) -> None:
    assert is_event_date(value)
    assert from_dict(change("events.0.date", value), harbour).events[0].date == value


@pytest.mark.parametrize(
    "value",
    [
        *BAD_DAYS, "2031-13", "2031-00", "0000", "203", "20311", "२०३१", "2031\n", "-031", "/",
        "2031/", "/2031", "2031/2032/2033", "2031-02-05/2031-02-04", "2032/2031", "2031-03/2031-02",
        "2031-02-04/2031-02-30", "2031-02-04/2031-02-05\n", "2031-03-01/2031-02", "Monday",
    ],
)  # fmt: skip
def test_event_dates_that_are_not_in_the_calendar(harbour: Ontology, value: str) -> None:
    assert not is_event_date(value)
    with pytest.raises(DataError, match="expected a day, month, year or range") as caught:
        from_dict(change("events.0.date", value), harbour)
    assert caught.value.field == "events[0].date"


@pytest.mark.parametrize(
    ("path", "value", "field", "message"),
    [
        ("events.0.killed", -1, "events[0].killed", "expected a number from 0, got -1"),
        ("events.1.injured", -20, "events[1].injured", "expected a number from 0, got -20"),
        ("events.0.killed", True, "events[0].killed", "expected int or null, got bool"),
        ("events.0.country", "NO\n", "events[0].country", "expected ISO 3166-1 alpha-2"),
        ("events.1.id", "e0", "events[1].id", "'e0' is the id of another event too"),
        ("dat", None, "dat", "unknown key; did you mean 'date'? accepted: id, source,"),
        ("zzz", 1, "zzz", "unknown key; accepted: id, source,"),
        ("mentions.0.kinds", "", "mentions[0].kinds", "did you mean 'kind'? accepted: id, start"),
        ("entities.0.Name", "", "entities[0].Name", "accepted: name, mentions"),
        ("events.0.inured", 3, "events[0].inured", "did you mean 'injured'?"),
        ("events.0.triggers.0.word", "", "events[0].triggers[0].word", "accepted: start, end"),
        ("events.0.arguments.0.roles", "", "events[0].arguments[0].roles", "mean 'role'?"),
    ],
)
def test_what_is_refused(
    harbour: Ontology, path: str, value: object, field: str, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        from_dict(change(path, value), harbour, file="g.jsonl", line=7)
    assert message in str(caught.value)
    error = caught.value
    assert (error.file, error.line, error.field) == ("g.jsonl", 7, field)


@pytest.mark.parametrize("path", ["mentions.0", "entities.0", "events.0", "events.0.triggers.0"])
@pytest.mark.parametrize("value", [None, 3, "x", []])
def test_what_is_no_object(harbour: Ontology, path: str, value: object) -> None:
    with pytest.raises(DataError, match=r"expected an object, got"):
        from_dict(change(path, value), harbour)


# ---- files


def gold_file(folder: Path, *rows: object, start: str = "") -> Path:
    path = folder / "gold.jsonl"
    path.write_text(start + "".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def test_a_byte_order_mark_is_no_part_of_the_first_line(harbour: Ontology, tmp_path: Path) -> None:
    path = gold_file(tmp_path, GOLD, start="\ufeff")
    assert [d.id for d in read_gold(path, harbour)] == ["d1"]
    one = tmp_path / "one.json"
    one.write_text("\ufeff" + json.dumps(GOLD, indent=1), encoding="utf-8")
    assert [d.id for d in read_gold(one, harbour)] == ["d1"]


def test_ids_of_documents_are_unique_in_a_file(harbour: Ontology, tmp_path: Path) -> None:
    path = gold_file(tmp_path, GOLD, change("id", "d2"), GOLD)
    with pytest.raises(DataError, match="'d1' is the id of the document in line 1 too") as caught:
        list(read_gold(path, harbour))
    assert (caught.value.line, caught.value.field) == (3, "id")


@pytest.mark.parametrize("line", ["{", "[" * 100_000, '{"id": ' + "9" * 5000 + "}"])
def test_lines_that_are_no_json(harbour: Ontology, tmp_path: Path, line: str) -> None:
    path = gold_file(tmp_path, GOLD)
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    with pytest.raises(DataError, match=r"gold\.jsonl:2: not JSON"):
        list(read_gold(path, harbour))


def test_lines_that_are_no_utf_8(harbour: Ontology, tmp_path: Path) -> None:
    path = gold_file(tmp_path, GOLD)
    path.write_bytes(path.read_bytes() + b'{"id": "\xff"}')
    expected = r"gold\.jsonl:2: not UTF-8 at byte 8 \(0xff\) of the line"
    with pytest.raises(DataError, match=expected) as caught:
        list(read_gold(path, harbour))
    assert caught.value.line == 2
    with pytest.raises(DataError, match="cannot be read: "):
        list(read_gold(tmp_path, harbour))


def test_text_files(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    assert read_text(path) == "\ufeffone\r\ntwo"
    path.write_bytes(b"ab\xff")
    with pytest.raises(DataError, match=r"a\.txt: not UTF-8 at byte 2 \(0xff\)"):
        read_text(path)
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_text(tmp_path / "b.txt")


@pytest.mark.parametrize("value", BAD_DAYS)
def test_other_forms_are_no_iso_days(value: str) -> None:
    assert iso_day(value) is None


def test_iso_days() -> None:
    day = iso_day("2028-02-29")
    assert day is not None
    assert (day.year, day.month, day.day) == (2028, 2, 29)
