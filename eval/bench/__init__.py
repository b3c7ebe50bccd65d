"""Benchmarks that others publish, one small module each, all run and reported in one way.

    benchmark = find("timex")
    figures = measure(benchmark, locate(benchmark, data_folder()), Options())

A module exposes ``BENCHMARK`` and is imported when it is asked for: some need the network, some
do not. ``base`` holds what they share; ``report`` sets their results beside those that others
published. Unlike the rest of ``conflictwire.eval``, benchmarks may import the resolvers and the
public calls: they measure them.
"""

from .base import Benchmark, Options, json_lines, read_rows
from .registry import BENCHMARKS, find, locate, measure, table
from .report import full, not_run, summary, with_published

__all__ = [
    "BENCHMARKS",
    "Benchmark",
    "Options",
    "find",
    "full",
    "json_lines",
    "locate",
    "measure",
    "not_run",
    "read_rows",
    "summary",
    "table",
    "with_published",
]
