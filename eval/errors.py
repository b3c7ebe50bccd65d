"""Why items are missed or false: each error of a model under one cause, and the worst documents.

An error has the first cause that holds, in the order of ``CAUSES``. Missed and false items are told
apart: a trigger of another type is one missed trigger and one false one. A missed argument stands
"in another role" or event only where it is wrong there; a false one has its right place there,
found or not. Matching is that of the scorer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..document import Document, Event, Span
from .arguments import (
    Filler,
    Unit,
    UnitsByRole,
    gold_units,
    last_word,
    predicted_units,
    units_match,
)
from .evaluate import checked
from .events import assign_events, match_triggers, typed_triggers
from .matching import match_all, meet
from .prediction import PredictedEvent, Prediction
from .scores import headline, score_document

CAUSES: Mapping[str, Sequence[str]] = {
    "mention missed": ("other kind", "other boundary", "not found"),
    "mention false": ("other kind", "other boundary", "no mention"),
    "trigger missed": (
        "other type", "one found for several", "first of its event not found",
        "retelling not found",
    ),
    "trigger false": ("other type", "several found for one", "no trigger"),
    "event missed": ("merged into another", "other type", "not found"),
    "event false": ("part of another", "other type", "no event"),
    "argument missed": (
        "event missed", "no mention found", "other boundary", "other role",
        "given to another event", "in another sentence", "not linked",
    ),
    "argument false": (
        "event false", "other role", "other event's", "no mention", "other boundary",
        "in another sentence", "not gold",
    ),
    "status": (),  # "gold as predicted"
}  # fmt: skip
"""Layer and side -> causes, the first that holds being told."""

N_WORST = 10
_WORST_BY = ("mention_f1", "trigger_cls_f1", "event_f1", "argument_f1")
_N_EXAMPLES = 3
_CONTEXT = 40  # characters around an example


@dataclass
class ErrorReport:
    """Counts of causes and labels, a few examples of each, and documents from the worst on.

    ``counts``: layer and side -> cause -> label (kind, type or role) -> number. ``right`` has the
    number of right items a layer. ``worst``: (id, mean F1 of the layers, number of gold events).
    """

    counts: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    right: Counter[str] = field(default_factory=Counter)
    worst: list[tuple[str, float, int]] = field(default_factory=list)

    def add(self, layer: str, cause: str, label: str, example: str) -> None:
        causes = self.counts.setdefault(layer, {})
        causes.setdefault(cause, Counter())[label] += 1
        shown = self.examples.setdefault((layer, cause), [])
        if len(shown) < _N_EXAMPLES:
            shown.append(example)

    def markdown(self) -> str:
        """Tables: causes with their numbers, shares, most frequent labels and examples."""
        lines = []
        for layer in CAUSES:
            causes = self.counts.get(layer, {})
            n = sum(sum(labels.values()) for labels in causes.values())
            lines += [f"## {layer.capitalize()}: {n}", ""]
            if layer.split()[0] in self.right:
                lines += [f"{self.right[layer.split()[0]]} are right.", ""]
            if not causes:
                continue
            lines += ["| cause | n | share | labels | examples |", "|---|---|---|---|---|"]
            order = CAUSES[layer] or sorted(causes, key=lambda c: -sum(causes[c].values()))
            for cause in order:
                labels = causes.get(cause, Counter())
                of = sum(labels.values())
                most = _cell(", ".join(f"{label} {k}" for label, k in labels.most_common(6)))
                shown = "<br>".join(self.examples.get((layer, cause), []))
                lines.append(f"| {cause} | {of} | {of / n:.0%} | {most} | {shown} |")
            lines.append("")
        lines += ["## Worst documents", "", "| document | mean F1 | gold events |", "|---|---|---|"]
        lines += [f"| {_cell(name)} | {f1:.2f} | {n} |" for name, f1, n in self.worst[:N_WORST]]
        return "\n".join(lines) + "\n"


def analyse(gold: Iterable[Document], predictions: Iterable[Mapping[str, Any]]) -> ErrorReport:
    """Documents and Reports (dicts) of the same texts, in the same order -> what went wrong.

    Raises DataError as ``evaluate`` does.
    """
    report = ErrorReport()
    for document, prediction in checked(gold, predictions):
        _mentions(document, prediction, report)
        _triggers(document, prediction, report)
        _Events(document, prediction).tell(report)
        figures = headline(score_document(document, prediction))
        known = [f for name in _WORST_BY if (f := figures[name]) is not None]
        mean = sum(known) / len(known) if known else 1.0
        report.worst.append((document.id, mean, len(document.events)))
    report.worst.sort(key=lambda entry: entry[1])
    return report


def _shown(text: str, span: Span) -> str:
    """A span with what stands around it, as Markdown for a table."""
    before, after = text[max(0, span.start - _CONTEXT) : span.start], text[span.end :][:_CONTEXT]
    parts = f"…{before}[[{text[span.start : span.end]}]]{after}…"
    return _cell(" ".join(parts.split()))


def _cell(text: str) -> str:
    """Text that may stand in a cell of a Markdown table."""
    return re.sub(r"([\\|*_`&<])", r"\\\1", text)


def _mentions(document: Document, prediction: Prediction, report: ErrorReport) -> None:
    gold = Counter((m.span, m.kind) for m in document.mentions)
    predicted = Counter((m.span, m.kind) for m in prediction.mentions)
    report.right["mention"] += (gold & predicted).total()
    for layer, ours, theirs, nothing in (
        ("mention missed", gold - predicted, predicted, "not found"),
        ("mention false", predicted - gold, gold, "no mention"),
    ):
        for span, kind in ours.elements():
            cause = nothing
            if any(span == other and kind != label for other, label in theirs):
                cause = "other kind"
            elif any(meet(span, other) for other, _ in theirs):
                cause = "other boundary"
            report.add(layer, cause, kind, _shown(document.text, span))


def _triggers(document: Document, prediction: Prediction, report: ErrorReport) -> None:
    gold, predicted = typed_triggers(document), typed_triggers(prediction)
    pairs = match_triggers(gold, predicted)
    report.right["trigger"] += len(pairs)
    first = {min(e.triggers, key=lambda t: t.start) for e in document.events}
    for layer, ours, theirs, right, several in (
        ("trigger missed", gold, predicted, {i for i, _ in pairs}, "one found for several"),
        ("trigger false", predicted, gold, {i for _, i in pairs}, "several found for one"),
    ):
        for i, (span, label) in enumerate(ours):
            if i in right:
                continue
            if met := {kind for other, kind in theirs if meet(span, other)}:
                cause = "other type" if met - {label} else several
            elif ours is predicted:
                cause = "no trigger"
            else:
                cause = "first of its event not found" if span in first else "retelling not found"
            report.add(layer, cause, label, _shown(document.text, span))


class _Events:
    """Events and arguments of one document, paired as the scorer pairs them."""

    def __init__(self, document: Document, prediction: Prediction) -> None:
        self.document, self.prediction = document, prediction
        self.text = document.text
        self.starts = [s.start for s in document.sentences]
        owner = document.entity_of()
        self.gold = [gold_units(document, e, owner) for e in document.events]
        self.predicted = [predicted_units(self.text, e) for e in prediction.events]
        pairs = assign_events(document.events, prediction.events, self.gold, self.predicted)
        self.of_gold, self.of_predicted = dict(pairs), {p: g for g, p in pairs}
        self.n_right = 0
        # What has no counterpart: units of each event that are missed, and that are false.
        self.missed = [dict(units) for units in self.gold]
        self.false = [dict(units) for units in self.predicted]
        for g, p in pairs:
            for role in self.gold[g].keys() & self.predicted[p].keys():
                ours, theirs = self.gold[g][role], self.predicted[p][role]
                right = match_all(ours, theirs, units_match)
                self.n_right += len(right)
                self.missed[g][role] = _without(ours, {i for i, _ in right})
                self.false[p][role] = _without(theirs, {i for _, i in right})

    def tell(self, report: ErrorReport) -> None:
        report.right["event"] += len(self.of_gold)
        for g, p in self.of_gold.items():
            ours, theirs = self.document.events[g], self.prediction.events[p]
            if ours.status == theirs.status:
                report.right["status"] += 1
            else:
                cause = f"{ours.status} as {theirs.status}"
                report.add("status", cause, ours.type, _shown(self.text, ours.triggers[0]))
        self._tell_events(report)
        report.right["argument"] += self.n_right
        for layer, side, cause_of in (
            ("argument missed", self.missed, self._why_missed),
            ("argument false", self.false, self._why_false),
        ):
            for index, units in enumerate(side):
                for role, unit in ((r, u) for r, of_role in units.items() for u in of_role):
                    shown = _shown(self.text, unit[0].span)
                    report.add(layer, cause_of(role, unit, index), role, shown)

    def _tell_events(self, report: ErrorReport) -> None:
        gold: Sequence[Event | PredictedEvent] = self.document.events
        predicted: Sequence[Event | PredictedEvent] = self.prediction.events
        for layer, ours, theirs, paired, shared, nothing in (
            ("event missed", gold, predicted, self.of_gold, "merged into another", "not found"),
            ("event false", predicted, gold, self.of_predicted, "part of another", "no event"),
        ):
            for i, event in enumerate(ours):
                if i in paired:
                    continue
                cause = nothing
                if met := {other.type for other in theirs if _share_a_trigger(event, other)}:
                    cause = shared if event.type in met else "other type"
                where = event.triggers[0] if event.triggers else Span(0, 0)
                report.add(layer, cause, event.type, _shown(self.text, where))

    def _why_missed(self, role: str, unit: Unit, g: int) -> str:
        if (p := self.of_gold.get(g)) is None:
            return "event missed"
        found = [m.span for m in self.prediction.mentions]
        if not any(meet(f.span, span) for f in unit for span in found):
            return "no mention found"
        if not self._any_close(unit, found):
            return "other boundary"
        if _in_other_role(unit, role, self.false[p]):
            return "other role"
        if _in_others(unit, role, self.false, p):
            return "given to another event"
        triggers = self.document.events[g].triggers
        return "not linked" if self._beside(unit, triggers) else "in another sentence"

    def _why_false(self, role: str, unit: Unit, p: int) -> str:
        if (g := self.of_predicted.get(p)) is None:
            return "event false"
        if _in_other_role(unit, role, self.gold[g]):
            return "other role"
        if _in_others(unit, role, self.gold, g):
            return "other event's"
        gold = [m.span for m in self.document.mentions]
        if not any(meet(f.span, span) for f in unit for span in gold):
            return "no mention"
        if not self._any_close(unit, gold):
            return "other boundary"
        triggers = self.prediction.events[p].triggers
        return "not gold" if self._beside(unit, triggers) else "in another sentence"

    def _any_close(self, unit: Unit, spans: Sequence[Span]) -> bool:
        fillers = [(Filler(s, last_word(self.text, s)),) for s in spans]
        return any(units_match(unit, filler) for filler in fillers)

    def _beside(self, unit: Unit, triggers: Sequence[Span]) -> bool:
        """Whether the unit stands in a sentence of one of the triggers."""
        near = {self._sentence(t) for t in triggers}
        return any(self._sentence(f.span) in near for f in unit)

    def _sentence(self, span: Span) -> int:
        return bisect_right(self.starts, span.start)


def _share_a_trigger(event: Event | PredictedEvent, other: Event | PredictedEvent) -> bool:
    return any(meet(a, b) for a in event.triggers for b in other.triggers)


def _without(units: Sequence[Unit], right: set[int]) -> list[Unit]:
    return [unit for i, unit in enumerate(units) if i not in right]


def _in_other_role(unit: Unit, role: str, units: UnitsByRole) -> bool:
    return any(units_match(unit, u) for r, of_role in units.items() if r != role for u in of_role)


def _in_others(unit: Unit, role: str, events: Sequence[UnitsByRole], own: int) -> bool:
    """Whether an event but the ``own`` has the unit in the role."""
    return any(
        units_match(unit, u)
        for i, units in enumerate(events)
        if i != own
        for u in units.get(role, ())
    )
