"""Reports whose every text was made to harm whoever opens the results."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from conflictwire.ontology import Ontology
from conflictwire.outputs import FORMATS, open_output
from conflictwire.report import Report
from export_samples import BATTLE, make_report, written

STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\n", "  =", "\uff1d", "\u2212", "\u200b@"]
TABLES = ["csv", "acled", "ucdp"]


def hostile(start: str, words: str = "1+cmd|' /C calc'!A0") -> Report:
    """An event with all it can have; each text begins with ``start``."""
    nasty = start + words
    text = f"{nasty}(a) {nasty}(b) {nasty}(c) {nasty}(d) attacked."
    return make_report(
        text,
        [
            ("actor", f"{nasty}(a)", "ARMED_GROUP"),
            ("target", f"{nasty}(b)", "MILITARY"),
            ("killed", f"{nasty}(c)", "CIVILIAN"),
            ("location", f"{nasty}(d)", "PLACE"),
        ],
        trigger="attacked",
        names={f"{nasty}(a)": (f"{nasty}(a)", "SO")},
        document={"doc_id": nasty, "title": nasty, "publisher": nasty, "date": "2022-03-06"},
        location={
            "country": "AR", "admin1": nasty, "name": nasty, "lat": -34.5, "lon": -58.25,
            "text": nasty,
        },
        killed={"low": 3, "high": 4},
        sources=[nasty],
        codes=BATTLE | {"ucdp": 1},
    )  # fmt: skip


def is_formula(cell: str) -> bool:
    """As a spreadsheet that is generous about spaces has it; numbers are none."""
    try:
        float(cell)
    except ValueError:
        seen = unicodedata.normalize("NFKC", re.sub(r"[\s\u200b]", "", cell))
        return seen[:1] in tuple("=+-@\u2212") or cell[:1] in tuple("\t\r\n")
    return False


@pytest.mark.parametrize("format", TABLES)
@pytest.mark.parametrize("start", STARTS)
def test_no_cell_of_any_table_is_a_formula(format: str, start: str) -> None:
    (row,) = csv.DictReader(io.StringIO(written(format, hostile(start)), newline=""))
    assert [f"{key}: {cell}" for key, cell in row.items() if is_formula(cell)] == []
    assert sum(cell.startswith("'") for cell in row.values()) >= 4  # it was there, and was met
    coordinates = ("lat", "lon") if format == "csv" else ("latitude", "longitude")
    assert [float(row[name]) for name in coordinates] == [-34.5, -58.25]


class Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.tags: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]


@pytest.mark.parametrize(
    "nasty",
    [
        "javascript:alert(1)//",
        '" onmouseover=alert(1) x="',
        "' autofocus onfocus=alert(1) '",
        "</script><script>alert(1)</script>",
        "</style></title></textarea><img src=x onerror=alert(1)>",
        "--><svg onload=alert(1)>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\x00<\x00script>alert(1)",
        "data:text/html,<script>alert(1)</script>",
    ],
)
def test_no_text_becomes_markup_of_the_page(nasty: str) -> None:
    page, calm = (Page(written("html", hostile("x", words))) for words in (nasty, "calm"))
    assert page.tags == calm.tags
    names = [(tag, name) for tag, name, _ in page.attributes]
    assert names == [(tag, name) for tag, name, _ in calm.attributes]
    assert not [name for _, name in names if name.startswith("on") or name in ("src", "style")]
    links = [value or "" for _, name, value in page.attributes if name == "href"]
    assert links
    assert all(re.fullmatch(r"#d\d+(e\d+(t\d+)?|m\d+)?", link) for link in links)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


COMMANDS = "\x1b]0;owned\x07 \x1b[2J \x9b6n \x1b[31m \rOK \x08\x7f\x0b"


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"parquet"}))
def test_no_text_gives_commands_to_a_terminal(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(newline="")
    monkeypatch.setattr(sys, "stdout", terminal)
    with open_output(None) as out, FORMATS[format](out, Ontology.load()) as writer:
        writer.write(hostile("x", COMMANDS))
    shown = terminal.getvalue()
    assert "owned" in shown
    left = re.sub(r"\x1b\[[01]m", "", shown).replace("\r\n", "\n")  # bold type, ends of rows
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", left) == []
    if format in ("json", "jsonl"):
        raw: Any = json.loads(shown)
        assert raw["title"] == f"x{COMMANDS}"  # escapes, so that nothing is lost


def test_files_hold_texts_as_they_are() -> None:
    assert "\x1b]0;owned" in written("csv", hostile("x", COMMANDS))
