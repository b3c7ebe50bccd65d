"""Mentions without a name ("the group", "city", "troops") -> key of a cluster they refer to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import names
from .countries import capital_of
from .keys import Key, place_words
from .names import Form

_UNKNOWN = re.compile(
    r"\b(?:un(?:identified|known)|gunm[ae]n|assailants?|masked|other|others)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Around:
    """Keys near a mention: ``before`` nearest first, ``after`` in order of the text.

    ``home``: the country the text is about; ``kinds``: majority kind of each key; ``weak``:
    closeness alone may decide.
    """

    before: Sequence[Key]
    after: Sequence[Key]
    home: str | None
    kinds: Mapping[Key, str]
    weak: bool


def _first(keys: Iterable[Key], families: Iterable[str]) -> Key | None:
    wanted = set(families)
    return next((k for k in keys if k[0] in wanted), None)


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
    if words & names.PROVINCE_WORDS:
        return _first(around.before, ["province"]) or _first(around.before, ["place"])
    if words & names.NOMINAL_CITY and form.words[0] not in {"villages", "towns"}:
        return _first(around.before, ["place", "province"])
    if (
        around.weak
        and words & names.GENERIC
        and not words & {"towns", "villages", "areas", "cities"}
    ):
        return _first(around.before, ["place", "province"])
    return None


def _nominal_government(form: Form, around: Around) -> Key | None:
    if form.country is not None or _UNKNOWN.search(form.text):
        return None
    if form.head in names.GOVERNMENT_WORDS or set(form.words) & names.GOVERNMENT_WORDS:
        if around.home is not None:
            return ("gov", around.home)
        return _first(around.before, ["gov"]) or _first(around.after, ["gov"])
    return _first(around.before, ["gov"]) if around.weak else None


def _nominal_military(form: Form, around: Around) -> Key | None:
    if form.country is not None:
        return None
    if "coalition" in form.words or "alliance" in form.words:
        found = [
            k
            for k in (*around.before, *around.after)
            if "coalition" in k[-1].lower() or k[-1] == "NATO"
        ]
        return (
            found[0]
            if found
            else ("actor", "US-led coalition")
            if around.weak and around.home == "SY"
            else None
        )
    words = set(form.words)
    if words & {"regime", "government", "pro"} and around.home:
        return ("mil", around.home)
    if set(form.words) & {"air"} and {"force", "forces"} & words and around.home:
        return ("airforce", around.home)
    return _first(around.before, ["mil"]) or (
        ("mil", around.home) if around.home else _first(around.after, ["mil"])
    )


def _nominal_police(form: Form, around: Around) -> Key | None:
    if form.country is not None:
        return None
    known = [k for k in around.before if around.kinds.get(k) == "POLICE"]
    if set(form.words) & names.POLICE_WORDS or not known:
        generic = [k for k in known if k[0] == "pol" or "police" in k]
        if generic:
            return generic[0]
        return ("pol", around.home) if around.home else None
    return known[0]


def _nominal_armed(form: Form, around: Around) -> Key | None:
    if _UNKNOWN.search(form.text):
        return None
    words = set(form.words)
    armed = [k for k in around.before if around.kinds.get(k) == "ARMED_GROUP"]
    later = [k for k in around.after if around.kinds.get(k) == "ARMED_GROUP"]
    if words & {"rebel", "rebels", "opposition"} and around.home == "SY":
        return ("rebels", around.home)
    if words & {"jihadist", "jihadists", "extremist", "extremists", "terrorist", "terrorists"}:
        jihadist = [k for k in (*armed, *later) if k[0] == "actor"]
        return jihadist[0] if jihadist else None
    return next(iter((*armed, *later)), None) if around.weak else None


def _nominal_body(form: Form, around: Around) -> Key | None:
    words = set(form.words)
    same = [k for k in around.before if around.kinds.get(k) == form.kind]
    later = [k for k in around.after if around.kinds.get(k) == form.kind]
    if words & {"monitor", "monitoring", "watchdog", "ngo"} or form.text.startswith(
        "Britain-based"
    ):
        found = [
            k for k in (*same, *later) if k == ("actor", "Syrian Observatory for Human Rights")
        ]
        if found:
            return found[0]
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
