"""RAMS and WikiEvents -> documents in our labels, as far as theirs have counterparts.

They annotate in part: RAMS one event of a text, both only mentions that fill roles, of no kind
(``kinds`` in the mappings guesses it from the role). A network that learns from them learns to
leave out the rest, so they are for heads that are told the spans, not for taggers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conflictwire.document import Argument, Document, Event, Mention, Span
from conflictwire.eval.bench.given_triggers import Example, LabelMap
from conflictwire.ontology import Ontology


def documents(
    examples: Iterable[Example], labels: LabelMap, ontology: Ontology, *, corpus: str
) -> Iterator[Document]:
    """Raises DataError if the ontology lacks a label of the mapping.

    Of spans that overlap, among mentions as among triggers, the one that ends first stands; events
    and arguments without theirs are left out.
    """
    labels.check(ontology)
    for example in examples:
        yield _document(example, labels, next(iter(ontology.statuses)), corpus)


def _document(example: Example, labels: LabelMap, status: str, corpus: str) -> Document:
    known = [
        (event, label.name)
        for event in example.events
        if (label := labels.type(event.type)) is not None and label.exact
    ]
    filled = [
        [
            (Span(*example.chars((a.start, a.end))), labels.roles(event.type)[a.role].name)
            for a in sorted(event.arguments, key=lambda a: (a.start, a.end, a.role))
            if labels.is_mapped(event.type, a.role)
        ]
        for event, _ in known
    ]
    kind_of = {
        span: labels.kinds[role] for arguments in reversed(filled) for span, role in arguments
    }
    mentions = _apart(list(kind_of))
    number = {span: i for i, span in enumerate(mentions)}
    spans = [Span(*example.chars(event.trigger)) for event, _ in known]
    triggers = set(_apart(spans))
    events: list[Event] = []
    for (_, event_type), trigger, arguments in zip(known, spans, filled, strict=True):
        if trigger not in triggers:
            continue
        triggers.remove(trigger)  # of two events with one trigger the first has it
        events.append(
            Event(
                id=f"e{len(events)}",
                type=event_type,
                status=status,
                triggers=(trigger,),
                arguments=tuple(
                    Argument(role, number[span]) for span, role in arguments if span in number
                ),
            )
        )
    return Document(
        id=example.id,
        text=example.text,
        date=None,
        title=None,
        source=None,
        license=None,
        corpus=corpus,
        sentences=(),
        mentions=tuple(Mention(s.start, s.end, kind_of[s]) for s in mentions),
        entities=(),
        events=tuple(events),
    )


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Spans in text order, none overlapping another."""
    chosen: list[Span] = []
    for span in sorted(set(spans), key=lambda s: (s.end, s.start)):
        if not chosen or chosen[-1].end <= span.start:
            chosen.append(span)
    return chosen
