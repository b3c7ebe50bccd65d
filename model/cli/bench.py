"""``conflictwire bench``: benchmarks with public data."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ConflictwireError, DataError
from ..terminal import say, table_console
from .output import check_output
from .shared import EVAL_PACKAGES, FAILED, BatchSize, Device, Dtype, Resamples, Seed, extra

if TYPE_CHECKING:
    from ..eval.bench.baselines import Label

ALL, SPEED = "all", "speed"
PROBED = "minilm"  # the encoder that the shipped model was trained from


def bench(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|all|speed",
            help="gold, muc4, re3d, case2021, wikievents, rams, fakes, places, timex or incidents; "
            "all runs every one of them. speed is no benchmark of accuracy and not among all: "
            "articles a second, latency, memory and where the time goes, on made articles.",
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
    model: Annotated[
        str | None,
        typer.Option(
            help="The folder of a training run or of a model, or a Hugging Face id. With all, it "
            "is used where the shipped model would be, not where a benchmark has its own.",
            show_default="the run of the benchmark's own config, else the shipped model",
        ),
    ] = None,
    json_out: Annotated[
        Path | None,
        typer.Option(
            "--json",
            help="Also write all figures, as fractions, here: one object, for all one by name.",
        ),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(help="Also write the table of results beside published ones here."),
    ] = None,
    baselines: Annotated[
        bool,
        typer.Option(
            "--baselines",
            help="Also run the simple systems that take minutes: word lists, a probe, spaCy.",
        ),
    ] = False,
    seed: Seed = 0,
    resamples: Resamples = 1000,
    device: Device = "auto",
    dtype: Dtype = "auto",
    batch_size: BatchSize = 32,
    peers: Annotated[
        bool,
        typer.Option(
            help="With speed: also time spaCy's and GLiNER's small models on the same articles."
        ),
    ] = True,
    quick: Annotated[
        bool, typer.Option("--quick", help="With speed: fewer and rougher figures, in a minute.")
    ] = False,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="With speed: of all systems.", show_default="number of cores"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="With speed: processes that share the threads.",
            show_default="as many as read long streams",
        ),
    ] = None,
    documents: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="With speed: in the shorter of two streams whose memory is compared; the other "
            "is ten times as long.",
            show_default="320, with --quick 128",
        ),
    ] = None,
) -> int:
    """Run a benchmark with public data, and print its figures.

    muc4, re3d and case2021 need a model of their own: `conflictwire train bench/NAME` makes it,
    where it is looked for without --model. With all, a benchmark whose data or model are missing
    or malformed is named on stderr and left out, and the exit code is 1.

    \b
    Examples:
      conflictwire bench timex
      conflictwire bench gold --model RUN --json gold.json
      conflictwire bench places --split more.jsonl
      conflictwire bench all --data outside/ --json all.json --markdown all.md
      conflictwire bench speed --no-peers --dtype float32
    """
    from ..files import data_folder
    from ..outputs import open_output

    with extra("eval", *EVAL_PACKAGES):
        from ..eval import bench as benchmarks
    if name == SPEED:
        if (data, split, markdown) != (None, None, None) or baselines:
            raise typer.BadParameter(
                "speed makes its own articles, and its results go into no table of benchmarks: "
                "it takes no --data, --split, --markdown or --baselines"
            )
        return _speed(
            json_out,
            quick=quick,
            documents=documents,
            model=model,
            device=device,
            dtype=dtype,
            threads=threads,
            workers=workers,
            batch_size=batch_size,
            seed=seed,
            peers=peers,
        )
    if quick or not peers or any(x is not None for x in (threads, workers, documents)):
        raise typer.BadParameter(
            "--no-peers, --quick, --threads, --workers and --documents are for speed"
        )
    if split is not None and name == ALL:
        raise typer.BadParameter("--split is a file for one benchmark, not for all")
    folder = data or data_folder()
    if name != ALL:
        benchmarks.locate(benchmarks.find(name), folder, split)
    for out in (json_out, markdown):
        check_output(out)
    options = benchmarks.Options(
        seed,
        resamples,
        model,
        device,
        dtype,
        batch_size,
        baselines=baselines,
        probe=_probe(seed) if baselines else None,
        data=folder,
    )
    results: dict[str, dict[str, Any]] = {}
    n_run = 0
    with ExitStack() as stack:
        # Opened before the work, as in evaluate.
        streams = [
            stack.enter_context(open_output(out)) if out is not None else None
            for out in (json_out, markdown)
        ]
        for each in benchmarks.BENCHMARKS if name == ALL else (name,):
            try:
                benchmark = benchmarks.find(each)
                path = benchmarks.locate(benchmark, folder, split)
                own = name == ALL and benchmark.config is not None
                chosen = replace(options, model=None) if own else options
                figures = benchmarks.measure(benchmark, path, chosen)
                results[each] = benchmarks.with_published(figures)
                n_run += 1
            except ConflictwireError as error:
                if name != ALL:
                    raise
                say(f"error: {each}: {error}")
                results[each] = benchmarks.not_run(each, _reason(error))
        written = results if name == ALL else results[name]
        for stream, text in zip(
            streams,
            (json.dumps(written, indent=2, allow_nan=False) + "\n", benchmarks.full(results)),
            strict=True,
        ):
            if stream is not None:
                stream.write(text)
    console = table_console(sys.stdout)
    if name != ALL:
        console.print(benchmarks.table(benchmarks.find(name), results[name]))
    elif n_run:
        console.print(benchmarks.summary(results))
    failed = [document for figures in results.values() for document in figures.get("failed", ())]
    for document in failed:
        say(f"error: {document}: could not be read by the model")
    return FAILED if failed or n_run < len(results) else 0


def _speed(
    json_out: Path | None, *, quick: bool, documents: int | None, model: str | None, **settings: Any
) -> int:
    """Measure, print the tables, write the JSON."""
    from ..eval.bench import speed
    from ..files import model_source
    from ..outputs import open_output

    effort = speed.QUICK if quick else speed.FULL
    if documents is not None:
        effort = replace(effort, documents=documents)
    check_output(json_out)
    source = model_source(model) if model is not None else None
    with ExitStack() as stack:
        stream = stack.enter_context(open_output(json_out)) if json_out is not None else None
        measured = speed.measure(speed.Settings(effort=effort, model=source, **settings), say)
        figures = speed.with_bars(measured)
        if stream is not None:
            stream.write(json.dumps(figures, indent=2, allow_nan=False) + "\n")
    console = table_console(sys.stdout)
    for table in speed.tables(figures):
        console.print(table)
    return 0


def _probe(seed: int) -> Label | None:
    """The linear probe on the encoder of the shipped model; None without what training needs."""
    try:
        from ..training.probe import Probe
    except ImportError:
        return None
    return Probe(PROBED, seed=seed)


def _reason(error: ConflictwireError) -> str:
    """The first sentence of the message, with a file by its name alone: it may go into a page for
    others to read."""
    message = str(error)
    if isinstance(error, DataError) and error.file:
        message = message.replace(error.file, Path(error.file).name)
    return message.partition(". ")[0]
