"""Counts: each class of victim phrase, and tolls of phrases together."""

import random

import pytest
from conflictwire.resolve.counts import Count, Toll, Victim, count, toll


@pytest.mark.parametrize(
    ("phrase", "low", "high"),
    [
        ("22", 22, 22),
        ("more than 250 loyalist fighters", 250, None),
        ("at least 12", 12, None),
        ("no fewer than 9 porters", 9, None),
        ("between 20 and 30 villagers", 20, 30),
        ("20 to 25 herders", 20, 25),
        ("up to 40 recruits", 40, 40),
        ("dozens", 24, None),
        ("scores of herders", 40, None),
        ("hundreds", 200, None),
        ("tens of thousands of villagers", 20_000, None),
        ("three soldiers and two policemen", 5, 5),
        ("76 boys and 41 girls", 117, 117),
        ("family of six", 6, 6),
        ("both brothers", 2, 2),
        ("a couple", 2, 2),
        ("no casualties", 0, 0),
        ("12 people, including four children", 12, 12),
        ("three of the 12 miners", 3, 3),
        ("two lakh villagers", 200_000, 200_000),
        ("1,200", 1200, 1200),
        ("1,20,000 residents", 120_000, 120_000),
        ("half a million", 500_000, 500_000),
        ("Sixty-two conscripts", 62, 62),
        ("two hundred and five miners", 205, 205),
        ("two dozen hostages", 24, 24),
        ("one other", 1, 1),
        ("one of the guards", 1, 1),
        ("a soldier", 1, 1),
        ("police commander", 1, 1),
        ("Mr Harrow", 1, 1),
        ("Tom Jennings", 1, 1),
        ("a 14-year-old boy", 1, 1),
        ("soldier of the 3rd battalion", 1, 1),
        ("Ikram Dar (37)", 1, 1),
        ("nurse, 52", 1, 1),
        ("A nurse, 52, and her three nephews", 4, 4),
        ("a boy of 12", 1, 1),
        ("crew of 12", 12, 12),
        ("seven people, three of them children", 7, 7),
        ("seven people, four women and three men", 7, 7),
        ("nine guards and a driver", 10, 10),
        ("a 14-year-old girl and two herders", 3, 3),
        ("a guard and his wife", 2, 2),
        ("several hundred", 200, None),
        ("a couple of dozen herders", 24, None),
        ("3m people", 3_000_000, 3_000_000),
        ("40k villagers", 40_000, 40_000),
        ("2004 people", 2004, 2004),
        ("all of the 12 miners", 12, 12),
    ],
)
def test_count(phrase: str, low: int, high: int | None) -> None:
    assert count(phrase) == Count(low, high)


@pytest.mark.parametrize(
    "phrase",
    [
        "civilians",
        "CIVILIANS",
        "several militants",
        "women and children",
        "some people",
        "police",
        "fighters of the 3rd battalion",
        "6 million",
        "99 crore",
        "30m people",
        "2bn people",
        "15 per cent of villagers",
        "15% of the town",
        "half of them",
        "two thirds of the village",
        "most of them",
        "an unknown number of herders",
        "G7 ministers",
        "3 August victims",
        "victims of the 1999 earthquake",
        "2004",
        "9" * 400,
        "",
        " -- ",
    ],
)
def test_no_count(phrase: str) -> None:
    assert count(phrase) is None


def test_no_string_raises() -> None:
    rng = random.Random(3)
    text = (
        "0 1 9,999 1.5 2 -3 two twenty hundred thousand million lakh dozens of and to between "
        "than more dozen half a the no . , - ( ) \u0663 \u00b2 \u0e53 people soldier 's \x00"
    )
    pieces = text.split(" ")
    for _ in range(5000):
        text = rng.choice(("", " ")).join(rng.choices(pieces, k=rng.randint(0, 9)))
        found = count(text)
        if found is not None and found.low is not None and found.high is not None:
            assert 0 <= found.low <= found.high <= 5_000_000
        toll([(text, "CIVILIAN"), (text[::-1], "PERSON")])


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
