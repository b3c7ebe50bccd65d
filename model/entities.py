"""Mentions of one text -> clusters with canonical English names.

Named mentions get a key from rules (known actors, states and their organs, person names, place
names); mentions without a name are attached by the model's pair probabilities or, without a
model, to the nearest compatible cluster before them. Mentions that stay unidentified ("gunmen",
"residents") are in no cluster.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .resolve.actors import known_actor
from .resolve.canonical import canonical
from .resolve.keys import Key, named_key, same_name
from .resolve.names import ENTITY_KINDS, Form, analyse
from .resolve.nominals import Around, nominal_key
from .resolve.places import document_countries

__all__ = [
    "ENTITY_KINDS",
    "Cluster",
    "MentionText",
    "cluster",
]

_DEFINED = re.compile(r"([\w\u2019'&.,\- ]{4,80}?)\s*\(([A-Z][A-Za-z-]{1,9})\)")


@dataclass(frozen=True, slots=True)
class MentionText:
    """A mention as this module needs it; ``start`` and ``end`` index the whole text."""

    text: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Mentions (indices, ascending) of one entity."""

    name: str
    kind: str
    mentions: tuple[int, ...]
    country: str | None
    link: None = None


def cluster(
    mentions: Sequence[MentionText],
    *,
    text: str,
    same_entity: Mapping[tuple[int, int], float] | None = None,
    threshold: float = 0.5,
) -> list[Cluster]:
    """Clusters in order of their first mention; a mention is in at most one.

    ``same_entity``: probabilities that mentions i < j are one entity; pairs may be missing.
    """
    state = _State(mentions, text)
    state.name_keys()
    state.merge_names()
    if same_entity:
        state.merge_by_model(same_entity, threshold)
        state.attach_by_model(same_entity, threshold)
    state.attach_by_rule(weak=not same_entity)
    return state.clusters()


@dataclass
class _State:
    mentions: Sequence[MentionText]
    text: str
    forms: list[Form | None] = field(default_factory=list)
    keys: dict[int, Key] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context = document_countries((m.text, m.kind) for m in self.mentions)
        self.home = max(self.context, key=lambda c: self.context[c]) if self.context else None
        self.forms = [
            analyse(m.text, m.kind, self.context) if m.kind in ENTITY_KINDS else None
            for m in self.mentions
        ]
        self.order = sorted(
            (i for i, f in enumerate(self.forms) if f is not None),
            key=lambda i: self.mentions[i].start,
        )

    def form(self, i: int) -> Form:
        form = self.forms[i]
        assert form is not None
        return form

    # ---- keys of named mentions -----------------------------------------------------------

    def name_keys(self) -> None:
        for i in self.order:
            form = self.form(i)
            key = named_key(form, self.home)
            if key is not None:
                self.keys[i] = key

    def rename(self, old: Key, new: Key) -> None:
        for i, key in self.keys.items():
            if key == old:
                self.keys[i] = new

    # ---- one name inside another, acronyms --------------------------------------------------

    def merge_names(self) -> None:
        self._merge_acronyms()
        for family in ("person", "name", "place"):
            found = sorted(
                {k for k in self.keys.values() if k[0] == family}, key=lambda k: (-len(k), k)
            )
            for n, short in enumerate(found):
                longer = [k for k in found[:n] if same_name(family, short, k)]
                if longer:
                    self.rename(short, self._most_frequent(longer))
                    found[n] = longer[0]
        self._merge_leaders()

    def _most_frequent(self, keys: Iterable[Key]) -> Key:
        counts = Counter(self.keys.values())
        return max(keys, key=lambda k: counts[k])

    def _merge_acronyms(self) -> None:
        long_of: dict[str, Key] = {}
        for match in _DEFINED.finditer(self.text):
            at = match.start(2)
            for i in self.order:
                m = self.mentions[i]
                if i in self.keys and (m.start <= at < m.end or 0 < at - m.end <= 2):
                    long_of.setdefault(match.group(2).lower(), self.keys[i])
        for key in set(self.keys.values()):
            if key[0] == "name" and len(key) > 2:
                long_of.setdefault("".join(w[0] for w in key[1:]), key)
        for key in set(self.keys.values()):
            if key[0] == "name":
                for word in key[1:] if len(key) == 2 else ():
                    target = long_of.get(word)
                    if target is not None and target != key:
                        self.rename(key, target)

    def _merge_leaders(self) -> None:
        """ "the Syrian president" is the person whom the text calls president of that state."""
        titled: dict[tuple[str, str | None], Key] = {}
        for i in self.order:
            form = self.form(i)
            if form.kind == "PERSON" and self.keys.get(i, ("",))[0] == "person":
                for title in form.titles & _LEADER_TITLES:
                    titled.setdefault((title, form.country), self.keys[i])
                    titled.setdefault((title, None), self.keys[i])
                known = known_actor(form.display, "PERSON")
                if known is not None and known.country:
                    for title in ("president", "leader", "strongman"):
                        titled.setdefault((title, known.country), self.keys[i])
        for i in self.order:
            form = self.form(i)
            if form.kind != "PERSON" or form.display:
                continue
            for title in form.titles & _LEADER_TITLES:
                key = titled.get((title, form.country))
                if key is not None:
                    self.keys[i] = key

    # ---- mentions without a name ------------------------------------------------------------

    def attach_by_model(self, same: Mapping[tuple[int, int], float], threshold: float) -> None:
        members: dict[Key, list[int]] = {}
        for i, key in self.keys.items():
            members.setdefault(key, []).append(i)
        attached: dict[int, Key] = {}
        for i in self.order:
            if i in self.keys:
                continue
            best, best_score = None, threshold
            for key, group in members.items():
                score = _mean_probability(same, [i], group)
                if score is not None and score >= best_score:
                    best, best_score = key, score
            if best is not None:
                attached[i] = best
        self.keys.update(attached)

    def merge_by_model(self, same: Mapping[tuple[int, int], float], threshold: float) -> None:
        """Join clusters that the model calls one, unless both are known to be different."""
        members: dict[Key, list[int]] = {}
        for i, key in self.keys.items():
            members.setdefault(key, []).append(i)
        keys = list(members)
        for n, left in enumerate(keys):
            for right in keys[n + 1 :]:
                if left not in members or right not in members or not _may_join(left, right):
                    continue
                score = _mean_probability(same, members[left], members[right])
                if score is not None and score >= threshold:
                    keep, drop = (right, left) if left[0] in _OPEN else (left, right)
                    self.rename(drop, keep)
                    members[keep] = members[left] + members[right]
                    del members[drop]

    def attach_by_rule(self, *, weak: bool) -> None:
        """Give nominal mentions the key of the nearest compatible cluster before them.

        ``weak``: also where only kind and closeness speak for it (no model to ask).
        """
        for n, i in enumerate(self.order):
            if i in self.keys:
                continue
            form = self.form(i)
            before = [self.keys[j] for j in reversed(self.order[:n]) if j in self.keys]
            after = [self.keys[j] for j in self.order[n + 1 :] if j in self.keys]
            key = nominal_key(form, Around(before, after, self.home, self.kinds_of(), weak))
            if key is not None:
                self.keys[i] = key

    def kinds_of(self) -> dict[Key, str]:
        kinds: dict[Key, Counter[str]] = {}
        for i, key in self.keys.items():
            kinds.setdefault(key, Counter())[self.mentions[i].kind] += 1
        return {key: counts.most_common(1)[0][0] for key, counts in kinds.items()}

    # ---- result -----------------------------------------------------------------------------

    def clusters(self) -> list[Cluster]:
        members: dict[Key, list[int]] = {}
        for i in self.order:
            if i in self.keys:
                members.setdefault(self.keys[i], []).append(i)
        kinds = self.kinds_of()
        result = []
        for key, group in members.items():
            forms = [self.form(i) for i in group]
            twin = key[0] == "province" and ("place", *key[1:]) in members
            name, code = canonical(key, forms, self.home, twin=twin)
            result.append(Cluster(name, kinds[key], tuple(sorted(group)), code))
        return result


_LEADER_TITLES = frozenset(
    {
        *("president", "leader", "strongman", "chancellor", "king", "premier", "minister"),
        *("governor", "spokesman", "director", "secretary", "envoy", "chief", "commander"),
        "ambassador",
    }
)
_OPEN = frozenset({"name", "person", "place"})


_PLACES = frozenset({"place", "province", "country", "border"})


def _may_join(left: Key, right: Key) -> bool:
    """Two clusters with names of their own may be one unless both names are established."""
    if (left[0] in _PLACES) != (right[0] in _PLACES):
        return False
    if left[0] not in _OPEN and right[0] not in _OPEN:
        return False
    return not (left[0] == right[0] == "person" and left[-1] != right[-1])


def _mean_probability(
    same: Mapping[tuple[int, int], float], left: Sequence[int], right: Sequence[int]
) -> float | None:
    scores = [
        same[pair] for i in left for j in right if (pair := (i, j) if i < j else (j, i)) in same
    ]
    return sum(scores) / len(scores) if scores else None
