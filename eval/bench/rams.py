"""Arguments of RAMS: one event in five sentences, whose trigger and type are given.

Roles Across Multiple Sentences (Ebner et al., "Multi-Sentence Argument Linking", ACL 2020): 139
event types and 65 roles of the AIDA ontology; arguments may stand in any of the sentences. The main
figure is ``span_f1``, over event, role and exact tokens, as in the scorer of the corpus without its
type-constrained decoding. See ``given_triggers`` for how our labels become theirs. The published
systems train on 7,329 events; the choice of roles here was fitted on the public dev part alone
(924), to whose events it is applied without the part that holds their article.

Instance (one line, cut): ``{"doc_key": "x1", "sentences": [["Rebels", "took", "it", "."]],
"evt_triggers": [[1, 1, [["conflict.attack.n/a", 1.0]]]],
"gold_evt_links": [[[1, 1], [0, 0], "evt004arg01attacker"]]}``; ranges of tokens are inclusive.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .argument_scores import run_corpus
from .base import Benchmark, Options, json_lines, read_rows
from .given_triggers import Argument, Example, GivenEvent, built

FORM = (
    "five sentences with one event: doc_key, sentences (lists of tokens), evt_triggers "
    "([[first, last, [[type, 1.0]]]]), gold_evt_links ([[trigger, [first, last], role]])"
)
_ROLE = re.compile(r"^evt\d+arg\d+")  # before the name of a role


def read(path: Path) -> list[Example]:
    """The examples of a file. Raises DataError for another form."""
    lines = read_rows(
        path,
        FORM,
        doc_key=str,
        sentences=list[list[str]],
        evt_triggers=list[list[int | list[list[str | float]]]],
        gold_evt_links=list[list[list[int] | str]],
    )
    return [built(_example, line, path, line["doc_key"]) for line in lines]


def _example(line: dict[str, Any]) -> Example:
    arguments: dict[tuple[int, int], set[Argument]] = {}
    for trigger, (first, last), role in line["gold_evt_links"]:
        argument = Argument(first, last + 1, _ROLE.sub("", role))
        arguments.setdefault(tuple(trigger), set()).add(argument)
    events = [
        GivenEvent((first, last + 1), types[0][0], frozenset(arguments.get((first, last), ())))
        for first, last, types in line["evt_triggers"]
    ]
    triggers = {(first, last) for first, last, _ in line["evt_triggers"]}
    if unknown := arguments.keys() - triggers:
        raise ValueError(f"gold_evt_links of {next(iter(unknown))!r}, which is no trigger")
    if not all(isinstance(event.type, str) for event in events):
        raise TypeError("evt_triggers with a type that is no text")
    article = str(line.get("source_url") or line["doc_key"])
    return Example.build(line["doc_key"], line["sentences"], events, source=article)


def run(path: Path, options: Options) -> dict[str, Any]:
    return run_corpus("rams", read(path), options, measure="span", path=path)


BENCHMARK = Benchmark(
    name="rams",
    title="Arguments of given events, RAMS",
    data="rams/dev.jsonl",
    form=json_lines(FORM),
    source="RAMS 1.0",
    headline=("span_f1", "head_f1", "span_id_f1", "span_f1_mapped"),
    run=run,
)
