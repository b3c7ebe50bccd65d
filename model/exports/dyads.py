"""Sides of violence and the deaths of each, as the UCDP layout has them.

Civilians stand on no side: in one-sided violence side B is "Civilians" as such. A party without a
name counts where deaths are shared out, but has no cell: unknown is empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .geography import country_name
from .parties import Filler, Parties, Sort, sort_of, sort_of_kind

if TYPE_CHECKING:
    from ..ontology import Ontology
    from ..report import Toll

__all__ = ["NON_STATE", "ONE_SIDED", "STATE_BASED", "deaths_by_side", "names_of", "sides_of"]

STATE_BASED, NON_STATE, ONE_SIDED = 1, 2, 3
_SIDES = ("deaths_a", "deaths_b", "deaths_civilians")


def sides_of(parties: Parties, violence: int) -> Parties:
    """The parties that fight, by side; ``first`` is side A. ``violence`` is UCDP's type, 1 to 3.

    State-based: the states that stand together are side A (none, if no party is a state), those
    against them side B; a state is on side B only where no one else is against side A. Non-state:
    no state is a side. One-sided: side B is empty.
    """
    first, second = ([f for f in side if sort_of(f) != "civilian"] for side in parties)
    if violence == STATE_BASED:
        return _state_based(first, second)
    if violence == NON_STATE:
        return Parties(tuple(_others(first)), tuple(_others(second)))
    return Parties(tuple(first), ())


def names_of(sides: Parties) -> tuple[list[str], list[str]]:
    """Names of the parties of each side, each once; a state goes by its government."""
    first, second = (list(filter(None, map(_name, side))) for side in sides)
    return first, [name for name in second if name not in first]


def deaths_by_side(
    killed: Toll, sides: Parties, violence: int, ontology: Ontology
) -> dict[str, int]:
    """deaths_a, deaths_b, deaths_civilians and deaths_unknown, which add up to ``killed.low``.

    A group's sort tells its side in state-based violence of a state against others; elsewhere the
    dead who are no civilians may be of either side. A side that is left out is not known: it has
    0 only where groups account for all deaths. Groups that hold more than all deaths contradict
    them; then all are unknown.
    """
    column: dict[Sort | None, str] = {"civilian": "deaths_civilians"}
    if violence == STATE_BASED and not any(map(_is_state, sides.second)):
        column |= {"state": "deaths_a", "armed": "deaths_b"}
    told: dict[str, int] = {}
    for group in killed.by_group:
        sort = sort_of_kind(ontology, group.group)
        if sort is not None and sort in column:
            told[column[sort]] = told.get(column[sort], 0) + group.low
    unknown = killed.low - sum(told.values())
    if unknown < 0:
        return {"deaths_unknown": killed.low}
    rest = {} if unknown else dict.fromkeys(_SIDES, 0)
    return {**rest, **told, "deaths_unknown": unknown}


def _state_based(first: list[Filler], second: list[Filler]) -> Parties:
    """The states are those of the side that a state leads, or else of one that has a state."""
    both = ((first, second), (second, first))
    own, against = next(
        (pair for most in (1, None) for pair in both if any(map(_is_state, pair[0][:most]))),
        both[0],
    )
    states = [f for f in own if _is_state(f)]
    names = set(map(_name, states))
    rivals = [f for f in against if _is_state(f) and _name(f) not in names]
    return Parties(tuple(states), tuple(_others(against) or rivals or _others(own)))


def _others(side: Iterable[Filler]) -> list[Filler]:
    return [filler for filler in side if not _is_state(filler)]


def _is_state(filler: Filler) -> bool:
    """A state or what acts for it; a body of several states counts as one."""
    code = filler.code
    return sort_of(filler) == "state" or (
        code is not None and code.sector is None and code.country == "IGO"
    )


def _name(filler: Filler) -> str | None:
    place = country_name(filler.country) if sort_of(filler) == "state" else None
    if place is not None:
        return f"Government of {place}"
    return filler.name if filler.named else None
