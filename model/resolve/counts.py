"""Victim phrases -> numbers, and the victims of one event -> its toll.

``count`` reads one phrase ("more than 250 fighters"), ``toll`` puts the phrases of one event
together. Nothing here raises for any string: what states no number is None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from .dateline import DAY, MONTH, YEAR

__all__ = ["Count", "GroupToll", "Toll", "Victim", "count", "toll"]

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


class Victim(NamedTuple):
    """A victim phrase, its group (a kind or a name) and the text before it (60 characters do)."""

    phrase: str
    group: str
    before: str = ""


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
    "billion": 1_000_000_000,
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
_SOME = frozenset(("several", "few", "many", "couple"))  # before "hundred": at least two
_PAIRS = {"both": 2, "couple": 2, "pair": 2, "twins": 2, "trio": 3, "triplets": 3}
_DROPPED = re.compile(
    r"\b[0-9]{1,3}[- ](?:year|month|week|day)s?[- ]{1,3}old\b"
    r"|\baged? [0-9]{1,3}(?: and [0-9]{1,3})?"
    r"|\([^()]*\)|\b(?:class|grade|article|unit|route) (?:[0-9]+|[a-z]+)\b"
    rf"|{DAY} (?:of )?{MONTH}(?:,? {YEAR})?|(?<![a-z]){MONTH} {DAY}(?:,? {YEAR})?"
    r"|\b[0-9]+(?:st|nd|rd|th)\b|\bno\. ?[0-9]+|(?<=[a-z])[-/][0-9]+|\b[0-9]+%"
    r"|\b[a-z]+[0-9]+[a-z]*\b|\b[0-9]{1,2}/[0-9]{1,2}\b"
)
# As in "victims of the 2004 flood", "those held since 2011".
_OF_YEAR = re.compile(
    r"\b((?:in|since|from|during|until|(?:of|in|from|during|by|with) the)) (?:19|20)[0-9]{2}\b"
    r"|\b(of) (?:19|20)[0-9]{2}$"
)
_AGE_AFTER = re.compile(r"^([^,]+), [0-9]{1,3}(?=,|$)")
_AGE_OF = re.compile(r"\b(man|woman|boy|girl|youth|child) of (?:[0-9]{1,3})\b")
# A share of an unknown whole: "10 per cent of residents", "half of them".
_SHARE = re.compile(
    r"(?:[\w.,-]+ ?(?:%|\bper ?cent\b)"
    r"|\b(?:half|third|quarter|(?:two|three)[- ](?:thirds|quarters))(?: of)?"
    r" (?:the|them|its|all|of)\b"
    r"|\b(?:most|some|many|few|majority|part|percentage|proportion|fraction|rest|remainder) of\b)"
)
_YEAR_ALONE = re.compile(r"^(?:19|20)[0-9]{2}$")
_SUFFIXED = re.compile(r"\b([0-9]+(?:[.,][0-9]+)?)(k|m|mn|mln|bn)\b")
_SUFFIXES = {"k": "thousand", "m": "million", "mn": "million", "mln": "million", "bn": "billion"}
_PART_OF = re.compile(
    r"(?:,|\band|-|;) *(?:at least |about |some )?[\w-]+ of (?:them|whom|these|those)\b"
    r"|\b(?:including|among (?:them|whom)|of (?:whom|the|those|its|their)|out of)\b"
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
    "christians americans russians syrians iraqis turks kurds security militias "
    "number numbers crowd handful majority minority lot bunch mob unit squad platoon battalion "
    "brigade patrol convoy community them they those these us we all most rest remainder half "
    "third everyone everybody public".split()
)
_DETERMINED = re.compile(r"^(?:an?|another|his|her|their|its|the) ")
_POSSESSED = re.compile(r"^(?:an?|another|his|her) ")
_CONJUNCTION = re.compile(r"\s*(?:,\s*(?:and\b)?|\band\b)\s*")
_WHOLE_NOUN = r"(?:people|persons|individuals|dead|deaths|victims|casualties|fatalities)"
# "five people, two children and three women": the rest tells who the five were.
_BREAKDOWN = re.compile(rf"^([^,]*\b{_WHOLE_NOUN}(?: [a-z]+)?)\s?[,:(].*")
_HEAD_STOP = frozenset("of from in with who at for on by under near during along to".split())


def count(phrase: str) -> Count | None:
    """The number that a victim phrase states, or None ("civilians", "several").

    "more than 250 fighters" is (250, None), "between 20 and 30" (20, 30), "up to 40" (40, 40),
    "dozens" (24, None), "several hundred" (200, None), "a soldier" or a person's name (1, 1), "no
    casualties" (0, 0), "12 soldiers and a civilian" (13, 13). Ages, dates and ordinals are no
    numbers of people, nor are shares ("half of them"); parts ("12 people, two of them children")
    do not add.
    """
    if len(phrase) > _MAX_CHARS:
        return None
    words = _normalise(phrase)
    if _NONE_AT_ALL.search(words):
        return Count(0, 0)
    share = _SHARE.search(words)
    if _YEAR_ALONE.match(words) or (share and not _scan(_TOKEN.findall(words[: share.start()]))):
        return None
    words = _without_dates(words)
    found = _numbers(words)
    if found is None:
        if _is_pair(words):
            return Count(2, 2)
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
    words = _SUFFIXED.sub(_full_number, words)
    words = _AGE_OF.sub(r"\1", words)
    aged = _AGE_AFTER.match(words)
    if aged and not _scan(_TOKEN.findall(aged[1])) and _is_single(aged[1], aged[1]):
        words = aged[1] + words[aged.end() :]
    return words


def _without_dates(words: str) -> str:
    return re.sub(r"\s+", " ", _DROPPED.sub(" ", _OF_YEAR.sub(r"\1\2", words))).strip()


def _full_number(match: re.Match[str]) -> str:
    return f"{match[1]} {_SUFFIXES[match[2]]}"


def _numbers(words: str) -> tuple[int, int | None] | None:
    """(low, high) over the words up to the first "including", "of the ..."; None without any."""
    part = _PART_OF.search(words)
    if part and _scan(_TOKEN.findall(words[: part.start()])):
        words = words[: part.start()]
    whole = _BREAKDOWN.match(words)
    if whole and _scan(_TOKEN.findall(whole[1])):
        words = whole[1]
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
    total = sum(number[2] for number in _added(tokens, numbers)) + _singles_beside(words)
    return int(total), int(total)


def _singles_beside(words: str) -> int:
    """How many single persons stand beside the numbers: "12 soldiers and a civilian"."""
    parts = _CONJUNCTION.split(words)
    if len(parts) < 2:
        return 0
    has_number = [bool(_scan(_TOKEN.findall(part))) for part in parts]
    n_led = sum(
        number or _DETERMINED.match(part) is not None
        for part, number in zip(parts, has_number, strict=True)
    )
    if "," in words and n_led < len(parts):  # a comma may also tell who someone is
        return 0
    return sum(
        not number and (i == 0 or _DETERMINED.match(part) is not None) and _is_single(part, part)
        for i, (part, number) in enumerate(zip(parts, has_number, strict=True))
    )


def _is_pair(words: str) -> bool:
    """Two persons without a number: "a guard and a driver", "Harrow and his wife"."""
    parts = re.split(r",? and ", words)
    return (
        len(parts) == 2
        and _POSSESSED.match(parts[1]) is not None
        and all(_is_single(part, part) for part in parts)
    )


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
    scale = (
        tokens[at + 2 : at + 3] if tokens[at + 1 : at + 2] == ["of"] else tokens[at + 1 : at + 2]
    )
    if word in _SOME and scale and scale[0] in _SCALES:  # "several hundred", "a couple of dozen"
        return at, tokens.index(scale[0], at) + 1, 2.0 * _SCALES[scale[0]], True
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
    exact = [v for v in read if not _is_vague(v.phrase)] or read
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
    counts = [_count_in_group(v) for v in victims]
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


def _count_in_group(victim: Victim) -> Count | None:
    found = count(victim.phrase)
    if _NONE_OF.search(victim.before):
        return Count(0, 0)
    if _NEGATED.search(victim.before):  # of "not 12 but 15" the 12 is nothing
        return Count(0, 0) if found is None or found.low in (0, 1) else None
    if found is None and victim.group == _PERSON:
        return Count(1, 1)
    return found if found is None or found.low is not None else None


def _is_vague(phrase: str) -> bool:
    tokens = set(_TOKEN.findall(phrase.lower()))
    vague = tokens & _VAGUE.keys() or (tokens & _SOME and tokens & _SCALES.keys())
    return bool(vague) and not any(token[0].isdigit() for token in tokens)


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


_FUNCTION_WORDS = _HEAD_STOP | frozenset("the an his her their its one another".split())
_WORDS = re.compile(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*")
_TITLES = frozenset(
    "commander leader constable policeman officer inspector teacher minister colonel chief emir "
    "spokesman member cadre militant head deputy former senior police front party judge".split()
)


def _grouped(victims: list[_Counted]) -> list[tuple[GroupToll, bool]]:
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
