"""The page: its words, its links, what it may load. Read back with the standard parser."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conflictwire.exports import html
from conflictwire.exports.html import HtmlWriter
from conflictwire.ontology import Ontology
from conflictwire.report import Report

# Elements that have no end tag.
VOID = {"meta", "input"}


def span(text: str, words: str, nth: int = 1) -> dict[str, Any]:
    start = -1
    for _ in range(nth):
        start = text.index(words, start + 1)
    return {"start": start, "end": start + len(words), "text": words}


def event(text: str, number: int, *triggers: str, **values: Any) -> dict[str, Any]:
    found = [{**span(text, words), "score": 0.9} for words in triggers]
    base = {"id": f"e{number}", "type": "air_strike", "category": "explosion"}
    return {**base, "status": "happened", "score": 0.8, "triggers": found, **values}


def report(text: str, *mentions: dict[str, Any], **values: Any) -> Report:
    numbered = [{"id": i, "kind": "GROUP", "score": 0.9, **m} for i, m in enumerate(mentions)]
    base = {"model_version": "0", "text": text, "windows": 1, "mentions": numbered}
    return Report.model_validate({**base, **values})


def argument(mention: dict[str, Any], number: int, role: str) -> dict[str, Any]:
    return {**mention, "role": role, "kind": "GROUP", "mention": number, "score": 0.9}


def write(ontology: Ontology, *reports: Report) -> str:
    out = io.StringIO()
    with HtmlWriter(out, ontology) as writer:
        for one in reports:
            writer.write(one)
    return out.getvalue()


class Page(HTMLParser):
    """What stands in a page. Fails on elements that are not closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []  # of the articles
        self.spans: defaultdict[str, str] = defaultdict(str)  # data-span -> words
        self.cells: defaultdict[str, list[str]] = defaultdict(list)  # row's id -> its cells
        self.words: defaultdict[str, str] = defaultdict(str)  # tag -> all text in it
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs)
        self.elements.append((tag, found))
        if tag == "a":
            assert "a" not in [open_tag for open_tag, _ in self.open]
        if tag not in VOID:
            self.open.append((tag, found))
        if found.get("class") == "text":
            self.texts.append("")
        row = self.row()
        if tag in ("td", "th") and row:
            self.cells[row].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if any(found.get("class") == "text" for _, found in self.open):
            self.texts[-1] += data
        for tag, found in self.open:
            self.words[tag] += data
            if name := found.get("data-span"):
                self.spans[name] += data
        row = self.row()
        if row and self.cells[row]:
            self.cells[row][-1] += data

    def row(self) -> str | None:
        return next((f["id"] for tag, f in self.open if tag == "tr" and "id" in f), None)

    def column(self, name: str, row: str) -> str:
        return self.cells[row][html._COLUMNS.index(name)]

    @property
    def ids(self) -> list[str]:
        return [str(found["id"]) for _, found in self.elements if "id" in found]

    @property
    def hrefs(self) -> list[str]:
        return [str(found["href"]) for _, found in self.elements if "href" in found]


STRIKE = "Jets bombed Tarn on Monday, killing two nurses. The raid hit a clinic, the Watch said."


@pytest.fixture
def strike() -> Report:
    mentions = [span(STRIKE, words) for words in ("Jets", "Tarn", "two nurses")]
    clinic = {**span(STRIKE, "a clinic"), "entity": 0}
    raid = event(
        STRIKE,
        0,
        "bombed",
        "raid",
        arguments=[
            argument(mentions[0], 0, "actor"),
            argument(mentions[2], 2, "killed"),
            argument(clinic, 3, "target"),
        ],
        date={
            "start": "2020-03-02",
            "end": "2020-03-02",
            "precision": "day",
            "basis": "stated",
        },
        location={"country": "SY", "name": "Tarn"},
        killed={"low": 2, "high": 2},
        injured={"low": 3, "high": None},
        sources=["the Watch"],
        codes={
            "acled": {"event_type": "Explosions", "sub_event_type": "Air strike"},
            "plover": {"event": "ASSAULT", "mode": "aerial"},
            "cameo": "19",
            "ucdp": 1,
        },
    )
    killing = event(
        STRIKE,
        1,
        "killing",
        type="killing",
        category="violence",
        status="possible",
        score=0.25,
        arguments=[argument(mentions[2], 2, "killed")],
    )
    return report(
        STRIKE,
        *mentions,
        clinic,
        doc_id="a1",
        title="Raid on <Tarn>",
        publisher="P & Co",
        date="2020-03-02",
        warnings=["'then' is no date"],
        entities=[{"id": 0, "name": "Tarn Clinic", "kind": "SITE", "mentions": [3]}],
        events=[raid, killing],
    )


class TestTable:
    def test_a_row_an_event(self, ontology: Ontology, strike: Report) -> None:
        page = Page(write(ontology, strike, strike))
        assert list(page.cells) == ["d1e0", "d1e1", "d2e0", "d2e1"]
        row = dict(zip(html._COLUMNS, page.cells["d1e0"], strict=True))
        assert row == {
            "type": "air_strike",
            "document": "Raid on <Tarn>",
            "status": "happened",
            "score": "0.80",
            "words": "bombed, raid",
            "who": "Jets",
            "to whom": "Tarn Clinic",
            "place": "Tarn (SY)",
            "date": "2020-03-02",
            "killed": "2",
            "injured": "3+",
            "sources": "the Watch",
            "codes": "ACLED Explosions / Air strike; PLOVER ASSAULT aerial; CAMEO 19; UCDP 1",
        }

    def test_unknown_values_are_empty(self, ontology: Ontology, strike: Report) -> None:
        cells = Page(write(ontology, strike)).cells["d1e1"]
        empty = {c for c, cell in zip(html._COLUMNS, cells, strict=True) if not cell}
        assert empty == {"who", "place", "date", "killed", "injured", "sources", "codes"}

    def test_words_told_again_stand_once(self, ontology: Ontology) -> None:
        text = "Bombed! They bombed it; the raid."
        page = Page(
            write(ontology, report(text, events=[event(text, 0, "Bombed", "bombed", "raid")]))
        )
        assert page.column("words", "d1e0") == "Bombed, raid"
        assert {"#d1e0t0", "#d1e0t2"} <= set(page.hrefs)

    def test_victims_stand_in_for_targets(self, ontology: Ontology, strike: Report) -> None:
        assert Page(write(ontology, strike)).column("to whom", "d1e1") == "two nurses"

    def test_what_the_filters_read(self, ontology: Ontology, strike: Report) -> None:
        page = Page(write(ontology, strike))
        rows = [f for tag, f in page.elements if tag == "tr" and "id" in f]
        found = [(f["data-type"], f["data-status"], float(str(f["data-score"]))) for f in rows]
        assert found == [("air_strike", "happened", 0.8), ("killing", "possible", 0.25)]

    def test_headers_say_what_they_head(self, ontology: Ontology, strike: Report) -> None:
        page = Page(write(ontology, strike))
        scopes = [found["scope"] for tag, found in page.elements if tag == "th"]
        assert scopes == ["col"] * len(html._COLUMNS) + ["row"] * 2

    def test_colours_by_category(self, ontology: Ontology, strike: Report) -> None:
        page = Page(write(ontology, strike))
        colours = {
            str(f["data-span"]): str(f["class"]).split()[1]
            for _, f in page.elements
            if str(f.get("class")).startswith("trigger")
        }
        assert colours["d1e0t0"] == colours["d1e0t1"] != colours["d1e1t0"]
        for category in ontology.categories:
            assert category in page.words["ul"]


class TestText:
    def test_the_words_are_those_of_the_text(self, ontology: Ontology, strike: Report) -> None:
        page = Page(write(ontology, strike))
        assert page.texts == [STRIKE]
        assert dict(page.spans) == {
            "d1m0": "Jets",
            "d1m1": "Tarn",
            "d1m2": "two nurses",
            "d1m3": "a clinic",
            "d1e0t0": "bombed",
            "d1e0t1": "raid",
            "d1e1t0": "killing",
        }

    def test_links_lead_to_and_fro(self, ontology: Ontology, strike: Report) -> None:
        page = Page(write(ontology, strike, strike))
        assert len(set(page.ids)) == len(page.ids)
        assert {href[1:] for href in page.hrefs} <= set(page.ids)
        row = write(ontology, strike).split("<tr ")[1]
        assert re.findall(r'href="#(\w+)"', row) == ["d1", "d1e0t0", "d1e0t1", "d1m0", "d1m3"]
        from_text = [f.get("href") for _, f in page.elements if f.get("data-span") == "d2e1t0"]
        assert from_text == ["#d2e1"]

    def test_mentions_know_their_events(self, ontology: Ontology, strike: Report) -> None:
        page = Page(write(ontology, strike))
        events = {
            f["data-span"]: f.get("data-events") for _, f in page.elements if "data-span" in f
        }
        assert events["d1m2"] == "d1e0 d1e1"
        assert events["d1m1"] is None
        assert events["d1e1t0"] == "d1e1"

    def test_what_is_said_of_a_document(self, ontology: Ontology, strike: Report) -> None:
        page = Page(write(ontology, strike, report("Calm.", error="ValueError: <odd>")))
        assert page.words["h2"] == "Raid on <Tarn>document 2"
        for words in ("a1 · P & Co · 2020-03-02 · 2 events", "'then' is no date"):
            assert words in page.words["article"]
        assert "ValueError: <odd>" in page.words["article"]

    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert(1)</script> bombed & </div> 'quoted' \"twice\"",
            "</script></style><!-- bombed --> <a href='https://evil.example'>x</a> &amp; &lt;",
            "בעזה bombed \u202e abc \u2069 قصف",
            "🛰️🙂 bombed 👩‍👩‍👧 e\u0301",
            "\r\nbombed\rone\ttwo\u2028three\n\n  four\x0c\x85\x9f",
        ],
    )
    def test_any_text_stays_what_it_is(self, ontology: Ontology, text: str) -> None:
        nasty = text.replace("bombed", "").strip() or "x"
        found = report(
            text,
            {**span(text, text[:3]), "kind": '"><script>x', "entity": 0},
            events=[event(text, 0, "bombed", type="a<b", category='c"d', sources=[nasty])],
            title=nasty,
            doc_id=nasty,
            publisher=nasty,
            entities=[{"id": 0, "name": nasty, "kind": "GROUP", "mentions": [0]}],
            warnings=[nasty],
        )
        page = Page(write(ontology, found))
        assert page.texts == [text]
        assert page.spans["d1m0"] == text[:3]
        assert page.spans["d1e0t0"] == "bombed"
        assert [tag for tag, _ in page.elements].count("script") == 1
        assert page.column("type", "d1e0") == "a<b"

    def test_what_no_page_can_hold_keeps_its_place(self, ontology: Ontology) -> None:
        text = "A\0\ud800 bombed"
        page = Page(write(ontology, report(text, events=[event(text, 0, "bombed")])))
        assert page.texts == ["A\ufffd\ufffd bombed"]
        assert page.spans["d1e0t0"] == "bombed"

    def test_marks_in_and_across_each_other(self, ontology: Ontology) -> None:
        text = "the big car bomb attack here"
        mentions = [span(text, words) for words in ("the big car bomb", "bomb attack here", "car")]
        bombs = event(text, 0, "car bomb"), event(text, 1, "bomb attack"), event(text, 2, "bomb")
        page = Page(write(ontology, report(text, *mentions, events=list(bombs))))
        assert page.texts == [text]
        assert dict(page.spans) == {
            "d1m0": "the big car bomb",
            "d1m1": "bomb attack here",
            "d1m2": "car",
            "d1e0t0": "car bomb",
            "d1e1t0": "bomb attack",
            "d1e2t0": "bomb",
        }
        assert len(set(page.ids)) == len(page.ids)

    def test_marks_at_the_very_ends(self, ontology: Ontology) -> None:
        text = "bombed again bombed"
        (first, last) = span(text, "bombed"), span(text, "bombed", 2)
        found = event(text, 0, "bombed", triggers=[{**x, "score": 1} for x in (first, last)])
        page = Page(write(ontology, report(text, span(text, text), events=[found])))
        assert (page.texts, page.spans["d1m0"]) == ([text], text)
        assert page.spans["d1e0t0"] == page.spans["d1e0t1"] == "bombed"


class TestPage:
    def test_no_documents(self, ontology: Ontology) -> None:
        page = Page(write(ontology))
        assert (page.texts, dict(page.cells)) == ([], {})

    def test_nothing_is_asked_of_the_network(self, ontology: Ontology, strike: Report) -> None:
        source = write(ontology, strike)
        assert not re.search(r"https?:|//[a-z]|@import|url\(|fetch\(|XMLHttp|import\(", source)
        page = Page(source)
        names = {name for _, found in page.elements for name in found}
        assert not names & {"src", "srcset", "action", "data", "poster", "style", "ping"}
        assert not [name for name in names if name.startswith("on")]
        assert all(href.startswith("#") for href in page.hrefs)
        assert not {tag for tag, _ in page.elements} & {"link", "img", "iframe", "base", "object"}

    def test_the_policy_lets_nothing_but_the_own_script_run(self, ontology: Ontology) -> None:
        import hashlib
        from base64 import b64encode

        page = Page(write(ontology))
        (policy,) = [
            str(f["content"])
            for _, f in page.elements
            if f.get("http-equiv") == "Content-Security-Policy"
        ]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert set(rules) == {"default-src", "style-src", "script-src", "base-uri", "form-action"}
        for name in ("default-src", "base-uri", "form-action"):
            assert rules[name] == "'none'"
        for name, tag in (("style-src", "style"), ("script-src", "script")):
            digest = b64encode(hashlib.sha256(page.words[tag].encode()).digest()).decode()
            assert rules[name] == f"'sha256-{digest}'"

    def test_the_script_builds_no_markup(self) -> None:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|eval", html._script()
        )
        assert "<" not in re.sub(r"< |<=", "", html._script())  # so that it ends where it should

    def test_many_documents_are_not_held(
        self, ontology: Ontology, strike: Report, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Rows go out at once; articles come back from a file."""
        monkeypatch.setattr(html, "_HELD_BYTES", 100)
        out = io.StringIO()
        with HtmlWriter(out, ontology) as writer:
            for i in range(50):
                writer.write(strike)
                assert out.getvalue().count("<tr id=") == 2 * (i + 1)
                assert "<article" not in out.getvalue()
        page = Page(out.getvalue())
        assert page.texts == [STRIKE] * 50

    def test_a_failure_leaves_no_file_open(self, ontology: Ontology, strike: Report) -> None:
        writer = HtmlWriter(io.StringIO(), ontology)
        writer.write(strike)
        writer.__exit__(RuntimeError, RuntimeError("stop"), None)
        assert writer._articles.closed

    def test_another_ontology(self, strike: Report) -> None:
        """Categories that it does not know have a colour all the same."""
        other = Ontology.from_text(
            "version: '1'\nkinds: {X: {}}\nroles: {of: {}}\nstatuses: {s: {}}\n"
            "event_types: {quake: {category: nature}}\n"
        )
        assert Page(write(other, strike)).column("type", "d1e0") == "air_strike"


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_contrast(mode: str) -> None:
    """At least 4.5 to 1 (WCAG AA) for all text, 7 to 1 for the words of articles."""
    style = Path(html.__file__).with_name("page.css").read_text(encoding="utf-8")
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    part = light if mode == "light" else dark.split("\n}\n")[0]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", part))
    tints = re.findall(r"--tint: (#[0-9a-f]{6})", part)
    assert len(tints) == html._N_COLOURS
    for background in (*tints, colours["paper"], colours["target"]):
        assert contrast(colours["ink"], background) >= 7
    for name in ("quiet", "link", "error"):
        assert contrast(colours[name], colours["paper"]) >= 4.5
    assert contrast(colours["link"], colours["target"]) >= 4.5
