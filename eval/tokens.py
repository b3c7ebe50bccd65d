"""Layer 1: token labels in IOB2, counted as seqeval does with ``mode="strict", scheme=IOB2``.

The labels are decoded by seqeval's own strict IOB2 reader and kept as counts per label, so
documents merge; micro, macro and per-label figures equal seqeval's on all sequences at once.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seqeval.scheme import IOB2, Entities  # type: ignore[import-untyped]

from ..document import Document, Span
from .counts import PRF, tally
from .prediction import Prediction

_TOKEN = re.compile(r"\w+|[^\w\s]")


def tokenise(text: str) -> list[Span]:
    """Runs of word characters, and every other character that is no white space, alone."""
    return [Span(*m.span()) for m in _TOKEN.finditer(text)]


@dataclass(frozen=True, slots=True)
class Labels:
    """``iob2`` is [n_tokens]; ``n_dropped`` spans could not be written in it."""

    iob2: list[str]
    n_dropped: int


def label(tokens: Sequence[Span], spans: Iterable[tuple[Span, str]]) -> Labels:
    """Spans with their label -> one IOB2 label a token.

    A token belongs to a span that shares a character with it. A span without a token, or with a
    token that an earlier span (by start, the longer first) has taken, is dropped and counted.
    """
    starts, ends = [t.start for t in tokens], [t.end for t in tokens]
    iob2, n_dropped = ["O"] * len(tokens), 0
    for span, name in sorted(spans, key=lambda item: (item[0].start, -item[0].end, item[1])):
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end)
        if first >= last or any(iob2[i] != "O" for i in range(first, last)):
            n_dropped += 1
            continue
        iob2[first:last] = [f"B-{name}"] + [f"I-{name}"] * (last - first - 1)
    return Labels(iob2, n_dropped)


def count_chunks(gold: list[str], predicted: list[str]) -> dict[str, PRF]:
    """Two IOB2 sequences of equal length -> counts per label of the chunks in them."""
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold labels against {len(predicted)} predicted labels")
    gold_chunks, predicted_chunks = (
        {chunk.to_tuple() for chunk in Entities([sequence], IOB2).entities[0]}
        for sequence in (gold, predicted)
    )
    return tally(
        matched=(tag for _, tag, _, _ in gold_chunks & predicted_chunks),
        predicted=(tag for _, tag, _, _ in predicted_chunks),
        gold=(tag for _, tag, _, _ in gold_chunks),
    )


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Counts per mention kind and per trigger type, and spans lost in the labels on each side."""

    mention: dict[str, PRF]
    trigger: dict[str, PRF]
    n_dropped_gold: int
    n_dropped_predicted: int


def mention_labels(tokens: Sequence[Span], source: Document | Prediction) -> Labels:
    """The mention kinds of a gold document or of a prediction."""
    return label(tokens, ((m.span, m.kind) for m in source.mentions))


def trigger_labels(tokens: Sequence[Span], source: Document | Prediction) -> Labels:
    """The event types of the triggers of a gold document or of a prediction."""
    return label(tokens, ((t, e.type) for e in source.events for t in e.triggers))


def score_tokens(document: Document, prediction: Prediction) -> TokenCounts:
    """Layer 1 of one document."""
    tokens = tokenise(document.text)
    gold = mention_labels(tokens, document), trigger_labels(tokens, document)
    predicted = mention_labels(tokens, prediction), trigger_labels(tokens, prediction)
    return TokenCounts(
        mention=count_chunks(gold[0].iob2, predicted[0].iob2),
        trigger=count_chunks(gold[1].iob2, predicted[1].iob2),
        n_dropped_gold=sum(labels.n_dropped for labels in gold),
        n_dropped_predicted=sum(labels.n_dropped for labels in predicted),
    )
