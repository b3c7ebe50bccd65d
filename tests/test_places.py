"""Countries of names and phrases, plain place names, and the location of an event."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

import pytest
from conflictwire.entities import MentionText, cluster
from conflictwire.resolve.actors.lists import actors_of_sort, known_actor
from conflictwire.resolve.countries.terms import (
    capital_of,
    country,
    country_of,
    find_countries,
    normalise,
)
from conflictwire.resolve.places.dateline import outside_dateline
from conflictwire.resolve.places.event_place import (
    EventPlace,
    EventWords,
    TextPlaces,
    document_countries,
    home_country,
)
from conflictwire.resolve.places.phrases import is_country, plain_place


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
    assert country_of("Paris al-Khatib", "PERSON") is None
    assert country_of("Jordan and his brother", "PERSON") is None
    assert country_of("Paris police chief Anne Dupont", "PERSON") == "FR"
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
        ("Orlu LGA", "Orlu"),
        ("Konduga Local Government Area", "Konduga"),
        ("Teknaf upazila", "Teknaf"),
        ("outskirts of the city of Ramadi", "Ramadi"),
        ("al-Midan neighbourhood", "al-Midan"),
        ("South Sudan", "South Sudan"),
        ("Eastern Ghouta", "Eastern Ghouta"),
        ("Central America", "Central America"),
        ("the area", None),
        ("city", None),
        ("DISTRICT CAPITAL", None),
        ("northern Syrias Aleppo province", "Aleppo"),
        ("resort of", None),
        ("Georgia's capital Tbilisi", "Tbilisi"),
        ("Burkina Faso\u2019s northern town of Djibo", "Djibo"),
        ("Cox's Bazar", "Cox's Bazar"),
    ],
)
def test_plain_place(phrase: str, name: str | None) -> None:
    assert plain_place(phrase) == name


def test_is_country() -> None:
    assert is_country("northern Mali")
    assert not is_country("Gao")


MENTION = re.compile(r"\[([^|\]]*)\|(\w+)\]")


def read(marked: str, **options: Any) -> TextPlaces:
    """The places of a text with marked mentions: "[Iraqi army|MILITARY] left [Homs|PLACE]"."""
    mentions, text, end = [], "", 0
    for m in MENTION.finditer(marked):
        text += marked[end : m.start()] + m[1]
        mentions.append(MentionText(m[1], len(text) - len(m[1]), len(text), m[2]))
        end = m.end()
    return TextPlaces(mentions, text + marked[end:], **options)


def locate(marked: str, *locations: int | tuple[int, str], **words: Any) -> EventPlace:
    """Place of an event at these mentions; its trigger is the first word."""
    at = [(n, None) if isinstance(n, int) else n for n in locations]
    words = {"sentence": (0, len(marked)), **words}
    found = read(marked).locate(EventWords(locations=at, **words))
    assert found is not None
    return found


def test_location_is_the_most_specific_place() -> None:
    place = locate("Fighting in [northern Mali|PLACE], in [town of Kidal|PLACE].", 0, 1)
    assert (place.country, place.name, place.text) == ("ML", "Kidal", "town of Kidal")
    assert place.precision == "point"
    assert (place.lat, place.lon) == (pytest.approx(18.4, abs=0.2), pytest.approx(1.4, abs=0.2))
    assert place.admin1 == "Kidal"
    assert place.geonames_id


def test_where_a_report_was_filed_is_not_where_it_happened() -> None:
    text = "[KABUL|PLACE] (Wire) - A raid hit [Xaroub village|PLACE] in [Kunduz Province|PLACE]."
    assert locate(text, 0, 1, 2).name == "Xaroub"
    text = "[KABUL|PLACE] (Wire) - A raid hit [Afghanistan|PLACE]."
    assert locate(text, 0, 1).name == "KABUL"
    text = (
        "[KABUL|PLACE] (Wire) - A raid in [Kabul|PLACE] killed a man from [Kunduz Province|PLACE]."
    )
    same = read(text, entities=[(0, 1)])
    place = same.locate(EventWords(locations=[(0, "Kabul"), (2, None)], sentence=(0, len(text))))
    assert place is not None
    assert place.name == "Kabul"


def test_a_country_that_an_event_is_not_in_does_not_name_its_place() -> None:
    found = read("The [Burmese army|MILITARY] drove families to [Bangladesh|PLACE].").locate(
        EventWords(destinations=[(1, None)], actors=["Burmese army"], sentence=(0, 50))
    )
    assert found is not None
    assert (found.country, found.name) in {("MM", None), ("BD", "Bangladesh")}


@pytest.mark.parametrize("kind", ["FACILITY", "GOVERNMENT"])
def test_an_embassy_is_in_another_country(kind: str) -> None:
    text = f"[KABUL|PLACE] (Wire) - A blast hit the [Indian Embassy|{kind}], police said."
    found = read(text).locate(
        EventWords(facilities=["Indian Embassy"], targets=["Indian Embassy"], sentence=(0, 80))
    )
    assert found is not None
    assert found.country == "AF"


@pytest.mark.parametrize(
    ("words", "precision"),
    [
        ("Kunduz", "point"),
        ("outskirts of Kunduz", "area"),
        ("eastern Kunduz", "area"),
        ("Kunduz Province", "region"),
        ("Afghanistan", "country"),
        ("southern Afghanistan", "country"),
    ],
)
def test_precision(words: str, precision: str) -> None:
    place = locate(f"Raid in [{words}|PLACE] by the [Afghan army|MILITARY].", 0)
    assert (place.country, place.precision) == ("AF", precision)
    assert place.lat is not None


def test_regions_of_several_countries_have_a_point_and_no_country() -> None:
    place = locate("Drought in the [Horn of Africa|PLACE].", 0)
    assert (place.country, place.name, place.precision) == (None, "Horn of Africa", "region")
    assert place.geonames_id is None


def test_location_of_an_unknown_village_comes_from_the_text() -> None:
    place = locate("Raid on [village of Xaroub|PLACE] by [Somali army|MILITARY].", 0)
    assert (place.country, place.name, place.text) == ("SO", "Xaroub", "village of Xaroub")
    assert (place.lat, place.lon, place.geonames_id, place.precision) == (None,) * 4


def test_an_unknown_village_leaves_other_events_alone() -> None:
    text = "Raid on [Xaroub|PLACE]. Shells hit [Mogadishu|PLACE], the [Somali army|MILITARY] said."
    places = read(text)
    lost = places.locate(EventWords(locations=[(0, None)]))
    found = places.locate(EventWords(locations=[(1, None)]))
    assert lost is not None
    assert found is not None
    assert (lost.lat, found.precision) == (None, "point")


def test_an_unknown_village_in_a_known_province_has_its_point() -> None:
    place = locate("Raid on [Xaroub|PLACE] in [Bay province|PLACE], [Somalia|PLACE].", 0)
    assert (place.country, place.name, place.admin1) == ("SO", "Xaroub", "Bay")
    assert (place.precision, place.geonames_id) == ("region", None)
    assert place.lat == pytest.approx(2.7, abs=0.8)


@pytest.mark.parametrize(
    ("town", "country", "lat", "lon"),
    [
        ("Goma", "CD", -1.7, 29.2),
        ("Idlib", "SY", 35.9, 36.6),
        ("Jenin", "PS", 32.5, 35.3),
        ("Gaza City", "PS", 31.5, 34.5),
        ("Mariupol", "UA", 47.1, 37.5),
        ("El Fasher", "SD", 13.6, 25.3),
        ("Timbuktu", "ML", 16.8, -3.0),
        ("Juba", "SS", 4.9, 31.6),
        ("Helmand", "AF", 31.5, 64.1),
        ("Rakhine state", "MM", 19.8, 93.9),
        ("Beni", "CD", 0.5, 29.5),
    ],
)
def test_a_well_known_place_needs_nothing_else(
    town: str, country: str, lat: float, lon: float
) -> None:
    place = locate(f"Rebels shelled [{town}|PLACE] at dawn and killed [soldiers|MILITARY].", 0)
    assert (place.country, place.lat, place.lon) == (
        country,
        pytest.approx(lat, abs=0.3),
        pytest.approx(lon, abs=0.3),
    )


@pytest.mark.parametrize(
    "rest", ["in eastern [Congo|PLACE]", "near the [Congolese army|MILITARY]", ""]
)
def test_the_text_decides_before_the_table_of_countries(rest: str) -> None:
    place = locate(f"[M23 rebels|ARMED_GROUP] shelled [Beni|PLACE] {rest}.", 1)
    assert (place.country, place.admin1) == ("CD", "Nord-Kivu")


def test_a_namesake_abroad_is_not_taken_for_an_unknown_village() -> None:
    place = locate("[Colombian police|POLICE] raided [Ville-Marie|PLACE] on Monday.", 0)
    assert (place.country, place.lat) == ("CO", None)


def test_a_border_lies_in_the_country_of_the_text() -> None:
    text = (
        "Clashes at the [border with Turkey|PLACE]. [Syrian army|MILITARY] and [Syrian rebels|"
        "ARMED_GROUP] fought near [Idlib|PLACE] and [Aleppo|PLACE] in [Syria|PLACE]."
    )
    place = locate(text, 0, sentence=(0, 40))
    assert (place.country, place.lat) == ("SY", None)


def test_a_part_of_a_country_says_more_than_a_border() -> None:
    text = (
        "Strikes hit the [Lebanon-Syria border|PLACE], [southern Lebanon|PLACE] and [Syria|PLACE]."
    )
    place = locate(text, 0, 1)
    assert (place.text, place.precision) == ("southern Lebanon", "region")
    assert place.lat is not None
    assert locate(text, 0, 2).text == "Lebanon-Syria border"


def test_a_mention_that_lost_its_name_gives_way_to_the_one_behind_it() -> None:
    text = "They shelled the [town of|PLACE] [Vovchansk|PLACE], a town in [Ukraine|PLACE]."
    place = locate(text, (0, "Ukraine"))
    assert (place.country, place.name, place.precision) == ("UA", "Vovchansk", "point")
    lost = locate("They shelled the [town of|PLACE] X in [Ukraine|PLACE].", (0, "Ukraine"))
    assert lost == EventPlace("UA")


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Police shot at cars in [Georgia, USA|PLACE].", "US"),
        ("A storm hit [Paris, Texas|PLACE].", "US"),
        ("Gunmen burnt [Kaya, Zamfara State|PLACE].", "NG"),
        ("Gunmen burnt [Kaya|PLACE], [Zamfara State|PLACE].", "NG"),
        ("A storm hit [Paris|PLACE].", "FR"),
        ("They fled to [Xaroub|PLACE].", None),
    ],
)
def test_a_place_lies_in_the_country_of_what_holds_it(text: str, country: str | None) -> None:
    assert read(text).country_of([0]) == country


def test_a_state_with_the_name_of_a_country() -> None:
    text = "Police shot at cars in Atlanta, Georgia. The United States and Alabama mourn."
    names = ("Atlanta", "Georgia", "United States", "Alabama")
    spans = [(name, text.index(name)) for name in names]
    mentions = [MentionText(name, at, at + len(name), "PLACE") for name, at in spans]
    assert [c.name for c in cluster(mentions, text=text)] == list(names)
    assert TextPlaces(mentions, text).country_of([1]) == "US"


def test_a_country_without_a_place() -> None:
    place = locate("[gunmen|ARMED_GROUP] fought [Kenyan police|POLICE].", targets=["Kenyan police"])
    assert place == EventPlace("KE")
    assert read("[gunmen|ARMED_GROUP] fled.").locate(EventWords(actors=["gunmen"])) is None
    assert read("").locate(EventWords()) is None


def test_powers_abroad_do_not_say_where() -> None:
    text = (
        "[US troops|MILITARY] fought in [Kunduz|PLACE]. [US|GOVERNMENT] aid to [Kabul|PLACE] fell."
    )
    assert locate(text, actors=["US troops"]).country == "AF"


def test_people_with_the_name_of_a_country() -> None:
    text = "Fire in [Lima|PLACE], said [Michael Jordan|PERSON] and [Chad Wolf|PERSON]."
    assert locate(text, 0).country == "PE"
    assert locate(text).country == "PE"


def test_the_city_is_the_last_town() -> None:
    text = "[Aleppo province|PLACE] and [Homs|PLACE] are calm. Shells hit the [city|PLACE]."
    place = locate(text, 2)
    assert (place.name, place.precision) == ("Homs", "point")


def test_mentions_of_one_entity_share_a_point() -> None:
    text = (
        "The [Daraya stronghold|PLACE] fell: [Daraya|PLACE] near [Damascus|PLACE], [Syria|PLACE]."
    )
    places = read(text, entities=[(0, 1)])
    found = places.locate(EventWords(locations=[(0, "Daraya")]))
    assert found is not None
    assert found.name == "Daraya"
    assert found.lat == pytest.approx(33.46, abs=0.05)


def test_the_publisher_breaks_a_tie() -> None:
    text = "Two held in [Hyderabad|PLACE]."
    for publisher, code in (("Pakistan Observer", "PK"), ("Times of India", "IN")):
        found = read(text, publisher=publisher).locate(EventWords(locations=[(0, None)]))
        assert found is not None
        assert found.country == code


def test_location_has_the_usual_name() -> None:
    for entity in ("Deir ez-Zor", None):
        place = locate("Raid in [city of Deir Ezzor|PLACE].", (0, entity))  # type: ignore[arg-type]
        assert (place.name, place.text) == ("Deir ez-Zor", "city of Deir Ezzor")


def test_home_country() -> None:
    context = document_countries([("Syrian army", "MILITARY"), ("Beirut", "PLACE")])
    assert context == {"SY": 2, "LB": 4}
    assert home_country(context, {}) == "LB"
    assert home_country(context, {"SY": 2}) == "SY"
    assert home_country({"SY": 1, "LB": 1}, {}) is None


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


@pytest.mark.parametrize("words", [" (ABC)", " , (ABC)", " Monday", " May 5", " /Abc/", ", Abc"])
def test_a_row_of_what_a_dateline_has_is_read_at_once(words: str) -> None:
    """Brackets in a row once had two readings each, tried in all combinations."""
    from conflictwire.entities import MentionText
    from conflictwire.resolve.places import outside_dateline

    text = "BESRA" + words * 200 + " x"
    start = time.perf_counter()
    outside_dateline([MentionText("BESRA", 0, 5, "PLACE")], text)
    assert time.perf_counter() - start < 1
