"""From scores of pairs to the tolls of a Report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from conflictwire.extractor import Extraction
from conflictwire.relations import DocumentRelations
from conflictwire.structure import build_structure
from conflictwire.victims import toll_clues
from test_records import Case

if TYPE_CHECKING:
    from conflictwire.ontology import Ontology

TEXT = (
    "A mine killed nine porters and hurt a cook on the road. Troops shelled the town, and two "
    "soldiers died."
)


@pytest.fixture
def case(ontology: Ontology) -> Case:
    made = Case(TEXT, ontology)
    porters = made.mention("nine porters", "CIVILIAN")
    cook = made.mention("cook", "CIVILIAN")
    soldiers = made.mention("two soldiers", "MILITARY")
    road = made.mention("road", "PLACE")
    mine, killed = made.trigger("mine", "bombing"), made.trigger("killed", "bombing")
    shelled = made.trigger("shelled", "shelling")
    made.same_event[mine, killed] = 0.9
    made.role(mine, porters, "killed", 0.9)
    made.role(killed, porters, "killed", 0.5)
    made.role(shelled, porters, "killed", 0.2)
    made.role(mine, cook, "injured", 0.8)
    made.role(mine, cook, "killed", 0.3)
    made.role(shelled, soldiers, "killed", 0.7)
    made.role(mine, road, "killed", 0.9)
    return made


def test_clues_of_each_event(case: Case, ontology: Ontology) -> None:
    status = np.full((len(case.triggers), len(case.config.statuses)), 0.25, np.float32)
    relations = DocumentRelations(status, case.roles, case.same_event, case.same_entity)
    extraction = Extraction(case.prepared, case.mentions, case.triggers, relations)
    mine, shelling = toll_clues(build_structure(extraction, case.config), case.config, ontology)
    killed = mine["killed"]
    assert [v.phrase for v in killed.victims] == ["nine porters", "cook"]  # no place is a victim
    porters, cook = killed.victims
    assert (porters.score, porters.claim, porters.elsewhere) == pytest.approx((0.9, 0.7, 0.2))
    assert (cook.score, cook.other_harm) == pytest.approx((0.3, 0.8))
    assert TEXT[porters.start : porters.end] == "nine porters"
    assert [v.phrase for v in mine["injured"].victims] == ["cook"]
    assert [(v.phrase, v.sentence) for v in shelling["killed"].victims] == [
        ("nine porters", 0),
        ("two soldiers", 1),
    ]
    assert [TEXT[t.start : t.end] for t in mine["killed"].triggers] == ["mine", "killed"]
    assert [t.sentence for t in shelling["killed"].told] == [0, 0, 1]


def test_tolls_of_the_report(case: Case) -> None:
    mine, shelling = case.report().events
    assert mine.killed is not None
    assert mine.injured is not None
    assert shelling.killed is not None
    assert (mine.killed.low, mine.injured.low, shelling.killed.low) == (9, 1, 2)
    assert shelling.injured is None


def test_absurd_numbers_are_named_in_a_warning(ontology: Ontology) -> None:
    made = Case("The raid killed 10 million militants there.", ontology)
    militants = made.mention("10 million militants", "ARMED_GROUP")
    made.role(made.trigger("raid", "attack"), militants, "killed")
    report = made.report()
    (event,) = report.events
    assert event.killed is None
    assert event.arguments[0].count is None
    assert any("10 million militants" in warning for warning in report.warnings)


def test_millions_may_do_other_things(ontology: Ontology) -> None:
    made = Case("In a strike, 10 million workers stayed at home.", ontology)
    workers = made.mention("10 million workers", "CIVILIAN")
    made.role(made.trigger("strike", "protest"), workers, "actor")
    report = made.report()
    count = report.events[0].arguments[0].count
    assert count is not None
    assert count.low == 10_000_000
    assert report.warnings == ()


def test_killed_and_injured_of_one_sentence(ontology: Ontology) -> None:
    made = Case("A mine went off, killing 7 sailors and injuring 12 porters.", ontology)
    sailors = made.mention("7 sailors", "MILITARY")
    porters = made.mention("12 porters", "CIVILIAN")
    mine = made.trigger("mine", "bombing")
    for role in ("killed", "injured"):  # as unsure as can be which is which
        made.role(mine, sailors, role)
        made.role(mine, porters, role)
    (event,) = made.report().events
    assert event.killed is not None
    assert event.injured is not None
    assert (event.killed.low, event.injured.low) == (7, 12)


def test_numbers_without_end_are_named_shortened(ontology: Ontology) -> None:
    number = "4" * 90
    for role in ("killed", "actor"):
        made = Case(f"In the march, {number} porters walked.", ontology)
        porters = made.mention(f"{number} porters", "CIVILIAN")
        made.role(made.trigger("march", "protest"), porters, role)
        report = made.report()
        assert report.events[0].killed is None
        assert [a.count for a in report.events[0].arguments] == [None]
        (message,) = report.warnings
        assert number[:50] in message
        assert len(message) < 120


def test_a_number_cut_off_by_its_mention_is_no_count(ontology: Ontology) -> None:
    made = Case("In the march, 1.5 porters walked.", ontology)
    porters = made.mention("5 porters", "CIVILIAN")
    made.role(made.trigger("march", "protest"), porters, "actor")
    assert made.report().events[0].arguments[0].count is None
