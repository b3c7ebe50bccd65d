"""Clusters of mentions -> the English names that a coder would enter, and their countries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from . import names
from .actors import known_actor
from .countries import capital_of, country, country_of
from .keys import Key, only_demonym
from .names import Form
from .places import plain_place

_WITH_ARTICLE = frozenset({"US", "GB", "PH", "NL", "AE", "BS", "GM", "MV", "CD", "CG", "CF", "DO"})
_GOVERNORATES = frozenset({"SY", "IQ", "YE", "EG", "LB", "JO", "TN", "PS", "BH", "OM"})
_ALWAYS_GOVERNMENT = frozenset({"SY"})


def canonical(
    key: Key, forms: Sequence[Form], home: str | None, *, twin: bool
) -> tuple[str, str | None]:
    """Name and country of a cluster; ``twin``: the text also has the province's capital city."""
    family = key[0]
    if family in {"gov", "mil", "pol", "airforce", "rebels", "opposition", "media", "tv"}:
        return _state_name(family, key[1], forms), key[1]
    if family == "actor":
        actor = known_actor(key[1])
        return key[1], actor.country if actor else None
    if family == "country":
        return country(key[1]).name, key[1]
    if family == "border":
        left, right = sorted(key[1:], key=lambda code: code != home)
        return f"{country(left).name}-{country(right).name} border", left
    if family == "person":
        return _person_canonical(forms)
    if family in {"place", "province"}:
        name, code = _place_canonical(forms)
        if family == "province" and twin:
            name = f"{name} {'Governorate' if code in _GOVERNORATES else 'province'}"
        return name, code
    names_seen = Counter(f.display or f.text for f in forms if f.display or family == "people")
    longest = (
        max(names_seen, key=lambda n: (names_seen[n] > 1, len(n))) if names_seen else forms[0].text
    )
    codes = Counter(f.country for f in forms if f.country)
    return longest, codes.most_common(1)[0][0] if codes else None


def _state_name(family: str, code: str, forms: Sequence[Form]) -> str:
    land, adjective = country(code).name, country(code).adjective
    words = [set(f.words) for f in forms]
    if family == "gov":
        if all("soviet" in w for w in words):
            return "Soviet Union"
        said = any(w & names.GOVERNMENT_WORDS for w in words)
        if code in _ALWAYS_GOVERNMENT or (said and code not in {"US"}):
            return f"Government of {'the ' if code in _WITH_ARTICLE else ''}{land}"
        return land
    if family == "mil":
        army = any(w & names.ARMY_WORDS for w in words)
        loyal = sum(bool(w & {"government", "regime"}) for w in words)
        if not army and loyal * 2 > len(words):
            return f"{adjective} government forces"
        known = known_actor(f"{adjective} {'army' if army else 'military'}")
        if known is not None and known.country == code:
            return known.name
        return f"{adjective} {'Army' if army else 'Armed Forces'}"
    if family == "pol" and (known := known_actor(f"{adjective} police")) is not None:
        return known.name
    forms_of = {
        "pol": f"{adjective} police",
        "airforce": f"{adjective} Air Force",
        "rebels": f"{adjective} rebels",
        "opposition": f"{adjective} opposition",
        "media": f"{adjective} state media",
        "tv": f"{adjective} state television",
    }
    return forms_of[family]


def _person_canonical(forms: Sequence[Form]) -> tuple[str, str | None]:
    displays = Counter(f.display for f in forms if f.display)
    codes = Counter(f.country for f in forms if f.country)
    code = codes.most_common(1)[0][0] if codes else None
    for display in sorted(displays, key=len, reverse=True):
        actor = known_actor(display, "PERSON")
        if actor is not None and actor.kind == "PERSON":
            return actor.name, actor.country or code
    if not displays:
        return forms[0].text, code
    return max(displays, key=lambda d: (len(d.split()), displays[d])), code


def _place_canonical(forms: Sequence[Form]) -> tuple[str, str | None]:
    plains: Counter[str] = Counter()
    for f in forms:
        plain = plain_place(f.text)
        actor = known_actor(f.text, "PLACE") or known_actor(plain or "", "PLACE")
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
    if best.upper() == best and len(best) > 4:
        best = " ".join(w.capitalize() for w in best.split())
    return best, code or country_of(best, "PLACE")
