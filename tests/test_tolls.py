"""Tolls: victim phrases of one event added up."""

import pytest
from conflictwire.resolve.counts.tolls import Toll, Victim, joined, toll


@pytest.mark.parametrize(
    ("victims", "low"),
    [
        ([("14 people", "CIVILIAN"), ("14", "CIVILIAN"), ("four children", "CIVILIAN")], 14),
        ([("30 rebels", "ARMED_GROUP"), ("12 soldiers", "MILITARY")], 42),
        ([("50 people", "CIVILIAN"), ("31 rebels", "ARMED_GROUP")], 50),
        ([("Ten reporters", "CIVILIAN"), ("26 other people", "CIVILIAN")], 36),
        ([("47 people", "CIVILIAN"), ("31 herders", "CIVILIAN"), ("16 others", "CIVILIAN")], 47),
        ([("Dozens", "CIVILIAN"), ("At least 51 herders", "CIVILIAN")], 51),
        ([("teacher", "PERSON"), ("Madan Roy", "PERSON"), ("Roy", "PERSON")], 1),
        ([("Ann Lorne", "PERSON"), ("Piet Maas", "PERSON")], 2),
        ([("no casualties", "CIVILIAN")], 0),
        ([("guard", "MILITARY"), ("constable", "POLICE")], 2),
        ([("a guard", "MILITARY"), ("two herders", "CIVILIAN")], 3),
        ([("herder", "CIVILIAN"), ("his nephew", "CIVILIAN")], 2),
        ([("six people", "CIVILIAN"), ("guard", "MILITARY")], 6),
    ],
)
def test_toll(victims: list[tuple[str, str]], low: int) -> None:
    found = toll(victims)
    assert found is not None
    assert found.low == low


def test_contradicting_tolls_give_lowest_and_highest() -> None:
    found = toll([("45 people", "CIVILIAN"), ("36 people", "CIVILIAN")])
    assert found is not None
    assert (found.low, found.high) == (36, 45)


def test_an_open_count_among_rivals_leaves_high_open() -> None:
    for rivals in (("30 rebels", "more than 45 rebels"), ("more than 30 rebels", "45 rebels")):
        found = toll([(rival, "ARMED_GROUP") for rival in rivals])
        assert found is not None
        assert (found.low, found.high) == (30, None)
    vague = toll([("Dozens", "CIVILIAN"), ("scores", "CIVILIAN")])
    assert vague is not None
    assert (vague.low, vague.high) == (24, None)


def test_no_toll() -> None:
    assert toll([]) is None
    assert toll([("civilians", "CIVILIAN")]) is None


@pytest.mark.parametrize(
    ("before", "phrase"),
    [
        ("No ", "one"),
        ("It was said that no ", "villagers"),
        ("The raid ended without any ", "casualties"),
        ("None of the ", "14 miners"),
    ],
)
def test_negated_victims_are_none(before: str, phrase: str) -> None:
    found = toll([Victim(phrase, "CIVILIAN", before)])
    assert found is not None
    assert (found.low, found.high) == (0, 0)


@pytest.mark.parametrize("before", ["He said no. ", "No fewer than ", "No, it was "])
def test_a_no_that_denies_no_victims(before: str) -> None:
    found = toll([Victim("eight herders", "CIVILIAN", before)])
    assert found is not None
    assert found.low == 8


def test_a_no_cut_off_from_fewer_than_denies_nothing() -> None:
    found = toll([Victim("fewer than 15 herders", "CIVILIAN", "It killed no ")])
    assert found is not None
    assert (found.low, found.high) == (15, None)


def test_denied_number_is_dropped() -> None:
    found = toll([Victim("9", "CIVILIAN", "It was not "), Victim("11 herders", "CIVILIAN", "but ")])
    assert found is not None
    assert found.low == 11


def test_victims_joined_by_and_add_up() -> None:
    joined = Victim("two weavers", "CIVILIAN", "The shell killed three herders and ")
    found = toll([Victim("three herders", "CIVILIAN"), joined])
    assert found is not None
    assert (found.low, found.high) == (5, 5)


def test_singles_that_may_be_one_leave_high_open() -> None:
    found = toll([("teacher", "PERSON"), ("Madan Roy", "PERSON")])
    assert found is not None
    assert (found.low, found.high) == (1, None)
    told = Victim("Madan Roy", "PERSON", "They shot the teacher ")
    sure = toll([Victim("teacher", "PERSON", "They shot the "), told])
    assert sure is not None
    assert (sure.low, sure.high) == (1, 1)


def test_different_singles_of_one_group_leave_high_open() -> None:
    found = toll([("the guard", "CIVILIAN"), ("the weaver", "CIVILIAN")])
    assert found is not None
    assert (found.low, found.high) == (1, None)


def test_zero_beside_a_number_is_no_toll() -> None:
    found = toll([Victim("one", "CIVILIAN", "No "), ("two guards", "MILITARY")])
    assert found is not None
    assert found.low == 2


def test_groups_of_singles() -> None:
    found = toll([("guard", "MILITARY"), ("two herders", "CIVILIAN")])
    assert found is not None
    assert {(g.group, g.low) for g in found.by_group} == {("MILITARY", 1), ("CIVILIAN", 2)}


def listed(text: str, *victims: tuple[str, str]) -> Toll | None:
    """The toll of phrases as they stand in a text."""
    found, position = [], 0
    for phrase, group in victims:
        start = text.index(phrase, position)
        position = start + len(phrase)
        found.append(Victim(phrase, group, text[max(0, start - 60) : start]))
    return toll(found)


def test_a_list_adds_up_and_keeps_its_parts() -> None:
    found = listed(
        "The siege cost more than 40 loyalists, 33 rebels and at least 6 villagers their lives.",
        ("more than 40 loyalists", "ARMED_GROUP"),
        ("33 rebels", "ARMED_GROUP"),
        ("6 villagers", "CIVILIAN"),
    )
    assert found is not None
    assert found.low == 79
    assert [(g.group, g.low) for g in found.by_group] == [
        ("ARMED_GROUP", 40),
        ("ARMED_GROUP", 33),
        ("CIVILIAN", 6),
    ]


def test_a_list_that_breaks_down_a_whole_adds_nothing() -> None:
    found = listed(
        "It killed 12 fighters, four rebels and eight bandits.",
        ("12 fighters", "ARMED_GROUP"),
        ("four rebels", "ARMED_GROUP"),
        ("eight bandits", "ARMED_GROUP"),
    )
    assert found is not None
    assert found.low == 12


def test_rivals_without_an_and_are_no_list() -> None:
    found = listed(
        "He spoke of 30 rebels, 45 rebels by another count.",
        ("30 rebels", "ARMED_GROUP"),
        ("45 rebels", "ARMED_GROUP"),
    )
    assert found is not None
    assert (found.low, found.high) == (30, 45)


def test_people_and_a_named_group_add_up() -> None:
    found = listed(
        "A shell killed three people and 12 rebels.",
        ("three people", "CIVILIAN"),
        ("12 rebels", "ARMED_GROUP"),
    )
    assert found is not None
    assert found.low == 15


def test_fewer_people_than_a_group_are_part_of_it() -> None:
    found = toll([("At least nine porters", "CIVILIAN"), ("two men", "ARMED_GROUP")])
    assert found is not None
    assert found.low == 9


def test_a_list_says_more_than_a_repeated_part() -> None:
    found = listed(
        "They mourn the six nuns. The six nuns and the two cooks were shot.",
        ("six nuns", "CIVILIAN"),
        ("six nuns", "CIVILIAN"),
        ("two cooks", "CIVILIAN"),
    )
    assert found is not None
    assert (found.low, found.high) == (8, 8)


def test_which_victims_a_list_joins() -> None:
    second = Victim("two cooks", "CIVILIAN", "It killed six nuns and ")
    third = Victim("a guard", "POLICE", "two cooks. Later ")
    assert joined([Victim("six nuns", "CIVILIAN"), second, third]) == [False, True, False]
