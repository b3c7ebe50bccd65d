"""Names -> benchmarks; running one, with what is told about every run; its table for people."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from ...errors import ConfigError, DataError
from ...version import git_commit
from .base import Benchmark, Options
from .checkpoint import describe

BENCHMARKS = (
    "gold",
    "muc4",
    "re3d",
    "case2021",
    "wikievents",
    "rams",
    "fakes",
    "places",
    "timex",
    "incidents",
)
"""Each is a module of this package, imported when it is asked for."""

NO_MODEL = {"encoder": None, "parameters": None}
_BOUND = "_at_least"  # ends the names of lower bounds, which are shown beside their figures
_NO_FRACTIONS = ("seconds", "baseline_seconds")


def find(name: str) -> Benchmark:
    """The benchmark of a name. Raises ConfigError that lists the known ones, or names the package
    that it needs and that is not installed."""
    if name not in BENCHMARKS:
        raise ConfigError(f"no benchmark {name!r}; known: {', '.join(BENCHMARKS)}")
    try:
        benchmark: Benchmark = import_module(f".{name}", __package__).BENCHMARK
    except ModuleNotFoundError as error:  # one needs more packages than the others
        if error.name is not None and error.name.startswith("conflictwire."):
            raise
        raise ConfigError(f"{name} needs {error.name}, which is not installed") from None
    return benchmark


def locate(benchmark: Benchmark, folder: Path, split: Path | None = None) -> Path:
    """The file to run on: ``split``, else the benchmark's below the data folder.

    Raises DataError that says where to get the data and what form it must have.
    """
    path = folder / benchmark.data if split is None else split
    if path.is_file():
        return path
    reads = f"no such file. {_reads(benchmark)}"
    if split is not None:
        raise DataError(reads, file=str(path))
    raise DataError(
        f"{reads}. Put it at {benchmark.data} below the folder of --data (or of "
        "$CONFLICTWIRE_DATA), or name any file of this form with --split",
        file=str(path),
    )


def _reads(benchmark: Benchmark) -> str:
    return f"{benchmark.name} reads {benchmark.source}, as {benchmark.form.rstrip('.')}"


def measure(benchmark: Benchmark, path: Path, options: Options) -> dict[str, Any]:
    """One flat dict: ``benchmark`` (its name), what ``benchmark.run`` gives, what is known of the
    model that it used (``checkpoint.describe``), ``data`` (the file's name), ``seconds`` (without
    ``baseline_seconds``), ``seed`` (of the resampling), ``n_resamples``, ``commit`` (of the
    checkout, or None), ``measured_on``.

    Raises DataError that says what is wrong with the file, where to get the data and their form.
    """
    if options.config != benchmark.config:  # else the same options, and the model that they hold
        options = replace(options, config=benchmark.config)
    commit = git_commit()  # of the code that runs, whatever is committed meanwhile
    start = time.perf_counter()
    try:
        figures = benchmark.run(path, options)
    except DataError as error:
        if error.file == str(path):
            error.args = (f"{error}. {_reads(benchmark)}",)
        raise
    seconds = time.perf_counter() - start
    model = describe(options.checkpoint()) if benchmark.uses_model else NO_MODEL
    return {
        "benchmark": benchmark.name,
        **model,
        **figures,
        "data": path.name,
        "seconds": round(seconds - figures.get("baseline_seconds", 0.0), 2),
        "seed": options.seed,
        "n_resamples": options.n_resamples,
        "commit": commit,
        "measured_on": datetime.now(UTC).date().isoformat(),
    }


def interval(
    benchmark: Benchmark, figures: Mapping[str, Any], name: str
) -> tuple[float | None, float | None]:
    """Of a figure: its lower bound ``<name>_at_least`` and None, else its entry in ``intervals``,
    else, of the main figure, ``ci_low`` and ``ci_high``; None for what is not known."""
    if (least := figures.get(f"{name}{_BOUND}")) is not None:
        return least, None
    low, high = (figures.get("intervals") or {}).get(name) or (None, None)
    if low is None and name == benchmark.headline[0]:
        low, high = figures.get("ci_low"), figures.get("ci_high")
    return low, high


def table(benchmark: Benchmark, figures: Mapping[str, Any]) -> Table:
    """Headline figures, those of baselines, then all others that are single values; fractions as
    percentages."""
    shown = Table(title=f"{benchmark.title} ({figures['data']})", title_justify="left")
    shown.add_column("figure", no_wrap=True)
    shown.add_column("value", justify="right")
    shown.add_column("95% interval", justify="right")
    for name in benchmark.headline:
        told = _interval(benchmark, figures, name) or "-"
        shown.add_row(Text(name, style="bold"), _figure(name, figures[name]), told)
    for system, scores in figures.get("baselines", {}).items():
        values = scores if isinstance(scores, Mapping) else {"": scores}
        for name, value in values.items():
            shown.add_row(f"baseline {system} {name}".rstrip(), _figure(name, value), "")
    hidden = {*benchmark.headline, "benchmark", "ci_low", "ci_high", "data", "failed"}
    for name, value in figures.items():
        is_shown = name not in hidden and not name.endswith(_BOUND)
        if is_shown and not isinstance(value, dict | list):
            shown.add_row(name, _figure(name, value), _interval(benchmark, figures, name))
    return shown


def _interval(benchmark: Benchmark, figures: Mapping[str, Any], name: str) -> str:
    low, high = interval(benchmark, figures, name)
    if low is None:
        return ""
    if high is None:
        return f"at least {_figure(name, low)}"
    return f"{_figure(name, low)} to {_figure(name, high)}"


def _figure(name: str, value: object) -> str:
    """A fraction as a percentage; all others as they are."""
    if isinstance(value, float) and name not in _NO_FRACTIONS:
        return f"{100 * value:.1f}%"
    return _value(value)


def _value(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
