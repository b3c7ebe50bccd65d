"""Arguments of WikiEvents: whole news texts, the triggers and types of whose events are given.

Li, Ji and Han, "Document-Level Event Argument Extraction by Conditional Generation", NAACL 2021: 50
event types and 59 roles of the KAIROS ontology. The main figure is ``head_f1`` (Arg-C of
conventional mentions): event, role and head of the span as gold has them; heads are those of a rule
(``given_triggers``), where the published scorer parses. The published coreference figure needs
files of clusters which are not part of the data here; it is not given. The published systems train
on 206 documents; the choice of roles here was fitted on the 20 public dev documents alone, to which
it is applied without their own part.

Instance (one line, cut): ``{"doc_id": "x1", "sentences": [[[["Rebels", 0, 6], ["left", 7, 11]],
"Rebels left"]], "entity_mentions": [{"id": "x1-T1", "start": 0, "end": 1}], "event_mentions":
[{"event_type": "Conflict.Attack.Unspecified", "trigger": {"start": 1, "end": 2}, "arguments":
[{"entity_id": "x1-T1", "role": "Attacker"}]}]}``; start and end count tokens of the document.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .argument_scores import run_corpus
from .base import Benchmark, Options, json_lines, read_rows
from .given_triggers import Argument, Example, GivenEvent, built

FORM = (
    "a document: doc_id, sentences ([[[token, start, end], ...], text]), entity_mentions (id, "
    "start, end), event_mentions (event_type, trigger {start, end}, arguments [{entity_id, role}])"
)


class _Tokens(BaseModel):
    start: int
    end: int


class _Entity(_Tokens):
    id: str


class _Argument(BaseModel):
    entity_id: str
    role: str


class _Event(BaseModel):
    event_type: str
    trigger: _Tokens
    arguments: list[_Argument]


def read(path: Path) -> list[Example]:
    """The documents of a file. Raises DataError for another form."""
    lines = read_rows(
        path,
        FORM,
        doc_id=str,
        sentences=list[list[list[list[str | int]] | str]],
        entity_mentions=list[_Entity],
        event_mentions=list[_Event],
    )
    return [built(_example, line, path, line["doc_id"]) for line in lines]


def _example(line: dict[str, Any]) -> Example:
    spans = {m["id"]: (m["start"], m["end"]) for m in line["entity_mentions"]}
    events = []
    for event in line["event_mentions"]:
        events.append(
            GivenEvent(
                (event["trigger"]["start"], event["trigger"]["end"]),
                event["event_type"],
                frozenset(Argument(*spans[a["entity_id"]], a["role"]) for a in event["arguments"]),
            )
        )
    sentences = [[token for token, *_ in tokens] for tokens, *_ in line["sentences"]]
    return Example.build(line["doc_id"], sentences, events)


def run(path: Path, options: Options) -> dict[str, Any]:
    return run_corpus("wikievents", read(path), options, measure="head", path=path)


BENCHMARK = Benchmark(
    name="wikievents",
    title="Arguments of given events, WikiEvents",
    data="wikievents/dev.jsonl",
    form=json_lines(FORM),
    source="WikiEvents",
    headline=("head_f1", "span_f1", "head_id_f1", "head_f1_mapped"),
    run=run,
)
