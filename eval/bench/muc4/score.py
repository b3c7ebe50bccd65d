"""Scores of role fillers (CEAF-REE) and of templates (GTT), from their definitions.

Strings are compared in lower case, without punctuation and without a, an, the. A predicted entity
fits a gold entity if all its strings are strings of the gold one.

CEAF-REE (Du, Rush, Cardie, "GRIT", EACL 2021): entities of all templates of a document are pooled
by role, identical ones once; predicted ones are aligned to gold ones one to one so that as many as
possible fit. Precision and recall come from counts over all documents.

Templates (Du, Rush, Cardie, "Template Filling with Generative Transformers", NAACL 2021): predicted
templates are mapped one to one to gold ones whose incident type contains theirs ("attack" is in
"attack / bombing"), by the mapping with the best F1 of the document. Under a mapping, a predicted
filler is right if it fits some gold filler of that slot, and a gold filler is found if some
predicted one fits it. This is not one to one: two predicted fillers may fit one gold filler, so
that more are right than are found. The incident type is one more slot, right where mapped.
Templates without a partner count as predicted, or gold, alone. So what is predicted and what is
gold does not depend on the mapping, and the F1 of a document grows with the sums over the mapped
pairs of two numbers, right and found: one assignment problem where the best sum of both is the best
of each, else a search over sets of pairs (``_best_mapping``).

Known differences from the public scorers, all checked against their code:

- GRIT's gold leaves out an entity whose strings are all among those of an earlier one, or the other
  way round; here identical ones alone are left out. ``pool(..., nested_once=True)`` does as GRIT.
- GTT drops gold templates that equal an earlier one in all strings; so does ``templates_score`` by
  default. Predicted ones are not dropped, as in GTT.
- A predicted entity without any string fits everything in both; here it is left out.
- Among mappings of equal F1, GTT takes the first that it enumerates, here the one with more right.
  The sums of another may differ where right and found differ.
- IterX's scorer of templates is GTT's, after it has dropped and clustered fillers of its own model
  that contain one another; nothing of that kind is done here.
- GTT and GRIT stop at a document without a prediction; here it counts as one with an empty one.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...counts import PRF, ratio
from ...matching import assign, match_all
from .data import ROLES, Entity, Template

__all__ = [
    "INCIDENT_TYPE",
    "SLOTS",
    "Slot",
    "fillers_score",
    "normalize",
    "pool",
    "templates_score",
]

INCIDENT_TYPE = "incident_type"
SLOTS = (INCIDENT_TYPE, *ROLES)

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)

_Strings = frozenset[str]
_Mapping = list[tuple[int, int]]


def normalize(text: str) -> str:
    """The form in which strings are compared: punctuation goes first, so "u.s." is "us"."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def _strings(entities: Iterable[Entity]) -> list[_Strings]:
    return [frozenset(normalize(m.text) for m in entity) for entity in entities if entity]


def pool(
    templates: Sequence[Template], *, nested_once: bool = False
) -> dict[str, list[frozenset[str]]]:
    """Role -> the entities of all templates, each as its normalised strings, identical ones once.

    ``nested_once`` also leaves out those whose strings include, or are among, those of one before.
    """
    pooled: dict[str, list[_Strings]] = {}
    for role in ROLES:
        kept = pooled[role] = []
        for entity in _strings(e for t in templates for e in t.fillers.get(role, ())):
            if nested_once:
                new = not any(entity <= other or other <= entity for other in kept)
            else:
                new = entity not in kept
            if new:
                kept.append(entity)
    return pooled


def fillers_score(
    predicted: Sequence[Template], gold: Sequence[Template], *, nested_once: bool = False
) -> dict[str, PRF]:
    """CEAF-REE counts of a document by role; ``nested_once`` (of ``pool``) is for gold."""
    ours, theirs = pool(predicted), pool(gold, nested_once=nested_once)
    return {
        role: PRF(
            len(match_all(ours[role], theirs[role], frozenset.issubset)),
            len(ours[role]),
            len(theirs[role]),
        )
        for role in ROLES
    }


@dataclass(frozen=True, slots=True)
class Slot:
    """Fillers of a slot: right of those predicted, found of those in gold."""

    right: int = 0
    predicted: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: Slot) -> Slot:
        return Slot(
            self.right + other.right,
            self.predicted + other.predicted,
            self.found + other.found,
            self.gold + other.gold,
        )

    @property
    def precision(self) -> float | None:
        return ratio(self.right, self.predicted)

    @property
    def recall(self) -> float | None:
        return ratio(self.found, self.gold)

    @property
    def f1(self) -> float | None:
        """Defined as soon as there is an item on either side (then 0 if none is right)."""
        if not self.predicted + self.gold:
            return None
        return _f1(self.right, self.found, self.predicted, self.gold)


def _f1(right: float, found: float, predicted: float, gold: float) -> float:
    """2PR / (P + R) of P = right / predicted and R = found / gold; 0 if either is 0."""
    if not right or not found:
        return 0.0
    return 2 * right * found / (right * gold + found * predicted)


@dataclass(frozen=True, slots=True)
class _Filled:
    """A template as it is compared."""

    incident_type: str
    fillers: Mapping[str, Sequence[_Strings]]

    @classmethod
    def of(cls, template: Template) -> _Filled:
        fillers = {role: _strings(template.fillers.get(role, ())) for role in ROLES}
        return cls(template.incident_type, fillers)

    @property
    def n_items(self) -> int:
        return 1 + sum(map(len, self.fillers.values()))


def templates_score(
    predicted: Sequence[Template], gold: Sequence[Template], *, repeated: bool = False
) -> dict[str, Slot]:
    """Counts of a document by slot (``SLOTS``), under its best mapping.

    ``repeated``: gold templates equal in all strings count each, not once.
    """
    ours = [_Filled.of(template) for template in predicted]
    theirs = [_Filled.of(t) for t in (gold if repeated else _distinct(gold))]
    pairs = {
        (i, j): _compare(a, b)
        for i, a in enumerate(ours)
        for j, b in enumerate(theirs)
        if a.incident_type in b.incident_type
    }
    totals = sum(t.n_items for t in ours), sum(t.n_items for t in theirs)
    mapping = _best_mapping(
        {
            pair: (sum(s.right for s in slots.values()), sum(s.found for s in slots.values()))
            for pair, slots in pairs.items()
        },
        len(ours),
        len(theirs),
        totals,
    )
    counts = {
        slot: Slot(predicted=sum(_n(t, slot) for t in ours), gold=sum(_n(t, slot) for t in theirs))
        for slot in SLOTS
    }
    for pair in mapping:
        for slot, hits in pairs[pair].items():
            counts[slot] += hits
    return counts


def _n(template: _Filled, slot: str) -> int:
    return 1 if slot == INCIDENT_TYPE else len(template.fillers[slot])


def _distinct(templates: Sequence[Template]) -> list[Template]:
    """As GTT reads gold: a template with the very strings of one before is left out."""
    kept = {
        (t.incident_type, tuple(tuple(_texts(e) for e in t.fillers.get(r, ())) for r in ROLES)): t
        for t in reversed(templates)
    }
    return [t for t in templates if any(t is other for other in kept.values())]


def _texts(entity: Entity) -> tuple[str, ...]:
    return tuple(mention.text for mention in entity)


def _compare(ours: _Filled, theirs: _Filled) -> dict[str, Slot]:
    """``right`` and ``found`` of two mapped templates, by slot."""
    counts = {INCIDENT_TYPE: Slot(right=1, found=1)}
    for role in ROLES:
        a, b = ours.fillers[role], theirs.fillers[role]
        counts[role] = Slot(
            right=sum(any(x <= y for y in b) for x in a),
            found=sum(any(x <= y for x in a) for y in b),
        )
    return counts


def _best_mapping(
    gains: Mapping[tuple[int, int], tuple[int, int]],
    n_ours: int,
    n_theirs: int,
    totals: tuple[int, int],
) -> _Mapping:
    """One-to-one pairs with the best F1; ``gains`` are (right, found) of each pair allowed.

    F1 grows in both sums. If the pairs with the most of both together have the most of each, they
    are the best. Else all sums that no other beats in both are carried through the rows of the
    smaller side, by the set of columns taken: exact, and rarely needed.
    """

    def most(weight: tuple[int, int]) -> _Mapping:
        table = [[0] * n_theirs for _ in range(n_ours)]
        for (i, j), gain in gains.items():
            table[i][j] = weight[0] * gain[0] + weight[1] * gain[1]
        return assign(table)

    def sums(mapping: _Mapping) -> tuple[int, int]:
        return sum(gains[p][0] for p in mapping), sum(gains[p][1] for p in mapping)

    best = most((1, 1))
    if sums(best) == (sums(most((1, 0)))[0], sums(most((0, 1)))[1]):
        return best
    return _search(gains, n_ours, n_theirs, totals)


def _search(
    gains: Mapping[tuple[int, int], tuple[int, int]],
    n_ours: int,
    n_theirs: int,
    totals: tuple[int, int],
) -> _Mapping:
    # The sets are those of the smaller side; the other side is gone through one by one.
    swapped = n_ours < n_theirs
    n_rows = n_theirs if swapped else n_ours
    by_row: list[list[tuple[int, tuple[int, int]]]] = [[] for _ in range(n_rows)]
    for (i, j), gain in gains.items():
        row, column = (j, i) if swapped else (i, j)
        by_row[row].append((column, gain))
    # Set of columns taken -> sums -> the pairs (row, column) that give them.
    states: dict[int, dict[tuple[int, int], _Mapping]] = {0: {(0, 0): []}}
    for row, options in enumerate(by_row):
        grown: dict[int, dict[tuple[int, int], _Mapping]] = {
            taken: dict(fronts) for taken, fronts in states.items()
        }
        for taken, fronts in states.items():
            for column, gain in options:
                if not taken >> column & 1:
                    cell = grown.setdefault(taken | 1 << column, {})
                    for (right, found), pairs in fronts.items():
                        cell.setdefault((right + gain[0], found + gain[1]), [*pairs, (row, column)])
        states = {taken: _front(fronts) for taken, fronts in grown.items()}
    every = [item for fronts in states.values() for item in fronts.items()]
    predicted, gold = totals
    _, pairs = max(every, key=lambda item: (_f1(item[0][0], item[0][1], predicted, gold), item[0]))
    return [(column, row) for row, column in pairs] if swapped else pairs


def _front(fronts: dict[tuple[int, int], _Mapping]) -> dict[tuple[int, int], _Mapping]:
    """Without the sums that another is as good as in both."""
    kept: dict[tuple[int, int], _Mapping] = {}
    most_found = -1
    for (right, found), pairs in sorted(fronts.items(), reverse=True):
        if found > most_found:
            kept[right, found] = pairs
            most_found = found
    return kept
