"""An event of a Report -> its traits: what can be compared with an event of another report."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..ontology import Ontology, Role, RoleMeaning
from ..report import Argument, Event, Report, Toll
from ..resolve.countries import NAME, find_countries, normalise

_CONTEXT = 120  # characters on both sides of a trigger whose words are compared
_MAX_TRIGGERS = 3
_WORD = re.compile(r"\w{4,}")
_PROPER = re.compile(r"(?<=[a-z0-9,;:)] )[A-Z]\w{3,}")  # not at the head of a sentence
# Words that belong to any name of their sort: they do not tell one place from another.
_PLACE_WORDS = frozenset(
    "al el the of in city town village district province region state governorate county area "
    "northern southern eastern western north south east west central greater".split()
)
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday "
    "january february march april june july august september october november december".split()
)
_PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day as proleptic ordinals.

    ``stated``: the text dates this event; ``lasting``: it went on from the first to the last day
    (else it was at some time between them).
    """

    first: int
    last: int
    stated: bool
    lasting: bool

    @property
    def length(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Place:
    """``name`` is of the most specific place, ``around`` of all others that tell where it was.

    ``region`` is the first-level unit, empty if unknown. Coordinates in degrees.
    """

    country: str | None
    name: frozenset[str]
    region: frozenset[str]
    around: tuple[frozenset[str], ...]
    point: tuple[float, float] | None
    precision: str | None


@dataclass(frozen=True, slots=True)
class Traits:
    """``report`` and ``event`` are indices; ``key`` orders events whatever the order of reports."""

    report: int
    event: int
    key: str
    type: str
    status: str
    place: Place
    days: Days | None
    published: int | None
    actors: frozenset[str]
    targets: frozenset[str]
    persons: frozenset[str]
    countries: frozenset[str]  # of the parties
    things: frozenset[str]
    size: tuple[int, int | None] | None
    killed: tuple[int, int | None] | None
    injured: tuple[int, int | None] | None
    weapons: frozenset[str]
    sources: frozenset[str]
    words: frozenset[str]
    names: frozenset[str]  # proper names near the trigger, its place apart

    @property
    def parties(self) -> frozenset[str]:
        return self.actors | self.targets


def document_key(report: Report) -> str:
    """Tells reports apart by what they are, not by their place in a sequence."""
    parts = (report.doc_id, report.publisher, report.date, report.title, report.text)
    digest = hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()
    return f"{report.doc_id or ''}\x00{digest}"


def traits_of(report: Report, index: int, key: str, ontology: Ontology) -> Iterator[Traits]:
    """One for each event of a Report; ``index`` is its place in the sequence that is merged."""
    roles, place_kinds = ontology.roles, ontology.kinds_meaning("place")
    for i, event in enumerate(report.events):
        sides = fillers(event, roles, "actor", "target", "killed", "injured")
        locations = fillers(event, roles, "location")
        place = _place(report, event, [a for a in locations if a.kind in place_kinds])
        things = [a for a in (*sides, *locations) if a.entity is None and a.kind not in place_kinds]
        yield Traits(
            report=index,
            event=i,
            key=f"{key}\x00{event.id}",
            type=event.type,
            status=event.status,
            place=place,
            days=_days(event),
            published=None if report.date is None else _ordinal(report.date),
            actors=_named(report, fillers(event, roles, "actor")),
            targets=_named(report, fillers(event, roles, "target", "killed", "injured")),
            persons=_named(report, [a for a in sides if a.kind == _PERSON]),
            countries=frozenset(
                country
                for a in sides
                if a.entity is not None and (country := report.entities[a.entity].country)
            ),
            things=_content(a.text for a in things),
            size=_size(fillers(event, roles, "actor", "target")),
            killed=_range(event.killed),
            injured=_range(event.injured),
            weapons=_content(a.text for a in fillers(event, roles, "weapon")),
            sources=frozenset(normalise(s) for s in event.sources),
            words=_content(_contexts(report.text, event)),
            names=_proper_names(_contexts(report.text, event), place),
        )


def fillers(event: Event, roles: Mapping[str, Role], *meanings: RoleMeaning) -> list[Argument]:
    """Arguments whose role has one of the meanings, in the event's order."""
    return [a for a in event.arguments if a.role in roles and roles[a.role].means in meanings]


def _named(report: Report, arguments: Iterable[Argument]) -> frozenset[str]:
    return frozenset(
        normalise(report.entities[a.entity].name) for a in arguments if a.entity is not None
    )


def _place(report: Report, event: Event, arguments: Sequence[Argument]) -> Place:
    where = event.location
    names = [a.text if a.entity is None else report.entities[a.entity].name for a in arguments]
    if where is None:
        return Place(None, frozenset(), frozenset(), _distinct(names), None, None)
    name = None if where.name is None or _is_country(where.name) else where.name
    point = None if where.lat is None or where.lon is None else (where.lat, where.lon)
    around = [n for n in (*names, where.admin1) if n and not _is_country(n)]
    region = place_words(where.admin1)
    return Place(
        where.country, place_words(name), region, _distinct(around), point, where.precision
    )


def _is_country(name: str) -> bool:
    return any(
        hit.sort == NAME and hit.end - hit.start == len(name) for hit in find_countries(name)
    )


def _distinct(names: Iterable[str]) -> tuple[frozenset[str], ...]:
    return tuple(dict.fromkeys(words for n in names if (words := place_words(n))))


def place_words(name: str | None) -> frozenset[str]:
    """Words of a place's name that tell it from others."""
    return frozenset(re.findall(r"\w+", normalise(name or ""))) - _PLACE_WORDS


def _days(event: Event) -> Days | None:
    when = event.date
    if when is None:
        return None
    return Days(
        _ordinal(when.start), _ordinal(when.end), when.basis == "stated", when.precision == "range"
    )


def _ordinal(day: str) -> int:
    return datetime.date.fromisoformat(day).toordinal()


def _range(toll: Toll | None) -> tuple[int, int | None] | None:
    return None if toll is None else (toll.low, toll.high)


def _content(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(normalise(text)))


def _contexts(text: str, event: Event) -> list[str]:
    return [
        text[max(0, t.start - _CONTEXT) : t.end + _CONTEXT] for t in event.triggers[:_MAX_TRIGGERS]
    ]


def _proper_names(contexts: Iterable[str], place: Place) -> frozenset[str]:
    """Capitalised words that tell one story from another: a ship, a street, a hotel, a victim."""
    found = {normalise(word) for text in contexts for word in _PROPER.findall(text)}
    known = _CALENDAR.union(place.name, *place.around)
    return frozenset(word for word in found - known if not find_countries(word.capitalize()))


def _size(arguments: Iterable[Argument]) -> tuple[int, int | None] | None:
    """The largest number of people who do it or to whom it is done."""
    counts = [a.count for a in arguments if a.count is not None]
    largest = max(counts, key=lambda c: (c.low, c.high is None, c.high or 0), default=None)
    return None if largest is None else (largest.low, largest.high)
