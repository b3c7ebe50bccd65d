"""Who stands on which side of an event. The only place where exports look up codes of actors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..resolve.codes import ActorCode, Filler, actor_code, filler_actor

if TYPE_CHECKING:
    from ..ontology import Ontology, RoleMeaning
    from .view import EventView

__all__ = ["Filler", "Parties", "Sort", "parties_of", "sort_of", "sort_of_kind"]

Sort = Literal["state", "armed", "civilian"]

_STATE = frozenset({"GOV", "LEG", "JUD", "MIL", "COP", "SPY"})
_ARMED = frozenset({"REB", "PRM", "UAF", "CRM"})
_NEITHER = frozenset({"OPP", "PTY", "IGO", "IMG"})
_MUTUAL = frozenset({"Battles", "Agreement"})  # ACLED-style types whose sides act on each other


class Parties(NamedTuple):
    """Those who act, and those they act on or fight; each named once (case aside), in order."""

    first: tuple[Filler, ...]
    second: tuple[Filler, ...]

    @property
    def leaders(self) -> tuple[Filler | None, Filler | None]:
        """The first of each side."""
        return (
            self.first[0] if self.first else None,
            self.second[0] if self.second else None,
        )

    def swapped(self) -> Parties:
        return Parties(self.second, self.first)


def parties_of(view: EventView) -> Parties:
    """The sides of an event. Things that are hit (a bus, a bridge) are no party.

    The second side are the targets, or else the victims. In a battle, an agreement or talks all
    parties act: those of the first one's sort stand with it, the rest against it; if all are of
    one sort, the first stands alone. Victims of a battle are the other side only if they are of
    another sort than those who act.
    """
    actors = _fillers(view, "actor")
    targets = _fillers(view, "target")
    victims = _fillers(view, "killed", "injured")
    if not actors or not _is_mutual(view):
        return _apart(actors, targets or victims)
    own = sort_of(actors[0])
    against = [a for a in [*actors, *targets] if sort_of(a) != own]
    if any(sort_of(a) != own for a in actors):
        return _apart([a for a in actors if sort_of(a) == own], against)
    if targets or len(actors) == 1:
        return _apart(actors, targets or [v for v in victims if sort_of(v) != own])
    return _apart(actors[:1], actors[1:])


def sort_of(party: Filler | None) -> Sort | None:
    """State, armed group or civilians; None for others (parties, international bodies)."""
    return None if party is None else _sort(party.code)


def sort_of_kind(ontology: Ontology, kind: str) -> Sort | None:
    """The sort of a party of which only the kind of its mention is known."""
    return _sort(actor_code(ontology, kind))


def _sort(code: ActorCode | None) -> Sort | None:
    if code is None or code.sector is None or code.sector in _NEITHER:
        return None
    if code.sector in _STATE:
        return "state"
    return "armed" if code.sector in _ARMED else "civilian"


def _is_mutual(view: EventView) -> bool:
    code = view.event.codes.acled
    return code is not None and not _MUTUAL.isdisjoint((code.event_type, code.sub_event_type))


def _fillers(view: EventView, *meanings: RoleMeaning) -> list[Filler]:
    found: dict[str, Filler] = {}
    for argument in view.fillers(*meanings):
        filler = filler_actor(view.report, view.event, argument, view.ontology)
        if filler.code is not None:
            found.setdefault(filler.name.casefold(), filler)
    return list(found.values())


def _apart(first: Sequence[Filler], second: Iterable[Filler]) -> Parties:
    """One name stands on one side."""
    names = {filler.name.casefold() for filler in first}
    return Parties(tuple(first), tuple(f for f in second if f.name.casefold() not in names))
