"""Scores of the network -> what a text gives on the tolls of its events, for ``resolve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from .resolve.counts import MIN_SCORE, EventTrigger, Harm, TollClues, VictimClue

if TYPE_CHECKING:
    from .network import NetworkConfig
    from .ontology import Ontology
    from .structure import Structure

HARMS: tuple[Harm, ...] = get_args(Harm)

_OfEvents = dict[int, tuple[float, float]]  # event -> highest score, sum over its triggers


def toll_clues(
    structure: Structure, config: NetworkConfig, ontology: Ontology
) -> list[dict[Harm, TollClues]]:
    """For each event of the text, the clues on its dead and on its injured.

    Unlike an event's arguments, they hold unlikely victims and those of other events too.
    """
    prepared = structure.extraction.prepared
    spans = structure.extraction.triggers
    sentences = [prepared.chars(*words) for words in prepared.segmented.sentences]
    triggers = [
        [
            EventTrigger(
                *prepared.chars(spans[t].word_start, spans[t].word_end),
                prepared.sentence_of_word[spans[t].word_start],
            )
            for t in event.triggers
        ]
        for event in structure.events
    ]
    scores = _scores(structure, config, ontology)
    victims_of = {harm: _by_event(scores[harm]) for harm in HARMS}
    told = sorted((t for own in triggers for t in own), key=lambda t: t.start)
    return [
        {
            harm: TollClues(
                text=prepared.text,
                sentences=sentences,
                harm=harm,
                victims=_victims(structure, i, victims_of[harm], scores[harm], scores[other]),
                triggers=own,
                told=told,
                threshold=config.decoding.role_threshold,
            )
            for harm, other in zip(HARMS, reversed(HARMS), strict=True)
        }
        for i, own in enumerate(triggers)
    ]


def _roles(config: NetworkConfig, ontology: Ontology, harm: Harm) -> list[int]:
    """Indices of the roles that mean a harm."""
    meaning = ontology.roles_meaning(harm)
    return [i for i, label in enumerate(config.roles) if label in meaning]


def _scores(
    structure: Structure, config: NetworkConfig, ontology: Ontology
) -> dict[Harm, dict[int, _OfEvents]]:
    """Mention of a person -> event -> its scores in any of the roles that mean the harm."""
    extraction = structure.extraction
    event_of = {t: i for i, event in enumerate(structure.events) for t in event.triggers}
    is_person = [config.kinds[m.type] in ontology.actor_kinds for m in extraction.mentions]
    pairs = [
        (event_of[trigger], mention, p)
        for (trigger, mention), p in extraction.relations.roles.items()
        if trigger in event_of and is_person[mention]
    ]
    table = np.array([p for *_, p in pairs]).reshape(len(pairs), len(config.roles))
    found: dict[Harm, dict[int, _OfEvents]] = {}
    for harm in HARMS:
        of_harm = found[harm] = {}
        best_role = table[:, _roles(config, ontology, harm)].max(1, initial=0.0).tolist()
        for (event, mention, _), p in zip(pairs, best_role, strict=True):
            of_events = of_harm.setdefault(mention, {})
            best, total = of_events.get(event, (0.0, 0.0))
            of_events[event] = (max(best, p), total + p)
    return found


def _by_event(scores: dict[int, _OfEvents]) -> dict[int, list[int]]:
    """Event -> its mentions of some likelihood, in the order of the text."""
    found: dict[int, list[int]] = {}
    for mention in sorted(scores):
        for event, (best, _) in scores[mention].items():
            if best >= MIN_SCORE:
                found.setdefault(event, []).append(mention)
    return found


def _victims(
    structure: Structure,
    event: int,
    mentions: dict[int, list[int]],
    scores: dict[int, _OfEvents],
    other_scores: dict[int, _OfEvents],
) -> list[VictimClue]:
    prepared = structure.extraction.prepared
    n_triggers = len(structure.events[event].triggers)
    found = []
    for index in mentions.get(event, ()):
        of_events = scores[index]
        best, total = of_events[event]
        mention = structure.mentions[index]
        word = structure.extraction.mentions[index].word_start
        found.append(
            VictimClue(
                phrase=mention.text,
                kind=mention.kind,
                start=mention.start,
                end=mention.end,
                sentence=prepared.sentence_of_word[word],
                score=best,
                claim=total / n_triggers,
                other_harm=other_scores.get(index, {}).get(event, (0.0, 0.0))[0],
                elsewhere=max((p for e, (p, _) in of_events.items() if e != event), default=0.0),
            )
        )
    return found
