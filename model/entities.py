"""Mentions of one text -> clusters with canonical English names.

Named mentions get a key from rules (known actors, states and their organs, person names, place
names). Mentions without a name are attached by the model's pair probabilities, the rest of them by
rules to the nearest compatible cluster; rules that go by kind and closeness alone hold only where
there is no model to ask. Mentions that stay unidentified ("gunmen", "residents") are in no cluster.

The rules know the packaged kinds. Of kinds that a user's own ontology brings, those mentions are a
cluster that the model takes for one entity, under the longest of their texts.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .resolve.actors import ActorList, KnownActor, packaged_actors
from .resolve.names import (
    ENTITY_KINDS,
    Around,
    Form,
    Key,
    Known,
    NamesOfFamily,
    analyse,
    canonical,
    named_key,
    nominal_key,
)
from .resolve.places import document_countries, home_country, outside_dateline
from .segment import Segmented, segment

__all__ = ["Cluster", "MentionText", "cluster"]

# An acronym where the text defines it: "Lake Basin Defence League (LBDL)".
_DEFINED = re.compile(r"\(([A-Z][A-Za-z-]{1,9})\)")
_DEFINES = re.compile(r"[\w\u2019'&.,\- ]{4}\s*\Z")  # before the bracket
_DEFINES_CHARS = 100
_LEADER_TITLES = frozenset(
    "president leader strongman chancellor king premier minister governor spokesman director "
    "secretary envoy chief commander ambassador".split()
)
# "its" before the words of a mention, or as its first.
_ITS = re.compile(r"\bits\s+(?:own\s+)?\Z", re.IGNORECASE)
# Before a state that has done nothing itself, or not alone: "Iran" in "left it to Russia and Iran".
_NO_SUBJECT = re.compile(
    r"\b(?:in|of|from|to|at|on|into|near|across|against|with|between|inside|by|and|or)\s+\Z",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"[^\W\d_][\w\u2019'-]*")
# Families of keys (see resolve.names.keys): names that no table knows, and places.
_OPEN = frozenset({"name", "person", "place"})
_STATE_KINDS = frozenset({"GOVERNMENT", "MILITARY", "POLICE"})
_OF_A_STATE = frozenset({"gov", "mil", "country"})
_PLACES = frozenset({"place", "province", "country", "border"})


# Packaged kinds that are no entities.
_NO_ENTITIES = frozenset({"FACILITY", "WEAPON", "TIME"}) - ENTITY_KINDS


@dataclass(frozen=True, slots=True)
class MentionText:
    """A mention as this module needs it; ``start`` and ``end`` index the whole text."""

    text: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Mentions (indices, ascending) of one entity; ``actor``: its entry in a list of actors."""

    name: str
    kind: str
    mentions: tuple[int, ...]
    country: str | None
    actor: KnownActor | None = None


def cluster(
    mentions: Sequence[MentionText],
    *,
    text: str,
    same_entity: Mapping[tuple[int, int], float] | None = None,
    threshold: float = 0.5,
    actors: ActorList | None = None,
    year: int | None = None,
    segmented: Segmented | None = None,
) -> list[Cluster]:
    """Clusters in order of their first mention; a mention is in at most one.

    ``same_entity``: probabilities that mentions i < j are one entity; pairs may be missing.
    ``actors``: the list of actors to know, by default the packaged one; ``year``: of publication.
    ``segmented``: the text's words and sentences, if they are known.
    """
    state = _State(mentions, text, segmented or segment(text), actors or packaged_actors(), year)
    state.name_keys()
    state.merge_names()
    if same_entity:
        state.merge_by_model(same_entity, threshold)
        state.attach_by_model(same_entity, threshold)
    state.attach_by_rule(weak=not same_entity)
    found = state.clusters()
    if same_entity:
        found += _by_model_alone(mentions, same_entity, threshold)
        found.sort(key=lambda c: c.mentions)
    return found


@dataclass
class _State:
    """One text's mentions and the keys they have so far; mentions with one key are a cluster.

    ``order`` holds the mentions (indices) that can be entities, by their start; ``keys`` maps a
    mention to its key.
    """

    mentions: Sequence[MentionText]
    text: str
    segmented: Segmented
    actors: ActorList
    year: int | None
    forms: list[Form | None] = field(default_factory=list)
    keys: dict[int, Key] = field(default_factory=dict)

    def __post_init__(self) -> None:
        body = outside_dateline(self.mentions, self.text)
        self.context = document_countries((m.text, m.kind) for m in body)
        self.known = Known(self.actors, self.context, self.year)
        self.main = max(self.context, key=lambda c: self.context[c]) if self.context else None
        words = self.segmented
        self.sentence_starts = [words.starts[first] for first, _ in words.sentences]
        ends = [*self.sentence_starts, len(self.text)][1:]
        self.first_letters = [
            next((i for i in range(start, end) if self.text[i].isalnum()), end)
            for start, end in zip(self.sentence_starts, ends, strict=True)
        ]
        self.inner_capitals = self._inner_capitals()
        self.homes = self._homes(body)
        self.filed_from = {m.start for m in self.mentions} - {m.start for m in body}
        self.forms = [
            analyse(m.text, m.kind, self.known, capital_tells=self._capital_tells(m))
            if m.kind in ENTITY_KINDS
            else None
            for m in self.mentions
        ]
        self.order = sorted(
            (i for i, f in enumerate(self.forms) if f is not None),
            key=lambda i: self.mentions[i].start,
        )

    def _homes(self, body: Sequence[MentionText]) -> list[str | None]:
        """Country that each mention belongs to if it has none, by its sentence and the text.

        Organs of states need a clear answer: whose army is "the army"?
        """
        starts = self.sentence_starts
        near: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for m in body:
            if m.kind not in {"ORG", "INTERNATIONAL"}:
                near[bisect_right(starts, m.start)].append((m.text, m.kind))
        counts = {n: document_countries(found) for n, found in near.items()}
        home = {n: home_country(self.context, nearby) for n, nearby in counts.items()}
        anywhere = home_country(self.context, {})
        return [
            home.get(bisect_right(starts, m.start), anywhere)
            if m.kind in _STATE_KINDS
            else self.main
            if m.kind == "PLACE"
            else anywhere
            for m in self.mentions
        ]

    def _inner_capitals(self) -> frozenset[str]:
        """Words that the text writes with a capital within a sentence."""
        return frozenset(
            match.group()
            for match in _CAPITALISED.finditer(self.text)
            if match.group()[0].isupper() and not self._opens_sentence(match.start())
        )

    def _opens_sentence(self, at: int) -> bool:
        n = bisect_right(self.sentence_starts, at)
        return n == 0 or at <= self.first_letters[n - 1]

    def _capital_tells(self, mention: MentionText) -> bool:
        """Whether a capital marks the mention's first word as a name, not the sentence's start."""
        if not mention.text.isalpha() or not self._opens_sentence(mention.start):
            return True
        stem = mention.text[: max(4, len(mention.text) - 3)]  # "Kurds" where it tells of Kurdish
        return any(word.startswith(stem) for word in self.inner_capitals)

    def form(self, i: int) -> Form:
        form = self.forms[i]
        assert form is not None
        return form

    # ---- keys of named mentions -----------------------------------------------------------

    def name_keys(self) -> None:
        for at, i in enumerate(self.order):
            form = self.form(i)
            key = named_key(form, self.homes[i], self.known)
            if key is None and (owner := self._owner(at)) is not None:
                self.homes[i] = owner
                key = nominal_key(form, Around((), (), owner, {}, weak=False, known=self.known))
            if key is not None:
                self.keys[i] = key

    def _owner(self, at: int) -> str | None:
        """Country of "its troops", mention ``at`` in order: that of the state named before it in
        the sentence."""
        i = self.order[at]
        mention = self.mentions[i]
        if mention.kind not in _STATE_KINDS or self.form(i).country is not None:
            return None
        its = mention.text[:4].lower() == "its " or _ITS.search(
            self.text[max(mention.start - 12, 0) : mention.start]
        )
        if not its:
            return None
        sentence = bisect_right(self.sentence_starts, mention.start)
        begin = self.sentence_starts[sentence - 1] if sentence else 0
        for j in (self.order[n] for n in range(at - 1, -1, -1)):
            if self.mentions[j].start < begin:
                break
            before = self.mentions[j]
            if _NO_SUBJECT.search(self.text[max(before.start - 12, 0) : before.start]):
                continue
            family, *rest = self.keys.get(j, ("",))
            if family in _OF_A_STATE:
                return rest[0]
            if before.kind not in {"PERSON", "PLACE", "CIVILIAN"}:
                return None  # another body may be meant: "the alliance said its troops"
        return None

    def _members(self) -> dict[Key, list[int]]:
        """Key -> its mentions."""
        members: dict[Key, list[int]] = {}
        for i, key in self.keys.items():
            members.setdefault(key, []).append(i)
        return members

    def _rename(self, members: dict[Key, list[int]], old: Key, new: Key) -> None:
        moved = members.pop(old)
        members.setdefault(new, []).extend(moved)
        self.keys.update(dict.fromkeys(moved, new))

    # ---- one name inside another, acronyms --------------------------------------------------

    def merge_names(self) -> None:
        self._merge_acronyms()
        for family in ("person", "name", "place"):
            members = self._members()
            known = NamesOfFamily(family)
            for short in sorted((k for k in members if k[0] == family), key=lambda k: (-len(k), k)):
                if longer := known.same_as(short):
                    most_frequent = max(longer, key=lambda k: len(members[k]))
                    self._rename(members, short, most_frequent)
                else:
                    known.add(short)
        self._merge_leaders()

    def _merge_acronyms(self) -> None:
        long_of = self._defined_acronyms()
        members = self._members()
        names = [key for key in members if key[0] == "name"]
        for key in names:
            if len(key) > 2:
                long_of.setdefault("".join(word[0] for word in key[1:]), key)
        for key in names:
            long = long_of.get(key[1]) if len(key) == 2 else None
            if long is not None and long != key and long[0] not in _PLACES:
                self._rename(members, key, long)

    def _defined_acronyms(self) -> dict[str, Key]:
        """Acronyms (lower case) that follow a mention, or stand in one, in brackets -> its key."""
        named = [i for i in self.order if i in self.keys]
        starts = [self.mentions[i].start for i in named]
        longest = max((self.mentions[i].end - self.mentions[i].start for i in named), default=0)
        long_of: dict[str, Key] = {}
        for match in _DEFINED.finditer(self.text):
            at = match.start(1)
            if not _DEFINES.search(self.text[max(0, at - 1 - _DEFINES_CHARS) : at - 1]):
                continue
            near = slice(bisect_left(starts, at - 2 - longest), bisect_right(starts, at))
            for i in named[near]:
                end = self.mentions[i].end
                if at < end or 0 < at - end <= 2:
                    long_of.setdefault(match.group(1).lower(), self.keys[i])
        return long_of

    def _merge_leaders(self) -> None:
        """ "the Syrian president" is the person whom the text calls president of that state."""
        titled: dict[tuple[str, str | None], Key] = {}
        for i in self.order:
            form = self.form(i)
            if form.kind == "PERSON" and self.keys.get(i, ("",))[0] == "person":
                for title in form.titles & _LEADER_TITLES:
                    titled.setdefault((title, form.country), self.keys[i])
                    titled.setdefault((title, None), self.keys[i])
                known = self.actors.find(form.display, "PERSON")
                if known is not None and known.country:
                    for title in ("president", "leader", "strongman"):
                        titled.setdefault((title, known.country), self.keys[i])
        for i in self.order:
            form = self.form(i)
            if form.kind != "PERSON" or form.display:
                continue
            for title in sorted(form.titles & _LEADER_TITLES):
                key = titled.get((title, form.country))
                if key is not None:
                    self.keys[i] = key

    # ---- mentions without a name ------------------------------------------------------------

    def attach_by_model(self, same: Mapping[tuple[int, int], float], threshold: float) -> None:
        """Give mentions without a key that of the cluster they most probably belong to."""
        rank = {i: n for n, i in enumerate(self.keys)}
        key_rank = {key: n for n, key in enumerate(dict.fromkeys(self.keys.values()))}
        linked: defaultdict[int, list[int]] = defaultdict(list)  # without a key -> with one
        for i, j in same:
            if (i in rank) != (j in rank):
                nominal, named = (j, i) if i in rank else (i, j)
                linked[nominal].append(named)
        attached: dict[int, Key] = {}
        for i in self.order:
            groups: defaultdict[Key, list[int]] = defaultdict(list)
            for j in sorted(linked.get(i, ()), key=lambda j: rank[j]):
                groups[self.keys[j]].append(j)
            best, best_score = None, threshold
            for key in sorted(groups, key=lambda k: key_rank[k]):
                score = _mean_probability(same, [i], groups[key])
                if score is not None and score >= best_score:
                    best, best_score = key, score
            if best is not None:
                attached[i] = best
        self.keys.update(attached)

    def merge_by_model(self, same: Mapping[tuple[int, int], float], threshold: float) -> None:
        """Join clusters that the model calls one, unless both are known to be different."""
        members = self._members()
        linked = self._linked_keys(same)
        keys = list(members)
        rank = {key: n for n, key in enumerate(keys)}
        for left in keys:
            later = _ranked_after(rank[left], linked[left], rank)
            while later:
                right = later.pop()
                if not _may_join(left, right):
                    continue
                score = _mean_probability(same, members[left], members[right])
                if score is None or score < threshold:
                    continue
                if self._may_abbreviate(left, right, members) and self._may_abbreviate(
                    right, left, members
                ):
                    keep, drop = (right, left) if left[0] in _OPEN else (left, right)
                    joined = members[left] + members[right]
                    self._rename(members, drop, keep)
                    members[keep] = joined
                    _move_links(linked, drop, keep)
                    later = _ranked_after(rank[right], linked[left], rank)

    def _may_abbreviate(self, short: Key, long: Key, members: Mapping[Key, Sequence[int]]) -> bool:
        """False if ``short`` is an acronym (of no listed actor) that is not of the other's name."""
        if short[0] != "name" or len(short) > 2 or long[0] in _PLACES:
            return True
        forms = [self.form(i).display for i in members[short]]
        if not any(name.isupper() and len(name) > 1 for name in forms):
            return True
        names = [self.form(i).display for i in members[long]]
        actor = self.actors.by_id(long[1]) if long[0] == "actor" else None
        if actor is not None:
            names.append(actor.name)
        elif long[0] in _OF_A_STATE:
            return False
        return any(_abbreviates(short[1], name) for name in names)

    def _linked_keys(self, same: Iterable[tuple[int, int]]) -> defaultdict[Key, set[Key]]:
        """Key -> the other keys with which the model has compared a mention of it."""
        linked: defaultdict[Key, set[Key]] = defaultdict(set)
        for i, j in same:
            left, right = self.keys.get(i), self.keys.get(j)
            if left is not None and right is not None and left != right:
                linked[left].add(right)
                linked[right].add(left)
        return linked

    def attach_by_rule(self, *, weak: bool) -> None:
        """Give nominal mentions the key of the nearest compatible cluster before them.

        ``weak``: also where only kind and closeness speak for it (no model to ask).
        """
        after = self._keys_after()
        counts = self._kind_counts()
        kinds = {key: _majority(found) for key, found in counts.items()}
        before: dict[Key, None] = {}  # each key once, the nearest last
        for i in self.order:
            key = self.keys.get(i)
            if key is None:
                around = Around(
                    tuple(reversed(before)), after[i], self.homes[i], kinds, weak, self.known
                )
                key = nominal_key(self.form(i), around)
                if key is None:
                    continue
                self.keys[i] = key
                counts[key][self.mentions[i].kind] += 1
                kinds[key] = _majority(counts[key])
            if self.mentions[i].start not in self.filed_from:
                before.pop(key, None)
                before[key] = None

    def _keys_after(self) -> dict[int, tuple[Key, ...]]:
        """Mention without a key -> the keys of those behind it, each once, the nearest first."""
        after: dict[int, tuple[Key, ...]] = {}
        seen: dict[Key, None] = {}  # the nearest last
        nearest_first: tuple[Key, ...] | None = ()
        for i in reversed(self.order):
            key = self.keys.get(i)
            if key is not None:
                seen.pop(key, None)
                seen[key] = None
                nearest_first = None
                continue
            if nearest_first is None:  # made once for neighbours without a key
                nearest_first = tuple(reversed(seen))
            after[i] = nearest_first
        return after

    def _kind_counts(self) -> defaultdict[Key, Counter[str]]:
        counts: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        for i, key in self.keys.items():
            counts[key][self.mentions[i].kind] += 1
        return counts

    # ---- result -----------------------------------------------------------------------------

    def clusters(self) -> list[Cluster]:
        members: dict[Key, list[int]] = {}
        for i in self.order:
            if i in self.keys:
                members.setdefault(self.keys[i], []).append(i)
        counts = self._kind_counts()
        result = []
        for key, group in members.items():
            forms = [self.form(i) for i in group]
            twin = key[0] == "province" and ("place", *key[1:]) in members
            who = canonical(key, forms, self.main, self.known, twin=twin)
            kind = who.actor.kind if who.actor is not None else _majority(counts[key])
            result.append(Cluster(who.name, kind, tuple(sorted(group)), who.country, who.actor))
        return result


def _by_model_alone(
    mentions: Sequence[MentionText], same_entity: Mapping[tuple[int, int], float], threshold: float
) -> list[Cluster]:
    """Clusters of at least two mentions of one kind that no rule knows.

    The likeliest pair is joined first; two groups join if the mean over their pairs reaches
    ``threshold``.
    """
    open_kinds = [m.kind not in ENTITY_KINDS | _NO_ENTITIES for m in mentions]
    pairs = {
        (i, j): score
        for (i, j), score in same_entity.items()
        if score >= threshold and open_kinds[i] and mentions[i].kind == mentions[j].kind
    }
    group_of: dict[int, list[int]] = {i: [i] for pair in pairs for i in pair}
    for i, j in sorted(pairs, key=lambda pair: (-pairs[pair], pair)):
        left, right = group_of[i], group_of[j]
        if left is not right and (_mean_probability(same_entity, left, right) or 0) >= threshold:
            left += right
            group_of |= dict.fromkeys(right, left)
    groups = {id(group): sorted(group) for group in group_of.values() if len(group) > 1}
    return [
        Cluster(max((mentions[i].text for i in g), key=len), mentions[g[0]].kind, tuple(g), None)
        for g in groups.values()
    ]


def _may_join(left: Key, right: Key) -> bool:
    """Whether two keys may name one entity: not both established, nor a place and an actor.

    Two people must at least share the last word of their names.
    """
    if (left[0] in _PLACES) != (right[0] in _PLACES):
        return False
    if left[0] not in _OPEN and right[0] not in _OPEN:
        return False
    return not (left[0] == right[0] == "person" and left[-1] != right[-1])


def _abbreviates(acronym: str, name: str) -> bool:
    """Whether the letters of ``acronym`` begin words of ``name``, in order: "MNLA"."""
    acronym = acronym.split("-")[0]  # "FARC-EP"
    initials = iter("".join(part[0] for part in re.split(r"[\s-]+", name) if part).lower())
    return name.lower() == acronym or all(letter in initials for letter in acronym)


def _ranked_after(start: int, keys: Iterable[Key], rank: Mapping[Key, int]) -> list[Key]:
    """Those of ``keys`` whose rank is over ``start``, the lowest last."""
    return sorted((k for k in keys if rank[k] > start), key=lambda k: -rank[k])


def _move_links(linked: defaultdict[Key, set[Key]], drop: Key, keep: Key) -> None:
    """The links of ``drop`` become links of ``keep``."""
    for other in linked.pop(drop, set()):
        linked[other].discard(drop)
        if other != keep:
            linked[other].add(keep)
            linked[keep].add(other)


def _majority(counts: Counter[str]) -> str:
    return counts.most_common(1)[0][0]


def _mean_probability(
    same: Mapping[tuple[int, int], float], left: Sequence[int], right: Sequence[int]
) -> float | None:
    """Mean over the pairs that the model has compared; None if there are none."""
    scores = [
        same[pair] for i in left for j in right if (pair := (i, j) if i < j else (j, i)) in same
    ]
    return sum(scores) / len(scores) if scores else None
