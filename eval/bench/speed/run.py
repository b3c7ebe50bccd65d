"""Rounds of all that is measured, one after the other in each, so that noise hits all alike.

A figure is the median over rounds; a share of a peak and a ratio to a peer are taken within a
round. No text is read twice by the model: it keeps what it has found out of names.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import torch
from conflictwire import Coder

from ....coder import WEIGHTS, load_checked, workers_of
from ....processor import cpu_has_bf16
from ....version import git_commit
from ....workers import Workers
from ..baselines import NOT_RUN, NotRunError
from ..checkpoint import describe
from . import child
from .articles import MEDIAN_WORDS, Article, article, article_set
from .machine import CpuUse, cores, load_average, matmul_peak
from .peers import Peer, load_gliner, load_spacy
from .stages import STAGES, Clock, read_staged

__all__ = ["FULL", "QUICK", "Effort", "Settings", "measure"]

Figures = dict[str, Any]
_SHORT_WORDS = 20_000  # of short documents together: one alone is over before it can be timed


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is run. ``documents`` is the length of the shorter of two streams, of texts of
    ``document_words`` words; the other is ten times as long."""

    rounds: int
    articles: int
    lengths: tuple[int, ...]  # words of the documents that the cost of a word is taken from
    loads: int  # processes that load the model
    documents: int
    all_backends: bool  # also those that are not the default
    document_words: int = 100
    peak_seconds: float = 0.2  # for each shape


FULL = Effort(
    rounds=3,
    articles=64,
    lengths=(1000, 10_000, 100_000),
    loads=3,
    documents=320,
    all_backends=True,
)
QUICK = Effort(
    rounds=3,
    articles=16,
    lengths=(1000, 10_000),
    loads=1,
    documents=128,
    all_backends=False,
    peak_seconds=0.1,
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """``model`` is a folder or a Hugging Face id, None the shipped model; ``dtype`` auto stands
    for the default and, with ``FULL``, in the manner of the headline alone, whatever else the
    device computes in; ``threads`` None for as many as there are cores, ``workers`` (processes that
    share these threads) None for as many as the model starts by itself.
    """

    effort: Effort = FULL
    model: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    threads: int | None = None
    workers: int | None = None
    batch_size: int = 32
    seed: int = 0
    peers: bool = True


class Manner(NamedTuple):
    """How articles are read: by how many processes, how many at a time."""

    workers: int
    batch_size: int


@dataclass
class _Pass:
    """One backend in one manner: an entry a round."""

    seconds: list[float] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)


class _Peak(NamedTuple):
    """GFLOP/s of the machine in the data types that the encoder computes in."""

    weights: float
    attention: float

    def seconds(self, clock: Clock) -> float:
        """That the encoder's products would take at these rates, by all threads together."""
        return 1e-9 * (clock.weight_flops / self.weights + clock.attention_flops / self.attention)


@dataclass
class _Backend:
    """A model loaded in one dtype, and what was measured of it."""

    coder: Coder
    pool: Workers[Coder] | None  # None: this process alone
    peaks: list[_Peak] = field(default_factory=list)  # one a round
    passes: dict[Manner, _Pass] = field(default_factory=dict)
    latencies: list[list[float]] = field(default_factory=list)  # [rounds, articles], seconds

    @property
    def name(self) -> str:
        return str(self.coder.extractor.dtype).removeprefix("torch.")


def measure(settings: Settings, tell: Callable[[str], None] = lambda _: None) -> Figures:
    """All figures, as one flat dict of JSON values; ``tell`` gets a line for each step.

    Rates are of articles, words, and sub-word pieces (``tokens``) of the texts; GFLOP/s of the
    encoder those of real pieces, without padding; ``encoder_peak_share`` the time that its products
    would take at the machine's peak, each in its own data type, over the time it takes;
    ``peak_mb`` 10^6 bytes. What a peer lacks is
    None, and ``peers`` says why. Raises ModelFolderError and ConfigError for a model that cannot
    be loaded.
    """
    effort, seed = settings.effort, settings.seed
    threads = settings.threads or cores()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    start, load, commit = time.perf_counter(), load_average(), git_commit()
    backends: list[_Backend] = []
    try:
        tell("loading the model")
        backends = _backends(settings, threads)
        default = backends[0]
        use = CpuUse()
        fresh = _fresh_processes(settings, threads, tell)
        peers, told = _peers(default.coder, seed, tell) if settings.peers else ({}, {})
        per_length: dict[int, list[float]] = {n: [] for n in effort.lengths}
        peer_seconds: dict[str, list[float]] = {name: [] for name in peers}
        parts = count()
        for backend in backends:  # kernels are chosen, caches filled, pages touched
            for pool in (None, backend.pool) if backend is default else (backend.pool,):
                articles = _articles(effort, seed, parts)
                read_staged(backend.coder, articles, batch_size=settings.batch_size, workers=pool)
        for peer in peers.values():
            peer.read([article(MEDIAN_WORDS, f"warm-up {seed} {i}").text for i in range(2)])
        for number in range(effort.rounds):
            tell(f"round {number + 1} of {effort.rounds}")
            texts: list[str] = []
            for backend in backends:
                backend.peaks.append(_peak(backend, effort))
                for manner in _manners(backend, settings)[: None if backend is default else 1]:
                    articles = _articles(effort, seed, parts)
                    _read(backend, articles, manner)
                    texts = texts or [a.text for a in articles]
            for name, peer in peers.items():
                began = time.perf_counter()
                peer.read(texts)
                peer_seconds[name].append(time.perf_counter() - began)
            for n, seconds in per_length.items():
                least = min(_SHORT_WORDS, max(effort.lengths))
                size = settings.batch_size
                seconds.append(_per_word(default.coder, n, least, size, f"{seed} {number}"))
        others = use.of_others()
    finally:
        torch.set_num_threads(before)
        for backend in backends:
            if backend.pool is not None:
                backend.pool.close()
    n = effort.articles
    manner = _manners(default, settings)[0]
    head = default.passes[manner]
    rates = {name: [n / s for s in seconds] for name, seconds in peer_seconds.items()}
    per_word = {words: median(s) for words, s in per_length.items()}
    figures = _figures(default, manner, n)
    latencies = _latencies(default)
    share = figures["share_heads"] + figures["share_resolve"]
    return {
        "benchmark": "speed",
        **describe(default.coder.folder or WEIGHTS),
        **figures,
        **latencies,
        "share_heads_resolve": share,
        **_beside_peers(head, rates, n),
        "cost_per_word_spread": max(per_word.values()) / min(per_word.values()) - 1,
        **fresh,
        "dtype": default.name,
        "device": str(default.coder.extractor.device),
        "threads": threads,
        "workers": manner.workers,
        "cores": cores(),
        "batch_size": manner.batch_size,
        "articles": n,
        "words": sum(a.n_words for a in article_set(n, seed)),
        "rounds": effort.rounds,
        "seed": seed,
        "load_average": load,
        "cores_busy_with_others": others,
        "us_per_word": {str(words): 1e6 * s for words, s in per_word.items()},
        "backends": {b.name: _table(b, n) for b in backends},
        "peers": told,
        "torch": torch.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "commit": commit,
        "measured_on": datetime.now(UTC).date().isoformat(),
        "seconds": round(time.perf_counter() - start, 1),
    }


# ---- what is run


def _backends(settings: Settings, threads: int) -> list[_Backend]:
    """The default (or the one asked for) first."""

    def loaded(dtype: str) -> _Backend:
        coder = load_checked(settings.model, device=settings.device, dtype=dtype)
        n = settings.workers or workers_of(coder)
        pool = Workers(coder, n, threads=max(1, threads // n), idle_s=None) if n > 1 else None
        return _Backend(coder, pool)

    first = loaded(settings.dtype)
    device = first.coder.extractor.device.type
    names = ["float32"]
    if device != "mps" and (device != "cpu" or cpu_has_bf16()):
        names.append("bfloat16")
    if device == "cpu":
        names.append("int8")
    if settings.dtype != "auto" or not settings.effort.all_backends:
        names = []
    return [first, *(loaded(name) for name in names if name != first.name)]


def _fresh_processes(
    settings: Settings, threads: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Load time and peak memory of processes of their own."""
    effort = settings.effort
    job = {
        "model": settings.model,
        "device": settings.device,
        "dtype": settings.dtype,
        "threads": threads,
        "workers": settings.workers,
        "seed": settings.seed,
        "batch_size": settings.batch_size,
    }
    tell("load time, and memory of reading the articles")
    loads = [_child({**job, "articles": effort.articles})]
    loads += [_child(job) for _ in range(effort.loads - 1)]
    tell(f"memory of {effort.documents:,} and {10 * effort.documents:,} documents")
    streamed = _child({**job, "documents": effort.documents, "words": effort.document_words})
    few, many = streamed["peak_mb"]
    return {
        "load_s": median(one["load_s"] for one in [*loads, streamed]),
        "peak_mb": loads[0]["peak_mb"][0],
        "memory_growth": many / few - 1,
        "memory_documents": [effort.documents, 10 * effort.documents],
        "memory_mb": [few, many],
    }


def _child(job: Mapping[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-P", child.__file__, json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"a process of its own failed: {done.stderr.strip()[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _peers(
    coder: Coder, seed: int, tell: Callable[[str], None]
) -> tuple[dict[str, Peer], dict[str, Any]]:
    """Those that run here, and of each what it is or why it does not run."""
    sample = article(MEDIAN_WORDS, f"sample {seed}").text
    loaders: dict[str, Callable[[], Peer]] = {
        "gliner": lambda: load_gliner(coder.folder or WEIGHTS, list(coder.ontology.kinds), sample),
        "spacy": load_spacy,
    }
    peers: dict[str, Peer] = {}
    told: dict[str, Any] = {}
    for name, load in loaders.items():
        if coder.extractor.device != torch.device("cpu"):
            told[name] = f"{NOT_RUN}peers read on the CPU alone; compare with --device cpu"
            continue
        tell(f"loading {name}")
        try:
            peers[name] = load()
            told[name] = {"system": peers[name].told, **peers[name].facts}
        except NotRunError as error:
            told[name] = f"{NOT_RUN}{error}"
    return peers, told


def _read(backend: _Backend, articles: Sequence[Article], manner: Manner) -> None:
    """One pass; at a batch size of 1 each article is timed."""
    size = manner.batch_size
    runs = [articles] if size > 1 else [[one] for one in articles]
    pool = backend.pool if manner.workers > 1 else None
    took: list[float] = []
    clock = Clock()
    for run in runs:
        seconds, _ = read_staged(backend.coder, run, batch_size=size, clock=clock, workers=pool)
        took.append(seconds)
    if size == 1:
        backend.latencies.append(took)
    done = backend.passes.setdefault(manner, _Pass())
    done.seconds.append(sum(took))
    done.clocks.append(clock)


def _per_word(coder: Coder, n_words: int, least: int, batch_size: int, seed: str) -> float:
    """Seconds a word, in documents of ``n_words``, as many as make ``least`` words."""
    made = [article(n_words, f"long {seed} {i}") for i in range(-(-least // n_words))]
    seconds, _ = read_staged(coder, made, batch_size=batch_size)
    return seconds / sum(a.n_words for a in made)


def _peak(backend: _Backend, effort: Effort) -> _Peak:
    extractor = backend.coder.extractor
    dtypes = (extractor.dtype, extractor.attention_dtype)
    peaks = {
        dtype: matmul_peak(dtype, extractor.device, seconds=effort.peak_seconds)
        for dtype in dict.fromkeys(dtypes)
    }
    return _Peak(*(peaks[dtype] for dtype in dtypes))


def _articles(effort: Effort, seed: int, parts: count[int]) -> list[Article]:
    """Articles that nobody has read."""
    return article_set(effort.articles, seed, part=next(parts))


def _manners(backend: _Backend, settings: Settings) -> list[Manner]:
    """That of the headline first; one article at a time is among them, for the latency."""
    size = settings.batch_size
    head = [Manner(backend.pool.n, size)] if backend.pool is not None else []
    return list(dict.fromkeys((*head, Manner(1, size), Manner(1, 1))))


# ---- figures


def _figures(backend: _Backend, manner: Manner, n_articles: int) -> Figures:
    """Of one manner: rates, the encoder's share of the peak, the stages' shares of the time.

    Raises RuntimeError for a stage that took no time: its method is no longer called.
    """
    done = backend.passes[manner]
    for clock in done.clocks:
        if idle := [name for name, seconds in clock.seconds.items() if not seconds]:
            raise RuntimeError(
                f"no time was seen in {', '.join(idle)}: stages.py wraps other calls"
            )
    # The seconds are those of all processes together, which run side by side.
    took = [c.seconds["encode"] / manner.workers for c in done.clocks]
    flops = [c.weight_flops + c.attention_flops for c in done.clocks]
    seconds = {name: sum(c.seconds[name] for c in done.clocks) for name in done.clocks[0].seconds}
    total = sum(seconds.values())
    heads = seconds["heads"] + seconds["heads_network"]
    shares = {name: seconds[name] / total for name in STAGES}
    return {
        "articles_per_s": median(n_articles / s for s in done.seconds),
        "tokens_per_s": median(
            c.n_pieces / s for c, s in zip(done.clocks, done.seconds, strict=True)
        ),
        "peak_gflops": median(p.weights for p in backend.peaks),
        "attention_peak_gflops": median(p.attention for p in backend.peaks),
        "encoder_gflops": median(f / s / 1e9 for f, s in zip(flops, took, strict=True)),
        "encoder_peak_share": median(
            p.seconds(c) / s for p, c, s in zip(backend.peaks, done.clocks, took, strict=True)
        ),
        **{f"share_{name}": share for name, share in shares.items()},
        "share_heads": heads / total,
        "share_heads_network": seconds["heads_network"] / total,
    }


def _latencies(backend: _Backend) -> Figures:
    """Milliseconds of one article, over articles, each by its median over rounds."""
    each = np.median(np.array(backend.latencies), axis=0)
    p50, p95 = np.percentile(each, (50, 95))
    return {"p50_ms": float(1000 * p50), "p95_ms": float(1000 * p95)}


def _table(backend: _Backend, n_articles: int) -> Figures:
    rows = [{**m._asdict(), **_figures(backend, m, n_articles)} for m in backend.passes]
    return {**(_latencies(backend) if backend.latencies else {}), "manners": rows}


def _beside_peers(ours: _Pass, rates: Mapping[str, Sequence[float]], n_articles: int) -> Figures:
    """Articles a second of each peer, and ours over theirs."""
    figures: Figures = {}
    own = [n_articles / s for s in ours.seconds]
    for name in ("gliner", "spacy"):
        theirs = rates.get(name)
        figures[f"{name}_articles_per_s"] = median(theirs) if theirs else None
        figures[f"ratio_{name}"] = (
            median(a / b for a, b in zip(own, theirs, strict=True)) if theirs else None
        )
    return figures
