"""Well-known actors, and those of a user's own list: names -> who it is.

The packaged list is ``actors.tsv``, its first line says what the columns hold. A list of one's own
is a CSV file with a header; ``ActorList.with_own`` describes it. All years are those in which an
actor was active under its name, both included.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import StringIO
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ..errors import DataError
from ..files import read_text
from ..ontology import Ontology
from .alpha3 import alpha2_of
from .countries import PLACE, country_of, find_countries, normalise

__all__ = [
    "OWN",
    "PACKAGED",
    "ActorList",
    "KnownActor",
    "actors_of_sort",
    "alias_key",
    "known_actor",
    "packaged_actors",
]

PACKAGED, OWN = "conflictwire", "own"
"""Sources of an actor: the list that comes with the package, the user's."""

_QUALIFIER = re.compile(r"\s\(([^)]*)\)$")
_YEAR = re.compile(r"[12]\d{3}")
_LAG = 1  # years after its end in which the news still write of an actor
_COLUMNS = (
    *("name", "kind", "aliases", "acronym", "country", "start_year", "end_year"),
    *("sort", "plover_sector", "code", "id"),
)
_REQUIRED = ("name", "kind")


@dataclass(frozen=True, slots=True)
class KnownActor:
    """One row of a list; ``country`` is the ISO alpha-2 code of its home, or None.

    ``sort`` is what a text may call it where it does not name it ("monitor", "agency"), or "".
    ``start`` and ``end`` are years; None is unknown, an end also still open. ``sector`` and
    ``code`` are codes that the list sets itself (see ``resolve.sectors``); None: by the rules.
    """

    id: str
    name: str
    kind: str
    country: str | None = None
    sort: str = ""
    start: int | None = None
    end: int | None = None
    sector: str | None = None
    code: str | None = None
    source: str = PACKAGED

    def active(self, year: int | None) -> bool:
        """Whether news of that year may write of it; what is unknown speaks for it."""
        if year is None:
            return True
        began = self.start is None or self.start <= year
        return began and (self.end is None or year <= self.end + _LAG)


@dataclass(frozen=True, slots=True)
class _Alias:
    actor: KnownActor
    acronym: str | None  # it matches only as written, or in capitals ("IS", "AR", "LeT")
    place: str | None  # country that the document must be about


class ActorList:
    """Actors by their names. Immutable; may be shared between threads."""

    def __init__(self, actors: Iterable[tuple[KnownActor, Sequence[str]]]) -> None:
        """``actors``: each with its other names. Of equals, an earlier one wins."""
        self._rows = tuple((actor, tuple(aliases)) for actor, aliases in actors)
        self._by_id = {actor.id: actor for actor, _ in reversed(self._rows)}
        self._aliases: dict[str, list[_Alias]] = {}
        for actor, aliases in self._rows:
            for alias in (actor.name, *aliases):
                self._add(actor, alias)
        self._alike = _Alike(self._aliases)

    def _add(self, actor: KnownActor, alias: str) -> None:
        bare = _QUALIFIER.sub("", alias)
        acronym = bare if len(bare) <= 4 and sum(map(str.isupper, bare)) > 1 else None
        place = (_place(alias) or actor.country) if bare != alias else None
        self._aliases.setdefault(alias_key(bare), []).append(_Alias(actor, acronym, place))
        if place:
            self._aliases.setdefault(alias_key(alias), []).append(_Alias(actor, None, None))

    def __iter__(self) -> Iterator[KnownActor]:
        return (actor for actor, _ in self._rows)

    def by_id(self, id: str) -> KnownActor | None:
        return self._by_id.get(id)

    def of_sort(self, sort: str) -> tuple[KnownActor, ...]:
        """All actors of one sort, in the order of the list."""
        return tuple(actor for actor in self if actor.sort == sort)

    def find(
        self,
        text: str,
        kind: str | None = None,
        context: Mapping[str, int] | None = None,
        year: int | None = None,
    ) -> KnownActor | None:
        """The actor that ``text`` as a whole names, or None.

        ``context``: the countries of the document, weighted; ``year``: of its publication. A name
        of several actors goes to one of the user's own list, else to one whose kind is ``kind``,
        else to one whose years do not rule it out and whose country the document is about, else
        to the first in the list.
        """
        found = self._aliases.get(alias_key(text))
        return self._best(found, text, kind, context or {}, year) if found else None

    def find_alike(
        self,
        text: str,
        kind: str | None = None,
        context: Mapping[str, int] | None = None,
        year: int | None = None,
    ) -> KnownActor | None:
        """The actor that ``text`` names with another spelling ("Boko Haraam"), or None.

        Short names, acronyms, people and places are never compared; see ``_Alike``. An actor whose
        home the document does not touch on is left out: a wrong one is worse than none.
        """
        key = self._alike.nearest(alias_key(text))
        if key is None:
            return None
        found = [
            a
            for a in self._aliases[key]
            if a.actor.kind == kind
            and a.actor.active(year)
            and (not context or not a.actor.country or context.get(a.actor.country, 0) > 0)
        ]
        return self._best(found, text, kind, context or {}, year)

    def _best(
        self,
        found: Iterable[_Alias],
        text: str,
        kind: str | None,
        context: Mapping[str, int],
        year: int | None,
    ) -> KnownActor | None:
        top, bare = max(context.values(), default=0), text.strip("() ")
        usable = [
            alias
            for alias in found
            if (alias.acronym is None or bare.isupper() or bare == alias.acronym)
            and (alias.place is None or context.get(alias.place, 0) * 2 >= top > 0)
            and (kind is None or (kind == "PERSON") == (alias.actor.kind == "PERSON"))
        ]
        if len(usable) < 2:
            return usable[0].actor if usable else None

        def fitness(alias: _Alias) -> tuple[bool, bool, bool, int]:
            actor = alias.actor
            weight = context.get(alias.place or actor.country or "", 0)
            at_home = weight > 0 or not actor.country or not context
            return actor.source == OWN, actor.kind == kind, actor.active(year) and at_home, weight

        return max(usable, key=fitness).actor

    def with_own(self, path: str | Path, ontology: Ontology) -> ActorList:
        """This list with a user's own (CSV, UTF-8, a header line) before it.

        Columns, in any order: name, kind (a label of ``ontology``); optional, and may be empty:
        aliases (separated by |), acronym (of up to four letters it matches only in capitals),
        country (ISO 3166-1), start_year and end_year, sort (what a text may call it: "monitor"),
        plover_sector (of ``ontology``), code (its whole CAMEO-style code), id (else made from the
        name). An actor of the same name, or id, as a packaged one takes its place and its other
        names. Raises DataError with file, line and column.
        """
        own = list(_read_own(path, ontology))
        mine = {key for actor, _ in own for key in (alias_key(actor.name), actor.id)}
        inherited: dict[str, tuple[str, ...]] = {}
        kept = []
        for actor, aliases in self._rows:
            if mine.isdisjoint({alias_key(actor.name), actor.id}):
                kept.append((actor, aliases))
            else:
                inherited[alias_key(actor.name)] = inherited[actor.id] = (actor.name, *aliases)
        joined = []
        for actor, aliases in own:
            old = inherited.get(actor.id) or inherited.get(alias_key(actor.name), ())
            joined.append((actor, (*aliases, *old)))
        return ActorList([*joined, *kept])


class _Alike:
    """Names that are spelled like one in a list.

    Two names are alike if all their words pair off, in order: words are equal but for vowels, or
    of a likeness (1 less the share of letters to edit) of at least ``_MIN_WORD``, and the whole of
    at least ``_MIN_WHOLE``. Words that stand in names of the list, and words for countries, are
    never taken for each other: "front", "army", "Iraqi", "Iranian" tell groups apart. A name that
    is like those of two actors is like none. training/LOG.md tells how the thresholds were chosen.
    """

    _MIN_LETTERS = 8  # of the whole name
    _MIN_WORD = 0.7
    _MIN_WHOLE = 0.84

    def __init__(self, aliases: Mapping[str, Sequence[_Alias]]) -> None:
        self._names: dict[str, str] = {}  # a name as it is compared -> its key in ``aliases``
        self._aliases = aliases
        for key, found in aliases.items():
            if any(a.actor.kind in _COMPARED and a.acronym is None for a in found):
                words = _compared(key)
                if len(words.replace(" ", "")) >= self._MIN_LETTERS:
                    self._names.setdefault(words, key)
        self._known = frozenset(" ".join(self._names).split())
        self.nearest = lru_cache(maxsize=8192)(self._nearest)  # texts repeat their names

    def _nearest(self, key: str) -> str | None:
        """Key in ``aliases`` of the name most like that of ``key``, or None."""
        words = _compared(key)
        if len(words.replace(" ", "")) < self._MIN_LETTERS:
            return None
        near = process.extract(
            words,
            self._names.keys(),
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=self._MIN_WHOLE,
            limit=5,
        )
        keys = [self._names[name] for name, _, _ in near if self._pair_off(words, name)]
        actors = {frozenset(alias.actor.id for alias in self._aliases[key]) for key in keys}
        return keys[0] if len(actors) == 1 else None

    def _pair_off(self, left: str, right: str) -> bool:
        a, b = left.split(), right.split()
        return len(a) == len(b) and all(
            x == y
            or (_consonants(x) == _consonants(y) and not _of_a_country(x, y))
            or (
                x not in self._known
                and Levenshtein.normalized_similarity(x, y) >= self._MIN_WORD
                and not _of_a_country(x, y)
            )
            for x, y in zip(a, b, strict=True)
        )


def _of_a_country(*words: str) -> bool:
    return any(hit.sort != PLACE for word in words for hit in find_countries(word.capitalize()))


_COMPARED = frozenset({"ARMED_GROUP", "POLITICAL", "INTERNATIONAL", "MILITARY", "POLICE"})
_ARTICLES = frozenset({"al", "el", "the", "as", "ash", "an", "ul", "e", "i"})


def _compared(key: str) -> str:
    return " ".join(word for word in key.split() if word not in _ARTICLES)


def _consonants(word: str) -> str:
    """What stays of a word however its vowels are written: "jaysh", "jaish"."""
    kept = word[:1] + re.sub(r"[aeiouyhw]", "", word[1:])
    return re.sub(r"(.)\1+", r"\1", kept)


def _place(alias: str) -> str | None:
    """Country in the brackets of an alias: "Civil Defence (Syria)" -> SY."""
    match = _QUALIFIER.search(alias)
    return country_of(match.group(1)) if match else None


@lru_cache(maxsize=65_536)  # texts repeat their names, and rules ask for each part of them
def alias_key(text: str) -> str:
    """Key of an alias: ``normalise`` without brackets, quotes and a leading article."""
    key = normalise(re.sub(r"[()\[\]\"\u201c\u201d,]", " ", text))
    return key[4:] if key.startswith("the ") else key


# ---- the packaged list


@cache
def packaged_actors() -> ActorList:
    """The list that comes with the package, read once."""
    content = Path(__file__).with_name("actors.tsv").read_text(encoding="utf-8")
    return ActorList(map(_packaged_row, content.splitlines()[1:]))


def _packaged_row(line: str) -> tuple[KnownActor, list[str]]:
    id, name, kind, home, years, sort, code, aliases = line.split("\t")
    start, _, end = years.partition("-")
    actor = KnownActor(
        *(id, name, kind, home or None, sort),
        start=int(start) if start else None,
        end=int(end) if end else None,
        code=code or None,
    )
    return actor, [alias for alias in aliases.split("|") if alias]


def known_actor(
    text: str, kind: str | None = None, context: Mapping[str, int] | None = None
) -> KnownActor | None:
    """``ActorList.find`` in the packaged list."""
    return packaged_actors().find(text, kind, context)


def actors_of_sort(sort: str) -> tuple[KnownActor, ...]:
    """``ActorList.of_sort`` of the packaged list."""
    return packaged_actors().of_sort(sort)


# ---- a list of one's own


def _read_own(path: str | Path, ontology: Ontology) -> Iterator[tuple[KnownActor, tuple[str, ...]]]:
    file = str(path)
    reader = csv.DictReader(StringIO(read_text(path).removeprefix("\ufeff"), newline=""))
    try:
        columns = [(column or "").strip() for column in reader.fieldnames or ()]
        reader.fieldnames = columns
        _check_columns(columns, file)
        seen: dict[str, int] = {}
        for row in reader:
            cells = {c: (row.get(c) or "").strip() for c in _COLUMNS}
            if None in row:
                raise DataError(
                    f"more cells than columns ({len(columns)}); quote a cell that holds a comma",
                    file=file,
                    line=reader.line_num,
                )
            if not any(cells.values()):
                continue
            actor, aliases = _own_row(cells, ontology, file, reader.line_num)
            if actor.id in seen:
                raise DataError(
                    f"{actor.id!r} is already the id of line {seen[actor.id]}",
                    file=file,
                    line=reader.line_num,
                    field="id" if cells["id"] else "name",
                )
            seen[actor.id] = reader.line_num
            yield actor, aliases
    except csv.Error as error:
        raise DataError(f"not CSV: {error}", file=file, line=reader.line_num) from None


def _check_columns(columns: Sequence[str], file: str) -> None:
    accepted = f"accepted: {', '.join(_COLUMNS)}"
    for column in columns:
        if column not in _COLUMNS or columns.count(column) > 1:
            what = "is given twice" if column in _COLUMNS else f"is not known; {accepted}"
            raise DataError(f"column {column!r} {what}", file=file, line=1, field=column or None)
    for column in _REQUIRED:
        if column not in columns:
            raise DataError(f"missing column; {accepted}", file=file, line=1, field=column)


def _own_row(
    cells: Mapping[str, str], ontology: Ontology, file: str, line: int
) -> tuple[KnownActor, tuple[str, ...]]:
    def fail(column: str, message: str) -> DataError:
        return DataError(message, file=file, line=line, field=column)

    def label(column: str, known: Iterable[str]) -> str:
        if cells[column] not in known:
            raise fail(column, f"{cells[column]!r} is not known; accepted: {', '.join(known)}")
        return cells[column]

    def year(column: str) -> int | None:
        if cells[column] and not _YEAR.fullmatch(cells[column]):
            raise fail(column, f"expected a year such as 2013, got {cells[column]!r}")
        return int(cells[column]) if cells[column] else None

    if not alias_key(cells["name"]):
        raise fail("name", "missing")
    if not cells["kind"]:
        raise fail("kind", "missing")
    home = alpha2_of(cells["country"].upper()) if cells["country"] else None
    if cells["country"] and home is None:
        raise fail("country", f"expected an ISO 3166-1 code such as SY, got {cells['country']!r}")
    start, end = year("start_year"), year("end_year")
    if start is not None and end is not None and end < start:
        raise fail("end_year", f"{end} is before start_year {start}")
    acronym = cells["acronym"]
    if acronym and not acronym.isupper():
        raise fail("acronym", f"expected capitals, got {acronym!r}; other names go to aliases")
    actor = KnownActor(
        id=cells["id"] or _slug(cells["name"]),
        name=cells["name"],
        kind=label("kind", (*ontology.actor_kinds, *ontology.kinds_meaning("place"))),
        country=home,
        sort=cells["sort"],
        start=start,
        end=end,
        sector=label("plover_sector", ontology.sectors) if cells["plover_sector"] else None,
        code=cells["code"] or None,
        source=OWN,
    )
    aliases = (acronym, *(alias.strip() for alias in cells["aliases"].split("|")))
    return actor, tuple(alias for alias in aliases if alias_key(alias))


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", normalise(name))) or name
