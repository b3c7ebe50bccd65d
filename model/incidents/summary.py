"""Events taken to be one incident -> the ``Incident``."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from statistics import fmean
from typing import TypeVar

from ..ontology import Role, RoleMeaning
from ..report import DateValue, Entity, Event, Location, Report, Toll
from ..resolve.countries import normalise
from .record import EventRef, Incident, Party, ReportedToll, TollRange
from .traits import Traits, fillers

_T = TypeVar("_T")
_DATE_BASES = ("stated", "inherited", "news_day")


def summarise(
    members: Sequence[Traits],
    reports: Sequence[Report],
    links: Mapping[str, float],
    n_texts: int,
    roles: Mapping[str, Role],
) -> Incident:
    """``links`` gives, by ``Traits.key``, how surely each event belongs; empty if it is alone."""
    members = sorted(members, key=lambda m: (reports[m.report].date or "9999", m.key))
    told = [(reports[m.report], reports[m.report].events[m.event]) for m in members]
    events = [event for _, event in told]
    days = [report.date for report, _ in told if report.date is not None]
    return Incident(
        id=incident_id(members),
        type=_most_common((e.type for e in events), tie=_best_scored(events)),
        status=events[0].status,
        score=max(e.score for e in events),
        link=round(fmean(links[m.key] for m in members), 4) if links else None,
        date=_date(events),
        location=_location(events),
        actors=_parties(told, roles, "actor"),
        targets=_parties(told, roles, "target", "killed", "injured"),
        killed=_toll_range([e.killed for e in events]),
        injured=_toll_range([e.injured for e in events]),
        tolls=tuple(
            ReportedToll(
                report=m.report,
                doc_id=report.doc_id,
                publisher=report.publisher,
                date=report.date,
                sources=event.sources,
                killed=event.killed,
                injured=event.injured,
            )
            for m, (report, event) in zip(members, told, strict=True)
            if event.killed is not None or event.injured is not None
        ),
        sources=tuple(dict.fromkeys(s for e in events for s in e.sources)),
        publishers=tuple(dict.fromkeys(r.publisher for r, _ in told if r.publisher)),
        events=tuple(
            EventRef(
                report=m.report,
                doc_id=report.doc_id,
                event=m.event,
                id=event.id,
                link=links.get(m.key),
            )
            for m, (report, event) in zip(members, told, strict=True)
        ),
        n_reports=len(members),
        n_texts=n_texts,
        first_published=min(days, default=None),
        last_published=max(days, default=None),
    )


def incident_id(members: Iterable[Traits]) -> str:
    """Of its events, in any order and however often each is given."""
    keys = "\x01".join(sorted({m.key for m in members}))
    return hashlib.sha256(keys.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _most_common(values: Iterable[_T], tie: Callable[[_T], Hashable]) -> _T:
    """The most frequent value; of equally frequent ones that with the least ``tie``."""
    counts = Counter(values)
    return min(counts, key=lambda v: (-counts[v], tie(v)))


def _best_scored(events: Sequence[Event]) -> Callable[[str], tuple[float, str]]:
    return lambda type_: (-max(e.score for e in events if e.type == type_), type_)


def _date(events: Sequence[Event]) -> DateValue | None:
    """The days that most reports give; of equally many, the fewest days and those stated."""
    dates = [e.date for e in events if e.date is not None]
    if not dates:
        return None

    def tie(days: tuple[str, str]) -> tuple[int, int, str]:
        same = [d for d in dates if (d.start, d.end) == days]
        basis = min(_DATE_BASES.index(d.basis) for d in same)
        return _n_days(same[0]), basis, days[0]

    start, end = _most_common([(d.start, d.end) for d in dates], tie)
    first = min(
        (d for d in dates if (d.start, d.end) == (start, end)),
        key=lambda d: _DATE_BASES.index(d.basis),
    )
    return DateValue(start=start, end=end, precision=first.precision, basis=first.basis)


def _n_days(when: DateValue) -> int:
    return (date.fromisoformat(when.end) - date.fromisoformat(when.start)).days + 1


def _location(events: Sequence[Event]) -> Location | None:
    """That which most reports name, in the country that most give; of equals, the best told."""
    told = [(e.location, e.score) for e in events if e.location is not None]
    if not told:
        return None
    country = _most_common([p.country for p, _ in told], tie=lambda c: (c is None, c or ""))
    names = Counter(p.name for p, _ in told)

    def rank(place: Location, score: float) -> tuple[bool, int, bool, float, str]:
        return (
            place.name is None,
            -names[place.name],
            place.lat is None,
            -score,
            place.name or "",
        )

    best, _ = min(((p, s) for p, s in told if p.country == country), key=lambda ps: rank(*ps))
    return best.model_copy(update={"text": None})


def _parties(
    told: Sequence[tuple[Report, Event]], roles: Mapping[str, Role], *meanings: RoleMeaning
) -> tuple[Party, ...]:
    """Named ones, those that most reports name first."""
    found: dict[str, list[Entity]] = {}
    for report, event in told:
        entities = (a.entity for a in fillers(event, roles, *meanings))
        for index in dict.fromkeys(e for e in entities if e is not None):
            entity = report.entities[index]
            found.setdefault(normalise(entity.name), []).append(entity)
    parties = [
        Party(
            name=_most_common([e.name for e in same], tie=str),
            kind=_most_common([e.kind for e in same], tie=str),
            country=next((e.country for e in same if e.country), None),
            n_reports=len(same),
        )
        for same in found.values()
    ]
    return tuple(sorted(parties, key=lambda p: (-p.n_reports, p.name)))


def _toll_range(tolls: Sequence[Toll | None]) -> TollRange | None:
    given = [t for t in tolls if t is not None]
    if not given:
        return None
    highs = [t.high for t in given if t.high is not None]
    greatest = max(t.low for t in given)
    # "At least 12" beside "14" is 12 to 14; "at least 20" beside "14" has no upper bound.
    high = max(highs) if highs and max(highs) >= greatest else None
    return TollRange(low=min(t.low for t in given), high=high)
