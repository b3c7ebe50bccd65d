"""``conflictwire bench``: benchmarks with public data."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import DataError
from ..terminal import say, table_console
from .output import check_output
from .shared import EVAL_PACKAGES, FAILED, BatchSize, Device, Dtype, Model, Resamples, Seed, extra

ALL = "all"


def bench(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|all",
            help="gold, timex, places, fakes or incidents; all runs every one of them.",
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="The folder of outside data.",
            show_default="$CONFLICTWIRE_DATA, else ../shared/data",
        ),
    ] = None,
    split: Annotated[
        Path | None,
        typer.Option(help="Run on this file, of the form of the benchmark's own, instead."),
    ] = None,
    model: Model = None,
    json_out: Annotated[
        Path | None,
        typer.Option(
            "--json",
            help="Also write all figures, as fractions, here: one object, for all one by name.",
        ),
    ] = None,
    seed: Seed = 0,
    resamples: Resamples = 1000,
    device: Device = "auto",
    dtype: Dtype = "auto",
    batch_size: BatchSize = 32,
) -> int:
    """Run a benchmark with public data, and print its figures.

    With all, a benchmark whose data are missing or malformed is named on stderr and left out, and
    the exit code is 1.

    \b
    Examples:
      conflictwire bench timex
      conflictwire bench gold --model RUN/best --json gold.json
      conflictwire bench places --split more.jsonl
      conflictwire bench all --data outside/ --json all.json
    """
    from ..files import data_folder
    from ..outputs import open_output

    with extra("eval", *EVAL_PACKAGES):
        from ..eval import bench as benchmarks
    if split is not None and name == ALL:
        raise typer.BadParameter("--split is a file for one benchmark, not for all")
    found = [benchmarks.find(n) for n in (benchmarks.BENCHMARKS if name == ALL else (name,))]
    folder = data or data_folder()
    if name != ALL:
        benchmarks.locate(found[0], folder, split)
    check_output(json_out)
    options = benchmarks.Options(seed, resamples, model, device, dtype, batch_size)
    results: dict[Any, dict[str, Any]] = {}
    with ExitStack() as stack:
        # Opened before the work, as in evaluate.
        stream = stack.enter_context(open_output(json_out)) if json_out is not None else None
        for benchmark in found:
            try:
                path = benchmarks.locate(benchmark, folder, split)
                results[benchmark] = benchmarks.measure(benchmark, path, options)
            except DataError as error:
                if name != ALL:
                    raise
                say(f"error: {benchmark.name}: {error}")
        by_name = {benchmark.name: figures for benchmark, figures in results.items()}
        if stream is not None:
            written = by_name if name == ALL else by_name[name]
            stream.write(json.dumps(written, indent=2, allow_nan=False) + "\n")
    console = table_console(sys.stdout)
    if name == ALL and results:
        console.print(benchmarks.summary(results))
    elif results:
        console.print(benchmarks.table(found[0], by_name[name]))
    failed = [document for figures in by_name.values() for document in figures.get("failed", ())]
    for document in failed:
        say(f"error: {document}: could not be read by the model")
    return FAILED if failed or len(results) < len(found) else 0
