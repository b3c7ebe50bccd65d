"""Arguments of events whose triggers are given: what WikiEvents and RAMS share.

Both bring tokens, events with a trigger and a type, and spans of tokens in roles of their own
ontologies. ``mappings/*.yaml`` say which of our types and roles stand for theirs. The network is
told the given triggers in place of its own (``Coder.arguments_of``); its mentions are cut to the
corpora's tokens, and its probabilities become roles of theirs.

A predicted argument is right if it has the event, the role and the span of a gold one: all tokens
(span F1) or the head alone (head F1). The published head F1 takes heads from a parser of spaCy;
here the head is the last word before the first that begins a modifier behind the noun ("men" of
"two men in a van"), and names keep their last word. As in the published scorer, leading articles
are dropped for heads. Arguments that gold lists twice count once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ...errors import DataError

if TYPE_CHECKING:
    from conflictwire.ontology import Ontology

FOLDER = Path(__file__).with_name("mappings")
ARTICLES = frozenset(("the", "a", "an"))
# What follows such a word modifies the noun before it.
_MODIFIES = frozenset(
    "of in on at from for with by to near against between among into over under after before "
    "during about around inside outside across behind along through within without as including "
    "who whom whose which that where when , ; : ( [ — –".split()
)
_NOT_A_HEAD = frozenset("' ’ 's ’s s . , ; : ) ] \" ” --".split())

TokenSpan = tuple[int, int]  # half-open


@dataclass(frozen=True, slots=True)
class Argument:
    """Tokens in a role of the corpus's own."""

    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """A trigger, its type in the corpus's own terms, and the gold arguments."""

    trigger: TokenSpan
    type: str
    arguments: frozenset[Argument]


@dataclass(frozen=True, slots=True)
class Example:
    """A document of a corpus as one text: its tokens with a space between each two, sentences
    with an empty line."""

    id: str
    source: str  # the article; several examples may come from one
    tokens: tuple[str, ...]
    events: tuple[GivenEvent, ...]
    text: str
    starts: tuple[int, ...]  # of each token in the text
    sentence_of: tuple[int, ...]  # each token

    @classmethod
    def build(
        cls,
        id: str,
        sentences: Sequence[Sequence[str]],
        events: Sequence[GivenEvent],
        *,
        source: str | None = None,
    ) -> Example:
        """``source``: by default a document is an article by itself."""
        gaps = [" " if i + 1 < len(s) else "\n\n" for s in sentences for i in range(len(s))]
        tokens = tuple(token for sentence in sentences for token in sentence)
        parts = [token + gap for token, gap in zip(tokens, gaps, strict=True)]
        return cls(
            id=id,
            source=source or id,
            tokens=tokens,
            events=tuple(events),
            text="".join(parts).rstrip("\n"),
            starts=tuple([0, *accumulate(map(len, parts))][:-1]),
            sentence_of=tuple(n for n, sentence in enumerate(sentences) for _ in sentence),
        )

    def problem(self) -> str | None:
        """What is wrong with its spans, if anything."""
        spans = [
            s for e in self.events for s in (e.trigger, *((a.start, a.end) for a in e.arguments))
        ]
        for start, end in spans:
            if not 0 <= start < end <= len(self.tokens):
                return f"tokens [{start}, {end}) are none of its {len(self.tokens)}"
        for event in self.events:
            if not "".join(self.tokens[slice(*event.trigger)]).strip():
                return f"trigger [{event.trigger[0]}, {event.trigger[1]}) has no word"
        return None

    def chars(self, span: TokenSpan) -> tuple[int, int]:
        start, last = span[0], span[1] - 1
        return self.starts[start], self.starts[last] + len(self.tokens[last])

    def covering(self, start: int, end: int) -> TokenSpan:
        """The tokens that a range of characters touches."""
        return bisect_right(self.starts, start) - 1, bisect_left(self.starts, end)


def built(
    build: Callable[[dict[str, Any]], Example], line: dict[str, Any], path: Path, name: str
) -> Example:
    """``build(line)``. Raises DataError, with the document's ``name``, if the line is not what it
    takes."""
    try:
        example = build(line)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"document {name!r}: {error!r}", file=str(path)) from None
    if problem := example.problem():
        raise DataError(f"document {name!r}: {problem}", file=str(path))
    return example


def head(tokens: Sequence[str], span: TokenSpan) -> int:
    """The token that a span is about; see the module's docstring."""
    start, end = span
    if end - start > 1 and tokens[start].lower() in ARTICLES:
        start += 1
    for i in range(start + 1, end):
        if tokens[i].lower() in _MODIFIES:
            end = i
            break
    while end - start > 1 and tokens[end - 1].lower() in _NOT_A_HEAD:
        end -= 1
    return end - 1


def letters(text: str) -> str:
    """Without white space, which differs between a text and its tokens."""
    return "".join(text.split())


# ---- their labels in our terms


@dataclass(frozen=True, slots=True)
class Label:
    """One of our labels. ``exact``: it stands for theirs; else it is but the nearest."""

    name: str
    exact: bool

    @classmethod
    def read(cls, raw: str) -> Label:
        return cls(raw.removeprefix("~"), not raw.startswith("~"))


@dataclass(frozen=True, slots=True)
class LabelMap:
    """A file of ``mappings/``: entries by beginnings of type names, roles of all types, and the
    kinds of mentions in our roles."""

    entries: Mapping[str, Mapping[str, Any]]
    roles_of_all: Mapping[str, str]
    kinds: Mapping[str, str] = field(default_factory=dict)
    _known: dict[str, tuple[Label | None, dict[str, Label]]] = field(default_factory=dict)

    @classmethod
    def load(cls, name: str) -> LabelMap:
        raw = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
        return cls(raw["types"], raw["roles"], raw["kinds"])

    def type(self, name: str) -> Label | None:
        return self._look_up(name)[0]

    def roles(self, type_name: str) -> dict[str, Label]:
        """The roles that a type of theirs has, in our terms."""
        return self._look_up(type_name)[1]

    def is_mapped(self, type_name: str, role: str) -> bool:
        """Whether type and role both have counterparts, not only something near."""
        ours, label = self.type(type_name), self.roles(type_name).get(role)
        return ours is not None and ours.exact and label is not None and label.exact

    def check(self, ontology: Ontology) -> None:
        """Raises DataError if a label is not of the ontology."""
        for entry in self.entries.values():
            if entry.get("type"):
                ontology.event_type(Label.read(entry["type"]).name)
            for role in filter(None, entry.get("roles", {}).values()):
                ontology.role(Label.read(role).name)
        for role, kind in self.kinds.items():
            ontology.role(role)
            ontology.kind(kind)

    def _look_up(self, name: str) -> tuple[Label | None, dict[str, Label]]:
        if name not in self._known:
            ours: str | None = None
            roles: dict[str, str | None] = dict(self.roles_of_all)
            for beginning in accumulate(name.split("."), "{}.{}".format):
                entry = self.entries.get(beginning, {})
                ours = entry.get("type", ours)
                roles |= entry.get("roles", {})
            self._known[name] = (
                Label.read(ours) if ours else None,
                {role: Label.read(r) for role, r in roles.items() if r},
            )
        return self._known[name]
