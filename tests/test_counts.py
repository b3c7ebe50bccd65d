"""Counts: each class of victim phrase, and tolls of phrases together."""

import random

import pytest
from conflictwire.resolve.counts import Count, count, toll


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
