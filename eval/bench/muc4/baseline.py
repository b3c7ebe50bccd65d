"""Word lists learnt from training templates: what a look-up without any network reaches.

For each incident type the words that tell documents with it from others, by log-odds; a document
has the types whose words in it add up to enough. For each slot the strings that fill it, with the
share of the documents with the string in which it does; and, for strings not seen, the words that
end fillers, with the words that stand before them inside. Documents without a type have no
template, others one for each type; a filler goes to the type with the nearest of its words.

How much is enough is chosen by cross-validation on the training documents: for the types by the F1
of types, for the fillers by CEAF-REE.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, log, sqrt

from ...counts import PRF
from .data import INCIDENT_TYPES, ROLES, Document, Mention, Template
from .score import fillers_score

__all__ = ["Lexicon", "learn", "lexicon"]

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_FOLDS = 5
_TYPE_WORDS = 40  # a type
_MIN_DOCUMENTS = 3  # of a type, with the word
_MAX_WORDS = 8  # a filler that is no known string
_MIN_F1 = 0.3  # of a type: those with few documents are not told by words, and cost more than none
_TYPE_GRID = tuple(i / 2 for i in range(-8, 25))
_SHARE_GRID = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7)

_Words = tuple[str, ...]


class _Text:
    """A text as words in lower case, and where they stand."""

    def __init__(self, text: str) -> None:
        matches = list(_WORD.finditer(text))
        self.text = text
        self.words = tuple(m.group().lower() for m in matches)
        self.starts = [m.start() for m in matches]
        self.ends = [m.end() for m in matches]
        self.known = set(self.words)

    def found(self, strings: _Strings) -> Iterator[tuple[int, _Words]]:
        """Where strings stand (index of the first word), the longest of a place first."""
        for i, word in enumerate(self.words):
            for string in strings.by_first.get(word, ()):
                if self.words[i : i + len(string)] == string:
                    yield i, string


class _Strings:
    """A set of strings of words, to look for."""

    def __init__(self, strings: Iterable[_Words]) -> None:
        self.by_first: dict[str, list[_Words]] = defaultdict(list)
        for string in sorted(strings, key=lambda s: (-len(s), s)):
            self.by_first[string[0]].append(string)


@dataclass(frozen=True)
class _Slot:
    """What fills a slot.

    ``strings``: share of the documents with the string in which it does. ``heads``: the same of
    words as the last of a filler. ``inside``: words that mostly belong to a filler where the word
    behind them does.
    """

    strings: Mapping[_Words, float]
    heads: Mapping[str, float]
    inside: Collection[str]

    @cached_property
    def index(self) -> _Strings:
        return _Strings(self.strings)

    def candidates(self, text: _Text) -> list[tuple[int, int, float]]:
        """(first word, words, share), by place, the better choice of a place first: the longest
        string, then what the words alone tell of strings not seen."""
        found = [(i, len(s), self.strings[s]) for i, s in text.found(self.index)]
        taken = {(i, n) for i, n, _ in found}
        for i in range(len(text.words)):
            n, most = 1, min(_MAX_WORDS, len(text.words) - i)
            while n < most and text.words[i + n - 1] in self.inside:
                n += 1
            share = self.heads.get(text.words[i + n - 1], 0.0)
            if share and (i, n) not in taken:
                found.append((i, n, share))
        # Sorting is stable: strings before others.
        return sorted(found, key=lambda c: c[0])


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``types``: prior log-odds of an incident type, and what each of its words adds. The other
    two are the least sum that gives a document a type, and the least share that fills a slot."""

    types: Mapping[str, tuple[float, Mapping[str, float]]]
    slots: Mapping[str, _Slot]
    least_sum: Mapping[str, float]
    least_share: Mapping[str, float]

    def templates(self, text: str) -> list[Template]:
        read = _Text(text)
        kinds = self._kinds(read)
        fillers = {}
        for role in ROLES:
            candidates = self.slots[role].candidates(read) if kinds else []
            fillers[role] = _chosen(read, candidates, self.least_share[role])
        return _templates(read, fillers, {kind: self.types[kind][1] for kind in kinds})

    def sums(self, text: _Text) -> dict[str, float]:
        """Log-odds of each type."""
        return {
            kind: prior + sum(weight for word, weight in weights.items() if word in text.known)
            for kind, (prior, weights) in self.types.items()
        }

    def _kinds(self, text: _Text) -> list[str]:
        """The types of a document, the surest first."""
        sums = self.sums(text)
        kinds = [kind for kind, total in sums.items() if total >= self.least_sum[kind]]
        return sorted(kinds, key=lambda kind: -sums[kind])


def _chosen(
    text: _Text, candidates: Sequence[tuple[int, int, float]], least: float
) -> list[Mention]:
    """From the left, none overlapping; each string once."""
    found: dict[_Words, Mention] = {}
    end = 0
    for i, n, share in candidates:
        if i >= end and share >= least:
            end = i + n
            start = text.starts[i]
            mention = Mention(text.text[start : text.ends[end - 1]], start)
            found.setdefault(text.words[i:end], mention)
    return list(found.values())


def _templates(
    text: _Text, fillers: Mapping[str, Sequence[Mention]], kinds: Mapping[str, Collection[str]]
) -> list[Template]:
    """One template a type (``kinds``: its words), each filler in that whose word is nearest."""
    if not kinds:
        return []
    told = {
        kind: [s for w, s in zip(text.words, text.starts, strict=True) if w in words]
        for kind, words in kinds.items()
    }
    by_kind: dict[str, dict[str, list[Mention]]] = {k: {r: [] for r in ROLES} for k in kinds}
    for role, mentions in fillers.items():
        for mention in mentions:
            near = {k: min(abs(s - mention.start) for s in at) for k, at in told.items() if at}
            kind = min(near, key=lambda k: near[k]) if near else next(iter(kinds))
            by_kind[kind][role].append(mention)
    return [
        Template(kind, {role: tuple((m,) for m in mentions) for role, mentions in slots.items()})
        for kind, slots in by_kind.items()
    ]


class _Example:
    """A training document, with what is counted of it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = _Text(document.text)
        self.fillers = {
            role: {
                words
                for t in document.templates
                for entity in t.fillers.get(role, ())
                for m in entity
                if (words := _Text(m.text).words)
            }
            for role in ROLES
        }
        self.standing: dict[str, set[_Words]] = {}

    def has(self, kind: str) -> bool:
        return any(kind in t.incident_type for t in self.document.templates)


def learn(documents: Sequence[Document]) -> Lexicon:
    """Lists from all documents; thresholds from documents that the lists have not seen."""
    examples = [_Example(document) for document in documents]
    for role in ROLES:
        strings = _Strings(set().union(*(e.fillers[role] for e in examples)))
        for example in examples:
            example.standing[role] = {s for _, s in example.text.found(strings)}
    scored: list[tuple[_Example, Lexicon]] = []
    for fold in range(_FOLDS):
        lists = _lists([e for i, e in enumerate(examples) if i % _FOLDS != fold])
        scored += [(e, lists) for e in examples[fold::_FOLDS]]
    least_sum = _least_sums(scored)
    scored = [(e, replace(lists, least_sum=least_sum)) for e, lists in scored]
    return replace(_lists(examples), least_sum=least_sum, least_share=_least_shares(scored))


def lexicon(training: Sequence[Document], texts: Iterable[str]) -> list[list[Template]]:
    """Templates of each text, by lists learnt from ``training``."""
    learnt = learn(training)
    return [learnt.templates(text) for text in texts]


def _lists(examples: Sequence[_Example]) -> Lexicon:
    # Documents without a template are told by their words; there, nothing fills anything.
    telling = [e for e in examples if e.document.templates]
    return Lexicon(
        types={kind: _type_words(examples, kind) for kind in INCIDENT_TYPES},
        slots={role: _slot(telling, role) for role in ROLES},
        least_sum=dict.fromkeys(INCIDENT_TYPES, 0.0),
        least_share=dict.fromkeys(ROLES, 0.5),
    )


def _type_words(examples: Sequence[_Example], kind: str) -> tuple[float, dict[str, float]]:
    """Prior log-odds; the words whose log-odds are most standard errors above 0 (half a document
    is added to each count)."""
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    sizes = [0, 0]
    for example in examples:
        has = example.has(kind)
        sizes[has] += 1
        counts[has].update(example.text.known)
    odds, strength = {}, {}
    for word, n in counts[1].items():
        if n < _MIN_DOCUMENTS:
            continue
        table = (n, sizes[1] - n, counts[0][word], sizes[0] - counts[0][word])
        a, b, c, d = (cell + 0.5 for cell in table)
        odds[word] = log(a * d / (b * c))
        strength[word] = odds[word] / sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    chosen = sorted(strength, key=lambda w: (-strength[w], w))[:_TYPE_WORDS]
    prior = log((sizes[1] + 0.5) / (sizes[0] + 0.5))
    return prior, {word: odds[word] for word in chosen if strength[word] > 0}


def _slot(examples: Sequence[_Example], role: str) -> _Slot:
    """Shares count one document more that has the string and not the filler: what was seen once
    is not sure."""
    n_filling, n_standing = Counter[_Words](), Counter[_Words]()
    n_ending, n_known = Counter[str](), Counter[str]()
    n_inside, n_before = Counter[str](), Counter[str]()
    for example in examples:
        n_filling.update(example.fillers[role])
        n_standing.update(example.standing[role])
        n_ending.update({filler[-1] for filler in example.fillers[role]})
        n_known.update(example.text.known)
        words, part = example.text.words, _parts(example.text, example.fillers[role])
        for i in range(len(words) - 1):
            if part[i + 1]:
                n_before[words[i]] += 1
                n_inside[words[i]] += part[i]
    return _Slot(
        strings={s: n / (max(n, n_standing[s]) + 1) for s, n in n_filling.items()},
        heads={w: n / (max(n, n_known[w]) + 1) for w, n in n_ending.items()},
        inside={w for w, n in n_inside.items() if 2 * n > n_before[w]},
    )


def _parts(text: _Text, fillers: Iterable[_Words]) -> list[bool]:
    """Whether each word stands in a filler."""
    part = [False] * len(text.words)
    for i, filler in text.found(_Strings(fillers)):
        part[i : i + len(filler)] = [True] * len(filler)
    return part


def _least_sums(scored: Sequence[tuple[_Example, Lexicon]]) -> dict[str, float]:
    """Of each type, the least sum with the best F1 over documents; none will do if that is low."""
    sums = [(example, lists.sums(example.text)) for example, lists in scored]

    def f1(kind: str, least: float) -> float:
        told = {i for i, (_, s) in enumerate(sums) if s[kind] >= least}
        gold = {i for i, (e, _) in enumerate(sums) if e.has(kind)}
        return PRF(len(told & gold), len(told), len(gold)).f1 or 0.0

    best = {k: max((f1(k, least), least) for least in _TYPE_GRID) for k in INCIDENT_TYPES}
    return {k: least if score >= _MIN_F1 else inf for k, (score, least) in best.items()}


def _least_shares(scored: Sequence[tuple[_Example, Lexicon]]) -> dict[str, float]:
    """Of each role, the least share with the best CEAF-REE F1."""
    counts: dict[tuple[str, float], PRF] = defaultdict(PRF)
    for example, lists in scored:
        has_type = bool(lists._kinds(example.text))
        for role in ROLES:
            candidates = lists.slots[role].candidates(example.text) if has_type else []
            for least in _SHARE_GRID:
                chosen = _chosen(example.text, candidates, least)
                ours = Template("", {role: tuple((mention,) for mention in chosen)})
                counts[role, least] += fillers_score([ours], example.document.templates)[role]
    return {r: max(_SHARE_GRID, key=lambda least: counts[r, least].f1 or 0.0) for r in ROLES}
