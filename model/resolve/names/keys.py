"""Named mentions -> keys: mentions with one key are one entity of the text.

A key is a tuple of strings whose first item is its family: ``gov``, ``mil``, ``pol``, ``airforce``,
``rebels``, ``opposition``, ``media``, ``tv`` and ``country`` (with an ISO code), ``border`` (two
codes), ``actor`` (with the id in a list), ``person``, ``place``, ``province``, ``people`` and
``name`` (with the normalised words of the name).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ..actors.known import OWN, KnownActor
from ..countries.terms import DEMONYM, capital_of, country, find_countries, normalise
from ..places.phrases import is_country, plain_place
from .forms import GENERIC, GOVERNMENT_WORDS, PROVINCE_WORDS, Form, Known

Key = tuple[str, ...]

_MAIN_MILITARY = re.compile(
    r"^(?:.* )?(?:Armed Forces|Army)(?: of .*)?$|^Armed Forces of |^Israel Defense Forces$"
)
_STATE_MEDIA = re.compile(
    r"\b(?:state|official|regime|government)[\s-]?(?:run\s+)?(media|tv|television)\b", re.I
)


def named_key(form: Form, home: str | None, known: Known) -> Key | None:
    """Key of a mention that names somebody; ``home`` is the country the text is about."""
    if form.actor is not None and form.actor.source == OWN and form.actor.kind == form.kind:
        return ("actor", form.actor.id)  # whatever the rules make of such names
    return _RULES[form.kind](form, home, known)


def _person_key(form: Form, home: str | None, known: Known) -> Key | None:
    if form.name:
        if form.actor is not None and form.actor.kind == "PERSON" and not form.partial:
            return ("person", *normalise(form.actor.name).split())
        return ("person", *form.name)
    return _organ_key(form, known, allow_state=bool(form.country) and _speaks(form))


def _speaks(form: Form) -> bool:
    return bool(set(form.words) & {"official", "officials", "government", "authorities", "regime"})


def _organ_key(form: Form, known: Known, *, allow_state: bool) -> Key | None:
    """Key of a person that is named by the body it speaks for ("AFP journalist")."""
    if form.actor is not None and form.actor.kind != "PERSON":
        return actor_key(form.actor, known)
    return ("gov", form.country) if allow_state and form.country else None


_AFFILIATE = frozenset({"affiliate", "branch", "arm", "franchise"})
_OF_ANOTHER = _AFFILIATE | {"offshoot", "wing", "affiliates", "branches", "offshoots"}
_FORMER = frozenset({"former", "one-time", "onetime", "erstwhile", "ex"})


def actor_key(actor: KnownActor, known: Known) -> Key:
    """Key of an actor of a list; states and their organs go by their country."""
    if actor.source != OWN and actor.country:
        if actor.name.startswith("Government of ") and find_countries(actor.name):
            return ("gov", actor.country)
        if actor.kind == "MILITARY" and _MAIN_MILITARY.match(actor.name):
            return ("mil", actor.country)
        if actor == known.actors.find(f"{country(actor.country).adjective} police"):
            return ("pol", actor.country)
        if actor.name.endswith(" rebels"):
            return ("rebels", actor.country)
        if actor.name.endswith(" opposition"):
            return ("opposition", actor.country)
    return ("actor", actor.id)


def _government_key(form: Form, home: str | None, known: Known) -> Key | None:
    if form.actor is not None and (
        not form.partial or not form.country or _rules_there(form.actor, form.country)
    ):
        if form.actor.kind == "PERSON" and form.actor.country:
            return ("gov", form.actor.country)
        return actor_key(form.actor, known)
    if form.country and _one_country(form.text):
        return ("gov", form.country)
    if form.country is None and form.name and form.head not in GOVERNMENT_WORDS:
        return ("name", *form.name)
    return None


def _rules_there(actor: KnownActor, code: str) -> bool:
    """Whether it is a government of that country: "Libyan Government of National Accord"."""
    return actor.kind == "GOVERNMENT" and actor.country == code


def _one_country(text: str) -> bool:
    return len({hit.codes[0] for hit in find_countries(text)}) == 1


def _military_key(form: Form, home: str | None, known: Known) -> Key | None:
    words = set(form.words)
    if form.actor is not None:
        if form.actor.kind == "PERSON" and form.actor.country:
            return ("mil", form.actor.country)
        if form.actor.kind == "GOVERNMENT" and form.actor.country:
            return ("mil", form.actor.country)
        if form.actor.kind in {"MILITARY", "INTERNATIONAL", "ARMED_GROUP", "POLICE"}:
            return actor_key(form.actor, known)
    if form.country and _one_country(form.text):
        if "air" in words and "force" in words:
            return ("airforce", form.country)
        if "led" in form.text.lower().replace("-", " ").split() and "coalition" in words:
            return _coalition_key(form, known)
        return ("mil", form.country)
    return ("name", *form.name) if form.name and not form.country else None


def _coalition_key(form: Form, known: Known) -> Key:
    """Of "coalition led by X", "X-led air coalition"; ``form`` has a country."""
    leader = country(form.country or "").adjective
    actor = known.find(f"{leader}-led coalition")
    return actor_key(actor, known) if actor is not None else ("name", *form.words)


def _police_key(form: Form, home: str | None, known: Known) -> Key | None:
    if form.actor is not None and form.actor.kind in {"POLICE", "MILITARY"}:
        return actor_key(form.actor, known)
    if form.name and not set(form.name) <= GENERIC:
        return ("name", *form.name)
    if form.country and _one_country(form.text):
        if find_countries(form.text)[0].sort == DEMONYM:
            return ("pol", form.country)
        return ("name", *form.words)
    return None


def _armed_key(form: Form, home: str | None, known: Known) -> Key | None:
    words = set(form.words)
    if form.actor is not None and words & _OF_ANOTHER:
        return _affiliate_key(form, form.actor, home, known)
    if form.actor is not None and form.actor.kind not in {"PERSON", "ORG"}:
        return actor_key(form.actor, known)
    if form.name:
        return ("name", *form.name)
    if form.country and words & {"rebel", "rebels"} and _one_country(form.text):
        return ("rebels", form.country)
    return None


def _affiliate_key(form: Form, actor: KnownActor, home: str | None, known: Known) -> Key | None:
    """ "Al-Qaeda's Syrian branch": in some countries the table knows who that is."""
    affiliates = known.actors.of_sort(f"{actor.name} affiliate")
    if not affiliates:
        return actor_key(actor, known)
    words, land = set(form.words), form.country or home
    if words & _FORMER or not words & _AFFILIATE:
        return None
    there = [a for a in affiliates if a.country == land]
    there.sort(key=lambda a: not a.active(known.year))
    return actor_key(there[0], known) if there else None


def _people_key(form: Form, home: str | None, known: Known) -> Key | None:
    if form.actor is not None and not form.partial and form.actor.kind != "PERSON":
        return actor_key(form.actor, known)
    named = len(form.words) <= 2 and form.text[:1].isupper() and form.text[1:2].islower()
    if (
        named
        and (form.name or form.country)
        and form.words[-1].endswith("s")
        and form.words[-1] not in GENERIC
    ):
        return ("people", *form.words)
    return None


def _body_key(form: Form, home: str | None, known: Known) -> Key | None:
    if form.actor is not None and form.actor.kind != "PERSON":
        return actor_key(form.actor, known)
    if match := _STATE_MEDIA.search(form.text):
        medium = "media" if match.group(1).lower() == "media" else "tv"
        code = form.country or home
        return (medium, code) if code else None
    if form.name:
        return ("name", *form.name)
    if form.country and "opposition" in form.words:
        return ("opposition", form.country)
    return None


_BORDER = re.compile(r"\b(?:border|borders|frontier)\b", re.I)


def _place_key(form: Form, home: str | None, known: Known) -> Key | None:
    codes = [hit.codes[0] for hit in find_countries(form.text, "PLACE")]
    if _BORDER.search(form.text):
        pair = sorted({*codes, *((home,) if home and len(set(codes)) < 2 else ())})
        return ("border", *pair) if len(pair) == 2 else None
    if form.actor is not None:
        return ("place", *place_words(form.actor.name))
    plain = plain_place(form.text)
    words = set(form.words)
    if plain is None or only_demonym(plain):
        if form.country and "capital" in words and (capital := capital_of(form.country)):
            return ("place", *place_words(capital))
        return None
    if is_country(form.text) and form.country == find_countries(plain, "PLACE")[0].codes[0]:
        return ("country", form.country)  # not a state with the name of a country: Georgia
    actor = known.find(plain, "PLACE")
    if actor is not None and actor.kind == "PLACE":
        plain = actor.name
    key = place_words(plain)
    if words & PROVINCE_WORDS and "capital" not in words and "city" not in words:
        return ("province", *key)
    return ("place", *key)


def place_words(plain: str) -> tuple[str, ...]:
    return tuple(w for w in normalise(plain).split() if w not in {"al", "el", "the"}) or (plain,)


def only_demonym(plain: str) -> bool:
    hits = find_countries(plain, "PLACE")
    if not hits or any(hit.sort != DEMONYM for hit in hits):
        return False
    rest = [
        w for w in plain[hits[-1].end :].split() if w[:1].isupper() and w.lower() not in GENERIC
    ]
    return not rest


_RULES = {
    "PERSON": _person_key,
    "GOVERNMENT": _government_key,
    "MILITARY": _military_key,
    "POLICE": _police_key,
    "ARMED_GROUP": _armed_key,
    "CIVILIAN": _people_key,
    "POLITICAL": _body_key,
    "INTERNATIONAL": _body_key,
    "ORG": _body_key,
    "PLACE": _place_key,
}


class NamesOfFamily:
    """Keys of one family, among which those with the name of another are found without a look at
    each: they share a word, or how they are spelled."""

    def __init__(self, family: str) -> None:
        self.family = family
        self._keys: list[Key] = []
        self._by_word: dict[str, list[int]] = {}
        self._by_spelling: dict[str, list[int]] = {}

    def add(self, key: Key) -> None:
        at = len(self._keys)
        self._keys.append(key)
        for word in set(self._words(key)):
            self._by_word.setdefault(word, []).append(at)
        self._by_spelling.setdefault(_skeleton("".join(self._words(key))), []).append(at)

    def same_as(self, short: Key) -> list[Key]:
        """Those for which ``same_name`` of ``short`` holds, in the order in which they came."""
        words = self._words(short)
        found = set(self._by_spelling.get(_skeleton("".join(words)), ()))
        telling = set() if self.family == "place" else set(words)
        if self.family == "name":
            telling -= GENERIC
        if telling:  # the longer name has them all: the rarest will do
            rarest: list[int] = min((self._by_word.get(w, []) for w in telling), key=len)
            found.update(rarest)
        keys = [self._keys[at] for at in sorted(found)]
        return [key for key in keys if same_name(self.family, short, key)]

    def _words(self, key: Key) -> tuple[str, ...]:
        return _core(key[1:]) if self.family == "person" else key[1:]


def same_name(family: str, short: Key, long: Key) -> bool:
    a, b = short[1:], long[1:]
    if family == "person":
        a, b = _core(a), _core(b)
        if not a or not b:
            return False
        return set(a) <= set(b) or (len(a) > 1 and spelled_alike(a, b))
    if family == "place":
        return spelled_alike(a, b)
    content = set(a) - GENERIC
    return (bool(content) and content <= set(b)) or spelled_alike(a, b)


def _core(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(w for w in words if w not in {"al", "el", "de", "del", "la", "bin", "abu"})


def spelled_alike(a: Sequence[str], b: Sequence[str]) -> bool:
    """Spelling variants: the same consonants ("Hasakeh", "Hassaka")."""
    left, right = _skeleton("".join(a)), _skeleton("".join(b))
    return left == right and len(left) >= 4


@lru_cache(maxsize=8192)  # each name of a text is compared with all others
def _skeleton(word: str) -> str:
    consonants = re.sub(r"(?<=.)[aeiouyh']", "", word)
    return (
        re.sub(r"(.)\1+", r"\1", consonants).replace("q", "k").replace("c", "k").replace("z", "s")
    )
