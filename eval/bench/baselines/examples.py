"""Texts with labelled spans: what the simple systems learn from, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ....document import Document, Mention
from ...counts import PRF

__all__ = ["Label", "Labelled", "NotRunError", "exact", "held_out", "mentions_of", "triggers_of"]

# One example in this many decides between settings and is learnt from last of all.
HELD_OUT_EVERY = 4
_T = TypeVar("_T")


class NotRunError(Exception):
    """A baseline that cannot run here, and why."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and its labelled spans, none overlapping, in text order.

    ``kind`` of a span is its label, whatever is labelled: mention kinds, event types of triggers.
    """

    text: str
    spans: tuple[Mention, ...]


Label = Callable[[Sequence[Labelled], Sequence[str]], list[list[Mention]]]
"""Learns from examples, then labels texts: -> the spans of each, in text order, none overlapping.
Raises NotRunError, or ConfigError, where something that it needs is missing."""


def mentions_of(document: Document) -> Labelled:
    return _labelled(document, document.mentions)


def triggers_of(document: Document) -> Labelled:
    """The triggers, labelled by the types of their events."""
    return _labelled(
        document, (Mention(t.start, t.end, e.type) for e in document.events for t in e.triggers)
    )


def _labelled(document: Document, spans: Iterable[Mention]) -> Labelled:
    return Labelled(document.text, tuple(sorted(spans, key=lambda s: s.start)))


def held_out(examples: Sequence[_T]) -> tuple[list[_T], list[_T]]:
    """-> what to learn from, and what to choose settings by. Raises NotRunError for one alone."""
    if len(examples) < 2:
        raise NotRunError(f"{len(examples)} texts to learn from, it takes two")
    step = min(HELD_OUT_EVERY, len(examples))
    kept = [e for i, e in enumerate(examples, start=1) if i % step]
    return kept, list(examples[step - 1 :: step])


def exact(gold: Sequence[Labelled], found: Sequence[Sequence[Mention]]) -> PRF:
    """Counts of spans that are right in both ends and label."""
    pairs = list(zip(gold, found, strict=True))
    return PRF(
        tp=sum(len({*g.spans} & {*f}) for g, f in pairs),
        predicted=sum(len(f) for _, f in pairs),
        gold=sum(len(g.spans) for g, _ in pairs),
    )
