"""Codes of actors: CAMEO-style, PLOVER, and ACLED-style sides; of invented and of known actors."""

from __future__ import annotations

import pytest
from conflictwire.ontology import Ontology
from conflictwire.report import (
    ActorCodes,
    Argument,
    Entity,
    Event,
    Link,
    Location,
    Mention,
    PloverActor,
    Report,
    Trigger,
)
from conflictwire.resolve.actors.known import KnownActor
from conflictwire.resolve.actors.lists import packaged_actors
from conflictwire.resolve.codes.sectors import (
    ActorCode,
    actor_code,
    filler_actor,
    interaction,
    interaction_code,
    standing_kind,
    telling_words,
)
from conflictwire.resolve.countries.alpha3 import alpha2_of, alpha3_of


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return Ontology.load()


@pytest.mark.parametrize(
    ("kind", "words", "country", "code"),
    [
        ("MILITARY", "army", "SY", ("SYRMIL", "SYR", "MIL")),
        ("GOVERNMENT", "cabinet", "KE", ("KENGOV", "KEN", "GOV")),
        ("GOVERNMENT", "Supreme Court", "KE", ("KENJUD", "KEN", "JUD")),
        ("GOVERNMENT", "lawmakers", "KE", ("KENLEG", "KEN", "LEG")),
        ("POLICE", "riot police", "NG", ("NGACOP", "NGA", "COP")),
        ("POLICE", "military intelligence", "NG", ("NGASPY", "NGA", "SPY")),
        ("ARMED_GROUP", "rebels", "TD", ("TCDREB", "TCD", "REB")),
        ("ARMED_GROUP", "two masked gunmen", None, ("UAF", None, "UAF")),
        ("ARMED_GROUP", "pro-government militia", "SD", ("SDNUAF", "SDN", "PRM")),
        ("ARMED_GROUP", "River Cartel", "MX", ("MEXCRM", "MEX", "CRM")),
        ("CIVILIAN", "residents", None, ("CVL", None, "CVL")),
        ("CIVILIAN", "Somali refugees", "SO", ("SOMREF", "SOM", "REF")),
        ("CIVILIAN", "four nurses", "ET", ("ETHHLH", "ETH", "MED")),
        ("CIVILIAN", "journalists", "ET", ("ETHMED", "ETH", "JRN")),
        ("POLITICAL", "dockers union", "PE", ("PERLAB", "PER", "LAB")),
        ("POLITICAL", "Lake Party", "PE", ("PERPTY", "PER", "PTY")),
        ("INTERNATIONAL", "Basin Commission", None, ("IGO", "IGO", None)),
        ("ORG", "Lakeside Radio", "UG", ("UGAMED", "UGA", "JRN")),
        ("ORG", "Lakeside Aid", "UG", ("UGANGO", "UGA", "SOC")),
        ("PERSON", "General Odhiambo", "KE", ("KENMIL", "KEN", "MIL")),
        ("PERSON", "Judge Rosa Lino", None, ("JUD", None, "JUD")),
        ("PERSON", "Rosa Lino", "XK", ("XKXCVL", "XKX", "CVL")),
    ],
)
def test_codes_by_kind_country_and_words(
    ontology: Ontology,
    kind: str,
    words: str,
    country: str | None,
    code: tuple[str, str | None, str | None],
) -> None:
    assert actor_code(ontology, kind, words=[words], country=country) == ActorCode(*code)


@pytest.mark.parametrize("kind", ["PLACE", "FACILITY", "WEAPON", "TIME", "SPACECRAFT"])
def test_what_is_no_actor_has_no_code(ontology: Ontology, kind: str) -> None:
    assert actor_code(ontology, kind, words=["x"], country="SY") is None
    side = interaction(ontology, kind, words=["x"], event_type="attack", side="actor")
    assert side is None


@pytest.mark.parametrize(
    ("name", "cameo", "place", "sector"),
    [
        ("United Nations", "IGOUNO", "IGO", None),
        ("Doctors Without Borders", "NGOMSF", "NGO", "MED"),
        ("Al-Qaeda", "IMGALQ", "IMG", "REB"),
        ("Boko Haram", "NGAREB", "NGA", "REB"),
        ("Sinaloa Cartel", "MEXCRM", "MEX", "CRM"),
        ("Civilian Joint Task Force", "NGAUAF", "NGA", "PRM"),
        ("Reuters", "GBRMED", "GBR", "JRN"),
    ],
)
def test_codes_of_known_actors(
    ontology: Ontology, name: str, cameo: str, place: str, sector: str | None
) -> None:
    known = packaged_actors().find(name)
    assert known is not None
    words = telling_words(name, known.kind, ["suspected gunmen"])
    code = actor_code(ontology, known.kind, words=words, country=known.country, known=known)
    assert code == ActorCode(cameo, place, sector)


def test_a_list_may_set_codes_itself(ontology: Ontology) -> None:
    own = KnownActor("x", "Hill Guard", "ARMED_GROUP", "UG", sector="PRM", code="UGAHLG")
    code = actor_code(ontology, own.kind, words=[own.name], country="UG", known=own)
    assert code == ActorCode("UGAHLG", "UGA", "PRM")
    foreign = KnownActor("x", "Hill Guard", "ARMED_GROUP", "UG", sector="NOT")
    code = actor_code(ontology, own.kind, words=[own.name], country="UG", known=foreign)
    assert code == ActorCode("UGAREB", "UGA", "REB")


@pytest.mark.parametrize(
    ("kind", "words", "country", "event_type", "side", "number"),
    [
        ("MILITARY", "army", "ML", "armed_clash", "actor", 1),
        ("MILITARY", "army", None, "armed_clash", "actor", 1),
        ("MILITARY", "French troops", "FR", "armed_clash", "actor", 8),
        ("MILITARY", "multinational force", None, "armed_clash", "actor", 8),
        ("POLICE", "police", "ML", "repression", "actor", 1),
        ("INTERNATIONAL", "mission", None, "armed_clash", "target", 8),
        ("ARMED_GROUP", "rebels", "ML", "attack", "actor", 2),
        ("ARMED_GROUP", "unknown gunmen", None, "attack", "actor", 3),
        ("ARMED_GROUP", "drug gang", None, "attack", "actor", 3),
        ("ARMED_GROUP", "Fulani herders", None, "attack", "actor", 4),
        ("CIVILIAN", "villagers", None, "armed_clash", "actor", 4),
        ("CIVILIAN", "villagers", None, "armed_clash", "target", 7),
        ("CIVILIAN", "crowd", None, "riot", "actor", 5),
        ("CIVILIAN", "students", None, "protest", "actor", 6),
        ("CIVILIAN", "marchers", None, "repression", "target", 6),
        ("POLITICAL", "Lake Party", "ML", "protest", "actor", 6),
        ("POLITICAL", "Lake Party", "ML", "attack", "actor", 3),
        ("ORG", "hospital", None, "shelling", "target", 7),
        ("PERSON", "President Keita", "ML", "arrest", "actor", 1),
        ("PERSON", "President Keita", "ML", "attack", "target", 7),
        ("PERSON", "Rosa Lino", None, "attack", "target", 7),
    ],
)
def test_sides_of_an_interaction(
    ontology: Ontology,
    kind: str,
    words: str,
    country: str | None,
    event_type: str,
    side: str,
    number: int,
) -> None:
    found = interaction(
        ontology,
        kind,
        words=[words],
        country=country,
        event_type=event_type,
        side=side,
        event_country="ML",
    )
    assert found is not None
    assert found.number == number


def test_numbers_of_two_sides(ontology: Ontology) -> None:
    def side(kind: str) -> object:
        return interaction(ontology, kind, words=["x"], event_type="attack", side="target")

    state, civilians = side("MILITARY"), side("CIVILIAN")
    assert interaction_code(civilians, state) == "17"  # type: ignore[arg-type]
    assert interaction_code(state, None) == "10"  # type: ignore[arg-type]
    assert interaction_code(None, None) == ""


def test_fighters_take_the_kind_of_the_entity_they_stand_for() -> None:
    assert standing_kind("ARMED_GROUP", "MILITARY") == "MILITARY"
    assert standing_kind("PERSON", "ORG") == "ORG"
    assert standing_kind("CIVILIAN", "ARMED_GROUP") == "CIVILIAN"
    assert standing_kind("ARMED_GROUP", None) == "ARMED_GROUP"


@pytest.mark.parametrize(
    ("words", "kind"),
    [("FARC", "ARMED_GROUP"), ("FARC supporters", "CIVILIAN"), ("peasants", "CIVILIAN")],
)
def test_the_name_of_a_listed_armed_group_is_no_civilian(words: str, kind: str) -> None:
    farc = packaged_actors().find("FARC")
    assert farc is not None
    assert farc.kind == "ARMED_GROUP"
    assert standing_kind("CIVILIAN", "ARMED_GROUP", text=words, known=farc) == kind


def test_people_fired_at_in_a_march_are_protesters(ontology: Ontology) -> None:
    def number(event: str, words: str) -> int:
        side = interaction(ontology, "CIVILIAN", words=[words], event_type=event, side="target")
        assert side is not None
        return side.number

    assert number("attack", "six demonstrators") == 6
    assert number("armed_clash", "protesters") == 6
    assert number("attack", "six farmers") == 7


def test_country_codes() -> None:
    assert (alpha3_of("SY"), alpha3_of("XK"), alpha3_of("ZZ")) == ("SYR", "XKX", None)
    assert (alpha2_of("SYR"), alpha2_of("SY"), alpha2_of("syr")) == ("SY", "SY", None)


TEXT = "Boko Haram shot farmers; jihadists fled. French troops came."


def report() -> Report:
    def at(words: str) -> tuple[int, int]:
        start = TEXT.index(words)
        return start, start + len(words)

    spans = [
        ("Boko Haram", "ARMED_GROUP", 0),
        ("farmers", "CIVILIAN", None),
        ("jihadists", "ARMED_GROUP", 0),
        ("French troops", "MILITARY", None),
    ]
    mentions = tuple(
        Mention(id=i, start=at(t)[0], end=at(t)[1], text=t, kind=k, score=1, entity=e)
        for i, (t, k, e) in enumerate(spans)
    )
    entity = Entity(
        id=0,
        name="Boko Haram",
        kind="ARMED_GROUP",
        mentions=(0, 2),
        country="NG",
        link=Link(source="conflictwire", id="boko-haram", name="Boko Haram"),
        codes=ActorCodes(cameo="NGAREB", plover=PloverActor(code="NGA", sector="REB")),
    )
    arguments = tuple(
        Argument(
            role=role,
            start=mentions[m].start,
            end=mentions[m].end,
            text=mentions[m].text,
            kind=mentions[m].kind,
            mention=m,
            entity=mentions[m].entity,
            score=1,
        )
        for role, m in (("actor", 0), ("killed", 1), ("actor", 3))
    )
    start, end = at("shot")
    event = Event(
        id="0",
        type="attack",
        category="violence",
        status="happened",
        score=1,
        triggers=(Trigger(start=start, end=end, text="shot", score=1),),
        arguments=arguments,
        location=Location(country="NG"),
    )
    return Report(
        model_version="x",
        text=TEXT,
        windows=1,
        mentions=mentions,
        entities=(entity,),
        events=(event,),
    )


def test_fillers_of_a_report_read_back_from_json(ontology: Ontology) -> None:
    again = Report.from_json(report().to_json())
    (event,) = again.events
    group, victims, troops = (filler_actor(again, event, a, ontology) for a in event.arguments)
    assert (group.name, group.named, group.country) == ("Boko Haram", True, "NG")
    assert group.link is not None
    assert group.code == ActorCode("NGAREB", "NGA", "REB")
    assert group.side is not None
    assert group.side.label == "Rebel group"
    assert (victims.name, victims.named, victims.country) == ("farmers", False, None)
    assert victims.code == ActorCode("AGR", None, "AGR")
    assert victims.side is not None
    assert victims.side.label == "Civilians"
    assert (troops.country, troops.side.number if troops.side else None) == ("FR", 8)
