"""Countries and cells as other data sets number them. The table stands in ``countries.tsv``."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..resolve.countries import country

__all__ = ["Numbers", "country_name", "grid_cell", "numbers", "ucdp_region"]


class Numbers(NamedTuple):
    """A row of the table; None where the scheme has no number."""

    iso: int | None
    gleditsch_ward: int | None
    region: str


@cache
def _table() -> dict[str, Numbers]:
    table = {}
    content = Path(__file__).with_name("countries.tsv").read_text(encoding="utf-8")
    for line in content.splitlines():
        if line.startswith("#"):
            continue
        code, iso, gleditsch_ward, region = line.split("\t")
        table[code] = Numbers(_number(iso), _number(gleditsch_ward), region)
    return table


def _number(cell: str) -> int | None:
    return int(cell) if cell else None


def numbers(code: str | None) -> Numbers | None:
    """ISO 3166-1 numeric code, Gleditsch-Ward number and macro region of an alpha-2 code."""
    return _table().get(code) if code is not None else None


def country_name(code: str | None) -> str | None:
    """English short name; None for a code that the project's table of countries lacks."""
    try:
        return country(code).name if code is not None else None
    except KeyError:
        return None


def ucdp_region(code: str | None) -> str | None:
    """One of UCDP's five regions, by its ranges of Gleditsch-Ward numbers.

    Source: UCDP/PRIO Armed Conflict Dataset codebook, "Region": 2-199 Americas, 200-399 Europe,
    400-626 Africa, 630-699 Middle East, 700-999 Asia. None for territories without a number.
    """
    row = numbers(code)
    if row is None or row.gleditsch_ward is None:
        return None
    ends = ((199, "Americas"), (399, "Europe"), (626, "Africa"), (699, "Middle East"))
    return next((name for end, name in ends if row.gleditsch_ward <= end), "Asia")


def grid_cell(lat: float, lon: float) -> int:
    """PRIO-GRID cell of a point in degrees: 1 (south-west) to 259200, by rows from the south.

    Cells are half a degree wide, 360 rows of 720: ``(row - 1) * 720 + column``, both from 1. A
    point on a cell's edge is in the cell north or east of it; the north pole and longitude 180
    are in the last cells. Source: Tollefsen, Strand & Buhaug 2012, PRIO-GRID: A unified spatial
    data structure, Journal of Peace Research 49(2).
    """
    row = min(math.floor((lat + 90) * 2), 359)
    column = min(math.floor((lon + 180) * 2), 719)
    return row * 720 + column + 1
