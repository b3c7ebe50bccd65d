"""GeoJSON by RFC 7946: a FeatureCollection, one Feature an event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from .base import Writer
from .rows import event_row
from .view import views

if TYPE_CHECKING:
    from ..ontology import Ontology
    from ..report import Report
    from .cells import Value

__all__ = ["GeoJsonWriter"]


class GeoJsonWriter(Writer):
    """All events, a Feature a line. ``properties`` are the columns of ``events_frame``.

    ``id`` is the event's. The geometry is a Point (longitude first, section 3.1.1), or null where
    no coordinates are known (section 3.2). Characters outside ASCII are escaped.
    """

    def __init__(self, out: TextIO, ontology: Ontology) -> None:
        super().__init__(out, ontology)
        self._separator = "\n"
        out.write('{"type": "FeatureCollection", "features": [')

    def write(self, report: Report) -> None:
        for view in views(report, self.ontology):
            feature = json.dumps(_feature(event_row(view)), allow_nan=False)
            self.out.write(self._separator + feature)
            self._separator = ",\n"
        self.out.flush()

    def close(self) -> None:
        self.out.write("\n]}\n")
        super().close()


def _feature(row: dict[str, Value]) -> dict[str, Any]:
    lat, lon = row["lat"], row["lon"]
    placed = lat is not None and lon is not None
    return {
        "type": "Feature",
        "id": row["event_id"],
        "geometry": {"type": "Point", "coordinates": [lon, lat]} if placed else None,
        "properties": row,
    }
