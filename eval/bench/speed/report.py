"""The bars that the figures are held to, and the tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

__all__ = ["BARS", "Bar", "disturbance", "tables", "with_bars"]

_BUSY = 0.2  # cores that others may use before a run is called disturbed
# Columns of the table of backends.
_SHARES = (
    ("of peak", "encoder_peak_share"),
    ("tokenise", "share_tokenise"),
    ("encode", "share_encode"),
    ("heads", "share_heads"),
    ("resolve", "share_resolve"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """``at_least``: whether more is better; ``aim``: what is wanted beyond the bar."""

    figure: str
    title: str
    limit: float
    at_least: bool
    aim: float | None = None

    def met(self, figures: Mapping[str, Any]) -> bool | None:
        """None for a figure that was not measured."""
        value = figures[self.figure]
        if value is None:
            return None
        return bool(value >= self.limit if self.at_least else value <= self.limit)


BARS = (
    Bar("encoder_peak_share", "encoder, share of the matrix-multiply peak", 0.4, True),
    Bar("share_heads_resolve", "heads, decoding and resolvers, share of the time", 0.35, False),
    Bar("ratio_gliner", "articles a second, times GLiNER-small's", 6, True, aim=10),
    Bar("ratio_spacy", "articles a second, times en_core_web_sm's", 0.5, True, aim=1),
    Bar("cost_per_word_spread", "cost of a word, dearest length over cheapest, less 1", 0.1, False),
    Bar("memory_growth", "peak memory, ten times the documents, less 1", 0.1, False),
)


def with_bars(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures and, as ``bars``, of each bar its limit, its aim, and whether it is met."""
    bars = {bar.figure: {"bar": bar.limit, "aim": bar.aim, "met": bar.met(figures)} for bar in BARS}
    return {**figures, "bars": bars}


def tables(figures: Mapping[str, Any]) -> list[Table | Text]:
    """Headline and bars, backends by batch size, and in words what was run and what disturbed."""
    return [
        _headline(figures),
        _bars(figures),
        _backends(figures),
        Text("\n".join(_notes(figures))),
    ]


def _headline(figures: Mapping[str, Any]) -> Table:
    shown = Table(title="Speed", title_justify="left")
    shown.add_column("figure", no_wrap=True)
    shown.add_column("value", justify="right")
    rows = {
        "articles a second": f"{figures['articles_per_s']:.2f}",
        "tokens (sub-word pieces) a second": f"{figures['tokens_per_s']:,.0f}",
        "one article, p50": f"{figures['p50_ms']:.0f} ms",
        "one article, p95": f"{figures['p95_ms']:.0f} ms",
        "peak memory, all processes": f"{figures['peak_mb']:.0f} MB",
        "load time, imports included": f"{figures['load_s']:.1f} s",
        f"matrix-multiply peak, {figures['dtype']}": f"{figures['peak_gflops']:.0f} GFLOP/s",
        "that of attention's data type": f"{figures['attention_peak_gflops']:.0f} GFLOP/s",
        "encoder, real pieces only": f"{figures['encoder_gflops']:.0f} GFLOP/s",
        **{
            f"time: {name}": _percent(figures[f"share_{name}"])
            for name in ("tokenise", "encode", "heads", "resolve", "serialise")
        },
        "GLiNER-small, articles a second": _number(figures["gliner_articles_per_s"]),
        "en_core_web_sm, articles a second": _number(figures["spacy_articles_per_s"]),
        **{f"{int(n):,} words, µs a word": f"{us:.0f}" for n, us in figures["us_per_word"].items()},
        **{
            f"memory of {n:,} documents": f"{mb:.0f} MB"
            for n, mb in zip(figures["memory_documents"], figures["memory_mb"], strict=True)
        },
    }
    for name, value in rows.items():
        shown.add_row(name, value)
    return shown


def _bars(figures: Mapping[str, Any]) -> Table:
    shown = Table(title="Bars", title_justify="left")
    shown.add_column("figure")
    for name in ("value", "bar", "aim"):
        shown.add_column(name, justify="right")
    shown.add_column("met")
    for bar in BARS:
        sign = "≥" if bar.at_least else "≤"
        met = {True: "yes", False: "no", None: "not measured"}[bar.met(figures)]
        aim = "" if bar.aim is None else f"{bar.aim:g}"
        value = _number(figures[bar.figure])
        shown.add_row(bar.title, value, f"{sign} {bar.limit:g}", aim, met)
    return shown


def _backends(figures: Mapping[str, Any]) -> Table:
    shown = Table(title="Backends, processes and batch sizes", title_justify="left")
    shown.add_column("backend")
    for name in (
        "processes",
        "batch",
        "articles/s",
        "tokens/s",
        "GFLOP/s",
        *(title for title, _ in _SHARES),
    ):
        shown.add_column(name, justify="right")
    for backend, measured in figures["backends"].items():
        for one in measured["manners"]:
            shown.add_row(
                backend,
                str(one["workers"]),
                str(one["batch_size"]),
                f"{one['articles_per_s']:.2f}",
                f"{one['tokens_per_s']:,.0f}",
                f"{one['encoder_gflops']:.0f}",
                *(_percent(one[name]) for _, name in _SHARES),
            )
    return shown


def _notes(figures: Mapping[str, Any]) -> list[str]:
    notes = [
        f"{figures['articles']} made articles, {figures['words']:,} words; "
        f"{figures['dtype']} on {figures['device']}, {figures['workers']} processes with "
        f"{figures['threads']} threads in all, batches of {figures['batch_size']}; medians of "
        f"{figures['rounds']} rounds, {figures['seconds']:.0f} s in all. GFLOP/s: the encoder's, "
        "for real pieces of windows, attention included, padding left out; of peak: the time that "
        "its products would take at the peaks of their data types, over its own. Time: of all "
        "processes together."
    ]
    for name, told in figures["peers"].items():
        notes.append(f"{name}: {told if isinstance(told, str) else told['system']}")
    if warning := disturbance(figures):
        notes.append(warning)
    return notes


def disturbance(figures: Mapping[str, Any]) -> str | None:
    """A warning, if others had a part of the machine during the run."""
    others, load = figures["cores_busy_with_others"], figures["load_average"]
    if others is not None:
        if others <= _BUSY:
            return None
        return f"warning: other processes kept {others:.2f} cores busy: figures are too low"
    if load is None or load <= _BUSY:
        return None
    return f"warning: the load average was {load:.2f} at the start: figures may be too low"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
