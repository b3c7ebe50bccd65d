"""Word lists: the phrases that are labelled in the examples more often than not.

A phrase is on the list if a large enough share of its occurrences in the examples has one label.
Numbers are alike ("12 miners" lists "40 miners"). Texts are read from the left, and the longest
phrase wins. Runs of capitalised words that are not on the list are labelled as such runs mostly
were behind the same word ("in Dol", "said Eri"). How large a share it takes, how many occurrences,
and whether case is put aside, is chosen on a part of the examples.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from ....document import Mention, Span
from ...tokens import tokenise
from .examples import Labelled, exact, held_out

__all__ = ["Lexicon", "Settings", "label"]

_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
_COUNTS = (1, 2)
_MAX_WORDS = 8
_MAX_CAPITALS = 5
_NUMBERS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety".split()
)
_NUMBER, _HEAD = "0", ""  # any number; what stands before the head of a sentence
_ENDS = frozenset(".!?:\"\u201c\u201d'")

Key = tuple[str, ...]
_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Settings:
    """``share`` and ``count``: the least of each that puts a phrase on the list."""

    share: float
    count: int
    fold_case: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as words: their offsets, how they are looked up, and which are capitalised."""

    tokens: list[Span]
    keys: Key
    capitals: list[bool]

    def before(self, index: int) -> str:
        """The lower-cased word before a word; _HEAD where a sentence begins."""
        word = self.keys[index - 1].lower() if index else _HEAD
        return _HEAD if word in _ENDS else word

    def runs(self, taken: Sequence[bool]) -> Iterator[tuple[int, int]]:
        """The runs of capitalised words that are not taken, as half-open ranges."""
        index = 0
        while index < len(self.tokens):
            end = index
            while end < len(self.tokens) and self.capitals[end] and not taken[end]:
                end += 1
            if index < end <= index + _MAX_CAPITALS:
                yield index, end
            index = max(end, index + 1)


def _read(text: str, *, fold_case: bool) -> _Read:
    tokens = tokenise(text)
    words = [text[t.start : t.end] for t in tokens]
    keys = tuple(
        _NUMBER if w.isdigit() or w.lower() in _NUMBERS else w.lower() if fold_case else w
        for w in words
    )
    return _Read(tokens, keys, [w[0].isupper() for w in words])


class Lexicon:
    """``phrases``: label by phrase. ``behind``: label of runs of capitals by the word before."""

    def __init__(
        self, phrases: Mapping[Key, str], behind: Mapping[str, str], *, fold_case: bool
    ) -> None:
        self.phrases, self.behind, self.fold_case = phrases, behind, fold_case
        self._longest: dict[str, int] = {}  # by first word, in words
        for key in phrases:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def __call__(self, text: str) -> list[Mention]:
        return self.spans(_read(text, fold_case=self.fold_case))

    def spans(self, read: _Read) -> list[Mention]:
        taken = [False] * len(read.tokens)
        found = []
        index = 0
        while index < len(read.tokens):
            start, index = index, index + 1
            longest = start + self._longest.get(read.keys[start], 0)
            for end in range(min(longest, len(read.keys)), start, -1):
                if kind := self.phrases.get(read.keys[start:end]):
                    found.append((start, end, kind))
                    taken[start:end] = [True] * (end - start)
                    index = end
                    break
        for start, end in read.runs(taken):
            if kind := self.behind.get(read.before(start)):
                found.append((start, end, kind))
        tokens = read.tokens
        return [Mention(tokens[a].start, tokens[b - 1].end, kind) for a, b, kind in sorted(found)]


class _Tallies:
    """How often phrases occur in the examples, and how often with which label."""

    def __init__(self, examples: Sequence[Labelled], *, fold_case: bool) -> None:
        self.fold_case = fold_case
        self.phrases: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        self.behind: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.occurrences: Counter[Key] = Counter()
        self.runs: Counter[str] = Counter()
        reads = [_read(e.text, fold_case=fold_case) for e in examples]
        for example, read in zip(examples, reads, strict=True):
            self._take(example, read)
        for read in reads:
            for n in range(1, _MAX_WORDS + 1):
                grams = (read.keys[i : i + n] for i in range(len(read.keys) - n + 1))
                self.occurrences.update(gram for gram in grams if gram in self.phrases)

    def _take(self, example: Labelled, read: _Read) -> None:
        first = {t.start: i for i, t in enumerate(read.tokens)}
        last = {t.end: i + 1 for i, t in enumerate(read.tokens)}
        labels = {}
        for span in example.spans:
            start, end = first.get(span.start), last.get(span.end)
            if start is None or end is None:  # inside a word
                continue
            labels[start, end] = span.kind
            if end - start <= _MAX_WORDS:
                self.phrases[read.keys[start:end]][span.kind] += 1
        for start, end in read.runs([False] * len(read.tokens)):
            self.runs[read.before(start)] += 1
            if kind := labels.get((start, end)):
                self.behind[read.before(start)][kind] += 1

    def lexicon(self, settings: Settings) -> Lexicon:
        return Lexicon(
            _usual(self.phrases, self.occurrences, settings),
            _usual(self.behind, self.runs, settings),
            fold_case=self.fold_case,
        )


def _usual(
    labels: Mapping[_K, Counter[str]], of: Mapping[_K, int], settings: Settings
) -> dict[_K, str]:
    """The most frequent label of each key that has it often enough."""
    chosen = {}
    for key, counts in labels.items():
        kind, n = counts.most_common(1)[0]
        if n >= settings.count and n >= settings.share * of[key]:
            chosen[key] = kind
    return chosen


def fit(examples: Sequence[Labelled]) -> tuple[Lexicon, Settings]:
    """The word lists of all examples, by the settings that do best on a part of them (F1)."""
    kept, rest = held_out(examples)
    best, best_f1 = None, -1.0
    for fold_case in (True, False):
        tallies = _Tallies(kept, fold_case=fold_case)
        reads = [_read(e.text, fold_case=fold_case) for e in rest]
        for share, count in product(_SHARES, _COUNTS):
            settings = Settings(share, count, fold_case)
            lexicon = tallies.lexicon(settings)
            f1 = exact(rest, [lexicon.spans(read) for read in reads]).f1 or 0.0
            if f1 > best_f1:
                best, best_f1 = settings, f1
    assert best is not None
    return _Tallies(examples, fold_case=best.fold_case).lexicon(best), best


def label(examples: Sequence[Labelled], texts: Sequence[str]) -> list[list[Mention]]:
    """Word lists learnt from ``examples`` -> the spans of ``texts`` (an ``examples.Label``)."""
    lexicon, _ = fit(examples)
    return [lexicon(text) for text in texts]
