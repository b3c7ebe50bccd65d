"""One document's extraction -> entities and events, by the thresholds of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .arguments import choose_arguments
from .entities import Cluster, MentionText, cluster
from .events import EventHypothesis, build_events, cluster_triggers

if TYPE_CHECKING:
    from .extractor import Extraction
    from .network import NetworkConfig
    from .resolve.actors import ActorList


@dataclass(frozen=True, slots=True)
class Structure:
    """What the text tells, before values are resolved; indices are those of the extraction.

    ``entity_of`` gives the cluster of each mention that is in one.
    """

    extraction: Extraction
    mentions: list[MentionText]
    clusters: list[Cluster]
    entity_of: dict[int, int]
    events: list[EventHypothesis]


def build_structure(
    extraction: Extraction,
    config: NetworkConfig,
    *,
    actors: ActorList | None = None,
    year: int | None = None,
) -> Structure:
    """``actors``: the list of actors to know (None: the packaged one); ``year``: of publication."""
    prepared, decoding = extraction.prepared, config.decoding
    mentions = []
    for span in extraction.mentions:
        start, end = prepared.chars(span.word_start, span.word_end)
        mentions.append(MentionText(prepared.text[start:end], start, end, config.kinds[span.type]))
    clusters = cluster(
        mentions,
        text=prepared.text,
        same_entity=extraction.relations.same_entity,
        threshold=decoding.same_entity_threshold,
        actors=actors,
        year=year,
        segmented=prepared.segmented,
    )
    told = cluster_triggers(
        extraction.triggers,
        extraction.relations.same_event,
        threshold=decoding.same_event_threshold,
    )
    arguments = choose_arguments(
        extraction,
        told,
        roles=config.roles,
        threshold=decoding.role_threshold,
        rescorer=config.rescorer,
    )
    events = build_events(extraction.triggers, extraction.relations, told, arguments)
    entity_of = {m: e for e, c in enumerate(clusters) for m in c.mentions}
    return Structure(extraction, mentions, clusters, entity_of, events)
