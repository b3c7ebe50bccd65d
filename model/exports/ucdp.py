"""CSV in the layout of the UCDP Georeferenced Event Dataset: 49 columns, one row a lethal event.

A crosswalk in the project's own words: no UCDP content is used. ``README.md`` says what each column
holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from .cells import MAX_INTEGER, Value
from .delimited import RowWriter
from .dyads import ONE_SIDED, STATE_BASED, deaths_by_side, names_of, sides_of
from .geography import country_name, grid_cell, numbers, ucdp_region
from .parties import Filler, parties_of, sort_of
from .view import joined, views

if TYPE_CHECKING:
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
            violence = view.event.codes.ucdp
            if view.happened and violence is not None and killed is not None and killed.low:
                yield _row(view, violence, killed)


def _row(view: EventView, violence: int, killed: Toll) -> dict[str, Value]:
    event, report = view.event, view.report
    sides = sides_of(parties_of(view), violence)
    first, second = sides.leaders
    names_a, names_b = names_of(sides)
    side_a = joined(names_a)
    side_b = _CIVILIANS if violence == ONE_SIDED else joined(names_b)
    known = killed.low <= MAX_INTEGER
    return {
        "id": _number(view.id),
        "relid": view.id,
        **_when(event.date),
        "type_of_violence": violence,
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
        **(deaths_by_side(killed, sides, violence, view.ontology) if known else {}),
        "best": killed.low,
        "high": killed.high,
        "low": killed.low,
        "gwnoa": _state_number(first),
        "gwnob": _state_number(second) if violence == STATE_BASED else None,
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


def _state_number(filler: Filler | None) -> int | None:
    if filler is None or sort_of(filler) != "state":
        return None
    row = numbers(filler.country)
    return row.gleditsch_ward if row is not None else None
