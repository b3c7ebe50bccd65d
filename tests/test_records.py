"""A hand-made extraction -> the Report: every field, without a network."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conflictwire.extractor import Extraction, Prepared
from conflictwire.network import Decoding, NetworkConfig
from conflictwire.records import Request, build_report
from conflictwire.relations import DocumentRelations
from conflictwire.report import Report
from conflictwire.scores import Calibration, ScoreMap
from conflictwire.segment import segment
from conflictwire.spans import TaggedSpan
from conflictwire.windows import Window

if TYPE_CHECKING:
    from conflictwire.ontology import Ontology

TEXT = (
    "Gunmen killed at least 12 soldiers in Baidoa on 3 May 2018, the Somali army said. "
    "The deadly attack also left five residents wounded. "
    "Somalia plans a new offensive."
)


class Case:
    """Builds an extraction from phrases of a text."""

    def __init__(
        self,
        text: str,
        ontology: Ontology,
        calibration: Calibration | None = None,
        **decoding: float,
    ) -> None:
        segmented = segment(text)
        n = len(segmented)
        self.ontology = ontology
        self.starts, self.ends, self.text = segmented.starts, segmented.ends, text
        self.prepared = Prepared(
            text=text,
            segmented=segmented,
            sentence_of_word=[
                i for i, (a, b) in enumerate(segmented.sentences) for _ in range(a, b)
            ],
            piece_ids=[0] * n,
            piece_counts=[1] * n,
            piece_starts=list(range(n + 1)),
            casings=[0] * n,
            windows=[Window(0, n)],
        )
        self.config = NetworkConfig(
            encoder={},
            kinds=tuple(ontology.kinds),
            event_types=tuple(ontology.event_types),
            roles=tuple(ontology.roles),
            statuses=tuple(ontology.statuses),
            max_pieces=96,
            overlap=32,
            span_size=8,
            pair_size=8,
            dropout=0.0,
            decoding=Decoding(**decoding),  # type: ignore[arg-type]
            calibration=calibration or Calibration(),
        )
        self.mentions: list[TaggedSpan] = []
        self.triggers: list[TaggedSpan] = []
        self.statuses: list[str] = []
        self.roles: dict[tuple[int, int], Any] = {}
        self.same_event: dict[tuple[int, int], float] = {}
        self.same_entity: dict[tuple[int, int], float] = {}

    def span(self, phrase: str, label: int, score: float) -> TaggedSpan:
        start = self.text.index(phrase)
        first, last = self.starts.index(start), self.ends.index(start + len(phrase))
        return TaggedSpan(first, last + 1, label, score)

    def mention(self, phrase: str, kind: str, score: float = 0.9) -> int:
        self.mentions.append(self.span(phrase, self.config.kinds.index(kind), score))
        return len(self.mentions) - 1

    def trigger(self, phrase: str, type_: str, status: str = "happened", score: float = 0.8) -> int:
        self.triggers.append(self.span(phrase, self.config.event_types.index(type_), score))
        self.statuses.append(status)
        return len(self.triggers) - 1

    def role(self, trigger: int, mention: int, role: str, score: float = 0.9) -> None:
        row = self.roles.setdefault(
            (trigger, mention), np.zeros(len(self.config.roles), np.float32)
        )
        row[self.config.roles.index(role)] = score

    def report(self, *, min_score: float = 0.0, **request: Any) -> Report:
        names = self.config.statuses
        status = np.full((len(self.triggers), len(names)), 0.01, np.float32)
        for i, s in enumerate(self.statuses):
            status[i, names.index(s)] = 0.9
        relations = DocumentRelations(status, self.roles, self.same_event, self.same_entity)
        return build_report(
            Extraction(self.prepared, self.mentions, self.triggers, relations),
            Request(**request),
            config=self.config,
            ontology=self.ontology,
            model_version="test",
            min_score=min_score,
        )


@pytest.fixture
def names(ontology: Ontology) -> dict[str, str]:
    """Role labels by what they mean: the tests name no label of the scheme."""
    return {role.means: label for label, role in reversed(ontology.roles.items()) if role.means}


@pytest.fixture
def attack(ontology: Ontology, names: dict[str, str]) -> Case:
    case = Case(TEXT, ontology)
    gunmen = case.mention("Gunmen", "ARMED_GROUP", 0.95)
    soldiers = case.mention("at least 12 soldiers", "MILITARY")
    baidoa = case.mention("Baidoa", "PLACE")
    when = case.mention("3 May 2018", "TIME")
    army = case.mention("the Somali army", "MILITARY")
    residents = case.mention("five residents", "CIVILIAN")
    somalia = case.mention("Somalia", "GOVERNMENT")
    killing = case.trigger("killed", "attack", score=0.7)
    retold = case.trigger("attack", "attack", score=0.85)
    plan = case.trigger("offensive", "armed_clash", "planned", 0.6)
    for mention, role in (
        (gunmen, "actor"),
        (soldiers, "killed"),
        (baidoa, "location"),
        (when, "time"),
        (army, "source"),
    ):
        case.role(killing, mention, names[role])
    case.role(retold, residents, names["injured"], 0.6)
    case.role(retold, gunmen, names["actor"], 0.55)
    case.role(retold, somalia, names["actor"], 0.4)  # below the threshold
    case.role(plan, somalia, names["actor"])
    case.same_event[killing, retold] = 0.9
    return case


def test_mentions_and_entities(attack: Case) -> None:
    report = attack.report()
    assert [m.text for m in report.mentions] == [
        "Gunmen",
        "at least 12 soldiers",
        "Baidoa",
        "3 May 2018",
        "the Somali army",
        "five residents",
        "Somalia",
    ]
    assert [m.id for m in report.mentions] == list(range(7))
    assert all(TEXT[m.start : m.end] == m.text for m in report.mentions)
    assert [m.score for m in report.mentions][:2] == [0.95, 0.9]
    owner = {m.text: m.entity for m in report.mentions}
    assert owner["Gunmen"] is None
    assert owner["five residents"] is None
    assert owner["3 May 2018"] is None
    baidoa = report.entities[owner["Baidoa"] or 0]
    assert (baidoa.name, baidoa.kind, baidoa.country) == ("Baidoa", "PLACE", "SO")
    somalia = report.entities[owner["Somalia"] or 0]
    assert (somalia.name, somalia.country) == ("Somalia", "SO")
    assert [e.id for e in report.entities] == list(range(len(report.entities)))


def test_events_and_arguments(attack: Case, names: dict[str, str]) -> None:
    report = attack.report(date=datetime.date(2018, 5, 4))
    first, second = report.events
    assert [t.text for t in first.triggers] == ["killed", "attack"]
    assert [t.score for t in first.triggers] == [0.7, 0.85]
    assert (first.id, first.type, first.status, first.score) == ("0", "attack", "happened", 0.85)
    assert first.category == attack.ontology.event_type("attack").category
    assert [(a.role, a.text, a.score) for a in first.arguments] == [
        (names["actor"], "Gunmen", 0.9),
        (names["killed"], "at least 12 soldiers", 0.9),
        (names["location"], "Baidoa", 0.9),
        (names["time"], "3 May 2018", 0.9),
        (names["source"], "the Somali army", 0.9),
        (names["injured"], "five residents", 0.6),
    ]
    for argument in first.arguments:
        mention = report.mentions[argument.mention]
        assert (argument.start, argument.end) == (mention.start, mention.end)
        assert (argument.kind, argument.entity) == (mention.kind, mention.entity)
    assert (second.type, second.status, second.score) == ("armed_clash", "planned", 0.6)
    assert [a.text for a in second.arguments] == ["Somalia"]


def test_counts_and_tolls(attack: Case) -> None:
    first, second = attack.report().events
    counts = {a.text: a.count for a in first.arguments}
    twelve = counts["at least 12 soldiers"]
    assert twelve is not None
    assert (twelve.low, twelve.high, twelve.text) == (12, None, "at least 12 soldiers")
    assert counts["Gunmen"] is None
    assert counts["Baidoa"] is None
    assert counts["3 May 2018"] is None  # a number, but not of people
    assert first.killed is not None
    assert first.injured is not None
    assert (first.killed.low, first.killed.high) == (12, None)
    assert [(g.group, g.low) for g in first.killed.by_group] == [("MILITARY", 12)]
    assert (first.injured.low, first.injured.high) == (5, 5)
    assert second.killed is second.injured is None


def test_dates(attack: Case) -> None:
    first, second = attack.report(date=datetime.date(2018, 5, 4)).events
    assert first.date is not None
    assert (first.date.start, first.date.end) == ("2018-05-03", "2018-05-03")
    assert (first.date.precision, first.date.basis, first.date.text) == (
        "day",
        "stated",
        "3 May 2018",
    )
    assert TEXT[first.date.start_char : first.date.end_char] == "3 May 2018"
    assert second.date is None or second.date.basis != "stated"


def test_place_codes_and_sources(attack: Case) -> None:
    first, second = attack.report().events
    assert first.location is not None
    assert (first.location.country, first.location.name, first.location.text) == (
        "SO",
        "Baidoa",
        "Baidoa",
    )
    assert second.location is not None
    assert (second.location.country, second.location.name) == ("SO", None)
    assert len(first.sources) == 1
    assert "army" in first.sources[0].lower()
    assert second.sources == ()
    assert first.codes.cameo is not None
    assert first.codes.acled.event_type is not None
    assert first.codes.ucdp == 1  # an armed group against soldiers


def test_request_fields_and_ids(attack: Case) -> None:
    report = attack.report(
        doc_id="d7",
        title="Raid",
        publisher="Bay Post",
        date=datetime.date(2018, 5, 4),
        warnings=("one",),
    )
    assert [e.id for e in report.events] == ["d7:0", "d7:1"]
    assert (report.doc_id, report.title, report.publisher) == ("d7", "Raid", "Bay Post")
    assert (report.date, report.warnings, report.windows) == ("2018-05-04", ("one",), 1)
    assert attack.report(doc_id="").events[0].id == ":0"
    assert attack.report().date is None


def test_thresholds_of_the_config(ontology: Ontology, names: dict[str, str]) -> None:
    for threshold, expected in ((0.5, 1), (0.3, 2), (0.95, 0)):
        case = Case(TEXT, ontology, role_threshold=threshold)
        case.mention("Gunmen", "ARMED_GROUP")
        case.mention("Baidoa", "PLACE")
        case.trigger("killed", "attack")
        case.role(0, 0, names["actor"], 0.9)
        case.role(0, 1, names["location"], 0.4)
        (event,) = case.report().events
        assert len(event.arguments) == expected


def test_scores_are_calibrated_each_by_its_own_map(
    ontology: Ontology, names: dict[str, str]
) -> None:
    to_half = ScoreMap(scale=0.0)
    maps = {"mention": 1, "trigger": 2, "argument": 3}
    calibration = Calibration(
        **{name: ScoreMap(scale=0.0, offset=math.log(odds)) for name, odds in maps.items()},
        event=ScoreMap(scale=0.0, size=1.0),
    )
    case = Case(TEXT, ontology, calibration, same_event_threshold=0.5)
    case.mention("Gunmen", "ARMED_GROUP")
    case.trigger("killed", "attack")
    case.trigger("attack", "attack")
    case.role(0, 0, names["actor"])
    case.same_event[0, 1] = 0.9
    (event,) = case.report().events
    assert to_half(0.9) == 0.5
    assert case.report().mentions[0].score == 0.5
    assert [t.score for t in event.triggers] == pytest.approx([2 / 3] * 2, abs=1e-4)
    assert event.arguments[0].score == 0.75
    assert event.score == pytest.approx(2 / 3, abs=1e-4)  # two triggers speak for it


def test_events_below_min_score_are_left_out_and_ids_stay(ontology: Ontology) -> None:
    case = Case(TEXT, ontology)
    case.trigger("killed", "attack", score=0.4)
    case.trigger("offensive", "deployment", score=0.7)
    ids = [e.id for e in case.report(doc_id="a").events]
    assert len(ids) == 2
    assert [e.id for e in case.report(doc_id="a", min_score=0.5).events] == ids[1:]
    assert case.report(doc_id="a", min_score=0.75).events == ()


def test_the_nearest_known_place_tells_the_country(ontology: Ontology) -> None:
    """No country is dominant: the place nearest to the trigger decides."""
    text = (
        "Talks in Nairobi and in Kampala went on for weeks. Shots were heard in Kigali, and in "
        "the far south. In Lusaka all was quiet. Reports from Bamako differed."
    )
    case = Case(text, ontology)
    for place in ("Nairobi", "Kampala", "Kigali", "the far south", "Lusaka", "Bamako"):
        case.mention(place, "PLACE")
    case.trigger("Shots", "attack")
    case.trigger("quiet", "armed_clash", "denied")
    first, second = case.report().events
    assert first.location is not None
    assert second.location is not None
    assert (first.location.country, second.location.country) == ("RW", "ZM")


def test_nothing_found(ontology: Ontology) -> None:
    report = Case("Nothing happened.", ontology).report(doc_id="x")
    assert (report.mentions, report.entities, report.events) == ((), (), ())
    assert report.windows == 1


def test_a_place_has_the_country_that_its_words_say(ontology: Ontology) -> None:
    case = Case("Shells fell on Paris, Texas, at dawn.", ontology)
    case.mention("Paris, Texas", "PLACE")
    entity = case.report().entities[0]
    assert (entity.name, entity.country) == ("Paris, Texas", "US")
