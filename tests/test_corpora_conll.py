"""CoNLL blocks as documents to train on."""

from __future__ import annotations

from pathlib import Path

import pytest
from conflictwire.errors import DataError
from conflictwire.ontology import Ontology
from conflictwire.segment import segment
from conflictwire.training.config import load_config, ontology_source
from conflictwire.training.corpora import reader
from conflictwire.training.data import load_documents

CONLL = (
    "Lt.\tB-Person\r\nCol.\tI-Person\r\nA.\tI-Person\r\nOkri\tI-Person\r\n's\tO\r\n"
    "F-16s\tB-MilitaryPlatform\r\nleft\tO\r\nthe\tB-Location\r\nU.S.\tI-Location\r\n.\tO\r\n"
    "\r\n"
    "ن\tO\r\nه\tO\r\n\u00a0\tO\r\n$\tB-Money\r\n5\tI-Money\r\n"
)


@pytest.fixture
def labels() -> Ontology:
    return Ontology.load(ontology_source(load_config("bench/re3d").network.ontology))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "north.conll"
    path.write_bytes(CONLL.encode("utf-8"))
    return path


def test_a_block_is_a_document_with_mentions_alone(path: Path, labels: Ontology) -> None:
    first, second = reader("re3d")(path, labels)
    assert (first.id, second.id) == ("north-0", "north-1")
    assert first.text == "Lt. Col. A. Okri 's F-16s left the U.S. ."
    assert [(first.slice(m), m.kind) for m in first.mentions] == [
        ("Lt. Col. A. Okri", "Person"),
        ("F-16s", "MilitaryPlatform"),
        ("the U.S.", "Location"),
    ]
    assert [(second.slice(m), m.kind) for m in second.mentions] == [("$ 5", "Money")]
    assert not first.events + first.entities + second.events + second.entities


def test_mentions_begin_and_end_with_words(path: Path, labels: Ontology) -> None:
    for document in reader("re3d")(path, labels):
        words = segment(document.text)
        assert {m.start for m in document.mentions} <= set(words.starts)
        assert {m.end for m in document.mentions} <= set(words.ends)


def test_a_config_names_the_file_by_its_reader(
    path: Path, labels: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFLICTWIRE_DATA", str(path.parent))
    found = load_documents([f"re3d:$CONFLICTWIRE_DATA/{path.name}"], labels)
    assert [len(d.mentions) for d in found] == [3, 1]


def test_a_type_that_the_labels_lack_is_named_with_file_and_line(
    path: Path, labels: Ontology
) -> None:
    path.write_text("a O\n\nb B-Ship\n", encoding="utf-8")
    with pytest.raises(DataError, match="unknown label 'Ship'; known: DocumentReference") as raised:
        list(reader("re3d")(path, labels))
    assert (raised.value.file, raised.value.line) == (str(path), 3)
