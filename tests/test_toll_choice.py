"""Which victim phrases tell the toll of an event, on sentences of the tests' own."""

from __future__ import annotations

import json
import random
import re
import time
from itertools import pairwise

import pytest
from conflictwire.resolve.counts.choice import (
    MAX_TOLL,
    WEIGHTS,
    EventTrigger,
    TollClues,
    VictimClue,
    event_toll,
    readings,
)
from conflictwire.resolve.counts.words import Harm, fate, nobody_harmed, number_of_deaths

SURE = 0.95


def clues(
    text: str,
    *victims: tuple[str, str] | tuple[str, str, float],
    triggers: tuple[str, ...] = ("blast",),
    told: tuple[str, ...] = (),
    harm: Harm = "killed",
    elsewhere: float = 0.0,
) -> TollClues:
    """Clues on phrases and triggers as they stand in a text, in the order given."""
    ends = [m.end() for m in re.finditer(r"\. ", text)]
    sentences = list(pairwise([0, *ends, len(text)]))

    def sentence_of(start: int) -> int:
        return next(i for i, (_, end) in enumerate(sentences) if start < end)

    def in_order(words: tuple[str, ...]) -> list[EventTrigger]:
        found, at = [], 0
        for word in words:
            start = text.index(word, at)
            at = start + len(word)
            found.append(EventTrigger(start, at, sentence_of(start)))
        return found

    found, at = [], 0
    for phrase, kind, *score in victims:
        start = text.index(phrase, at)
        at = start + len(phrase)
        p = score[0] if score else SURE
        found.append(VictimClue(phrase, kind, start, at, sentence_of(start), p, p, 0.0, elsewhere))
    own, others = in_order(triggers), in_order(told)
    every = sorted([*own, *others], key=lambda t: t.start)
    return TollClues(text, sentences, harm, found, own, every)


def low_of(found: TollClues) -> int | None:
    toll, absurd = event_toll(found)
    assert absurd == []
    return toll.low if toll else None


def test_a_retold_toll_counts_once() -> None:
    text = "A blast killed 14 people. The blast, in which 14 died, shook the port."
    told = clues(text, ("14 people", "CIVILIAN"), ("14", "CIVILIAN"))
    assert low_of(told) == 14


def test_a_subset_told_later_adds_nothing() -> None:
    text = "The blast killed 12 people. Four children were among the dead in the market."
    told = clues(text, ("12 people", "CIVILIAN"), ("Four children", "CIVILIAN"))
    assert low_of(told) == 12


def test_groups_of_one_sentence_add_up() -> None:
    text = "The blast killed three soldiers and two policemen."
    told = clues(text, ("three soldiers", "MILITARY"), ("two policemen", "POLICE"))
    toll, _ = event_toll(told)
    assert toll is not None
    assert toll.low == toll.high == 5
    assert {(g.group, g.low) for g in toll.by_group} == {("MILITARY", 3), ("POLICE", 2)}


def test_the_wounded_are_not_the_dead() -> None:
    text = "A blast killed four porters. Eleven other porters were wounded, their union said."
    told = clues(text, ("four porters", "CIVILIAN"), ("Eleven other porters", "CIVILIAN", 0.7))
    assert low_of(told) == 4


def test_killed_and_injured_together_are_no_toll() -> None:
    text = "At least 48 killed and injured in blast. The blast killed three porters."
    told = clues(text, ("At least 48", "CIVILIAN"), ("three porters", "CIVILIAN"))
    assert low_of(told) == 3
    alone = clues("At least 48 killed and injured in blast.", ("At least 48", "CIVILIAN"))
    assert low_of(alone) is None


def test_a_victim_of_another_event_is_left_out() -> None:
    text = "The blast killed 20 porters. An ambush had killed 62 soldiers a week before."
    sure, other = clues(text, ("20 porters", "CIVILIAN"), ("62 soldiers", "MILITARY")).victims
    stray = VictimClue(
        other.phrase, other.kind, other.start, other.end, other.sentence, 0.55, 0.55, 0.0, 0.97
    )
    base = clues(text)
    told = TollClues(text, base.sentences, "killed", [sure, stray], base.triggers, told=base.told)
    assert low_of(told) == 20


def test_a_higher_toll_told_elsewhere_is_the_upper_bound() -> None:
    text = "The blast killed 12 porters, police said. A doctor spoke of 15 porters killed."
    toll, _ = event_toll(clues(text, ("12 porters", "CIVILIAN"), ("15 porters", "CIVILIAN")))
    assert toll is not None
    assert (toll.low, toll.high) == (12, 15)


def test_a_rival_without_an_upper_bound_leaves_high_open() -> None:
    text = "The blast killed 12 porters, police said. A doctor spoke of over 15 porters killed."
    toll, _ = event_toll(clues(text, ("12 porters", "CIVILIAN"), ("over 15 porters", "CIVILIAN")))
    assert toll is not None
    assert (toll.low, toll.high) == (12, None)


@pytest.mark.parametrize(
    ("text", "first", "second", "killed", "injured"),
    [
        (
            "A blast hit the gate, killing 7 sailors and injuring 12 porters.",
            "7 sailors",
            "12 porters",
            (7, 7),
            (12, 12),
        ),
        (
            "A blast hit the gate, killing 13 sailors and wounding at least 21 porters.",
            "13 sailors",
            "at least 21 porters",
            (13, 13),
            (21, None),
        ),
        (
            "Dozens were killed and scores injured in the blast.",
            "Dozens",
            "scores",
            (24, None),
            (40, None),
        ),
    ],
)
def test_a_phrase_of_one_harm_is_none_of_the_other(
    text: str,
    first: str,
    second: str,
    killed: tuple[int, int | None],
    injured: tuple[int, int | None],
) -> None:
    found = {}
    harms: tuple[Harm, Harm] = ("killed", "injured")
    for harm in harms:
        toll, _ = event_toll(clues(text, (first, "MILITARY"), (second, "MILITARY"), harm=harm))
        assert toll is not None
        found[harm] = (toll.low, toll.high)
    assert found == {"killed": killed, "injured": injured}


@pytest.mark.parametrize(
    ("number", "phrase", "low"),
    [
        ("12.000 porters", "000 porters", 12_000),
        ("1,23 porters", "23 porters", None),
        ("-5 porters", "5 porters", None),
        ("1.5 porters", "5 porters", None),
    ],
)
def test_a_number_cut_off_by_its_mention_is_read_whole(
    number: str, phrase: str, low: int | None
) -> None:
    assert low_of(clues(f"The blast killed {number}.", (phrase, "CIVILIAN"))) == low


@pytest.mark.parametrize(
    ("text", "killed", "injured"),
    [
        ("The blast caused no casualties.", 0, 0),
        ("The blast damaged a wall. No loss of life was reported.", 0, 0),
        ("The blast damaged a wall. No one was injured.", None, 0),
        ("The blast damaged a wall. Nobody was killed or injured.", 0, 0),
        ("The blast damaged a wall. There were no deaths.", 0, None),
        ("The blast damaged a wall. There was no word on casualties.", None, None),
        ("The blast damaged a wall. No casualty figures were given.", None, None),
    ],
)
def test_nobody(text: str, killed: int | None, injured: int | None) -> None:
    assert low_of(clues(text)) == killed
    assert low_of(clues(text, harm="injured")) == injured


def test_nobody_is_said_of_the_last_event_told() -> None:
    text = "A blast hit the port. Then a mine went off there, but caused no casualties."
    assert low_of(clues(text, told=("mine",))) is None
    assert low_of(clues(text, triggers=("mine",), told=("blast",))) == 0


def test_nobody_does_not_reach_over_the_whole_text() -> None:
    text = "A blast hit the port. Ships left. Others came. It rained. There were no casualties."
    assert low_of(clues(text)) is None


def test_named_victims_outweigh_no_casualties() -> None:
    text = "A blast killed two porters. The army said it had no casualties."
    assert low_of(clues(text, ("two porters", "CIVILIAN"))) == 2


def test_a_number_before_a_noun_for_deaths() -> None:
    text = "The province had 512 homicides that year."
    assert low_of(clues(text, triggers=("homicides",))) == 512
    assert low_of(clues(text, triggers=("homicides",), harm="injured")) is None


def test_a_number_that_died_counts_though_it_is_no_victim_phrase() -> None:
    text = "Six porters were hurt in the blast. At the hospital one succumbed to burns."
    assert low_of(clues(text, triggers=("blast", "succumbed"))) == 1
    assert low_of(clues(text, triggers=("blast", "succumbed"), harm="injured")) is None


def test_a_round_number_gives_way_to_the_one_that_it_rounds() -> None:
    text = "Over 300 people died in the blast. The blast killed 317 people."
    told = clues(text, ("Over 300 people", "CIVILIAN"), ("317 people", "CIVILIAN"))
    assert low_of(told) == 317
    far = "Over 300 people died in the blast. The blast killed 517 people."
    told = clues(far, ("Over 300 people", "CIVILIAN"), ("517 people", "CIVILIAN"))
    assert low_of(told) == 300
    alone = clues(text[:35], ("Over 300 people", "CIVILIAN"))
    assert low_of(alone) == 300


def test_an_unlikely_victim_counts_only_if_the_text_says_so() -> None:
    said = "One porter died after the blast."
    assert low_of(clues(said, ("One porter", "CIVILIAN", 0.3))) == 1
    unsaid = "One porter ran after the blast."
    assert low_of(clues(unsaid, ("One porter", "CIVILIAN", 0.3))) is None


def test_absurd_numbers_are_named_and_left_out() -> None:
    text = "The blast killed 10 million militants. It killed 14 porters too."
    told = clues(text, ("10 million militants", "ARMED_GROUP"), ("14 porters", "CIVILIAN"))
    toll, absurd = event_toll(told)
    assert absurd == ["10 million militants"]
    assert toll is not None
    assert toll.low == 14
    largest = f"The blast killed {MAX_TOLL} people."
    assert low_of(clues(largest, (f"{MAX_TOLL} people", "CIVILIAN"))) == MAX_TOLL


def test_a_number_beyond_all_counts_is_named() -> None:
    number = "4" * 32
    found = clues(f"The blast killed {number} porters.", (f"{number} porters", "CIVILIAN"))
    assert event_toll(found) == (None, [f"{number} porters"])


def test_nothing_stated_is_none() -> None:
    assert low_of(clues("A blast hit the port.")) is None
    assert low_of(clues("A blast killed civilians.", ("civilians", "CIVILIAN"))) is None


def test_packaged_weights_name_features_that_exist() -> None:
    text = "A blast killed 14 people and a guard. Nine died, others said. 30 were hurt in dozens."
    told = clues(
        text,
        ("14 people", "CIVILIAN"),
        ("a guard", "POLICE", 0.4),
        ("Nine", "CIVILIAN"),
        ("30", "CIVILIAN", 0.6),
        ("dozens", "CIVILIAN", 0.6),
        elsewhere=0.99,
    )
    seen = {name for reading in readings(told) for name in reading.features}
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert set(weights) == {"killed", "injured"}
    for by_name in weights.values():
        assert seen <= set(by_name)
        assert by_name["said so"] > 0 > by_name["likelier elsewhere"]


def test_any_text_and_many_phrases() -> None:
    rng = random.Random(5)
    pieces = "killed 12 no one . , and dead injured \u0663 people 9999999999 two of them -".split(
        " "
    )
    for _ in range(300):
        text = " ".join(["blast", *rng.choices(pieces, k=30)])
        starts = [m.start() for m in re.finditer(r"\S+", text)]
        victims = [
            VictimClue(word, "CIVILIAN", start, start + len(word), 0, *(rng.random(),) * 4)
            for word, start in zip(text.split(" "), starts, strict=False)
        ]
        blast = EventTrigger(0, 5, 0)
        found = TollClues(text, [(0, len(text))], "killed", victims, [blast], [blast])
        toll, _ = event_toll(found)
        if toll is not None and toll.low is not None and toll.high is not None:
            assert 0 <= toll.low <= toll.high


def test_a_hundred_names_are_read_fast() -> None:
    names = [f"{a}{b} Harrow" for a in "ABCDEFGHIJ" for b in "abcdefghij"]
    text = "The blast killed " + ", ".join(names) + "."
    told = clues(text, *((name, "PERSON") for name in names))
    start = time.perf_counter()
    toll, _ = event_toll(told)
    assert toll is not None
    assert time.perf_counter() - start < 1.0


# ---- words


@pytest.mark.parametrize(
    ("text", "phrase", "said"),
    [
        ("12 porters were killed and 30 injured.", "12 porters", "killed"),
        ("12 porters were killed and 30 injured.", "30", "injured"),
        ("It went off, killing 12 and wounding 30.", "12", "killed"),
        ("It went off, killing 12 and wounding 30.", "30", "injured"),
        ("The death toll rose to 40 on Monday.", "40", "killed"),
        ("At least 19 porters including two cooks have been killed.", "19 porters", "killed"),
        ("12 dead lay there.", "12 dead", "killed"),
        ("The raid left 9 porters dead or wounded.", "9 porters", "both"),
        ("It caused injuries to a cook.", "cook", "injured"),
        ("12 porters left the town.", "12 porters", None),
        ("12 porters went home. Two were killed.", "12 porters", None),
    ],
)
def test_fate(text: str, phrase: str, said: str | None) -> None:
    start = text.index(phrase)
    end = text.index(".") + 1
    assert fate(text, (start, start + len(phrase)), (0, end)) == said


def test_nobody_harmed_stays_in_its_range() -> None:
    text = "No casualties. No one was hurt."
    assert [n.start for n in nobody_harmed(text, 0, 14)] == [0]
    assert [n.harms for n in nobody_harmed(text, 15, len(text))] == [{"killed", "injured"}]


@pytest.mark.parametrize(
    ("text", "trigger", "number"),
    [
        ("It saw 481 murders.", "murders", "481"),
        ("It saw at least 21 targeted killings.", "killings", "at least 21"),
        ("It saw two hundred deaths.", "deaths", "two hundred"),
        ("It saw many murders.", "murders", None),
        ("It saw 12 attacks.", "attacks", None),
        ("Six were hurt; one succumbed.", "succumbed", "one"),
        ("Six were hurt; two of them have since died.", "died", "two"),
        ("Six were hurt and at least two of the porters were killed.", "killed", "at least two"),
        ("The two killed a guard.", "killed", None),
        ("The miller, aged 24 died there.", "died", None),
    ],
)
def test_number_of_deaths(text: str, trigger: str, number: str | None) -> None:
    start = text.index(trigger)
    assert number_of_deaths(text, (start, start + len(trigger))) == number
