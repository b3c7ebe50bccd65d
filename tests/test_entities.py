"""Clusters and canonical names on invented sentences; mentions are marked [words|KIND]."""

from __future__ import annotations

import re

import pytest
from conflictwire.entities import Cluster, MentionText, cluster
from conflictwire.resolve.names import person_name

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
