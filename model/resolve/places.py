"""Where an event happened: country and plain place name, from its arguments and its document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .actors import known_actor
from .countries import DEMONYM, NAME, REGIONS, country_of, find_countries

__all__ = ["EventPlace", "document_countries", "event_location", "is_country", "plain_place"]


@dataclass(frozen=True, slots=True)
class EventPlace:
    """``country``: ISO alpha-2; ``name``: plain place name; ``text``: the words it came from."""

    country: str | None
    name: str | None
    text: str | None


_DIRECTION = (
    r"(?:(?:far|further|deep)\s+)?(?:north|south|east|west|centr)(?:ern|al)?"
    r"(?:[\s-]?(?:east|west|north|south)(?:ern)?)?|central|upper|lower|inner|outer|rural|coastal"
)
_HELD = (
    r"[\w.'\u2019]+-(?:held|controlled|occupied|besieged|ruled|dominated|backed|majority|led|run)"
)
_STATE = (
    r"besieged|embattled|neighbou?ring|nearby|occupied|war-torn|disputed|restive|volatile|key"
    r"|strategic|ancient|battleground|downtown|historic|mainly|oil-rich|liberated|newly|former"
)
_LEAD = re.compile(rf"^(?:the|{_DIRECTION}|{_HELD}|{_STATE})\s+(?=\S)", re.IGNORECASE)
_CLASS = (
    r"city|cities|town|township|village|district|province|governorate|state|department|region|area"
    r"|capital|suburbs?|outskirts|edges?|neighbou?rhoods?|quarter|enclave|countryside|parts?|port"
    r"|centre|center|municipality|county|hamlet|island|stronghold|locality|sector|zone|camp"
    r"|prefecture|peninsula|environs|vicinity|side|north|south|east|west|northeast|northwest"
    r"|north-?east|north-?west|south-?east|south-?west|commune|canton|agency|division|mountains?"
)
_COMMON = re.compile(
    r"^(?:(?:[a-z][\w-]*|[A-Z][a-z]+(?:an|ish|ese|i))\s+)*"
    r"(?:capital|city|town|village|enclave|stronghold|region|province|district"
    r"|territory|hinterland|port|neighbou?rhood|suburb)\s+(?=(?:al-|el-)?[A-Z])"
)
# Common words before the name: "barren slopes of Mount Sinjar".
_LOWER = re.compile(r"^(?:(?!al-|el-)[a-z][\w'\u2019-]*\s+)+(?=(?:al-|el-)?[A-Z])")
_CLASS_OF = re.compile(
    rf"^(?:[\w\u2019'-]+\s+){{0,4}}?(?:{_CLASS})\s+(?:of|in|around)\s+(?:the\s+)?(?=\S)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s+(?:city|(?-i:town)|village|district|province|suburbs?|outskirts|area|region|countryside"
    r"|neighbou?rhoods?|department|state|municipality|sector|centre|center|locality|enclave|proper"
    r"|township|county|tehsil|block|edges|surroundings|hinterland))+$",
    re.IGNORECASE,
)
_POSSESSOR = re.compile(r"^[A-Z][\w-]+(?:'s|\u2019s)\s+(?=[A-Z])")
_GENERIC = re.compile(
    rf"^(?:{_CLASS}|border|borders|country|nation|territory|region|place|site|scene"
    r"|ground|field|home|streets?|areas|towns|villages|districts)s?$",
    re.IGNORECASE,
)
_BORDER = re.compile(r"\b(?:border|borders|frontier|borderlands?)\b", re.IGNORECASE)
# A place mention says more about where things happen than the nationality of an actor.
_KIND_WEIGHT = {"PLACE": 4, "ORG": 1}
# Powers that act or are quoted far from home.
_POWERS = frozenset({"US", "GB", "RU", "FR"})


def plain_place(text: str) -> str | None:
    """The bare name in a place phrase: "southern town of Kafr X" -> "Kafr X".

    A phrase without a name ("the area") gives None.
    """
    name = " ".join(text.split())
    for _ in range(4):
        before = name
        if _is_term(name):
            break
        name = _LOWER.sub("", _lost_possessive(_COMMON.sub("", name)))
        name = _POSSESSOR.sub("", _CLASS_OF.sub("", _LEAD.sub("", name)))
        if name == before:
            break
    stripped = name if _is_term(name) else _TAIL.sub("", name)
    name = stripped if stripped and not _BORDER.search(name) else name
    if not name or _GENERIC.match(name) or not any(map(_is_capital, name.split())):
        return None
    return name


def _lost_possessive(name: str) -> str:
    """Texts that lost their apostrophes: "Syrias Idlib" and "Idlibs" -> "Idlib"."""
    first, _, rest = name.partition(" ")
    if not first.endswith("s") or not first[:1].isupper() or _is_term(first):
        return name
    if _is_term(first[:-1]):
        return rest if rest[:1].isupper() else first[:-1] if not rest else name
    return name


def _is_capital(word: str) -> bool:
    return word[:1].isupper() or (word[:3] in {"al-", "el-"} and word[3:4].isupper())


def _is_term(name: str) -> bool:
    """Whether the whole phrase is one known name: "South Sudan", "Eastern Ghouta"."""
    if name.lower() in REGIONS:
        return True
    hits = find_countries(name, "PLACE")
    return (
        len(hits) == 1
        and hits[0].sort != DEMONYM
        and (hits[0].start, hits[0].end) == (0, len(name))
    )


def is_country(text: str) -> bool:
    """Whether the phrase is a country as a whole ("Syria", "northern Syria"), not a part of one."""
    name = plain_place(text) or text
    hits = find_countries(name, "PLACE")
    return len(hits) == 1 and hits[0].sort == NAME and hits[0].end - hits[0].start >= len(name) - 2


def document_countries(mentions: Iterable[tuple[str, str]]) -> Counter[str]:
    """Weighted count of the countries that mentions (text, kind) of one text point to."""
    counts: Counter[str] = Counter()
    for text, kind in mentions:
        if kind in {"TIME", "WEAPON"}:
            continue
        hits = find_countries(text, kind)
        for hit in hits:
            weight = _KIND_WEIGHT.get(kind, 2)
            if hit.codes[0] in _POWERS and kind != "PLACE":
                weight = 1
            counts[hit.codes[0]] += weight
        actor = None if hits or kind == "PLACE" else known_actor(text)
        if actor is not None and actor.country is not None and kind not in {"ORG", "INTERNATIONAL"}:
            counts[actor.country] += 2
    return counts


def event_location(
    place_args: Sequence[tuple[str, str | None]],
    *,
    actors: Sequence[str] = (),
    nearby: Sequence[str] = (),
    context: Mapping[str, int] | None = None,
    publisher: str | None = None,
) -> EventPlace | None:
    """Country and place of one event; None if nothing points anywhere.

    ``place_args``: (text, entity name or None) of the event's location arguments, those of role
    location first, else origin and destination. ``nearby``: other place mentions, nearest to
    the trigger first. ``context``: ``document_countries`` of the text. ``actors``: texts of the
    event's actors and targets. ``publisher`` counts only where the text itself names no country.
    """
    context = context or {}
    dominant = max(context, key=lambda code: context[code]) if context else None
    chosen = _most_specific(place_args)
    code = _country_of_args(place_args, chosen, context, dominant)
    if code is None:
        code = _fallback_country(actors, nearby, context, dominant)
    if code is None and publisher:
        code = country_of(publisher, "ORG")
    if chosen is not None:
        text, entity = place_args[chosen]
        return EventPlace(code, entity or plain_place(text), text)
    if code is None:
        return None
    return EventPlace(code, None, None)


def _most_specific(place_args: Sequence[tuple[str, str | None]]) -> int | None:
    """Index of the first named place that is not a whole country, else of a country, else None."""
    named = [i for i, (text, entity) in enumerate(place_args) if entity or plain_place(text)]
    for i in named:
        if not is_country(place_args[i][1] or place_args[i][0]):
            return i
    return named[0] if named else None


def _country_of_args(
    place_args: Sequence[tuple[str, str | None]],
    chosen: int | None,
    context: Mapping[str, int],
    dominant: str | None,
) -> str | None:
    codes: list[str] = []
    order = sorted(range(len(place_args)), key=lambda i: i != chosen)
    for i in order:
        text, entity = place_args[i]
        if _BORDER.search(text) and dominant is not None:
            # "border with Turkey", "Turkish border" lie in the country that the text is about.
            codes.append(dominant)
            continue
        # The phrase may name the country that the place lies in; else the entity's name decides.
        code = country_of(text, "PLACE", context) or country_of(entity or "", "PLACE", context)
        if code is not None:
            codes.append(code)
    # Arguments of one event that disagree are mostly one place name with a namesake abroad.
    return max(codes, key=lambda code: context.get(code, 0)) if codes else None


def _fallback_country(
    actors: Sequence[str],
    nearby: Sequence[str],
    context: Mapping[str, int],
    dominant: str | None,
) -> str | None:
    total = sum(context.values())
    if dominant is not None and context[dominant] * 2 >= total:
        return dominant
    for text in nearby:
        if not _BORDER.search(text):
            code = country_of(text, "PLACE", context)
            if code is not None:
                return code
    if dominant is not None:
        return dominant
    for text in actors:
        code = country_of(text)
        if code is not None:
            return code
    return None
