"""Rows of events and the forms made of them: read back with other libraries and compared."""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import conflictwire
import pandas as pd
import pyarrow.parquet as pq
import pytest
from conflictwire.errors import ConfigError, DataError
from conflictwire.exports import parquet
from conflictwire.exports.cells import clean_text, csv_cell
from conflictwire.exports.repeats import Repeats
from conflictwire.exports.rows import COLUMNS, event_row
from conflictwire.exports.saved import read_reports
from conflictwire.exports.view import EventView, joined, views
from conflictwire.ontology import Ontology
from conflictwire.outputs import FORMATS, SUFFIXES, export
from conflictwire.report import Report
from export_samples import (
    NASTY_NAME,
    RAID,
    bare,
    hostile,
    lines,
    make_report,
    raid,
    rows_of,
    written,
)
from geojson_pydantic import FeatureCollection

NAMES = [column.name for column in COLUMNS]
# What no file may hold for an unknown value.
PLACEHOLDERS = {"None", "nan", "NaN", "NaT", "<NA>", "null"}


def view(report: Report) -> EventView:
    return next(views(report, Ontology.load()))


def row(report: Report) -> dict[str, Any]:
    return event_row(view(report))


class TestRow:
    def test_all_that_is_known(self) -> None:
        start = RAID.index("shot")
        assert row(raid()) == {
            "event_id": "d1:0",
            "doc_id": "d1",
            "title": "A raid",
            "publisher": "Wire",
            "published": "2022-03-06",
            "type": "attack",
            "category": "violence",
            "status": "happened",
            "score": 0.875,
            "actors": "Falcon Brigade",
            "targets": None,
            "killed": "12 herders",
            "injured": "two guards",
            "killed_low": 12,
            "killed_high": 12,
            "injured_low": 2,
            "injured_high": None,
            "weapons": None,
            "sources": "Al-Noor TV",
            "date_start": "2022-03-04",
            "date_end": "2022-03-04",
            "date_precision": "day",
            "date_basis": "stated",
            "date_text": "Friday",
            "country": "SO",
            "location": "Baidoa",
            "admin1": "Bay",
            "lat": 3.1138,
            "lon": 43.6498,
            "geonames_id": 66093,
            "location_precision": "point",
            "location_text": "Baidoa",
            "origin": None,
            "destination": None,
            "acled_event_type": "Violence against civilians",
            "acled_sub_event_type": "Attack",
            "plover_event": "ASSAULT",
            "plover_mode": "firearms",
            "cameo": "18",
            "ucdp": 3,
            "trigger": "shot",
            "trigger_start": start,
            "trigger_end": start + 4,
            "spans": "trigger:48-52; actor:33-47; killed:53-63; injured:96-106; "
            "location:69-75; source:108-118",
            "sentence": "Gunmen of the Falcon Brigade shot 12 herders near Baidoa on Friday, "
            "wounding two guards, Al-Noor TV said.",
            "model_version": "0+test",
        }

    @pytest.mark.parametrize("report", [raid(), bare(), hostile()])
    def test_columns_are_the_documented_ones(self, report: Report) -> None:
        assert list(row(report)) == NAMES
        python = {"string": str, "Int64": int, "Float64": float}
        for column in COLUMNS:
            value = row(report)[column.name]
            assert value is None or type(value) is python[column.type], column.name

    def test_spans_slice_to_the_words(self) -> None:
        parts = re.findall(r"(\w+):(\d+)-(\d+)", row(raid())["spans"])
        words = {name: RAID[int(start) : int(end)] for name, start, end in parts}
        assert (words["trigger"], words["killed"]) == ("shot", "12 herders")

    def test_what_is_not_known_is_none(self) -> None:
        known = {name for name, value in row(bare()).items() if value is not None}
        assert known == set(
            "event_id doc_id type category status score trigger trigger_start trigger_end spans "
            "sentence model_version".split()
        )

    def test_the_first_trigger_in_the_text_leads(self) -> None:
        text = "Shells fell. Shelling began at dawn."
        spans = [("Shelling", 13), ("fell", 7)]
        triggers = [
            {"start": at, "end": at + len(word), "text": word, "score": 0.5} for word, at in spans
        ]
        found = row(make_report(text, [], trigger="fell", triggers=triggers))
        assert (found["trigger"], found["trigger_start"]) == ("fell", 7)
        assert found["sentence"] == text  # both sentences, in the text's order

    def test_a_text_without_stops_is_cut_around_the_trigger(self) -> None:
        text = "word " * 5000 + "attacked" + " word" * 5000
        sentence = row(make_report(text, [], trigger="attacked"))["sentence"]
        assert re.fullmatch(r"\.\.\.(?:word )+attacked(?: word)+ ?w?o?r?d?\.\.\.", sentence)
        assert len(sentence) <= 1006

    def test_a_number_beyond_64_bits_is_left_out(self) -> None:
        assert row(hostile())["killed_low"] is None

    def test_names_are_joined_once_each(self) -> None:
        assert joined(["a", "b", "a", ""]) == "a; b"
        assert joined([]) is None


class TestIds:
    def test_without_doc_id_the_document_tells_them_apart(self) -> None:
        first, second = bare(doc_id=None), bare(doc_id=None, title="other")
        assert first.events[0].id == second.events[0].id == "0"
        assert re.fullmatch("[0-9a-f]{16}:0", view(first).id)
        assert view(first).id != view(second).id
        assert view(first).id == view(Report.from_json(first.to_json())).id

    def test_surrogates_do_not_matter(self) -> None:
        assert view(make_report("\ud800 hit", [], trigger="hit", document={"doc_id": None})).id


class TestCells:
    @pytest.mark.parametrize(
        "text",
        [
            *("=1", "+1", "-1", "@A1", "\t1", "\r1", "\n1"),
            *("  =1", "\u00a0=1", "\u200b=1", "\ufeff=1", " \t=1", "\u202e=1"),
            *("\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\ufe631", "\u22121", "\u207b1"),
        ],
    )
    def test_formulas_are_neutralised(self, text: str) -> None:
        assert csv_cell(text) == "'" + clean_text(text)

    @pytest.mark.parametrize(
        "text", ["", "a=1", "'=1", "12", "(=1)", "\u2014 1", "\u0661", " x", "\U0001f4a5"]
    )
    def test_other_text_stays(self, text: str) -> None:
        assert csv_cell(text) == text

    @pytest.mark.parametrize(
        ("value", "expected"),
        [(None, ""), (0, "0"), (-58.25, "-58.25"), (12, "12"), (0.0, "0.0"), (1e-07, "1e-07")],
    )
    def test_values(self, value: Any, expected: str) -> None:
        assert csv_cell(value) == expected

    def test_what_files_cannot_hold_is_replaced_in_place(self) -> None:
        assert clean_text("a\0b\ud800c\U0001f4a5") == "a\ufffdb\ufffdc\U0001f4a5"


class TestFrame:
    def test_values_and_types(self) -> None:
        frame = conflictwire.events_frame([raid(), bare(doc_id="d2"), hostile()])
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
            column.name: column.type for column in COLUMNS
        }
        for i, report in enumerate((raid(), bare(doc_id="d2"), hostile())):
            for name, value in row(report).items():
                cell = frame.loc[i, name]
                assert pd.isna(cell) if value is None else cell == value, name
        assert frame["event_id"].is_unique

    def test_one_report_alone(self) -> None:
        pd.testing.assert_frame_equal(
            conflictwire.events_frame(raid()), conflictwire.events_frame(iter([raid()]))
        )

    def test_all_statuses_are_in_it(self) -> None:
        statuses = ["happened", "planned", "denied", "possible"]
        frame = conflictwire.events_frame([raid(status=status) for status in statuses])
        assert list(frame["status"]) == statuses

    def test_no_reports(self) -> None:
        empty, full = conflictwire.events_frame([]), conflictwire.events_frame(raid())
        assert len(empty) == 0
        assert list(empty.dtypes) == list(full.dtypes)

    def test_labels_of_another_ontology(self) -> None:
        text = Ontology.load().text
        other = Ontology.from_text(text.replace("  actor:\n    means: actor\n", "  actor:\n"))
        frame = conflictwire.events_frame(raid(), ontology=other)
        assert frame["actors"].isna().all()

    def test_missing_pandas_names_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(ConfigError, match=r"pandas not installed.*conflictwire\[export\]"):
            conflictwire.events_frame([])


class TestCsv:
    def test_read_back(self, tmp_path: Path) -> None:
        reports = [raid(), bare(doc_id="d2"), raid(document={"doc_id": "d3"})]
        export(reports, tmp_path / "events.csv")
        types = {column.name: column.type for column in COLUMNS}
        read = pd.read_csv(tmp_path / "events.csv", dtype=types)
        pd.testing.assert_frame_equal(read, conflictwire.events_frame(reports))

    def test_hostile_text(self) -> None:
        (found,) = rows_of("csv", hostile())
        expected = row(hostile())
        assert found["actors"] == "'" + NASTY_NAME
        assert found["sentence"] == clean_text(hostile().text)
        assert (found["lon"], found["lat"]) == ("-58.25", "-34.5")
        for column in COLUMNS:
            value, cell = expected[column.name], found[column.name]
            if column.type == "string" and value is not None:
                assert cell.removeprefix("'") == value
                assert csv_cell(cell) == cell  # nothing left to neutralise
            else:
                assert cell == ("" if value is None else repr(value))

    def test_unknown_is_empty(self) -> None:
        (found,) = rows_of("csv", bare())
        assert found["killed_low"] == found["lat"] == found["publisher"] == ""
        assert not PLACEHOLDERS & set(found.values())

    def test_integers_have_no_decimals(self) -> None:
        (found,) = rows_of("csv", raid(killed={"low": 0}))
        assert (found["killed_low"], found["injured_low"], found["ucdp"]) == ("0", "2", "3")

    def test_bytes(self, tmp_path: Path) -> None:
        export([raid(), hostile()], tmp_path / "events.csv")
        data = (tmp_path / "events.csv").read_bytes()
        assert data.startswith(b"event_id,doc_id,")
        assert data.endswith(b"0+test\r\n")
        assert "قرية".encode() in data
        assert b"\0" not in data

    def test_a_lone_carriage_return_stays_in_its_cell(self) -> None:
        report = raid(document={"title": "one\rtwo"})
        assert [found["title"] for found in rows_of("csv", report, report)] == ["one\rtwo"] * 2


class TestParquet:
    def test_read_back(self, tmp_path: Path) -> None:
        reports = [raid(), bare(doc_id="d2"), hostile()]
        export(reports, tmp_path / "events.parquet")
        table = pq.read_table(tmp_path / "events.parquet")
        assert table.to_pylist() == [row(report) for report in reports]
        read = pd.read_parquet(tmp_path / "events.parquet", dtype_backend="numpy_nullable")
        frame = conflictwire.events_frame(reports)
        pd.testing.assert_frame_equal(read.astype(frame.dtypes), frame)
        assert list(map(str, table.schema.types)) == [
            {"string": "string", "Int64": "int64", "Float64": "double"}[c.type] for c in COLUMNS
        ]

    def test_no_events(self, tmp_path: Path) -> None:
        export([], tmp_path / "events.parquet")
        table = pq.read_table(tmp_path / "events.parquet")
        assert (table.num_rows, table.column_names) == (0, NAMES)

    def test_row_groups(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parquet, "_GROUP_ROWS", 2)
        export((bare(doc_id=f"d{i}") for i in range(5)), tmp_path / "events.parquet")
        file = pq.ParquetFile(tmp_path / "events.parquet")
        assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [
            2,
            2,
            1,
        ]

    def test_a_failure_leaves_nothing(self, tmp_path: Path) -> None:
        def reports() -> Iterator[Report]:
            yield raid()
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            export(reports(), tmp_path / "events.parquet")
        assert list(tmp_path.iterdir()) == []

    def test_missing_pyarrow_names_the_extra(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(ConfigError, match=r"pyarrow not installed.*conflictwire\[export\]"):
            export([], tmp_path / "events.parquet")
        assert list(tmp_path.iterdir()) == []


class TestGeoJson:
    def test_it_is_valid(self) -> None:
        text = written("geojson", raid(), bare(doc_id="d2"), hostile())
        collection = FeatureCollection.model_validate_json(text, strict=True)
        placed, unplaced, other = collection.features
        assert placed.geometry is not None
        assert tuple(placed.geometry.coordinates) == (43.6498, 3.1138)  # longitude first
        assert unplaced.geometry is None
        assert other.geometry is not None
        assert tuple(other.geometry.coordinates) == (-58.25, -34.5)
        assert [feature.id for feature in collection.features] == ["d1:0", "d2:0", "-1:0"]

    def test_read_back(self) -> None:
        reports = [raid(), bare(doc_id="d2"), hostile()]
        collection = json.loads(written("geojson", *reports))
        assert [f["properties"] for f in collection["features"]] == [row(r) for r in reports]

    def test_no_coordinates_is_a_null_geometry(self) -> None:
        report = raid(location={"country": "SO", "lat": 3.0})
        (feature,) = json.loads(written("geojson", report))["features"]
        assert feature["geometry"] is None

    def test_no_events(self) -> None:
        text = written("geojson")
        assert FeatureCollection.model_validate_json(text).features == []

    def test_it_is_ascii(self) -> None:
        assert written("geojson", hostile()).isascii()


class TestExport:
    @pytest.mark.parametrize("format", FORMATS)
    def test_a_failed_document_has_no_events(self, format: str, tmp_path: Path) -> None:
        failed = Report(model_version="0", text="x", windows=0, error="ValueError: bad")
        export([failed, raid()], tmp_path / "out", format)
        export(raid(), tmp_path / "one", format)
        for path in (tmp_path / "out", tmp_path / "one"):
            assert path.stat().st_size > 0

    @pytest.mark.parametrize("format", ["csv", "acled", "ucdp", "plover", "geojson", "jsonl"])
    def test_it_is_written_as_it_comes(self, format: str) -> None:
        out = io.StringIO(newline="")
        with FORMATS[format](out, Ontology.load()) as writer:
            for i in range(3):
                writer.write(raid(document={"doc_id": f"doc{i}"}))
                assert f"doc{i}:0" in out.getvalue()

    @pytest.mark.parametrize(("suffix", "format"), SUFFIXES.items())
    def test_the_suffix_tells_the_form(self, suffix: str, format: str, tmp_path: Path) -> None:
        export(raid(), tmp_path / f"a{suffix.upper()}")
        export(raid(), tmp_path / "b", format)
        assert (tmp_path / f"a{suffix.upper()}").read_bytes() == (tmp_path / "b").read_bytes()

    def test_wrong_use(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="unknown format 'xls'; accepted: table, json"):
            export([], tmp_path / "a.csv", "xls")
        with pytest.raises(DataError, match=r"'\.xls'; accepted: \.txt"):
            export([], tmp_path / "a.xls")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("format", [f for f in FORMATS if f not in ("parquet", "html")])
    def test_no_placeholders(self, format: str) -> None:
        report = bare(doc_id=None)
        text = written(format, report)
        words = set(re.split(r"[^\w<>]+", text))
        json_null = {"null"} if format in ("json", "jsonl", "geojson", "plover") else set()
        assert not words & (PLACEHOLDERS - json_null)

    def test_numbers_are_finite(self) -> None:
        assert all(
            value is None or isinstance(value, str) or math.isfinite(value)
            for value in row(raid()).values()
        )


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
def test_saved_reports(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = lines(raid()) + b"\n{\n" + lines(bare()) + b'{"schema_version": "9.0"}\n\xff\n'
    Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    first, broken, second, newer, binary = read_reports(name)
    assert (first, second) == (raid(), bare())
    for found, message in (
        (broken, "3: not JSON"),
        (newer, "5: field schema_version: '9.0' cannot be read"),
        (binary, "6: not JSON"),
    ):
        assert isinstance(found, DataError)
        assert str(found).startswith(f"{name}:{message}")


def test_repeats_are_found_however_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conflictwire.exports.repeats._RECENT", 3)

    def report(doc_id: str) -> Report:
        return Report(model_version="m", text="t", doc_id=doc_id, windows=1)

    for again in range(10):
        repeats = Repeats()
        assert [repeats.first(report(f"d{i}")) for i in range(10)] == [None] * 10
        assert repeats.first(report(f"d{again}")) == f"d{again}"
        assert repeats.first(report(f"d{again}")) is None


def test_a_damaged_file_is_read_up_to_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl.gz"
    reports = [raid(document={"title": str(i)}) for i in range(2000)]
    path.write_bytes(gzip.compress(lines(*reports))[:-2000])
    *found, last = read_reports(str(path))
    assert found == reports[: len(found)]
    assert len(found) > 0
    assert isinstance(last, DataError)
    assert f"r.jsonl.gz:{len(found) + 1}: damaged" in str(last)
