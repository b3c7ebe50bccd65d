"""Where an event happened: country and plain place name, from its arguments and its document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from .actors import known_actor
from .countries import DEMONYM, NAME, REGIONS, country_of, find_countries

__all__ = [
    "EventPlace",
    "document_countries",
    "event_location",
    "home_country",
    "is_country",
    "outside_dateline",
    "plain_place",
]


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
_NEAR_WEIGHT = 4  # of the countries in a sentence, beside those of the whole text
_OUTWEIGHED = 3  # a country with this many times the weight beats that of an event's actors
_NEWS = frozenset({"agency", "newspaper", "broadcaster", "media"})

# A dateline says where a report was filed: "NAIROBI, Kenya (Wire) - ", "AMMAN/BEIRUT, May 3 -- ".
_DATELINE_CHARS = 400  # it starts within this many characters: a headline may stand before it
_PROPER = r"[^\W\d_a-z](?:[\w.\u2019'-]*[\w.])?"
_MORE_PLACES = rf"(?:\s*[/,]\s*(?:the\s+)?{_PROPER}(?:\s+{_PROPER}){{0,3}}){{0,4}}"
_BRACKETS = r"(?:\s*,?\s*(?:\([^()]{1,60}\)|\[[^\[\]]{1,60}\]|/[^\W\d_a-z][\w-]{1,20}/\.?))"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?"
_ON_DAY = (
    rf"(?i:[\s,]*(?:{_WEEKDAY}[\s,]*)?"
    rf"(?:{_MONTH}\s*[0-9]{{1,2}}|[0-9]{{1,2}}\s*{_MONTH}|{_WEEKDAY})"
    r"(?:[\s,]*[0-9]{2}(?:[0-9]{2})?(?![0-9]))?)"
)
_DASH = r"\s*(?:--+|[\u2013\u2014]|-(?=\s)|(?<=\s)-)"
_AFTER_PLACE = re.compile(
    rf"{_MORE_PLACES}(?:"
    rf"(?:{_BRACKETS}|{_ON_DAY})+(?:{_DASH}|:(?=\s)|(?=\s+[^\W\d_a-z]))"
    rf"|{_DASH}(?=\s*[\"\u201c(\[]?[^\W_a-z])"
    r"|(?P<colon>:(?=\s+[\"\u201c]?[^\W_a-z]))"
    r"|(?P<lost>\s+(?=[^\W\d_a-z]+[a-z])))"
)
_IN_SENTENCE = re.compile(r"(?:^|\s)[a-z][\w'\u2019-]*,?\s*$")
_OPENS_LINE = re.compile(r"(?:^|[\n.!?:|\u201d\")\]])\s*$")


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


class _Mention(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...


_M = TypeVar("_M", bound=_Mention)


def outside_dateline(mentions: Sequence[_M], text: str) -> list[_M]:
    """The mentions of ``text`` but those in its dateline, which tells where it was filed."""
    start, end = _dateline(mentions, text)
    return [m for m in mentions if not start <= m.start < end]


def _dateline(mentions: Sequence[_M], text: str) -> tuple[int, int]:
    """Range of the dateline at the head of ``text``; (0, 0) if there is none."""
    shouts = text[:_DATELINE_CHARS].upper() == text[:_DATELINE_CHARS]
    for m in sorted(mentions, key=lambda m: m.start):
        if m.start > _DATELINE_CHARS:
            break
        if m.kind not in {"PLACE", "GOVERNMENT"}:
            continue
        after = _AFTER_PLACE.match(text, m.end)
        if after is None:
            continue
        capitals = not shouts and m.text.split(",")[0].isupper() and len(m.text) > 3
        before = text[max(0, m.start - 20) : m.start]
        opens = _OPENS_LINE.search(before) is not None
        # "YEMEN: 12 killed", "Syria - rebels ..." name the topic.
        bare = after.start("colon") >= 0 or after.start("lost") >= 0
        if (bare or not capitals) and is_country(m.text):
            continue
        if after.start("lost") >= 0 and _IN_SENTENCE.search(before):
            continue
        if capitals or (opens and not bare):
            return m.start, after.end()
    return 0, 0


def document_countries(mentions: Iterable[tuple[str, str]]) -> Counter[str]:
    """Weighted count of the countries that mentions (text, kind) of one text point to.

    Give the mentions ``outside_dateline``. News media are quoted from anywhere: they do not count.
    """
    counts: Counter[str] = Counter()
    for text, kind in mentions:
        if kind in {"TIME", "WEAPON"} or (kind == "ORG" and _is_news(text)):
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
    return actor.sort in _NEWS if actor is not None else _NEWS_NAME.search(text) is not None


def event_location(
    place_args: Sequence[tuple[str, str | None]],
    *,
    actors: Sequence[str] = (),
    nearby: Sequence[str] = (),
    context: Mapping[str, int] | None = None,
) -> EventPlace | None:
    """Country and place of one event; None if nothing points anywhere.

    ``place_args``: (text, entity name or None) of the event's location arguments, those of role
    location first, else origin and destination. ``nearby``: other place mentions, nearest to
    the trigger first. ``context``: ``document_countries`` of the text. ``actors``: texts of the
    event's actors and targets.
    """
    context = context or {}
    dominant = max(context, key=lambda code: context[code]) if context else None
    chosen = _most_specific(place_args)
    code = _country_of_args(place_args, chosen, context, dominant)
    if code is None:
        code = _fallback_country(actors, nearby, context, dominant)
    if chosen is not None:
        text, entity = place_args[chosen]
        return EventPlace(code, entity or _place_name(text), text)
    if code is None:
        return None
    return EventPlace(code, None, None)


def _place_name(text: str) -> str | None:
    """Plain name of a place in its usual spelling: "Deir Ezzor city" -> "Deir ez-Zor"."""
    plain = plain_place(text)
    known = known_actor(text, "PLACE") or known_actor(plain or "", "PLACE")
    return known.name if known is not None and known.kind == "PLACE" else plain


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
    own = _own_country(actors)
    if own is not None and (
        dominant is None or context.get(own, 0) * _OUTWEIGHED >= context[dominant]
    ):
        return own
    total = sum(context.values())
    if dominant is not None and context[dominant] * 2 >= total:
        return dominant
    for text in nearby:
        if not _BORDER.search(text):
            code = country_of(text, "PLACE", context)
            if code is not None:
                return code
    return dominant or next((code for text in actors if (code := country_of(text))), None)


def _own_country(actors: Sequence[str]) -> str | None:
    """The one nationality among an event's sides, powers that act abroad left out; else None."""
    codes = {code for text in actors if (code := country_of(text)) and code not in _POWERS}
    return codes.pop() if len(codes) == 1 else None
