"""Names, demonyms, capitals and well-known places -> ISO 3166-1 alpha-2 country codes.

The table stands in ``terms.tsv`` and is read once, on first use. A phrase is searched from
left to right for the longest known terms ("South Sudan" before "Sudan"), so "Syrian regime" and
"southern Damascus" both give SY.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

__all__ = [
    "DEMONYM",
    "NAME",
    "NAME_PARTICLES",
    "PLACE",
    "REGIONS",
    "Country",
    "Hit",
    "capital_of",
    "country",
    "country_of",
    "find_countries",
    "normalise",
]

NAME, DEMONYM, PLACE = "name", "demonym", "place"
_MAX_TERM_WORDS = 6
_TOKEN = re.compile(r"\w[\w'\u2019.&-]*", re.UNICODE)
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})
# Country names that are also given names, surnames or common words: not read as a country
# inside a person's name unless a preposition or possessive shows the country reading.
_NAME_LIKE = frozenset(
    {"jordan", "chad", "georgia", "israel", "cuba", "kenya", "ireland", "england"}
)
# Places whose name is an English (or, in capitals, Spanish) word; read only in mixed-case text.
_WORD_LIKE = frozenset(
    "split hit van sur hub tank mach muse mon bay bol hue nice sui bar bello turbo tame dir rio "
    "zara shire bara batman rif meta falcon ica bo kent moura david uri pale mare hass wana "
    "plateau mainland colon cortes choco cesar sake antique car dpr lpr".split()
)
# Regions that hold a country's name but are none.
REGIONS = frozenset(
    {"central america", "latin america", "north america", "south america", "south asia"}
)
_PREPOSITIONS = frozenset({"of", "in", "from", "to", "for", "at", "de", "near", "across"})
# Words in lower case with which a person's name goes on.
NAME_PARTICLES = frozenset(
    "al el bin ibn abu abd abdel abdul de la las los del da do dos di von van der den y e"
    " ul ur le ben um umm o st".split()
)
_NO_OFFICE = NAME_PARTICLES | {"and", "or", "who", "with", "a", "the", "his", "her"}


@dataclass(frozen=True, slots=True)
class Country:
    """One row of the table. ``adjective`` is the form used in names ("Syrian")."""

    code: str
    name: str
    adjective: str
    capital: str | None


@dataclass(frozen=True, slots=True)
class _Table:
    countries: dict[str, Country] = field(default_factory=dict)
    # normalised term -> ((code, sort), ...), the default reading first
    terms: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def normalise(text: str) -> str:
    """Lower case, no accents, one space between words; hyphens and dots read as in ``terms``."""
    text = text.translate(_APOSTROPHES)
    if not text.isascii():
        text = text.replace("\u0131", "i").replace("\u00f8", "o")
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    text = text.casefold().replace("-", " ").replace("'", "").replace(".", "")
    return " ".join(text.split())


@cache
def _table() -> _Table:
    table = _Table()
    second: list[tuple[str, str, str]] = []
    content = Path(__file__).with_name("terms.tsv").read_text(encoding="utf-8")
    for line in content.splitlines():
        if line.startswith("#") or not line:
            continue
        code, name, adjective, aliases, demonyms, places = line.split("\t")
        place_names = [p for p in places.split("|") if p]
        capital = place_names[0] if place_names else None
        table.countries[code] = Country(code, name, adjective or name, capital)
        for sort, terms in (
            (NAME, [name, *aliases.split("|")]),
            (DEMONYM, [adjective, *demonyms.split("|")]),
            (PLACE, place_names),
        ):
            for term in terms:
                if term.endswith("?"):
                    second.append((normalise(term[:-1]), code, sort))
                elif term:
                    _add_term(table, normalise(term), code, sort)
    for key, code, sort in second:
        _add_term(table, key, code, sort)
    return table


def _add_term(table: _Table, key: str, code: str, sort: str) -> None:
    readings = table.terms.get(key, ())
    if any(known == code for known, _ in readings):
        return
    # A country's own name wins over a place of the same name elsewhere; sorting is stable.
    ordered = sorted((*readings, (code, sort)), key=lambda r: r[1] == PLACE)
    table.terms[key] = tuple(ordered)


def country(code: str) -> Country:
    """The row of an ISO code. Raises KeyError for a code that is not in the table."""
    return _table().countries[code]


def capital_of(code: str) -> str | None:
    """Plain name of the capital, or None where the table has none."""
    return _table().countries[code].capital


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in a phrase: its candidate codes (default first) and its sort."""

    codes: tuple[str, ...]
    sort: str  # name | demonym | place
    start: int  # code points into the phrase
    end: int


# A mention is searched several times on its way through the rules.
@lru_cache(maxsize=8192)
def find_countries(text: str, kind: str | None = None) -> tuple[Hit, ...]:
    """All country terms in ``text``, left to right, longest first, not overlapping.

    ``kind`` is the mention kind: in a PERSON, a name-like country ("Jordan") or a city ("Paris")
    counts only behind a preposition, before a possessive or before an office ("Paris police
    chief").
    """
    return tuple(_search(text, kind))


def _search(text: str, kind: str | None) -> Iterator[Hit]:
    words = [(m.group().rstrip(".'-&\u2019"), m.start()) for m in _TOKEN.finditer(text)]
    words = list(_split_hyphens(words))
    upper = text.upper() == text and len(words) > 1
    terms = _table().terms
    i = 0
    while i < len(words):
        step = 1
        for n in range(min(_MAX_TERM_WORDS, len(words) - i), 0, -1):
            if n == 2 and " ".join(w.lower() for w, _ in words[i : i + n]) in REGIONS:
                step = n
                break
            found = _lookup(words[i : i + n], text, terms, upper)
            if found is not None and _allowed(found, words, i, n, text, kind):
                if found[0][1] == PLACE and _goes_on(words, i + n):
                    step = n
                    break
                start, end = words[i][1], words[i + n - 1][1] + len(words[i + n - 1][0])
                yield Hit(tuple(code for code, _ in found), found[0][1], start, end)
                step = n
                break
        i += step


def _goes_on(words: list[tuple[str, int]], after: int) -> bool:
    """Whether a place's name goes on: "La Ceiba de Guadalupe" is not La Ceiba."""
    return after + 1 < len(words) and words[after][0].lower() in {"de", "del"}


def _split_hyphens(words: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    for word, start in words:
        for part in re.finditer(r"[^-]+", word):
            yield part.group(), start + part.start()


_Readings = tuple[tuple[str, str], ...]


def _lookup(
    words: list[tuple[str, int]], text: str, terms: Mapping[str, _Readings], upper: bool
) -> _Readings | None:
    first = words[0][0]
    raw = text[words[0][1] : words[-1][1] + len(words[-1][0])]
    key = normalise(raw)
    if len(words) == 1:
        if key == "us" and first not in {"US", "U.S", "US's", "U.S.", "Us"}:
            return None
        if upper and key in _WORD_LIKE:
            return None
    # Terms are proper names: "polish" and "turkey" in lower case are words.
    if not (first[0].isupper() or words[-1][0][0].isupper() or key in {"mainland"}):
        return None
    found = terms.get(key)
    if found is None and key.endswith("s"):
        # Possessives, also where the text lost its apostrophes ("Syrias", "Syria's").
        found = terms.get(key[:-1])
    return found


def _allowed(
    found: _Readings, words: list[tuple[str, int]], i: int, n: int, text: str, kind: str | None
) -> bool:
    if kind != "PERSON":
        return True
    sort = found[0][1]
    key = normalise(words[i][0])
    if sort == DEMONYM or (sort == NAME and key not in _NAME_LIKE):
        return True
    last, start = words[i + n - 1]
    before = words[i - 1][0].lower() if i else ""
    possessive = last.endswith(("'s", "\u2019s")) or text[start + len(last) :][:1] in {
        "'",
        "\u2019",
    }
    after = words[i + n][0] if i + n < len(words) else ""
    office = after[:1].islower() and after not in _NO_OFFICE
    return before in _PREPOSITIONS or possessive or office


def country_of(
    text: str, kind: str | None = None, prefer: Mapping[str, int] | None = None
) -> str | None:
    """ISO code of the country that a name or phrase points to, or None.

    The first term in the phrase decides; in a PLACE, names decide before demonyms
    ("Israeli-occupied Golan Heights" is in Syria). Where a place name has several readings, the
    one most frequent in ``prefer`` (countries of the document) wins, else the default reading.
    """
    hits = list(find_countries(text, kind))
    if kind == "PLACE":
        hits.sort(key=lambda hit: hit.sort == DEMONYM)
    if not hits:
        return None
    if prefer:
        return max(hits[0].codes, key=lambda code: prefer.get(code, 0))
    return hits[0].codes[0]
