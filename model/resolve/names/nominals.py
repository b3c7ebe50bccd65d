"""Mentions without a name ("the group", "city", "troops") -> key of a cluster they refer to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..actors.known import NEWS_SORTS
from ..countries.terms import capital_of, country, country_of
from .forms import (
    ARMY_WORDS,
    GENERIC,
    GOVERNMENT_WORDS,
    NOMINAL_CITY,
    POLICE_WORDS,
    PROVINCE_WORDS,
    Form,
    Known,
)
from .keys import Key, place_words

_UNKNOWN = re.compile(
    r"\b(?:un(?:identified|known)|gunm[ae]n|assailants?|masked|other|others)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Around:
    """Keys near a mention: ``before`` nearest first, ``after`` in order of the text.

    ``home``: the country that the text is about here, None if two may be meant; ``kinds``: majority
    kind of each key; ``weak``: closeness alone may decide; ``known``: the actors of lists.
    """

    before: Sequence[Key]
    after: Sequence[Key]
    home: str | None
    kinds: Mapping[Key, str]
    weak: bool
    known: Known = field(default_factory=Known)

    def at_home(self, key: Key, code: str | None) -> bool:
        """Whether the actor behind a key may be at home in a country (None: anywhere)."""
        actor = self.known.actors.by_id(key[1]) if key[0] == "actor" else None
        return actor is None or not code or not actor.country or actor.country == code

    def sort(self, key: Key) -> str:
        """What the text may call the actor behind a key, or ""."""
        if key[0] == "actor":
            actor = self.known.actors.by_id(key[1])
            return actor.sort if actor is not None else ""
        if key[0] != "name":
            return ""
        return next((_SORT_IN_NAME[w] for w in reversed(key[1:]) if w in _SORT_IN_NAME), "")

    def only_of_sort(self, sorts: Sequence[str], named: Iterable[Key]) -> Key | None:
        """The one actor among ``named`` of one of these sorts (the best first), or None."""
        keys = dict.fromkeys(named)
        for sort in sorts:
            found = [key for key in keys if self.sort(key) == sort]
            if found:
                return _only(found)
        return None

    def of_kind(self, *kinds: str) -> list[Key]:
        return [k for k in (*self.before, *self.after) if self.kinds.get(k) in kinds]


def _first(keys: Iterable[Key], families: Iterable[str]) -> Key | None:
    wanted = set(families)
    return next((k for k in keys if k[0] in wanted), None)


def _only(keys: Iterable[Key]) -> Key | None:
    """The one key there is, or None."""
    different = set(keys)
    return different.pop() if len(different) == 1 else None


def _only_state(around: Around, family: str) -> Key | None:
    """The one government (or army ...) that the text speaks of."""
    return _only(k for k in (*around.before, *around.after) if k[0] == family)


def nominal_key(form: Form, around: Around) -> Key | None:
    """Key of the cluster that a mention without a name most likely refers to, or None."""
    rule = _NOMINAL.get(form.kind)
    return rule(form, around) if rule is not None else None


def _nominal_place(form: Form, around: Around) -> Key | None:
    words = set(form.words)
    if words & {"country", "nation", "countrys"}:
        return _first(around.before, ["country"]) or (
            ("country", around.home) if around.home else None
        )
    if words & {"capital"} and around.home and (capital := capital_of(around.home)):
        key = ("place", *place_words(capital))
        return (
            key if key in around.before or key in around.after else _first(around.before, ["place"])
        )
    if words & PROVINCE_WORDS:
        return _first(around.before, ["province"]) or _first(around.before, ["place"])
    if words & NOMINAL_CITY and form.words[0] not in {"villages", "towns"}:
        return _first(around.before, ["place", "province"])
    if around.weak and words & GENERIC and not words & {"towns", "villages", "areas", "cities"}:
        return _first(around.before, ["place", "province"])
    return None


def _nominal_government(form: Form, around: Around) -> Key | None:
    if form.country is not None or _UNKNOWN.search(form.text):
        return None
    if form.head in GOVERNMENT_WORDS or set(form.words) & GOVERNMENT_WORDS:
        if around.home is not None:
            return ("gov", around.home)
        return _only_state(around, "gov")
    return _first(around.before, ["gov"]) if around.weak else None


_FROM_ABROAD = frozenset(
    "foreign international western allied occupation occupying occupiers invading multinational"
    " enemy peacekeeping peacekeeper peacekeepers".split()
)


def _nominal_military(form: Form, around: Around) -> Key | None:
    if form.country is not None:
        return None
    if named := [sort for sort in ("coalition", "alliance") if sort in form.words]:
        return around.only_of_sort(named, around.of_kind("MILITARY", "INTERNATIONAL"))
    words = set(form.words)
    if words & _FROM_ABROAD:
        return None
    if words & {"regime", "government", "pro"} and around.home:
        return ("mil", around.home)
    if set(form.words) & {"air"} and {"force", "forces"} & words and around.home:
        return ("airforce", around.home)
    if around.home is None:
        return _only_state(around, "mil")
    # "the army" is that of the land; "the troops" are those told of before
    near = None if words & ARMY_WORDS else _first(around.before, ["mil"])
    return near or ("mil", around.home)


def _nominal_police(form: Form, around: Around) -> Key | None:
    if form.country is not None:
        return None
    known = [k for k in around.before if around.kinds.get(k) == "POLICE"]
    if set(form.words) & POLICE_WORDS or not known:
        force = next((k for k in known if k[0] == "pol" or "police" in k), None)
        if force is not None and force[0] != "pol":
            return force
        return ("pol", around.home) if around.home else _only_state(around, "pol")
    return known[0]


def _nominal_armed(form: Form, around: Around) -> Key | None:
    if _UNKNOWN.search(form.text):
        return None
    words = set(form.words)
    armed = [k for k in around.before if around.kinds.get(k) == "ARMED_GROUP"]
    later = [k for k in around.after if around.kinds.get(k) == "ARMED_GROUP"]
    if words & {"rebel", "rebels", "opposition"} and around.home:
        rebels = around.known.actors.find(f"{country(around.home).adjective} rebels")
        if rebels is not None:  # a side of that war by itself
            return ("rebels", around.home)
    affiliate = f"{form.actor.name} affiliate" if form.actor is not None else ""
    if affiliate and around.known.actors.of_sort(affiliate):  # named by the group it belongs to
        named = [k for k in around.of_kind("ARMED_GROUP") if around.at_home(k, form.country)]
        return around.only_of_sort([affiliate], named)
    if words & {"jihadist", "jihadists", "extremist", "extremists", "terrorist", "terrorists"}:
        jihadist = [k for k in (*armed, *later) if k[0] == "actor"]
        return jihadist[0] if jihadist else None
    return next(iter((*armed, *later)), None) if around.weak else None


# Nouns -> sorts of actors that they may stand for, see ``actors/packaged.tsv``; the best first.
_SORTS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("monitor", "monitors", "monitoring", "observatory"), ("monitor",)),
    "watchdog": ("monitor", "rights group", "press group"),
    "rights": ("rights group", "monitor"),
    "ngo": ("monitor", "rights group", "aid group"),
    **dict.fromkeys(("charity", "aid", "medics"), ("aid group",)),
    "agency": ("agency",),
    **dict.fromkeys(("newspaper", "paper", "daily"), ("newspaper",)),
    **dict.fromkeys(("broadcaster", "channel", "tv", "television", "radio"), ("broadcaster",)),
}
# Words in a name that no table knows -> its sort: "Delta Conflict Observatory".
_SORT_IN_NAME: Mapping[str, str] = {
    **dict.fromkeys(("observatory", "monitor", "monitoring", "watch", "watchdog"), "monitor"),
    "rights": "rights group",
    "coalition": "coalition",
    "alliance": "alliance",
    "agency": "agency",
    **dict.fromkeys(("times", "post", "tribune", "herald", "gazette", "daily"), "newspaper"),
    **dict.fromkeys(("tv", "television", "radio", "channel"), "broadcaster"),
}
_BASED = re.compile(r"([A-Z][\w.\u2019' ]*)[- ]based\b")


def _body_of_sort(
    around: Around, sorts: Sequence[str], base: str | None, named: Iterable[Key]
) -> Key | None:
    """ "Nairobi-based monitor": of that sort, else the one body whose sort nothing tells.

    ``base``: country that it works from. Without sorts: the one body but news media.
    """
    keys = [k for k in named if k[0] in {"actor", "name"} and around.at_home(k, base)]
    if any(around.sort(key) in sorts for key in keys):
        return around.only_of_sort(sorts, keys)
    return _only(
        k for k in keys if around.sort(k) not in NEWS_SORTS and not (sorts and around.sort(k))
    )


def _nominal_body(form: Form, around: Around) -> Key | None:
    words = set(form.words)
    same = [k for k in around.before if around.kinds.get(k) == form.kind]
    later = [k for k in around.after if around.kinds.get(k) == form.kind]
    sorts = next((_SORTS[w] for w in form.words if w in _SORTS), None)
    based = _BASED.search(form.text)
    base = country_of(based.group(1)) if based else None
    if sorts is not None or based is not None:
        return _body_of_sort(around, sorts or (), base, (*same, *later))
    if "opposition" in words and form.kind == "POLITICAL" and around.home:
        return ("opposition", around.home)
    if not around.weak:
        return None
    return next(iter((*same, *later)), None)


def _nominal_person(form: Form, around: Around) -> Key | None:
    if not around.weak or _UNKNOWN.search(form.text) or any(w.isdigit() for w in form.words):
        return None
    if set(form.words) & {"source", "sources", "two", "three", "witness", "witnesses", "men"}:
        return None
    if form.words and form.words[-1] in {"officials", "leaders", "people", "women", "families"}:
        return None
    return _first(around.before, ["person"])


_NOMINAL: Mapping[str, Callable[[Form, Around], Key | None]] = {
    "PLACE": _nominal_place,
    "GOVERNMENT": _nominal_government,
    "MILITARY": _nominal_military,
    "POLICE": _nominal_police,
    "ARMED_GROUP": _nominal_armed,
    "ORG": _nominal_body,
    "POLITICAL": _nominal_body,
    "INTERNATIONAL": _nominal_body,
    "PERSON": _nominal_person,
}
