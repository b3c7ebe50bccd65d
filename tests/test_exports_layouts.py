"""The layouts of event data sets: column orders, and what stands in each column."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conflictwire.exports import geography
from conflictwire.exports.acled import AcledWriter
from conflictwire.exports.cells import clean_text
from conflictwire.exports.parties import parties_of
from conflictwire.exports.rows import COLUMNS
from conflictwire.exports.ucdp import UcdpWriter
from conflictwire.exports.view import views
from conflictwire.ontology import Ontology
from conflictwire.report import Report
from export_samples import (
    ATTACK,
    BATTLE,
    NASTY_NAME,
    RAID,
    bare,
    hostile,
    make_report,
    raid,
    rows_of,
    written,
)

ACLED = (
    "event_id_cnty, event_date, year, time_precision, disorder_type, event_type, sub_event_type, "
    "actor1, assoc_actor_1, inter1, actor2, assoc_actor_2, inter2, interaction, "
    "civilian_targeting, iso, region, country, admin1, admin2, admin3, location, latitude, "
    "longitude, geo_precision, source, source_scale, notes, fatalities, tags, timestamp"
).split(", ")
UCDP = (
    "id, relid, year, active_year, code_status, type_of_violence, conflict_dset_id, "
    "conflict_new_id, conflict_name, dyad_dset_id, dyad_new_id, dyad_name, side_a_dset_id, "
    "side_a_new_id, side_a, side_b_dset_id, side_b_new_id, side_b, number_of_sources, "
    "source_article, source_office, source_date, source_headline, source_original, where_prec, "
    "where_coordinates, where_description, adm_1, adm_2, latitude, longitude, geom_wkt, "
    "priogrid_gid, country, country_id, region, event_clarity, date_prec, date_start, date_end, "
    "deaths_a, deaths_b, deaths_civilians, deaths_unknown, best, high, low, gwnoa, gwnob"
).split(", ")

CLASH = (
    "The Syrian army and the Falcon Brigade fought in Homs, and a pact of both with Red Flag "
    "fighters failed; 5 soldiers, 7 fighters and 3 villagers died."
)


def clash(*fillers: tuple[str, str, str], **changes: Any) -> Report:
    names = {
        "Syrian army": ("Syrian Army", "SY"),
        "Falcon Brigade": ("Falcon Brigade", "SY"),
        "Red Flag": ("Red Flag", "SY"),
    }
    event = {"type": "armed_clash", "category": "battle", "codes": BATTLE, **changes}
    event.setdefault("location", {"country": "SY"})
    return make_report(CLASH, fillers, trigger="fought", names=names, **event)


ARMY = ("actor", "Syrian army", "MILITARY")
BRIGADE = ("actor", "Falcon Brigade", "ARMED_GROUP")
RED_FLAG = ("actor", "Red Flag", "ARMED_GROUP")
VILLAGERS = ("killed", "3 villagers", "CIVILIAN")
SOLDIERS = ("killed", "5 soldiers", "MILITARY")


def dates(start: str, end: str) -> dict[str, str]:
    return {"start": start, "end": end, "precision": "range", "basis": "stated"}


def row(format: str, report: Report) -> dict[str, str]:
    (found,) = rows_of(format, report)
    return found


def filled(format: str, report: Report) -> dict[str, str]:
    return {name: cell for name, cell in row(format, report).items() if cell}


class TestParties:
    @staticmethod
    def sides(*fillers: tuple[str, str, str], **changes: Any) -> list[list[str]]:
        (view,) = views(clash(*fillers, **changes), Ontology.load())
        return [[filler.name for filler in side] for side in parties_of(view)]

    def test_those_of_the_first_sort_stand_together(self) -> None:
        assert self.sides(BRIGADE, ARMY, RED_FLAG) == [
            ["Falcon Brigade", "Red Flag"],
            ["Syrian Army"],
        ]

    def test_all_of_one_sort(self) -> None:
        assert self.sides(BRIGADE, RED_FLAG) == [["Falcon Brigade"], ["Red Flag"]]

    def test_targets_do_not_part_allies_in_other_events(self) -> None:
        target = ("target", "Red Flag", "ARMED_GROUP")
        assert self.sides(ARMY, BRIGADE, target, codes=ATTACK) == [
            ["Syrian Army", "Falcon Brigade"],
            ["Red Flag"],
        ]

    def test_a_target_in_a_battle_is_the_other_side(self) -> None:
        target = ("target", "Red Flag", "ARMED_GROUP")
        assert self.sides(BRIGADE, target) == [["Falcon Brigade"], ["Red Flag"]]
        assert self.sides(ARMY, BRIGADE, target) == [
            ["Syrian Army"],
            ["Falcon Brigade", "Red Flag"],
        ]

    def test_own_dead_are_no_enemy(self) -> None:
        assert self.sides(ARMY, SOLDIERS) == [["Syrian Army"], []]
        assert self.sides(BRIGADE, SOLDIERS) == [["Falcon Brigade"], ["5 soldiers"]]

    def test_victims_stand_in_for_targets(self) -> None:
        assert self.sides(ARMY, VILLAGERS, codes=ATTACK) == [["Syrian Army"], ["3 villagers"]]

    def test_a_name_stands_once(self) -> None:
        told = make_report(
            "Rebels fought; rebels fled.",
            [("actor", "Rebels", "ARMED_GROUP"), ("target", "rebels", "ARMED_GROUP")],
            trigger="fought",
            codes=BATTLE,
        )
        (view,) = views(told, Ontology.load())
        assert [len(side) for side in parties_of(view)] == [1, 0]

    def test_things_are_no_party(self) -> None:
        assert self.sides(("actor", "army", "FACILITY"), ("target", "Homs", "PLACE")) == [[], []]


class TestAcled:
    def test_header(self) -> None:
        assert written("acled").splitlines() == [",".join(ACLED)]
        assert len(AcledWriter.header) == 31

    def test_all_that_is_known(self) -> None:
        found = filled("acled", raid())
        assert found.pop("timestamp").isdecimal()
        tags = found.pop("tags").split("; ")
        assert tags[:5] == [
            "doc_id=d1",
            "status=happened",
            "score=0.88",
            "type=attack",
            "trigger=shot",
        ]
        assert tags[5].startswith("spans=trigger:48-52,actor:")
        assert tags[6:] == ["dates=2022-03-04/2022-03-04"]
        assert found == {
            "event_id_cnty": "d1:0",
            "event_date": "2022-03-04",
            "year": "2022",
            "time_precision": "1",
            "disorder_type": "Political violence",
            "event_type": "Violence against civilians",
            "sub_event_type": "Attack",
            "actor1": "Falcon Brigade",
            "inter1": "2",
            "actor2": "Civilians (Somalia)",
            "assoc_actor_2": "State forces (Somalia)",
            "inter2": "7",
            "interaction": "27",
            "civilian_targeting": "Civilian targeting",
            "iso": "706",
            "region": "Eastern Africa",
            "country": "Somalia",
            "admin1": "Bay",
            "location": "Baidoa",
            "latitude": "3.1138",
            "longitude": "43.6498",
            "geo_precision": "1",
            "source": "Wire; Al-Noor TV",
            "notes": RAID[19:-15],
            "fatalities": "12",
        }

    @pytest.mark.parametrize("status", ["planned", "denied", "possible"])
    def test_only_what_happened(self, status: str) -> None:
        assert rows_of("acled", raid(status=status)) == []
        assert rows_of("acled", raid(codes={})) == []

    def test_what_is_not_known_is_empty(self) -> None:
        report = make_report("They shot.", [], trigger="shot", codes=ATTACK)
        assert set(filled("acled", report)) == set(
            "event_id_cnty disorder_type event_type sub_event_type civilian_targeting notes tags "
            "timestamp".split()
        )

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            ("2022-03-04", "2022-03-04", ("2022-03-04", "2022", "1")),
            ("2021-12-28", "2022-01-03", ("2021-12-28", "2021", "2")),
            ("2022-03-01", "2022-03-31", ("2022-03-01", "2022", "3")),
            ("2022-01-01", "2022-12-31", ("", "2022", "")),
            ("2021-06-01", "2022-06-01", ("", "", "")),
        ],
    )
    def test_dates(self, start: str, end: str, expected: tuple[str, ...]) -> None:
        found = row("acled", raid(date=dates(start, end)))
        assert (found["event_date"], found["year"], found["time_precision"]) == expected
        assert f"dates={start}/{end}" in found["tags"]

    @pytest.mark.parametrize(
        ("precision", "expected"),
        [("point", "1"), ("area", "2"), ("region", "3"), ("country", "3"), (None, "")],
    )
    def test_geo_precision(self, precision: str | None, expected: str) -> None:
        location = {"country": "SO", "precision": precision}
        assert row("acled", raid(location=location))["geo_precision"] == expected

    @pytest.mark.parametrize(
        ("event_type", "sub_event_type", "disorder"),
        [
            ("Battles", "Armed clash", "Political violence"),
            ("Explosions/Remote violence", "Grenade", "Political violence"),
            ("Protests", "Peaceful protest", "Demonstrations"),
            (
                "Protests",
                "Excessive force against protesters",
                "Political violence; Demonstrations",
            ),
            ("Riots", "Violent demonstration", "Demonstrations"),
            ("Riots", "Mob violence", "Political violence"),
            ("Strategic developments", "Agreement", "Strategic developments"),
        ],
    )
    def test_disorder_type(self, event_type: str, sub_event_type: str, disorder: str) -> None:
        codes = {"acled": {"event_type": event_type, "sub_event_type": sub_event_type}}
        assert row("acled", raid(codes=codes))["disorder_type"] == disorder

    def test_every_type_of_the_ontology_has_a_disorder_type(self) -> None:
        for entry in Ontology.load().event_types.values():
            for rule in entry.crosswalk.acled:
                code = {"event_type": rule.give.event_type}
                acled = {"acled": {**code, "sub_event_type": rule.give.sub_event_type}}
                assert row("acled", raid(codes=acled))["disorder_type"]

    def test_protesters_come_first(self) -> None:
        words = "Police fired on students."
        code = {"event_type": "Protests", "sub_event_type": "Excessive force against protesters"}
        report = make_report(
            words,
            [("actor", "Police", "POLICE"), ("target", "students", "CIVILIAN")],
            trigger="fired",
            type="repression",
            category="unrest",
            codes={"acled": code},
            location={"country": "KE"},
        )
        found = row("acled", report)
        assert (found["actor1"], found["assoc_actor_1"]) == ("Protesters (Kenya)", "students")
        assert (found["actor2"], found["assoc_actor_2"]) == ("State forces (Kenya)", "Police")
        assert (found["inter1"], found["inter2"]) == ("6", "1")
        assert (found["interaction"], found["civilian_targeting"]) == ("16", "Civilian targeting")

    @pytest.mark.parametrize(
        ("victims", "expected"),
        [([VILLAGERS], "Civilian targeting"), ([VILLAGERS, SOLDIERS], ""), ([], "")],
    )
    def test_civilians_must_be_the_only_targets_of_a_blast(
        self, victims: list[tuple[str, str, str]], expected: str
    ) -> None:
        code = {"event_type": "Explosions/Remote violence", "sub_event_type": "Grenade"}
        report = clash(BRIGADE, *victims, codes={"acled": code})
        assert row("acled", report)["civilian_targeting"] == expected

    def test_the_unnamed_of_a_kind_are_one_and_counts_no_names(self) -> None:
        report = make_report(
            "Gunmen and assailants shot at least 20 civilians and traders.",
            [
                ("actor", "Gunmen", "ARMED_GROUP"),
                ("actor", "assailants", "ARMED_GROUP"),
                ("killed", "at least 20 civilians", "CIVILIAN"),
                ("killed", "traders", "CIVILIAN"),
            ],
            trigger="shot",
            codes=ATTACK,
            location={"country": "NG"},
        )
        found = row("acled", report)
        assert found["actor1"].endswith("(Nigeria)")
        assert found["assoc_actor_1"] == "Gunmen"
        assert (found["actor2"], found["assoc_actor_2"]) == ("Civilians (Nigeria)", "traders")

    def test_named_civilians_are_associates(self) -> None:
        victim = ("killed", "3 villagers", "CIVILIAN")
        report = clash(BRIGADE, victim, codes=ATTACK)
        assert row("acled", report)["actor2"] == "Civilians (Syria)"

    @pytest.mark.parametrize(
        ("end", "precision", "expected"),
        [
            ("2022-03-04", "month", ("2022-03-01", "3")),
            ("2022-03-02", "week", ("2022-03-01", "2")),
            ("2022-03-20", "year", ("", "")),
            ("2022-04-01", "range", ("", "")),
        ],
    )
    def test_a_part_of_a_named_range_is_no_narrower(
        self, end: str, precision: str, expected: tuple[str, str]
    ) -> None:
        date = {**dates("2022-03-01", end), "precision": precision}
        found = row("acled", raid(date=date))
        assert (found["event_date"], found["time_precision"]) == expected

    def test_one_side_alone(self) -> None:
        found = row("acled", clash(ARMY))
        assert (found["interaction"], found["inter2"], found["actor2"]) == ("10", "", "")

    def test_no_deaths_are_0_and_unstated_deaths_empty(self) -> None:
        assert row("acled", raid(killed={"low": 0, "high": 0}))["fatalities"] == "0"
        assert row("acled", raid(killed=None))["fatalities"] == ""

    def test_hostile_text(self) -> None:
        found = row("acled", hostile())
        assert found["event_id_cnty"] == "'-1:0"
        assert found["actor1"] == "'" + NASTY_NAME
        assert found["notes"] == clean_text(hostile().text)
        assert (found["longitude"], found["location"]) == ("-58.25", "'\u2212x, \U0001f4a5")

    def test_pandas_reads_it(self) -> None:
        reports = [raid(document={"doc_id": "d0"}), clash(ARMY, BRIGADE), hostile()]
        frame = pd.read_csv(io.StringIO(written("acled", *reports)))
        assert list(frame.columns) == ACLED
        assert frame["event_id_cnty"].is_unique
        assert frame["longitude"].dtype == float
        assert set(frame["iso"]) == {706, 760, 32}


class TestUcdp:
    DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")

    def test_header(self) -> None:
        assert written("ucdp").splitlines() == [",".join(UCDP)]
        assert len(UcdpWriter.header) == 49

    def test_all_that_is_known(self) -> None:
        found = filled("ucdp", raid())
        assert len(found.pop("id")) == 15
        assert found.pop("source_article").startswith("doc_id=d1; status=happened; score=0.88")
        assert found == {
            "relid": "d1:0",
            "year": "2022",
            "type_of_violence": "3",
            "dyad_name": "Falcon Brigade - Civilians",
            "side_a": "Falcon Brigade",
            "side_b": "Civilians",
            "number_of_sources": "1",
            "source_office": "Wire",
            "source_date": "2022-03-06",
            "source_headline": "A raid",
            "source_original": "Al-Noor TV",
            "where_prec": "1",
            "where_coordinates": "Baidoa",
            "where_description": "Baidoa",
            "adm_1": "Bay",
            "latitude": "3.1138",
            "longitude": "43.6498",
            "geom_wkt": "POINT (43.6498 3.1138)",
            "priogrid_gid": "134368",
            "country": "Somalia",
            "country_id": "520",
            "region": "Africa",
            "date_prec": "1",
            "date_start": "2022-03-04",
            "date_end": "2022-03-04",
            "deaths_a": "0",
            "deaths_b": "0",
            "deaths_civilians": "12",
            "deaths_unknown": "0",
            "best": "12",
            "high": "12",
            "low": "12",
        }

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "denied"},
            {"killed": None},
            {"killed": {"low": 0}},
            {"codes": {"acled": ATTACK["acled"]}},
        ],
    )
    def test_only_lethal_violence_that_happened(self, changes: dict[str, Any]) -> None:
        assert rows_of("ucdp", raid(**changes)) == []

    def test_a_state_is_side_a(self) -> None:
        found = row("ucdp", clash(BRIGADE, ARMY, killed={"low": 1}))
        assert (found["side_a"], found["side_b"]) == ("Government of Syria", "Falcon Brigade")
        assert found["dyad_name"] == "Government of Syria - Falcon Brigade"
        assert (found["gwnoa"], found["gwnob"]) == ("652", "")
        alone = row("ucdp", clash(BRIGADE, killed={"low": 1}))
        assert (alone["side_a"], alone["side_b"]) == ("", "Falcon Brigade")

    @pytest.mark.parametrize(
        ("groups", "low", "expected"),
        [
            ({"MILITARY": 5, "ARMED_GROUP": 7, "CIVILIAN": 3}, 15, ("5", "7", "3", "0")),
            ({"MILITARY": 5, "POLICE": 2}, 7, ("7", "0", "0", "0")),
            ({"ARMED_GROUP": 7}, 15, ("", "7", "", "8")),
            ({"POLITICAL": 2}, 2, ("", "", "", "2")),
            ({}, 4, ("", "", "", "4")),
        ],
    )
    def test_deaths_by_side(
        self, groups: dict[str, int], low: int, expected: tuple[str, ...]
    ) -> None:
        by_group = [{"group": group, "low": n, "high": n} for group, n in groups.items()]
        report = clash(ARMY, BRIGADE, killed={"low": low, "high": None, "by_group": by_group})
        found = row("ucdp", report)
        names = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
        assert tuple(found[name] for name in names) == expected
        assert (found["best"], found["low"], found["high"]) == (str(low), str(low), "")

    def test_deaths_that_contradict_the_sum_are_unknown(self) -> None:
        groups = [{"group": "MILITARY", "low": 9}, {"group": "ARMED_GROUP", "low": 9}]
        found = row("ucdp", clash(ARMY, BRIGADE, killed={"low": 9, "by_group": groups}))
        assert [found[name] for name in self.DEATHS] == ["", "", "", "9"]

    @pytest.mark.parametrize("violence", [1, 2, 3])
    @pytest.mark.parametrize("low", [1, 6, 40])
    def test_deaths_add_up(self, violence: int, low: int) -> None:
        groups = [{"group": g, "low": 3} for g in ("MILITARY", "ARMED_GROUP", "CIVILIAN")]
        codes = {**BATTLE, "ucdp": violence}
        killed = {"low": low, "by_group": groups[: 1 + low % 3]}
        found = row("ucdp", clash(ARMY, BRIGADE, VILLAGERS, killed=killed, codes=codes))
        assert sum(int(found[name] or 0) for name in self.DEATHS) == int(found["best"]) == low

    def test_the_dead_of_one_sided_violence_are_not_of_side_a(self) -> None:
        groups = [{"group": "ARMED_GROUP", "low": 2}, {"group": "CIVILIAN", "low": 3}]
        found = row("ucdp", raid(killed={"low": 5, "by_group": groups}))
        assert [found[name] for name in self.DEATHS] == ["", "", "3", "2"]

    def test_civilians_and_the_unnamed_are_no_side(self) -> None:
        found = row("ucdp", clash(ARMY, VILLAGERS, killed={"low": 3}))
        assert (found["side_a"], found["side_b"]) == ("Government of Syria", "")
        unnamed = ("actor", "fighters", "ARMED_GROUP")
        against = row("ucdp", clash(unnamed, ARMY, killed={"low": 3}))
        assert (against["side_a"], against["side_b"]) == ("Government of Syria", "")
        both = [unnamed, ("target", "Red Flag fighters", "ARMED_GROUP")]
        found = row("ucdp", clash(*both, killed={"low": 3}, codes={**BATTLE, "ucdp": 2}))
        assert found["side_a"] == found["side_b"] == found["dyad_name"] == ""

    def test_a_state_behind_a_group_is_side_a_alone(self) -> None:
        target = ("target", "Syrian army", "MILITARY")
        codes = {**ATTACK, "ucdp": 1}
        found = row("ucdp", clash(BRIGADE, RED_FLAG, target, killed={"low": 1}, codes=codes))
        assert found["side_a"] == "Government of Syria"
        assert found["side_b"] == "Falcon Brigade; Red Flag"

    def test_a_number_beyond_64_bits_is_left_out(self) -> None:
        report = raid(killed={"low": 10**30})
        found = row("ucdp", report)
        assert [found[name] for name in (*self.DEATHS, "best", "low")] == [""] * 6
        assert row("acled", report)["fatalities"] == ""
        assert json.loads(written("plover", report))["size"]["dead"] is None

    def test_deaths_of_two_sides_of_one_sort_cannot_be_told_apart(self) -> None:
        killed = {"low": 7, "by_group": [{"group": "ARMED_GROUP", "low": 7}]}
        codes = {**BATTLE, "ucdp": 2}
        found = row("ucdp", clash(BRIGADE, RED_FLAG, killed=killed, codes=codes))
        assert (found["deaths_a"], found["deaths_b"], found["deaths_unknown"]) == ("", "", "7")
        assert (found["side_a"], found["side_b"]) == ("Falcon Brigade", "Red Flag")

    @pytest.mark.parametrize(
        ("start", "end", "precision", "year"),
        [
            ("2022-03-04", "2022-03-04", "1", "2022"),
            ("2022-03-04", "2022-03-05", "2", "2022"),
            ("2022-03-07", "2022-03-13", "3", "2022"),
            ("2022-03-01", "2022-03-31", "4", "2022"),
            ("2022-01-01", "2022-12-31", "5", "2022"),
            ("2021-12-31", "2022-01-01", "2", ""),
        ],
    )
    def test_dates(self, start: str, end: str, precision: str, year: str) -> None:
        found = row("ucdp", raid(date=dates(start, end)))
        assert (found["date_prec"], found["year"]) == (precision, year)
        assert (found["date_start"], found["date_end"]) == (start, end)

    @pytest.mark.parametrize(
        ("precision", "expected"),
        [("point", "1"), ("area", "2"), ("region", "4"), ("country", "6"), (None, "")],
    )
    def test_where_precision(self, precision: str | None, expected: str) -> None:
        location = {"country": "SO", "name": "Bay", "precision": precision}
        found = row("ucdp", raid(location=location))
        assert found["where_prec"] == expected
        # No coordinates, so none of what follows from them.
        assert found["where_coordinates"] == found["geom_wkt"] == found["priogrid_gid"] == ""

    def test_ids_are_stable_and_differ(self) -> None:
        reports = [raid(document={"doc_id": f"doc{i}"}) for i in range(200)]
        ids = [found["id"] for found in rows_of("ucdp", *reports)]
        assert len(set(ids)) == 200
        assert ids == [found["id"] for found in rows_of("ucdp", *reports)]
        assert ids[0] == "578458069047442"
        assert all(int(float(i)) == int(i) for i in ids)

    def test_pandas_reads_it(self) -> None:
        frame = pd.read_csv(io.StringIO(written("ucdp", raid(), hostile())))
        assert list(frame.columns) == UCDP
        assert frame.loc[1, "longitude"] == -58.25


class TestGeography:
    @pytest.mark.parametrize(
        ("lat", "lon", "cell"),
        [
            (-90, -180, 1),
            (-90, 179.9, 720),
            (-89.5, -180, 721),
            (10.51, 2.29, 145085),
            (34.53, 69.17, 179779),
            (90, 180, 259200),
        ],
    )
    def test_grid_cells(self, lat: float, lon: float, cell: int) -> None:
        assert geography.grid_cell(lat, lon) == cell

    @pytest.mark.parametrize(
        ("code", "iso", "gleditsch_ward", "region", "ucdp"),
        [
            ("SY", 760, 652, "Middle East", "Middle East"),
            ("EG", 818, 651, "Northern Africa", "Middle East"),
            ("UA", 804, 369, "Europe", "Europe"),
            ("AM", 51, 371, "Caucasus and Central Asia", "Europe"),
            ("AF", 4, 700, "South Asia", "Asia"),
            ("CD", 180, 490, "Middle Africa", "Africa"),
            ("MX", 484, 70, "Central America", "Americas"),
            ("YE", 887, 678, "Middle East", "Middle East"),
            ("VN", 704, 816, "Southeast Asia", "Asia"),
            ("PS", 275, None, "Middle East", None),
            ("XK", None, 347, "Europe", "Europe"),
        ],
    )
    def test_numbers(
        self, code: str, iso: int | None, gleditsch_ward: int | None, region: str, ucdp: str | None
    ) -> None:
        assert geography.numbers(code) == (iso, gleditsch_ward, region)
        assert geography.ucdp_region(code) == ucdp

    def test_unknown_codes(self) -> None:
        for code in (None, "ZZ"):
            assert geography.numbers(code) is None
            assert geography.country_name(code) is None
            assert geography.ucdp_region(code) is None

    def test_the_table_is_whole(self) -> None:
        table = geography._table()
        assert len(table) == 250
        for column in ("iso", "gleditsch_ward"):
            values = [v for row in table.values() if (v := getattr(row, column)) is not None]
            assert len(set(values)) == len(values)
        assert all(geography.country_name(code) for code in table)


class TestPlover:
    def test_all_that_is_known(self) -> None:
        (line,) = written("plover", raid()).splitlines()
        record = json.loads(line)
        spans = record["text_info"].pop("spans")
        assert spans.startswith("trigger:48-52; actor:")
        assert record == {
            "id": "d1:0",
            "date": "2022-03-04",
            "enddate": "2022-03-04",
            "actor": [
                {
                    "code": "SOM",
                    "sector": "REB",
                    "entity_text": "Falcon Brigade",
                    "identifier_id": None,
                }
            ],
            "recipient": [
                {
                    "code": None,
                    "sector": "AGR",
                    "entity_text": "12 herders",
                    "identifier_id": None,
                },
                {"code": None, "sector": "COP", "entity_text": "two guards", "identifier_id": None},
            ],
            "event": "ASSAULT",
            "mode": "firearms",
            "context": [],
            "event_loc": {
                "name": "Baidoa",
                "country": "SOM",
                "admin1": "Bay",
                "lat": 3.1138,
                "lon": 43.6498,
                "geonames_id": 66093,
            },
            "event_text": "shot",
            "text": RAID[19:-15],
            "text_info": {"status": "happened", "score": 0.875, "type": "attack"},
            "cite_info": {
                "doc_id": "d1",
                "publisher": "Wire",
                "title": "A raid",
                "date": "2022-03-06",
                "sources": ["Al-Noor TV"],
            },
            "size": {"dead": 12, "injured": 2, "arrested": None},
        }

    def test_order_of_fields(self) -> None:
        names = (
            "id, date, enddate, actor, recipient, event, mode, context, event_loc, event_text, "
            "text, text_info, cite_info, size"
        ).split(", ")
        assert list(json.loads(written("plover", raid()))) == names
        assert list(json.loads(written("plover", raid()))["actor"][0]) == [
            "code",
            "sector",
            "entity_text",
            "identifier_id",
        ]

    def test_only_what_happened(self) -> None:
        assert written("plover", raid(status="possible"), bare()) == ""

    def test_arrests_are_counted(self) -> None:
        report = make_report(
            "Police arrested 12 people, including four children.",
            [
                ("actor", "Police", "POLICE"),
                ("target", "12 people", "CIVILIAN"),
                ("target", "four children", "CIVILIAN"),
            ],
            trigger="arrested",
            type="arrest",
            category="coercion",
            codes={"plover": {"event": "COERCE", "mode": "arrest"}},
        )
        record = json.loads(written("plover", report))
        assert record["size"] == {"dead": None, "injured": None, "arrested": 12}
        assert record["date"] is record["event_loc"] is None

    def test_hostile_text(self) -> None:
        line = written("plover", hostile())
        assert line.isascii()
        record = json.loads(line)
        assert record["text"] == clean_text(hostile().text)
        assert record["actor"][0]["entity_text"] == NASTY_NAME  # no spreadsheet reads this


class TestReadme:
    """``model/exports/README.md`` describes every column."""

    TEXT = Path(geography.__file__).with_name("README.md").read_text(encoding="utf-8")

    def named(self, title: str) -> list[str]:
        section = self.TEXT.split(f"## {title}\n")[1].split("\n## ")[0]
        cells = re.findall(r"^\| ([\w, ]+) \|", section, re.MULTILINE)
        return [name for cell in cells[1:] for name in cell.split(", ")]

    def test_layouts(self) -> None:
        assert sorted(self.named("ACLED-style CSV")) == sorted(ACLED)
        assert sorted(self.named("UCDP-GED-style CSV")) == sorted(UCDP)
        assert sorted(self.named("PLOVER JSON lines")) == sorted(
            json.loads(written("plover", raid()))
        )

    def test_rows(self) -> None:
        title = "Columns of the frame, CSV, Parquet and GeoJSON properties"
        rows = re.findall(
            r"^\| (\w+) \| (\w+) \| (.+) \|$", self.TEXT.split(title)[1], re.MULTILINE
        )
        assert [(name, type_) for name, type_, _ in rows[1:]] == [(c.name, c.type) for c in COLUMNS]
        assert [what.replace("`", "") for *_, what in rows[1:]] == [
            c.meaning.replace("`", "") for c in COLUMNS
        ]

    def test_what_is_never_filled_is_said_to_be(self) -> None:
        always = re.findall(r"^\| ([\w, ]+) \| always empty", self.TEXT, re.MULTILINE)
        empty = {name for cell in always for name in cell.split(", ")}
        everything = raid(document={"title": "A raid", "publisher": "Wire"})
        state_based = clash(ARMY, BRIGADE, RED_FLAG, killed={"low": 1})
        for format in ("acled", "ucdp"):
            found = rows_of(format, everything, state_based)
            assert all(not row[name] for row in found for name in empty & set(row))
        assert len(empty) == 3 + 13
