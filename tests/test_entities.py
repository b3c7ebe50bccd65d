"""Clusters and canonical names on invented sentences; mentions are marked [words|KIND]."""

from __future__ import annotations

import random
import re

import pytest
from conflictwire.entities import Cluster, MentionText, cluster
from conflictwire.resolve.names import NamesOfFamily
from conflictwire.resolve.names.forms import person_name
from conflictwire.resolve.names.keys import same_name

_MARK = re.compile(r"\[([^|\]]*)\|([A-Z_]+)\]")


def parse(marked: str) -> tuple[str, list[MentionText]]:
    text, mentions, last = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[last : match.start()]
        start = len(text)
        text += match.group(1)
        mentions.append(MentionText(match.group(1), start, len(text), match.group(2)))
        last = match.end()
    return text + marked[last:], mentions


def clusters_of(
    marked: str, same: dict[tuple[int, int], float] | None = None
) -> dict[str, Cluster]:
    text, mentions = parse(marked)
    found = cluster(mentions, text=text, same_entity=same)
    members = [m for c in found for m in c.mentions]
    assert len(members) == len(set(members))
    return {c.name: c for c in found}


def test_aliases_and_definitions_of_a_known_group() -> None:
    found = clusters_of(
        "[Islamic State of Iraq and the Levant (ISIL)|ARMED_GROUP] took it. [Daesh|ARMED_GROUP]"
        " said so, and [IS fighters|ARMED_GROUP] fled from [two gunmen|ARMED_GROUP]."
    )
    assert found["Islamic State"].mentions == (0, 1, 2)
    assert found["Islamic State"].kind == "ARMED_GROUP"
    assert len(found) == 1


def test_acronym_defined_in_the_text() -> None:
    found = clusters_of(
        "[Lake Basin Defence League|ARMED_GROUP] (LBDL) denied it. [LBDL|ARMED_GROUP] left."
    )
    assert found["Lake Basin Defence League"].mentions == (0, 1)


def test_person_titles_and_last_names() -> None:
    found = clusters_of(
        "[Observatory director Rami Abdel Rahman|PERSON] spoke. [Mr Rahman|PERSON] named"
        " [Colonel Tarek Nasser|PERSON]; [Nasser|PERSON] was silent."
    )
    assert found["Rami Abdel Rahman"].mentions == (0, 1)
    assert found["Tarek Nasser"].mentions == (2, 3)


@pytest.mark.parametrize(
    ("mention", "name"),
    [
        ("President Bashar al-Assads", "Bashar al-Assad"),
        ("GENERAL JUAN PEREZ", "Juan Perez"),
        ("Syrian foreign minister Walid Harun", "Walid Harun"),
        ("military source", ""),
        ("Israel Lindqvist", "Israel Lindqvist"),
        ("deputy minister Chad Okafor", "Chad Okafor"),
        ("Finance Minister India Marsh", "India Marsh"),
        ("Kenya Defence Minister Paul Otieno", "Paul Otieno"),
        ("Norway's Ida Berg", "Ida Berg"),
        ("South Sudan's Peter Deng", "Peter Deng"),
        ("North Korea Foreign Minister Pak Song", "Pak Song"),
        ("US Ida Berg", "Ida Berg"),
        ("ambassador to Chad Ida Berg", "Ida Berg"),
        ("PRESIDENT OF CHAD IDA BERG", "Ida Berg"),
        ("Chad FM", "FM"),
        ("mayor of Melitopol", ""),
        ("mayor of Melitopol, Ida Berg", "Ida Berg"),
        ("president of Chad Ida Berg", "Ida Berg"),
        ("Ida Berg of Oslo", "Ida Berg"),
        ("member of the Delta JTF", ""),
        ("spokesman for the army Colonel Ida Berg", "Ida Berg"),
    ],
)
def test_person_name(mention: str, name: str) -> None:
    assert person_name(mention)[0] == name


def test_state_and_its_organs_stay_apart() -> None:
    found = clusters_of(
        "[Syrian regime|GOVERNMENT] sent the [Syrian army|MILITARY] to [Homs|PLACE]."
        " [Damascus|GOVERNMENT] said the [army|MILITARY] held [city|PLACE], the"
        " [government|GOVERNMENT] added. [Syria|PLACE] is tired."
    )
    assert found["Government of Syria"].mentions == (0, 3, 6)
    assert found["Syrian Army"].mentions == (1, 4)
    assert found["Homs"].mentions == (2, 5)
    assert found["Syria"].mentions == (7,)
    assert {c.country for c in found.values()} == {"SY"}


def test_names_of_governments() -> None:
    found = clusters_of(
        "[Kenyan government|GOVERNMENT] and [Nairobi|GOVERNMENT] met [Russia|GOVERNMENT] and the"
        " [Philippine authorities|GOVERNMENT]."
    )
    assert set(found) == {"Government of Kenya", "Russia", "Government of the Philippines"}


def test_city_and_province() -> None:
    found = clusters_of(
        "[Aleppo|PLACE] fell. [northern Aleppo province|PLACE] was next, then [Aleppo city|PLACE]."
    )
    assert found["Aleppo"].mentions == (0, 2)
    assert found["Aleppo Governorate"].mentions == (1,)


def test_unidentified_mentions_have_no_cluster() -> None:
    assert not clusters_of(
        "[unidentified gunmen|ARMED_GROUP] shot [civilians|CIVILIAN] near a [bus|FACILITY] on"
        " [Sunday|TIME], [residents|CIVILIAN] said."
    )
    assert cluster([], text="") == []


def test_monitor_repeats_its_name() -> None:
    found = clusters_of(
        "The [monitor|ORG] counted 9 dead. The [Syrian Observatory for Human Rights|ORG] is a"
        " [Britain-based group|ORG]."
    )
    assert found["Syrian Observatory for Human Rights"].mentions == (0, 1, 2)


def test_model_probabilities_attach_and_merge() -> None:
    marked = (
        "[Red Valley Front|ARMED_GROUP] fought the [Hill Guard|ARMED_GROUP]. The"
        " [insurgents|ARMED_GROUP] fled. [Valley Men|ARMED_GROUP] too, as did"
        " [the looters|ARMED_GROUP]."
    )
    same = {(0, 2): 0.9, (1, 2): 0.2, (0, 3): 0.8, (1, 3): 0.1, (0, 1): 0.1, (2, 3): 0.9}
    found = clusters_of(marked, same)
    assert sorted(c.mentions for c in found.values()) == [(0, 2, 3), (1,)]


def test_places_never_join_actors() -> None:
    found = clusters_of("[Zeravan|PLACE] and [Zeravan Brigade|ARMED_GROUP].", {(0, 1): 0.99})
    assert len(found) == 2


def test_a_dateline_gives_no_one_a_nationality() -> None:
    found = clusters_of(
        "[GENEVA|PLACE] ([AP|ORG]) - The [army|MILITARY] shot at marchers in [Niamey|PLACE] and"
        " [police|POLICE] made arrests. The [government|GOVERNMENT] said [city|PLACE] was calm."
    )
    assert {c.country for c in found.values()} == {"CH", "US", "NE"}
    assert {c.name for c in found.values() if c.country == "CH"} == {"Geneva"}
    assert found["Niamey"].mentions == (3, 6)
    assert {c.kind for c in found.values() if c.country == "NE"} == {
        *("MILITARY", "POLICE", "PLACE", "GOVERNMENT"),
    }


@pytest.mark.parametrize(
    "head",
    [
        "[LIMA|PLACE], [Peru|PLACE] (Wire) -- ",
        "[LIMA|PLACE]: ",
        "[LIMA|PLACE], 3 May 2011 \u2014 ",
        "Storm of blame. [Lima|PLACE] (Wire) - ",
        "By Ana Sol [LIMA|PLACE] (Wire) - ",
    ],
)
def test_forms_of_datelines(head: str) -> None:
    found = clusters_of(f"{head}The [army|MILITARY] has denied it.")
    assert not [c for c in found.values() if c.kind == "MILITARY"]
    found = clusters_of(f"{head}The [army|MILITARY] left [Juba|PLACE].")
    assert [c.country for c in found.values() if c.kind == "MILITARY"] == ["SS"]


def test_the_land_of_a_bare_army_is_that_of_its_sentence() -> None:
    found = clusters_of(
        "[Ethiopian soldiers|MILITARY] crossed over. In [Khartoum|PLACE] and [Darfur|PLACE] the"
        " [army|MILITARY] was silent. [Ethiopia|PLACE] wants peace."
    )
    (army,) = (c for c in found.values() if c.mentions == (3,))
    assert army.country == "SD"


def test_two_states_equally_at_issue_leave_it_open() -> None:
    found = clusters_of("[Chad|PLACE] and [Sudan|PLACE] argue. The [army|MILITARY] has orders.")
    assert set(found) == {"Chad", "Sudan"}
    found = clusters_of(
        "[Chad|GOVERNMENT] and [Sudan|GOVERNMENT] argue, the [government|GOVERNMENT] said."
    )
    assert all(2 not in c.mentions for c in found.values())


def test_news_media_do_not_say_where_a_text_is_set() -> None:
    found = clusters_of(
        "[The Times of India|ORG] and [Hindustan Times|ORG] say [police|POLICE] fired in"
        " [Kathmandu|PLACE]."
    )
    assert [c.country for c in found.values() if c.kind == "POLICE"] == ["NP"]


def test_a_monitor_is_the_one_that_the_text_names() -> None:
    found = clusters_of(
        "A [war monitor|ORG] counted 9 dead, [Reuters|ORG] said. [Airwars|ORG], a"
        " [London-based organisation|ORG], has no toll; the [watchdog|ORG] is at work."
    )
    assert found["Airwars"].mentions == (0, 2, 3, 4)
    found = clusters_of(
        "[Delta Conflict Watch|ORG] is a [Nairobi-based group|ORG]. The [monitor|ORG] wrote to"
        " [Oxfam|ORG] and the [news agency|ORG] [TASS|ORG]."
    )
    assert found["Delta Conflict Watch"].mentions == (0, 1, 2)
    assert found["TASS"].mentions == (4, 5)


def test_where_no_one_or_two_could_be_meant_a_body_stays_unnamed() -> None:
    assert not clusters_of("The [monitor|ORG] is a [Britain-based group|ORG].")
    assert set(clusters_of("[Reuters|ORG] asked a [monitor|ORG].")) == {"Reuters"}
    found = clusters_of("[Airwars|ORG] and [Hill Watch|ORG] agree. The [monitor|ORG] is new.")
    assert all(2 not in c.mentions for c in found.values())
    found = clusters_of("[B'Tselem|ORG] met a [Paris-based rights group|ORG].")
    assert found["B'Tselem"].mentions == (0,)


def test_a_coalition_is_the_one_that_the_text_names() -> None:
    found = clusters_of(
        "[Coalition jets|MILITARY] hit [Taiz|PLACE]. The [Saudi-led coalition|MILITARY] is content."
    )
    assert found["Saudi-led coalition"].mentions == (0, 2)
    for city in ("Taiz", "Homs"):
        found = clusters_of(f"[coalition|MILITARY] jets hit [{city}|PLACE].")
        assert set(found) == {city}
    found = clusters_of("[US-led air coalition|MILITARY] and [coalition led by Chad|MILITARY].")
    assert set(found) == {"US-led coalition", "coalition led by Chad"}


def test_affiliates_that_are_known_by_their_country() -> None:
    found = clusters_of("[Yemen's al-Qaeda affiliate|ARMED_GROUP] is near [Homs|PLACE].")
    assert set(found) == {"Al-Qaeda in the Arabian Peninsula", "Homs"}
    found = clusters_of("An [Islamic State branch|ARMED_GROUP] is active in [Maiduguri|PLACE].")
    assert "Islamic State West Africa Province" in found
    found = clusters_of("An [al-Qaeda affiliate|ARMED_GROUP] is active in [Lima|PLACE].")
    assert set(found) == {"Lima"}
    found = clusters_of("A [former al-Qaeda affiliate|ARMED_GROUP] is active in [Idlib|PLACE].")
    assert set(found) == {"Idlib"}


def test_short_names_that_depend_on_the_country() -> None:
    found = clusters_of("[Civil Defence|ORG] dug in [Aleppo|PLACE].")
    assert "Syrian Civil Defence" in found
    found = clusters_of("[Civil Defence|ORG] dug in [Nablus|PLACE].")
    assert "Syrian Civil Defence" not in found


def test_a_common_last_word_is_not_another_bodys_name() -> None:
    found = clusters_of("[Hill Rangers|MILITARY] met the [Lowland Times|ORG] in [Oslo|PLACE].")
    assert set(found) == {"Hill Rangers", "Lowland Times", "Oslo"}
    found = clusters_of("[Rangers|POLICE] searched houses in [Karachi|PLACE].")
    assert "Pakistan Rangers" in found


def test_names_that_armies_share_go_by_the_country() -> None:
    assert "Sri Lankan Armed Forces" in clusters_of("[SLA|MILITARY] hit [Jaffna|PLACE].")
    assert "SLA" in clusters_of("[SLA|MILITARY] hit [Sidon|PLACE].")
    found = clusters_of("[Taliban militants|ARMED_GROUP] struck in [Peshawar|PLACE].")
    assert "Tehrik-i-Taliban Pakistan" in found
    found = clusters_of("[Taliban militants|ARMED_GROUP] struck in [Kandahar|PLACE].")
    assert "Taliban" in found


def test_foreign_troops_are_not_the_army_of_the_land() -> None:
    found = clusters_of("The [Afghan army|MILITARY] fled. [Foreign troops|MILITARY] did not.")
    assert [c.mentions for c in found.values()] == [(0,)]


@pytest.mark.parametrize(
    ("written", "name"),
    [("PORT-AU-PRINCE", "Port-au-Prince"), ("GOMA", "Goma"), ("QZX", "QZX")],
)
def test_places_in_capitals(written: str, name: str) -> None:
    assert list(clusters_of(f"[{written}|PLACE] - Shots were heard.")) == [name]


@pytest.mark.parametrize(
    ("mention", "country"),
    [
        ("France Lindqvist", None),
        ("India Marsh", None),
        ("Kenyan captain India Marsh", "KE"),
        ("France's Ida Berg", "FR"),
    ],
)
def test_a_given_name_is_no_country(mention: str, country: str | None) -> None:
    (found,) = clusters_of(f"[{mention}|PERSON] was shot.").values()
    assert found.country == country


@pytest.mark.parametrize(
    "sentence",
    [
        "[Dozens|CIVILIAN] were hurt.",
        "[Thousands|CIVILIAN] fled.",
        "Rain fell. [Smugglers|ARMED_GROUP] fired.",
        'Rain fell. "[Rioters|CIVILIAN] came," he said.',
        "[Tribesmen|ARMED_GROUP] fired.",
        "[Lawmakers|GOVERNMENT] left.",
        "[Riot police|POLICE] came.",
        "[Masked gunmen|ARMED_GROUP] came.",
        "[Fighters loyal to warlord Aziz Tarkan|ARMED_GROUP] came.",
    ],
)
def test_a_common_noun_with_a_capital_is_nobody(sentence: str) -> None:
    assert clusters_of(sentence) == {}


def test_a_plural_is_a_name_where_the_text_writes_it_so_within_a_sentence() -> None:
    found = clusters_of("[Vorkas|ARMED_GROUP] came. They say that the [Vorkas|ARMED_GROUP] left.")
    assert found["Vorkas"].mentions == (0, 1)


@pytest.mark.parametrize("its", ["[its troops|MILITARY]", "its [troops|MILITARY]"])
def test_its_troops_are_those_of_the_state_named_before(its: str) -> None:
    about_congo = "[Congo|PLACE] fears war in [Goma|PLACE]. [Congo|PLACE] is ready. "
    found = clusters_of(f"{about_congo}[Rwanda|GOVERNMENT] denied that {its} had crossed over.")
    assert found["Rwandan Armed Forces"].mentions == (4,)
    elsewhere = f"{about_congo}[Rwanda|GOVERNMENT] said [NATO|INTERNATIONAL] knew of {its}."
    assert "Rwandan Armed Forces" not in clusters_of(elsewhere)
    abroad = f"{about_congo}[Uganda|GOVERNMENT] said that in [Rwanda|PLACE] {its} were safe."
    assert clusters_of(abroad)["Ugandan Armed Forces"].mentions == (5,)
    objects = "[Uganda|GOVERNMENT] left it to [Rwanda|GOVERNMENT] and [Kenya|GOVERNMENT] to save "
    assert clusters_of(objects + its)["Ugandan Armed Forces"].mentions == (3,)


def test_the_model_joins_no_acronym_with_a_name_that_it_does_not_abbreviate() -> None:
    text = "[Lake Basin Defence League|ARMED_GROUP] met. [{}|ARMED_GROUP] denied it."
    assert len(clusters_of(text.format("QXF"), {(0, 1): 0.9})) == 2
    assert len(clusters_of(text.format("LDL"), {(0, 1): 0.9})) == 1
    listed = "[Al-Shabaab|ARMED_GROUP] met. [QXF|MILITARY] denied it."
    assert clusters_of(listed, {(0, 1): 0.9})["Al-Shabaab"].mentions == (0,)


def test_an_agency_in_a_dateline_is_not_the_place_before_it() -> None:
    found = clusters_of("[Mogadishu|PLACE] ([QXNA|ORG]) - It rained, [QXNA|ORG] said.")
    assert found["QXNA"].mentions == (1, 2)
    assert found["Mogadishu"].mentions == (0,)


@pytest.mark.parametrize("kind", ["MILITARY", "ARMED_GROUP"])
def test_forces_abroad_are_known_by_their_acronym(kind: str) -> None:
    told = "[Al-Shabaab|ARMED_GROUP] hit [{}|MILITARY] in [Somalia|PLACE]. [Somalia|PLACE] mourns."
    text = f"{told} In [Somalia|PLACE] the [KDF|{kind}] denied it."
    assert clusters_of(text.format("Kenyan soldiers"))["Kenya Defence Forces"].mentions == (5,)
    assert "Kenya Defence Forces" not in clusters_of(text.format("soldiers"))


@pytest.mark.parametrize("own", ["", "Libyan "])
def test_a_listed_government_is_not_just_that_of_its_country(own: str) -> None:
    found = clusters_of(
        f"In [Libya|PLACE] the [{own}Government of National Accord|GOVERNMENT] met."
    )
    assert found["Government of National Accord"].mentions == (1,)
    found = clusters_of("[Government of Libya|GOVERNMENT] met.")
    assert found["Government of Libya"].mentions == (0,)


@pytest.mark.parametrize("text", ["", " ", "the", "...", "(AP)", "'s", "12", "Riot", "\u2019s the"])
@pytest.mark.parametrize("kind", ["MILITARY", "ORG", "PERSON", "PLACE"])
def test_phrases_without_a_name_do_no_harm(text: str, kind: str) -> None:
    found = cluster([MentionText(text, 0, len(text), kind)], text=text)
    assert all(c.name.strip() for c in found)


def test_kinds_of_other_ontologies_are_clustered_by_the_model_alone() -> None:
    text = "the raiders left. a band of raiders came back; raiders burned the mill, then the barn."
    words = ["the raiders", "a band of raiders", "raiders", "the mill", "the barn"]
    mentions, at = [], 0
    for n, word in enumerate(words):
        at = text.index(word, at)
        mentions.append(MentionText(word, at, at + len(word), "DOER" if n < 3 else "THING"))
        at += len(word)
    same = {(0, 1): 0.9, (0, 2): 0.4, (1, 2): 0.7, (2, 3): 0.99, (3, 4): 0.3}
    (found,) = cluster(mentions, text=text, same_entity=same, threshold=0.5)
    assert (found.name, found.kind, found.mentions, found.country) == (
        "a band of raiders",
        "DOER",
        (0, 1, 2),
        None,
    )
    # The third joins the two only while it fits both on average.
    (pair,) = cluster(mentions, text=text, same_entity=same, threshold=0.6)
    assert pair.mentions == (0, 1)
    assert cluster(mentions, text=text, threshold=0.5) == []
    # Packaged kinds that are no entities stay none, whatever the model says.
    times = [MentionText(m.text, m.start, m.end, "TIME") for m in mentions]
    assert cluster(times, text=text, same_entity=same, threshold=0.5) == []


@pytest.mark.parametrize("family", ["person", "name", "place"])
def test_names_are_found_as_by_a_look_at_each(family: str) -> None:
    rng = random.Random(family)
    words = (
        "ahmed khan al bin front army lake hasakeh hassaka qamishli kamishly group de abu".split()
    )
    drawn = ((family, *rng.choices(words, k=rng.randrange(1, 4))) for _ in range(300))
    keys = list(dict.fromkeys(drawn))  # not a set: its order differs by process
    known = NamesOfFamily(family)
    for n, key in enumerate(keys):
        assert known.same_as(key) == [k for k in keys[:n] if same_name(family, key, k)]
        known.add(key)
