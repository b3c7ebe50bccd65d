"""The house corpus: every report is sound, and the whole is what its users count on."""

from __future__ import annotations

from collections import Counter

import pytest
from conflictwire.document import Document
from conflictwire.files import read_text
from conflictwire.ontology import Ontology
from conflictwire.training.data import load_documents
from conflictwire.training.markup import HOUSE, parse, render

FILES = sorted(HOUSE.rglob("*.txt"))
MIN_WORDS, MAX_WORDS = 80, 400
MIN_LONG, MAX_LONG = 700, 1000


@pytest.fixture(scope="module")
def documents(ontology: Ontology) -> dict[str, Document]:
    """File stem -> report."""
    return {p.stem: parse(read_text(p), ontology, file=str(p)) for p in FILES}


def test_there_are_enough_reports_each_named_after_its_file(
    documents: dict[str, Document],
) -> None:
    assert len(FILES) >= 250
    assert [d.id for d in documents.values()] == list(documents)
    assert len(documents) == len(FILES)


def test_reports_are_of_the_length_of_a_wire_report_or_long(documents: dict[str, Document]) -> None:
    wrong = {}
    for i, d in documents.items():
        low, high = (MIN_LONG, MAX_LONG) if _is_long(i) else (MIN_WORDS, MAX_WORDS)
        if not low <= (n := len(d.text.split())) <= high:
            wrong[i] = n
    assert wrong == {}


def _is_long(name: str) -> bool:
    return name.startswith("house-long")


def test_quiet_reports_have_mentions_but_no_events(documents: dict[str, Document]) -> None:
    quiet = {i: d for i, d in documents.items() if i.startswith("house-quiet")}
    assert len(quiet) >= 10
    assert all(not d.events for d in quiet.values())
    assert all(d.mentions for d in quiet.values())
    assert all(d.events for i, d in documents.items() if i not in quiet)


def test_reports_are_ours_to_give(documents: dict[str, Document]) -> None:
    assert {d.license for d in documents.values()} == {"Apache-2.0"}
    assert {d.corpus for d in documents.values()} == {"house"}


def test_every_label_is_shown(documents: dict[str, Document], ontology: Ontology) -> None:
    seen: Counter[str] = Counter()
    for d in documents.values():
        seen.update(m.kind for m in d.mentions)
        seen.update(e.type for e in d.events)
        seen.update(f"status {e.status}" for e in d.events)
        seen.update(f"role {a.role}" for e in d.events for a in e.arguments)
    wanted = [*ontology.kinds, *ontology.event_types]
    wanted += [f"status {s}" for s in ontology.statuses] + [f"role {r}" for r in ontology.roles]
    assert [label for label in wanted if not seen[label]] == []


def test_no_text_stands_twice(documents: dict[str, Document]) -> None:
    assert len({d.text for d in documents.values()}) == len(documents)


def test_reports_survive_a_round_trip(documents: dict[str, Document], ontology: Ontology) -> None:
    for document in documents.values():
        assert parse(render(document), ontology) == document


def test_train_and_dev_parts_share_nothing_and_make_the_whole(ontology: Ontology) -> None:
    whole, train, dev = (
        [d.id for d in load_documents([name], ontology)]
        for name in ("house", "house:train", "house:dev")
    )
    assert len(whole) // 20 <= len(dev) <= len(whole) // 5
    assert not set(train) & set(dev)
    assert sorted(train + dev) == sorted(whole)
    assert sum(map(_is_long, train)) > sum(map(_is_long, dev)) >= 10
    assert any(d.events for d in load_documents(["house:dev"], ontology))
