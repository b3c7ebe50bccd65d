"""Countries of names and phrases, plain place names, and the location of an event."""

from __future__ import annotations

from collections import Counter

import pytest
from conflictwire.entities import MentionText
from conflictwire.resolve.actors import actors_of_sort, known_actor
from conflictwire.resolve.countries import (
    capital_of,
    country,
    country_of,
    find_countries,
    normalise,
)
from conflictwire.resolve.places import (
    document_countries,
    event_location,
    is_country,
    outside_dateline,
    plain_place,
)


@pytest.mark.parametrize(
    ("phrase", "code"),
    [
        ("Syrian regime", "SY"),
        ("southern Damascus", "SY"),
        ("Syrias Aleppo", "SY"),
        ("Burmese soldiers", "MM"),
        ("U.S. troops", "US"),
        ("US-led coalition", "US"),
        ("Turkey\u2019s Hatay province", "TR"),
        ("South Sudan", "SS"),
        ("Sudanese army", "SD"),
        ("Niger", "NE"),
        ("Niger Delta", "NG"),
        ("Nigerian troops", "NG"),
        ("Congo-Brazzaville", "CG"),
        ("eastern Congo", "CD"),
        ("Equatorial Guinea", "GQ"),
        ("Guinea", "GN"),
        ("Côte d\u2019Ivoire", "CI"),
        ("Cabo Delgado", "MZ"),
        ("CAUCA", "CO"),
        ("Khan Younis", "PS"),
        ("Northern Ireland", "GB"),
        ("North Korean missiles", "KP"),
        ("Texas", "US"),
        ("Marawi City", "PH"),
        ("Central America", None),
        ("armed group", None),
        ("told us", None),
        ("polish the turkey", None),
        ("", None),
    ],
)
def test_country_of(phrase: str, code: str | None) -> None:
    assert country_of(phrase) == code


def test_names_of_persons_are_not_places() -> None:
    assert country_of("Michael Jordan", "PERSON") is None
    assert country_of("King of Jordan", "PERSON") == "JO"
    assert country_of("Paris Dupont", "PERSON") is None
    assert country_of("governor of Homs", "PERSON") == "SY"
    assert country_of("Chadian President Adam Saleh", "PERSON") == "TD"


def test_names_decide_before_demonyms_in_places() -> None:
    assert country_of("Israeli-occupied Golan Heights", "PLACE") == "SY"
    assert country_of("Israeli-occupied Golan Heights", "GOVERNMENT") == "IL"


def test_ambiguous_place_follows_the_document() -> None:
    assert country_of("Tripoli", "PLACE") == "LY"
    assert country_of("Tripoli", "PLACE", {"LB": 6, "LY": 1}) == "LB"
    assert country_of("Hyderabad", "PLACE", Counter({"PK": 3})) == "PK"


def test_hits_slice_to_their_words() -> None:
    text = "border of Lebanon and Syria"
    assert [text[h.start : h.end] for h in find_countries(text)] == ["Lebanon", "Syria"]


def test_country_rows() -> None:
    assert country("SY").adjective == "Syrian"
    assert capital_of("YE") == "Sanaa"
    with pytest.raises(KeyError):
        country("ZZ")


def test_normalise() -> None:
    assert normalise("  Medellín\u2019s  Al-Bab ") == "medellins al bab"


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("southern Damascus", "Damascus"),
        ("town of Kafr Lata", "Kafr Lata"),
        ("rebel-held eastern Aleppo", "Aleppo"),
        ("Syrian capital Damascus", "Damascus"),
        ("Homs city", "Homs"),
        ("Magura District", "Magura"),
        ("outskirts of the city of Ramadi", "Ramadi"),
        ("al-Midan neighbourhood", "al-Midan"),
        ("South Sudan", "South Sudan"),
        ("Eastern Ghouta", "Eastern Ghouta"),
        ("Central America", "Central America"),
        ("the area", None),
        ("city", None),
    ],
)
def test_plain_place(phrase: str, name: str | None) -> None:
    assert plain_place(phrase) == name


def test_is_country() -> None:
    assert is_country("northern Mali")
    assert not is_country("Gao")


def test_location_from_arguments_takes_the_most_specific_place() -> None:
    place = event_location([("northern Mali", "Mali"), ("town of Kidal", None)])
    assert place is not None
    assert (place.country, place.name, place.text) == ("ML", "Kidal", "town of Kidal")


def test_location_of_an_unknown_village_comes_from_the_text() -> None:
    context = document_countries([("Somali army", "MILITARY"), ("Mogadishu", "PLACE")])
    place = event_location([("village of Xaroub", None)], context=context)
    assert place is not None
    assert (place.country, place.name) == ("SO", "Xaroub")


def test_border_lies_in_the_country_of_the_text() -> None:
    place = event_location([("border with Turkey", None)], context={"SY": 9, "TR": 3})
    assert place is not None
    assert place.country == "SY"


def test_fallbacks_in_order() -> None:
    split = {"SY": 4, "LB": 4, "IQ": 4}
    near = event_location([], nearby=["Beirut"], context=split)
    assert near is not None
    assert near.country == "LB"
    actors = event_location([], actors=["gunmen", "Kenyan police"])
    assert actors is not None
    assert (actors.country, actors.name) == ("KE", None)
    assert event_location([]) is None
    assert event_location([], actors=["gunmen"]) is None


def test_an_actors_nationality_comes_before_other_places() -> None:
    text = [("Georgian army", "MILITARY"), ("Geneva", "PLACE")]
    place = event_location(
        [], actors=["Georgian army"], nearby=["Geneva"], context=document_countries(text)
    )
    assert place is not None
    assert place.country == "GE"
    abroad = event_location([], actors=["US troops"], nearby=["Kunduz"], context={"AF": 4, "US": 1})
    assert abroad is not None
    assert abroad.country == "AF"
    far = event_location([], actors=["Georgian guard"], context={"PE": 20, "GE": 2})
    assert far is not None
    assert far.country == "PE"


def test_location_has_the_usual_name() -> None:
    for entity in ("Deir ez-Zor", None):
        place = event_location([("city of Deir Ezzor", entity)])
        assert place is not None
        assert (place.name, place.text) == ("Deir ez-Zor", "city of Deir Ezzor")


def outside(text: str, *places: str) -> list[str]:
    mentions = []
    for words in places:
        start = text.index(words)
        mentions.append(MentionText(words, start, start + len(words), "PLACE"))
    return [m.text for m in outside_dateline(mentions, text)]


def test_datelines() -> None:
    assert outside("OSLO, Norway - Talks in Bamako failed.", "OSLO", "Norway", "Bamako") == [
        "Bamako"
    ]
    assert outside("CAIRO/ROME (Wire) - Talks", "CAIRO", "ROME") == []
    assert outside("ROME, Dec. 5 /WIRE/. Talks", "ROME") == []
    assert outside("SAN JOSE, 4 JAN 90 (RADIO) -- [TEXT] THE", "SAN JOSE") == []


def test_places_that_open_a_text_without_a_dateline() -> None:
    assert outside("Lima, Cusco and Puno are calm.", "Lima", "Cusco") == ["Lima", "Cusco"]
    assert outside("YEMEN: 12 die in raid", "YEMEN") == ["YEMEN"]
    assert outside("Mali - Rebels advance", "Mali") == ["Mali"]
    assert outside("Gao-based rebels left.", "Gao") == ["Gao"]
    assert outside("They met in OSLO The day", "OSLO") == ["OSLO"]


def test_known_actors() -> None:
    daesh = known_actor("Daesh")
    assert daesh is not None
    assert daesh.name == "Islamic State"
    assert known_actor("is") is None
    assert known_actor("National Guard") is None
    guard = known_actor("National Guard", "POLICE", {"SV": 5})
    assert guard is not None
    assert guard.country == "SV"


def test_sorts_of_actors() -> None:
    reuters = known_actor("Reuters")
    assert reuters is not None
    assert reuters.sort == "agency"
    assert {a.sort for a in actors_of_sort("monitor")} == {"monitor"}
    assert known_actor("Civil Defence", context={"SY": 2}) is not None
    assert known_actor("Civil Defence", context={"LB": 2}) is None
