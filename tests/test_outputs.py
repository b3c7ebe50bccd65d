"""Writers, the table for people, and files that appear whole or not at all."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from conflictwire.errors import DataError
from conflictwire.ontology import Ontology
from conflictwire.outputs import (
    FORMATS,
    event_cells,
    open_output,
    same_file,
)
from conflictwire.report import Report

TEXT = (
    "Gunmen of the Falcon Brigade shot 12 [red]herders near Baidoa on Friday, wounding two guards, "
    "Al-Noor TV said. The shooting came after a raid."
)


def span(words: str) -> dict[str, Any]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "text": words}


def report(**changes: Any) -> Report:
    mentions = [
        {**span("the Falcon Brigade"), "kind": "ARMED_GROUP", "entity": 0},
        {**span("12 [red]herders"), "kind": "CIVILIAN", "entity": None},
        {**span("two guards"), "kind": "POLICE", "entity": None},
        {**span("Al-Noor TV"), "kind": "ORG", "entity": 1},
    ]
    roles = ("actor", "killed", "injured", "source")
    event = {
        "id": "a1:0",
        "type": "attack",
        "category": "violence",
        "status": "happened",
        "score": 0.875,
        "triggers": [{**span("shot"), "score": 1.0}, {**span("shooting"), "score": 0.9}],
        "arguments": [
            {"role": role, **mention, "mention": i, "score": 0.8}
            for i, (role, mention) in enumerate(zip(roles, mentions, strict=True))
        ],
        "date": {
            "start": "2022-03-04",
            "end": "2022-03-04",
            "precision": "day",
            "basis": "stated",
            "text": "Friday",
        },
        "location": {"country": "SO", "name": "Baidoa"},
        "killed": {"low": 12, "high": 12},
        "injured": {"low": 2},
        "sources": ["Al-Noor TV"],
    }
    whole = {
        "model_version": "0+test",
        "doc_id": "a1",
        "text": TEXT,
        "title": "A raid",
        "date": "2022-03-06",
        "windows": 1,
        "mentions": [{"id": i, "score": 0.9, **m} for i, m in enumerate(mentions)],
        "entities": [
            {"id": 0, "name": "Falcon Brigade", "kind": "ARMED_GROUP", "mentions": [0]},
            {"id": 1, "name": "Al-Noor TV", "kind": "ORG", "mentions": [3]},
        ],
        "events": [event],
    }
    return Report.model_validate({**whole, **changes})


def changed_event(**changes: Any) -> Report:
    return report(events=[{**report().to_dict()["events"][0], **changes}])


def empty(doc_id: str | None = None, **more: Any) -> Report:
    return Report(model_version="0+test", doc_id=doc_id, text="Calm.", windows=1, **more)


def written(format: str, *reports: Report) -> str:
    out = io.StringIO()
    with FORMATS[format](out, Ontology.load()) as writer:
        for one in reports:
            writer.write(one)
    return out.getvalue()


def cells(of: Report) -> list[str]:
    return event_cells(of, of.events[0], Ontology.load())


class TestJson:
    def test_lines(self) -> None:
        lines = written("jsonl", report(), empty("b")).splitlines()
        assert [Report.from_json(line) for line in lines] == [report(), empty("b")]

    def test_one_document_is_an_object(self) -> None:
        text = written("json", report())
        assert json.loads(text) == report().to_dict()
        assert text.startswith("{\n  ")

    @pytest.mark.parametrize("n", [0, 2, 3])
    def test_any_other_number_is_a_list(self, n: int) -> None:
        reports = [empty(str(i)) for i in range(n)]
        assert json.loads(written("json", *reports)) == [r.to_dict() for r in reports]


class TestTable:
    def test_a_row_holds_the_event(self) -> None:
        assert cells(report()) == [
            "attack",
            "happened",
            "Falcon Brigade",
            "12 [red]herders, two guards",
            "Baidoa (SO)",
            "2022-03-04",
            "12 / 2+",
            "Al-Noor TV",
            "shot, shooting",
            "0.88",
        ]

    def test_targets_come_before_victims(self) -> None:
        arguments = report().to_dict()["events"][0]["arguments"]
        arguments[1]["role"] = "target"
        assert cells(changed_event(arguments=arguments))[3] == "12 [red]herders"

    @pytest.mark.parametrize(
        ("start", "end", "precision", "basis", "expected"),
        [
            ("2022-03-01", "2022-03-31", "month", "stated", "2022-03"),
            ("2022-01-01", "2022-12-31", "year", "stated", "2022"),
            ("2022-03-01", "2022-03-07", "week", "stated", "2022-03-01 2022-03-07"),
            ("2022-03-06", "2022-03-06", "day", "news_day", "2022-03-06 (news day)"),
        ],
    )
    def test_dates(self, start: str, end: str, precision: str, basis: str, expected: str) -> None:
        date = {"start": start, "end": end, "precision": precision, "basis": basis}
        assert cells(changed_event(date=date))[5] == expected

    def test_what_is_not_stated_is_empty(self) -> None:
        nothing: dict[str, Any] = {
            "date": None,
            "location": None,
            "killed": None,
            "injured": None,
            "sources": [],
        }
        found = cells(changed_event(**nothing, arguments=[]))
        assert found == ["attack", "happened", "", "", "", "", "", "", "shot, shooting", "0.88"]

    @pytest.mark.parametrize(
        ("killed", "injured", "expected"),
        [
            ({"low": 0, "high": 0}, None, "0 / -"),
            ({"low": 3, "high": 5}, {"low": 7, "high": 7}, "3-5 / 7"),
            (None, {"low": 2}, "- / 2+"),
        ],
    )
    def test_tolls(self, killed: Any, injured: Any, expected: str) -> None:
        assert cells(changed_event(killed=killed, injured=injured))[6] == expected

    def test_many_triggers_are_counted(self) -> None:
        words = ("shot", "wounding", "said", "shooting", "raid")
        triggers = [{**span(w), "score": 0.9} for w in words]
        assert cells(changed_event(triggers=triggers))[8] == "shot, wounding, said, +2"

    def test_off_a_terminal_it_is_plain_and_fits(self) -> None:
        text = written("table", report(warnings=["odd"]), empty("b", error="ValueError: bad"))
        assert text.isascii()
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= 120
        assert [line.split() for line in text.splitlines()] == [
            line.split()
            for line in (
                "a1  2022-03-06  A raid  1 event",
                "  warning: odd",
                "killed/",
                "type status who to whom where when injured source trigger score",
                "attack happened Falcon Brigade 12 Baidoa (SO) 2022-03-04 12 / 2+ Al-Noor TV "
                "shot, 0.88",
                "[red]herders, shooting",
                "two guards",
                "",
                "b  no date  failed",
                "  error: ValueError: bad",
            )
        ]

    def test_documents_without_id_are_numbered_and_long_titles_cut(self) -> None:
        text = written("table", empty(), empty(title="word " * 40))
        first, _, second = text.splitlines()
        assert first == "document 1  no date  0 events"
        assert second.startswith("document 2  no date  word word")
        assert second.endswith("...  0 events")

    def test_control_characters_are_not_printed(self) -> None:
        nasty = "\x1b[31mred\x1b[0m\r\n\u202eevil\u2066 \x07bell"
        text = written("table", empty(nasty, title=nasty, warnings=[nasty]))
        assert not set(text) & set("\x1b\r\x07\u202e\u2066")
        assert text.count("\n") == 2

    def test_on_a_terminal_it_has_the_width_of_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        out = Terminal()
        with FORMATS["table"](out, Ontology.load()) as writer:
            writer.write(report())
        assert "\x1b[1m" in out.getvalue()
        plain = out.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "")
        assert max(map(len, plain.splitlines())) <= 100


class TestOutputFile:
    def test_appears_when_all_is_written(self, tmp_path: Path) -> None:
        target = tmp_path / "out.txt"
        with open_output(target) as out:
            out.write("é \ud800\n")
            assert not target.exists()
        assert target.read_bytes() == "é \\ud800\n".encode()
        assert list(tmp_path.iterdir()) == [target]

    def test_a_failure_keeps_the_old_file(self, tmp_path: Path) -> None:
        target = tmp_path / "out.txt"
        target.write_text("old", encoding="utf-8")

        def fail() -> None:
            with open_output(target) as out:
                out.write("new")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fail()
        assert target.read_text(encoding="utf-8") == "old"
        assert list(tmp_path.iterdir()) == [target]

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real.txt").write_text("old", encoding="utf-8")
        link = tmp_path / "link.txt"
        link.symlink_to("real.txt")
        with open_output(link) as out:
            out.write("new")
        assert link.is_symlink()
        assert (tmp_path / "real.txt").read_text(encoding="utf-8") == "new"

    def test_a_device_is_written_to(self) -> None:
        with open_output("/dev/null") as out:
            out.write("x")
        assert Path("/dev/null").is_char_device()

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "none" / "out.txt"
        with pytest.raises(DataError, match=r"out\.txt: cannot be written"), open_output(path):
            pass

    def test_none_is_standard_output(self, capsys: pytest.CaptureFixture[str]) -> None:
        with open_output(None) as out:
            out.write("x")
            assert out is sys.stdout
        assert capsys.readouterr().out == "x"

    def test_same_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.touch()
        assert same_file(path, tmp_path / "." / "a")
        assert not same_file(path, tmp_path / "none")
        assert not same_file("-", path)
