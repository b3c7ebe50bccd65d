"""Clusters of mentions -> the English names that a coder would enter, and their countries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..actors.known import KnownActor
from ..countries.terms import capital_of, country, country_of
from ..places.gazetteer import gazetteer
from ..places.keys import key as place_key
from ..places.phrases import plain_place
from .forms import ARMY_WORDS, GOVERNMENT_WORDS, Form, Known
from .keys import Key, only_demonym

_WITH_ARTICLE = frozenset({"US", "GB", "PH", "NL", "AE", "BS", "GM", "MV", "CD", "CG", "CF", "DO"})
_GOVERNORATES = frozenset({"SY", "IQ", "YE", "EG", "LB", "JO", "TN", "PS", "BH", "OM"})
_LOWER_IN_PLACES = frozenset("al as au aux de del des do du el en et la le les sur the of".split())
_ALWAYS_GOVERNMENT = frozenset({"SY"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a cluster is; ``actor`` is its entry in a list of actors, if it has one."""

    name: str
    country: str | None
    actor: KnownActor | None = None


def canonical(
    key: Key, forms: Sequence[Form], home: str | None, known: Known, *, twin: bool
) -> Identity:
    """Identity of a cluster; ``twin``: the text also has the province's capital city."""
    family = key[0]
    if family in {"gov", "mil", "pol", "airforce", "rebels", "opposition", "media", "tv"}:
        name = _state_name(family, key[1], forms, known)
        actor = known.actors.find(name)
        return Identity(name, key[1], actor if actor and actor.country == key[1] else None)
    if family == "actor":
        actor = known.actors.by_id(key[1])
        return Identity(actor.name, actor.country, actor) if actor else Identity(key[1], None)
    if family == "person":
        return _person_canonical(forms, known)
    return Identity(*_unlisted(key, forms, home, known, twin=twin))


def _unlisted(
    key: Key, forms: Sequence[Form], home: str | None, known: Known, *, twin: bool
) -> tuple[str, str | None]:
    """Name and country of a place, or of what no list knows."""
    family = key[0]
    if family == "country":
        return country(key[1]).name, key[1]
    if family == "border":
        left, right = sorted(key[1:], key=lambda code: code != home)
        return f"{country(left).name}-{country(right).name} border", left
    if family in {"place", "province"}:
        name, code = _place_canonical(forms, known)
        if family == "province" and twin:
            name = f"{name} {'Governorate' if code in _GOVERNORATES else 'province'}"
        return name, code
    names_seen = Counter(f.display or f.text for f in forms if f.display or family == "people")
    longest = (
        max(names_seen, key=lambda n: (names_seen[n] > 1, len(n))) if names_seen else forms[0].text
    )
    codes = Counter(f.country for f in forms if f.country)
    return longest, codes.most_common(1)[0][0] if codes else None


def _state_name(family: str, code: str, forms: Sequence[Form], known: Known) -> str:
    land, adjective = country(code).name, country(code).adjective
    words = [set(f.words) for f in forms]
    if family == "gov":
        if all("soviet" in w for w in words):
            return "Soviet Union"
        said = any(w & GOVERNMENT_WORDS for w in words)
        if code in _ALWAYS_GOVERNMENT or said:
            return f"Government of {'the ' if code in _WITH_ARTICLE else ''}{land}"
        return land
    if family == "mil":
        army = any(w & ARMY_WORDS for w in words)
        loyal = sum(bool(w & {"government", "regime"}) for w in words)
        if not army and loyal * 2 > len(words):
            return f"{adjective} government forces"
        actor = known.actors.find(f"{adjective} {'army' if army else 'military'}")
        if actor is not None and actor.country == code:
            return actor.name
        return f"{adjective} {'Army' if army else 'Armed Forces'}"
    if family == "pol" and (actor := known.actors.find(f"{adjective} police")) is not None:
        return actor.name
    forms_of = {
        "pol": f"{adjective} police",
        "airforce": f"{adjective} Air Force",
        "rebels": f"{adjective} rebels",
        "opposition": f"{adjective} opposition",
        "media": f"{adjective} state media",
        "tv": f"{adjective} state television",
    }
    return forms_of[family]


def _person_canonical(forms: Sequence[Form], known: Known) -> Identity:
    displays = Counter(f.display for f in forms if f.display)
    codes = Counter(f.country for f in forms if f.country)
    code = codes.most_common(1)[0][0] if codes else None
    for display in sorted(displays, key=len, reverse=True):
        actor = known.find(display, "PERSON")
        if actor is not None and actor.kind == "PERSON":
            return Identity(actor.name, actor.country or code, actor)
    if not displays:
        return Identity(forms[0].text, code)
    return Identity(max(displays, key=lambda d: (len(d.split()), displays[d])), code)


def _from_capitals(name: str) -> str:
    """ "PORT-AU-PRINCE" -> "Port-au-Prince"; short ones that are no town may be acronyms."""
    if (
        len(name) <= 4
        and country_of(name, "PLACE") is None
        and not gazetteer().find(place_key(name)).size
    ):
        return name
    words = re.split(r"([ -])", name)
    return "".join(
        w.lower() if at and w.lower() in _LOWER_IN_PLACES else w.capitalize()
        for at, w in enumerate(words)
    )


def _place_canonical(forms: Sequence[Form], known: Known) -> tuple[str, str | None]:
    plains: Counter[str] = Counter()
    for f in forms:
        plain = plain_place(f.text)
        actor = known.find(f.text, "PLACE") or known.find(plain or "", "PLACE")
        if actor is not None and actor.kind == "PLACE":
            plains[actor.name] += 3
        elif plain and not only_demonym(plain):
            plains[plain] += 1
    code = next((c for f in forms if (c := f.country)), None)
    if not plains:
        if code and (capital := capital_of(code)):
            return capital, code
        return forms[0].text, code
    best = max(plains, key=lambda p: (plains[p], len(p)))
    if best.isupper():
        written = [p for p in plains if not p.isupper() and p.casefold() == best.casefold()]
        best = written[0] if written else _from_capitals(best)
    return best, code or country_of(best, "PLACE")
