"""Fits the weights that choose the toll of an event.

    python -m conflictwire.training.fit.tolls RUN --model FOLDER --dev dev.jsonl

RUN is a finished cross-validation (``training.crossval``): each of its models reads the documents
that it has not seen, with the thresholds of ``--model``. Every predicted event that is paired with
a gold event of known toll is a choice among readings; right are those with gold's number. Documents
of ``--dev`` are kept out of the fit. Nothing is random: the fit is convex but for events with
several right readings, and starts from zero.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from conflictwire.coder import load
from conflictwire.document import Document
from conflictwire.errors import ConflictwireError
from conflictwire.eval import read_prediction
from conflictwire.eval.arguments import gold_units, predicted_units
from conflictwire.eval.bench.logit import fit_logit
from conflictwire.eval.events import assign_events
from conflictwire.extractor import Extraction
from conflictwire.network import Decoding, NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.resolve.counts.choice import WEIGHTS, Reading, TollClues, event_toll, readings
from conflictwire.resolve.counts.words import Harm
from conflictwire.structure import build_structure
from conflictwire.training.crossval import Fold, folds
from conflictwire.training.data import load_documents
from conflictwire.training.devset import light_report
from conflictwire.training.heldout import read_held_out
from conflictwire.victims import HARMS, toll_clues

# Strong: a few hundred events, and many of the features tell nearly the same. Of 1, 5 and 20 the
# one whose weights did best on the articles of the benchmark "fakes", which are not fitted on.
RIDGE = 20.0


@dataclass(frozen=True, slots=True)
class Example:
    """An event whose toll gold knows."""

    document: str
    gold: int
    clues: TollClues
    readings: Sequence[Reading]


def fold_examples(fold: Fold, decoding: Decoding) -> Iterator[Example]:
    """The events that a fold's model finds in its held-out documents."""
    held_out = read_held_out(fold, decoding)
    for document, extraction in held_out:
        yield from document_examples(document, extraction, held_out.config, held_out.ontology)


def document_examples(
    document: Document, extraction: Extraction, config: NetworkConfig, ontology: Ontology
) -> Iterator[Example]:
    """The events of a document that are paired with gold, as in scoring."""
    prediction = read_prediction(light_report(extraction, config), document.id)
    entity_of = document.entity_of()
    pairs = assign_events(
        document.events,
        prediction.events,
        [gold_units(document, e, entity_of) for e in document.events],
        [predicted_units(document.text, e) for e in prediction.events],
    )
    clues = toll_clues(build_structure(extraction, config), config, ontology)
    for g, p in pairs:
        for harm in HARMS:
            gold = getattr(document.events[g], harm)
            if gold is not None:
                found = clues[p][harm]
                yield Example(document.id, gold, found, readings(found))


def fit(examples: Iterable[Example]) -> dict[str, float]:
    """Weights by the names of the features, from the events of which some readings are right."""
    examples = list(examples)
    names = sorted({name for e in examples for r in e.readings for name in r.features})
    choices = []
    for example in examples:
        right = np.array([r.low == example.gold for r in example.readings], dtype=bool)
        if right.any() and not right.all():
            x = [[float(r.features.get(name, 0)) for name in names] for r in example.readings]
            choices.append((np.array(x), right))
    return dict(zip(names, fit_logit(choices, ridge=RIDGE).tolist(), strict=True))


def n_right(examples: Sequence[Example], weights: Mapping[str, float]) -> int:
    """How many events get gold's toll."""
    tolls = [event_toll(e.clues, weights)[0] for e in examples]
    return sum(
        (toll.low if toll else None) == e.gold for toll, e in zip(tolls, examples, strict=True)
    )


def _of(examples: Sequence[Example], harm: Harm) -> list[Example]:
    return [e for e in examples if e.clues.harm == harm]


def fit_folds(run: Path, model: Path, dev: Path | None, out: Path) -> None:
    """Fit and write the weights; say how many events they get right, fold by fold.

    ``model`` gives the thresholds, documents of ``dev`` are not fitted on.
    """
    shipped = load(model)
    decoding = shipped.extractor.network.config.decoding
    parts = [list(fold_examples(fold, decoding)) for fold in folds(run)]
    held_out = load_documents([str(dev)], shipped.ontology) if dev else []
    kept_out = {document.id for document in held_out}
    learnt = [[e for e in part if e.document not in kept_out] for part in parts]
    weights = {}
    for harm in HARMS:
        rights = total = 0
        for k, part in enumerate(parts):
            rest = [e for j, other in enumerate(learnt) if j != k for e in _of(other, harm)]
            rights += n_right(_of(part, harm), fit(rest))
            total += len(_of(part, harm))
        print(f"{harm}: {rights} of {total} right by cross-validation")
        fitted = fit(e for part in learnt for e in _of(part, harm))
        unseen = [e for part in parts for e in _of(part, harm) if e.document in kept_out]
        print(f"{harm}: {n_right(unseen, fitted)} of {len(unseen)} right in --dev")
        weights[harm] = {name: round(value, 3) for name, value in fitted.items()}
    out.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.fit.tolls")
    parser.add_argument("run", type=Path, help="a finished cross-validation")
    parser.add_argument("--model", type=Path, required=True, help="whose thresholds to read with")
    parser.add_argument("--dev", type=Path, help="gold JSONL whose documents are not fitted on")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the file to write")
    options = parser.parse_args(argv)
    try:
        fit_folds(options.run, options.model, options.dev, options.out)
    except ConflictwireError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
