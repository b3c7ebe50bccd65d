"""Victim phrases -> numbers, and the victims of one event -> its toll.

``count`` reads one phrase ("more than 250 fighters"), ``toll`` puts the phrases of one event
together. Nothing here raises for any string: what states no number is None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Count", "GroupToll", "Toll", "count", "toll"]

MAX_COUNT = 5_000_000  # larger numbers are no tolls
_MAX_CHARS = 300


@dataclass(frozen=True, slots=True)
class Count:
    """At least ``low``, at most ``high``; None where open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class GroupToll:
    group: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Toll:
    """The number stated for an event, and what the text gives for each group."""

    low: int | None
    high: int | None
    by_group: tuple[GroupToll, ...] = ()


# -- one phrase --------------------------------------------------------------------------------

_SMALL = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * n
    for n, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_SCALES = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "lakh": 100_000,
    "lakhs": 100_000,
    "million": 1_000_000,
    "crore": 10_000_000,
}
# Vague plurals: at least twice the unit (a score is 20).
_VAGUE = {
    "dozens": 24,
    "scores": 40,
    "tens": 20,
    "hundreds": 200,
    "thousands": 2000,
    "millions": 2_000_000,
}
_PAIRS = {"both": 2, "couple": 2, "pair": 2, "twins": 2, "trio": 3, "triplets": 3}
_DROPPED = re.compile(
    r"\b[0-9]{1,3}[- ](?:year|month|week|day)s?[- ]{1,3}old\b"
    r"|\baged? [0-9]{1,3}(?: and [0-9]{1,3})?"
    r"|\([^()]*\)|\b(?:class|grade|article|unit|route) (?:[0-9]+|[a-z]+)\b"
    r"|\b[0-9]+(?:st|nd|rd|th)\b|\bno\. ?[0-9]+|(?<=[a-z])[-/][0-9]+|\b[0-9]+%"
)
_PART_OF = re.compile(
    r"\b(?:including|among (?:them|whom)|of (?:whom|the|those|its|their)|out of)\b"
)
_OPEN_ABOVE = re.compile(r"\b(?:more than|over|at least|no (?:less|fewer) than|upwards? of)\b|>|\+")
_OPEN_BELOW = re.compile(r"\b(?:less|fewer) than\b|\bunder (?=[0-9])")
_NONE_AT_ALL = re.compile(
    r"^(?:no|zero|none|nobody|not (?:one|a single|any)|without)\b(?!\.| (?:less|fewer) than)"
)
_RANGE = re.compile(r"^(?:to|-|and|or)$")
_TOKEN = re.compile(r"[0-9]+(?:,[0-9]{2,3})*(?:\.[0-9]+)?|[^\W\d_]+|[-+,>]")
_PLURALS = frozenset(
    "people persons men women children police troops personnel staff dead wounded injured killed "
    "militia family families group gang crew team delegation population retinue cattle forces "
    "army militiamen gunmen others some many several few civilians terrorists rebels soldiers "
    "militants fighters members jihadists insurgents guerrillas martyrs victims students "
    "protesters casualties officers prisoners hostages journalists workers nationals jews muslims "
    "christians americans russians syrians iraqis turks kurds security militias".split()
)
_HEAD_STOP = frozenset("of from in with who at for on by under near during along to".split())


def count(phrase: str) -> Count | None:
    """The number that a victim phrase states, or None ("civilians", "several").

    "more than 250 fighters" is (250, None), "between 20 and 30" (20, 30), "up to 40" (40, 40),
    "dozens" (24, None), "a soldier" or a person's name (1, 1), "no casualties" (0, 0). Ages and
    ordinals are no numbers of people; parts ("12 people, including four children") do not add.
    """
    if len(phrase) > _MAX_CHARS:
        return None
    words = _normalise(phrase)
    if _NONE_AT_ALL.search(words):
        return Count(0, 0)
    found = _numbers(words)
    if found is None:
        return Count(1, 1) if _is_single(phrase, words) else None
    low, high = found
    if low > MAX_COUNT or (high is not None and high > MAX_COUNT):
        return None
    if high == low and _OPEN_ABOVE.search(words):
        return Count(low, None)
    if high == low and _OPEN_BELOW.search(words):
        return Count(None, high)
    return Count(low, high)


def _normalise(phrase: str) -> str:
    words = re.sub(r"[\u2010-\u2015]", "-", phrase.lower())
    words = re.sub(r"\s+", " ", words).strip(" .,;:[]\"'")
    words = re.sub(r"\bone of\b.*", "one", words)
    words = re.sub(r"\bhalf a (?=dozen|million|thousand)", "0.5 ", words)
    words = re.sub(r"\bquarter of a (?=million)", "0.25 ", words)
    words = re.sub(r"\b(?:a|an) (?=dozen|hundred|thousand|million|lakh)", "one ", words)
    words = re.sub(r"\bfamily of (?=\w)", "", words)
    words = re.sub(rf"\b(?:{'|'.join((*_TENS, *_SMALL))})[- ]years?[- ]old\b", "", words)
    return _DROPPED.sub(" ", words)


def _numbers(words: str) -> tuple[int, int | None] | None:
    """(low, high) over the words up to the first "including", "of the ..."; None without any."""
    part = _PART_OF.search(words)
    if part and _scan(_TOKEN.findall(words[: part.start()])):
        words = words[: part.start()]
    tokens = _TOKEN.findall(words)
    numbers = _scan(tokens)
    if not numbers:
        return None
    first = numbers[0]
    if first[3]:
        return int(first[2]), None
    if len(numbers) > 1:
        gap = tokens[first[1] : numbers[1][0]]
        is_range = len(gap) == 1 and _RANGE.match(gap[0]) is not None
        if is_range and first[2] <= numbers[1][2] and (gap != ["and"] or "between" in tokens):
            return int(first[2]), int(numbers[1][2])
    total = sum(number[2] for number in _added(tokens, numbers))
    return int(total), int(total)


_Number = tuple[int, int, float, bool]  # token range [start, end), value, vague


def _added(tokens: list[str], numbers: list[_Number]) -> list[_Number]:
    """The first number and those joined to it: "three soldiers and two policemen"."""
    added = numbers[:1]
    for left, right in pairwise(numbers):
        gap = tokens[left[1] : right[0]]
        if right[3] or len(gap) < 2 or gap[-1] not in ("and", ",") or set(gap) & _HEAD_STOP:
            break
        added.append(right)
    return added


def _scan(tokens: list[str]) -> list[_Number]:
    """All numbers of a list of lower-case tokens, in order."""
    found: list[_Number] = []
    at = 0
    while at < len(tokens):
        number = _number_at(tokens, at)
        if number is None:
            at += 1
            continue
        found.append(number)
        at = number[1]
    return found


def _number_at(tokens: list[str], at: int) -> _Number | None:
    word = tokens[at]
    if word in _VAGUE:
        value, end = float(_VAGUE[word]), at + 1
        if tokens[end : end + 1] == ["of"] and tokens[end + 1 : end + 2] in (
            ["thousands"],
            ["millions"],
            ["hundreds"],
        ):
            value *= _VAGUE[tokens[end + 1]] / 2
            end += 2
        return at, end, value, True
    if word in _PAIRS:
        return at, at + 1, float(_PAIRS[word]), False
    total, group, end, last_scale = 0.0, 0.0, at, 0
    while end < len(tokens):
        word = tokens[end]
        if word[0] in "0123456789":
            if end > at:
                break
            group = _digits(word)
        elif word in _SMALL or word in _TENS:
            if end > at and not _continues(tokens[end - 1], word):
                break
            group += _SMALL.get(word, _TENS.get(word, 0))
        elif word in _SCALES and (end > at or word in ("hundred", "thousand", "dozen")):
            group = (group or 1) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, group = total + group, 0.0
            last_scale = _SCALES[word]
        elif not (word in ("and", "-") and _joins(tokens, end, at, last_scale)):
            break
        end += 1
    return (at, end, total + group, False) if end > at else None


def _digits(word: str) -> float:
    value = float(word.replace(",", ""))
    return value if value <= 1e12 else 1e12


def _continues(before: str, word: str) -> bool:
    """May a number word follow: "twenty two", "hundred two", "thousand fifty"?"""
    return before in _SCALES or before in ("and", "-") or (before in _TENS and word in _SMALL)


def _joins(tokens: list[str], at: int, start: int, last_scale: int) -> bool:
    """Is this "and" or hyphen inside a number: "two hundred and five", "sixty-two"?"""
    if at == start or at + 1 >= len(tokens):
        return False
    follows = tokens[at + 1]
    if tokens[at] == "-":
        return tokens[at - 1] in _TENS and follows in _SMALL
    return (
        last_scale >= 100 and tokens[at - 1] in _SCALES and (follows in _SMALL or follows in _TENS)
    )


def _is_single(phrase: str, words: str) -> bool:
    """One person: a singular noun, "another", a name."""
    tokens = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", words.split(",")[0])
    if not tokens or tokens[0] in ("several", "some", "many", "few", "number", "unknown"):
        return False
    if "and" in tokens:
        return False
    stop = next((i for i, token in enumerate(tokens) if i and token in _HEAD_STOP), len(tokens))
    head = tokens[stop - 1]
    if head in _PLURALS or head.endswith("men"):
        return False
    if not head.endswith("s") or head.endswith(("ss", "us", "is")):
        return True
    original = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", phrase.split(",")[0])
    return (
        len(original) > 1
        and all(word[:1].isupper() for word in original)
        and not (phrase.isupper())
    )


# -- the toll of an event ----------------------------------------------------------------------

_GENERIC = re.compile(
    r"\b(?:people|persons?|individuals|dead|lives|deaths|killed|bodies|victims|casualties"
    r"|martyrs|fatalities)\b|^\W*(?:at least |more than |over |about |around |some |nearly )?"
    r"[\w,]+\W*$",
    re.I,
)
_SUBSET = re.compile(
    r"\b(?:wom[ae]n|child(?:ren)?|minors?|girls?|boys?|infants?|bab(?:y|ies))\b", re.I
)
_OF_THEM = re.compile(
    rf"\b(?:{'|'.join((*_SMALL, *_TENS))}|some|most|[0-9]+) of (?:the|them|those|whom)\b", re.I
)
_MORE = re.compile(r"\b(?:more|others?|another|additional|further)\b(?! than)", re.I)
_PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class _Victim:
    phrase: str
    group: str
    count: Count

    @property
    def low(self) -> int:
        return self.count.low or 0


def toll(victims: Sequence[tuple[str, str]]) -> Toll | None:
    """The toll of one event from its victim phrases, each with its group (a kind or a name).

    A phrase that repeats a number, or is part of one ("four children" beside "12 people"), adds
    nothing; groups that exclude each other ("30 rebels", "12 soldiers") add up; tolls of one group
    that contradict each other give the lowest as low and the highest as high. None if no phrase
    states a number. A vague word alone ("dozens") gives a low that no one counted.
    """
    read = [
        _Victim(phrase, group, found)
        for phrase, group in victims
        if (found := _count_in_group(phrase, group)) is not None
    ]
    if not read:
        return None
    exact = [v for v in read if not _is_vague(v.phrase)] or read
    several = [v for v in exact if v.low != 1]
    plural = [v for v in several if not _OF_THEM.search(v.phrase)] or several
    if not plural:
        return _toll_of_singles(exact)
    whole = [v for v in plural if not _SUBSET.search(v.phrase)] or plural
    more = [v for v in whole if _MORE.search(v.phrase)]
    base = [v for v in whole if v not in more]
    if not base:
        singles = 1 if any(v.group == _PERSON for v in exact) else 0
        return _sum(_grouped(more), singles)
    extra = max((v.low for v in more), default=0)
    told = {v.low for v in base}
    if extra and told & {low + extra for low in told}:  # "47 people", "31 civilians", "16 others"
        base = [v for v in base if v.low + extra not in told]
    groups = _grouped(base)
    plain = _sum(groups, 0)
    return _sum(groups, extra) if plain.low is not None and extra > plain.low else plain


def _count_in_group(phrase: str, group: str) -> Count | None:
    found = count(phrase)
    if found is None and group == _PERSON:
        return Count(1, 1)
    return found if found is None or found.low is not None else None


def _is_vague(phrase: str) -> bool:
    tokens = set(_TOKEN.findall(phrase.lower()))
    return bool(tokens & _VAGUE.keys()) and not any(token[0].isdigit() for token in tokens)


def _toll_of_singles(victims: list[_Victim]) -> Toll:
    """Named and single victims: as many as there are different names, at least one."""
    if all(v.low == 0 for v in victims):
        return Toll(
            0, 0, tuple(GroupToll(g, 0, 0) for g in dict.fromkeys(v.group for v in victims))
        )
    names: list[set[str]] = []
    for victim in victims:
        words = re.findall(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*", victim.phrase)
        full_name = len(words) > 1 and all(word[0].isupper() for word in words[-2:])
        tokens = {word.lower() for word in words}
        named = victim.group == _PERSON and full_name and not victim.phrase.isupper()
        known = any(tokens & name for name in names)
        if named and not known and not tokens & _TITLES:
            names.append(tokens)
    low = max(1, len(names))
    groups = dict.fromkeys(v.group for v in victims)
    only = tuple(GroupToll(g, low, low) for g in groups) if len(groups) == 1 else ()
    return Toll(low, low, only)


_TITLES = frozenset(
    "commander leader constable policeman officer inspector teacher minister colonel chief emir "
    "spokesman member cadre militant head deputy former senior police front party judge".split()
)


def _grouped(victims: list[_Victim]) -> list[tuple[GroupToll, bool]]:
    """One toll a group, and whether the group says only "people"."""
    found = []
    for group in dict.fromkeys(v.group for v in victims):
        own = [v for v in victims if v.group == group]
        top = max(v.low for v in own)
        rivals = [v for v in own if 2 * v.low >= top]  # less than half: a part, not a rival
        low = min(v.low for v in rivals)
        highs = [v.count.high for v in rivals]
        high = None if None in highs and low == top else max([top, *(h for h in highs if h)])
        generic = all(_GENERIC.search(v.phrase) for v in rivals)
        found.append((GroupToll(group, low, high), generic))
    return found


def _sum(groups: list[tuple[GroupToll, bool]], extra: int) -> Toll:
    generic = [g for g, is_generic in groups if is_generic]
    named = [g for g, is_generic in groups if not is_generic]
    counted = [g for g, _ in groups]
    if generic:
        largest = max(generic, key=lambda g: g.low or 0)
        repeats = any(g.low == largest.low for g in named)
        counted = named if repeats else [largest]
    low = sum(g.low or 0 for g in counted) + extra
    highs = [g.high for g in counted]
    high = None if None in highs else sum(h or 0 for h in highs) + extra
    return Toll(low, high, tuple(g for g, _ in groups))
