"""Spans and roles of a corpus, chosen by what the network says of our mentions in our roles.

Arguments of other corpora differ from ours in ways that are regular: theirs stand near the trigger,
one for a role, pronouns among them, names without titles or with an article. A logistic model
learns them from annotated documents: it scores each span around our mentions (the mention itself,
its head, its name, it with an article) and each pronoun, in each role of the event's type. Weights
add up over three levels, all roles, our nearest role and theirs, so that rare roles lean on common
ones. Of spans that overlap, the best stands for a role.

``mappings/NAME_roles.json`` holds the weights that ``training.fit.given_roles`` found: one column
from all documents, then one of each part of them, fitted on the others. A text that the model was
fitted on, whatever its name, is scored by the column of its part, so that figures are never of
texts seen.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from .given_triggers import (
    ARTICLES,
    Argument,
    Example,
    GivenEvent,
    LabelMap,
    TokenSpan,
    head,
    letters,
)

if TYPE_CHECKING:
    from conflictwire.arguments import RoleScores

N_PARTS = 4
"""Parts of the documents that a model is fitted on."""

# Words that stand in no noun phrase, or begin one: runs of others are candidates too.
_OUTSIDE = frozenset(
    "the a an this that these those his her its their our my your of in on at from for with by to "
    "near against between among into over under after before during about around inside outside "
    "across behind along through within without as including who whom whose which where when while "
    "and or but nor not n't is are was were be been being am has have had having do does did will "
    "would could should may might can must shall if than then there so because since until also "
    "just only more most very too up out off down away back all some any no each every other "
    "another such own same he she they him them it we us you i me said says say , ; : ( ) [ ] — "
    "– -- . ! ? \" ' ’ “ ” ‘ 's ’s".split()
)
_AUXILIARIES = frozenset("is are was were be been being get gets got".split())
_PRONOUNS = frozenset(
    "he she they him her them his their it its i we us our you my me who your himself".split()
)
_PREPOSITIONS = frozenset(
    "in at near on from to by of against with for into between and over".split()
)
_NEXT = frozenset("'s ( , and . of".split())
_LEAST = 0.003  # probabilities are held this far from 0 and 1
_FAR = 2  # sentences; arguments farther away are rare

Feature = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of tokens, the mention that it comes from or shares its last word with, and how it
    comes from it."""

    span: TokenSpan
    mention: int | None
    form: str


def candidates(example: Example, event: GivenEvent, spans: Sequence[TokenSpan]) -> list[Candidate]:
    """Of mentions (``spans``), pronouns, and runs of words in the trigger's sentence; each span
    once, in text order."""
    tokens = example.tokens
    found: dict[TokenSpan, Candidate] = {}

    def add(start: int, end: int, mention: int | None, form: str) -> None:
        if start < end:
            found.setdefault((start, end), Candidate((start, end), mention, form))

    for i, (start, end) in enumerate(spans):
        add(start, end, i, "whole")
    for i, (start, end) in enumerate(spans):
        at = head(tokens, (start, end))
        if start and tokens[start - 1].lower() in ARTICLES:
            add(start - 1, end, i, "article")
        add(at, at + 1, i, "head")
        add(start, at + 1, i, "to_head")
        capital = [t[:1].isupper() for t in tokens[start:end]]
        first = capital.index(False) if False in capital else len(capital)
        last = capital[::-1].index(False) if False in capital else len(capital)
        add(start, start + first, i, "first_name")
        add(end - last, end, i, "last_name")
    for i, token in enumerate(tokens):
        if token.lower() in _PRONOUNS:
            add(i, i + 1, None, "pronoun")
    ending_at = {end: i for i, (_, end) in enumerate(spans)}
    for start, end in _runs(example, event):
        mention = ending_at.get(end)
        add(start, end, mention, "run")
        add(start + 1, end, mention, "run_end")
        add(end - 1, end, mention, "run_last")
    return sorted(found.values(), key=lambda c: c.span)


def _runs(example: Example, event: GivenEvent) -> Iterator[TokenSpan]:
    """The trigger's sentence without the trigger and words outside noun phrases: what is left."""
    sentence_of = example.sentence_of
    first = bisect_left(sentence_of, sentence_of[event.trigger[0]])
    last = bisect_right(sentence_of, sentence_of[event.trigger[0]])
    start = first
    for i in range(first, last + 1):
        inside = i < last and not event.trigger[0] <= i < event.trigger[1]
        word = example.tokens[i].lower() if inside else ""
        if not inside or word in _OUTSIDE or word.endswith("ly"):
            if start < i:
                yield start, i
            start = i + 1


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate in a role, and its features: names and values."""

    span: TokenSpan
    role: str
    ours: str
    features: list[Feature]


def rows(
    example: Example, event: GivenEvent, found: Sequence[RoleScores], labels: LabelMap
) -> Iterator[Row]:
    """All that may be chosen for an event, from what the network found for it."""
    spans = [example.covering(c.start, c.end) for c in found]
    around = _near(example, event, candidates(example, event, spans))
    places = [_place(example, event, c, spans, found) for c in around]
    for role, label in labels.roles(event.type).items():
        p = [c.roles[label.name] for c in found]
        best, second = sorted([0.0, 0.0, *p])[-1:-3:-1]
        for candidate, place in zip(around, places, strict=True):
            own, other = 0.0, 0.0
            if candidate.mention is not None:
                own = p[candidate.mention]
                roles = found[candidate.mention].roles
                other = max((v for k, v in roles.items() if k != label.name), default=0.0)
            rival = second if own == best else best
            scores = [
                ("logit", _logit(own)),
                ("lead", _logit(own) - _logit(rival)),
                ("best", float(own >= rival)),
                ("other", _logit(other)),
            ]
            yield Row(candidate.span, role, label.name, [*scores, *place])


def _near(example: Example, event: GivenEvent, found: Sequence[Candidate]) -> list[Candidate]:
    at = example.sentence_of[event.trigger[0]]
    return [c for c in found if abs(example.sentence_of[c.span[0]] - at) <= _FAR]


def _place(
    example: Example,
    event: GivenEvent,
    candidate: Candidate,
    mentions: Sequence[TokenSpan],
    found: Sequence[RoleScores],
) -> list[Feature]:
    """Where a candidate stands and what it is; nothing of roles."""
    tokens, (start, end), (t_start, t_end) = example.tokens, candidate.span, event.trigger
    gap = max(start - t_end, t_start - end, 0)
    side = "before" if end <= t_start else "after" if t_end <= start else "over"
    step = example.sentence_of[start] - example.sentence_of[t_start]
    low, high = min(end, t_end), max(start, t_start)
    between = max(0, bisect_left(mentions, (high, 0)) - bisect_left(mentions, (low, 0)))
    i = start - 1
    if i > 0 and tokens[i].lower() in ARTICLES:
        i -= 1
    prior = tokens[i].lower() if i >= 0 else ""
    following = tokens[end].lower() if end < len(tokens) else ""
    pronoun = candidate.form == "pronoun"
    labelled = "-" if candidate.mention is None else found[candidate.mention].kind
    passive = t_start > 0 and tokens[t_start - 1].lower() in _AUXILIARIES
    last = tokens[end - 1]
    shape = "capital" if last[:1].isupper() else "number" if last[:1].isdigit() else last[-2:]
    names = [
        "bias",
        f"step={step}",
        f"side={side},{step == 0}",
        f"voice={side},{passive},{tokens[t_start].lower()[-2:]}",
        f"shape={shape}",
        f"near={side},{min(5, (gap + 1).bit_length())}",
        f"between={min(4, between)}",
        f"form={candidate.form}",
        f"kind={labelled},{pronoun}",
        f"length={min(5, end - start)}",
        f"prior={prior if prior in _PREPOSITIONS else '-'}",
        f"next={following if following in _NEXT else '-'}",
    ]
    if pronoun:
        names.append(f"pronoun={tokens[start].lower()}")
    return [*((name, 1.0) for name in names), ("log_gap", math.log1p(gap))]


def names_of(feature: str, role: str, ours: str) -> tuple[str, str, str]:
    """A feature's weights: of all roles, of our nearest role, of theirs."""
    return feature, f"{ours}|{feature}", f"{role}||{feature}"


def type_bias(event_type: str, role: str) -> str:
    """The weight of a role in a type, whatever the candidate."""
    return f"{event_type}:{role}"


def _logit(p: float) -> float:
    p = min(1 - _LEAST, max(_LEAST, p))
    return math.log(p / (1 - p))


def part_of(source: str) -> int:
    """The part of a document, by its article: what two tell of one article is never apart."""
    return crc32(source.encode()) % N_PARTS


def fingerprint(text: str) -> str:
    """Stands for a text among those that a model was fitted on; white space does not count."""
    return sha256(letters(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def parts_of(examples: Iterable[Example]) -> dict[str, int]:
    """Fingerprint of each text -> its part; one text of two articles is in one part."""
    parts: dict[str, int] = {}
    for example in examples:
        parts.setdefault(fingerprint(example.text), part_of(example.source))
    return parts


def choose(scored: Iterable[tuple[float, Row]], least: float) -> frozenset[Argument]:
    """The rows of an event that score ``least`` or more; of overlapping spans the best, a role
    each."""
    taken: dict[str, list[TokenSpan]] = {}
    for score, row in sorted(scored, key=lambda pair: (-pair[0], pair[1].span, pair[1].role)):
        if score < least:
            break
        start, end = row.span
        spans = taken.setdefault(row.role, [])
        if all(end <= a or b <= start for a, b in spans):
            spans.append(row.span)
    return frozenset(Argument(*span, role) for role, spans in taken.items() for span in spans)


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A fitted model; see the module's docstring."""

    weights: Mapping[str, Sequence[float]]  # columns: of all documents, then without each part
    least: float  # log odds from which a span is an argument
    seen: Mapping[str, int]  # fingerprints of the texts that it was fitted on, and their parts
    measured: Mapping[str, float]  # by cross-validation over those
    _sums: dict[tuple[int, str, str], dict[str, float]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> RoleChoice:
        raw = json.loads(path.read_text(encoding="utf-8"))
        seen = {text: part for part, texts in enumerate(raw["seen"]) for text in texts}
        return cls(raw["weights"], raw["least"], seen, raw["measured"])

    def knows(self, example: Example) -> bool:
        """Whether it was fitted on the text of the example."""
        return fingerprint(example.text) in self.seen

    def __call__(
        self, example: Example, event: GivenEvent, found: Sequence[RoleScores], labels: LabelMap
    ) -> frozenset[Argument]:
        part = self.seen.get(fingerprint(example.text))
        column = 0 if part is None else 1 + part
        scored = [
            (self._score(row, event.type, column), row)
            for row in rows(example, event, found, labels)
        ]
        return choose(scored, self.least)

    def _score(self, row: Row, event_type: str, column: int) -> float:
        sums = self._sums.setdefault((column, row.role, row.ours), {})
        score = self._weight(type_bias(event_type, row.role), column)
        for name, value in row.features:
            weight = sums.get(name)
            if weight is None:
                names = names_of(name, row.role, row.ours)
                weight = sums[name] = sum(self._weight(n, column) for n in names)
            score += weight * value
        return score

    def _weight(self, name: str, column: int) -> float:
        columns = self.weights.get(name)
        return columns[column] if columns else 0.0
