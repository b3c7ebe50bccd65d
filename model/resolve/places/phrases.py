"""What the words of a place phrase say: its bare name, a class word, "near", "southern", a border.

"southern town of Kafr X" names Kafr X; "Idlib countryside" an area about Idlib; "Aleppo province"
the province, not the city.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..countries.terms import DEMONYM, NAME, REGIONS, find_countries

__all__ = [
    "PlacePhrase",
    "is_border",
    "is_country",
    "is_cut",
    "is_quarter",
    "is_settlement",
    "links_container",
    "links_part",
    "plain_place",
    "read_place",
    "without_class",
]

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
# Units that only the news of some countries names.
_LOCAL_UNITS = (
    r"(?-i:LGA)|local government(?: area)?|sub-?county|upazila|cercle|woreda|raion|rayon|payam"
    r"|kebele"
)
_TAIL = re.compile(
    r"(?:\s+(?:city|(?-i:town)|village|district|province|suburbs?|outskirts|area|region|countryside"
    r"|neighbou?rhoods?|department|state|municipality|sector|centre|center|locality|enclave|proper"
    r"|residential"
    r"|township|county|tehsil|block|edges|surroundings|hinterland"
    rf"|taluka?|oblast|{_LOCAL_UNITS}))+$",
    re.IGNORECASE,
)
_POSSESSOR = re.compile(
    r"^(?:[A-Z][\w-]+(?:'s|\u2019s)\s+(?=[A-Z])"
    r"|(?:[A-Z][\w-]+\s+){0,3}[A-Z][\w-]+(?:'s|\u2019s)\s+"
    rf"(?:(?:{_DIRECTION}|{_STATE})\s+)*(?=(?:{_CLASS})\s+[A-Z]))"
)
_GENERIC = re.compile(
    rf"^(?:(?:{_CLASS}|borders?|country|nation|territory|place|site|scene|ground|field|home|streets?"
    r"|cities)s?(?:\s+|$))+$",
    re.IGNORECASE,
)
_BORDER = re.compile(r"\b(?:border|borders|frontier|borderlands?)\b", re.IGNORECASE)


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
    name = name.removesuffix(" of")
    if not name or _GENERIC.match(name) or not any(map(_is_capital, name.split())):
        return None
    return name


def _lost_possessive(name: str) -> str:
    """Texts that lost their apostrophes: "Syrias Idlib" and "Idlibs" -> "Idlib"."""
    first, _, rest = name.partition(" ")
    if not first.endswith("s") or not first[:1].isupper():
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


def is_border(text: str) -> bool:
    """Whether the phrase is a line between two places ("border with Turkey")."""
    return _BORDER.search(text) is not None


def is_cut(text: str) -> bool:
    """Whether the phrase has lost its name ("town of")."""
    return text.casefold().rstrip().endswith(" of")


def is_settlement(text: str) -> bool:
    """Whether a class word says that the phrase is a town or village ("the city", "X village")."""
    return _TOWN_WORD.search(text) is not None


def is_quarter(text: str) -> bool:
    """Whether a class word says that the phrase is a part of a town ("X neighbourhood")."""
    return _QUARTER.search(text) is not None


# ---- for the gazetteer

# What a class word says of the level of a unit: provinces and states are the first below the
# country, counties the second. "District" and "department" are of either level.
_UNITS = (
    r"province|governorate|governate|state|oblast|krai|region|republic|prefecture|emirate|muhafazah?"
    r"|wilayat?|department|departamento|provincia|estado|district|county|parish|borough|tehsil"
    r"|taluka?|subdivision|sub-district|municipality|canton|voivodeship|agency"
    rf"|{_LOCAL_UNITS}"
)
_TOWNS = r"city|town|village|township|hamlet|locality|metropolis|commune"
_UNIT_WORD = re.compile(rf"\b(?:{_UNITS})s?\b", re.IGNORECASE)
_TOWN_WORD = re.compile(rf"\b(?:{_TOWNS})\b|\bcapital\b", re.IGNORECASE)
_QUARTER = re.compile(r"\b(?:neighbou?rhoods?|quarters?|suburbs?)\b", re.IGNORECASE)
_CLASS_BEFORE = re.compile(
    rf"^(?:the\s+)?(?:{_UNITS}|{_TOWNS})\s+(?:of|de|del|do|da)\s+(?:la\s+|los\s+)?(?=\S)",
    re.IGNORECASE,
)
_CLASS_AFTER = re.compile(rf"(?<=\S)\s+(?:{_UNITS}|{_TOWNS}|division|area)$", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:near|outside|around|outskirts?|countryside|suburbs?|environs|vicinity|surroundings"
    r"|hinterland|rural|edges?|approaches|axis|areas?|surrounding|nearby|km|kilomet(?:er|re)s|miles"
    r"|neighbou?rhoods?|quarters?|parts?|sector|zone|enclave|pocket|valley|mountains?|hills?"
    r"|plains?|forest|desert)\b",
    re.IGNORECASE,
)
_PART = re.compile(rf"\b(?:{_DIRECTION})\b", re.IGNORECASE)
_CARDINAL = re.compile(r"^(?:North|South|East|West)[a-z]* [A-Z]\w+$")  # "North Shore", "West Side"
# What may stand between a place and the one that it lies in.
_IN = re.compile(
    rf"^(?:(?P<comma>\s*,\s*)|\s*\(\s*|(?:\s+(?:{_CLASS}))?\s+(?=in\s|of\s))(?:in\s+|of\s+)?"
    rf"(?:(?:the|its|{_DIRECTION}|{_HELD}|{_STATE}|(?-i:[A-Z][a-z]+(?:an|ish|ese|i|q|s|'s)))\s+)*"
    rf"(?:(?:{_CLASS})\s+of\s+(?:the\s+)?)?$",
    re.IGNORECASE,
)
_OF_BEFORE = re.compile(r"^(?:'s|\u2019s|s)\s+(?:[a-z][\w-]*\s+){0,3}(?:of\s+)?$")
# Postal and news-agency abbreviations of states and provinces: read where they are all of a name.
_ABBREVIATIONS = {
    "AL": "Alabama", "Ala.": "Alabama", "AK": "Alaska", "AZ": "Arizona", "Ariz.": "Arizona",
    "AR": "Arkansas", "Ark.": "Arkansas", "CA": "California", "Calif.": "California",
    "CO": "Colorado", "Colo.": "Colorado", "CT": "Connecticut", "Conn.": "Connecticut",
    "DE": "Delaware", "Del.": "Delaware", "FL": "Florida", "Fla.": "Florida", "GA": "Georgia",
    "Ga.": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "Ill.": "Illinois",
    "IN": "Indiana", "Ind.": "Indiana", "IA": "Iowa", "KS": "Kansas", "Kan.": "Kansas",
    "KY": "Kentucky", "Ky.": "Kentucky", "LA": "Louisiana", "La.": "Louisiana", "ME": "Maine",
    "MD": "Maryland", "Md.": "Maryland", "MA": "Massachusetts", "Mass.": "Massachusetts",
    "MI": "Michigan", "Mich.": "Michigan", "MN": "Minnesota", "Minn.": "Minnesota",
    "MS": "Mississippi", "Miss.": "Mississippi", "MO": "Missouri", "Mo.": "Missouri",
    "MT": "Montana", "Mont.": "Montana", "NE": "Nebraska", "Neb.": "Nebraska", "NV": "Nevada",
    "Nev.": "Nevada", "NH": "New Hampshire", "N.H.": "New Hampshire", "NJ": "New Jersey",
    "N.J.": "New Jersey", "NM": "New Mexico", "N.M.": "New Mexico", "NY": "New York",
    "N.Y.": "New York", "NC": "North Carolina", "N.C.": "North Carolina", "ND": "North Dakota",
    "N.D.": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "Okla.": "Oklahoma", "OR": "Oregon",
    "Ore.": "Oregon", "PA": "Pennsylvania", "Pa.": "Pennsylvania", "Penn.": "Pennsylvania",
    "RI": "Rhode Island", "R.I.": "Rhode Island", "SC": "South Carolina",
    "S.C.": "South Carolina", "SD": "South Dakota", "S.D.": "South Dakota", "TN": "Tennessee",
    "Tenn.": "Tennessee", "TX": "Texas", "Tex.": "Texas", "UT": "Utah", "VT": "Vermont",
    "Vt.": "Vermont", "VA": "Virginia", "Va.": "Virginia", "WA": "Washington",
    "Wash.": "Washington", "WV": "West Virginia", "W.Va.": "West Virginia", "WI": "Wisconsin",
    "Wis.": "Wisconsin", "WY": "Wyoming", "Wyo.": "Wyoming", "D.C.": "District of Columbia",
    "DC": "District of Columbia", "B.C.": "British Columbia", "BC": "British Columbia",
    "Ont.": "Ontario", "ON": "Ontario", "Que.": "Quebec", "Alta.": "Alberta", "AB": "Alberta",
    "Man.": "Manitoba", "Sask.": "Saskatchewan", "N.S.": "Nova Scotia", "NSW": "New South Wales",
    "N.S.W.": "New South Wales",
    "L.A.": "Los Angeles",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlacePhrase:
    """A place phrase taken apart.

    ``name``: the bare name. ``full``: the phrase as it stands, without a leading article.
    ``unit`` and ``town``: a class word says that it is an administrative unit, or a settlement.
    ``about``: the event is near it or in a part of it, not at its centre. ``part``: a direction
    ("southern Damascus"). ``inside``: the name of the place that the phrase says it lies in.
    """

    name: str
    full: str
    unit: bool = False
    town: bool = False
    about: bool = False
    part: bool = False
    inside: str | None = None


@lru_cache(maxsize=8192)
def read_place(text: str) -> PlacePhrase | None:
    """Take a phrase apart; None for a border and for a phrase without a name ("the area")."""
    full = " ".join(text.split()).removeprefix("the ").removeprefix("The ")
    short = _ABBREVIATIONS.get(full.replace(". ", "."))
    if short is not None:
        return PlacePhrase(short, short)
    if is_border(full):
        return None
    head, _, rest = full.partition(",")
    inside = _container(rest)
    name = plain_place(head) or (head if _CARDINAL.match(head) else None)
    if name is None:
        return None
    modifiers = head.replace(name, " ", 1)
    return PlacePhrase(
        name=name,
        full=head,
        unit=_UNIT_WORD.search(modifiers) is not None,
        town=_TOWN_WORD.search(modifiers) is not None,
        about=_ABOUT.search(modifiers) is not None,
        part=_PART.search(modifiers) is not None,
        inside=inside,
    )


def _container(text: str) -> str | None:
    last = text.rpartition(",")[2].strip()
    return _ABBREVIATIONS.get(last) or plain_place(last) if last else None


def without_class(name: str) -> str:
    """A unit's name without the word for its class: "State of X", "X Province" -> "X"."""
    bare = _CLASS_AFTER.sub("", _CLASS_BEFORE.sub("", name))
    return bare if bare[:1].isalpha() else name


def links_container(between: str) -> str | None:
    """Whether the words between two places say that the first lies in the second.

    "in": they do; "comma": they may, but a list of places looks the same; else None.
    """
    found = _IN.match(between)
    if found is None:
        return None
    return "comma" if found["comma"] is not None and between.strip() == "," else "in"


def links_part(between: str) -> bool:
    """Whether the words between two places say that the second lies in the first ("'s town of")."""
    return _OF_BEFORE.match(between) is not None
