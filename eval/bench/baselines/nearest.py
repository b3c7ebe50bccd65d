"""Spans of a text -> events, by rules with a few learnt tables and no word of the text read twice.

- Status: the most frequent one of the examples.
- Events: each trigger its own, or triggers of one type (of one type and one phrase) together.
- Arguments: of each kind, the nearest mention on each side of a trigger in its sentence takes the
  role that such mentions mostly had in the examples: by type, kind and side, by kind and side alone
  where the type is rare.
- Entities: mentions of one kind that are spelt alike.
- Day: that of publication. Country: the one that the text names most. Killed: the largest number
  that a killed argument states.

Which triggers go together, and how usual a role must be, is chosen on a part of the examples, whose
spans are labelled as those of new texts will be: by the scorer's F1 of events and of arguments.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ....document import Document, Mention
from ....ontology import Ontology
from ....resolve.countries import find_countries
from ....resolve.counts import count
from ...prediction import read_prediction
from ...scores import Scores, headline, score_document
from .examples import Label, NotRunError, held_out, mentions_of, triggers_of

__all__ = ["GROUPINGS", "Rules", "fit", "mentions_alone", "report"]

_SHARES = (0.2, 0.3, 0.4, 0.5, 0.6)
_RARE = 5  # occurrences below which the table without types decides
_SENTENCE_END = re.compile(r"[.!?][\"'\u201d\u2019)]*\s+(?=[^a-z\s])|\n\s*\n")

_NO_ROLE: list[str | None] = [None]
Cell = tuple[str | None, str, str]  # type (None: any), kind, side

GROUPINGS: Mapping[str, Callable[[str, Mention], Any]] = {
    "each": lambda text, trigger: trigger.start,
    "phrase": lambda text, trigger: (trigger.kind, text[trigger.start : trigger.end].lower()),
    "type": lambda text, trigger: trigger.kind,
}
"""Triggers with one value are one event."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What ``report`` goes by. ``roles`` has the usual role of each cell, where there is one."""

    status: str
    roles: Mapping[Cell, str]
    grouping: str = "each"
    killed: str | None = None  # the role of the dead


def fit(documents: Sequence[Document], ontology: Ontology, label: Label) -> Rules:
    """The rules of annotated documents, for spans as ``label`` gives them.

    Raises NotRunError if there are fewer than two documents, or no events in them.
    """
    statuses = Counter(e.status for d in documents for e in d.events)
    if not statuses:
        raise NotRunError("no event to learn from")
    killed = next((r.label for r in ontology.roles.values() if r.means == "killed"), None)
    rules = Rules(statuses.most_common(1)[0][0], {}, killed=killed)
    kept, rest = held_out(documents)
    texts = [d.text for d in rest]
    mentions = label([mentions_of(d) for d in kept], texts)
    triggers = label([triggers_of(d) for d in kept], texts)
    spans = list(zip(rest, mentions, triggers, strict=True))
    tables = _tables(kept)
    by_share = [(s, replace(rules, roles=_usual(tables, s))) for s in _SHARES]
    share, rules = max(by_share, key=lambda trial: _figure("argument_f1", spans, trial[1]))
    by_grouping = [replace(rules, grouping=grouping) for grouping in GROUPINGS]
    best = max(by_grouping, key=lambda trial: _figure("event_f1", spans, trial))
    return replace(best, roles=_usual(_tables(documents), share))


def _figure(
    name: str,
    spans: Iterable[tuple[Document, Sequence[Mention], Sequence[Mention]]],
    rules: Rules,
) -> float:
    """A figure of the scorer; each document comes with the mentions and triggers found in it."""
    total = Scores()
    for document, mentions, triggers in spans:
        found = report(document.text, document.date, mentions, triggers, rules)
        total += score_document(document, read_prediction(found, document.id))
    return headline(total)[name] or 0.0


def _tables(documents: Iterable[Document]) -> dict[Cell, Counter[str | None]]:
    """How often the nearest mention of each cell had which role (None: no role)."""
    tables: defaultdict[Cell, Counter[str | None]] = defaultdict(Counter)
    for document in documents:
        sentence_of = _sentences(document.text)
        for event in document.events:
            roles: dict[int, list[str | None]] = {}
            for argument in event.arguments:
                roles.setdefault(argument.mention, []).append(argument.role)
            for t in event.triggers:
                trigger = Mention(t.start, t.end, event.type)
                for index, side in _nearest(trigger, document.mentions, sentence_of):
                    kind = document.mentions[index].kind
                    for role in roles.get(index, _NO_ROLE):
                        tables[event.type, kind, side][role] += 1
                        tables[None, kind, side][role] += 1
    return tables


def _usual(tables: Mapping[Cell, Counter[str | None]], share: float) -> dict[Cell, str]:
    """The role of each cell that is frequent enough in it; a rare type has that of all types."""
    chosen = {}
    for (kind, label, side), own in tables.items():
        counts = own if own.total() >= _RARE else tables[None, label, side]
        roles = [(n, role) for role, n in counts.most_common() if role is not None]
        if roles and roles[0][0] >= share * counts.total():
            chosen[kind, label, side] = roles[0][1]
    return chosen


def _sentences(text: str) -> Callable[[int], int]:
    """-> the number of the sentence that a character stands in."""
    cuts = [match.end() for match in _SENTENCE_END.finditer(text)]
    return lambda at: bisect_right(cuts, at)


def _nearest(
    trigger: Mention, mentions: Sequence[Mention], sentence_of: Callable[[int], int]
) -> Iterator[tuple[int, str]]:
    """Index and side of the nearest mention of each kind on each side of a trigger."""
    here = sentence_of(trigger.start)
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for index, mention in enumerate(mentions):
        if sentence_of(mention.start) != here:
            continue
        after, before = mention.start - trigger.end, trigger.start - mention.end
        side = "after" if after >= 0 else "before" if before >= 0 else "around"
        cell, found = (mention.kind, side), (max(after, before), index)
        best[cell] = min(found, best.get(cell, found))
    for (_, side), (_, index) in best.items():
        yield index, side


def report(
    text: str,
    date: str | None,
    mentions: Sequence[Mention],
    triggers: Sequence[Mention],
    rules: Rules,
) -> dict[str, Any]:
    """Spans -> what the scorer reads of a Report. ``date`` is the ISO day of publication."""
    events: dict[Any, list[Mention]] = {}
    for trigger in triggers:
        events.setdefault(GROUPINGS[rules.grouping](text, trigger), []).append(trigger)
    country = _country(text)
    return {
        **mentions_alone(text, mentions),
        "events": [
            {
                "type": group[0].kind,
                "status": rules.status,
                "triggers": [_span(text, trigger) for trigger in group],
                "date": {"start": date, "end": date} if date else None,
                "location": {"country": country},
                **_filled(text, group, mentions, rules),
            }
            for group in events.values()
        ],
    }


def mentions_alone(text: str, mentions: Sequence[Mention]) -> dict[str, Any]:
    """A report without events: mentions, and entities of those of one kind that are spelt alike."""
    alike: dict[tuple[str, str], list[int]] = {}
    for index, m in enumerate(mentions):
        alike.setdefault((m.kind, text[m.start : m.end].lower()), []).append(index)
    return {
        "text": text,
        "mentions": [{**_span(text, m), "kind": m.kind} for m in mentions],
        "entities": [
            {"name": text[mentions[ids[0]].start : mentions[ids[0]].end], "mentions": ids}
            for ids in alike.values()
        ],
        "events": [],
    }


def _span(text: str, span: Mention) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": text[span.start : span.end]}


def _filled(
    text: str, triggers: Sequence[Mention], mentions: Sequence[Mention], rules: Rules
) -> dict[str, Any]:
    """Arguments of an event, and the number of the killed."""
    sentence_of = _sentences(text)
    roles: dict[tuple[str, int], None] = {}
    for trigger in triggers:
        for index, side in _nearest(trigger, mentions, sentence_of):
            kind = mentions[index].kind
            any_type = rules.roles.get((None, kind, side))
            if role := rules.roles.get((trigger.kind, kind, side), any_type):
                roles[role, index] = None
    dead = [text[mentions[i].start : mentions[i].end] for r, i in roles if r == rules.killed]
    tolls = [toll.low for toll in map(count, dead) if toll is not None and toll.low is not None]
    return {
        "arguments": [
            {"role": role, "mention": index, **_span(text, mentions[index])}
            for role, index in roles
        ],
        "killed": {"low": max(tolls)} if tolls else None,
    }


def _country(text: str) -> str | None:
    """The country that the text names most, the first of several; None without any."""
    named = Counter(hit.codes[0] for hit in find_countries(text))
    return named.most_common(1)[0][0] if named else None
