"""Fits the weights that tell the country of an event.

    python -m conflictwire.training.fit.countries gold.jsonl

The data are annotated documents: mentions and arguments as annotated, places as the gazetteer
resolves them. Each event with a country is one choice among the countries that its text points to;
``accuracy`` comes from cross-validation over documents. The packaged weights come from all of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from conflictwire.document import Document, Event
from conflictwire.errors import ConflictwireError
from conflictwire.eval.bench.logit import fit_logit
from conflictwire.ontology import Ontology
from conflictwire.readers import read_gold
from conflictwire.resolve.places.event_country import CLUES, WEIGHTS
from conflictwire.resolve.places.event_place import AT_HOME, EventWords, TextPlaces

_FOLDS = 5

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Words:
    """A mention with its words."""

    text: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The countries at issue for an event, what speaks for each, and which is gold's."""

    codes: Sequence[str]
    x: Floats
    gold: str


def choices(document: Document, ontology: Ontology) -> list[Choice]:
    """One for each event of the document that has a country."""
    kinds = frozenset(ontology.kinds_meaning("place"))
    mentions = [_Words(document.slice(m), m.start, m.end, m.kind) for m in document.mentions]
    places = TextPlaces(
        mentions,
        document.text,
        place_kinds=kinds,
        publisher=document.source,
        entities=[
            e.mentions for e in document.entities if document.mentions[e.mentions[0]].kind in kinds
        ],
    )
    found = []
    for event in document.events:
        if event.country is not None:
            codes, x = places.countries.features(places.clues(_words(document, event, ontology)))
            found.append(Choice(codes, x, event.country))
    return found


def _words(document: Document, event: Event, ontology: Ontology) -> EventWords:
    owner = document.entity_of()
    place_kinds = frozenset(ontology.kinds_meaning("place"))
    actors = frozenset(ontology.actor_kinds)

    def of(*meanings: str) -> list[int]:
        roles = {label for label, role in ontology.roles.items() if role.means in meanings}
        return [a.mention for a in event.arguments if a.role in roles]

    def named(mentions: Iterable[int]) -> list[tuple[int, str | None]]:
        return [
            (m, document.entities[owner[m]].name if m in owner else None)
            for m in mentions
            if document.mentions[m].kind in place_kinds
        ]

    start = min(t.start for t in event.triggers)
    sentence = next((s.start, s.end) for s in document.sentences if s.start <= start < s.end)
    return EventWords(
        locations=named(of("location")),
        origins=named(of("origin")),
        destinations=named(of("destination")),
        facilities=[
            words
            for m in of("location", "target")
            if document.mentions[m].kind not in actors | place_kinds
            for words in [document.slice(document.mentions[m])]
        ],
        actors=[document.slice(document.mentions[m]) for m in of("actor")],
        targets=[
            document.slice(document.mentions[m])
            for m in of("target", "killed", "injured")
            if document.mentions[m].kind in actors
        ],
        at_home=event.type in AT_HOME,
        start=start,
        sentence=sentence,
    )


def fit(examples: Iterable[Choice]) -> Floats:
    """Weights of ``CLUES``. Events whose country the text never points to teach nothing."""
    masks = [(e.x, np.array([code == e.gold for code in e.codes], dtype=bool)) for e in examples]
    return fit_logit([(x, mask) for x, mask in masks if mask.any()])


def accuracy(documents: Sequence[Sequence[Choice]], seed: int = 0) -> float:
    """Share of events whose country is right, by cross-validation over documents."""
    folds = np.random.default_rng(seed).permutation(len(documents)) % _FOLDS
    right = []
    for fold in range(_FOLDS):
        weights = fit(c for d, f in zip(documents, folds, strict=True) if f != fold for c in d)
        held_out = [c for d, f in zip(documents, folds, strict=True) if f == fold for c in d]
        right += [
            bool(c.codes) and c.codes[int(np.argmax(c.x @ weights))] == c.gold for c in held_out
        ]
    return float(np.mean(right))


def main(argv: list[str] | None = None) -> int:
    """Say how well it does, then fit on all and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.fit.countries")
    parser.add_argument("gold", type=Path, help="annotated documents, JSON lines")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the file to write")
    options = parser.parse_args(argv)
    ontology = Ontology.load(None)
    try:
        documents = [choices(document, ontology) for document in read_gold(options.gold, ontology)]
    except ConflictwireError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"accuracy {accuracy(documents):.4f} in {sum(map(len, documents))} events")
    weights = fit(c for d in documents for c in d)
    raw = {name: round(value, 3) for name, value in zip(CLUES, weights.tolist(), strict=True)}
    options.out.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
