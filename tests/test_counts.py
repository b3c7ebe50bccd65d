"""Counts: each class of phrase that counts people."""

import random

import pytest
from conflictwire.resolve.counts.numerals import whole_numeral
from conflictwire.resolve.counts.phrases import MAX_COUNT, Count, count, is_absurd, is_vague
from conflictwire.resolve.counts.tolls import toll


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
        ("no more than 5 herders", 5, 5),
        ("as many as 15", 15, 15),
        ("scores", 40, None),
        ("no one", 0, 0),
        ("12 people including four children", 12, 12),
        ("3 crore voters", 30_000_000, 30_000_000),
        ("1.5 lakh", 150_000, 150_000),
        ("two others", 2, 2),
        ("20-25 herders", 20, 25),
        ("a couple and their three children", 5, 5),
        ("14:30 Over 70 porters", 70, None),
        ("6 million", 6_000_000, 6_000_000),
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
        ("12.000 porters", 12_000, 12_000),
        ("more than 1.250.000 porters", 1_250_000, None),
        ("2.125 million porters", 2_125_000, 2_125_000),
        ("1,5 million porters", 1_500_000, 1_500_000),
        ("1.2-million porters", 1_200_000, 1_200_000),
        ("3 500 porters", 3500, 3500),
        ("20 -25 herders", 20, 25),
        ("02 herders", 2, 2),
        ("not less than 15 herders", 15, None),
        ("no more than 15 herders", 15, 15),
        ("a father of four", 1, 1),
        ("a mother of three and two guards", 3, 3),
        ("soldier of 44 Hill Rifles", 1, 1),
        ("14 Hill Regiment soldier", 1, 1),
        ("12 soldiers of 44 Hill Rifles", 12, 12),
        ("a contingent of 50 soldiers", 50, 50),
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
        "99 crore",
        "900m people",
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
        "12.000",
        "12.00 porters",
        "1,23 herders",
        "12,13 herders",
        "3,5 00 porters",
        "35 00 porters",
        "00 porters",
        "1.5 porters",
        "-5 porters",
        "about 2/3 of the porters",
        "\u22125 porters",
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
            assert 0 <= found.low <= found.high <= MAX_COUNT
        toll([(text, "CIVILIAN"), (text[::-1], "PERSON")])


@pytest.mark.parametrize("phrase", ["dozens", "scores of herders", "several hundred"])
def test_vague(phrase: str) -> None:
    assert is_vague(phrase)


@pytest.mark.parametrize("phrase", ["12", "two dozen", "hundred", "herders", ""])
def test_not_vague(phrase: str) -> None:
    assert not is_vague(phrase)


@pytest.mark.parametrize("phrase", ["9" * 32 + " porters", "9" * 400, "900m people", "2 billion"])
def test_absurd(phrase: str) -> None:
    assert is_absurd(phrase)


@pytest.mark.parametrize("phrase", ["12 million porters", "1,23 porters", "porters", "", "x" * 400])
def test_not_absurd(phrase: str) -> None:
    assert not is_absurd(phrase)


@pytest.mark.parametrize(
    ("before", "phrase", "whole"),
    [
        ("It killed 12.", "000 porters", "12.000 porters"),
        ("It killed 1,", "23 porters", "1,23 porters"),
        ("It killed -", "5 porters", "-5 porters"),
        ("It killed 20-", "25 porters", "25 porters"),
        ("It killed 12. ", "30 porters", "30 porters"),
        ("It killed 12.", "Porters", "Porters"),
        ("It killed no ", "fewer than 12 porters", "no fewer than 12 porters"),
        ("It killed nothing ", "fewer than 12 porters", "fewer than 12 porters"),
        ("", "5 porters", "5 porters"),
    ],
)
def test_a_number_cut_off_by_its_mention(before: str, phrase: str, whole: str) -> None:
    assert whole_numeral(phrase, before) == whole
