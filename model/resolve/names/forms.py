"""What one mention's words say about identity: actor, country, person name, place name, class.

Rules only: nothing here looks at the rest of the text except through ``Known``, which holds the
weighted countries of the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ..actors.known import KnownActor, alias_key
from ..actors.lists import ActorList, packaged_actors
from ..countries.terms import (
    DEMONYM,
    NAME,
    NAME_PARTICLES,
    Hit,
    find_countries,
    normalise,
)

__all__ = [
    "ARMY_WORDS",
    "ENTITY_KINDS",
    "GENERIC",
    "GOVERNMENT_WORDS",
    "NOMINAL_CITY",
    "POLICE_WORDS",
    "PROVINCE_WORDS",
    "Form",
    "Known",
    "analyse",
    "person_name",
]

# Words of caches: texts repeat theirs, and a stream of them must not fill the memory.
_CACHE_WORDS = 65_536

ENTITY_KINDS = frozenset(
    {
        *("PERSON", "GOVERNMENT", "MILITARY", "POLICE", "ARMED_GROUP", "CIVILIAN"),
        *("POLITICAL", "INTERNATIONAL", "ORG", "PLACE"),
    }
)
_WORD = re.compile(r"[^\W_][\w'\u2019.&/-]*", re.UNICODE)
_MAX_ALIAS_WORDS = 9


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


STOP = _set(
    "a an the of in on at to for from and or by with than more least most about over under up"
    " near nearly almost around several many some other others few its his her their our all"
    " both any dozens scores hundreds thousands hundred thousand one two three four five six"
    " seven eight nine ten eleven twelve dozen another each that this those these who as so"
    " called s"
)
# Common nouns and adjectives of actors: a mention made of these alone names nobody.
GENERIC = _set(
    "group groups faction factions organization organisation organizations organisations"
    " movement alliance coalition fighter fighters militant militants terrorist terrorists"
    " jihadist jihadists jihadi jihadis insurgent insurgents rebel rebels guerrilla guerrillas"
    " gunman gunmen militia militias militiamen militiaman extremist extremists islamist"
    " islamists cadre cadres member members men man leader leaders commander commanders chief"
    " head boss bosses force forces troop troops soldier soldiers army armies military unit"
    " units brigade battalion police policeman policemen officer officers personnel security"
    " official officials authorities authority government governments regime administration"
    " state states ministry minister ministers spokesman spokeswoman spokesperson source"
    " sources monitor monitors monitoring watchdog agency agencies news media correspondent"
    " reporter reporters journalist journalists photographer television tv radio newspaper"
    " website channel ngo activist activists network opposition party parties supporters"
    " supporter protesters protester demonstrators people residents civilians civilian"
    " families villagers women children refugees citizens nationals armed suspected alleged"
    " unidentified unknown local senior top former outlawed banned based backed led linked"
    " affiliated allied loyal loyalist pro anti hardline radical sunni shiite shia muslim"
    " islamic christian kurdish arab foreign international national regional federal human"
    " rights warplanes jets aircraft planes helicopters air elements gang gangs cartel cartels"
    " criminal criminals drug team patrol body bodies affiliate offshoot branch arm wing"
    " district city town village province governorate region area country nation capital"
    " border neighborhood neighbourhood suburb suburbs outskirts countryside part parts side"
    " territory northern southern eastern western north south east west central rural held"
    " controlled besieged enclave stronghold center centre place republic kingdom president"
    " king prince special new old prime deputy vice ex so-called powerful main major key"
    " largest biggest young attackers attacker assailants perpetrators bomber bombers suspects"
    " suspect prisoner prisoners detainee detainees hostage hostages victim victims director"
    " company companies hospital charity aid medical health workers worker staff british-based"
    " uk-based britain-based paramilitary paramilitaries combatants enemy subversives"
    " subversive delinquents hooded individuals individual command general colonel captain"
    " patriotic proxies allies ally backers partners rival rivals inspectors experts"
    " investigators delegates delegation representatives envoy diplomats powers power"
    " community world"
).union({"non-governmental", "state-run", "pro-regime", "pro-government", "anti-government"})
TITLES = _set(
    "secretary-general vice-president attorney-general"
    " president prime minister mr mrs ms miss dr prof professor general gen col colonel lt"
    " lieutenant maj major capt captain sgt sergeant brig brigadier adm admiral marshal sheikh"
    " sheik shaikh king queen prince princess crown emir sultan ayatollah imam mullah maulana"
    " maulvi haji hajji sayyid senator sen rep representative congressman congresswoman"
    " governor gov mayor chief director spokesman spokeswoman spokesperson head leader"
    " commander chancellor secretary foreign defense defence interior justice state ambassador"
    " envoy deputy vice former ex judge prosecutor attorney lawyer bishop archbishop pope"
    " father monsignor rev reverend sir lord lady inspector superintendent constable officer"
    " official activist journalist reporter correspondent photographer analyst singer cleric"
    " jihadi comandante commandant engineer candidate adviser advisor national security"
    " special premier dictator strongman counterpart coordinator warlord rebel terrorist"
    " militant cadre self-styled senior top young son daughter brother wife husband mother"
    " sister negotiator chairman member opposition military police army party council"
    " executive ceo editor author writer founder citizen doctor nurse soldier kingpin boss"
    " capo drug trafficker area sub zonal press hon mp mla then fellow union district ruling"
)
GOVERNMENT_WORDS = _set(
    "government governments regime regimes authorities administration ministers officials cabinet"
    " junta ministry state leadership government's regime's official"
)
ARMY_WORDS = _set("army armies armys")
POLICE_WORDS = _set("police policeman policemen policewomen")
PROVINCE_WORDS = _set(
    "province governorate department state provinces governorates prefecture oblast"
)
NOMINAL_CITY = _set(
    "city town village capital stronghold enclave suburb district area neighborhood"
    " neighbourhood region province camp municipality hamlet territory pocket zone"
)


@dataclass(frozen=True)
class Known:
    """Actors as one document knows them: a list, the document's countries, its year.

    ``context``: countries that the document is about, weighted; ``year``: of publication.
    """

    actors: ActorList = field(default_factory=packaged_actors)
    context: Mapping[str, int] = field(default_factory=dict)
    year: int | None = None

    def find(self, text: str, kind: str | None = None) -> KnownActor | None:
        """``ActorList.find`` in this document."""
        return self.actors.find(text, kind, self.context, self.year)

    def find_alike(self, text: str, kind: str) -> KnownActor | None:
        """``ActorList.find_alike`` in this document."""
        return self.actors.find_alike(text, kind, self.context, self.year)

    def above_all(self, code: str) -> Known:
        """The same, for words that name a country themselves."""
        top = max(self.context.values(), default=0) + 1
        return Known(self.actors, {**self.context, code: top}, self.year)


@dataclass(frozen=True, slots=True)
class Form:
    """One mention, analysed. Words are normalised; ``name`` holds those that are proper."""

    text: str
    kind: str
    words: tuple[str, ...]
    head: str
    name: tuple[str, ...]  # proper words: a person's or place's own name, an unknown group's name
    display: str  # the name as written, cleaned; "" where there is none
    country: str | None
    actor: KnownActor | None  # named by the whole or (partial=True) a part of the mention
    partial: bool
    titles: frozenset[str]


def analyse(
    text: str, kind: str, known: Known | None = None, *, capital_tells: bool = True
) -> Form:
    """Analyse one mention; ``known`` breaks ties of ambiguous names.

    ``capital_tells``: whether the first letter says that the first word is a name; it does not at
    the start of a sentence.
    """
    known = known or Known()
    raw = [m.group().rstrip(".'\u2019-") for m in _WORD.finditer(text)]
    words = tuple(_norm_word(w) for w in raw)
    head = _head(words)
    display, titles = person_name(text, known) if kind == "PERSON" else ("", frozenset())
    hits = [hit for hit in find_countries(text, kind) if not _is_given(text, hit, display)]
    if kind == "PLACE":
        hits.sort(key=lambda hit: hit.sort == DEMONYM)
    code = None
    if hits:
        codes = hits[0].codes
        code = max(codes, key=lambda c: known.context.get(c, 0))
    # The mention's own country says more than all others in the text.
    near = known if code is None else known.above_all(code)
    actor, partial = _actor_in(text, raw, kind, near)
    if kind != "PERSON":
        display = _proper_display(*_without_frills(text, raw))
        if not capital_tells and kind != "PLACE" and _may_be_common(raw):
            display = ""
        if actor is None and display:
            actor = near.find_alike(display, kind)
    name = tuple(w for w in (_norm_word(x) for x in _WORD.findall(display)) if w not in STOP)
    return Form(text, kind, words, head, name, display, code, actor, partial, titles)


def _is_given(text: str, hit: Hit, name: str) -> bool:
    """Whether a country's name stands in the personal name of a mention: "Israel Katz"."""
    at = text.casefold().rfind(name.casefold()) if name else -1
    return hit.sort == NAME and 0 <= at <= hit.start


def _may_be_common(raw: Sequence[str]) -> bool:
    """Whether one word that opens a sentence may be a plural noun: "Smugglers", "Tribesmen"."""
    return len(raw) == 1 and raw[0][1:].islower() and raw[0].endswith(("s", "men", "people"))


@lru_cache(maxsize=_CACHE_WORDS)
def _norm_word(word: str) -> str:
    word = word.replace("\u2019", "'")
    if word.endswith("'s"):
        word = word[:-2]
    return word.casefold() if word.isascii() and "-" in word else normalise(word)


def _head(words: Sequence[str]) -> str:
    """Last word before the first preposition behind the first word."""
    for i, word in enumerate(words):
        if i and word in {"of", "from", "in", "on", "at", "with", "for", "to", "loyal", "near"}:
            return words[i - 1]
    return words[-1] if words else ""


def _actor_in(
    text: str, raw: Sequence[str], kind: str, known: Known
) -> tuple[KnownActor | None, bool]:
    """Known actor named by the mention as a whole, else by a part of it; flag: only a part."""
    if kind == "PLACE":
        actor = known.find(text, kind)
        return (actor, False) if actor is not None and actor.kind == "PLACE" else (None, False)
    actor = known.find(text, kind)
    if actor is not None and actor.kind != "PLACE":
        return actor, False
    n = len(raw)
    for size in range(min(_MAX_ALIAS_WORDS, n), 0, -1):
        for start in range(n - size, -1, -1):
            part = raw[start : start + size]
            # Names are capitalised: "observatory" is not taken from a phrase.
            if not _is_capital(part[0]) and not _is_capital(part[-1]):
                continue
            phrase = " ".join(part)
            if size == 1 and _norm_word(phrase) in _SHARED_NAMES and _has_forename(raw, start):
                continue
            for candidate in (phrase, re.sub(r"['\u2019]?s$", "", phrase)):
                actor = known.find(candidate)
                if actor is not None and _part_fits(actor, kind):
                    rest = [*raw[:start], *raw[start + size :]]
                    return actor, not _only_generic(rest, actor, known)
    return None, False


# One-word names that are the last word of many other names: "Scout Rangers", "Irish Times".
_SHARED_NAMES = _set(
    "rangers guards times guardian telegraph tribune news post nation hindu pioneer sentinel"
    " observer independent herald star mirror monitor"
)


def _has_forename(raw: Sequence[str], at: int) -> bool:
    return at > 0 and _is_capital(raw[at - 1]) and _norm_word(raw[at - 1]) not in STOP


def _is_capital(word: str) -> bool:
    return word[:1].isupper() or (word[:3] in {"al-", "el-"} and word[3:4].isupper())


def _part_fits(actor: KnownActor, kind: str) -> bool:
    if actor.kind == "PLACE" or alias_key(actor.name) in {"news"}:
        return False
    return (actor.kind == "PERSON") == (kind == "PERSON") or actor.kind != "PERSON"


def _only_generic(rest: Sequence[str], actor: KnownActor, known: Known) -> bool:
    """Whether what surrounds the actor's name is filler, or its own acronym."""
    initials = "".join(w[0] for w in normalise(actor.name).split() if w not in STOP)
    for word in rest:
        w = _norm_word(word)
        if w in STOP or w in GENERIC or w.isdigit() or w == initials:
            continue
        if "-" in w or find_countries(word):
            continue
        if known.find(word) == actor:
            continue
        return False
    return True


def person_name(text: str, known: Known | None = None) -> tuple[str, frozenset[str]]:
    """The bare personal name in a mention and the (normalised) title words before it.

    "Observatory director Rami Abdel Rahman" -> ("Rami Abdel Rahman", {"observatory",
    "director"}). Without a personal name, the name is "" and all words are titles.
    """
    known = known or Known()
    text = re.sub(r"\([^)]*\)", " ", text)
    words = [w.strip(',;:"\u201c\u201d') for w in text.split()]
    words = [w for w in words if w and w != "-"]
    capitals = text.upper() == text and len(text) > 4
    cut = len(words)
    while cut > 0 and _is_name_word(words, cut - 1, capitals, known):
        cut -= 1
    while cut < len(words) and not words[cut][:1].isupper() and cut + 1 < len(words):
        if normalise(words[cut]).split()[:1] and normalise(words[cut]) in NAME_PARTICLES:
            break
        cut += 1
    name = [re.sub(r"(?:'s|\u2019s|['\u2019])$", "", w) for w in words[cut:]]
    # Texts that lost their apostrophes: "Assads".
    if name and name[-1].endswith("s") and known.find(name[-1][:-1], "PERSON") is not None:
        name[-1] = name[-1][:-1]
    if cut > 1 and words[cut - 1].lower() in _HEADS_OF:
        if words[cut - 2][:1].isupper() and _is_name_word(words, cut - 2, capitals, known):
            return person_name(" ".join(words[: cut - 1]), known)  # "Ida Berg of Oslo"
        # "mayor of Melitopol" names no one; behind a comma or more words stands who it is.
        cut += _n_words_of_place(text, words[cut:])
        name = name[len(name) - (len(words) - cut) :] if cut < len(words) else []
    # "Member of the Delta JTF" names a body: a person has no article.
    lone = len(name) == 1 or (cut > 0 and words[cut - 1].lower() == "the")
    if lone and _OF_THE_BODY.search(" ".join(words[:cut])):
        name, cut = [], len(words)
    titles = frozenset(_norm_word(w.strip(".")) for w in words[:cut])
    if capitals:
        name = [_capitalise(w) for w in name]
    return " ".join(name), titles


_HEADS_OF = frozenset({"of", "from", "in", "at", "for"})
_OF_THE_BODY = re.compile(r"\b(?:of|from|in|at|for) the(?: [^\W\d_a-z][\w-]*)*$")


def _n_words_of_place(text: str, words: Sequence[str]) -> int:
    """How many of the words behind "mayor of" are what the person heads, not who it is."""
    behind_comma = [w for w in text.rpartition(",")[2].split() if w] if "," in text else []
    if behind_comma and len(behind_comma) < len(words):
        return len(words) - len(behind_comma)
    phrase = " ".join(words)
    hits = find_countries(phrase, "PLACE")
    if hits and hits[0].start == 0 and hits[0].end < len(phrase):
        return len(phrase[: hits[0].end].split())
    return len(words) if len(words) == 1 else 0


def _capitalise(word: str) -> str:
    return "-".join(part.capitalize() for part in word.split("-"))


def _is_name_word(words: Sequence[str], i: int, capitals: bool, known: Known) -> bool:
    word = words[i]
    key = _norm_word(word.strip("."))
    if not word[:1].isupper():
        return (
            key in NAME_PARTICLES
            or key.startswith(("al-", "el-", "bin-", "ul-", "al'"))
            or ("'" in word and not word.endswith("s"))
        )
    person = known.find(re.sub(r"['\u2019]?s$", "", word), "PERSON")
    if person is not None and person.kind == "PERSON":
        return True
    if key in TITLES or (key in GENERIC and i + 1 < len(words)) or key in STOP:
        return False
    if i == len(words) - 1 and key in GENERIC:
        return False
    hits = find_countries(word)
    if hits and hits[0].sort == NAME and _is_given_name(words, i):
        return True
    if hits and hits[0].sort in {DEMONYM, NAME} and (i == 0 or capitals or i + 1 < len(words)):
        return False
    actor = known.find(word)
    return actor is None or actor.kind == "PERSON"


_TOWARDS = frozenset({"of", "to", "in", "for", "from", "on", "at", "and", "with"})


def _is_given_name(words: Sequence[str], i: int) -> bool:
    """Whether a word like a country stands for a person before a last name: "Chad Johnson".

    The words behind it are known to be of a name. "US", "Israel's" and "North Korea" are countries.
    """
    word = words[i]
    if i + 1 >= len(words) or not words[i + 1][:1].isupper() or not word.isalpha():
        return False
    if len(word) < 4:  # "US", "UK", "UAE"
        return False
    if i and words[i - 1].lower() in _TOWARDS:  # "ambassador to Chad Ida Berg"
        return False
    if words[i + 1].isupper() and not word.isupper():  # "Mali FM"
        return False
    longer = find_countries(" ".join(words[max(i - 3, 0) : i + 1]))
    return not longer or longer[-1].end - longer[-1].start == len(word)


def _proper_display(text: str, raw: Sequence[str]) -> str:
    """The proper-name part of a non-person mention, "" if every word is common."""
    capitals = text.upper() == text and len(text) > 5
    keep: list[str] = []
    for i, word in enumerate(raw):
        key = _norm_word(word)
        proper = word[:1].isupper() and not (
            i == 0 and key in GENERIC and len(raw) > 1 and not raw[1][:1].isupper()
        )
        if capitals:
            proper = key not in GENERIC and key not in STOP
        if proper and key not in STOP and not key.isdigit():
            keep.append(word)
    names = [w for w in keep if _norm_word(w) not in GENERIC and not _is_demonym(w)]
    if names and names == raw[:1] and _norm_word(raw[0]) in _KINDS_OF_FORCE:
        return ""
    if not names:
        return ""
    if capitals:
        return " ".join(_capitalise(w) for w in raw)
    return _trim(raw)


_KINDS_OF_FORCE = _set("riot plainclothes plain-clothes masked rival tribal pro-democracy unarmed")
# What comes behind names another: "fighters loyal to warlord Aziz Omar".
_ALLEGIANCE = re.compile(r"\s(?:loyal|allied|aligned)\s(?:to|with)\s.*", re.DOTALL)
_FRILL = re.compile(
    r"\s*\([^)]*\)|^[A-Z][\w-]+['\u2019]s\s+(?=[A-Z])|['\u2019]s$"
    r"|\b[A-Z][\w.\u2019']*(?:[ -][A-Z][\w.\u2019']*)*(?:-| - | )based\s+"
)


def _without_frills(text: str, raw: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Text and words without a bracketed acronym, a possessor, a seat ("Oslo-based"), a last 's."""
    bare = _FRILL.sub("", _ALLEGIANCE.sub("", text))
    if bare == text or not bare.strip():
        return text, raw
    return bare, [m.group().rstrip(".'\u2019-") for m in _WORD.finditer(bare)]


def _trim(raw: Sequence[str]) -> str:
    """Cut common lower-case words off both ends ("group of X fighters" -> "X")."""
    start, end = 0, len(raw)
    while start < end and not raw[start][:1].isupper():
        start += 1
    while end > start and not raw[end - 1][:1].isupper():
        end -= 1
    return " ".join(raw[start:end])


@lru_cache(maxsize=_CACHE_WORDS)
def _is_demonym(word: str) -> bool:
    hits = find_countries(word)
    return bool(hits) and hits[0].sort in {DEMONYM, NAME}
