"""CSV in ACLED's layout: 31 columns, one row an event that happened.

A crosswalk in the project's own words: no ACLED content is used. ``README.md`` says what each
column holds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, TextIO

from ..resolve.codes import interaction_code
from ..resolve.counts import count
from .cells import Value
from .delimited import RowWriter
from .geography import country_name, numbers
from .parties import Filler, Parties, parties_of, sort_of
from .view import joined, views

if TYPE_CHECKING:
    from ..ontology import Ontology, Side
    from ..report import Acled, DateValue, Location, Report
    from .view import EventView

__all__ = ["AcledWriter"]

_HEADER = (
    "event_id_cnty event_date year time_precision disorder_type event_type sub_event_type actor1 "
    "assoc_actor_1 inter1 actor2 assoc_actor_2 inter2 interaction civilian_targeting iso region "
    "country admin1 admin2 admin3 location latitude longitude geo_precision source source_scale "
    "notes fatalities tags timestamp"
).split()

_VIOLENCE, _DEMONSTRATIONS = "Political violence", "Demonstrations"
# By event type; by sub-event type where that says more.
_DISORDER = {
    "Battles": _VIOLENCE,
    "Explosions/Remote violence": _VIOLENCE,
    "Violence against civilians": _VIOLENCE,
    "Protests": _DEMONSTRATIONS,
    "Excessive force against protesters": f"{_VIOLENCE}; {_DEMONSTRATIONS}",
    "Riots": _DEMONSTRATIONS,
    "Mob violence": _VIOLENCE,
    "Strategic developments": "Strategic developments",
}
_GEO_PRECISION = {"point": 1, "area": 2, "region": 3, "country": 3}
_ALWAYS_AT_CIVILIANS = ("Violence against civilians", "Excessive force against protesters")
_AT_CIVILIANS_BY_TARGET = ("Explosions/Remote violence", "Riots")
# Of a range that is named so, also where it is cut off at the day of the news.
_LEAST_DAYS = {"week": 7, "month": 28, "year": 365}
# Rioters, protesters, civilians: crowds without a name of their own go by these words.
_CROWDS = (5, 6, 7)


class AcledWriter(RowWriter):
    """Events that happened and have an ACLED-style type."""

    header = tuple(_HEADER)

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        super().__init__(out, ontology)
        self.timestamp = int(time.time())
        """Of the export, in seconds since 1970: when the rows were last changed."""

    def rows(self, report: Report) -> Iterator[Mapping[str, Value]]:
        for view in views(report, self.ontology):
            code = view.event.codes.acled
            if view.happened and code is not None:
                yield {**_row(view, code), "timestamp": self.timestamp}


def _row(view: EventView, code: Acled) -> dict[str, Value]:
    event = view.event
    parties = _by_layout(parties_of(view), code)
    return {
        "event_id_cnty": view.id,
        **_when(event.date),
        "disorder_type": _DISORDER.get(code.sub_event_type) or _DISORDER.get(code.event_type),
        "event_type": code.event_type,
        "sub_event_type": code.sub_event_type,
        **_actors(parties, event.location),
        "civilian_targeting": "Civilian targeting" if _at_civilians(parties, code) else None,
        **_where(event.location),
        "source": joined([view.report.publisher or "", *event.sources]),
        "notes": view.sentence,
        "fatalities": event.killed.low if event.killed is not None else None,
        "tags": view.provenance,
    }


def _when(when: DateValue | None) -> dict[str, Value]:
    """First day, and how wide the range is: 1 a day, 2 up to a week, 3 up to a month.

    Part of a week or month that the text names is no narrower than the whole. The layout has no
    wider precision: of a year, or a range over 31 days, only the year is told, if it is one.
    """
    if when is None:
        return {}
    start, end = date.fromisoformat(when.start), date.fromisoformat(when.end)
    n_days = max((end - start).days + 1, _LEAST_DAYS.get(when.precision, 1))
    precision = next((i for i, most in enumerate((1, 7, 31), start=1) if n_days <= most), None)
    return {
        "event_date": when.start if precision is not None else None,
        "year": start.year if precision is not None or start.year == end.year else None,
        "time_precision": precision,
    }


def _where(where: Location | None) -> dict[str, Value]:
    if where is None:
        return {}
    row = numbers(where.country)
    return {
        "iso": row.iso if row is not None else None,
        "region": row.region if row is not None else None,
        "country": country_name(where.country),
        "admin1": where.admin1,
        "location": where.name,
        "latitude": where.lat,
        "longitude": where.lon,
        "geo_precision": _GEO_PRECISION.get(where.precision or ""),
    }


def _by_layout(parties: Parties, code: Acled) -> Parties:
    """Protesters come first, also where the event is what the state did to them."""
    first, second = parties.leaders
    is_behind = code.event_type == "Protests" and second is not None and sort_of(first) == "state"
    return parties.swapped() if is_behind else parties


def _actors(parties: Parties, where: Location | None) -> dict[str, Value]:
    place = country_name(where.country) if where is not None else None
    row: dict[str, Value] = {}
    for number, side in enumerate(parties, start=1):
        if side:
            kind = side[0].side
            actor, *others = _names(side, place)
            row[f"actor{number}"] = actor
            row[f"assoc_actor_{number}"] = joined(name for name in others if name != actor)
            row[f"inter{number}"] = kind.number if kind is not None else None
    first, second = (leader.side if leader is not None else None for leader in parties.leaders)
    row["interaction"] = interaction_code(first, second) or None
    return row


def _names(side: Sequence[Filler], place: str | None) -> list[str]:
    """What the parties of a side go by; the first is that of its leader, or of a named one like it.

    Crowds, and parties without a name, go by their kind, once. The words of the text for them
    follow, unless they count heads: of a crowd all names, of the unnamed the first.
    """
    of_named = {_kind(filler) for filler in side if filler.named}
    leader = next((f for f in side if f.named and _kind(f) == _kind(side[0])), side[0])
    found: list[str] = []
    told = set(of_named)
    for filler in (leader, *side):
        kind = filler.side
        if kind is None or (filler.named and kind.number not in _CROWDS):
            found.append(filler.name)
        elif filler.named or kind.number in _CROWDS or kind.number not in of_named:
            found.append(f"{kind.label} ({place})" if place else kind.label)
            if _says_more(filler, kind) and (filler.named or kind.number not in told):
                told.add(kind.number)
                found.append(filler.name)
    return found


def _says_more(filler: Filler, kind: Side) -> bool:
    """Whether its words are no mere count and not those for its kind; a name counts as one head."""
    heads = count(filler.name)
    is_count = heads is not None and not (filler.named and heads.low == 1)
    return not is_count and filler.name.casefold() != kind.label.casefold()


def _kind(filler: Filler) -> int | None:
    return filler.side.number if filler.side is not None else None


def _at_civilians(parties: Parties, code: Acled) -> bool:
    """Whether civilians are the main target: by the type alone, or if all targets are civilian."""
    if not {code.event_type, code.sub_event_type}.isdisjoint(_ALWAYS_AT_CIVILIANS):
        return True
    hit = parties.second
    return (
        code.event_type in _AT_CIVILIANS_BY_TARGET
        and bool(hit)
        and all(sort_of(filler) == "civilian" for filler in hit)
    )
