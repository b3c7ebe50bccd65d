"""MUC-4 templates -> documents that the network can learn from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conflictwire.document import Document
from conflictwire.errors import ConfigError, DataError
from conflictwire.ontology import Ontology
from conflictwire.training.config import load_config, ontology_source
from conflictwire.training.corpora import scorer
from conflictwire.training.corpora.muc4 import read
from conflictwire.training.data import own_metrics
from conflictwire.training.train import train
from training_samples import ONTOLOGY

TEXT = (
    "two masked men of the dawn column burned the dawn column archive on monday.  police came.    "
    "elsewhere a carter was abducted by masked men.  a car burned too."
)
ROLES = ("PerpInd", "PerpOrg", "Target", "Victim", "Weapon")


@pytest.fixture(scope="module")
def labels() -> Ontology:
    return Ontology.load(ontology_source("bench/muc4_labels"))


def template(incident_type: str, **fillers: list[list[str]]) -> dict[str, Any]:
    located = {
        role: [[[s, TEXT.index(s)] for s in entity] for entity in fillers.get(role, [])]
        for role in ROLES
    }
    return {"incident_type": incident_type, **located}


def made(path: Path, labels: Ontology, *templates: dict[str, Any], text: str = TEXT) -> Document:
    row = {"docid": "d1", "doctext": text, "templates": list(templates)}
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (document,) = read(path, labels)
    return document


def shown(document: Document) -> list[tuple[str, str]]:
    return [(document.slice(m), m.kind) for m in document.mentions]


def triggers(document: Document) -> dict[str, list[str]]:
    return {e.type: [document.slice(t) for t in e.triggers] for e in document.events}


def test_every_whole_word_place_of_a_filler_is_a_mention_of_it(
    tmp_path: Path, labels: Ontology
) -> None:
    document = made(
        tmp_path / "d", labels, template("arson", PerpInd=[["two masked men", "masked men"]])
    )
    assert shown(document) == [("two masked men", "PerpInd"), ("masked men", "PerpInd")]
    assert [e.mentions for e in document.entities] == [(0, 1)]
    # Letters inside a word are no mention: "car" stands first in "carter".
    document = made(tmp_path / "d", labels, template("arson", Target=[["car"]]))
    assert [m.start for m in document.mentions] == [TEXT.index("car burned")]


def test_the_longest_string_keeps_its_words_whatever_its_slot(
    tmp_path: Path, labels: Ontology
) -> None:
    document = made(
        tmp_path / "d",
        labels,
        template("arson", PerpOrg=[["dawn column"]], Target=[["dawn column archive"]]),
    )
    assert shown(document) == [("dawn column", "PerpOrg"), ("dawn column archive", "Target")]


def test_words_for_the_incident_beside_its_fillers_are_its_triggers(
    tmp_path: Path, labels: Ontology
) -> None:
    document = made(
        tmp_path / "d",
        labels,
        template("arson", PerpOrg=[["dawn column"]], Target=[["dawn column archive"]]),
        template("kidnapping", Victim=[["carter"]]),
    )
    assert triggers(document) == {"arson": ["burned"], "kidnapping": ["abducted"]}
    first, second = document.events
    assert first.triggers[0].start == TEXT.index("burned")
    assert {(a.role, document.slice(document.mentions[a.mention])) for a in first.arguments} == {
        ("PerpOrg", "dawn column"),
        ("Target", "dawn column archive"),
    }
    assert [(a.role, document.slice(document.mentions[a.mention])) for a in second.arguments] == [
        ("Victim", "carter")
    ]


def test_a_word_tells_one_incident_alone(tmp_path: Path, labels: Ontology) -> None:
    document = made(
        tmp_path / "d",
        labels,
        template("arson", Target=[["car"]]),
        template("arson", PerpOrg=[["dawn column"]], Target=[["dawn column archive"]]),
    )
    told = [[t.start for t in e.triggers] for e in document.events]
    assert told == [[TEXT.index("burned too")], [TEXT.index("burned")]]


def test_without_a_word_beside_it_the_first_free_one_tells_it(
    tmp_path: Path, labels: Ontology
) -> None:
    # Robbery has no word of its own here: any incident's does. Then none is left for a third.
    document = made(
        tmp_path / "d",
        labels,
        template("arson", Target=[["dawn column archive"]]),
        template("robbery", Victim=[["police"]]),
        template("bombing"),
    )
    assert triggers(document) == {
        "arson": ["burned"],
        "robbery": ["abducted"],
        "bombing": ["burned"],
    }
    empty = made(tmp_path / "d", labels, template("attack"), text="nothing at all.")
    assert empty.events == ()


def test_types_become_labels(tmp_path: Path, labels: Ontology) -> None:
    document = made(
        tmp_path / "d",
        labels,
        template("arson / attack", Target=[["car"]]),
        template("forced work stoppage", Victim=[["carter"]]),
    )
    assert [e.type for e in document.events] == ["arson", "forced_work_stoppage"]
    assert {e.type for e in document.events} <= set(labels.event_types)


def test_documents_without_templates_are_quiet(tmp_path: Path, labels: Ontology) -> None:
    document = made(tmp_path / "d", labels)
    assert (document.mentions, document.events, document.text) == ((), (), TEXT)


def test_other_labels_and_other_forms_are_refused(tmp_path: Path, labels: Ontology) -> None:
    with pytest.raises(ConfigError, match="bench/muc4_labels"):
        made(tmp_path / "d", Ontology.from_text(ONTOLOGY))
    (tmp_path / "d").write_text('{"docid": "x"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="templates"):
        list(read(tmp_path / "d", labels))


def test_a_run_can_be_steered_by_the_published_metrics(tmp_path: Path, labels: Ontology) -> None:
    path = tmp_path / "d"
    made(path, labels, template("arson", PerpOrg=[["dawn column"]], Target=[["car"]]))
    score = scorer("muc4", path)
    assert score is not None
    at = TEXT.index("dawn column")
    mention = {"id": 0, "start": at, "end": at + 11, "text": "dawn column", "score": 0.9}
    argument = {**mention, "role": "PerpOrg", "mention": 0, "kind": "PerpOrg", "entity": None}
    report = {
        "text": TEXT,
        "mentions": [{**mention, "kind": "PerpOrg", "entity": None}],
        "entities": [],
        "events": [
            {
                "type": "arson",
                "score": 0.9,
                "triggers": [{"start": 0, "end": 3, "text": "two", "score": 0.9}],
                "arguments": [argument],
            }
        ],
    }
    # One of two fillers; in the template the type is right besides.
    assert score([report]) == {
        "muc4_f1": pytest.approx(2 / 3),
        "muc4_template_f1": pytest.approx(4 / 5),
    }
    nothing = score([{"text": "", "mentions": [], "entities": [], "events": []}])
    assert set(nothing) == {"muc4_f1", "muc4_template_f1"}
    assert own_metrics([f"muc4:{path}"]) is not None
    assert own_metrics([f"muc4:{path}", "house:dev"]) is None
    assert own_metrics(["house:dev"]) is None


def test_the_packaged_config_trains_and_selects_by_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "muc4").mkdir()
    labels = Ontology.load(ontology_source("bench/muc4_labels"))
    for name in ("train", "dev"):
        made(tmp_path / "muc4" / f"{name}.jsonl", labels, template("arson", Target=[["car"]]))
    monkeypatch.setenv("CONFLICTWIRE_DATA", str(tmp_path))
    small = ["network.encoder=tiny", "network.freeze_layers=0", "loop.epochs=1", "loop.threads=1"]
    sizes = ["network.span_size=16", "network.pair_size=16", "loop.precision=no"]
    config = load_config("bench/muc4", [f"run_dir={tmp_path / 'run'}", *small, *sizes])
    best = train(config).best_metrics
    assert best["selected"] == ((best["muc4_f1"] or 0) + (best["muc4_template_f1"] or 0)) / 2
