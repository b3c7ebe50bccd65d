"""The shipped model on house reports that it was not trained on."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from conflictwire import load
from conflictwire.document import Document
from conflictwire.eval import Evaluation, evaluate
from conflictwire.ontology import Ontology
from conflictwire.training.data import load_documents

WEIGHTS = Path(__file__).resolve().parents[1] / "model" / "weights"

pytestmark = pytest.mark.skipif(
    not WEIGHTS.is_dir(), reason="model/weights is absent: no shipped model to run"
)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return load_documents(["house:dev"], Ontology.load())


@pytest.fixture(scope="module")
def scored(documents: list[Document]) -> Evaluation:
    coder = load(device="cpu")
    reports = coder.stream(
        {"text": d.text, "date": d.date, "doc_id": d.id, "title": d.title} for d in documents
    )
    return evaluate(documents, [r.to_dict() for r in reports], n_resamples=0)


@pytest.mark.parametrize(
    ("figure", "at_least"),
    [
        ("mention_f1", 0.70),
        ("trigger_cls_f1", 0.60),
        ("event_f1", 0.50),
        ("argument_f1", 0.35),
        ("status_accuracy", 0.70),
        ("country", 0.65),
        ("killed", 0.60),
    ],
)
def test_held_out_reports_are_read(scored: Evaluation, figure: str, at_least: float) -> None:
    value = scored.headline()[figure]
    assert value is not None
    assert value >= at_least


def test_quiet_reports_stay_quiet(documents: list[Document]) -> None:
    quiet = [d for d in documents if not d.events]
    assert quiet
    coder = load(device="cpu")
    found = [
        (d.id, e.type, e.triggers[0].text)
        for d in quiet
        for e in coder(d.text, d.date).events
        if e.score >= 0.5
    ]
    # Sports language still deceives it: "battle", "ambushed", "beat", "offensive".
    assert len(found) <= 4, found


def test_loading_and_reading_need_no_network(
    documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blocked(socket.socket):
        def __init__(self, *_: object, **__: object) -> None:
            raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "socket", Blocked)
    for call in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, call, Blocked)
    report = load(device="cpu")(documents[0].text, documents[0].date)
    assert report.error is None


def test_weights_are_half_precision_and_small() -> None:
    assert (WEIGHTS / "model.safetensors").stat().st_size <= 50_000_000
