"""Who an actor is in other schemes: CAMEO-style code, PLOVER country and sector, ACLED-style side.

The rules stand in the crosswalk of each kind in ``ontology.yaml``, whose head says what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...ontology import ActorCondition, Ontology, Side
from ...report import Argument, Entity, Event, Link, Report
from ..actors.known import PACKAGED, KnownActor, alias_key
from ..actors.lists import packaged_actors
from ..countries.alpha3 import alpha3_of
from ..countries.terms import country_of
from .events import any_begins

__all__ = [
    "ActorCode",
    "Filler",
    "actor_code",
    "filler_actor",
    "interaction",
    "interaction_code",
    "standing_kind",
    "telling_words",
]

_ROAMING = "IMG"  # in the place of a country: armed groups at home in no one country
_ARMED = frozenset({"REB", "PRM", "UAF", "CRM"})


@dataclass(frozen=True, slots=True)
class ActorCode:
    """Codes of one actor.

    ``cameo`` is never "": "SYRMIL", "IGOUNO", or "REB" where no country is known. ``country`` is
    PLOVER's ``code``: ISO 3166-1 alpha-3, or the label of a sector that stands in its place
    ("IGO"); None if unknown. ``sector`` is PLOVER's; None where ``country`` says it all ("IGO").
    """

    cameo: str
    country: str | None
    sector: str | None


def actor_code(
    ontology: Ontology,
    kind: str,
    *,
    words: Iterable[str] = (),
    country: str | None = None,
    known: KnownActor | None = None,
) -> ActorCode | None:
    """Codes of an actor; None for kinds without a sector (places, weapons).

    ``words``: its name and the phrases that stand for it in the text; ``country``: ISO alpha-2 of
    its home; ``known``: its entry in a list of actors.
    """
    label = _sector(ontology, kind, _words(words, known), known)
    if label is None:
        return None
    sector = ontology.sectors[label]
    home = alpha3_of(country) if country else None
    if sector.world:
        code = ActorCode(sector.cameo, sector.label, None)
    elif home is not None:
        code = ActorCode(home + sector.cameo, home, label)
    elif known is not None and label in _ARMED and _ROAMING in ontology.sectors:
        code = ActorCode(_ROAMING, _ROAMING, label)
    else:
        code = ActorCode(sector.cameo, None, label)
    if known is None or known.code is None:
        return code
    world = ontology.sectors.get(known.code[:3])
    place = world.label if world is not None and world.world else code.country
    return ActorCode(known.code, place, code.sector)


def interaction(
    ontology: Ontology,
    kind: str,
    *,
    words: Iterable[str] = (),
    country: str | None = None,
    known: KnownActor | None = None,
    sector: str | None = None,
    event_type: str,
    side: str,
    event_country: str | None = None,
) -> Side | None:
    """ACLED-style side that an actor is on in an event; None for kinds that are no actors.

    ``side`` is "actor" or "target" (killed and injured are targets too); ``sector`` is that of the
    actor if it is known already. Countries are ISO alpha-2 codes.
    """
    phrases = _words(words, known)
    sector = sector or _sector(ontology, kind, phrases, known)
    foreign = None not in (country, event_country) and country != event_country
    rules = ontology.kinds[kind].crosswalk.acled if kind in ontology.kinds else ()
    for rule in rules:
        if _holds(rule.when, phrases, sector, event_type, side, foreign):
            return rule.give
    return None


def interaction_code(first: Side | None, second: Side | None) -> str:
    """Both sides as one number, the lower first: "12"; one side alone "10"; "" for none."""
    numbers = sorted(side.number for side in (first, second) if side is not None)
    if not numbers:
        return ""
    return f"{numbers[0]}{numbers[1] if len(numbers) == 2 else 0}"


def standing_kind(
    kind: str, entity_kind: str | None, *, text: str = "", known: KnownActor | None = None
) -> str:
    """Kind of an argument: that of the entity it stands for.

    "Fighters" may be soldiers of a state. Civilians are told by the state or the group that they
    belong to, which does not make them its soldiers; things are what they are. But what names an
    armed group of a list is that group: ``text`` is the argument's words, ``known`` the entity's
    entry in a list of actors.
    """
    if entity_kind is None:
        return kind
    if kind == "CIVILIAN" and known is not None and known.kind == "ARMED_GROUP":
        return known.kind if _names(text, known) else kind
    return kind if kind in _KEPT else entity_kind


def _names(text: str, known: KnownActor) -> bool:
    """Whether ``text`` is a name of ``known`` and not of people who belong to it."""
    if alias_key(text) == alias_key(known.name):
        return True
    home = {known.country: 1} if known.country else None
    named = packaged_actors().find(text, known.kind, home)
    return named is not None and named.id == known.id


def telling_words(name: str, kind: str, mentions: Sequence[str]) -> list[str]:
    """Words that tell the part that an entity plays.

    A person's titles do; but a group is more than the "gunmen" or the "lawyers" who act for it.
    """
    return [name, *mentions] if kind == "PERSON" else [name]


_KEPT = frozenset({"CIVILIAN", "PLACE", "FACILITY", "WEAPON", "TIME"})


@dataclass(frozen=True, slots=True)
class Filler:
    """An argument of a Report as an export needs it.

    ``name`` is the entity's, else the mention's words; ``named``: there is an entity; ``country``
    is the ISO alpha-2 code of its affiliation; ``code`` and ``side`` are None for what is no actor.
    """

    name: str
    kind: str
    country: str | None
    named: bool
    link: Link | None
    code: ActorCode | None
    side: Side | None


def filler_actor(report: Report, event: Event, argument: Argument, ontology: Ontology) -> Filler:
    """Who fills a role of ``event``, which is one of ``report`` (also of one read from JSON)."""
    entity = report.entities[argument.entity] if argument.entity is not None else None
    listed = _known(entity)
    kind = standing_kind(
        argument.kind,
        entity.kind if entity is not None else None,
        text=argument.text,
        known=listed,
    )
    country = entity.country if entity is not None else country_of(argument.text)
    own = entity is not None and kind == entity.kind  # its codes are the argument's
    words = _entity_words(report, entity) if entity is not None and own else [argument.text]
    known = listed if own else None
    code = actor_code(ontology, kind, words=words, country=country, known=known)
    if entity is not None and own and entity.codes is not None:
        plover = entity.codes.plover
        code = ActorCode(entity.codes.cameo, plover.code, plover.sector)
    role = ontology.roles.get(argument.role)
    side = interaction(
        ontology,
        kind,
        words=words,
        country=country,
        known=known,
        sector=code.sector if code is not None else None,
        event_type=event.type,
        side="actor" if role is not None and role.means == "actor" else "target",
        event_country=event.location.country if event.location is not None else None,
    )
    return Filler(
        name=entity.name if entity is not None else argument.text,
        kind=kind,
        country=country,
        named=entity is not None,
        link=entity.link if entity is not None else None,
        code=code,
        side=side,
    )


def _entity_words(report: Report, entity: Entity) -> list[str]:
    mentions = [report.mentions[m].text for m in entity.mentions]
    return telling_words(entity.name, entity.kind, mentions)


def _known(entity: Entity | None) -> KnownActor | None:
    if entity is None or entity.link is None or entity.link.source != PACKAGED:
        return None
    return packaged_actors().by_id(entity.link.id)


def _words(words: Iterable[str], known: KnownActor | None) -> list[str]:
    return [*words, *([known.sort] if known is not None and known.sort else [])]


def _sector(
    ontology: Ontology, kind: str, phrases: Sequence[str], known: KnownActor | None
) -> str | None:
    if known is not None and known.sector in ontology.sectors:
        return known.sector
    rules = ontology.kinds[kind].crosswalk.sector if kind in ontology.kinds else ()
    return next((r.give for r in rules if _holds(r.when, phrases, None, None, None, False)), None)


def _holds(
    when: ActorCondition,
    phrases: Sequence[str],
    sector: str | None,
    event_type: str | None,
    side: str | None,
    foreign: bool,
) -> bool:
    """Whether every condition that is given holds; the head of ontology.yaml says what each is."""
    return (
        (when.words is None or any_begins(when.words, phrases))
        and (when.sector is None or sector in when.sector)
        and (when.event is None or event_type in when.event)
        and (when.side is None or when.side == side)
        and (when.foreign is None or when.foreign == foreign)
    )
