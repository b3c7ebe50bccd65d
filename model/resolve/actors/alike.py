"""Another spelling of a name -> the name in a list: "Boko Haraam"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ..countries.terms import PLACE, find_countries
from .known import Alias

__all__ = ["Alike"]


class Alike:
    """Names that are spelled like one in a list.

    Two names are alike if all their words pair off, in order: words are equal but for vowels, or
    of a likeness (1 less the share of letters to edit) of at least ``_MIN_WORD``, and the whole of
    at least ``_MIN_WHOLE``. Words that stand in names of the list, and words for countries, are
    never taken for each other: "front", "army", "Iraqi", "Iranian" tell groups apart. A name that
    is like those of two actors is like none. training/LOG.md tells how the thresholds were chosen.
    """

    _MIN_LETTERS = 8  # of the whole name
    _MIN_WORD = 0.7
    _MIN_WHOLE = 0.84

    def __init__(self, aliases: Mapping[str, Sequence[Alias]]) -> None:
        self._names: dict[str, str] = {}  # a name as it is compared -> its key in ``aliases``
        self._aliases = aliases
        for key, found in aliases.items():
            if any(a.actor.kind in _COMPARED and a.acronym is None for a in found):
                words = _compared(key)
                if len(words.replace(" ", "")) >= self._MIN_LETTERS:
                    self._names.setdefault(words, key)
        self._known = frozenset(" ".join(self._names).split())
        self.nearest = lru_cache(maxsize=8192)(self._nearest)  # texts repeat their names

    def _nearest(self, key: str) -> str | None:
        """Key in ``aliases`` of the name most like that of ``key``, or None."""
        words = _compared(key)
        if len(words.replace(" ", "")) < self._MIN_LETTERS:
            return None
        near = process.extract(
            words,
            self._names.keys(),
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=self._MIN_WHOLE,
            limit=5,
        )
        keys = [self._names[name] for name, _, _ in near if self._pair_off(words, name)]
        actors = {frozenset(alias.actor.id for alias in self._aliases[key]) for key in keys}
        return keys[0] if len(actors) == 1 else None

    def _pair_off(self, left: str, right: str) -> bool:
        a, b = left.split(), right.split()
        return len(a) == len(b) and all(
            x == y
            or (_consonants(x) == _consonants(y) and not _of_a_country(x, y))
            or (
                x not in self._known
                and Levenshtein.normalized_similarity(x, y) >= self._MIN_WORD
                and not _of_a_country(x, y)
            )
            for x, y in zip(a, b, strict=True)
        )


def _of_a_country(*words: str) -> bool:
    return any(hit.sort != PLACE for word in words for hit in find_countries(word.capitalize()))


_COMPARED = frozenset({"ARMED_GROUP", "POLITICAL", "INTERNATIONAL", "MILITARY", "POLICE"})
_ARTICLES = frozenset({"al", "el", "the", "as", "ash", "an", "ul", "e", "i"})


def _compared(key: str) -> str:
    return " ".join(word for word in key.split() if word not in _ARTICLES)


def _consonants(word: str) -> str:
    """What stays of a word however its vowels are written: "jaysh", "jaish"."""
    kept = word[:1] + re.sub(r"[aeiouyhw]", "", word[1:])
    return re.sub(r"(.)\1+", r"\1", kept)
