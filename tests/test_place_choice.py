"""Which place a name means: by its phrase, by the text's other names and countries."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from conflictwire.resolve.places.choice import Choice, choose
from conflictwire.resolve.places.gazetteer import LEVELS, gazetteer
from conflictwire.resolve.places.phrases import (
    is_border,
    is_cut,
    is_quarter,
    is_settlement,
    links_container,
    links_part,
    read_place,
    without_class,
)
from conflictwire.resolve.places.ranking import FEATURES, FITS, Weights


def read(text: str, *places: str, **context: int) -> list[Choice | None]:
    """Choices for the places of a text, each at its first occurrence after the one before."""
    mentions, start = [], 0
    for words in places:
        start = text.index(words, start)
        mentions.append((words, start, start + len(words)))
        start += len(words)
    return choose(mentions, text, Counter(context))


def where(choice: Choice | None) -> tuple[str, str | None, str | None] | None:
    """Name, country and first-level unit."""
    if choice is None:
        return None
    world = gazetteer()
    region = world.region_of(choice.place)
    unit = world.name(region) if region is not None else None
    return world.name(choice.place), world.code(choice.place), unit


# ---- phrases


def test_a_phrase_taken_apart() -> None:
    assert (phrase := read_place("southern Damascus")) is not None
    assert (phrase.name, phrase.part, phrase.about, phrase.unit) == ("Damascus", True, False, False)
    assert (phrase := read_place("the outskirts of Ramadi")) is not None
    assert (phrase.name, phrase.about) == ("Ramadi", True)
    assert (phrase := read_place("Zabul Province")) is not None
    assert (phrase.name, phrase.unit) == ("Zabul", True)
    assert (phrase := read_place("town of Gwoza")) is not None
    assert (phrase.name, phrase.town) == ("Gwoza", True)
    assert (phrase := read_place("Selma, Ala.")) is not None
    assert (phrase.name, phrase.inside) == ("Selma", "Alabama")
    assert (phrase := read_place("W. Va.")) is not None
    assert phrase.name == "West Virginia"


@pytest.mark.parametrize(
    "words", ["", "the area", "city", "Turkish border", "DISTRICT CAPITAL", "-"]
)
def test_phrases_without_a_place_of_their_own(words: str) -> None:
    assert read_place(words) is None


def test_classes_of_phrases() -> None:
    assert is_cut("the town of")
    assert not is_cut("town of Gao")
    assert is_border("frontier with Chad")
    assert is_settlement("the city")
    assert not is_settlement("Kandahar")
    assert is_quarter("al-Noor neighbourhood")
    assert without_class("State of Kachin") == "Kachin"
    assert without_class("Kunar Province") == "Kunar"
    assert without_class("Province") == "Province"


@pytest.mark.parametrize(
    ("between", "link"),
    [
        (" in ", "in"),
        (" in northern ", "in"),
        (" of the Syrian city of ", "in"),
        (", in the province of ", "in"),
        (" (", "in"),
        (", ", "comma"),
        (" and ", None),
        (" to ", None),
        (" said rebels in ", None),
        (". In ", None),
    ],
)
def test_words_between_a_place_and_what_it_lies_in(between: str, link: str | None) -> None:
    assert links_container(between) == link


def test_possessives_hold_a_part() -> None:
    assert links_part("'s ")
    assert links_part("\u2019s town of ")
    assert not links_part(" is ")


# ---- choices


def test_the_phrase_decides_between_namesakes() -> None:
    assert where(read("Floods hit Paris, Texas.", "Paris", "Texas")[0]) == ("Paris", "US", "Texas")
    assert where(read("Floods hit Paris.", "Paris")[0])[1] == "FR"  # type: ignore[index]
    one = read("Fire in Athens, Ohio, on Sunday.", "Athens, Ohio")[0]
    assert where(one) == ("Athens", "US", "Ohio")


def test_the_countries_of_a_text_decide() -> None:
    assert where(read("A bomb in Tripoli.", "Tripoli", LB=9)[0])[1] == "LB"  # type: ignore[index]
    assert where(read("A bomb in Tripoli.", "Tripoli", LY=9)[0])[1] == "LY"  # type: ignore[index]


def test_neighbours_decide() -> None:
    text = "Sirens in Lebanon, Nashville and Murfreesboro."
    found = read(text, "Lebanon", "Nashville", "Murfreesboro")
    assert where(found[0]) == ("Lebanon", "US", "Tennessee")
    text = "Talks in Lebanon, Syria and Jordan."
    assert [where(c)[1] for c in read(text, "Lebanon", "Syria", "Jordan")] == [  # type: ignore[index]
        "LB", "SY", "JO"
    ]  # fmt: skip


def test_a_class_word_tells_province_from_town() -> None:
    world = gazetteer()
    town, unit = read("From Ghazni across Ghazni province.", "Ghazni", "Ghazni province", AF=4)
    assert town is not None
    assert unit is not None
    assert world.level[town.place] > world.level[unit.place]
    assert world.code(unit.place) == "AF"


def test_the_same_words_mean_the_same_place() -> None:
    text = "Police in Springfield, Missouri, left. Springfield was calm."
    first, _, second = read(text, "Springfield", "Missouri", "Springfield")
    assert where(first) == where(second) == ("Springfield", "US", "Missouri")


def test_an_unknown_village_takes_the_point_of_what_it_lies_in() -> None:
    text = "They shelled Qxarwan in Idlib province."
    village, province = read(text, "Qxarwan", "Idlib province", SY=4)
    assert village is not None
    assert province is not None
    assert village.contained
    assert village.place == province.place
    village = read("They shelled Qxarwan in Syria.", "Qxarwan", "Syria")[0]
    assert village is not None
    assert (where(village), village.doubtful) == (("Syria", "SY", None), True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Gunmen burnt Kaya, Zamfara State, on Monday.", "NG"),
        ("Gunmen burnt Kaya, Nigeria.", "NG"),
        ("Gunmen burnt Kaya in Nigeria.", "NG"),
        ("Gunmen burnt Kaya, Nigeria and Togo mourn.", "BF"),  # a list
        ("Gunmen left Dori, Kaya, Nigeria.", "BF"),
        ("Gunmen burnt Kaya.", "BF"),
    ],
)
def test_what_holds_a_place_says_more_than_a_namesake(text: str, code: str) -> None:
    places = [p for p in ("Kaya", "Zamfara State", "Nigeria") if p in text]
    choice = read(text, *places, BF=4, NG=4)[0]
    assert choice is not None
    assert gazetteer().code(choice.place) == code


@pytest.mark.parametrize("name", ["Raqqa", "Basra", "Saada", "Hama", "Idlib", "Kherson"])
def test_without_a_class_word_the_seat_is_meant(name: str) -> None:
    world = gazetteer()
    town, unit = (read(f"Shells hit {words}.", words)[0] for words in (name, f"{name} province"))
    assert town is not None
    assert unit is not None
    assert LEVELS[world.level[town.place]] == "town"
    assert LEVELS[world.level[unit.place]] == "region"
    assert world.region_of(town.place) == unit.place


def test_a_village_is_no_seat() -> None:
    choice = read("Cartels fought across Sinaloa.", "Sinaloa")[0]
    assert choice is not None
    assert LEVELS[gazetteer().level[choice.place]] == "region"


def test_a_class_word_that_is_part_of_a_known_term() -> None:
    found = where(read("Shells fell in Rakhine state.", "Rakhine state")[0])
    assert found is not None
    assert found[:2] == ("Rakhine", "MM")


def test_a_village_far_from_all_others_is_doubtful() -> None:
    text = "Clashes in Raqqa, Tabqa and Mansoura."
    near = read(text, "Raqqa", "Tabqa", "Mansoura", SY=4)
    assert [c.doubtful for c in near if c] == [False, False, False]
    alone = read("Rebels in Palmyra left Turda.", "Palmyra", "Turda", SY=1, RO=1)[1]
    assert alone is None or where(alone)[1] == "RO"  # type: ignore[index]


def test_a_region_with_its_countrys_name_is_the_country() -> None:
    choice = read("Cartels in northern Mexico.", "northern Mexico")[0]
    assert where(choice) == ("Mexico", "MX", None)


@pytest.mark.parametrize(
    "words", ["", " ", "A" * 50_000, "A " * 20_000, "ж" * 40, "of of of", "X, Y, Z", "\u202e", "1"]
)
def test_odd_words_do_no_harm(words: str) -> None:
    found = choose([(words, 0, len(words)), ("Aleppo", 0, 6)], words, {"SY": 1})
    assert found[1] is not None
    assert where(found[1])[1] == "SY"  # type: ignore[index]
    assert choose([], "", {}) == []


def test_many_names_are_read_in_bounded_time() -> None:
    names = ["Springfield", "Franklin", "Clinton", "Madison", "Georgetown"] * 60
    text = " ; ".join(names)
    spans = [(m.group(), m.start(), m.end()) for m in re.finditer(r"\w+", text)]
    assert len([c for c in choose(spans, text, {"US": 3}) if c is not None]) == len(names)


def test_weights_are_packaged() -> None:
    weights = Weights.packaged()
    assert weights.first.shape == (len(FEATURES),)
    assert weights.second.shape == (len(FEATURES) - 1 + len(FITS),)
    assert weights.second[-len(FITS)] > 0  # nearness speaks for a place
