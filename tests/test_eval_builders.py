"""The little documents that the evaluation tests are made of, and a check of the builders.

A prediction is written as a second annotation of the same text and turned into a Report dict.
"""

from __future__ import annotations

from typing import Any

from conflictwire.document import Document, from_dict
from conflictwire.eval import Scores, gold_as_report, read_prediction, score_document
from conflictwire.ontology import Ontology

TEXT = (
    "Gunmen attacked a market in Tarn on Monday. The attack killed three farmers, the Velo Watch "
    "said. Soldiers shelled Ostra and the shelling wounded two nurses."
)


def at(text: str, words: str) -> dict[str, int]:
    """``words`` (``words#2``: its second place) -> start and end in ``text``."""
    words, _, nth = words.partition("#")
    start = -1
    for _ in range(int(nth or 1)):
        start = text.index(words, start + 1)
    return {"start": start, "end": start + len(words)}


def event(
    type: str,
    triggers: list[str],
    arguments: list[tuple[str, int]] | None = None,
    status: str = "happened",
    **values: Any,
) -> dict[str, Any]:
    """``arguments`` are (role, index of a mention)."""
    return {"type": type, "triggers": triggers, "arguments": arguments or [],
            "status": status, **values}  # fmt: skip


def make(
    text: str = TEXT,
    mentions: list[tuple[str, str]] | None = None,
    entities: list[tuple[str, list[int]]] | None = None,
    events: list[dict[str, Any]] | None = None,
    id: str = "d1",
    corpus: str | None = "invented",
) -> Document:
    """A checked Document; spans are given as words of the text."""
    raw = {
        "id": id,
        "corpus": corpus,
        "text": text,
        "mentions": [
            {"id": i, **at(text, words), "kind": kind}
            for i, (words, kind) in enumerate(mentions or [])
        ],
        "entities": [{"name": name, "mentions": members} for name, members in entities or []],
        "events": [
            {
                **e,
                "id": f"{id}-{i}",
                "triggers": [at(text, words) for words in e["triggers"]],
                "arguments": [{"role": r, "mention": m} for r, m in e["arguments"]],
            }
            for i, e in enumerate(events or [])
        ],
    }
    return from_dict(raw, Ontology.load())


def score(gold: Document, predicted: Document | dict[str, Any]) -> Scores:
    report = gold_as_report(predicted) if isinstance(predicted, Document) else predicted
    return score_document(gold, read_prediction(report, gold.id))


def full_document(id: str = "full", corpus: str | None = "invented") -> Document:
    """Every field filled in, one mention under two entities, one entity with no mention left."""
    return make(
        mentions=[
            ("Gunmen", "ARMED_GROUP"),
            ("market", "FACILITY"),
            ("Tarn", "PLACE"),
            ("Monday", "TIME"),
            ("three farmers", "CIVILIAN"),
            ("Velo Watch", "ORG"),
            ("Soldiers", "MILITARY"),
            ("Ostra", "PLACE"),
            ("two nurses", "CIVILIAN"),
        ],
        entities=[
            ("Tarn", [2]),
            ("Velo Watch", [5]),
            ("Ostran army", [6, 7]),
            ("Ostra", [7]),
        ],
        events=[
            event(
                "attack",
                ["attacked", "attack#2", "killed"],
                [("actor", 0), ("target", 1), ("location", 2), ("time", 3), ("killed", 4),
                 ("source", 5)],
                date="2018-05-21", country="SY", place="Tarn", killed=3,
            ),
            event(
                "shelling",
                ["shelled", "shelling"],
                [("actor", 6), ("location", 7), ("injured", 8)],
                status="possible", date="2018-05/2018-06", country="UA", killed=0, injured=2,
            ),
        ],
        id=id,
        corpus=corpus,
    )  # fmt: skip


def test_at_finds_the_nth_place() -> None:
    assert at("a b a", "a#2") == {"start": 4, "end": 5}


def test_second_attack_is_the_noun() -> None:
    # "attack" stands first inside "attacked".
    span = full_document().events[0].triggers[1]
    assert TEXT[span.start - 4 : span.end] == "The attack"
