"""A user's own list of actors: a CSV file -> known actors with their other names.

``ActorList.with_own`` describes the columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path

from ...errors import DataError
from ...files import read_text
from ...ontology import Ontology
from ..countries.alpha3 import alpha2_of
from ..countries.terms import normalise
from .known import OWN, KnownActor, alias_key

__all__ = ["read_own"]

_YEAR = re.compile(r"[12]\d{3}")
_COLUMNS = (
    *("name", "kind", "aliases", "acronym", "country", "start_year", "end_year"),
    *("sort", "plover_sector", "code", "id"),
)
_REQUIRED = ("name", "kind")


def read_own(path: str | Path, ontology: Ontology) -> Iterator[tuple[KnownActor, tuple[str, ...]]]:
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
