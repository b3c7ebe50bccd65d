"""Annotations apart from their texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conflictwire.document import Document, from_dict
from conflictwire.errors import DataError
from conflictwire.ontology import Ontology
from conflictwire.training.corpora import reports
from conflictwire.training.data import load_documents
from conflictwire.training.markup import HOUSE, read_folder
from conflictwire.training.standoff import main, read_standoff, take_text_out


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return list(read_folder(HOUSE / "sudan", Ontology.load()))


def files(folder: Path, documents: list[Document], *, tail: str = "") -> tuple[Path, Path]:
    """Gold JSONL, and its texts with other white space and ``tail`` behind each."""
    gold, texts = folder / "gold.jsonl", folder / "texts.jsonl"
    rows = [d.to_dict() for d in documents]
    gold.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for row in rows:
        row["text"] = f" {row['text'].replace(' ', '  ')}{tail}"
    about = [{k: v for k, v in r.items() if k not in ("mentions", "events")} for r in rows]
    texts.write_text("\n".join(map(json.dumps, about)), encoding="utf-8")
    return gold, texts


def test_what_is_taken_apart_goes_together_again(documents: list[Document], tmp_path: Path) -> None:
    gold, texts = files(tmp_path, documents, tail=" One more sentence.")
    out = tmp_path / "annotations.jsonl"
    assert main([str(gold), str(texts), "--out", str(out)]) == 0
    written = out.read_text(encoding="utf-8")
    assert "text" not in json.loads(written.split("\n", 1)[0])
    read = list(read_standoff(out, texts, Ontology.load()))
    assert [d.id for d in read] == [d.id for d in documents]
    for new, old in zip(read, documents, strict=True):
        assert new.text.split() == old.text.split()
        assert (new.date, new.source) == (old.date, old.source)
        assert [(new.slice(m).split(), m.kind) for m in new.mentions] == [
            (old.slice(m).split(), m.kind) for m in old.mentions
        ]
        assert new.entities == old.entities
        for ours, theirs in zip(new.events, old.events, strict=True):
            assert (ours.type, ours.status, ours.date, ours.killed) == (
                theirs.type, theirs.status, theirs.date, theirs.killed,
            )  # fmt: skip
            assert ours.arguments == theirs.arguments
            assert [new.slice(t).split() for t in ours.triggers] == [
                old.slice(t).split() for t in theirs.triggers
            ]


def test_another_text_is_refused(
    documents: list[Document], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold, texts = files(tmp_path, documents[:1])
    out = tmp_path / "annotations.jsonl"
    assert main([str(gold), str(texts), "--out", str(out)]) == 0
    changed = json.loads(texts.read_text(encoding="utf-8"))
    changed["text"] = changed["text"].replace("a", "o", 1)
    texts.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(DataError, match="not the one that was annotated"):
        list(read_standoff(out, texts, Ontology.load()))
    capsys.readouterr()
    assert main([str(gold), str(texts), "--out", str(out)]) == 1
    assert "where the annotated one has" in capsys.readouterr().err
    changed["text"] = documents[0].text[:40]
    with pytest.raises(DataError, match="the text ends where"):
        take_text_out(documents[0], changed["text"])
    changed["id"] = "other"
    texts.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(DataError, match=f"no text '{documents[0].id}'"):
        list(read_standoff(out, texts, Ontology.load()))
    assert main([str(gold), str(texts), "--out", str(out)]) == 1


def test_of_texts_with_one_id_the_annotated_one_is_taken(
    documents: list[Document], tmp_path: Path
) -> None:
    gold, texts = files(tmp_path, documents[:1])
    row = json.loads(texts.read_text(encoding="utf-8"))
    other = json.dumps(row | {"text": "Another text."})
    for rows in ([json.dumps(row), other], [other, json.dumps(row)]):
        texts.write_text("\n".join(rows), encoding="utf-8")
        out = tmp_path / "annotations.jsonl"
        assert main([str(gold), str(texts), "--out", str(out)]) == 0
        (read,) = read_standoff(out, texts, Ontology.load())
        assert read.text.split() == documents[0].text.split()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mentions": [[0, 4]]}, "mentions.0"),
        ({"events": [{"type": "attack", "triggers": [[0]], "arguments": []}]}, "triggers"),
        ({"entities": ["Oslo"]}, "entities.0"),
        ({"start": "0"}, "start"),
    ],
)
def test_another_form_is_told(
    documents: list[Document], tmp_path: Path, change: dict[str, object], field: str
) -> None:
    gold, texts = files(tmp_path, documents[:1])
    out = tmp_path / "annotations.jsonl"
    assert main([str(gold), str(texts), "--out", str(out)]) == 0
    row = json.loads(out.read_text(encoding="utf-8"))
    out.write_text(json.dumps(row | change), encoding="utf-8")
    with pytest.raises(DataError, match=field):
        list(read_standoff(out, texts, Ontology.load()))


def test_white_space_at_the_ends_of_spans_is_left_out() -> None:
    raw = {"id": "x", "text": "Rain fell. It stopped.", "sentences": [[0, 11], [11, 22]],
           "mentions": [], "entities": [], "events": []}  # fmt: skip
    row = take_text_out(from_dict(raw, Ontology.load()), "Rain  fell.\nIt stopped.")
    assert row["sentences"] == [[0, 11], [12, 23]]
    blank = from_dict(raw | {"text": "  ", "sentences": []}, Ontology.load())
    with pytest.raises(DataError, match="nothing stands in"):
        take_text_out(blank, "Rain.")


def test_a_later_part_of_a_text(documents: list[Document], tmp_path: Path) -> None:
    one = documents[0]
    gold, texts = files(tmp_path, [one])
    row = json.loads(texts.read_text(encoding="utf-8"))
    row["text"] = "Rain fell. " + row["text"]
    texts.write_text(json.dumps(row), encoding="utf-8")
    part = one.to_dict() | {"id": f"{one.id}@10"}
    gold.write_text(json.dumps(part), encoding="utf-8")
    out = tmp_path / "annotations.jsonl"
    assert main([str(gold), str(texts), "--out", str(out)]) == 0
    (read,) = read_standoff(out, texts, Ontology.load())
    assert read.id == part["id"]
    assert read.date == one.date
    assert [read.slice(m).split() for m in read.mentions] == [
        one.slice(m).split() for m in one.mentions
    ]
    assert read.text.split() == one.text.split()


def test_a_document_without_anything(tmp_path: Path) -> None:
    raw = {"id": "x", "text": "Rain. ", "mentions": [], "entities": [], "events": []}
    row = take_text_out(from_dict(raw, Ontology.load()), "Rain.")
    assert (row["end"], row["mentions"], row["events"]) == (5, [], [])


def test_the_packaged_annotations_need_their_texts(tmp_path: Path) -> None:
    with reports.ANNOTATIONS.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert len({(row["id"], row["start"]) for row in rows}) == len(rows) > 200
    assert sum(len(row["events"]) for row in rows) > 1000
    texts = tmp_path / "reports.jsonl"
    texts.write_text('{"id": "none", "text": "Rain."}', encoding="utf-8")
    with pytest.raises(DataError, match="no text"):
        load_documents([f"reports:{texts}"], Ontology.load())
