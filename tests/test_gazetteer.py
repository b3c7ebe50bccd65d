"""The gazetteer's index, spellings of names, and the arithmetic behind it."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from math import isnan

import numpy as np
import pytest
from conflictwire.resolve.places.gazetteer import (
    COUNTRY,
    INDEX,
    LEVELS,
    REGION,
    TOWN,
    Gazetteer,
    gazetteer,
)
from conflictwire.resolve.places.keys import bare_key, key, key_words, skeleton
from conflictwire.training.fit.gazetteer import _hull_centre


def named(name: str, code: str, level: int = TOWN) -> list[int]:
    world = gazetteer()
    return [
        m.place
        for m in world.matches(name)
        if world.code(m.place) == code and world.level[m.place] == level
    ]


@pytest.mark.parametrize(
    "spellings",
    [
        ("Deir ez-Zor", "Deir Ez Zor", "deir ezzor", "DEIR EZ-ZOR"),
        ("São Paulo", "Sao Paulo", "SAO PAULO"),
        ("St. Louis", "Saint Louis", "St Louis"),
        ("N’Djamena", "N'Djamena", "NDjamena"),
        ("Łódź", "Lodz"),
    ],
)
def test_spellings_share_a_key(spellings: tuple[str, ...]) -> None:
    assert len({key(name) for name in spellings}) == 1


def test_articles_are_told_from_names() -> None:
    assert bare_key("Ar Raqqah") == bare_key("al-Raqqah") == "raqqah"
    assert bare_key("Alger") == "alger"
    assert key("") == key("?!") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Khan Sheikhoun", "Khān Shaykhūn"),
        ("Qamishli", "Al Qāmishlī"),
        ("Deir al-Zour", "Dayr az Zawr"),
        ("Kharkiv", "Kharkov"),
    ],
)
def test_romanisations_share_a_skeleton(one: str, other: str) -> None:
    assert key(one) != key(other)
    assert skeleton(key_words(one)) == skeleton(key_words(other))


def test_skeletons_of_short_names_are_none() -> None:
    assert skeleton(key_words("Aya")) == ""
    assert skeleton([]) == ""


def test_places_have_names_points_and_units() -> None:
    world = gazetteer()
    assert len(world) > 250_000
    (mosul,) = named("Mosul", "IQ")
    assert (round(float(world.lat[mosul]), 1), round(float(world.lon[mosul]), 1)) == (36.3, 43.1)
    region = world.region_of(mosul)
    assert region is not None
    assert world.name(region) == "Nineveh"
    assert world.level[region] == REGION
    assert world.geonames_id[mosul] == 99072


def test_regions_without_a_unit_of_their_own_are_listed() -> None:
    world = gazetteer()
    for name, code in (("Eastern Ghouta", "SY"), ("Donbas", "UA"), ("Gaza Strip", "PS")):
        assert any(
            world.code(m.place) == code and world.level[m.place] > TOWN for m in world.matches(name)
        )
    (sahel,) = [m.place for m in world.matches("Sahel") if world.level[m.place] > TOWN]
    assert world.code(sahel) is None


def test_every_country_has_a_point() -> None:
    world = gazetteer()
    without = [c for i, c in enumerate(world.codes) if isnan(world.lat[i]) and c not in _EMPTY]
    assert without == []
    assert (world.level[: len(world.codes)] == COUNTRY).all()
    assert world.number["SY"] == world.codes.index("SY")


_EMPTY = {"AN", "AQ", "BV", "CS", "GS", "HM", "IO", "TF", "UM"}  # no town, or no longer a country


def test_articles_and_romanisations_are_matched() -> None:
    world = gazetteer()
    (raqqa,) = named("Raqqa", "SY")
    assert named("al-Raqqa", "SY") == named("Ar-Raqqah", "SY") == [raqqa]
    syria = {world.number["SY"]}
    similar = {world.name(m.place) for m in world.similar("Khan Sheikhoon", syria)}
    assert "Khān Shaykhūn" in similar
    assert world.similar("Khan Sheikhoon", {world.number["PE"]}) == []


@pytest.mark.parametrize("name", ["", "-", "Xqzzyw Vbnmk", "ю" * 10, "a" * 100_000, "دمشق", "\0"])
def test_unknown_names_find_nothing(name: str) -> None:
    world = gazetteer()
    assert [m for m in world.matches(name) if m.likeness == 1.0] == []
    assert world.similar(name, {world.number["SY"]}) == []


def test_distances() -> None:
    world = gazetteer()
    paris, london = named("Paris", "FR")[0], named("London", "GB")[0]
    assert world.km(paris, london) == pytest.approx(344, abs=3)
    assert world.km(paris, paris) == pytest.approx(0, abs=1e-6)
    assert world.km_from(0.0, 180.0, np.array([paris]))[0] < 20_004


def test_centre_of_a_hull() -> None:
    square = [(0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0)]
    assert _hull_centre([*square, (0.1, 0.1), (0.2, 0.1)]) == pytest.approx((1.0, 1.0))
    assert _hull_centre([(1.0, 3.0)]) == (1.0, 3.0)
    assert _hull_centre([(0.0, 0.0), (2.0, 4.0)]) == (1.0, 2.0)


def test_index_is_small() -> None:
    assert INDEX.stat().st_size < 40 * 2**20
    assert len(LEVELS) == 7


def test_threads_share_the_index() -> None:
    barrier = threading.Barrier(4)

    def look(_: int) -> list[int]:
        barrier.wait()
        return [m.place for m in Gazetteer().matches("Tripoli")]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(look, range(4)))
    assert all(result == results[0] and result for result in results)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_shares_the_index() -> None:
    here = gazetteer().find("homs").tolist()
    child = os.fork()
    if child == 0:
        os._exit(0 if gazetteer().find("homs").tolist() == here else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
