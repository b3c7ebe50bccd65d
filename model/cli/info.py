"""``conflictwire info``: what is installed, what it knows, and where it runs."""

from __future__ import annotations

import json
import sys
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ConfigError
from ..terminal import table_console
from ..version import __version__
from .shared import EVAL_PACKAGES, Device, Dtype, Model, extra

if TYPE_CHECKING:
    from ..coder import Coder


def info(
    model: Model = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Tell versions, the model, where it runs, what else comes with it, and all labels with their
    codes in other schemes.

    \b
    Examples:
      conflictwire info
      conflictwire info --model RUN/best --json
    """
    from ..coder import load_checked
    from ..outputs import label_table

    coder = load_checked(model, device=device, dtype=dtype)
    facts = _facts(coder, model)
    labels = coder.ontology.describe()
    if as_json:
        print(json.dumps({**facts, "labels": labels}, indent=2))
        return 0
    console = table_console(sys.stdout)
    for key, value in facts.items():
        shown = (", ".join(value) or "none installed") if isinstance(value, list) else value
        console.print(f"{key + ':':<16}{shown}", markup=False, soft_wrap=True)
    for section in dict.fromkeys(row["section"] for row in labels):
        rows = [row for row in labels if row["section"] == section]
        codes = [scheme for scheme in ("acled", "plover", "cameo", "ucdp") if rows[0][scheme]]
        group = ["group"] if any(row["group"] for row in rows) else []
        console.print()
        title = f"{section}: {len(rows)} labels"
        console.print(label_table(title, rows, ["label", *group, "definition", *codes]))
    return 0


def _facts(coder: Coder, model: str | None) -> dict[str, Any]:
    from ..coder import WEIGHTS
    from ..network import WEIGHTS_FILE
    from ..outputs import FORMATS
    from ..resolve.actors import packaged_actors
    from ..resolve.places.gazetteer import gazetteer
    from ..stored import read_shapes

    network, extractor = coder.extractor.network, coder.extractor
    encoder = network.config.encoder
    folder = WEIGHTS if model is None else Path(model)
    stored = coder.folder or folder
    return {
        "version": __version__,
        "model_version": coder.version,
        "weights": str(folder.resolve()) if folder.is_dir() else f"{model} (Hugging Face)",
        "encoder": f"{encoder.get('model_type')}, {encoder.get('num_hidden_layers')} layers, "
        f"{encoder.get('hidden_size')} wide",
        # As stored: a network in integers has fewer that torch calls so.
        "parameters": sum(prod(shape) for shape in read_shapes(stored / WEIGHTS_FILE).values()),
        "device": str(extractor.device),
        "dtype": str(extractor.dtype).removeprefix("torch."),
        "attention_dtype": str(extractor.attention_dtype).removeprefix("torch."),
        "ontology": coder.ontology.version,
        "actors": sum(1 for _ in packaged_actors()),
        "places": len(gazetteer()),
        "formats": list(FORMATS),
        "benchmarks": _benchmarks(),
    }


def _benchmarks() -> list[str]:
    """Names; none where the packages that they need are not installed."""
    try:
        with extra("eval", *EVAL_PACKAGES):
            from ..eval.bench import BENCHMARKS
    except ConfigError:
        return []
    return list(BENCHMARKS)
