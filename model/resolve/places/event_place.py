"""Where an event happened: its country, its place's name, and a point for it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..actors.known import NEWS_SORTS
from ..actors.lists import known_actor
from ..countries.terms import country_of, find_countries
from .choice import Choice, choose
from .dateline import MentionSpan, outside_dateline
from .event_country import POWERS, CountryClues, Pointer, TextCountries
from .gazetteer import COUNTRY, LEVELS, TOWN, gazetteer
from .names import PLACE_WEIGHT
from .phrases import (
    is_border,
    is_country,
    is_cut,
    is_quarter,
    is_settlement,
    plain_place,
    read_place,
)

__all__ = [
    "AT_HOME",
    "EventPlace",
    "EventWords",
    "TextPlaces",
    "document_countries",
    "home_country",
]

# Event types that states do at home.
AT_HOME = frozenset({"legal_action", "arrest", "sanction", "repression", "threat"})
# A place mention says more about where things happen than the nationality of an actor.
_KIND_WEIGHT = {"PLACE": PLACE_WEIGHT, "ORG": 1}
_NEAR_WEIGHT = 4  # of the countries in a sentence, beside those of the whole text
# How coarse a place of each level is; the lowest is the most specific.
_GRAINS = {
    "listed point": 0,
    "town": 1,
    "district": 3,
    "listed area": 3,
    "region": 4,
    "listed region": 4,
    "country": 7,
}
_PART_GRAIN, _BORDER_GRAIN = 5, 6  # "southern Mali" says more than its border
_WELL_KNOWN = 500_000  # people: such a city is meant even if nothing else points to its country
_LARGE_SHARE = 0.25  # of what a text says of countries: enough for a doubtful place


@dataclass(frozen=True, slots=True)
class EventPlace:
    """``country``: ISO alpha-2. ``name``: plain place name. ``text``: the words it came from.

    ``admin1``: the first-level unit. ``lat``, ``lon``: of a point for the place, in degrees;
    ``geonames_id``: of the place that has it. ``precision`` says what the point stands for:
    - point: a town, a village or a spot;
    - area: a district, a valley, a part of a town, or what is near a town;
    - region: a first-level unit (province, state), a part of one, or a region such as the Sahel;
    - country: a country or a part of one.
    """

    country: str | None
    name: str | None = None
    text: str | None = None
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None
    geonames_id: int | None = None
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class EventWords:
    """What an event gives to be located by.

    ``locations``: positions of its location arguments among the text's mentions, each with the
    name of its entity, if it has one; ``origins``, ``destinations``: likewise. ``facilities``,
    ``actors``, ``targets``: words of the buildings and camps where it is or that it hits, of those
    who act, and of those who suffer it. ``at_home``: states do such things at home.
    ``start``: of its first trigger; ``sentence``: the range of that one's sentence.
    """

    locations: Sequence[tuple[int, str | None]] = ()
    origins: Sequence[tuple[int, str | None]] = ()
    destinations: Sequence[tuple[int, str | None]] = ()
    facilities: Sequence[str] = ()
    actors: Sequence[str] = ()
    targets: Sequence[str] = ()
    at_home: bool = False
    start: int = 0
    sentence: tuple[int, int] = (0, 0)


class TextPlaces:
    """The places of one text, read together: which one each name means, and where events are."""

    def __init__(
        self,
        mentions: Sequence[MentionSpan],
        text: str,
        *,
        place_kinds: Container[str] = frozenset({"PLACE"}),
        publisher: str | None = None,
        entities: Iterable[Sequence[int]] = (),
    ) -> None:
        """``entities``: positions of the mentions of each place that has a name."""
        self._mentions, self._place_kinds = mentions, place_kinds
        self._same = {i: members for members in entities for i in members}
        body = outside_dateline(mentions, text)
        inside = {id(m) for m in body}
        self._filed = {i for i, m in enumerate(mentions) if id(m) not in inside}
        at = [i for i, m in enumerate(mentions) if m.kind in place_kinds]
        home = country_of(publisher, "ORG") if publisher else None
        self._context = document_countries((m.text, m.kind) for m in body)
        spans = [(mentions[i].text, mentions[i].start, mentions[i].end) for i in at]
        chosen = choose(spans, text, self._context + Counter([home] if home else []))
        said = _said_of(body)
        self._choices: dict[int, Choice] = {}
        for i, choice in zip(at, chosen, strict=True):
            if choice is not None and not self._believed(choice, said, home):
                choice = _table_reading(choice)
            if choice is not None:
                self._choices[i] = choice
        order = self._order = sorted(range(len(mentions)), key=lambda i: mentions[i].start)
        self._starts = [mentions[i].start for i in order]
        codes = {i: self._codes(i) for i in order}
        pointers = [
            Pointer(mentions[i].start, mentions[i].end, code, mentions[i].kind in place_kinds)
            for i in order
            if i not in self._filed
            for code in codes[i]
        ]
        filed = [codes[i][0] for i in order if i in self._filed and codes[i]]
        self.countries = TextCountries(self._context, pointers, filed=filed[0] if filed else None)

    def _believed(
        self, choice: Choice, said: Mapping[str, Iterable[str]], home: str | None
    ) -> bool:
        """Whether a small place may be meant: not one in a country that nothing else points to.

        Most villages of the world are in no gazetteer, and many have a namesake that is. The table
        of countries has the names that news of a country are full of: these need nothing else.
        """
        world = gazetteer()
        code = world.code(choice.place)
        if not said or code is None or code == home or choice.inside:
            return True
        if world.level[choice.place] == COUNTRY or world.population[choice.place] >= _WELL_KNOWN:
            return True
        if choice.doubtful and self._context[code] < _LARGE_SHARE * self._context.total():
            return False
        name = choice.phrase.name
        return code in _codes_in_table(name) or any(name not in p for p in said.get(code, ()))

    def _codes(self, mention: int) -> list[str]:
        """Countries that a mention points to: one, both sides of a border, or none."""
        m = self._mentions[mention]
        choice = self._choices.get(self._meant(mention))
        code = gazetteer().code(choice.place) if choice is not None else None
        if code is not None:
            return [code]
        if _EMBASSY.search(m.text):
            return []
        if m.kind in self._place_kinds and is_border(m.text):
            return list(dict.fromkeys(hit.codes[0] for hit in find_countries(m.text, m.kind)))
        if m.kind == "ORG" and _is_news(m.text):
            return []
        code = country_of(m.text, m.kind, self._context) or _home_of(m.text, m.kind)
        return [code] if code is not None else []

    def country_of(self, mentions: Iterable[int]) -> str | None:
        """Where the place with these mentions lies: as most of those say that tell what it lies
        in, else as most of all that are known; None if none is."""
        world = gazetteer()
        known = [self._choices[i] for i in mentions if i in self._choices]
        told = [choice for choice in known if choice.inside] or known
        counts = Counter(code for choice in told if (code := world.code(choice.place)))
        return counts.most_common(1)[0][0] if counts else None

    def clues(self, event: EventWords) -> CountryClues:
        """What speaks for the country of an event."""
        locations = self._complete(event.locations)
        first = self._most_specific(locations)
        order = sorted(range(len(locations)), key=lambda i: i != first)
        return CountryClues(
            places=[c for i in order for c in self._place_codes(*locations[i])],
            origins=[c for at in self._complete(event.origins) for c in self._place_codes(*at)],
            destinations=[
                c for at in self._complete(event.destinations) for c in self._place_codes(*at)
            ],
            facilities=_codes_of(event.facilities),
            actors=_codes_of(event.actors),
            targets=_codes_of(event.targets),
            at_home=event.at_home,
            start=event.start,
            sentence=event.sentence,
        )

    def _place_codes(self, mention: int, entity: str | None) -> list[str]:
        if is_border(self._mentions[mention].text):
            return []  # it lies in the country that the text is about
        found = self._codes(mention)
        code = None if found else country_of(entity or "", "PLACE", self._context)
        return found or ([code] if code is not None else [])

    def _complete(self, places: Sequence[tuple[int, str | None]]) -> list[tuple[int, str | None]]:
        """Places, each "town of" replaced by the name behind it, or left out if none is."""
        found: list[tuple[int, str | None]] = []
        for at in places:
            m = self._mentions[at[0]]
            if not is_cut(m.text):
                found.append(at)
                continue
            near = self._order[
                bisect_left(self._starts, m.end) : bisect_right(self._starts, m.end + 1)
            ]
            found += [(i, None) for i in near if self._mentions[i].kind in self._place_kinds][:1]
        return list(dict.fromkeys(found))

    def _told(self, places: list[tuple[int, str | None]]) -> list[tuple[int, str | None]]:
        """Without places that stand in the dateline alone, where the report itself names others:
        it was filed there."""
        told = [
            (mention, entity)
            for mention, entity in places
            if not self._filed.issuperset({mention, *self._same.get(mention, ())})
        ]
        elsewhere = any(not is_country(entity or self._mentions[i].text) for i, entity in told)
        return told if elsewhere else places

    def locate(self, event: EventWords) -> EventPlace | None:
        """Country, place and point of an event; None if nothing points anywhere."""
        country = self.countries.country_of(self.clues(event))
        named = self._told(self._complete([*event.locations, *event.origins, *event.destinations]))
        at = self._most_specific(named)
        if at is None:
            return EventPlace(country) if country is not None else None
        mention, entity = named[at]
        words = self._mentions[mention].text
        meant = self._meant(mention)
        choice = self._choices.get(meant)
        name = entity or _place_name(self._mentions[meant].text)
        if is_country(name or words) and country_of(name or words, "PLACE") != country:
            return EventPlace(country) if country is not None else None  # "fled to Jordan"
        choice = _within(choice, country) if choice is not None else None
        if choice is None or choice.doubtful:
            return EventPlace(country, name, words)
        if meant != mention and not is_settlement(words):
            choice = replace(choice, phrase=replace(choice.phrase, about=True))
        return _with_point(country, name, words, choice)

    def _most_specific(self, places: Sequence[tuple[int, str | None]]) -> int | None:
        """Position of the named place that says most; the first of several that say as much."""
        grains = [
            (self._grain(mention, entity), i)
            for i, (mention, entity) in enumerate(places)
            if entity or plain_place(self._mentions[self._meant(mention)].text)
        ]
        return min(grains)[1] if grains else None

    def _grain(self, mention: int, entity: str | None) -> int:
        """How coarse a place is: quarters, towns, names without a point, districts, and so on."""
        words = self._mentions[mention].text
        if is_border(words):
            return _BORDER_GRAIN
        if is_country(entity or words):
            part = (phrase := read_place(words)) is not None and phrase.part
            return _PART_GRAIN if part else _GRAINS["country"]
        meant = self._meant(mention)
        choice = self._choices.get(meant)
        if choice is None or choice.doubtful:
            return 1 if is_settlement(words) else 2
        if meant != mention:
            return 2
        if choice.contained or is_quarter(words):
            return 0
        return _GRAINS[LEVELS[gazetteer().level[choice.place]]]

    def _meant(self, mention: int) -> int:
        """The mention that says which place is meant: one of the same entity, or the last town
        before "the city"."""
        if mention in self._choices and not self._choices[mention].doubtful:
            return mention
        if mention in self._same:
            known = [i for i in self._same[mention] if i in self._choices]
            town = is_settlement(self._mentions[mention].text)
            known.sort(key=lambda i: (self._choices[i].doubtful, town and not self._is_town(i)))
            return known[0] if known else mention
        m = self._mentions[mention]
        if m.kind not in self._place_kinds or not is_settlement(m.text):
            return mention
        if plain_place(m.text) is not None or is_cut(m.text):
            return mention
        starts, towns = self._towns
        at = bisect_left(starts, m.start)
        return towns[at - 1] if at else mention

    @cached_property
    def _towns(self) -> tuple[list[int], list[int]]:
        """Where towns are named, and the mentions that name them."""
        towns = [i for i in self._order if self._is_town(i)]
        return [self._mentions[i].start for i in towns], towns

    def _is_town(self, mention: int) -> bool:
        choice = self._choices.get(mention)
        if choice is None or choice.contained or choice.doubtful:
            return False
        return bool(gazetteer().level[choice.place] == TOWN)


# It stands in another country than the one that its name tells.
_EMBASSY = re.compile(r"\b(?:embass(?:y|ies)|consulates?|high commission)\b", re.IGNORECASE)


def _codes_of(phrases: Sequence[str]) -> list[str]:
    phrases = [words for words in phrases if not _EMBASSY.search(words)]
    return [code for words in phrases if (code := country_of(words) or _home_of(words))]


def _home_of(words: str, kind: str | None = None) -> str | None:
    """Home country of a known actor that is no media outlet or body of several states."""
    if kind in {"PLACE", "ORG", "INTERNATIONAL", "TIME", "WEAPON"}:
        return None
    actor = known_actor(words)
    return actor.country if actor is not None else None


def _place_name(text: str) -> str | None:
    """Plain name of a place in its usual spelling: "Deir Ezzor city" -> "Deir ez-Zor"."""
    plain = plain_place(text)
    known = known_actor(text, "PLACE") or known_actor(plain or "", "PLACE")
    return known.name if known is not None and known.kind == "PLACE" else plain


def _said_of(mentions: Iterable[MentionSpan]) -> dict[str, set[str]]:
    """Country -> the phrases that point to it."""
    said: dict[str, set[str]] = {}
    for m in mentions:
        for code in document_countries([(m.text, m.kind)]):
            said.setdefault(code, set()).add(m.text)
    return said


def _codes_in_table(name: str) -> tuple[str, ...]:
    """The countries that have a place of this name by the table of countries."""
    hits = find_countries(name, "PLACE")
    return next((hit.codes for hit in hits if hit.end - hit.start == len(name)), ())


def _table_reading(choice: Choice) -> Choice | None:
    """The likeliest reading of a name in the country that the table of countries has for it."""
    codes = _codes_in_table(choice.phrase.name)
    return _within(replace(choice, doubtful=False), codes[0]) if codes else None


def _within(choice: Choice, country: str | None) -> Choice | None:
    """The likeliest reading of a name that lies in this country; None if there is none."""
    world = gazetteer()
    for place in (choice.place, *choice.others):
        if world.code(place) in (country, None):
            return replace(choice, place=place)
    return None


def _with_point(country: str | None, name: str | None, words: str, choice: Choice) -> EventPlace:
    world, place = gazetteer(), choice.place
    region = world.region_of(place)
    lat, lon = float(world.lat[place]), float(world.lon[place])
    own = world.geonames_id[place] and not choice.contained
    return EventPlace(
        country=country,
        name=name,
        text=words,
        admin1=world.name(region) if region is not None else None,
        lat=round(lat, 5),
        lon=round(lon, 5),
        geonames_id=int(world.geonames_id[place]) if own else None,
        precision=_precision(int(world.level[place]), choice),
    )


def _precision(level: int, choice: Choice) -> str:
    named = LEVELS[level]
    if level == COUNTRY:
        return "country"
    if named.endswith("region"):
        return "region"
    spread = choice.contained or choice.phrase.about or choice.phrase.part
    return "area" if spread or named in ("district", "listed area") else "point"


def document_countries(mentions: Iterable[tuple[str, str]]) -> Counter[str]:
    """Weighted count of the countries that mentions (text, kind) of one text point to.

    Give the mentions ``outside_dateline``. News media are quoted from anywhere: they do not count.
    """
    counts: Counter[str] = Counter()
    for text, kind in mentions:
        if kind in {"TIME", "WEAPON"} or (kind == "ORG" and _is_news(text)):
            continue
        if _EMBASSY.search(text):
            continue
        hits = find_countries(text, kind)
        for hit in hits:
            weight = _KIND_WEIGHT.get(kind, 2)
            if hit.codes[0] in POWERS and kind != "PLACE":
                weight = 1
            counts[hit.codes[0]] += weight
        actor = None if hits or kind == "PLACE" else known_actor(text)
        if actor is not None and actor.country is not None and kind not in {"ORG", "INTERNATIONAL"}:
            counts[actor.country] += 2
    return counts


def home_country(context: Mapping[str, int], nearby: Mapping[str, int]) -> str | None:
    """The country that a text (``context``), at a sentence of it (``nearby``), is about.

    None where two are equally at issue: then no one knows whose "the army" is.
    """
    weights = Counter({code: n + _NEAR_WEIGHT * nearby.get(code, 0) for code, n in context.items()})
    first, second = (*weights.most_common(2), None, None)[:2]
    if first is None or (second is not None and first[1] == second[1]):
        return None
    return first[0]


_NEWS_NAME = re.compile(
    r"\b(?:agency|press|times|post|tribune|herald|gazette|newspaper|daily|news|tv|television"
    r"|radio|journal|broadcaster|media)\b",
    re.IGNORECASE,
)


def _is_news(text: str) -> bool:
    actor = known_actor(text)
    return actor.sort in NEWS_SORTS if actor is not None else _NEWS_NAME.search(text) is not None
