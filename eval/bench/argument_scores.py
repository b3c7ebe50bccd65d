"""Runs the model over events with given triggers; scores their arguments by span and by head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..counts import PRF, tally, total
from .annotated import annotated
from .base import Options, with_baselines
from .given_triggers import FOLDER, Argument, Example, GivenEvent, LabelMap, head, letters
from .role_choice import RoleChoice

if TYPE_CHECKING:
    from conflictwire import Coder
    from conflictwire.arguments import RoleScores

Predicted = Sequence[Sequence[frozenset[Argument]]]  # of each example and event

_LEAST_PROBABILITY = 0.5  # of a role, where no fitted model chooses


@dataclass(frozen=True, slots=True)
class Counted:
    """Arguments of one example. ``_class``: with their role; ``_id``: whatever the role."""

    span_class: Mapping[str, PRF]  # by role
    span_id: PRF
    head_class: Mapping[str, PRF]
    head_id: PRF


def find_roles(
    coder: Coder, examples: Sequence[Example], labels: LabelMap
) -> list[list[list[RoleScores]]]:
    """What the network says of each example and event: its mentions and their roles, in our terms.

    Nothing for an event whose type is in no way like one of ours.
    """
    asked = [
        [(i, label.name) for i, event in enumerate(e.events) if (label := labels.type(event.type))]
        for e in examples
    ]
    found = coder.arguments_of(
        [e.text for e in examples],
        [
            [(*e.chars(e.events[i].trigger), name) for i, name in known]
            for e, known in zip(examples, asked, strict=True)
        ],
    )
    result: list[list[list[RoleScores]]] = [[[] for _ in e.events] for e in examples]
    for of_events, known, scores in zip(result, asked, found, strict=True):
        for (i, _), of_event in zip(known, scores, strict=True):
            of_events[i] = of_event
    return result


def by_mapping(
    example: Example, event: GivenEvent, found: Sequence[RoleScores], labels: LabelMap
) -> frozenset[Argument]:
    """Our mentions and roles as they are, in the roles of theirs that they stand for."""
    return frozenset(
        Argument(*example.covering(scores.start, scores.end), role)
        for role, label in labels.roles(event.type).items()
        if labels.is_mapped(event.type, role)
        for scores in found
        if scores.roles[label.name] >= _LEAST_PROBABILITY
    )


def count(
    example: Example, predicted: Sequence[frozenset[Argument]], labels: LabelMap | None = None
) -> Counted:
    """Of one example. ``labels``: count only what they map, in gold and prediction."""
    spans: list[tuple[set[Any], set[Any]]] = []
    heads: list[tuple[set[Any], set[Any]]] = []
    for event, arguments in zip(example.events, predicted, strict=True):
        gold, ours = (
            {
                ((a.start, a.end), a.role)
                for a in side
                if labels is None or labels.is_mapped(event.type, a.role)
            }
            for side in (event.arguments, arguments)
        )
        spans.append((gold, ours))
        gold_heads, our_heads = (
            {(head(example.tokens, span), role) for span, role in side} for side in (gold, ours)
        )
        heads.append((gold_heads, our_heads))
    return Counted(*_classes_and_all(spans), *_classes_and_all(heads))


def _classes_and_all(
    events: Iterable[tuple[set[Any], set[Any]]],
) -> tuple[dict[str, PRF], PRF]:
    """Of (gold, predicted) sets of (place, role): counts by role, and of places alone.

    As in the published scorers, a prediction in a wrong role still has a right place, and a place
    predicted in two roles counts as two.
    """
    right, ours, gold = [], [], []
    n_placed = 0
    for of_gold, predicted in events:
        right += [role for _, role in predicted & of_gold]
        ours += [role for _, role in predicted]
        gold += [role for _, role in of_gold]
        places = {place for place, _ in of_gold}
        n_placed += sum(place in places for place, _ in predicted)
    return tally(right, ours, gold), PRF(n_placed, len(ours), len(gold))


def figures(
    examples: Sequence[Example], predicted: Predicted, labels: LabelMap
) -> dict[str, float | None]:
    """Micro figures of a system. ``mapped``: of types and roles that have counterparts of ours."""
    result: dict[str, float | None] = {}
    for suffix, only in (("", None), ("_mapped", labels)):
        counted = [count(e, p, only) for e, p in zip(examples, predicted, strict=True)]
        for measure in ("span", "head"):
            whole = sum((total(getattr(c, f"{measure}_class")) for c in counted), PRF())
            result |= {
                f"{measure}_f1{suffix}": whole.f1,
                f"{measure}_precision{suffix}": whole.precision,
                f"{measure}_recall{suffix}": whole.recall,
                f"{measure}_id_f1{suffix}": sum(
                    (getattr(c, f"{measure}_id") for c in counted), PRF()
                ).f1,
            }
    return result


def run_corpus(
    name: str, examples: Sequence[Example], options: Options, *, measure: str, path: Path
) -> dict[str, Any]:
    """All figures of a corpus; ``measure`` ("span" or "head") is that of the interval."""
    labels = LabelMap.load(name)
    choice = RoleChoice.load(FOLDER / f"{name}_roles.json")
    coder = options.coder()
    labels.check(coder.ontology)
    found = find_roles(coder, examples, labels)

    def chosen_by(system: Callable[..., frozenset[Argument]]) -> Predicted:
        return [
            [system(e, event, scores, labels) for event, scores in zip(e.events, f, strict=True)]
            for e, f in zip(examples, found, strict=True)
        ]

    def mapping_alone() -> dict[str, Any]:
        plain = figures(examples, chosen_by(by_mapping), labels)
        return {k: v for k, v in plain.items() if "_f1" in k and "_id" not in k}

    chosen = chosen_by(choice)
    counted = [count(e, p) for e, p in zip(examples, chosen, strict=True)]
    intervals = {
        name: options.interval(
            [
                (2 * c.tp, c.predicted + c.gold)
                for c in (total(getattr(of_one, f"{name}_class")) for of_one in counted)
            ]
        )
        for name in ("span", "head")
    }
    gold = [(event.type, a.role) for e in examples for event in e.events for a in event.arguments]
    known = {letters(document["text"]) for document in annotated(path, options)}
    unseen = [i for i, e in enumerate(examples) if letters(e.text) not in known]
    result: dict[str, Any] = {
        **figures(examples, chosen, labels),
        **intervals[measure],
        "n": len(gold),
        "n_events": sum(len(e.events) for e in examples),
        "n_documents": len(examples),
        "n_mapped": sum(labels.is_mapped(*pair) for pair in gold),
        "n_unknown": sum(role not in labels.roles(kind) for kind, role in gold),
        # Documents that the choice was fitted on: scored by a model without their part.
        "n_cross_validated": sum(map(choice.knows, examples)),
    }
    if len(unseen) < len(examples):
        part = figures([examples[i] for i in unseen], [chosen[i] for i in unseen], labels)
        result |= {f"{m}_f1_unseen": part[f"{m}_f1"] for m in ("span", "head")}
        result["n_documents_unseen"] = len(unseen)
    return {
        **result,
        "intervals": {f"{name}_f1": list(ci.values()) for name, ci in intervals.items()},
        **with_baselines(lambda: {"mapping alone": mapping_alone()}),
        "by_role": {m: _by_role(counted, f"{m}_class") for m in ("span", "head")},
    }


def _by_role(counted: Sequence[Counted], name: str) -> dict[str, dict[str, Any]]:
    table: dict[str, PRF] = {}
    for c in counted:
        for role, prf in getattr(c, name).items():
            table[role] = table.get(role, PRF()) + prf
    return {
        role: {"precision": c.precision, "recall": c.recall, "f1": c.f1, "n": c.gold}
        for role, c in sorted(table.items())
    }
