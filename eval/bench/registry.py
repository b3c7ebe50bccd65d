"""Names -> benchmarks; running one, with what is told about every run; tables for people."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from ...errors import ConfigError, DataError
from ...version import git_commit
from .base import Benchmark, Options

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

_BOUND = "_at_least"  # ends the names of lower bounds, which are shown beside their figures
_NO_FRACTIONS = ("seconds",)


def find(name: str) -> Benchmark:
    """The benchmark of a name. Raises ConfigError that lists the known ones."""
    if name not in BENCHMARKS:
        raise ConfigError(f"no benchmark {name!r}; known: {', '.join(BENCHMARKS)}")
    try:
        benchmark: Benchmark = import_module(f".{name}", __package__).BENCHMARK
    except ModuleNotFoundError as error:
        raise ConfigError(f"{name} needs {error.name}, which is not installed") from None
    return benchmark


def locate(benchmark: Benchmark, folder: Path, split: Path | None = None) -> Path:
    """The file to run on: ``split``, else the benchmark's below the data folder.

    Raises DataError that says where to get the data and what form it must have.
    """
    path = folder / benchmark.data if split is None else split
    if path.is_file():
        return path
    form = benchmark.form.rstrip(".")
    if split is not None:
        raise DataError(f"no such file; {benchmark.name} reads {form}", file=str(path))
    raise DataError(
        f"no such file. {benchmark.name} reads {benchmark.source}, as {form}. Put it at "
        f"{benchmark.data} below the folder of --data (or of $CONFLICTWIRE_DATA), or name any "
        "file of this form with --split",
        file=str(path),
    )


def measure(benchmark: Benchmark, path: Path, options: Options) -> dict[str, Any]:
    """One flat dict: what ``benchmark.run`` gives, then ``data`` (the file's name), ``seconds``,
    ``seed``, ``n_resamples``, ``commit`` (of the checkout, or None)."""
    start = time.perf_counter()
    if options.config != benchmark.config:  # else the same options, and the model that they hold
        options = replace(options, config=benchmark.config)
    figures = benchmark.run(path, options)
    return {
        **figures,
        "data": path.name,
        "seconds": round(time.perf_counter() - start, 2),
        "seed": options.seed,
        "n_resamples": options.n_resamples,
        "commit": git_commit(),
    }


def table(benchmark: Benchmark, figures: Mapping[str, Any]) -> Table:
    """Headline figures, then all others that are single values; fractions as percentages."""
    shown = Table(title=f"{benchmark.title} ({figures['data']})", title_justify="left")
    shown.add_column("figure", no_wrap=True)
    shown.add_column("value", justify="right")
    shown.add_column("95% interval", justify="right")
    for name in benchmark.headline:
        interval = _interval(benchmark, figures, name)
        shown.add_row(Text(name, style="bold"), _figure(name, figures[name]), interval)
    hidden = {*benchmark.headline, "ci_low", "ci_high", "data", "failed"}
    for name, value in figures.items():
        is_shown = name not in hidden and not name.endswith(_BOUND)
        if is_shown and not isinstance(value, dict | list):
            shown.add_row(name, _figure(name, value), _interval(benchmark, figures, name))
    return shown


def summary(results: Mapping[Benchmark, Mapping[str, Any]]) -> Table:
    """The headline figures of several benchmarks."""
    shown = Table(title="Benchmarks", caption="95% intervals, over documents where not one-sided")
    for column in ("benchmark", "figure"):
        shown.add_column(column, no_wrap=True)
    for column in ("value", "95% interval", "n", "seconds"):
        shown.add_column(column, justify="right")
    for benchmark, figures in results.items():
        for i, name in enumerate(benchmark.headline):
            about = (_value(figures["n"]), _value(figures["seconds"])) if i == 0 else ("", "")
            heading = benchmark.name if i == 0 else ""
            interval = _interval(benchmark, figures, name)
            shown.add_row(heading, name, _figure(name, figures[name]), interval, *about)
    return shown


def _interval(benchmark: Benchmark, figures: Mapping[str, Any], name: str) -> str:
    """Of a figure: its lower bound ``<name>_at_least``, else its entry in ``intervals``, else, of
    the main figure, ``ci_low`` and ``ci_high``."""
    if (least := figures.get(f"{name}{_BOUND}")) is not None:
        return f"at least {_figure(name, least)}"
    if name == benchmark.headline[0]:
        low, high = figures["ci_low"], figures["ci_high"]
    else:
        low, high = figures.get("intervals", {}).get(name) or (None, None)
    if low is None:
        return "-" if name in benchmark.headline else ""
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
