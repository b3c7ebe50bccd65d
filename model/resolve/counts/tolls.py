"""The victims of one event -> its toll.

``toll`` adds up victim phrases that are known to tell one toll; which do is for ``choice``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from .numerals import whole_numeral
from .phrases import NUMBER_WORDS, PREPOSITIONS, Count, count, is_vague

__all__ = ["GroupToll", "Toll", "Victim", "count_in_group", "joined", "toll"]


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


class Victim(NamedTuple):
    """A victim phrase, its group (a kind or a name) and the text before it (60 characters do)."""

    phrase: str
    group: str
    before: str = ""


_GENERIC = re.compile(
    r"\b(?:people|persons?|individuals|men|dead|lives|deaths|killed|bodies|victims|casualties"
    r"|martyrs|fatalities)\b|^\W*(?:at least |more than |over |about |around |some |nearly )?"
    r"[\w,]+\W*$",
    re.I,
)
_SUBSET = re.compile(
    r"\b(?:wom[ae]n|child(?:ren)?|minors?|girls?|boys?|infants?|bab(?:y|ies))\b", re.I
)
_OF_THEM = re.compile(
    rf"\b(?:{'|'.join(NUMBER_WORDS)}|some|most|[0-9]+) of (?:the|them|those|whom)\b", re.I
)
_MORE = re.compile(r"\b(?:more|others?|another|additional|further)\b(?! than)", re.I)
_PERSON = "PERSON"
_NEGATED = re.compile(r"\b(?:no|not|nor|without|without any|zero)\s+$", re.I)
_NONE_OF = re.compile(
    r"\b(?:none|nobody|no one|not (?:one|any)|neither) of "
    r"(?:(?:the|its|their|these|those|his|her)\s+)?$",
    re.I,
)
_AS_PART = re.compile(r"\b(?:including|among (?:them|whom)|of whom)\W+(?:at least |about )?$", re.I)
_COMMA = re.compile(r"\s*,\s*(?:(?:the|an?|at least|some|about|more than|over)\s+)*$", re.I)
_AND = re.compile(
    r"[\W_]+(?:and|as well as|along with|together with|plus)\s+"
    r"(?:(?:the|an?|his|her|their|its|another|at least|some|about)\s+)*$",
    re.I,
)
_KIN = re.compile(
    r"\b(?:sons?|daughters?|wife|wives|husband|brothers?|sisters?|mother|father|nephew|niece"
    r"|cousin|uncle|aunt|grand(?:son|daughter|father|mother|child)|bodyguard|driver)$",
    re.I,
)
_HIS = re.compile(r"\b(?:his|her|their)(?: [\w-]+)? $", re.I)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A victim with its number; ``beside``: it is told to come on top of the victim before."""

    phrase: str
    group: str
    count: Count
    before: str = ""
    beside: bool = False
    parts: tuple[_Counted, ...] = ()  # of victims of one group that a list adds up

    @property
    def low(self) -> int:
        return self.count.low or 0


def joined(victims: Sequence[Victim]) -> list[bool]:
    """Which victims an "and" or a list puts beside the one before them."""
    return _listed(victims, [count_in_group(v) for v in victims])


def toll(victims: Sequence[tuple[str, str] | Victim]) -> Toll | None:
    """The toll of one event from its victim phrases in the order of the text.

    A phrase that repeats a number, or is part of one ("four children" beside "12 people"), adds
    nothing; groups that exclude each other ("30 rebels", "12 soldiers", "a policeman") add up, and
    so do phrases that an "and" or a list joins, where ``before`` tells it (``by_group`` then has an
    entry for each); tolls of one group that contradict
    each other give the lowest as low and the highest as high. Single victims that may be one person
    told twice ("a teacher", "Madan Roy") count once, and ``high`` is then open. A "no" before a
    phrase makes it 0. None if no phrase states a number. A vague word alone ("dozens") gives a low
    that no one counted.
    """
    read = _read([Victim(*victim) for victim in victims])
    if not read:
        return None
    read = [v for v in read if v.low or v.count.high] or read  # "no one" but "two guards"
    exact = [v for v in read if not is_vague(v.phrase)] or read
    several = [v for v in exact if v.low != 1]
    plural = [v for v in several if not _OF_THEM.search(v.phrase)] or several
    if not plural or all(v.low == 0 for v in exact):
        return _toll_of_singles(exact)
    whole = [v for v in plural if not _SUBSET.search(v.phrase)] or plural
    whole = [v for v in whole if not _AS_PART.search(v.before)] or whole
    more = [v for v in whole if _MORE.search(v.phrase)]
    base = [v for v in whole if v not in more]
    apart, singles = _singles_apart(exact, base or more)
    if not base:
        groups = _grouped(more) + apart
        named = any(v.group == _PERSON for v in exact) and not apart
        return _sum(groups, max(singles, int(named)))
    extra = max((v.low for v in more), default=0)
    told = {v.low for v in base}
    if extra and told & {low + extra for low in told}:  # "47 people", "31 civilians", "16 others"
        base = [v for v in base if v.low + extra not in told]
    groups = _grouped(base) + apart
    plain = _sum(groups, singles)
    more_than_told = plain.low is not None and extra > plain.low
    return _by_parts(_sum(groups, extra + singles) if more_than_told else plain, base)


def _by_parts(total: Toll, victims: Sequence[_Counted]) -> Toll:
    """Each group that a list adds up, by the members of the list."""
    groups: list[GroupToll] = []
    for group in total.by_group:
        parts = next(
            (v.parts for v in victims if v.parts and (v.group, v.low) == (group.group, group.low)),
            (),
        )
        groups += [GroupToll(p.group, p.low, p.count.high) for p in parts] or [group]
    return Toll(total.low, total.high, tuple(groups))


def _read(victims: Sequence[Victim]) -> list[_Counted]:
    """The victims that state a number; those of one group that a list joins become one."""
    counts = [count_in_group(v) for v in victims]
    beside = _listed(victims, counts)
    read: list[_Counted] = []
    for victim, found, joins in zip(victims, counts, beside, strict=True):
        if found is None:
            continue
        own = _Counted(victim.phrase, victim.group, found, victim.before, joins)
        alike = joins and read[-1].group == own.group and max(own.low, read[-1].low) > 1
        if alike and min(own.low, read[-1].low) > 0:
            read[-1] = _together(read[-1], own)
        else:
            read.append(own)
    return read


def _listed(victims: Sequence[Victim], counts: Sequence[Count | None]) -> list[bool]:
    """Which victims come on top of the one before: after "and", or a comma in a list with "and".

    A list whose first number is the sum of the rest tells the parts of a whole.
    """
    stated = [c is not None for c in counts]
    lows = [(c.low or 0) if c else 0 for c in counts]
    beside = [False] * len(victims)
    for i in range(len(victims) - 1, 0, -1):
        if not stated[i - 1]:
            continue
        last, before = victims[i - 1].phrase, victims[i].before
        if _joined(last, before, _AND):
            beside[i] = True
        elif i + 1 < len(victims) and beside[i + 1] and _joined(last, before, _COMMA):
            end = next((k for k in range(i + 1, len(victims)) if not beside[k]), len(victims))
            whole = lows[i - 1] in (sum(lows[i:end]), 0) or _GENERIC.search(last)
            beside[i] = not whole
    return beside


def _joined(phrase: str, before: str, link: re.Pattern[str]) -> bool:
    """Does the text before a phrase end in ``phrase`` and a link such as "and"?"""
    found = link.search(before)
    if not found:
        return False
    left, words = before[: found.start()].rstrip("\"' ,"), phrase.rstrip("\"' ,")
    if not words or not left.endswith(words[-len(left) :]):
        return False
    return not left[: -len(words)][-1:].isalnum() or len(words) >= len(left)


def _together(left: _Counted, right: _Counted) -> _Counted:
    high = None
    if left.count.high is not None and right.count.high is not None:
        high = left.count.high + right.count.high
    phrase = f"{left.phrase} and {right.phrase}"
    total = Count(left.low + right.low, high)
    parts = (*(left.parts or (left,)), right)
    return _Counted(phrase, left.group, total, left.before, left.beside, parts)


def _singles_apart(
    victims: Sequence[_Counted], base: Sequence[_Counted]
) -> tuple[list[tuple[GroupToll, bool]], int]:
    """Single victims on top of those in ``base``: of other groups, and persons joined by "and"."""
    if any(_GENERIC.search(v.phrase) for v in base):
        return [], 0
    groups = {v.group for v in base} | {_PERSON}
    single = [v.group for v in victims if v.low == 1 and not _AS_PART.search(v.before)]
    apart = [g for g in dict.fromkeys(single) if g not in groups]
    joined = sum(
        right.beside
        and min(left.low, right.low) == 1
        and _PERSON in (left.group, right.group)
        and (left in base or right in base)
        for left, right in pairwise(victims)
    )
    return [(GroupToll(g, 1, 1), False) for g in apart], joined


def count_in_group(victim: Victim) -> Count | None:
    """The number of a phrase with what stands before it: "no", "none of the"; a person is one."""
    phrase = whole_numeral(victim.phrase, victim.before)
    found = count(phrase)
    if _NONE_OF.search(victim.before):
        return Count(0, 0)
    # Of "not 12 but 15" the 12 is nothing.
    if phrase == victim.phrase and _NEGATED.search(victim.before):
        return Count(0, 0) if found is None or found.low in (0, 1) else None
    if found is None and victim.group == _PERSON:
        return Count(1, 1)
    return found if found is None or found.low is not None else None


def _toll_of_singles(victims: list[_Counted]) -> Toll:
    """Named and single victims: as many as are surely different, at least one."""
    if all(v.low == 0 for v in victims):
        return Toll(
            0, 0, tuple(GroupToll(g, 0, 0) for g in dict.fromkeys(v.group for v in victims))
        )
    victims = [v for v in victims if v.low > 0]
    names = _different_names(victims)
    groups = list(dict.fromkeys(v.group for v in victims))
    own = {group: [v for v in victims if v.group == group] for group in groups}
    sure = {group: _n_different(own[group], group) for group in groups}
    low = max(1, len(names), sum(sure.values()))
    high = low if _n_forms(victims) <= low else None
    if len(groups) == 1:
        return Toll(low, high, (GroupToll(groups[0], low, high),))
    apart = tuple(GroupToll(g, n, n if high is not None else None) for g, n in sure.items())
    return Toll(low, high, () if _PERSON in groups else apart)


def _n_different(victims: Sequence[_Counted], group: str) -> int:
    """How many single victims of a group are surely different; a named person may be any other."""
    kin = {_head(v.phrase) for v in victims if _is_kin(v)}
    others = [v for v in victims if not _is_kin(v) and group != _PERSON]
    return len(kin) + bool(others) + any(v.beside for v in others[1:])


def _is_generic(phrase: str) -> bool:
    """Does a phrase count people of whatever group: "12 people", "22"?"""
    return _GENERIC.search(phrase) is not None


def _different_names(victims: Sequence[_Counted]) -> list[set[str]]:
    names: list[set[str]] = []
    for victim in victims:
        words = _WORDS.findall(victim.phrase)
        full_name = len(words) > 1 and all(word[0].isupper() for word in words[-2:])
        tokens = {word.lower() for word in words}
        named = victim.group == _PERSON and full_name and not victim.phrase.isupper()
        known = any(tokens & name for name in names)
        if named and not known and not tokens & _TITLES:
            names.append(tokens)
    return names


def _n_forms(victims: Sequence[_Counted]) -> int:
    """How many victims there are at most: each that shares no word with another, as told."""
    forms: list[set[str]] = []
    for left, victim in zip([None, *victims], victims, strict=False):
        tokens = {word.lower() for word in _WORDS.findall(victim.phrase)} - _FUNCTION_WORDS
        same = next((form for form in forms if tokens & form), None)
        if same is None and left is not None and _in_apposition(left.phrase, victim.before):
            same = forms[-1]
        if same is None or _MORE.search(victim.phrase):
            forms.append(tokens)
        else:
            same |= tokens
    return len(forms)


def _in_apposition(phrase: str, before: str) -> bool:
    """Is a phrase told right after another, as in "teacher Madan Roy", "Roy, a teacher"?"""
    left = re.sub(r"[\W_]*(?:\b(?:the|an?))?\s*$", "", before)
    return bool(phrase) and left.endswith(phrase[-30:])


def _is_kin(victim: _Counted) -> bool:
    """ "his son": another person than he."""
    told = re.match(r"(?:his|her|their) ", victim.phrase, re.I) or _HIS.search(victim.before)
    return told is not None and _KIN.search(victim.phrase) is not None


def _head(phrase: str) -> str:
    words: list[str] = _WORDS.findall(phrase.lower())
    return words[-1] if words else ""


_FUNCTION_WORDS = PREPOSITIONS | frozenset("the an his her their its one another".split())
_WORDS = re.compile(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*")
_TITLES = frozenset(
    "commander leader constable policeman officer inspector teacher minister colonel chief emir "
    "spokesman member cadre militant head deputy former senior police front party judge".split()
)


def _grouped(victims: list[_Counted]) -> list[tuple[GroupToll, bool]]:
    """One toll a group, and whether the group says only "people" of whatever group."""
    found = []
    added = {
        id(v)
        for left, right in pairwise(victims)
        if right.beside and left.group != right.group
        for v in (left, right)
    }
    for group in dict.fromkeys(v.group for v in victims):
        own = [v for v in victims if v.group == group]
        told = {p.low for v in own for p in v.parts}
        own = [v for v in own if v.parts or v.low not in told]  # a list says more than its parts
        top = max(v.low for v in own)
        rivals = [v for v in own if 2 * v.low >= top]  # less than half: a part, not a rival
        low = min(v.low for v in rivals)
        highs = [v.count.high for v in rivals]
        high = None if None in highs else max(h or 0 for h in highs)
        of_people = all(_is_generic(v.phrase) and id(v) not in added for v in rivals)
        found.append((GroupToll(group, low, high), of_people))
    return found


def _sum(groups: list[tuple[GroupToll, bool]], extra: int) -> Toll:
    generic = [g for g, of_people in groups if of_people]
    named = [g for g, of_people in groups if not of_people]
    counted = [g for g, _ in groups]
    if generic:
        largest = max(generic, key=lambda g: g.low or 0)
        told = sum(g.low or 0 for g in named) >= (largest.low or 0)
        counted = named if told else [largest]
    low = sum(g.low or 0 for g in counted) + extra
    highs = [g.high for g in counted]
    high = None if None in highs else sum(h or 0 for h in highs) + extra
    return Toll(low, high, tuple(g for g, _ in groups))
