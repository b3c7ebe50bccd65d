"""Codes of other schemes by the shipped rules, and what the rules mean."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from conflictwire.errors import DataError
from conflictwire.ontology import Ontology
from conflictwire.report import Acled, Codes, Plover
from conflictwire.resolve.codes.events import Party, event_codes


def code(
    event_type: str,
    actors: str = "",
    targets: str = "",
    weapons: Sequence[str] = (),
    killed: int | None = None,
    ontology: Ontology | None = None,
    triggers: Sequence[str] = (),
    country: str | None = None,
) -> Codes:
    """``actors``, ``targets``: kinds, each with a country (``MILITARY:TR``) or words behind it."""
    return event_codes(
        ontology or Ontology.load(),
        event_type=event_type,
        actors=parties(actors),
        targets=parties(targets),
        weapons=weapons,
        triggers=triggers,
        killed_low=killed,
        country=country,
    )


def parties(words: str) -> list[Party]:
    found = []
    for word in words.split():
        kind, _, rest = word.partition(":")
        is_country = len(rest) == 2
        found.append(Party(kind, rest if is_country else None, rest.replace("_", " ")))
    return found


def test_all_four() -> None:
    assert code("air_strike", "MILITARY", "FACILITY CIVILIAN", ["two drones"], 3) == Codes(
        acled=Acled(event_type="Explosions/Remote violence", sub_event_type="Air/drone strike"),
        plover=Plover(event="ASSAULT", mode="drone"),
        cameo="19",
        ucdp=3,
    )


@pytest.mark.parametrize("event_type", Ontology.load().event_types)
def test_an_event_of_which_nothing_is_known_has_codes_but_no_type_of_violence(
    event_type: str,
) -> None:
    bare = code(event_type)
    assert bare.acled
    assert bare.plover
    assert bare.cameo
    assert bare.ucdp is None


@pytest.mark.parametrize(
    ("event_type", "actors", "targets", "weapons", "killed", "sub_event_type"),
    [
        ("territory_capture", "MILITARY", "", [], None, "Government regains territory"),
        ("territory_capture", "MILITARY ARMED_GROUP", "", [], None, "Government regains territory"),
        ("territory_capture", "ARMED_GROUP", "", [], 0, "Non-state actor overtakes territory"),
        ("territory_capture", "", "POLICE", [], 0, "Non-state actor overtakes territory"),
        ("territory_capture", "", "FACILITY", [], 0, "Armed clash"),
        ("bombing", "", "", ["hand grenades"], None, "Grenade"),
        ("bombing", "", "", ["rocket-propelled grenade"], 1, "Shelling/artillery/missile attack"),
        ("bombing", "", "", ["car bomb"], None, "Remote explosive/landmine/IED"),
        ("attack", "ARMED_GROUP", "CIVILIAN", ["rifles"], 2, "Attack"),
        ("attack", "ARMED_GROUP", "POLICE", ["rifles"], 2, "Armed clash"),
        # Some of the dead were armed: that does not make the massacre a battle.
        ("attack", "ARMED_GROUP", "CIVILIAN POLICE", ["rifles"], 2, "Attack"),
        ("attack", "MILITARY ARMED_GROUP", "CIVILIAN ARMED_GROUP", [], 90, "Attack"),
        ("attack", "ARMED_GROUP", "FACILITY:army_checkpoint CIVILIAN POLICE", [], 4, "Armed clash"),
        (
            "attack",
            "POLICE",
            "CIVILIAN:nine_protesters",
            [],
            9,
            "Excessive force against protesters",
        ),
        ("attack", "ARMED_GROUP", "CIVILIAN:nine_protesters", [], 9, "Attack"),
        ("attack", "CIVILIAN", "CIVILIAN:demonstrators", [], 1, "Mob violence"),
        ("protest", "CIVILIAN", "GOVERNMENT", [], None, "Peaceful protest"),
        ("protest", "CIVILIAN", "GOVERNMENT", [], 0, "Peaceful protest"),
        ("protest", "CIVILIAN", "", ["tear gas"], None, "Protest with intervention"),
        ("protest", "CIVILIAN", "CIVILIAN", [], 2, "Excessive force against protesters"),
        ("repression", "POLICE", "CIVILIAN", ["Tear gas"], None, "Protest with intervention"),
        ("repression", "POLICE", "CIVILIAN", ["rubber bullets"], 0, "Protest with intervention"),
        ("repression", "POLICE", "", ["live rounds"], 0, "Excessive force against protesters"),
        ("repression", "POLICE", "", ["tear gas"], 4, "Excessive force against protesters"),
        ("riot", "CIVILIAN", "CIVILIAN", [], 4, "Mob violence"),
        ("riot", "CIVILIAN CIVILIAN", "", [], 4, "Mob violence"),
        ("attack", "CIVILIAN", "CIVILIAN", ["sticks"], 1, "Mob violence"),
        ("attack", "CIVILIAN ARMED_GROUP", "CIVILIAN", ["sticks"], 1, "Attack"),
        ("destruction", "CIVILIAN", "FACILITY", [], None, "Violent demonstration"),
        ("destruction", "ARMED_GROUP", "FACILITY", [], None, "Looting/property destruction"),
        ("riot", "CIVILIAN", "CIVILIAN POLICE", [], 4, "Violent demonstration"),
    ],
)
def test_acled(
    event_type: str,
    actors: str,
    targets: str,
    weapons: list[str],
    killed: int | None,
    sub_event_type: str,
) -> None:
    acled = code(event_type, actors, targets, weapons, killed).acled
    assert acled is not None
    assert acled.sub_event_type == sub_event_type


@pytest.mark.parametrize(
    ("event_type", "actors", "country", "sub_event_type"),
    [
        ("territory_capture", "MILITARY:ML", "ML", "Government regains territory"),
        ("territory_capture", "MILITARY:RW", "CD", "Non-state actor overtakes territory"),
        ("territory_capture", "MILITARY:RW MILITARY:CD", "CD", "Government regains territory"),
        (
            "territory_capture",
            "MILITARY:RW ARMED_GROUP:CD",
            "CD",
            "Non-state actor overtakes territory",
        ),
        ("territory_capture", "MILITARY:RW", None, "Government regains territory"),
        ("territory_capture", "MILITARY", "CD", "Government regains territory"),
        ("withdrawal", "MILITARY:FR", "ML", "Change to group/activity"),
        ("withdrawal", "ARMED_GROUP", "ML", "Non-violent transfer of territory"),
    ],
)
def test_acled_tells_troops_from_abroad(
    event_type: str, actors: str, country: str | None, sub_event_type: str
) -> None:
    acled = code(event_type, actors, country=country).acled
    assert acled is not None
    assert acled.sub_event_type == sub_event_type


@pytest.mark.parametrize(
    ("event_type", "trigger", "plover", "cameo"),
    [
        ("attack", "assassinated", "ASSAULT targeted", "18"),
        ("attack", "Shot dead", "ASSAULT firearms", "18"),
        ("attack", "stabbing", "ASSAULT primitive", "18"),
        ("attack", "killed", "ASSAULT", "18"),
        ("abuse", "tortured", "ASSAULT torture", "18"),
        ("abuse", "beaten", "ASSAULT beat", "18"),
        ("air_strike", "drone strike", "ASSAULT drone", "19"),
        ("protest", "hunger strike", "PROTEST hunger", "14"),
        ("protest", "general strike", "PROTEST strike", "14"),
        ("protest", "sit-in", "PROTEST obstruct", "14"),
        ("protest", "marched", "PROTEST demo", "14"),
        ("legal_action", "sentenced", "SANCTION convict", "17"),
        ("legal_action", "inquiry", "ACCUSE investigate", "09"),
        ("legal_action", "extradited", "COERCE deport", "17"),
        ("legal_action", "charged", "COERCE arrest", "17"),
        ("siege", "curfew", "COERCE curfew", "17"),
        ("siege", "encircled", "COERCE restrict", "19"),
        ("sanction", "expelled", "SANCTION expel", "16"),
        ("sanction", "banned", "COERCE ban", "17"),
        ("sanction", "severed", "SANCTION discontinue", "16"),
        ("displacement", "returned", "RETREAT", "08"),
        ("displacement", "fled", "COERCE", "17"),
        ("agreement", "Truce", "RETREAT ceasefire", "08"),
        ("agreement", "signed", "SUPPORT", "05"),
        ("agreement", "deal", "AGREE", "05"),
        ("negotiation", "visited", "CONSULT visit", "04"),
        ("negotiation", "mediation", "CONSULT third-party", "04"),
        ("release", "freed", "RETREAT release", "08"),
        ("release", "jailbreak", "REJECT", "12"),
        ("group_change", "surrendered", "RETREAT disarm", "08"),
        ("group_change", "joined", "COOPERATE", "06"),
        ("aid", "loan", "AID economic", "07"),
        ("aid", "training", "AID military", "07"),
        ("threat", "vowed", "THREATEN violence", "13"),
    ],
)
def test_triggers_tell_means_and_modes(
    event_type: str, trigger: str, plover: str, cameo: str
) -> None:
    codes = code(event_type, triggers=["said", trigger])
    event, _, mode = plover.partition(" ")
    assert codes.plover == Plover(event=event, mode=mode or None)
    assert codes.cameo == cameo


def test_a_named_weapon_says_more_than_the_verb() -> None:
    codes = code("attack", weapons=["machete"], triggers=["shot"])
    assert codes.plover == Plover(event="ASSAULT", mode="primitive")


@pytest.mark.parametrize(
    ("event_type", "triggers", "sub_event_type"),
    [
        ("deployment", ["sent"], "Change to group/activity"),
        ("deployment", ["base"], "Headquarters or base established"),
        ("bombing", ["grenade attack"], "Grenade"),
        ("release", ["freed"], "Other"),
        ("release", ["swap"], "Agreement"),
    ],
)
def test_acled_by_trigger(event_type: str, triggers: list[str], sub_event_type: str) -> None:
    acled = code(event_type, triggers=triggers).acled
    assert acled is not None
    assert acled.sub_event_type == sub_event_type


@pytest.mark.parametrize(
    ("event_type", "actors", "targets", "killed", "ucdp"),
    [
        ("armed_clash", "MILITARY ARMED_GROUP", "", None, 1),
        ("armed_clash", "ARMED_GROUP", "MILITARY", 3, 1),  # soldiers died
        ("armed_clash", "ARMED_GROUP ARMED_GROUP", "", None, 2),
        ("armed_clash", "ARMED_GROUP", "ARMED_GROUP", None, 2),
        ("armed_clash", "CIVILIAN CIVILIAN", "", None, 2),
        ("armed_clash", "ARMED_GROUP", "", None, None),  # against whom?
        ("armed_clash", "ARMED_GROUP", "CIVILIAN", None, None),
        ("armed_clash", "MILITARY", "", None, 1),
        ("armed_clash", "MILITARY", "CIVILIAN", 3, None),  # by whom, in whose fight?
        ("armed_clash", "MILITARY", "CIVILIAN:protesters", None, None),
        ("armed_clash", "MILITARY", "CIVILIAN:protesters", 3, 3),
        ("armed_clash", "MILITARY ARMED_GROUP", "CIVILIAN:protesters", 3, 1),
        ("armed_clash", "CIVILIAN POLICE", "", None, None),
        ("armed_clash", "ARMED_GROUP CIVILIAN", "", None, 2),
        ("armed_clash", "ARMED_GROUP CIVILIAN", "CIVILIAN", None, None),
        ("territory_capture", "MILITARY", "FACILITY", None, 1),
        ("attack", "MILITARY ARMED_GROUP", "CIVILIAN ARMED_GROUP", 90, 3),
        ("attack", "ARMED_GROUP", "CIVILIAN POLICE", 2, 3),
        ("attack", "ARMED_GROUP", "FACILITY:police_station CIVILIAN POLICE", 2, 1),
        ("attack", "ARMED_GROUP", "ARMED_GROUP:himself ARMED_GROUP:3_people", 4, None),
        ("suicide_bombing", "ARMED_GROUP", "ARMED_GROUP:himself ARMED_GROUP:5_others", 6, None),
        ("suicide_bombing", "ARMED_GROUP", "ARMED_GROUP:bomber CIVILIAN", 6, 3),
        ("suicide_bombing", "ARMED_GROUP", "ARMED_GROUP:himself POLICE", 6, 1),
        ("suicide_bombing", "ARMED_GROUP", "ARMED_GROUP:rival_fighters", 6, 2),
        ("shelling", "ARMED_GROUP", "CIVILIAN", 0, 3),
        ("shelling", "ARMED_GROUP", "CIVILIAN POLICE", 5, 1),
        ("shelling", "MILITARY", "CIVILIAN", 5, 3),
        ("shelling", "MILITARY", "FACILITY", None, None),
        ("shelling", "ARMED_GROUP", "FACILITY:army_base", None, 1),
        ("shelling", "ARMED_GROUP", "FACILITY:village_school", None, None),
        ("bombing", "ARMED_GROUP", "PERSON", 1, 3),
        ("air_strike", "MILITARY", "PERSON", 1, None),  # he may have been a fighter
        ("riot", "CIVILIAN CIVILIAN", "", 7, 2),
        ("riot", "CIVILIAN", "POLICE", 7, None),
        ("shelling", "", "CIVILIAN", 5, None),
        ("attack", "ARMED_GROUP", "PERSON", 1, 3),
        ("attack", "PERSON", "PERSON", 1, None),
        ("abduction", "ARMED_GROUP", "CIVILIAN", None, None),
        ("abduction", "ARMED_GROUP", "CIVILIAN", 1, 3),
        ("repression", "POLICE", "CIVILIAN", 1, 3),
        ("agreement", "GOVERNMENT ARMED_GROUP", "", None, None),
    ],
)
def test_ucdp(
    event_type: str, actors: str, targets: str, killed: int | None, ucdp: int | None
) -> None:
    assert code(event_type, actors, targets, killed=killed).ucdp == ucdp


@pytest.mark.parametrize(
    ("actors", "targets", "trigger", "killed", "acled", "ucdp"),
    [
        ("MILITARY", "CIVILIAN:protesters", "opened fire", 5, "Protests", 3),
        ("MILITARY", "CIVILIAN:villagers", "opened fire", 5, "Violence against civilians", 3),
        ("ARMED_GROUP", "CIVILIAN:traders", "fired", 5, "Violence against civilians", 3),
        ("ARMED_GROUP", "CIVILIAN:traders", "fired", None, "Violence against civilians", None),
        ("MILITARY", "CIVILIAN:villagers", "fighting", 5, "Battles", None),  # between fronts
        ("MILITARY ARMED_GROUP", "CIVILIAN:villagers", "opened fire", 5, "Battles", 1),
        ("ARMED_GROUP ARMED_GROUP", "CIVILIAN:villagers", "gunfire, shots", 5, "Battles", 2),
    ],
)
def test_fire_at_people_without_arms_is_no_battle(
    actors: str, targets: str, trigger: str, killed: int | None, acled: str, ucdp: int | None
) -> None:
    codes = code("armed_clash", actors, targets, killed=killed, triggers=[trigger])
    assert codes.acled is not None
    assert (codes.acled.event_type, codes.ucdp) == (acled, ucdp)


@pytest.mark.parametrize(
    ("weapon", "mode"),
    [
        ("AK-47 rifles", "firearms"),
        ("two machine guns", "firearms"),
        ("machetes", "primitive"),
        ("mortar rounds", "heavy-weapons"),
        ("roadside bomb", "explosives"),
        ("helicopters", "aerial"),
        ("armed drone", "drone"),
        ("suicide vests", "suicide-attack"),
        ("chlorine", "unconventional"),
        ("TEAR GAS", "crowd-control"),
        ("begun", None),  # a word has to begin so
        ("", None),
    ],
)
def test_assault_mode_depends_on_the_weapon(weapon: str, mode: str | None) -> None:
    assert code("attack", weapons=[weapon]).plover == Plover(event="ASSAULT", mode=mode)


def test_an_unknown_type_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(DataError, match="unknown event type 'raid'; known: armed_clash"):
        code("raid")


FOREIGN = """
version: "1"
kinds: {A: , B: , C: }
event_types:
  plain:
  ruled:
    crosswalk:
      cameo:
        - {when: {actor: [A], target: [B], weapon: [x.y]}, give: "01"}
        - {when: {party: [C]}, give: "02"}
        - {when: {actors_min: 2}, give: "03"}
        - {when: {killed_min: 10}, give: "04"}
        - {when: {actor: [B]}, give: "05"}
        - {when: {actor: [B]}, give: "06"}
roles: {r: }
statuses: {s: }
"""


@pytest.mark.parametrize(
    ("actors", "targets", "weapons", "killed", "cameo"),
    [
        ("A", "B", ["an X.Y"], None, "01"),
        ("A", "B", ["an xzy"], None, None),  # a dot is a dot
        ("A", "", ["an x.y"], None, None),  # all conditions of a rule must hold
        ("C", "", [], None, "02"),
        ("", "A C", [], None, "02"),
        ("A A", "", [], None, "03"),
        ("A", "A", [], None, None),
        ("", "", [], 10, "04"),
        ("", "", [], 9, None),
        ("B", "", [], None, "05"),  # the first that fits
        ("", "B", [], None, None),
    ],
)
def test_rule_semantics(
    actors: str, targets: str, weapons: list[str], killed: int | None, cameo: str | None
) -> None:
    foreign = Ontology.from_text(FOREIGN)
    assert code("ruled", actors, targets, weapons, killed, foreign) == Codes(cameo=cameo)
    assert code("plain", actors, targets, weapons, killed, foreign) == Codes()
