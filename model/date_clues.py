"""Entities and events of a document -> what dates its events, for ``resolve/dates``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from .resolve.dates import OWN, DatedText, EventClues, TimeMention

if TYPE_CHECKING:
    from .events import EventHypothesis
    from .network import NetworkConfig
    from .ontology import Ontology
    from .relations import Floats
    from .structure import Structure

__all__ = ["date_clues"]


def date_clues(
    structure: Structure, config: NetworkConfig, ontology: Ontology, published: date | None
) -> tuple[DatedText, list[EventClues]]:
    """The text with its time mentions, and the clues of each event, in the order of events.

    An event is linked to a time mention as surely as the surest of its triggers says, and surely to
    one that heads its sentence ("15 MARCH: rebels shelled ..."), unless to another.
    """
    extraction, prepared = structure.extraction, structure.extraction.prepared
    kinds = ontology.kinds_meaning("time")
    mentions = [(i, m) for i, m in enumerate(extraction.mentions) if config.kinds[m.type] in kinds]
    text = DatedText(
        prepared.text,
        [prepared.chars(*words) for words in prepared.segmented.sentences],
        [
            TimeMention(
                structure.mentions[i].text,
                structure.mentions[i].start,
                structure.mentions[i].end,
                prepared.sentence_of_word[m.word_start],
            )
            for i, m in mentions
        ],
        published,
    )
    headings = {text.times[i].sentence: i for i in range(len(mentions)) if text.heads_sentence(i)}
    index_of = {mention: i for i, (mention, _) in enumerate(mentions)}
    linked: dict[int, list[tuple[int, Floats]]] = {}  # trigger -> time mentions, scores of roles
    for (trigger, mention), scores in extraction.relations.roles.items():
        if mention in index_of:
            linked.setdefault(trigger, []).append((index_of[mention], scores))
    return text, [
        _clues(structure, h, linked, headings, config, ontology) for h in structure.events
    ]


def _clues(
    structure: Structure,
    hypothesis: EventHypothesis,
    linked: dict[int, list[tuple[int, Floats]]],
    headings: dict[int, int],
    config: NetworkConfig,
    ontology: Ontology,
) -> EventClues:
    extraction = structure.extraction
    meanings = [ontology.roles[label].means for label in config.roles]
    time_roles = [i for i, means in enumerate(meanings) if means == "time"]
    times: dict[int, float] = {}
    for trigger in hypothesis.triggers:
        for i, scores in linked.get(trigger, ()):
            p = max((float(scores[role]) for role in time_roles), default=0.0)
            times[i] = max(times.get(i, 0.0), p)
    spans = [extraction.triggers[t] for t in hypothesis.triggers]
    heading = headings.get(extraction.prepared.sentence_of_word[spans[0].word_start])
    if heading is not None and max(times.values(), default=0.0) < OWN:
        times[heading] = 1.0
    return EventClues(
        type=config.event_types[hypothesis.type],
        status=config.statuses[hypothesis.status],
        triggers=tuple(extraction.prepared.chars(s.word_start, s.word_end) for s in spans),
        times=times,
        roles=tuple(
            label
            for argument in hypothesis.arguments
            if meanings[argument.role] != "time" and (label := config.roles[argument.role])
        ),
    )
