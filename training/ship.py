"""A run's best model -> the weights that the package ships, in half precision.

``python -m conflictwire.training.ship RUN/best [--to model/weights]``
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import torch
from conflictwire.errors import ConflictwireError
from conflictwire.folder import load_model, save_model

MAX_BYTES = 50_000_000


def ship(source: Path, target: Path) -> int:
    """Write ``source`` to ``target`` as float16; returns the bytes of the weights file.

    Raises ConflictwireError if they are more than MAX_BYTES; the target is then left as it was.
    """
    model = load_model(source)
    staged = target.with_name(f".{target.name}.new")
    save_model(staged, model.network, model.tokenizer, model.ontology, dtype=torch.float16)
    size = (staged / "model.safetensors").stat().st_size
    if size > MAX_BYTES:
        shutil.rmtree(staged)
        raise ConflictwireError(f"{source}: {size:,} bytes of weights, more than {MAX_BYTES:,}")
    if target.exists():
        shutil.rmtree(target)
    staged.rename(target)
    return size


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.ship")
    parser.add_argument("source", type=Path, help="a model folder, e.g. RUN/best")
    parser.add_argument("--to", type=Path, default=Path("model/weights"), dest="target")
    options = parser.parse_args(argv)
    try:
        size = ship(options.source, options.target)
    except ConflictwireError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.target}: {size:,} bytes of weights")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
