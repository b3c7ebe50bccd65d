"""A Report of a model with MUC-4's labels -> templates.

An event becomes a template, its arguments the fillers, each entity by one mention: one string is
enough for both scores, and every further one can only spoil it. Reports of these labels have no
entities, so mentions of one role are one entity if their strings agree, if the words of one contain
those of the other ("rebels" of "the rebels of the south"), if one defines the other ("river front
(rf)"), or by pair probabilities where they are given. Mentions that no event took go to the nearest
one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .data import INCIDENT_TYPES, ROLES, Entity, Mention, Template
from .score import normalize

__all__ = ["Settings", "assemble", "incident_type"]

_HARMED = ("Target", "Victim")
# Between a name and its short form.
_DEFINES = re.compile(r"\s*[(\[]\s*")


@dataclass(frozen=True, slots=True)
class Settings:
    """Least scores, 0 to 1, and choices.

    ``event``, ``argument``: of what an event gives. ``mention`` by role: of a mention that no event
    took. ``same_entity``: of a pair of mentions to be one entity. ``contained``: whether strings
    within others are. ``most`` by role: entities of a template that are kept, the best.

    ``merge``: events of one type become one template "always", "unless_harmed" (unless the targets
    and victims of both are known and none is shared), or "never". ``shared``: roles whose fillers
    go to all templates of the document that have none. ``no_event``: the type of fillers where
    there is no event at all.

    The defaults were chosen on dev, for calibrated scores, by the mean of two models: what the
    model has linked stays, what it left alone must be about as likely right as not.
    """

    event: float = 0.0
    argument: float = 0.0
    mention: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(ROLES, 0.4))
    same_entity: float = 0.5
    contained: bool = True
    most: Mapping[str, int] = field(default_factory=dict)
    merge: Literal["always", "unless_harmed", "never"] = "unless_harmed"
    shared: tuple[str, ...] = ()
    no_event: str = "attack"


class _Place(NamedTuple):
    """A mention in a role, by its id; the same mention may stand in two roles."""

    role: str
    mention: int


_Fillers = dict[_Place, float]


@dataclass(slots=True)
class _Draft:
    """A template in the making; ``spans`` are those of its triggers and its arguments."""

    type: str
    fillers: _Fillers
    spans: list[tuple[int, int]]

    def distance(self, start: int, end: int) -> int:
        """Characters between a span and the nearest of this template."""
        return min(max(start - e, s - end, 0) for s, e in self.spans)


def incident_type(label: str) -> str:
    """Event type -> incident type: labels have no spaces."""
    return label.replace("_", " ")


def assemble(
    report: Mapping[str, Any],
    settings: Settings | None = None,
    *,
    same_entity: Mapping[tuple[int, int], float] | None = None,
) -> list[Template]:
    """``Report.to_dict()`` -> its templates: distinct, none without a filler.

    ``same_entity``: probabilities of pairs of mention ids i < j; pairs may be missing. Mentions of
    other kinds, roles and event types than MUC-4's are passed over.
    """
    settings = settings or Settings()
    mentions = report["mentions"]
    drafts = [
        _draft(event, settings)
        for event in report["events"]
        if event["score"] >= settings.event and incident_type(event["type"]) in INCIDENT_TYPES
    ]
    alone = {
        _Place(m["kind"], m["id"]): m["score"]
        for m in mentions
        if m["kind"] in ROLES and m["score"] >= settings.mention[m["kind"]]
    }
    scores: _Fillers = dict(alone)
    for draft in drafts:
        for place, score in draft.fillers.items():
            scores[place] = max(score, scores.get(place, 0.0))
    entity_of = _entities(scores, report["text"], mentions, settings, same_entity or {})
    drafts = _merged(drafts, entity_of, settings.merge)
    taken = {entity_of[place] for draft in drafts for place in draft.fillers}
    left = {place: score for place, score in alone.items() if entity_of[place] not in taken}
    _place_left(left, drafts, mentions, _best_type(report["events"], settings))
    return _templates(drafts, scores, mentions, entity_of, settings)


def _draft(event: Mapping[str, Any], settings: Settings) -> _Draft:
    arguments = [
        a for a in event["arguments"] if a["role"] in ROLES and a["score"] >= settings.argument
    ]
    fillers: _Fillers = {}
    for a in arguments:
        place = _Place(a["role"], a["mention"])
        fillers[place] = max(a["score"], fillers.get(place, 0.0))
    spans = [(s["start"], s["end"]) for s in (*event["triggers"], *arguments)]
    return _Draft(incident_type(event["type"]), fillers, spans)


def _entities(
    scores: _Fillers,
    text: str,
    mentions: Sequence[Mapping[str, Any]],
    settings: Settings,
    same_entity: Mapping[tuple[int, int], float],
) -> dict[_Place, _Place]:
    """Mention in a role -> the first of its entity, which stands for the entity."""
    words = {place: normalize(mentions[place.mention]["text"]).split() for place in scores}
    root: dict[_Place, _Place] = {}
    for place in sorted(scores, key=lambda p: (mentions[p.mention]["start"], p)):
        root[place] = place
        for other in [p for p in root if p.role == place.role and p != place]:
            i, j = sorted((place.mention, other.mention))
            entity = mentions[i]["entity"]
            if (
                (entity is not None and entity == mentions[j]["entity"])
                or words[place] == words[other]
                or (settings.contained and _one_in_other(words[place], words[other]))
                or _defines(text, mentions[other.mention], mentions[place.mention])
                or same_entity.get((i, j), 0.0) >= settings.same_entity
            ):
                old, new = root[place], root[other]
                for p in [p for p in root if root[p] == old]:
                    root[p] = new
    return root


def _one_in_other(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether the words of one are a run of those of the other."""
    short, long = sorted((a, b), key=len)
    n = len(short)
    return n > 0 and any(long[i : i + n] == short for i in range(len(long) - n + 1))


def _defines(text: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether the second mention stands in brackets right behind the first."""
    return _DEFINES.fullmatch(text, first["end"], second["start"]) is not None


def _merged(
    drafts: Iterable[_Draft], entity_of: Mapping[_Place, _Place], merge: str
) -> list[_Draft]:
    """Drafts of one type as one, each with the first that it may join."""

    def harmed(draft: _Draft) -> set[_Place]:
        return {entity_of[p] for p in draft.fillers if p.role in _HARMED}

    def joins(draft: _Draft, other: _Draft) -> bool:
        if draft.type != other.type or merge == "never":
            return False
        a, b = harmed(draft), harmed(other)
        return merge == "always" or not a or not b or bool(a & b)

    kept: list[_Draft] = []
    for draft in drafts:
        partner = next((k for k in kept if joins(draft, k)), None)
        if partner is None:
            kept.append(draft)
            continue
        for place, score in draft.fillers.items():
            partner.fillers[place] = max(score, partner.fillers.get(place, 0.0))
        partner.spans += draft.spans
    return kept


def _best_type(events: Sequence[Mapping[str, Any]], settings: Settings) -> str:
    """The type of the best event, were its score too low too."""
    known = [e for e in events if incident_type(e["type"]) in INCIDENT_TYPES]
    if not known:
        return settings.no_event
    return incident_type(max(known, key=lambda e: e["score"])["type"])


def _place_left(
    left: _Fillers, drafts: list[_Draft], mentions: Sequence[Mapping[str, Any]], new_type: str
) -> None:
    """Put mentions that no event took into the nearest draft, or into one of their own."""
    if left and not drafts:
        drafts.append(_Draft(new_type, dict(left), []))
        return
    chosen = []
    for place in left:
        m = mentions[place.mention]
        chosen.append(min(drafts, key=lambda d: d.distance(m["start"], m["end"])))
    # Afterwards, so that the order in which they come plays no part.
    for (place, score), draft in zip(left.items(), chosen, strict=True):
        draft.fillers[place] = score


def _templates(
    drafts: Sequence[_Draft],
    scores: _Fillers,
    mentions: Sequence[Mapping[str, Any]],
    entity_of: Mapping[_Place, _Place],
    settings: Settings,
) -> list[Template]:
    """Each entity by its best mention, the first of equals, the same in all templates."""
    best: dict[_Place, _Place] = {}
    for place in sorted(scores, key=lambda p: (-scores[p], mentions[p.mention]["start"])):
        best.setdefault(entity_of[place], place)
    order = {entity: i for i, entity in enumerate(best)}  # the best first
    in_role = [_by_role(draft, entity_of) for draft in drafts]
    for roles in in_role:
        for role, most in settings.most.items():
            if len(roles.get(role, ())) > most:
                kept = sorted(roles[role], key=lambda e: order[e])[:most]
                roles[role] = [e for e in roles[role] if e in kept]
    for role in settings.shared:
        everywhere = list(dict.fromkeys(e for roles in in_role for e in roles.get(role, ())))
        for roles in in_role:
            roles.setdefault(role, everywhere)
    templates = []
    for draft, roles in zip(drafts, in_role, strict=True):
        fillers = {
            role: tuple(_entity(mentions[best[e].mention]) for e in roles.get(role, ()))
            for role in ROLES
        }
        template = Template(draft.type, fillers)
        if any(fillers.values()) and template not in templates:
            templates.append(template)
    return templates


def _by_role(draft: _Draft, entity_of: Mapping[_Place, _Place]) -> dict[str, list[_Place]]:
    found: dict[str, list[_Place]] = defaultdict(list)
    for entity in dict.fromkeys(entity_of[place] for place in draft.fillers):
        found[entity.role].append(entity)
    return dict(found)


def _entity(mention: Mapping[str, Any]) -> Entity:
    return (Mention(mention["text"], mention["start"]),)
