"""What the words around a victim phrase or a trigger say of a toll: killed, injured, nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from .phrases import NUMBER_WORDS

__all__ = ["Fate", "Harm", "Nobody", "fate", "nobody_harmed", "number_of_deaths"]

Harm = Literal["killed", "injured"]
Fate = Literal["killed", "injured", "both"]

_KILLED = (
    r"kill(?:ed|s|ing)?|dead|die[ds]?|dying|deaths?|slain|murder(?:ed|s|ing)?|massacr(?:ed?|ing)"
    r"|executed|perished|succumbed|assassinat(?:ed|ing|ion)|martyred|behead(?:ed|ing)|lives|life"
    r"|bodies|fatalit(?:y|ies)|slaughtered|hacked|gunned"
)
_INJURED = r"injur(?:ed|es|ing|ies|y)|wound(?:ed|ing|s)?|hurt|hospitali[sz]ed|maimed"
_TOLL = (
    r"(?:death )?tolls?(?: (?:rising|rises|rose|risen|reach(?:es|ed)|stands?|stood|is|was|now))*"
)
_LINK = r"\W+(?:and|or|&)\W+(?:the\W+)?"
_CUE = re.compile(
    rf"\b(?:(?P<both>(?:{_KILLED}){_LINK}(?:{_INJURED})|(?:{_INJURED}){_LINK}(?:{_KILLED}))"
    rf"|(?P<killed>{_TOLL}|{_KILLED})|(?P<injured>{_INJURED}))\b",
    re.I,
)
# Words that may stand between a phrase and what is said of it: "12 people [were reported] killed".
_UP_TO_VERB = re.compile(
    r"^\W*(?:(?:who|which|that|were|was|have|had|has|been|are|is|being|be|got|get|also|others?"
    r"|people|more|left|lay|lie|reported(?:ly)?|allegedly|later|then|of (?:whom|them)"
    r"|(?:including|among them|mostly|most of them) [^.;]{1,60}?(?= (?:were|was|have|had|has|are))"
    r"|recorded|feared|believed|presumed|to have|in the|sustained|suffered|received"
    r"|serious(?:ly)?|critical(?:ly)?|severely|badly"
    r"|slightly|lightly|bullet|minor|by|shot|found|confirmed|immediately|subsequently)\W+)*$",
    re.I,
)
# And between a verb and its object: "killing [at least] 12", "injuries [to a] woman".
_UP_TO_OBJECT = re.compile(
    r"^\W*(?:(?:of|to|the|an?|at|least|some|about|around|another|up|more|than|over|nearly|almost|as"
    r"|many|by|her|his|their|its|estimated|all|both|only|and|other|also|serious|several|dozens|in)"
    r"\W+)*$",
    re.I,
)
_BEFORE, _AFTER = 80, 120  # characters that are looked at


def fate(text: str, span: tuple[int, int], sentence: tuple[int, int]) -> Fate | None:
    """What is said of the people at ``span``: by the phrase itself, the verb after it
    ("12 were killed and 30 injured") or the one before it ("killing 12 and wounding 30").

    ``span`` and ``sentence`` are code-point ranges. None if no such word stands close enough.
    """
    start, end = span
    own = list(_CUE.finditer(text, start, end))
    if own:
        return _said(own[-1])
    after = text[end : min(sentence[1], end + _AFTER)]
    verb = _CUE.search(after)
    if verb and _UP_TO_VERB.match(after[: verb.start()]):
        return _said(verb)
    before = text[max(sentence[0], start - _BEFORE) : start]
    verbs = list(_CUE.finditer(before))
    if verbs and _UP_TO_OBJECT.match(before[verbs[-1].end() :]):
        return _said(verbs[-1])
    return None


def _said(match: re.Match[str]) -> Fate:
    return "both" if match["both"] else "killed" if match["killed"] else "injured"


class Nobody(NamedTuple):
    """Words at ``start`` that say that nobody came to harm, and to which."""

    start: int
    harms: frozenset[Harm]


_NOBODY = re.compile(
    r"\b(?:no|without(?: causing)?)\s+"
    r"(?:(?:any|human|civilian|reported|reports? of|further)\s+){0,3}"
    r"(?:(?P<all>casualt(?:y|ies)|loss(?:es)? of (?:human )?li(?:fe|ves))"
    r"|(?P<dead>deaths?|fatalit(?:y|ies)))\b(?!\W+(?:figures?|counts?|tolls?|numbers?))"
    r"|\b(?:no ?-?one|nobody|none(?: of [\w' ]{1,40}?)?|no (?:[\w']+ ){1,3}?)\s*"
    r"(?:was|were|has been|have been|had been|is|are) (?:reported(?:ly)? |seriously )?"
    r"(?P<verbs>(?:killed|injured|wounded|hurt|harmed)"
    r"(?: (?:or|nor|and) (?:killed|injured|wounded|hurt))?)\b",
    re.I,
)


def nobody_harmed(text: str, start: int, end: int) -> Iterator[Nobody]:
    """Statements that an event harmed nobody: "no casualties", "no one was injured".

    "No word on casualties" is none.
    """
    for match in _NOBODY.finditer(text, start, end):
        harms: set[Harm] = set()
        verbs = (match["verbs"] or "").lower()
        if match["all"] or match["dead"] or re.search("killed|hurt|harmed", verbs):
            harms.add("killed")
        if match["all"] or re.search("injured|wounded|hurt|harmed", verbs):
            harms.add("injured")
        yield Nobody(match.start(), frozenset(harms))


_DEATHS = re.compile(r"(?:deaths|killings|murders|homicides|assassinations|executions|fatalities)$")
_NUMBER = rf"(?:[0-9][0-9,]*|(?:{'|'.join(NUMBER_WORDS)}|hundred|thousand)\b)"
_NUMBER_BEFORE = re.compile(
    rf"((?:(?:at least|more than|over|about|some|nearly)\s+)?{_NUMBER}(?:[ -]{_NUMBER})*)"
    r"(?:\s+[a-z]+){0,2}\s+$",
    re.I,
)


_DIED = re.compile(r"(?:died|dies|succumb(?:ed|s)|perished|dead)|(?P<passive>killed)", re.I)
_NUMBER_DIED = re.compile(
    rf"(?<![\w-])(?<!aged )(?<!at )((?:at least\s+)?{_NUMBER})"
    r"(?:\s+of\s+(?:them|whom|(?:the|these|those)\s+\w+))?"
    r"(?:\s+(?:also|later|then|subsequently|reportedly|(?:ha[sd]|have)(?: since)?))*"
    r"(?P<passive>\s+(?:was|were|been))?(?:\s+(?:also|later|then|reportedly))?\s+$",
    re.I,
)


def number_of_deaths(text: str, trigger: tuple[int, int]) -> str | None:
    """The number that stands before a noun for deaths, or is all that is said of who died:
    "512 homicides", "21 targeted killings", "one succumbed", "two of them later died".
    """
    start, end = trigger
    words, before = text[start:end].lower(), text[max(0, start - _BEFORE) : start]
    if _DEATHS.search(words):
        match = _NUMBER_BEFORE.search(before)
        return match[1] if match else None
    died = _DIED.fullmatch(words)
    match = _NUMBER_DIED.search(before) if died else None
    if died is None or match is None or (died["passive"] and not match["passive"]):
        return None  # "the two killed a guard"
    return match[1]
