"""Fits the weights that rank the places of a name, ``model/resolve/place_weights.json``.

    python -m conflictwire.training.places lgl.jsonl

The data are those of the benchmark "places", which says what they hold and how well weights fitted
on some of the articles do on the others. The packaged weights come from all articles. Nothing is
random: the fit is convex but for names with several right places, and starts from zero.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from conflictwire.eval.bench.places import fit, read_examples
from conflictwire.resolve.place_ranking import FEATURES, FITS, WEIGHTS


def write(data: Path, out: Path = WEIGHTS) -> None:
    """Fit on all articles of ``data`` and write the weights by the names of their features."""
    weights = fit(read_examples(data))
    raw = {
        "first": _by_name(FEATURES, weights.first.tolist()),
        "second": _by_name((*FEATURES[:-1], *FITS), weights.second.tolist()),
    }
    out.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")


def _by_name(names: tuple[str, ...], values: list[float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in zip(names, values, strict=True)}


def main(
    data: Annotated[Path, typer.Argument(exists=True, help="JSON lines of the benchmark.")],
    out: Annotated[Path, typer.Option(help="Where to write the weights.")] = WEIGHTS,
) -> None:
    """Fit and write the weights."""
    write(data, out)
    typer.echo(f"wrote {out}")


if __name__ == "__main__":
    typer.run(main)
