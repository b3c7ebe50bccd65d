"""Numbers in digits, as news writes them: "1,200", "1,20,000", "12.000", "3 500", "1,5 million"."""

from __future__ import annotations

import re

__all__ = ["plain_numerals", "whole_numeral"]

_SCALE = r"(?:dozen|hundred|thousand|lakhs?|million|crore|billion)\b"
_MAX_DIGITS = 20
_NUMERAL = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
_DOTTED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+")
_SPACED = re.compile(r"(?<![0-9.,] )(?<![0-9.,])[1-9][0-9]{0,2}(?: [0-9]{3})+(?! ?[0-9]|[.,][0-9])")
_BEFORE_SCALE = re.compile(rf" {_SCALE}")
_HYPHENED = re.compile(rf"(?<=[0-9])-(?={_SCALE})")  # "1.2-million"
_BEFORE_NOUN = re.compile(r" (?!and\b|or\b|to\b)[^\W\d_]{2}")
_BEFORE_DIGIT = re.compile(r" [0-9]")
# A minus, not the dash of "20-25" or "20 -25".
_NEGATIVE = re.compile(r"(?<![\w)])(?<![0-9] )[-\u2212][0-9]")
_CUT_OFF = re.compile(r"(?:[0-9][0-9.,]*[.,]|(?<![\w)\-])(?<![0-9] )[-\u2212])$")
# Of "no fewer than 12" a mention may begin behind the "no".
_COMPARED = re.compile(r"(?:less|fewer|more) than\b", re.I)
_NOT = re.compile(r"\b(?:no|not)\s+$", re.I)


def whole_numeral(phrase: str, before: str) -> str:
    """The phrase with the part of its number that stands before it: "12." before "000 porters",
    "no" before "fewer than 12 porters"."""
    cut_off = _CUT_OFF.search(before) if phrase[:1].isdigit() else None
    if cut_off is None and _COMPARED.match(phrase):
        cut_off = _NOT.search(before)
    return cut_off[0] + phrase if cut_off else phrase


def plain_numerals(words: str) -> str | None:
    """Lower-case words with each number as digits and at most one decimal point.

    None if a number can count no people as it is written: "1,23", "-5", "1.5" (but "1.5 million"),
    "12.000" without a noun after it, "35 00". Three digits after a dot are thousands before a noun
    ("12.000 porters") and decimals before a scale ("2.125 million").
    """
    if _NEGATIVE.search(words):
        return None
    words = _SPACED.sub(lambda match: match[0].replace(" ", ""), _HYPHENED.sub(" ", words))
    parts, at = [], 0
    for match in _NUMERAL.finditer(words):
        number = _plain(match[0], words[match.end() :])
        if number is None:
            return None
        parts += [words[at : match.start()], number]
        at = match.end()
    return "".join([*parts, words[at:]])


def _plain(numeral: str, after: str) -> str | None:
    if _BEFORE_DIGIT.match(after):
        return None
    if numeral.isdigit():
        return numeral if numeral == "0" or int(numeral[:_MAX_DIGITS]) else None  # "00"
    if _GROUPED.fullmatch(numeral):
        return numeral.replace(",", "")
    if _BEFORE_SCALE.match(after):
        if not _DECIMAL.fullmatch(numeral):
            return None
        whole, _, decimals = numeral.replace(",", "." if "." not in numeral else "").partition(".")
        return f"{whole}.{decimals}"
    if _DOTTED.fullmatch(numeral) and _BEFORE_NOUN.match(after):
        return numeral.replace(".", "")
    return None
