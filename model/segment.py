"""Text -> words and sentences, with code-point offsets into the text as given.

Words are runs of letters and digits, or single other marks (the scorer's tokenisation too).
Sentences are ranges of words; they only decide where windows may be cut and how far apart two
words are said to be, so a cheap splitter that never loses a word is enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_WORD = re.compile(r"\w+|[^\w\s]")
_CLOSERS = frozenset("\"'\u201d\u2019\xbb)]")
_OPENERS = frozenset("\"'\u201c\u2018\xab([")
# A longer sentence is no prose but a list, a table or noise: it is cut, so that what the stages
# do with the sentence of a word does not grow with the text.
_MAX_SENTENCE = 300  # words
# Words before a full stop that does not end a sentence.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen lt col sgt capt maj cpl brig adm cmdr sen rep gov st jr sr vs no inc "
    "ltd co corp fr rev hon pres supt insp asst dept est approx jan feb mar apr jun jul aug sep "
    "sept oct nov dec al u s n d k".split()
)


@dataclass(frozen=True, slots=True)
class Segmented:
    """Words as parallel lists of offsets, sentences as half-open ranges of word indices.

    The sentence ranges are contiguous and cover all words.
    """

    starts: list[int]
    ends: list[int]
    sentences: list[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.starts)


def segment(text: str) -> Segmented:
    """Split ``text``; every non-space character belongs to exactly one word."""
    starts: list[int] = []
    ends: list[int] = []
    for match in _WORD.finditer(text):
        starts.append(match.start())
        ends.append(match.end())
    # In a text that was put in lower case, a small letter does not go on with a sentence.
    cased = text != text.lower()
    cuts = [0, *(i + 1 for i in range(len(starts) - 1) if _ends(text, starts, ends, i, cased))]
    if starts:
        cuts.append(len(starts))
    sentences = [
        (first, min(first + _MAX_SENTENCE, end))
        for start, end in pairwise(cuts)
        for first in range(start, end, _MAX_SENTENCE)
    ]
    return Segmented(starts, ends, sentences)


def _ends(text: str, starts: list[int], ends: list[int], index: int, cased: bool) -> bool:
    """Whether a sentence ends after word ``index``."""
    gap = text[ends[index] : starts[index + 1]]
    if not gap:
        return False
    if gap.count("\n") > 1:  # an empty line, with \r\n too
        return True
    mark = index
    while mark and text[starts[mark]] in _CLOSERS and ends[mark - 1] == starts[mark]:
        mark -= 1
    char = text[starts[mark]]
    if char not in ".!?…。؟।":
        return False
    following = text[starts[index + 1]]
    if cased and following.islower():
        return False
    if char != "." or mark == 0:
        return True
    before = text[starts[mark - 1] : ends[mark - 1]].lower()
    is_initial = len(before) == 1 and before.isalpha() and ends[mark - 1] == starts[mark]
    abbreviated = mark == index and (before in _ABBREVIATIONS or is_initial)
    return not abbreviated or following in _OPENERS
