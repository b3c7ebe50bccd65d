"""Phrases that count people -> numbers: "more than 250 fighters", "a family of six".

Nothing here raises for any string: what states no number is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ..dates.days import DAY, MONTH, YEAR
from .numerals import plain_numerals

__all__ = ["MAX_COUNT", "NUMBER_WORDS", "PREPOSITIONS", "Count", "count", "is_absurd", "is_vague"]

# More people than ever did one thing (250 million struck in India in 2020; about 120 million people
# are displaced worldwide): larger numbers are slips, or no numbers of people.
MAX_COUNT = 500_000_000
_MAX_CHARS = 300


@dataclass(frozen=True, slots=True)
class Count:
    """At least ``low``, at most ``high``; None where open."""

    low: int | None
    high: int | None


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
NUMBER_WORDS = (*_SMALL, *_TENS)
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
    r"|\b[0-9]{1,2}:[0-9]{2}\b|\b[a-z]+[0-9]+[a-z]*\b|\b[0-9]{1,2}/[0-9]{1,2}\b"
)
# As in "victims of the 2004 flood", "those held since 2011".
_OF_YEAR = re.compile(
    r"\b((?:in|since|from|during|until|(?:of|in|from|during|by|with) the)) (?:19|20)[0-9]{2}\b"
    r"|\b(of) (?:19|20)[0-9]{2}$"
)
_AGE_AFTER = re.compile(r"^([^,]+), [0-9]{1,3}(?=,|$)")
# As in "a father of four", "a soldier of 44 Rifles", "a 14 Rifles soldier": one person.
_PARENT_OF = re.compile(
    r"\b((?:grand)?(?:father|mother|parent)|widow(?:er)?) of "
    rf"(?:[0-9]{{1,2}}|{'|'.join((*_TENS, *_SMALL))}|twins|triplets)\b"
)
_MEMBER = (
    r"(?:soldier|jawan|trooper|police(?:man|woman)|constable|officer|guard|ranger|captain|major"
    r"|lieutenant|colonel|sergeant|corporal|commander|member|cadre|fighter)"
)
_OF_UNIT = re.compile(rf"^([a-z' -]*\b{_MEMBER}) (?:of|from|in|with) (?:the )?[0-9]")
_IN_UNIT = re.compile(
    r"^(?:an? )?[0-9]{1,3} (?:[a-z]+ ){0,3}"
    rf"(?:regiment|rifles|corps|battalion|brigade|division|para|infantry) ({_MEMBER})$"
)
_AGE_OF = re.compile(r"\b(man|woman|boy|girl|youth|child) of (?:[0-9]{1,3})\b")
# A share of an unknown whole: "10 per cent of residents", "half of them".
_SHARE = re.compile(
    r"(?:[\w.,-]+ ?(?:%|\bper ?cent\b)|\b[1-9]/[1-9][0-9]? (?:of )?(?:the|them|its|all)\b"
    r"|\b(?:half|third|quarter|(?:two|three)[- ](?:thirds|quarters))(?: of)?"
    r" (?:the|them|its|all|of)\b"
    r"|\b(?:most|some|many|few|majority|part|percentage|proportion|fraction|rest|remainder) of\b)"
)
_LONG_NUMBER = re.compile(r"[0-9]{10}")
_YEAR_ALONE = re.compile(r"^(?:19|20)[0-9]{2}$")
_SUFFIXED = re.compile(r"\b([0-9]+(?:[.,][0-9]+)?)(k|m|mn|mln|bn)\b")
_SUFFIXES = {"k": "thousand", "m": "million", "mn": "million", "mln": "million", "bn": "billion"}
_PART_OF = re.compile(
    r"(?:,|\band|-|;) *(?:at least |about |some )?[\w-]+ of (?:them|whom|these|those)\b"
    r"|\b(?:including|among (?:them|whom)|of (?:whom|the|those|its|their)|out of)\b"
)
_OPEN_ABOVE = re.compile(
    r"(?<!\bno )(?<!\bnot )\b(?:more than|over|at least|(?:no|not) (?:less|fewer) than"
    r"|upwards? of)\b"
    r"|>|\+"
)
_OPEN_BELOW = re.compile(r"\b(?:less|fewer) than\b|\bunder (?=[0-9])")
_NONE_AT_ALL = re.compile(
    r"^(?:no|zero|none|nobody|not (?:one|a single|any)|without)\b(?!\.| (?:less|fewer|more) than)"
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
_POSSESSIVES = ("his", "her", "their")
_CONJUNCTION = re.compile(r"\s*(?:,\s*(?:and\b)?|\band\b)\s*")
_WHOLE_NOUN = r"(?:people|persons|individuals|dead|deaths|victims|casualties|fatalities)"
# "five people, two children and three women": the rest tells who the five were.
_BREAKDOWN = re.compile(rf"^([^,]*\b{_WHOLE_NOUN}(?: [a-z]+)?)\s?[,:(].*")
PREPOSITIONS = frozenset("of from in with who at for on by under near during along to".split())


def count(phrase: str) -> Count | None:
    """The number that a victim phrase states, or None ("civilians", "several").

    "more than 250 fighters" is (250, None), "between 20 and 30" (20, 30), "up to 40" (40, 40),
    "dozens" (24, None), "several hundred" (200, None), "a soldier" or a person's name (1, 1), "no
    casualties" (0, 0), "12 soldiers and a civilian" (13, 13). Ages, dates and ordinals are no
    numbers of people, nor are shares ("half of them") and numbers that are miswritten ("1,23
    soldiers", "-5 people"); parts ("12 people, two of them children") do not add.
    """
    found = _stated(phrase) if len(phrase) <= _MAX_CHARS else None
    if found is None or max(found.low or 0, found.high or 0) > MAX_COUNT:
        return None
    return found


def is_absurd(phrase: str) -> bool:
    """Does the phrase state a number that is too large to be one of people?"""
    if len(phrase) > _MAX_CHARS:
        return _LONG_NUMBER.search(phrase) is not None
    found = _stated(phrase)
    return found is not None and max(found.low or 0, found.high or 0) > MAX_COUNT


@lru_cache(maxsize=8192)  # a phrase is asked for by both harms and each event of a text
def _stated(phrase: str) -> Count | None:
    """``count``, however large."""
    words = _normalise(phrase)
    if _NONE_AT_ALL.search(words):
        return Count(0, 0)
    share = _SHARE.search(words)
    if _YEAR_ALONE.match(words) or (share and not _scan(_TOKEN.findall(words[: share.start()]))):
        return None
    plain = plain_numerals(_without_dates(words))
    if plain is None:
        return None
    words = plain
    found = _numbers(words)
    if found is None:
        if _is_pair(words):
            return Count(2, 2)
        return Count(1, 1) if _is_single(phrase, words) else None
    low, high = found
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
    words = _PARENT_OF.sub(r"\1", _AGE_OF.sub(r"\1", words))
    for unit in (_OF_UNIT, _IN_UNIT):
        member = unit.match(words)
        words = member[1] if member and not _scan(_TOKEN.findall(member[1])) else words
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
        if gap and gap[-1] in _POSSESSIVES:
            gap = gap[:-1]
        bare = len(gap) < 2 and tokens[left[0]] not in _PAIRS  # "200 and 3" is no sum
        if right[3] or bare or gap[-1:] not in (["and"], [","]) or set(gap) & PREPOSITIONS:
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
    stop = next((i for i, token in enumerate(tokens) if i and token in PREPOSITIONS), len(tokens))
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


def is_vague(phrase: str) -> bool:
    """Does the phrase give no more than a magnitude: "dozens", "several hundred"?"""
    tokens = set(_TOKEN.findall(phrase.lower()))
    vague = tokens & _VAGUE.keys() or (tokens & _SOME and tokens & _SCALES.keys())
    return bool(vague) and not any(token[0].isdigit() for token in tokens)
