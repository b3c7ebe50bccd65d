"""The gazetteer: names -> places of the world, from one index file beside this module.

275,000 places: countries, two levels of administrative units, towns and villages (GeoNames,
CC BY 4.0), and regions, quarters and bases that news name (own list). ``training/fit/gazetteer.py``
builds the file. It is read once, on first use, and only read: threads and forks may share it.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Container
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rapidfuzz.fuzz import ratio
from safetensors import safe_open

from .keys import key_words, skeleton, without_article

__all__ = [
    "COUNTRY",
    "DISTRICT",
    "INDEX",
    "LEVELS",
    "LISTED",
    "REGION",
    "TOWN",
    "Gazetteer",
    "Match",
    "gazetteer",
]

INDEX = Path(__file__).with_name("gazetteer.safetensors")
# Countries, units of the first and of the second level, settlements, and the own list.
LEVELS = (
    "country", "region", "district", "town", "listed region", "listed area", "listed point"
)  # fmt: skip
COUNTRY, REGION, DISTRICT, TOWN = range(4)
LISTED = frozenset(range(4, len(LEVELS)))
_NO_REGION = np.iinfo(np.uint16).max
_LEAST_ALIKE = 60.0  # of 100, between the keys of two romanisations of one name

_EARTH_KM, _FAR_KM = 6371.0, 20_000.0

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.uint32]
Indexer = int | npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Match:
    """A place that a name may mean. ``likeness``: 1 for the key as it stands, less for others."""

    place: int  # index into the gazetteer
    likeness: float


class Gazetteer:
    """Arrays of places, and their names' keys. All methods take and give indices of places."""

    def __init__(self, path: Path = INDEX) -> None:
        with safe_open(path, framework="numpy") as file:
            tensors: dict[str, Any] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            about = json.loads(file.metadata()["about"])
        self.codes: tuple[str, ...] = tuple(about["countries"].split())
        self.lat: npt.NDArray[np.float32] = tensors["lat"]
        self.lon: npt.NDArray[np.float32] = tensors["lon"]
        self.geonames_id: npt.NDArray[np.uint32] = tensors["geonames_id"]
        self.population: npt.NDArray[np.uint32] = tensors["population"]
        self.country: npt.NDArray[np.uint8] = tensors["country"]
        self.region: npt.NDArray[np.uint16] = tensors["region"]
        self.level: npt.NDArray[np.uint8] = tensors["level"]
        self._names = _Strings(tensors, "name")
        self._keys = _Strings(tensors, "key")
        self._first: Indices = tensors["key.first"]
        self._places: Indices = tensors["key.places"]
        self._skeletons: Indices = tensors["skeleton.code"]
        self._of_skeleton: Indices = tensors["skeleton.key"]

    def __len__(self) -> int:
        return len(self.lat)

    @cached_property
    def number(self) -> dict[str, int]:
        """ISO code -> the country's place."""
        return {code: i for i, code in enumerate(self.codes)}

    def name(self, place: int) -> str:
        """The place's main name."""
        return self._names[place]

    def code(self, place: int) -> str | None:
        """ISO alpha-2 code of the place's country; None for a region of several."""
        at = int(self.country[place])
        return self.codes[at] if at < len(self.codes) else None

    def region_of(self, place: int) -> int | None:
        """The first-level unit that a place is or lies in."""
        at = int(self.region[place])
        return None if at == _NO_REGION else at

    def find(self, key: str) -> Indices:
        """Places with a name of this key; none for an unknown one."""
        spelt = key.encode()
        at = bisect_left(range(len(self._keys)), spelt, key=self._keys.raw)
        if at == len(self._keys) or self._keys.raw(at) != spelt:
            return self._places[:0]
        return self._at(at)

    def _at(self, key: int) -> Indices:
        return self._places[int(self._first[key]) : int(self._first[key + 1])]

    def km(self, a: Indexer, b: Indexer) -> Floats:
        """Great-circle distances between places; they broadcast."""
        return _haversine(self.lat[a], self.lon[a], self.lat[b], self.lon[b])

    def km_from(self, lat: float, lon: float, places: Indexer) -> Floats:
        """Great-circle distances from a point, in degrees, to places."""
        return _haversine(lat, lon, self.lat[places], self.lon[places])

    def matches(self, name: str) -> list[Match]:
        """Places of this name, in this or another use of accents, hyphens and articles."""
        words = key_words(name)
        spelt = "".join(words)
        bare = "".join(without_article(words) or words)
        best: dict[int, float] = {}
        for variant, likeness in ((spelt, 1.0), (bare, 0.95), ("al" + bare, 0.95)):
            for place in self.find(variant).tolist():
                best.setdefault(place, likeness)
        return [Match(place, likeness) for place, likeness in best.items()]

    def similar(self, name: str, countries: Container[int]) -> list[Match]:
        """Places of these countries whose name is another romanisation of ``name``."""
        words = key_words(name)
        bones = skeleton(words)
        spelt = "".join(without_article(words) or words)
        if not bones or len(spelt) < 4:
            return []
        code = np.uint32(crc32(bones.encode()))
        low = np.searchsorted(self._skeletons, code)
        high = np.searchsorted(self._skeletons, code, side="right")
        best: dict[int, float] = {}
        for at in self._of_skeleton[low:high].tolist():
            alike = ratio(spelt, self._keys[at])
            if alike < _LEAST_ALIKE:
                continue
            for place in self._at(at).tolist():
                if self.level[place] != COUNTRY and int(self.country[place]) in countries:
                    best[place] = max(best.get(place, 0.0), alike / 100)
        return [Match(place, likeness) for place, likeness in best.items()]


def _haversine(lat_a: Any, lon_a: Any, lat_b: Any, lon_b: Any) -> Floats:
    """Distances in km, by the haversine formula; far for places without a point."""
    lat_a, lon_a, lat_b, lon_b = (np.radians(v, dtype=float) for v in (lat_a, lon_a, lat_b, lon_b))
    h = np.sin((lat_b - lat_a) / 2) ** 2
    h = h + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    km: Floats = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.minimum(h, 1)))
    return np.where(np.isnan(km), _FAR_KM, km)


class _Strings:
    """Strings stored on end: ``[i]`` is the i-th."""

    def __init__(self, tensors: dict[str, Any], name: str) -> None:
        self._bytes: bytes = tensors[f"{name}.bytes"].tobytes()
        self._start: Indices = tensors[f"{name}.start"]

    def __len__(self) -> int:
        return len(self._start) - 1

    def raw(self, i: int) -> bytes:
        return self._bytes[int(self._start[i]) : int(self._start[i + 1])]

    def __getitem__(self, i: int) -> str:
        return self.raw(i).decode()


@cache
def gazetteer() -> Gazetteer:
    """The packaged gazetteer, read at the first call."""
    return Gazetteer()
