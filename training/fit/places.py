"""Fits the weights that rank the places of a name.

    python -m conflictwire.training.fit.places lgl.jsonl

The data are those of the benchmark "places", which says what they hold and how well weights fitted
on some of the articles do on the others. The packaged weights come from all articles. Nothing is
random: the fit is convex but for names with several right places, and starts from zero.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from conflictwire.errors import ConflictwireError
from conflictwire.eval.bench.places import fit, read_examples
from conflictwire.resolve.places.ranking import FEATURES, FITS, WEIGHTS


def write(data: Path, out: Path = WEIGHTS) -> None:
    """Fit on all articles of ``data`` and write the weights by the names of their features."""
    examples = read_examples(data)
    weights = fit(examples)
    raw: dict[str, Any] = {
        "first": _by_name(FEATURES, weights.first.tolist()),
        "second": _by_name((*FEATURES[:-1], *FITS), weights.second.tolist()),
    }
    text = json.dumps(raw, indent=1).removesuffix("\n}")
    seen = sorted(e.fingerprint for e in examples)
    out.write_text(f'{text},\n "fitted_on": {json.dumps(seen)}\n}}\n', encoding="utf-8")


def _by_name(names: tuple[str, ...], values: list[float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in zip(names, values, strict=True)}


def main(argv: list[str] | None = None) -> int:
    """Fit and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.fit.places")
    parser.add_argument("data", type=Path, help="JSON lines of the benchmark")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the file to write")
    options = parser.parse_args(argv)
    try:
        write(options.data, options.out)
    except ConflictwireError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
