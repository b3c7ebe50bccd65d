"""Markup text <-> documents; every mistake is named with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conflictwire.document import Argument, Entity, Mention, Span
from conflictwire.errors import DataError
from conflictwire.ontology import Ontology
from conflictwire.readers import read_gold
from conflictwire.training.markup import main, parse, read_folder, render
from training_samples import ONTOLOGY, REPORTS


@pytest.fixture(scope="module")
def harbour() -> Ontology:
    return Ontology.from_text(ONTOLOGY)


def test_a_report_in_full(harbour: Ontology) -> None:
    source = """# id: h-1
# source: invented (log)
# date: 2031-02-04
# title: A title: with a colon

The [Petrel|VESSEL r1:doer =Lifeboat Petrel] {saved|r1} \\[sic\\] two.
It {towed|r1} a [{sinking|c1} barge|VESSEL c1:doer r1:hurt].

Home, [she|VESSEL =Lifeboat Petrel] lay.
---
r1 rescue real date=2031-02-03/2031-02-04 country=NO place=Port of Ansel killed=0 injured=12
c1 collision unsure
"""
    d = parse(source, harbour)
    assert d.text == ("The Petrel saved [sic] two. It towed a sinking barge.\n\nHome, she lay.")
    assert [d.slice(s) for s in d.sentences] == [
        "The Petrel saved [sic] two.", "It towed a sinking barge.", "Home, she lay.",
    ]  # fmt: skip
    assert (d.id, d.source, d.date) == ("h-1", "invented (log)", "2031-02-04")
    assert (d.title, d.license, d.corpus) == ("A title: with a colon", "Apache-2.0", "house")
    assert [d.slice(m) for m in d.mentions] == ["Petrel", "sinking barge", "she"]
    assert d.mentions[0] == Mention(4, 10, "VESSEL")
    assert d.entities == (Entity("Lifeboat Petrel", (0, 2)),)
    rescue, collision = d.events
    assert [d.slice(t) for t in rescue.triggers] == ["saved", "towed"]
    assert rescue.arguments == (Argument("doer", 0), Argument("hurt", 1))
    assert (rescue.date, rescue.country) == ("2031-02-03/2031-02-04", "NO")
    assert (rescue.place, rescue.killed, rescue.injured) == ("Port of Ansel", 0, 12)
    assert collision.triggers == (Span(39, 46),)
    assert (collision.status, collision.date, collision.killed) == ("unsure", None, None)


@pytest.mark.parametrize("report", REPORTS)
def test_round_trip(report: str, harbour: Ontology) -> None:
    document = parse(report, harbour)
    assert parse(render(document), harbour) == document


def test_round_trip_of_special_characters_and_nesting(harbour: Ontology) -> None:
    source = (
        "# id: x\n\nA \\[b\\] \\{c\\} \\| \\\\ "
        "[{d|c1}|CREW] {[e|CREW] f|r1} [g {h|c1}|CREW]{.|c1}\n"
        "---\nc1 collision real\nr1 rescue real\n"
    )
    document = parse(source, harbour)
    assert document.text == "A [b] {c} | \\ d e f g h."
    assert parse(render(document), harbour) == document
    assert render(parse(render(document), harbour)) == render(document)


def test_windows_files_read_the_same(harbour: Ontology) -> None:
    assert parse("\ufeff" + REPORTS[0].replace("\n", "\r\n"), harbour) == parse(REPORTS[0], harbour)


BODY = "# id: x\n# date: 2031-01-01\n\nFirst line.\n{line}\n---\n{events}"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a [b [c|CREW]|CREW]", "column 6: a mention opens inside a mention"),
        ("a {b {c|e1}|e1}", "column 6: a trigger opens inside a trigger"),
        ("a [b|CREW", "column 5: '|' without a closing bracket"),
        ("a b|CREW]", "column 9: ']' closes no mention"),
        ("a b|e1}", "column 7: '}' closes no trigger"),
        ("a [b]", "column 5: ']' without a label ('|...') before it"),
        ("a {b}", "column 5: '}' without a label ('|...') before it"),
        ("a [b", "a mention or trigger is not closed on its line"),
        ("a {b", "a mention or trigger is not closed on its line"),
        ("a [b|]", "a mention without a kind"),
        ("a [b|CREW e1]", "expected EVENT:ROLE, got 'e1'"),
        ("a [b|SAILOR]", "mentions[0].kind: unknown label 'SAILOR'; known: CREW, VESSEL, PORT"),
        ("a [|CREW]", "mentions[0]: span"),
        ("a {b|e2} {c|e1}", "event e2 is used in the text but not defined after ---"),
        ("a [b|CREW e3:doer]", "event e3 is used in the text but not defined after ---"),
    ],
)
def test_mistakes_in_a_sentence(line: str, says: str, harbour: Ontology) -> None:
    events = "e1 rescue real" if line.endswith("|e1}") else ""
    source = BODY.format(line=line, events=events)
    with pytest.raises(DataError) as caught:
        parse(source, harbour, file="f.txt")
    assert says in str(caught.value)
    assert (caught.value.file, caught.value.line) == ("f.txt", 5)


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ("e1 rescue", "bad event line 'e1 rescue'; expected 'ID TYPE STATUS"),
        ("e1 rescue real wounded=3", "bad event line"),
        ("e2 rescue real", "event e2 has no trigger in the text"),
        ("e1 rescue real killed=two", "killed='two' is no whole number"),
        ("e1 rescue real injured=-1", "injured='-1' is no whole number"),
        ("e1 rescue real killed=²", "killed='²' is no whole number"),
        ("e1 rescue real date=2031-02-30", "got '2031-02-30' (in the calendar"),
        ("e1 rescue real date=2031-03/2031-02", "got '2031-03/2031-02' (in the calendar"),
        ("e1 storm real", "unknown label 'storm'; known: collision, rescue"),
        ("e1 rescue sure", "unknown label 'sure'; known: real, unsure"),
        ("e1 rescue real date=Monday", "expected a day, month, year or range, got 'Monday'"),
        ("e1 rescue real country=Norway", "expected ISO 3166-1 alpha-2, got 'Norway'"),
    ],
)
def test_mistakes_in_an_event(events: str, says: str, harbour: Ontology) -> None:
    with pytest.raises(DataError) as caught:
        parse(BODY.format(line="a {b|e1}", events=events), harbour)
    assert says in str(caught.value)
    assert caught.value.line == 7


def test_an_event_told_twice_and_an_unknown_role(harbour: Ontology) -> None:
    twice = BODY.format(line="a {b|e1}", events="e1 rescue real\n\ne1 rescue real")
    with pytest.raises(DataError, match="9: event e1 is defined twice"):
        parse(twice, harbour, file="f")
    role = BODY.format(line="a {b|e1} [c|CREW e1:cook]", events="\ne1 rescue real")
    with pytest.raises(DataError, match=r"f:8.*unknown label 'cook'; known: doer, hurt, site"):
        parse(role, harbour, file="f")


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("# id: x\n# author: me\n\na\n", 2, "bad header '# author: me'"),
        ("# date: 2031-01-01\n\na\n", 1, "no '# id: ...' line"),
        ("a\n", 1, "no '# id: ...' line"),
        ("", 1, "no '# id: ...' line"),
        ("# id: x\n# date: 4 May\n\na\n", 2, "field date: expected YYYY-MM-DD"),
        ("# id: x\n# date: 2031-13-01\n\na\n", 2, "calendar, got '2031-13-01'"),
        ("# id: x\n# date: 2031-01-01\n# id: y\n\na\n", 3, "id is given twice"),
    ],
)
def test_mistakes_in_the_header(source: str, line: int, says: str, harbour: Ontology) -> None:
    with pytest.raises(DataError) as caught:
        parse(source, harbour)
    assert says in str(caught.value)
    assert caught.value.line == line


def test_a_folder_without_reports_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "gone")]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 2
    assert "no .txt file" in capsys.readouterr().err


def test_a_folder_is_read_in_name_order(harbour: Ontology, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name, report in (("b/1", REPORTS[0]), ("a", REPORTS[1]), ("c", REPORTS[2])):
        (tmp_path / f"{name}.txt").write_text(report, encoding="utf-8")
    (tmp_path / "README.md").write_text("no report", encoding="utf-8")
    assert [d.id for d in read_folder(tmp_path, harbour)] == ["harbour-2", "harbour-1", "harbour-3"]


def test_two_reports_of_one_id_are_refused(
    harbour: Ontology, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("# id: same\n\nCalm.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"b\.txt, field id: 'same' is the id of .*a\.txt too"):
        list(read_folder(tmp_path, harbour))
    assert main([str(tmp_path)]) == 1
    assert "'same' is the id of the report in" in capsys.readouterr().err


GOOD = "# id: g\n\n{Rain|e1} fell.\n---\ne1 {type} {status}\n"


def test_the_command_checks_a_folder_and_writes_gold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ontology: Ontology
) -> None:
    labels = {"type": next(iter(ontology.event_types)), "status": next(iter(ontology.statuses))}
    good = GOOD.replace("{type}", labels["type"]).replace("{status}", labels["status"])
    (tmp_path / "good.txt").write_text(good, encoding="utf-8")
    out = tmp_path / "gold.jsonl"
    assert main([str(tmp_path), "--out", str(out)]) == 0
    assert capsys.readouterr().out == "1 reports, 2 words, 1 events, 0 bad files\n"
    assert list(read_gold(out, ontology)) == [parse(good, ontology)]
    assert json.loads(out.read_text(encoding="utf-8"))["id"] == "g"
    out.unlink()
    (tmp_path / "bad.txt").write_text("# id: b\n\nA [b\n", encoding="utf-8")
    assert main([str(tmp_path), "--out", str(out)]) == 1
    assert "bad.txt:3: a mention or trigger is not closed" in capsys.readouterr().err
    assert not out.exists()
