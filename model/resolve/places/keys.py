"""Spellings of a place name -> the keys that the gazetteer is searched by.

A key is the name in lower-case ASCII letters and digits without spaces, so that "Deir ez-Zor",
"Deir Ez Zor" and "deir ezzor" share one. ``skeleton`` goes further: names that differ only in how
vowels, emphatic consonants and articles were romanised share one ("Ayn Isa", "Ain Issa").
The gazetteer's index holds both, so a change here needs a new one (``training/fit/gazetteer.py``).
"""

from __future__ import annotations

import re

from ..countries.terms import normalise

__all__ = ["ARTICLES", "bare_key", "key", "key_words", "skeleton", "without_article"]

ARTICLES = frozenset("al el ul as es ash esh ad ed adh at et an en ar er az ez".split())
# Letters that no decomposition turns into ASCII; marks of ayn and hamza have no key.
_LETTERS = str.maketrans(
    {
        "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ə": "a", "ħ": "h", "ŋ": "n",
        "ʻ": "", "ʼ": "", "ʽ": "", "ʾ": "", "ʿ": "", "ʹ": "", "ʺ": "", "′": "", "″": "", "·": "",
        "&": " and ",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_SHORT = {"saint": "st", "sainte": "st", "ste": "st", "mount": "mt", "fort": "ft", "the": ""}

_DIGRAPHS = re.compile(r"kh|gh|sch|sh|ch|th|dh|zh|ph|ck|dj|ts|tz|ou")
_ONE_LETTER = {
    "kh": "x", "gh": "g", "sch": "c", "sh": "c", "ch": "c", "th": "t", "dh": "d", "zh": "j",
    "ph": "f", "ck": "k", "dj": "j", "ts": "z", "tz": "z", "ou": "",
}  # fmt: skip
_SOUNDS = str.maketrans("qcp", "kkb", "aeiouyw")
_REPEATED = re.compile(r"(.)\1+")


def key_words(text: str) -> list[str]:
    """Words of a name as they stand in its key: "Mount St. Élias" -> ["mt", "st", "elias"]."""
    words = _WORD.findall(normalise(text.translate(_LETTERS)).translate(_LETTERS))
    return [short for word in words if (short := _SHORT.get(word, word))]


def key(text: str) -> str:
    """The key of a name; empty for a text without letters or digits."""
    return "".join(key_words(text))


def bare_key(text: str) -> str:
    """The key of a name without a leading article: one for "Raqqa" and "Ar Raqqa"."""
    words = key_words(text)
    return "".join(without_article(words) or words)


def without_article(words: list[str]) -> list[str] | None:
    """Words of an Arabic name less its article ("al Bab" -> "Bab"); None if it has none."""
    return words[1:] if len(words) > 1 and words[0] in ARTICLES else None


def skeleton(words: list[str]) -> str:
    """Consonants of a name as a listener would group them; empty if fewer than two are left."""
    sounds = []
    for word in words:
        if word in ARTICLES and len(words) > 1:
            continue
        one = _DIGRAPHS.sub(lambda m: _ONE_LETTER[m.group()].upper(), word)
        plain = _REPEATED.sub(r"\1", one.translate(_SOUNDS).lower())
        sounds.append(plain[:-1] if len(plain) > 1 and plain.endswith("h") else plain)
    joined = _REPEATED.sub(r"\1", "".join(sounds))
    return joined if len(joined) > 1 else ""
