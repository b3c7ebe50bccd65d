"""One table of benchmarks beside what others published, from the objects that ``measure`` gives.

Results are kept by benchmark, each as the flat object that ``--json`` writes. A benchmark that
could not be run has ``not_run``, the reason; if earlier figures are known they stay beside it,
marked, with their own commit and date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table

from .base import Benchmark
from .published import Published, Reported, published
from .registry import BENCHMARKS, find, interval

__all__ = ["Results", "by_name", "full", "merged", "not_run", "short", "summary", "with_published"]

Results = Mapping[str, Mapping[str, Any]]
_NONE = "–"
_EARLIER = "\\*"  # marks figures that were not measured this time


# ---- results


def not_run(name: str, reason: str) -> dict[str, Any]:
    """What stands for the figures of a benchmark that could not be run."""
    return {"benchmark": name, "not_run": reason}


def with_published(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The same with ``published``: figure -> base and best, each None where unknown."""
    known = {
        figure: {"base": _fraction(entry.base), "best": _fraction(entry.best)}
        for figure, entry in published(figures["benchmark"]).items()
        if entry.base or entry.best
    }
    return {**figures, "published": known}


def by_name(written: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What ``bench --json`` wrote, for one benchmark or for all -> results by name.

    Raises ValueError for anything else.
    """
    several = [written] if "benchmark" in written else list(written.values())
    for figures in several:
        if not isinstance(figures, Mapping) or figures.get("benchmark") not in BENCHMARKS:
            raise ValueError("not what `conflictwire bench --json` writes")
    return {figures["benchmark"]: dict(figures) for figures in several}


def merged(stored: Results, new: Results) -> dict[str, dict[str, Any]]:
    """``stored`` with the results of ``new`` in their place, in the order of BENCHMARKS.

    A benchmark that was not run keeps its earlier figures, and baselines measured apart from the
    figures (an object of ``benchmark`` and ``baselines`` alone) join them; both kinds of baselines,
    and the time that they took, last as long as the data file is the same.
    """
    found = {name: dict(figures) for name, figures in stored.items()}
    for name, figures in new.items():
        figures = {key: value for key, value in figures.items() if key != "published"}
        old = found.get(name, {})
        baselines = _joined(old.get("baselines", {}), figures.get("baselines", {}))
        if "n" not in figures:
            figures = {**old, **figures}
        elif figures.get("data") != old.get("data"):
            baselines = figures.get("baselines", {})
        elif "baseline_seconds" in old and all(map(_idle, figures.get("baselines", {}).values())):
            figures["baseline_seconds"] = old["baseline_seconds"]
        found[name] = {**figures, "baselines": baselines} if baselines else figures
    return {name: found[name] for name in BENCHMARKS if name in found}


def _joined(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Baselines by name, the new ones first choice; "not run" takes the place of no figures."""
    kept = {name for name, x in old.items() if isinstance(x, Mapping)}
    return {**old, **{name: x for name, x in new.items() if name not in kept or not _idle(x)}}


def _idle(scores: object) -> bool:
    return isinstance(scores, str)


# ---- rows


@dataclass(frozen=True, slots=True)
class _Row:
    """A headline figure; ``is_main`` is the first of its benchmark."""

    benchmark: Benchmark
    figure: str
    figures: Mapping[str, Any]
    known: Published

    @property
    def is_main(self) -> bool:
        return self.figure == self.benchmark.headline[0]

    @property
    def has_published(self) -> bool:
        return bool(self.known.base or self.known.best)

    @property
    def interval(self) -> str:
        low, high = interval(self.benchmark, self.figures, self.figure)
        if low is None:
            return _NONE
        return f"at least {_percent(low)}" if high is None else f"{_percent(low)}–{_percent(high)}"

    @property
    def ours(self) -> str:
        return _percent(self.figures.get(self.figure))

    def about_the_run(self) -> list[str]:
        """Items scored, encoder, parameters, seconds, seed, commit, data file; all empty behind
        the first row of a benchmark."""
        if not self.is_main:
            return [""] * 7
        parameters = self.figures.get("parameters")
        return [
            _text(self.figures.get("n")),
            _encoder(self.figures),
            _NONE if parameters is None else f"{parameters / 1e6:.1f} M",
            _seconds(self.figures),
            _seed(self.figures),
            _commit(self.figures),
            _text(self.figures.get("data")),
        ]


def _rows(results: Results) -> Iterator[_Row]:
    for name, figures in results.items():
        if "n" in figures:  # else it was never run
            benchmark = find(name)
            known = published(name)
            for figure in benchmark.headline:
                entry = known.get(figure) or Published(metric=figure.replace("_", " "))
                yield _Row(benchmark, figure, figures, entry)


def _encoder(figures: Mapping[str, Any]) -> str:
    kind, name = figures.get("encoder"), figures.get("training_encoder")
    return f"{name} ({kind})" if name and kind else _text(kind)


def _seconds(figures: Mapping[str, Any]) -> str:
    """Of ours, and of the baselines if they were timed apart."""
    apart = figures.get("baseline_seconds")
    return f"{figures.get('seconds', 0):.0f}" + ("" if apart is None else f" + {apart:.0f}")


def _seed(figures: Mapping[str, Any]) -> str:
    trained = figures.get("training_seed")
    resampled = _text(figures.get("seed"))
    if trained is None:
        return resampled
    several = ", ".join(map(str, trained)) if isinstance(trained, list) else trained
    return f"{several} (bootstrap {resampled})"


def _commit(figures: Mapping[str, Any]) -> str:
    commit = figures.get("commit")
    return commit[:7] + ("+" if commit.endswith("+") else "") if commit else _NONE


def _fraction(reported: Reported | None) -> float | None:
    return None if reported is None else reported.value


def _percent(value: object) -> str:
    return f"{100 * value:.1f}" if isinstance(value, int | float) else _NONE


def _text(value: object) -> str:
    return _NONE if value is None else str(value)


# ---- for a terminal


def summary(results: Results) -> Table:
    """The headline figures of several benchmarks, in percent."""
    shown = Table(
        title="Benchmarks",
        caption="percent; intervals are 95%, by bootstrap over documents; "
        "base, best: published, of base-size encoders and of all",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in ("benchmark", "metric"):
        shown.add_column(column)
    for column in ("ours", "95%", "base", "best", "n"):
        shown.add_column(column, justify="right", no_wrap=True)
    for column in ("encoder", "param.", "s", "seed", "commit"):
        shown.add_column(column)
    for row in _rows(results):
        run = row.about_the_run()[:-1]  # the data file is the benchmark's own, or asked for
        base, best = _percent(_fraction(row.known.base)), _percent(_fraction(row.known.best))
        name = row.benchmark.name if row.is_main else ""
        shown.add_row(name, row.known.metric, row.ours, row.interval, base, best, *run)
    return shown


# ---- Markdown


def short(results: Results) -> str:
    """Main figures, and those that others published, as Markdown."""
    rows = [
        [
            _name(row),
            row.known.metric,
            f"{row.ours} ({row.interval})",
            _reported(row.known.base),
            _reported(row.known.best),
        ]
        for row in _rows(results)
        if row.is_main or row.has_published
    ]
    header = ["benchmark", "metric", "ours (95% interval)", "published, base size"]
    return "\n".join([*_table([*header, "best published"], rows), *_earlier(results)]) + "\n"


def full(results: Results) -> str:
    """All headline figures with how they were measured, the baselines, notes on what was published
    and where, and what was not run, as Markdown."""
    rows = [
        [
            _name(row),
            row.known.metric,
            row.ours,
            row.interval,
            _percent(_fraction(row.known.base)),
            _percent(_fraction(row.known.best)),
            *row.about_the_run(),
        ]
        for row in _rows(results)
    ]
    header = "benchmark, metric, ours, 95% interval, base size, best published, n, encoder, "
    header += "parameters, seconds, seed, commit, data"
    parts = [
        "Percent. Intervals: 95%, by bootstrap over documents, or a lower bound where one is named."
        " Base size, best published: of encoders of base size, and of all. Seconds: those behind a "
        "+ are of the simpler systems; a number alone holds both.",
        "",
        *_table(header.split(", "), rows),
        *_earlier(results),
        *_baselines(results),
        *_sources(results),
    ]
    return "\n".join(parts) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in cells]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _name(row: _Row) -> str:
    if not row.is_main:
        return ""
    return row.benchmark.name + (_EARLIER if "not_run" in row.figures else "")


def _reported(reported: Reported | None) -> str:
    return _NONE if reported is None else f"{_percent(reported.value)} ({reported.system})"


def _earlier(results: Results) -> list[str]:
    """What was not run, and why; what the figures shown for it are."""
    lines = []
    for name, figures in results.items():
        if (reason := figures.get("not_run")) is None:
            continue
        if "n" in figures:
            when = f"of {_text(figures.get('measured_on'))}, commit {_commit(figures)}"
            lines.append(
                f"- {_EARLIER} {name}: not run this time, the figures are {when}: {reason}"
            )
        else:
            lines.append(f"- {name}: not run: {reason}")
    return ["", *lines] if lines else []


def _baselines(results: Results) -> list[str]:
    """Ours beside simpler systems under the same scorer; why some were not run."""
    rows, reasons = [], []
    for row in _rows(results):
        systems = row.figures.get("baselines", {})
        told = [
            f"{name} {_percent(scores[row.figure])}"
            for name, scores in systems.items()
            if isinstance(scores, Mapping) and row.figure in scores
        ]
        if told:
            rows.append([row.benchmark.name, row.known.metric, row.ours, "; ".join(told)])
        if row.is_main:
            reasons += [
                f"- {row.benchmark.name}: {name}: {scores}"
                for name, scores in systems.items()
                if _idle(scores)
            ]
    lines = ["", *_table(["benchmark", "metric", "ours", "others"], rows)] if rows else []
    lines += ["", *map(_cell, reasons)] if reasons else []
    return ["", "Simpler systems under the same scorers, in percent:", *lines] if lines else []


def _sources(results: Results) -> list[str]:
    lines = []
    for row in _rows(results):
        told = [
            f"{kind} {_percent(x.value)}, {x.system} ({x.source})"
            for kind, x in (("base size", row.known.base), ("best", row.known.best))
            if x is not None
        ]
        if told:
            note = f" Note: {row.known.note}." if row.known.note else ""
            lines.append(f"- {row.benchmark.name}, {row.known.metric}: {'; '.join(told)}.{note}")
    return ["", "Where the published figures come from:", "", *map(_cell, lines)] if lines else []
