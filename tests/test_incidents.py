"""The same incident in many reports."""

from __future__ import annotations

import json
import random
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from conflictwire import Incident, merge_reports
from conflictwire import incidents as package
from conflictwire.cli import main
from conflictwire.errors import DataError
from conflictwire.incidents.candidates import candidate_pairs
from conflictwire.incidents.cluster import average_link
from conflictwire.incidents.compare import ALSO_TOLD_AS, distance_km, evidence
from conflictwire.incidents.copies import count_texts
from conflictwire.incidents.traits import document_key, traits_of
from conflictwire.ontology import Ontology
from conflictwire.report import SCHEMA_VERSION, Report

# What a report tells of one event; the tests below say what is different.
BLAST: dict[str, Any] = {
    "type": "bombing",
    "date": ("2021-03-08", "2021-03-08"),
    "country": "IQ",
    "place": "Hawija",
    "killed": (14, 14),
}


def report(
    doc_id: str | None, *events: dict[str, Any], date: str | None = "2021-03-09", **fields: Any
) -> Report:
    """A Report whose text is its events' words, and nothing that any other report says."""
    text = fields.pop("text", None) or _own_words(doc_id)
    names = list(dict.fromkeys(n for e in events for n in (*e.get("by", ()), *e.get("to", ()))))
    text += "".join(f" {name}" for name in names)
    mentions, entities = [], []
    for i, name in enumerate(names):
        start = text.rindex(f" {name}") + 1
        span = {"start": start, "end": start + len(name), "text": name}
        mentions.append({"id": i, **span, "kind": "ARMED_GROUP", "score": 1.0, "entity": i})
        entities.append({"id": i, "name": name, "kind": "ARMED_GROUP", "mentions": [i]})
    return Report.from_dict(
        {
            "schema_version": SCHEMA_VERSION,
            "model_version": "test",
            "doc_id": doc_id,
            "text": text,
            "date": date,
            "windows": 1,
            "mentions": mentions,
            "entities": entities,
            "events": [_event(f"{doc_id}:{i}", e, text, mentions) for i, e in enumerate(events)],
            **fields,
        }
    )


def _own_words(doc_id: str | None) -> str:
    rng = random.Random(doc_id or "")
    return " ".join("".join(rng.choices("abdefgiklmnoprstuvz", k=7)) for _ in range(12))


def _event(
    id_: str, told: dict[str, Any], text: str, mentions: list[dict[str, Any]]
) -> dict[str, Any]:
    day, killed, injured = told.get("date"), told.get("killed"), told.get("injured")
    event: dict[str, Any] = {
        "id": id_,
        "type": told["type"],
        "category": Ontology.load().event_type(told["type"]).category,
        "status": told.get("status", "happened"),
        "score": told.get("score", 0.9),
        "triggers": [{"start": 0, "end": 2, "text": text[:2], "score": 1.0}],
        "arguments": [
            {"role": role, "mention": m["id"], **{k: m[k] for k in ("start", "end", "text")}}
            | {"kind": m["kind"], "entity": m["entity"], "score": 1.0}
            for role, part in (("actor", "by"), ("target", "to"))
            for m in mentions
            if m["text"] in told.get(part, ())
        ],
        "sources": told.get("sources", ()),
    }
    if day is not None:
        basis = told.get("basis", "stated")
        event["date"] = {"start": day[0], "end": day[1], "precision": "day", "basis": basis}
    if "country" in told or "place" in told:
        event["location"] = {"country": told.get("country"), "name": told.get("place")}
        event["location"] |= told.get("where", {})
    if killed is not None:
        event["killed"] = {"low": killed[0], "high": killed[1]}
    if injured is not None:
        event["injured"] = {"low": injured[0], "high": injured[1]}
    return event


def together(first: dict[str, Any], second: dict[str, Any], **later: Any) -> bool:
    """Whether two reports that tell one event each come to one incident."""
    found = merge_reports([report("a", first), report("b", second, **later)])
    assert len(found) in (1, 2)
    return len(found) == 1


def doc_ids(incidents: list[Incident]) -> set[tuple[str, frozenset[str | None]]]:
    return {(i.id, frozenset(ref.id for ref in i.events)) for i in incidents}


class TestOneIncident:
    def test_all_that_the_reports_say_is_kept(self) -> None:
        first = report(
            "a",
            BLAST | {"by": ["Dune Front"], "injured": (30, None), "sources": ("police",)},
            publisher="Delta Post",
        )
        second = report(
            "b",
            BLAST | {"killed": (16, 16), "by": ["Dune Front"], "to": ["Salt Guild"]},
            date="2021-03-10",
            publisher="Harbour News",
        )
        (found,) = merge_reports([second, first])
        assert (found.type, found.status, found.n_reports, found.n_texts) == (
            "bombing",
            "happened",
            2,
            2,
        )
        assert [(e.doc_id, e.report, e.event, e.id) for e in found.events] == [
            ("a", 1, 0, "a:0"),
            ("b", 0, 0, "b:0"),
        ]
        assert found.killed is not None
        assert (found.killed.low, found.killed.high) == (14, 16)
        assert found.injured is not None
        assert (found.injured.low, found.injured.high) == (30, None)
        told = [
            (t.publisher, t.date, t.sources, t.killed and t.killed.low, t.injured and t.injured.low)
            for t in found.tolls
        ]
        assert told == [
            ("Delta Post", "2021-03-09", ("police",), 14, 30),
            ("Harbour News", "2021-03-10", (), 16, None),
        ]
        assert found.sources == ("police",)
        assert found.publishers == ("Delta Post", "Harbour News")
        assert [(p.name, p.n_reports) for p in found.actors] == [("Dune Front", 2)]
        assert [(p.name, p.n_reports) for p in found.targets] == [("Salt Guild", 1)]
        assert found.date is not None
        assert (found.date.start, found.date.end) == ("2021-03-08", "2021-03-08")
        assert found.location is not None
        assert (found.location.country, found.location.name) == ("IQ", "Hawija")
        assert (found.first_published, found.last_published) == ("2021-03-09", "2021-03-10")
        assert found.link is not None
        assert found.link > 0.5

    @pytest.mark.parametrize(
        "told",
        [
            {"type": "attack"},
            {"type": "suicide_bombing"},
            {"place": "Hawijah"},
            {"place": "northern Hawija"},
            {"place": None},
            {"killed": (19, 19)},
            {"killed": (10, None)},
            {"killed": None},
            {"date": None},
            {"date": ("2021-03-07", "2021-03-09")},
            {"date": ("2021-03-09", "2021-03-09"), "basis": "news_day"},
            {"country": None},
        ],
    )
    def test_told_otherwise(self, told: dict[str, Any]) -> None:
        assert together(BLAST, BLAST | told, date="2021-03-10")

    @pytest.mark.parametrize(
        ("first", "second", "sign"),
        [
            ({"by": ["Dune Front"]}, {"by": ["Dune Front"]}, 1),
            ({"by": ["Dune Front"]}, {"by": ["Salt Guild"]}, -1),
            ({"by": ["Dune Front"]}, {"to": ["Salt Guild"]}, 0),
            ({"by": ["Dune Front"]}, {}, 0),
        ],
    )
    def test_who_did_it_and_to_whom(
        self, first: dict[str, Any], second: dict[str, Any], sign: int
    ) -> None:
        a, b = (
            traits
            for i, told in enumerate([first, second])
            for traits in traits_of(report(f"r{i}", BLAST | told), i, "", Ontology.load())
        )
        assert evidence(a, b) == evidence(b, a)
        found = evidence(a, b)["parties"]
        assert (found > 0) - (found < 0) == sign

    def test_names_differ_but_the_points_are_one(self) -> None:
        here = {"lat": 35.32, "lon": 43.77, "precision": "point"}
        quarter = {"lat": 35.33, "lon": 43.78, "precision": "point", "admin1": "Hawija"}
        assert together(
            BLAST | {"where": here}, BLAST | {"place": "Old Souk", "where": quarter, "killed": None}
        )

    def test_a_background_mention_years_later(self) -> None:
        old = BLAST | {"by": ["Dune Front"]}
        recalled = report("later", old, BLAST | {"date": ("2023-03-08",) * 2}, date="2023-03-09")
        found = merge_reports([report("first", old), recalled])
        assert sorted(i.n_reports for i in found) == [1, 2]


class TestTwoIncidents:
    @pytest.mark.parametrize(
        "told",
        [
            {"place": "Tuz Khurmatu"},
            {"place": "Tuz Khurmatu", "killed": (14, 14), "to": ["Salt Guild"]},
            {"date": ("2021-03-09", "2021-03-09"), "killed": (3, 3)},
            {"date": ("2020-03-08", "2020-03-08")},
            {"country": "SY", "place": "Hawi"},
            {"killed": (2, 2), "injured": (40, 40)},
            {"type": "abduction"},
            {"type": "shelling", "place": None, "killed": None},
            {"place": None, "killed": None, "date": None},
            {"status": "planned"},
            {"status": "possible"},
        ],
    )
    def test_told_too_differently(self, told: dict[str, Any]) -> None:
        assert not together(BLAST | {"injured": (9, 9)}, BLAST | told)

    def test_nothing_known_is_no_evidence(self) -> None:
        assert not together({"type": "attack"}, {"type": "attack"})

    def test_one_name_far_apart(self) -> None:
        here = {"lat": 35.32, "lon": 43.77, "precision": "point"}
        there = {"lat": 31.0, "lon": 46.4, "precision": "point"}
        told = BLAST | {"killed": None}
        assert together(told | {"where": here}, told | {"where": here})
        assert not together(told | {"where": here}, told | {"where": there})

    def test_events_of_one_report_stay_apart(self) -> None:
        assert len(merge_reports([report("a", BLAST, BLAST)])) == 2

    def test_two_bombs_of_one_day_find_their_like(self) -> None:
        small, large = BLAST | {"killed": (4, 4)}, BLAST | {"killed": (31, 31)}
        found = merge_reports([report("a", small, large), report("b", large, small)])
        assert sorted([ref.id for ref in i.events] for i in found) == [
            ["a:0", "b:1"],
            ["a:1", "b:0"],
        ]

    def test_a_report_with_a_split_event_leaves_one_half_alone(self) -> None:
        found = merge_reports([report("a", BLAST), report("b", BLAST, BLAST | {"killed": None})])
        assert sorted([ref.id for ref in i.events] for i in found) == [["a:0", "b:0"], ["b:1"]]

    def test_reports_across_the_weeks_do_not_chain(self) -> None:
        days = [f"2021-03-{day:02}" for day in range(1, 29)]
        told = [
            report(f"r{day}", BLAST | {"killed": None, "date": (day, day), "basis": "news_day"})
            for day in days
        ]
        for incident in merge_reports(told):
            dates = {told[ref.report].events[0].date.start for ref in incident.events}  # type: ignore[union-attr]
            assert max(int(d[-2:]) for d in dates) - min(int(d[-2:]) for d in dates) <= 1


class TestDenial:
    def test_it_is_an_incident_of_its_own_that_disputes_the_claim(self) -> None:
        denied = BLAST | {"status": "denied"}
        found = merge_reports([report("a", BLAST), report("b", BLAST, denied), report("c", denied)])
        by_status = {i.status: i for i in found}
        assert len(found) == 2
        assert by_status["happened"].n_reports == by_status["denied"].n_reports == 2
        assert by_status["happened"].disputed_by == (by_status["denied"].id,)
        assert by_status["denied"].disputed_by == ()

    def test_a_denial_of_something_else_disputes_nothing(self) -> None:
        other = BLAST | {"status": "denied", "place": "Tuz Khurmatu", "killed": None}
        assert all(
            not i.disputed_by for i in merge_reports([report("a", BLAST), report("b", other)])
        )


class TestCopies:
    WIRE = (
        "A bomb in a parked lorry wrecked the grain market of Hawija on Monday, the mayor said. "
        "Fourteen traders died under the roof, and firemen searched the stalls until nightfall. "
        "Nobody claimed the blast, which was the third in the district since the new year."
    )

    def test_a_copy_that_was_cut_short_is_no_second_text(self) -> None:
        cut = self.WIRE.rpartition(" Nobody")[0]
        told = [
            report("a", BLAST, text=self.WIRE, publisher="Delta Post"),
            report("b", BLAST, text=cut, publisher="Harbour News"),
            report("c", BLAST),
        ]
        (found,) = merge_reports(told)
        assert (found.n_reports, found.n_texts) == (3, 2)
        assert found.publishers == ("Delta Post", "Harbour News")

    def test_counting(self) -> None:
        other = (
            "Traders in Hawija counted fourteen dead after Monday's bomb; the mayor blamed nobody."
        )
        assert count_texts([self.WIRE, self.WIRE.upper(), other]) == 2
        assert count_texts(["Bomb.", "bomb!", "Fire."]) == 2
        assert count_texts(["", ""]) == 1

    def test_as_many_words_as_a_copy_may_lack(self) -> None:
        # Of eight words the first has five runs of four; the others share four and three of them.
        words = "one two three four five six seven eight".split()
        longer = " ".join([*words[:7], "nine ten eleven"])
        assert count_texts([" ".join(words), longer]) == 1
        assert count_texts([" ".join(words), longer.replace("seven", "zero")]) == 2

    @pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
    def test_a_report_given_twice_is_a_copy_of_itself(self, order: tuple[int, ...]) -> None:
        # So little is known that two documents would stay apart.
        told = [report(name, {"type": "attack"}, {"type": "attack"}) for name in "ab"] * 2
        found = merge_reports([told[i] for i in order])
        assert len({i.id for i in found}) == 4
        assert [(i.n_reports, i.n_texts, i.link) for i in found] == [(2, 1, 1.0)] * 4
        assert all(len({ref.id for ref in i.events}) == 1 for i in found)
        assert {i.id for i in found} == {i.id for i in merge_reports(told[:2])}

    def test_copies_among_others(self) -> None:
        first, second = report("a", BLAST), report("b", BLAST)
        (found,) = merge_reports([first, second, first])
        assert (found.n_reports, found.n_texts) == (3, 2)
        (once,) = merge_reports([first, second])
        assert (found.id, found.link) == (once.id, once.link)

    def test_one_document_read_in_two_ways(self) -> None:
        readings = [report("a", {"type": type_}) for type_ in ("attack", "protest", "protest")]
        expected = {i.id for i in merge_reports(readings[:2])}
        assert len(expected) == 2
        for order in ([2, 0, 1], [1, 2, 0]):
            found = merge_reports([readings[i] for i in order])
            assert sorted(i.n_reports for i in found) == [1, 2]
            assert {i.id for i in found} == expected


class TestForm:
    def told(self) -> list[Report]:
        denied = BLAST | {"status": "denied"}
        towns = ["Hawija", "Tuz Khurmatu", "Daquq"]
        return [
            report(
                f"d{i}",
                BLAST | {"place": towns[i % 3], "killed": (10 + i, None)},
                denied | {"place": towns[(i + 1) % 3]},
                date=f"2021-03-{9 + i % 2:02}",
            )
            for i in range(12)
        ]

    def test_the_order_of_reports_does_not_matter(self) -> None:
        told = self.told()
        expected = merge_reports(told)
        assert 1 < len(expected) < 24
        for seed in range(5):
            order = random.Random(seed).sample(told, len(told))
            found = merge_reports(order)
            assert doc_ids(found) == doc_ids(expected)
            assert [i.id for i in found] == [i.id for i in expected]
            for one, other in zip(found, expected, strict=True):
                assert {order[r.report].doc_id for r in one.events} == {
                    told[r.report].doc_id for r in other.events
                }
                assert (one.killed, one.link, one.disputed_by) == (
                    other.killed,
                    other.link,
                    other.disputed_by,
                )

    def test_each_event_is_in_exactly_one_incident(self) -> None:
        told = self.told()
        refs = [(r.report, r.event) for i in merge_reports(told) for r in i.events]
        assert sorted(refs) == [(i, j) for i, r in enumerate(told) for j in range(len(r.events))]

    def test_reports_without_ids_and_twins(self) -> None:
        (found,) = merge_reports([report(None, BLAST), report(None, BLAST)])
        assert (found.n_reports, found.n_texts) == (2, 1)
        assert [r.doc_id for r in found.events] == [None, None]

    def test_json_and_back(self) -> None:
        for incident in merge_reports(self.told()):
            assert json.loads(incident.to_json()) == incident.to_dict()
            assert Incident.from_dict(incident.to_dict()) == incident
        with pytest.raises(DataError, match="field events"):
            Incident.from_dict(incident.to_dict() | {"events": []})

    def test_two_events_of_one_report_are_no_incident(self) -> None:
        (found,) = merge_reports([report("a", BLAST)])
        (ref,) = found.to_dict()["events"]
        with pytest.raises(DataError, match="one event of each"):
            Incident.from_dict(found.to_dict() | {"events": [ref, ref], "n_reports": 2})

    def test_shipped_schema_is_current(self) -> None:
        path = Path(package.__file__).parents[1] / "incident.schema.json"
        assert json.loads(path.read_text(encoding="utf-8")) == Incident.model_json_schema()

    def test_no_reports_no_incidents(self) -> None:
        failed = Report(model_version="test", text="", windows=0, error="no text")
        assert merge_reports([]) == merge_reports([failed]) == []

    def test_min_score_and_threshold(self) -> None:
        told = [report("a", BLAST | {"score": 0.2}), report("b", BLAST)]
        assert [i.n_reports for i in merge_reports(told)] == [2]
        assert [i.events[0].id for i in merge_reports(told, min_score=0.5)] == ["b:0"]
        assert [i.n_reports for i in merge_reports(told, threshold=0.9999)] == [1, 1]

    @pytest.mark.parametrize("threshold", [0, 1, -1, float("nan")])
    def test_a_threshold_that_is_no_probability(self, threshold: float) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            merge_reports([], threshold=threshold)

    @pytest.mark.parametrize("min_score", [5, -0.1, float("nan")])
    def test_a_min_score_that_is_no_probability(self, min_score: float) -> None:
        with pytest.raises(ValueError, match="min_score: expected a number from 0 to 1"):
            merge_reports([], min_score=min_score)

    @pytest.mark.parametrize("name", ["threshold", "min_score"])
    def test_what_is_no_number(self, name: str) -> None:
        with pytest.raises(TypeError, match=f"{name}: expected a number, got str"):
            merge_reports([], **{name: "0.5"})  # type: ignore[arg-type]

    def test_reports_of_an_iterator(self) -> None:
        assert merge_reports(iter(self.told())) == merge_reports(self.told())

    def test_one_report_is_no_list(self) -> None:
        with pytest.raises(TypeError, match="expected a list of Reports, got Report"):
            merge_reports(report("a", BLAST))  # type: ignore[arg-type]

    def test_what_is_no_report(self) -> None:
        with pytest.raises(TypeError, match="index 1: expected a Report, got dict"):
            merge_reports([report("a", BLAST), {}])  # type: ignore[list-item]

    def test_types_told_as_one_another_are_labels(self) -> None:
        known = Ontology.load().event_types
        assert {label for pair in ALSO_TOLD_AS for label in pair} <= set(known)


class TestClusters:
    def cluster(self, n: int, pairs: dict[tuple[int, int], float]) -> list[list[int]]:
        return average_link(range(n), pairs, lambda i, j: pairs.get((min(i, j), max(i, j)), -4), 0)

    def test_a_chain_does_not_join_its_ends(self) -> None:
        assert self.cluster(3, {(0, 1): 3.0, (1, 2): 2.0, (0, 2): -6.0}) == [[0, 1], [2]]

    def test_a_pair_that_was_not_compared_is_looked_up(self) -> None:
        assert self.cluster(3, {(0, 1): 3.0, (1, 2): 2.0}) == [[0, 1], [2]]

    def test_one_doubtful_pair_does_not_part_the_rest(self) -> None:
        pairs = dict.fromkeys(combinations(range(4), 2), 2.0) | {(0, 3): -1.0}
        assert self.cluster(4, pairs) == [[0, 1, 2, 3]]

    def test_never_two_of_one_report(self) -> None:
        pairs = dict.fromkeys([(0, 1), (0, 2), (1, 2)], 5.0)
        assert average_link([0, 1, 1], pairs, lambda i, j: 5.0, 0) == [[0, 1], [2]]

    def test_pairs_given_for_a_large_cluster_do_not_outvote_the_rest(self) -> None:
        # Two groups of which each pair side by side is likely, and all others between them not.
        group = [*range(40)], [*range(40, 80)]
        pairs = {p: 4.0 for half in group for p in combinations(half, 2)}
        pairs |= {(i, i + 40): 3.0 for i in range(0, 40, 2)}
        assert max(map(len, self.cluster(80, pairs))) == 40

    def test_few_pairs_are_looked_up(self) -> None:
        n, near, calls = 1_000, 20, 0

        def odds(_i: int, _j: int) -> float:
            nonlocal calls
            calls += 1
            return 3.0

        pairs = {(i, j): 3.0 for i in range(n) for j in range(i + 1, min(n, i + near))}
        assert average_link(range(n), pairs, odds, 0) == [[*range(n)]]
        assert calls < 100 * n

    def test_against_average_linkage_of_scipy(self) -> None:
        from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]

        rng = random.Random(3)
        n = 30
        odds = {pair: rng.uniform(-3, 2.5) for pair in combinations(range(n), 2)}
        found = average_link(range(n), odds, lambda i, j: odds[min(i, j), max(i, j)], 0)
        labels = fcluster(linkage([6 - v for v in odds.values()], "average"), 6, "distance")
        expected: dict[int, list[int]] = {}
        for i, label in enumerate(labels.tolist()):
            expected.setdefault(label, []).append(i)
        assert found == sorted(expected.values())
        assert 1 < len(found) < n


def many(n: int) -> list[Report]:
    """``n`` reports of one event each: two of each incident, 40 countries, a year."""
    rng = random.Random(0)
    kinds = ["attack", "bombing", "air_strike", "armed_clash", "protest", "arrest"]
    reports = []
    for k in range(n // 2):
        month, day = rng.randint(1, 12), rng.randint(1, 27)
        told = {
            "type": rng.choice(kinds),
            "date": (f"2021-{month:02}-{day:02}",) * 2,
            "country": f"{rng.choice('ABCDEFGH')}{rng.choice('KLMNO')}",
            "place": "".join(rng.choices("bdfgklmnrstvz", k=3)) + f"a{k % 997}",
            "killed": (rng.randint(0, 40),) * 2,
        }
        published = f"2021-{month:02}-{day + 1:02}"
        reports += [report(f"{k}-{side}", told, date=published) for side in "xy"]
    return reports


def test_the_work_grows_with_the_number_of_events() -> None:
    ontology = Ontology.load()

    def n_pairs(reports: list[Report]) -> int:
        events = [t for i, r in enumerate(reports) for t in traits_of(r, i, "", ontology)]
        return len(candidate_pairs(events))

    small, large = many(2_000), many(8_000)
    assert n_pairs(large) < 200 * len(large)
    # One day and country: each event meets a bounded number of others.
    crowd = [report(str(i), BLAST | {"place": f"Town{i}"}) for i in range(1_000)]
    assert n_pairs(crowd) <= 400 * len(crowd)
    assert n_pairs(small) < n_pairs(large)


def test_twenty_thousand_events_in_seconds() -> None:
    reports = many(20_000)
    start = time.process_time()
    found = merge_reports(reports)
    took = time.process_time() - start
    assert took < 20, f"{took:.1f} s"
    right = [i for i in found if len({ref.doc_id.split("-")[0] for ref in i.events}) == 1]  # type: ignore[union-attr]
    merged = [i for i in right if i.n_reports == 2]
    assert len(right) >= 0.97 * len(found)
    assert len(merged) >= 0.9 * 10_000


def one_story(n: int) -> list[Report]:
    """Two events of one story, as n outlets tell them; each ends with the same words."""
    rng = random.Random(0)
    own = [" ".join(_own_words(f"{i} {part}") for part in range(8)) for i in range(n)]
    return [
        report(
            str(i),
            BLAST | {"killed": (rng.choice([14, 14, 15, 16]), None), "by": ["Dune Front"]},
            BLAST | {"type": "abduction", "killed": None, "to": ["Salt Guild"]},
            date=f"2021-03-{9 + i % 3:02}",
            text=f"{own[i]} The reporter of the Delta Post wrote this.",
        )
        for i in range(n)
    ]


def test_one_story_of_a_thousand_reports_in_seconds() -> None:
    reports = one_story(1_000)
    start = time.process_time()
    found = merge_reports(reports)
    took = time.process_time() - start
    assert [(i.n_reports, i.n_texts) for i in found] == [(1_000, 1_000)] * 2
    assert took < 15, f"{took:.1f} s"


def test_a_crowd_of_reports_does_not_chain_across_days() -> None:
    days = [f"2021-03-{day:02}" for day in range(8, 14)]
    told = [
        report(f"{day}-{i}", BLAST | {"killed": None, "date": (day, day)}, date=day)
        for day in days
        for i in range(60)
    ]
    found = merge_reports(told)
    assert [i.n_reports for i in found] == [60] * len(days)


def test_distance() -> None:
    assert distance_km((0, 0), (0, 0)) == 0
    assert distance_km((0, 0), (0, 180)) == pytest.approx(20015, abs=1)
    assert distance_km((48.8566, 2.3522), (51.5074, -0.1278)) == pytest.approx(344, abs=2)


def test_equal_documents_have_equal_keys() -> None:
    assert document_key(report("a", BLAST)) == document_key(report("a", BLAST))
    assert document_key(report("a", BLAST)) != document_key(report("b", BLAST))


class TestCommand:
    def saved(self, folder: Path) -> Path:
        path = folder / "reports.jsonl"
        lines = [report(name, BLAST).to_json() for name in "ab"]
        path.write_text("\n".join([*lines, "{", ""]), encoding="utf-8")
        return path

    def test_incidents_as_lines(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "incidents.jsonl"
        assert main(["merge", str(self.saved(tmp_path)), "-o", str(out)]) == 1
        assert "reports.jsonl:3" in capsys.readouterr().err
        (line,) = out.read_text(encoding="utf-8").splitlines()
        incident = Incident.from_dict(json.loads(line))
        assert [ref.doc_id for ref in incident.events] == ["a", "b"]

    def test_options(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = str(self.saved(tmp_path))
        assert main(["merge", path, "--threshold", "0.9999"]) == 1
        assert len(capsys.readouterr().out.splitlines()) == 2
        assert main(["merge", path, "--min-score", "0.95"]) == 1
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [(["gone.jsonl"], "no such file"), (["x", "--threshold", "1"], "between 0 and 1")],
    )
    def test_wrong_use(
        self, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["merge", *arguments]) == 2
        assert says in capsys.readouterr().err
