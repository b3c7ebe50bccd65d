"""Pair scores -> the arguments of each event, seen with all of the document in view.

The network scores a trigger and a mention by themselves. Whether "the police" are the source of an
event also turns on what stands around them ("..., police said"), on how far away they are and on
who else could be it: with a ``Rescorer``, fitted after the network on documents that it had not
seen, a role's probability is that of a logistic model over such facts. Without one the network's
own scores decide.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .scores import Rescorer
from .spans import TaggedSpan

if TYPE_CHECKING:
    from .extractor import Extraction, Extractor, Prepared

Floats = NDArray[np.float64]
GivenTrigger = tuple[int, int, str]  # start, end (code points), event type


@dataclass(frozen=True, slots=True)
class ScoredArgument:
    role: int
    mention: int
    score: float


@dataclass(frozen=True, slots=True)
class RoleScores:
    """A mention (code points into the text), and how probably it plays each role of one event."""

    start: int
    end: int
    kind: str
    roles: dict[str, float]  # of every role of the network


_SAYS = (
    r"(?:said|says?|told|reported|reports|stated|states|announced|confirmed|added|claimed|declared"
    r"|warned|tweeted|wrote|quoted|noted|explained|revealed|alleged|acknowledged|estimated"
    r"|disclosed|informed|indicated|insisted|argued|admitted|denied|accused)"
)
_SPEAKS = re.compile(
    rf"^[\s,]*(?:\([^)]*\)|(?:which|who)\b[^,.]{{0,60}},|has|have|had|also|later|,[^,.]{{0,60}},)?"
    rf"[\s,]*{_SAYS}\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    rf"(?:according to|{_SAYS}(?: by)?|cited|citing|quoting|by)\s+(?:(?:the|an?|its)\s+)?$",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"([A-Za-z]+)\W+(?:(?:the|an?|its|their|his)\s+)?$", re.IGNORECASE)
_AFTER_CHARS, _BEFORE_CHARS = 120, 30
PREPOSITIONS = tuple(
    "in at near on from to by of against with for into outside around between towards".split()
)
# Of an event and a mention, whatever the role; then those of the role.
PAIR_FEATURES = (
    "same_sentence",
    "sentences_apart",  # at most 5
    "log_words_apart",
    "before_trigger",
    "speaks",  # "..., police said"
    "quoted",  # "according to police"
    "attributed_in_sentence",  # either, in a sentence of the event
    "log_triggers",
    "in_first_sentence",
    *(f"after_{word}" for word in PREPOSITIONS),
)
ROLE_FEATURES = (
    "logit",  # the network's
    "other_role",  # highest probability of this mention in another role of the event
    "rival",  # highest probability of another mention in this role
)
FEATURES = (*PAIR_FEATURES, *ROLE_FEATURES)
_MOST_SENTENCES = 5  # apart; farther is as far
_LEAST, _MOST = 0.005, 0.9995  # probabilities are held between them before the logit


@dataclass(frozen=True, slots=True)
class Candidates:
    """Event and mention pairs [n] that share a window, and what is known of them."""

    events: NDArray[np.int64]  # [n]
    mentions: NDArray[np.int64]  # [n]
    probabilities: Floats  # [n, R], the network's, of the event's best trigger
    rivals: Floats  # [n, R], the highest among the other mentions of the event
    pair: Floats  # [n, PAIR_FEATURES]

    def features(self, role: int) -> Floats:
        """[n, FEATURES] for one role."""
        p = self.probabilities
        own = np.clip(p[:, role], _LEAST, _MOST)
        other = np.delete(p, role, axis=1).max(1, initial=0.0)
        logit = np.log(own / (1 - own))
        return np.column_stack([self.pair, logit, other, self.rivals[:, role]])


def choose_arguments(
    extraction: Extraction,
    clusters: Sequence[tuple[int, ...]],
    *,
    roles: Sequence[str],
    threshold: float,
    rescorer: Rescorer,
) -> list[tuple[ScoredArgument, ...]]:
    """The arguments of each event (``clusters``: its triggers), by mention and role.

    ``roles`` are the labels of the network's role scores; ``threshold`` holds for those that the
    rescorer has no model for.
    """
    chosen: list[list[ScoredArgument]] = [[] for _ in clusters]
    if not extraction.relations.roles:
        return [() for _ in clusters]
    found = find_candidates(extraction, clusters)
    for role, label in enumerate(roles):
        scores, least = found.probabilities[:, role], threshold
        model = rescorer.roles.get(label)
        if model is not None:
            scores, least = model.probabilities(found.features(role), FEATURES), model.threshold
        for row in np.flatnonzero(scores >= least).tolist():
            argument = ScoredArgument(role, int(found.mentions[row]), float(scores[row]))
            chosen[found.events[row]].append(argument)
    return [tuple(sorted(a, key=lambda a: (a.mention, a.role))) for a in chosen]


def find_candidates(extraction: Extraction, clusters: Sequence[tuple[int, ...]]) -> Candidates:
    """All pairs that the network has scored, by event and mention."""
    event_of = {t: e for e, cluster in enumerate(clusters) for t in cluster}
    roles = extraction.relations.roles
    pairs = np.array([(event_of[trigger], mention) for trigger, mention in roles])
    order = np.lexsort(pairs.T[::-1])
    pairs = pairs[order]
    # Several triggers of an event may have scored one mention: the highest of each role counts.
    first = np.flatnonzero(np.append(True, (pairs[1:] != pairs[:-1]).any(1)))
    best = np.maximum.reduceat(np.array([*roles.values()])[order], first)
    events, mentions = pairs[first].T
    words = _words_around(extraction, sorted({*mentions.tolist()}))
    features = [
        _pair_features(extraction, clusters[e], mentions[events == e], words)
        for e in np.unique(events)
    ]
    probabilities = best.astype(np.float64)
    return Candidates(
        events, mentions, probabilities, _rivals(events, probabilities), np.vstack(features)
    )


def _rivals(events: NDArray[np.int64], p: Floats) -> Floats:
    """Of each pair and role, the highest of ``p`` [n, R] among the other pairs of its event."""
    rivals = np.zeros_like(p)
    for event in np.unique(events):
        rows = np.flatnonzero(events == event)
        if len(rows) > 1:
            second, best = np.sort(p[rows], axis=0)[-2:]
            rivals[rows] = np.where(p[rows] == best, second, best)
    return rivals


def _words_around(extraction: Extraction, mentions: Sequence[int]) -> dict[int, list[bool]]:
    """Mention -> does it speak, is it quoted, and which preposition stands before it?"""
    prepared = extraction.prepared
    found = {}
    for mention in mentions:
        span = extraction.mentions[mention]
        start, end = prepared.chars(span.word_start, span.word_end)
        before = prepared.text[max(0, start - _BEFORE_CHARS) : start]
        match = _WORD_BEFORE.search(before)
        word = match[1].lower() if match else ""
        found[mention] = [
            _SPEAKS.match(prepared.text[end : end + _AFTER_CHARS]) is not None,
            _QUOTED.search(before) is not None,
            *(word == preposition for preposition in PREPOSITIONS),
        ]
    return found


def _pair_features(
    extraction: Extraction,
    triggers: Sequence[int],
    mentions: NDArray[np.int64],
    words: dict[int, list[bool]],
) -> Floats:
    """Of one event and its mentions [m] -> [m, PAIR_FEATURES]."""
    sentence_of_word = extraction.prepared.sentence_of_word
    # Rows: word start, word end, sentence.
    t, m = (
        np.array([(s.word_start, s.word_end, sentence_of_word[s.word_start]) for s in spans]).T
        for spans in (
            [extraction.triggers[i] for i in triggers],
            [extraction.mentions[i] for i in mentions],
        )
    )
    sentences = np.abs(t[2][:, None] - m[2])  # [t, m]
    gaps = np.maximum(np.maximum(t[0][:, None] - m[1], m[0] - t[1][:, None]), 0)
    here = sentences == 0
    before = here & (m[1] <= t[0][:, None])
    said = np.array([words[i] for i in mentions.tolist()], dtype=np.float64)
    speaks_or_quoted = said[:, :2].any(1)
    return np.column_stack(
        [
            here.any(0),
            np.minimum(sentences.min(0), _MOST_SENTENCES),
            np.log1p(gaps.min(0)),
            before.any(0),
            said[:, 0],
            said[:, 1],
            here.any(0) & speaks_or_quoted,
            np.full(len(mentions), np.log(len(triggers))),
            m[2] == 0,
            said[:, 2:],
        ]
    )


def roles_of_given(
    extractor: Extractor, texts: Sequence[str], triggers: Sequence[Sequence[GivenTrigger]]
) -> list[list[list[RoleScores]]]:
    """Texts and the triggers known of each -> of each text and trigger, the mentions in roles.

    Mentions are the network's own, in text order, and so are the scores, without a second look.
    Pairs that it all but rules out are missing, and so are all of a trigger that is cut by every
    window. Triggers may overlap or stand twice, with two types. Raises ValueError for an event
    type that the network lacks and for a trigger that holds no word of its text.
    """
    prepared = [extractor.prepare(text) for text in texts]
    types = extractor.network.config.event_types
    # One pass for each layer of triggers that do not overlap: (document, index -> span).
    passes = [
        (document, layer)
        for document, known in enumerate(triggers)
        for layer in _layers([_tagged(prepared[document], trigger, types) for trigger in known])
    ]
    extractions = extractor.run(
        [prepared[document] for document, _ in passes],
        given=[list(layer.values()) for _, layer in passes],
    )
    found: list[list[list[RoleScores]]] = [[[] for _ in known] for known in triggers]
    for (document, layer), extraction in zip(passes, extractions, strict=True):
        index_of = {extraction.triggers.index(span): index for index, span in layer.items()}
        for (trigger, mention), scores in sorted(extraction.relations.roles.items()):
            if trigger in index_of:
                found[document][index_of[trigger]].append(
                    _role_scores(extraction, mention, scores, extractor)
                )
    return found


def _tagged(document: Prepared, trigger: GivenTrigger, types: Sequence[str]) -> TaggedSpan:
    """The words that a trigger touches."""
    start, end, label = trigger
    if label not in types:
        raise ValueError(f"unknown event type {label!r}; known: {', '.join(types)}")
    first = bisect_right(document.segmented.ends, start)
    last = bisect_left(document.segmented.starts, end)
    if not 0 <= start < end <= len(document.text) or first >= last:
        raise ValueError(
            f"trigger [{start}, {end}) holds no word of a text of {len(document.text)} characters"
        )
    return TaggedSpan(first, last, types.index(label), 1.0)


def _layers(spans: Sequence[TaggedSpan]) -> list[dict[int, TaggedSpan]]:
    """Index -> span, in as few dicts as it takes for none of a dict to overlap another."""
    layers: list[dict[int, TaggedSpan]] = []
    for index, span in enumerate(spans):
        for layer in layers:
            if all(
                span.word_end <= other.word_start or other.word_end <= span.word_start
                for other in layer.values()
            ):
                layer[index] = span
                break
        else:
            layers.append({index: span})
    return layers


def _role_scores(
    extraction: Extraction, mention: int, scores: NDArray[np.float32], extractor: Extractor
) -> RoleScores:
    config = extractor.network.config
    span = extraction.mentions[mention]
    start, end = extraction.prepared.chars(span.word_start, span.word_end)
    roles = dict(zip(config.roles, scores.tolist(), strict=True))
    return RoleScores(start, end, config.kinds[span.type], roles)
