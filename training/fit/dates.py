"""Fits the weights that choose an event's date among its candidates.

    python -m conflictwire.training.fit.dates GOLD_FOLDER [--folds RUN | --model FOLDER]

It reads ``train.jsonl`` and ``dev.jsonl`` of the folder, prints the scores of a 5-fold
cross-validation over the documents of train and those on dev, and writes the weights.

The model is a conditional logit: the probability of a candidate is the softmax of its summed
weights over the candidates of its event, "no date" among them. An event's gold date is the
candidate with both its ends, or else those with its first day; events whose date no candidate has
teach nothing. Events are read with gold spans, and with ``--folds`` (a finished run of
``conflictwire.training.crossval``) also with the spans that models found in documents of train
that they had not seen, which teaches how far links to time expressions can be trusted. ``--model``
takes one model in place of those of the folds; it has seen these documents, and trusts its links a
little more than on others. Nothing is random but the folds (seed 0).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from conflictwire.coder import load
from conflictwire.date_clues import date_clues
from conflictwire.document import Document, Event, Span
from conflictwire.errors import ConflictwireError
from conflictwire.eval.bench.logit import fit_table
from conflictwire.eval.dates import DayRange, day_range
from conflictwire.eval.matching import assign, meet
from conflictwire.extractor import Extraction
from conflictwire.files import iso_day
from conflictwire.network import NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.readers import read_gold
from conflictwire.resolve.dates.candidates import CONTEXT_SLOTS, candidates, context
from conflictwire.resolve.dates.choice import WEIGHTS
from conflictwire.resolve.dates.dateline import publication_date
from conflictwire.resolve.dates.text import DatedText, EventClues, TimeMention
from conflictwire.structure import build_structure
from conflictwire.training.crossval import folds
from conflictwire.training.devset import DevSet
from conflictwire.training.heldout import read_held_out
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

Floats = NDArray[np.float64]

L2 = 15.0  # strength of the penalty on squared weights
MIN_EVENTS = 20  # features of fewer events are left out
UNDATED_WEIGHT = 0.5  # of an event without gold date: gold leaves out dates that it could give
HAPPENED_MARGIN = 0.5  # taken from "no date" for what happened: a guess is worth some risk there
MIN_WEIGHT = 0.04  # smaller weights are not written, which keeps the file below 50 kB
N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Example:
    """One event: the features of each candidate, "no date" first, and which of them are right.

    ``days`` are the candidates' ranges (None: no date); ``gold`` is None if gold has no date.
    """

    document: str
    features: list[list[str]]
    days: list[DayRange | None]
    right: list[bool]
    gold: DayRange | None
    has_own: bool
    status: str


def gold_text(document: Document) -> tuple[DatedText, list[EventClues]]:
    """A gold document as its resolver sees it, every link sure."""
    times = [i for i, m in enumerate(document.mentions) if m.kind == "TIME"]
    index_of = {mention: i for i, mention in enumerate(times)}
    starts = [s.start for s in document.sentences]
    text = DatedText(
        document.text,
        [(s.start, s.end) for s in document.sentences],
        [
            TimeMention(
                document.slice(document.mentions[i]),
                document.mentions[i].start,
                document.mentions[i].end,
                max(0, int(np.searchsorted(starts, document.mentions[i].start, "right")) - 1),
            )
            for i in times
        ],
        iso_day(document.date) if document.date else publication_date(document.text),
    )
    return text, [_gold_clues(event, index_of) for event in document.events]


def _gold_clues(event: Event, index_of: dict[int, int]) -> EventClues:
    return EventClues(
        type=event.type,
        status=event.status,
        triggers=tuple(sorted((t.start, t.end) for t in event.triggers)),
        times={
            index_of[a.mention]: 1.0
            for a in event.arguments
            if a.role == "time" and a.mention in index_of
        },
        roles=tuple(a.role for a in event.arguments if a.role != "time"),
    )


def examples(
    document: str, text: DatedText, events: Sequence[EventClues], golds: Sequence[DayRange | None]
) -> list[Example]:
    found = []
    for event, gold, options in zip(events, golds, candidates(text, events), strict=True):
        words = context(text, event)
        features = [[f"none|{word}" for word in words]]
        days: list[DayRange | None] = [None]
        for option in options:
            named = [f"{slot}|{w}" for slot in option.slots & CONTEXT_SLOTS for w in words]
            features.append([*named, *(f"candidate|{f}" for f in option.features)])
            days.append((option.days.start, option.days.end))
        right = [day == gold for day in days]
        if not any(right):
            right = [day is not None and gold is not None and day[0] == gold[0] for day in days]
        found.append(Example(document, features, days, right, gold, bool(event.own), event.status))
    return found


def gold_examples(documents: Iterable[Document]) -> list[Example]:
    found = []
    for document in documents:
        text, events = gold_text(document)
        golds = [day_range(e.date) if e.date else None for e in document.events]
        found += examples(document.id, text, events, golds)
    return found


def held_out_examples(run: Path, keep: set[str]) -> list[Example]:
    """Events that models found in held-out documents of ``keep``, where they match a gold event."""
    found = []
    for fold in folds(run):
        held_out = read_held_out(fold)
        known = [(d, e) for d, e in held_out if d.id in keep]
        found += predicted_examples(known, held_out.config, held_out.ontology)
    return found


def model_examples(model: Path, documents: Sequence[Document]) -> list[Example]:
    """Events that one model finds in documents, where they match a gold event."""
    coder = load(model)
    extractions = DevSet(documents, coder.extractor).extract(coder.extractor)
    read = zip(documents, extractions, strict=True)
    return predicted_examples(read, coder.extractor.network.config, coder.ontology)


def predicted_examples(
    read: Iterable[tuple[Document, Extraction]], config: NetworkConfig, ontology: Ontology
) -> list[Example]:
    found = []
    for document, extraction in read:
        published = iso_day(document.date) if document.date else None
        text, events = date_clues(
            build_structure(extraction, config),
            config,
            ontology,
            published or publication_date(document.text),
        )
        found += _matched(document, text, events)
    return found


def _matched(document: Document, text: DatedText, events: Sequence[EventClues]) -> list[Example]:
    overlap = [
        [
            sum(any(meet(t, Span(*other)) for other in event.triggers) for t in gold.triggers)
            if gold.type == event.type
            else 0
            for event in events
        ]
        for gold in document.events
    ]
    gold_of = {p: document.events[g].date for g, p in assign(overlap)}
    golds = [day_range(d) if (d := gold_of.get(i)) else None for i in range(len(events))]
    every = examples(document.id, text, events, golds)
    return [every[i] for i in sorted(gold_of)]


class Table:
    """Examples as rows of a sparse matrix, one a candidate."""

    def __init__(self, items: Sequence[Example], names: Sequence[str] | None = None) -> None:
        self.items = items
        if names is None:
            tally = Counter(f for item in items for f in {f for fs in item.features for f in fs})
            names = sorted(f for f, n in tally.items() if n >= MIN_EVENTS)
        self.names = list(names)
        column = {name: i for i, name in enumerate(self.names)}
        columns: list[int] = []
        ends = [0]
        for item in items:
            for features in item.features:
                columns += [column[f] for f in features if f in column]
                ends.append(len(columns))
        self.matrix = csr_matrix(
            (np.ones(len(columns)), np.array(columns, np.int64), np.array(ends)),
            shape=(len(ends) - 1, len(self.names)),
        )
        self.sizes = np.array([len(item.features) for item in items])
        self.right = np.array([r for item in items for r in item.right], float)

    def fit(self, keep: NDArray[np.bool_]) -> Floats:
        """Weights by penalised maximum likelihood on the examples to keep."""
        keep = keep & np.array([any(item.right) for item in self.items])
        rows = np.repeat(keep, self.sizes)
        undated = np.array([item.gold is None for item in self.items])[keep]
        return fit_table(
            self.matrix[rows],
            self.right[rows],
            self.sizes[keep],
            ridge=L2,
            worth=np.where(undated, UNDATED_WEIGHT, 1.0),
            max_steps=100,
        )

    def choose(self, weights: Floats) -> list[DayRange | None]:
        scores, at = self.matrix @ weights, 0
        chosen: list[DayRange | None] = []
        for item, size in zip(self.items, self.sizes, strict=True):
            own = scores[at : at + size].copy()
            if item.status == "happened":
                own[0] -= HAPPENED_MARGIN
            chosen.append(item.days[int(own.argmax())])
            at += size
        return chosen


def report(items: Sequence[Example], chosen: Sequence[DayRange | None]) -> str:
    """First days right, with and without own time words; dates given where gold has none."""
    pairs = list(zip(items, chosen, strict=True))
    dated = [(i, c) for i, c in pairs if i.gold is not None]
    undated = [c for i, c in pairs if i.gold is None]

    def share(part: Sequence[tuple[Example, DayRange | None]]) -> str:
        n_right = sum(c is not None and i.gold is not None and c[0] == i.gold[0] for i, c in part)
        return f"{n_right}/{len(part)}" + (f" ({n_right / len(part):.3f})" if part else "")

    own, rest = [p for p in dated if p[0].has_own], [p for p in dated if not p[0].has_own]
    reachable = sum(any(i.right) for i, _ in dated)
    return (
        f"first day right {share(dated)}, own words {share(own)}, without {share(rest)}; "
        f"reachable {reachable}; both days {sum(c == i.gold for i, c in dated)}; "
        f"dated though gold is not {sum(c is not None for c in undated)}/{len(undated)}"
    )


def cross_validate(table: Table) -> list[DayRange | None]:
    """Choices for all examples, each by weights fitted without its document."""
    documents = sorted({item.document for item in table.items})
    random.Random(0).shuffle(documents)
    fold_of = {d: i % N_FOLDS for i, d in enumerate(documents)}
    of = np.array([fold_of[item.document] for item in table.items])
    chosen: list[DayRange | None] = [None] * len(table.items)
    for k in range(N_FOLDS):
        picks = table.choose(table.fit(of != k))
        for i in np.flatnonzero(of == k):
            chosen[i] = picks[i]
    return chosen


def write(table: Table, weights: Floats, path: Path) -> None:
    """Slot -> feature -> weight, rounded; the margin of what happened is part of "none"."""
    nested: dict[str, dict[str, float]] = {"candidate": {}}
    for name, weight in zip(table.names, weights, strict=True):
        slot, _, feature = name.partition("|")
        if abs(weight) >= MIN_WEIGHT or name == "none|status=happened":
            nested.setdefault(slot, {})[feature] = round(float(weight), 2)
    nested["none"]["status=happened"] = round(
        nested["none"].get("status=happened", 0.0) - HAPPENED_MARGIN, 2
    )
    path.write_text(
        json.dumps(nested, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def fit_gold(gold_folder: Path, run: Path | None, model: Path | None, out: Path) -> None:
    """Fit and write the weights; say how they do by cross-validation, and on dev."""
    ontology = Ontology.load(None)
    train = list(read_gold(gold_folder / "train.jsonl", ontology))
    dev = gold_examples(read_gold(gold_folder / "dev.jsonl", ontology))
    gold = gold_examples(train)
    extra = held_out_examples(run, {d.id for d in train}) if run else []
    extra += model_examples(model, train) if model else []
    table = Table([*gold, *extra])
    chosen = cross_validate(table)
    print("train, gold spans, cross-validated:", report(gold, chosen[: len(gold)]))
    if extra:
        print("train, predictions, cross-validated:", report(extra, chosen[len(gold) :]))
    weights = table.fit(np.ones(len(table.items), bool))
    print("dev:", report(dev, Table(dev, table.names).choose(weights)))
    write(table, weights, out)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.fit.dates")
    parser.add_argument("gold", type=Path, help="folder with train.jsonl and dev.jsonl")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--folds", type=Path, help="a finished cross-validation")
    source.add_argument("--model", type=Path, help="a model's folder")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the file to write")
    options = parser.parse_args(argv)
    try:
        fit_gold(options.gold, options.folds, options.model, options.out)
    except ConflictwireError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
