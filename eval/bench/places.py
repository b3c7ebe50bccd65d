"""Place names of local news -> coordinates: LGL, the Local-Global Lexicon.

588 articles of 78 small outlets, most of them in the United States, full of namesakes (Lieberman,
Samet, Sankaranarayanan, ICDE 2010; in the clean-up of Gritta, Pilehvar, Collier, LRE 2020). The
names are given; each is to be placed within 161 km (100 miles) of gold by great-circle distance. A
name without a place counts as wrong.

The packaged weights that rank the places of a name are fitted on these articles, so these are read
by cross-validation: each with weights that have not seen it. Articles of other files are read with
the packaged weights. The baseline takes the most populous place of the name.

Published figures on these data: Mordecai 3 82.7 acc161 (names found by itself in part).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from pydantic import Field, TypeAdapter, ValidationError

from ...errors import DataError
from ...resolve.countries.terms import country_of
from ...resolve.places.choice import choices
from ...resolve.places.event_place import document_countries
from ...resolve.places.gazetteer import gazetteer
from ...resolve.places.names import Name, names_of
from ...resolve.places.ranking import Weights, describe, fits, probabilities
from .base import Benchmark, Options, json_lines, read_rows, with_baselines
from .logit import fit_logit

__all__ = ["BENCHMARK", "Example", "fit", "read_examples"]

FORM = (
    "id, text and toponyms, each with start, end and text, geonameid, lat, lon and country (English"
    " name or null)"
)
RADIUS_KM = 161.0
_FOLDS = 5

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Toponym:
    start: int
    end: int
    text: str
    geonameid: Annotated[str, Field(pattern="^[0-9]{1,18}$")]
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    country: str | None


@dataclass(frozen=True)
class Example:
    """An article (the fingerprint of its text), its names, and for each name which of its places
    are right (None: no place is, or the name only tells where another one lies)."""

    fingerprint: int
    toponyms: Sequence[Toponym]
    names: Sequence[Name]
    right: Sequence[Mask | None]


def read_examples(path: Path) -> list[Example]:
    """Articles with the places that each name may mean. Raises DataError for another form."""
    rows = read_rows(path, FORM, id=str, text=str, toponyms=list[dict[str, Any]])
    return [_example(row, path) for row in rows]


def _example(row: dict[str, Any], path: Path) -> Example:
    try:
        toponyms = TypeAdapter(list[Toponym]).validate_python(row["toponyms"])
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise DataError(
            f"article {row['id']!r}, toponym {where}: {error.errors()[0]['msg']} (a line must hold "
            f"{FORM})",
            file=str(path),
            field="toponyms",
        ) from None
    context = document_countries((t.text, "PLACE") for t in toponyms)
    names = names_of([(t.text, t.start, t.end) for t in toponyms], row["text"], context)
    describe(names, context)
    right: list[Mask | None] = []
    for name in names:
        mask = _right(name.places, toponyms[name.mentions[0]]) if name.mentions else None
        right.append(mask if mask is not None and mask.any() else None)
    return Example(crc32(row["text"].encode()), toponyms, names, right)


def _right(places: npt.NDArray[np.int64], gold: Toponym) -> Mask:
    """The place of gold's GeoNames id; if a name has none, all within the radius."""
    same: Mask = gazetteer().geonames_id[places] == int(gold.geonameid)
    return same if same.any() else gazetteer().km_from(gold.lat, gold.lon, places) <= RADIUS_KM


def fit(examples: Iterable[Example]) -> Weights:
    """Weights of both rounds. The likelihood of a name is that of all its right places."""
    examples = list(examples)
    pairs = [pair for e in examples for pair in zip(e.names, e.right, strict=True)]
    learnt = [(name.x, mask) for name, mask in pairs if mask is not None]
    first = fit_logit(learnt)
    second = []
    for example in examples:
        masks = dict(zip(map(id, example.names), example.right, strict=True))
        for name, kept, x in fits(example.names, first):
            mask = masks[id(name)]
            if mask is not None and mask[kept].any():
                second.append((x, mask[kept]))
    return Weights(first, fit_logit(second))


def run(path: Path, options: Options) -> dict[str, Any]:
    """Figures over all names; ``acc161`` is the main one.

    Raises DataError too if the packaged weights have seen an article and no other has a place that
    the gazetteer has: the weights for one are fitted on the others.
    """
    examples = read_examples(path)
    fitted = Weights.fitted_on()
    seen = [i for i, e in enumerate(examples) if e.fingerprint in fitted]
    if seen and sum(any(mask is not None for mask in e.right) for e in examples) < 2:
        raise DataError(
            "it takes two articles with known places: the packaged weights were fitted on articles "
            "of this file, which are read with weights fitted on the others",
            file=str(path),
        )
    counts: list[list[int]] = [[] for _ in examples]

    def read(articles: Iterable[int], weights: Weights) -> None:
        for i in articles:
            counts[i] = _count(examples[i], probabilities(examples[i].names, weights))

    read(set(range(len(examples))) - set(seen), Weights.packaged())
    folds = np.random.default_rng(options.seed).permutation(len(seen)) % _FOLDS
    for fold in range(_FOLDS if seen else 0):
        if held_out := {i for i, f in zip(seen, folds, strict=True) if f == fold}:
            read(held_out, fit(e for i, e in enumerate(examples) if i not in held_out))
    total = np.sum(counts, axis=0)

    def share(sums: Any, i: int, of: int) -> float:
        return float(sums[i] / max(1, sums[of]))

    def figures(sums: Any) -> dict[str, float]:
        return {
            "acc161": share(sums, 0, 1),
            "acc161_in_gazetteer": share(sums, 2, 3),
            "country_acc": share(sums, 4, 5),
        }

    def most_populous() -> dict[str, float]:
        people = gazetteer().population
        most = [_count(e, [people[n.places].astype(float) for n in e.names]) for e in examples]
        return figures(np.sum(most, axis=0))

    simple = with_baselines(lambda: {"most populous": most_populous()})
    return {
        **figures(total),
        **{f"baseline_{k}": value for k, value in simple["baselines"]["most populous"].items()},
        **simple,
        "n": int(total[1]),
        **options.interval(counts),
        "n_in_gazetteer": int(total[3]),
        "n_with_country": int(total[5]),
        "n_documents": len(examples),
        "n_cross_validated": len(seen),
        "folds": _FOLDS if seen else 0,
    }


def _count(example: Example, scores: Sequence[Floats]) -> list[int]:
    """Right and all; right and all of those in the gazetteer; right country and all with one.

    ``scores``: of each name's places, the highest is chosen. A toponym is in the gazetteer if its
    GeoNames id is, or if any place of its name lies within the radius of gold. A doubtful choice
    gives a country, but no point.
    """
    world = gazetteer()
    counts = [0] * 6
    found = choices(example.names, scores, len(example.toponyms))
    for gold, choice in zip(example.toponyms, found, strict=True):
        near = choice is not None and not choice.doubtful and _near(gold, [choice.place])
        held = int(gold.geonameid) in _ids() or _near(
            gold, [m.place for m in world.matches(gold.text)]
        )
        for i, yes in enumerate((near, True, near and held, held)):
            counts[i] += yes
        code = country_of(gold.country) if gold.country else None
        if code is not None:
            counts[4] += choice is not None and world.code(choice.place) == code
            counts[5] += 1
    return counts


def _near(gold: Toponym, places: Sequence[int]) -> bool:
    if not places:
        return False
    return bool((gazetteer().km_from(gold.lat, gold.lon, np.array(places)) <= RADIUS_KM).any())


@cache
def _ids() -> frozenset[int]:
    return frozenset(gazetteer().geonames_id.tolist())


BENCHMARK = Benchmark(
    name="places",
    title="Place names of local news (LGL)",
    data="places/lgl.jsonl",
    form=json_lines(FORM),
    uses_model=False,
    source="the LGL corpus of Pragmatic Guide to Geoparsing Evaluation",
    headline=("acc161", "acc161_in_gazetteer", "country_acc"),
    run=run,
)
