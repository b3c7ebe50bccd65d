"""CSV in the layout of the UCDP Georeferenced Event Dataset: 49 columns, one row a lethal event.

A crosswalk in the project's own words: no UCDP content is used. ``README.md`` says what each column
holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from .cells import Value
from .delimited import RowWriter
from .geography import country_name, grid_cell, numbers, ucdp_region
from .parties import Filler, Parties, Sort, parties_of, sort_of, sort_of_kind
from .view import joined, views

if TYPE_CHECKING:
    from ..ontology import Ontology
    from ..report import DateValue, Location, Report, Toll
    from .view import EventView

__all__ = ["UcdpWriter"]

_HEADER = (
    "id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id "
    "conflict_name dyad_dset_id dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a "
    "side_b_dset_id side_b_new_id side_b number_of_sources source_article source_office "
    "source_date source_headline source_original where_prec where_coordinates where_description "
    "adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country country_id region event_clarity "
    "date_prec date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown best high low "
    "gwnoa gwnob"
).split()

_STATE_BASED, _ONE_SIDED = 1, 3
_CIVILIANS = "Civilians"
_WHERE_PRECISION = {"point": 1, "area": 2, "region": 4, "country": 6}
# A day, 2 to 6 days, a week, up to a month, more.
_DATE_PRECISION = ((1, 1), (6, 2), (7, 3), (31, 4))
_FIRST_ID, _N_IDS = 10**14, 9 * 10**14  # 15 digits: all that spreadsheets keep


class UcdpWriter(RowWriter):
    """Events that happened, have a UCDP type of violence and at least one death."""

    header = tuple(_HEADER)

    def rows(self, report: Report) -> Iterator[Mapping[str, Value]]:
        for view in views(report, self.ontology):
            killed = view.event.killed
            if view.happened and view.event.codes.ucdp and killed is not None and killed.low:
                yield _row(view, killed)


def _row(view: EventView, killed: Toll) -> dict[str, Value]:
    event, report = view.event, view.report
    parties = _by_layout(parties_of(view), event.codes.ucdp)
    first, second = parties.leaders
    side_a = _side_name(parties.first)
    side_b = _CIVILIANS if event.codes.ucdp == _ONE_SIDED else _side_name(parties.second)
    return {
        "id": _number(view.id),
        "relid": view.id,
        **_when(event.date),
        "type_of_violence": event.codes.ucdp,
        "dyad_name": f"{side_a} - {side_b}" if side_a and side_b else None,
        "side_a": side_a,
        "side_b": side_b,
        "number_of_sources": 1,
        "source_article": view.provenance,
        "source_office": report.publisher,
        "source_date": report.date,
        "source_headline": report.title,
        "source_original": joined(event.sources),
        **_where(event.location),
        **_deaths(killed, parties, view.ontology),
        "best": killed.low,
        "high": killed.high,
        "low": killed.low,
        "gwnoa": _state_number(first),
        "gwnob": _state_number(second) if event.codes.ucdp == _STATE_BASED else None,
    }


def _number(event_id: str) -> int:
    """15 digits drawn from the id by SHA-256: the same in every export.

    Among a million events, two share a number with odds of 1 in 1,800; ``relid`` is always unique.
    """
    digest = hashlib.sha256(event_id.encode("utf-8", "surrogatepass")).digest()
    return _FIRST_ID + int.from_bytes(digest[:8], "big") % _N_IDS


def _when(when: DateValue | None) -> dict[str, Value]:
    if when is None:
        return {}
    start, end = date.fromisoformat(when.start), date.fromisoformat(when.end)
    n_days = (end - start).days + 1
    return {
        "year": start.year if start.year == end.year else None,
        "date_prec": next((code for most, code in _DATE_PRECISION if n_days <= most), 5),
        "date_start": when.start,
        "date_end": when.end,
    }


def _where(where: Location | None) -> dict[str, Value]:
    if where is None:
        return {}
    row = numbers(where.country)
    cells: dict[str, Value] = {
        "where_prec": _WHERE_PRECISION.get(where.precision or ""),
        "where_description": where.text,
        "adm_1": where.admin1,
        "country": country_name(where.country),
        "country_id": row.gleditsch_ward if row is not None else None,
        "region": ucdp_region(where.country),
    }
    if where.lat is not None and where.lon is not None:
        cells |= {
            "where_coordinates": where.name,
            "latitude": where.lat,
            "longitude": where.lon,
            "geom_wkt": f"POINT ({where.lon!r} {where.lat!r})",
            "priogrid_gid": grid_cell(where.lat, where.lon),
        }
    return cells


def _by_layout(parties: Parties, violence: int | None) -> Parties:
    """In state-based violence side A is a state, or empty if none is named."""
    if violence != _STATE_BASED or sort_of(parties.leaders[0]) == "state":
        return parties
    is_behind = not parties.second or sort_of(parties.leaders[1]) == "state"
    return parties.swapped() if is_behind else parties


def _side_name(side: tuple[Filler, ...]) -> str | None:
    """All parties of a side; a state goes by its government, as in the layout."""
    return joined(_government(filler) or filler.name for filler in side)


def _government(filler: Filler) -> str | None:
    place = country_name(filler.country) if sort_of(filler) == "state" else None
    return f"Government of {place}" if place else None


def _state_number(filler: Filler | None) -> int | None:
    if filler is None or sort_of(filler) != "state":
        return None
    row = numbers(filler.country)
    return row.gleditsch_ward if row is not None else None


def _deaths(killed: Toll, parties: Parties, ontology: Ontology) -> dict[str, Value]:
    """Deaths by side, from the toll of each group; what no group tells is ``deaths_unknown``.

    A side without deaths of its own is 0 where the groups account for all, else empty.
    """
    first, second = map(sort_of, parties.leaders)
    sides = {first: "deaths_a", second: "deaths_b"} if first != second else {}
    column: dict[Sort | None, str] = {**sides, "civilian": "deaths_civilians"}
    deaths: dict[str, int] = {}
    for group in killed.by_group:
        sort = sort_of_kind(ontology, group.group)
        if sort is not None and sort in column:
            deaths[column[sort]] = deaths.get(column[sort], 0) + group.low
    unknown = max(0, killed.low - sum(deaths.values()))
    rest = {} if unknown else dict.fromkeys(("deaths_a", "deaths_b", "deaths_civilians"), 0)
    return {**rest, **deaths, "deaths_unknown": unknown}
