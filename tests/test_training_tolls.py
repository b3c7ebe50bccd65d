"""Fitting the weights that choose a toll, on events made up for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from conflictwire.extractor import Extraction
from conflictwire.relations import DocumentRelations
from conflictwire.resolve.counts.choice import EventTrigger, TollClues, VictimClue, readings
from conflictwire.training.fit.tolls import Example, document_examples, fit, n_right
from test_eval_builders import event, make
from test_records import Case

if TYPE_CHECKING:
    from conflictwire.ontology import Ontology


def example(n_first: int, n_later: int, gold: int) -> Example:
    """A blast with two tolls, each of which the network is sure of."""
    text = f"A blast killed {n_first} porters. Later {n_later} porters were killed."
    sentences = [(0, text.index("Later")), (text.index("Later"), len(text))]
    victims = []
    for sentence, n in enumerate((n_first, n_later)):
        start = text.index(f"{n} porters", sentences[sentence][0])
        end = start + len(f"{n} porters")
        victims.append(
            VictimClue(text[start:end], "CIVILIAN", start, end, sentence, 0.9, 0.9, 0.0, 0.0)
        )
    blast = EventTrigger(2, 7, 0)
    clues = TollClues(text, sentences, "killed", victims, [blast], [blast])
    return Example("d", gold, clues, readings(clues))


def test_weights_follow_gold() -> None:
    tolls = [(n, n + 5 + n % 3) for n in range(10, 60)]
    first = fit([example(a, b, gold=a) for a, b in tolls])
    later = fit([example(a, b, gold=b) for a, b in tolls])
    assert first["as told first"] > 0 > later["as told first"]
    unseen = [example(3, 70, gold=3), example(80, 9, gold=80)]
    assert n_right(unseen, first) == 2
    assert n_right(unseen, later) == 0


def test_events_without_a_right_reading_teach_nothing() -> None:
    learnt = [example(n, n + 7, gold=n) for n in range(10, 20)]
    assert fit([*learnt, example(5, 6, gold=99)]) == fit(learnt)


def test_a_matched_event_gives_an_example_for_each_toll_of_gold(ontology: Ontology) -> None:
    text = "A mine killed nine porters. Troops left."
    case = Case(text, ontology)
    porters = case.mention("nine porters", "CIVILIAN")
    case.role(case.trigger("mine", "bombing"), porters, "killed")
    case.trigger("left", "withdrawal")
    status = np.full((2, len(case.config.statuses)), 0.25, np.float32)
    relations = DocumentRelations(status, case.roles, {}, {})
    extraction = Extraction(case.prepared, case.mentions, case.triggers, relations)
    gold = make(
        text,
        [("nine porters", "CIVILIAN")],
        events=[
            event("bombing", ["mine"], [("killed", 0)], killed=9, injured=0),
            event("withdrawal", ["left"], []),
        ],
    )
    found = list(document_examples(gold, extraction, case.config, ontology))
    assert [(e.document, e.clues.harm, e.gold) for e in found] == [
        ("d1", "killed", 9),
        ("d1", "injured", 0),
    ]
    assert [r.low for r in found[0].readings] == [9]
    assert list(found[1].readings) == []
