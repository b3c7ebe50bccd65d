"""Where the time of reading goes, measured from outside: methods are wrapped while it runs.

Every stage has its own time alone, so that the stages add up to the whole:

    tokenise   text -> words, sentences, sub-word pieces, windows
    encode     windows -> word vectors: the encoder, its input and pooling
    heads      tensors in, taggers, decoding of spans, pair classifiers, merging of windows;
               of it ``heads_network`` is what the network itself takes
    resolve    the rest of the call: entities, events, places, dates, counts, codes, the Report
    serialise  Report -> JSON
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from conflictwire import Coder, Report

from ....coder import parts_of
from ....workers import Workers
from .articles import Article
from .machine import wait_for

__all__ = ["STAGES", "Clock", "encoder_flops", "read_staged"]

STAGES = ("tokenise", "encode", "heads", "resolve", "serialise")


class Clock:
    """Seconds of each stage without those of the stages inside it; and what was read."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys((*STAGES, "heads_network"), 0.0)
        self.n_pieces = 0
        self.weight_flops = 0.0  # of products of weights
        self.attention_flops = 0.0
        self._inner: list[float] = []  # of each open stage, the seconds of the stages inside it

    @contextmanager
    def stage(self, name: str, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """``wait``: until the device has done what the stage asked of it."""
        self._inner.append(0.0)
        start = time.perf_counter()
        try:
            yield
            wait()
        finally:
            took = time.perf_counter() - start
            self.seconds[name] += took - self._inner.pop()
            if self._inner:
                self._inner[-1] += took

    def add(self, other: Clock) -> None:
        for name, seconds in other.seconds.items():
            self.seconds[name] += seconds
        self.n_pieces += other.n_pieces
        self.weight_flops += other.weight_flops
        self.attention_flops += other.attention_flops


def read_staged(
    coder: Coder,
    articles: Sequence[Article],
    *,
    batch_size: int,
    clock: Clock | None = None,
    workers: Workers[Coder] | None = None,
) -> tuple[float, Clock]:
    """Read articles to JSON -> seconds in all, and where they went (added to ``clock``).

    With ``workers`` the seconds of the stages are those of all processes together, and each takes
    as many articles at a time as in ``Coder.stream``. Raises RuntimeError if an article cannot be
    read.
    """
    clock = clock or Clock()
    documents = [{"text": a.text, "date": a.date} for a in articles]
    batches = (documents[i : i + batch_size] for i in range(0, len(documents), batch_size))
    start = time.perf_counter()
    done: Iterator[list[Report | Clock]]
    if workers is None:
        done = (_staged(coder, batch) for batch in batches)
    else:
        parts = (part for b in batches for part in parts_of(b, lambda d: len(d["text"])))
        done = workers.map(_staged, parts, lost=_raise)
    for *reports, seen in done:
        assert isinstance(seen, Clock)
        clock.add(seen)
        for report in reports:
            assert isinstance(report, Report)
            if report.error is not None:
                raise RuntimeError(f"an article could not be read: {report.error}")
            with clock.stage("serialise"):
                report.to_json()
    return time.perf_counter() - start, clock


def _staged(coder: Coder, batch: list[dict[str, str]]) -> list[Report | Clock]:
    """The Reports of a batch, and where the time went."""
    clock = Clock()
    with _wrapped(coder, clock), clock.stage("resolve"):
        reports = list(coder.stream(batch, batch_size=len(batch), workers=1))
    return [*reports, clock]


def _raise(document: dict[str, str], why: str) -> Report | Clock:
    raise RuntimeError(f"an article could not be read: {why}")


@contextmanager
def _wrapped(coder: Coder, clock: Clock) -> Iterator[None]:
    """Methods of the coder's stages replaced by ones that are timed, on these objects alone."""
    extractor = coder.extractor
    network = extractor.network
    config = network.config
    wait = partial(wait_for, extractor.device)

    def count(prepared: Any) -> None:
        starts = prepared.piece_starts
        clock.n_pieces += starts[-1]
        for window in prepared.windows:
            n = starts[window.word_end] - starts[window.word_start] + 2  # start and end tokens
            weights, attention = encoder_flops(config.encoder, n)
            clock.weight_flops += weights
            clock.attention_flops += attention

    places: tuple[tuple[Any, str, str, Callable[[Any], None] | None], ...] = (
        (extractor, "prepare", "tokenise", count),
        (extractor, "run", "heads", None),
        (network, "encode", "encode", None),
        (network, "tag", "heads_network", None),
        (network, "relate", "heads_network", None),
    )
    with ExitStack() as undo:
        for owner, method, name, seen in places:
            # On the object, where it hides the method of the class.
            own = owner.__dict__
            if method in own:
                undo.callback(own.__setitem__, method, own[method])
            else:
                undo.callback(own.pop, method)
            own[method] = _timed(getattr(owner, method), clock, name, wait, seen)
        yield


def _timed(
    method: Callable[..., Any],
    clock: Clock,
    name: str,
    wait: Callable[[], None],
    seen: Callable[[Any], None] | None,
) -> Callable[..., Any]:
    def call(*arguments: Any, **more: Any) -> Any:
        with clock.stage(name, wait):
            result = method(*arguments, **more)
        if seen is not None:
            seen(result)
        return result

    return call


def encoder_flops(config: dict[str, Any], n_pieces: int) -> tuple[float, float]:
    """Multiplications and additions of a transformer encoder over one window, without padding:
    in products of weights (four projections, two of the feed-forward layer), and in attention's two
    products.

    ``config`` is the encoder's Hugging Face config.
    """
    layers = config.get("num_hidden_layers") or config["n_layers"]
    width = config.get("hidden_size") or config["dim"]
    inner = config.get("intermediate_size") or config["hidden_dim"]
    # All heads' share of the width, and the hidden units, of all layers together.
    attended, hidden = layers * width, layers * inner
    if (narrowed := config.get("layer_widths")) is not None:
        attended = sum(n for n, _ in narrowed) * (width // config["num_attention_heads"])
        hidden = sum(n for _, n in narrowed)
    return (
        float(2 * n_pieces * width * (4 * attended + 2 * hidden)),
        float(4 * n_pieces * n_pieces * attended),
    )
