"""The packaged list of actors, other spellings, and lists of a user's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conflictwire.entities import MentionText, cluster
from conflictwire.errors import DataError
from conflictwire.ontology import Ontology
from conflictwire.resolve.actors.known import OWN, KnownActor
from conflictwire.resolve.actors.lists import ActorList, packaged_actors
from conflictwire.resolve.countries.terms import country


@pytest.fixture(scope="module")
def packaged() -> ActorList:
    return packaged_actors()


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return Ontology.load()


def test_the_packaged_list_is_sound(packaged: ActorList, ontology: Ontology) -> None:
    actors = list(packaged)
    assert len({actor.id for actor in actors}) == len(actors)
    assert len({(actor.name, actor.country) for actor in actors}) == len(actors)
    for actor in actors:
        assert re.fullmatch(r"[^\W_]+(-[^\W_]+)*", actor.id)
        assert actor.id == actor.id.lower()
        assert actor.kind in ontology.kinds
        assert actor.country is None or country(actor.country).code == actor.country
        assert actor.start is None or 1700 < actor.start <= (actor.end or 2100) <= 2100
        assert actor.code is None or re.fullmatch("[A-Z]{3,12}", actor.code)
    groups = [a for a in actors if a.kind not in ("PERSON", "PLACE")]
    assert len(groups) > 1500
    armed = [a for a in actors if a.kind == "ARMED_GROUP"]
    assert len(armed) > 500
    assert sum(a.start is not None for a in armed) > len(armed) * 0.9


def actors_of(*rows: tuple[KnownActor, tuple[str, ...]]) -> ActorList:
    return ActorList(rows)


HILL = KnownActor("hill", "Hill Liberation Front", "ARMED_GROUP", "UG", start=1990, end=1999)
HARBOUR = KnownActor("harbour", "Harbour Labour Front", "ARMED_GROUP", "UG", start=2010)
HEATH = KnownActor("heath", "Heath League of Farmers", "ARMED_GROUP", "KE", start=2010)
FRONTS = actors_of((HILL, ("HLF",)), (HARBOUR, ("HLF",)), (HEATH, ("HLF",)))


@pytest.mark.parametrize(
    ("year", "context", "found"),
    [
        (1995, {"UG": 5}, HILL),
        (2000, {"UG": 5}, HILL),  # the news write of it a while longer
        (2005, {"UG": 5}, HILL),  # none fits: the first
        (2015, {"UG": 5}, HARBOUR),
        (2015, {"UG": 2, "KE": 5}, HEATH),
        (2015, {"KE": 5}, HEATH),
        (1995, {"KE": 5}, HEATH),  # its country says more than the years of one elsewhere
        (None, {"UG": 5}, HILL),
        (2015, {}, HARBOUR),
    ],
)
def test_one_acronym_of_several(year: int | None, context: dict[str, int], found: object) -> None:
    assert FRONTS.find("HLF", "ARMED_GROUP", context, year) == found
    assert FRONTS.find("hlf", "ARMED_GROUP", context, year) is None


def test_years_never_hide_the_only_one_of_a_name() -> None:
    assert FRONTS.find("Hill Liberation Front", year=2020) == HILL


def test_the_year_of_publication_reaches_the_clusters() -> None:
    text = "HLF men raided Gulu in Uganda."
    mentions = [MentionText("HLF men", 0, 7, "ARMED_GROUP"), MentionText("Uganda", 23, 29, "PLACE")]
    for year, name in ((1995, HILL.name), (2015, HARBOUR.name)):
        found = cluster(mentions, text=text, actors=FRONTS, year=year)
        assert found[0].name == name
        assert found[0].actor is not None


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("Boko Haraam", "Boko Haram"),
        ("Jabhat al Nusrah", "Al-Nusra Front"),
        ("Lashkar-e-Tayba", "Lashkar-e-Taiba"),
        ("Haraket Hazm", "Harakat Hazm"),
        ("Tehrik-e-Taliban Pakistan", "Tehrik-i-Taliban Pakistan"),
        ("Liberation Tigers of Tamil Elam", "Liberation Tigers of Tamil Eelam"),
        ("Kataeb Hezbollah", "Kata'ib Hezbollah"),
    ],
)
def test_other_spellings(packaged: ActorList, spelling: str, name: str) -> None:
    found = packaged.find(spelling) or packaged.find_alike(spelling, "ARMED_GROUP")
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "name",
    [
        "Sudan Liberation Front",  # ... Army
        "Ogaden Liberation Front",  # Oromo ...
        "Iranian Army in Iraq",
        "Jaysh al-Salam",
        "FARK",
        "ISOS",
        "Amaal",
        "Free Libyan Army",  # ... Syrian ...
        "Lake Basin Defence League",
        "",
        "\ud800" * 9,
        "боко харам",
    ],
)
def test_names_that_are_like_no_other(packaged: ActorList, name: str) -> None:
    assert packaged.find_alike(name, "ARMED_GROUP") is None


def test_another_spelling_needs_the_kind_the_country_and_the_years(packaged: ActorList) -> None:
    assert packaged.find_alike("Boko Haraam", "PERSON") is None
    assert packaged.find_alike("Boko Haraam", "ARMED_GROUP", {"PE": 4}) is None
    assert packaged.find_alike("Boko Haraam", "ARMED_GROUP", {"PE": 4, "NG": 1}) is not None
    assert packaged.find_alike("Boko Haraam", "ARMED_GROUP", {}, 1985) is None


def test_a_name_like_two_is_like_none() -> None:
    two = actors_of(
        (KnownActor("a", "Valley Guard of Bantar", "ARMED_GROUP"), ()),
        (KnownActor("b", "Valley Guard of Bantat", "ARMED_GROUP"), ()),
    )
    assert two.find_alike("Valley Guard of Bantam", "ARMED_GROUP") is None
    one = actors_of((KnownActor("a", "Valley Guard of Bantar", "ARMED_GROUP"), ()))
    assert one.find_alike("Valley Guard of Bantam", "ARMED_GROUP") is not None


def test_the_longest_of_names_is_no_trouble(packaged: ActorList) -> None:
    assert packaged.find("x" * 100_000) is None
    assert packaged.find_alike("front " * 20_000, "ARMED_GROUP") is None


# ---- lists of one's own

OWN_LIST = (
    "name,kind,aliases,acronym,country,plover_sector,code,start_year,end_year,sort,id\n"
    "Lake Defence Union,ARMED_GROUP,Lake men|Union of the Lake,LDU,UGA,PRM,UGALDU,2015,2021,"
    "militia,lake-1\n"
    '"Hezbollah",POLITICAL,,,LB,,,,,,\n'
    "\n"
    "Port Monitor,ORG,,,,,,,,monitor,\n"
)


def own_list(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "own.csv"
    path.write_bytes(content.encode("utf-8"))
    return path


def test_a_list_of_ones_own(packaged: ActorList, ontology: Ontology, tmp_path: Path) -> None:
    mine = packaged.with_own(own_list(tmp_path, "\ufeff" + OWN_LIST), ontology)
    lake = mine.find("the Lake Men")
    assert lake == KnownActor(
        "lake-1",
        "Lake Defence Union",
        "ARMED_GROUP",
        "UG",
        "militia",
        2015,
        2021,
        "PRM",
        "UGALDU",
        OWN,
    )
    assert mine.find("LDU") == lake == mine.by_id("lake-1")
    assert mine.find("ldu") is None
    port = mine.find("port monitor")
    assert port is not None
    assert port.id == "port-monitor"
    assert port in mine.of_sort("monitor")
    assert mine.find("Boko Haram") == packaged.find("Boko Haram")
    assert packaged.find("LDU") is None


def test_ones_own_entry_takes_the_place_of_a_packaged_one(
    packaged: ActorList, ontology: Ontology, tmp_path: Path
) -> None:
    mine = packaged.with_own(own_list(tmp_path, OWN_LIST), ontology)
    found = mine.find("Hizballah", "ARMED_GROUP", {"LB": 3})
    assert found is not None
    assert (found.source, found.kind) == (OWN, "POLITICAL")
    assert packaged.find("Hizballah").source != OWN  # type: ignore[union-attr]


def test_ones_own_names_win_in_the_text(ontology: Ontology, tmp_path: Path) -> None:
    content = "name,kind,aliases,country\nArmy of the Two Rivers,MILITARY,Iraqi army,IQ\n"
    mine = packaged_actors().with_own(own_list(tmp_path, content), ontology)
    text = "The Iraqi army entered Mosul."
    mentions = [MentionText("Iraqi army", 4, 14, "MILITARY"), MentionText("Mosul", 23, 28, "PLACE")]
    (army, _) = cluster(mentions, text=text, actors=mine)
    assert army.name == "Army of the Two Rivers"
    assert army.actor is not None
    assert army.actor.source == OWN
    (army, _) = cluster(mentions, text=text)
    assert army.name == "Iraqi Army"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"own.csv:1, field name: missing column; accepted: name, kind, aliases"),
        ("name\nX\n", r"own.csv:1, field kind: missing column"),
        ("name,kind,nmae\n", r"own.csv:1, field nmae: column 'nmae' is not known; accepted: name"),
        ("name,kind,name\n", r"own.csv:1, field name: column 'name' is given twice"),
        ("name,kind\n,ORG\n", r"own.csv:2, field name: missing"),
        ("name,kind\nA,\n", r"own.csv:2, field kind: missing"),
        (
            "name,kind\nA,ORG\nB,TEAM\n",
            r"own.csv:3, field kind: 'TEAM' is not known; accepted: PERS",
        ),
        ("name,kind\nA,TIME\n", r"own.csv:2, field kind: 'TIME' is not known"),
        (
            "name,kind,country\nA,ORG,Syria\n",
            r"own.csv:2, field country: expected an ISO .* 'Syria'",
        ),
        (
            "name,kind,start_year\nA,ORG,99\n",
            r"own.csv:2, field start_year: expected a year .*'99'",
        ),
        (
            "name,kind,start_year,end_year\nA,ORG,2005,2004\n",
            r"own.csv:2, field end_year: 2004 is before start_year 2005",
        ),
        (
            "name,kind,acronym\nA,ORG,Abc\n",
            r"own.csv:2, field acronym: expected capitals, got 'Abc'",
        ),
        ("name,kind,plover_sector\nA,ORG,XYZ\n", r"own.csv:2, field plover_sector: 'XYZ' is not"),
        ("name,kind\nA,ORG\na,ORG\n", r"own.csv:3, field name: 'a' is already the id of line 2"),
        (
            "name,kind,id\nA,ORG,7\nB,ORG,7\n",
            r"own.csv:3, field id: '7' is already the id of line 2",
        ),
        ("name,kind\nA, Inc.,ORG\n", r"own.csv:2: more cells than columns \(2\); quote a cell"),
    ],
)
def test_what_is_wrong_with_a_list_is_told_by_line_and_column(
    ontology: Ontology, tmp_path: Path, content: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        packaged_actors().with_own(own_list(tmp_path, content), ontology)


def test_a_list_that_cannot_be_read(ontology: Ontology, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read"):
        packaged_actors().with_own(tmp_path / "none.csv", ontology)
    bad = tmp_path / "latin.csv"
    bad.write_bytes("name,kind\nCaf\xe9,ORG\n".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8"):
        packaged_actors().with_own(bad, ontology)
