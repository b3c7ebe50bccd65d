"""The benchmark's news: articles made from a seed, as dense in events as real ones.

Free for any use: sentences and people are our own (``sentences.yaml``). Under the shipped model a
set has per 100 words about 3 events and 16 mentions; the annotated reports that the model is
measured on have 2.7 and 16.5.
"""

from __future__ import annotations

import datetime
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import yaml

from ....files import read_text

__all__ = ["MAX_WORDS", "MIN_WORDS", "Article", "article", "article_set", "stream"]

MIN_WORDS, MAX_WORDS = 100, 5000
MEDIAN_WORDS = 400  # of a set of articles
_SPREAD = 0.5  # standard deviation of the logarithm of their lengths
_LONGEST = 50  # words that a sentence has at most: what an article may have beyond its target
_WITH_ENDS = 20  # articles of a set that has the shortest and the longest
_PARAGRAPH = 3  # sentences
_REMARKS = (2, 4)  # in a story, at least and at most
_SLOT = re.compile(r"\{([a-z]+)(\d?)\}")
_CHOICE = re.compile(r"\{([^{}|]+(?:\|[^{}|]+)+)\}")
_FIRST_DAY = datetime.date(2014, 1, 1)
_N_DAYS = 3000


@dataclass(frozen=True, slots=True)
class Article:
    text: str
    date: str  # ISO day
    n_words: int  # between blanks


def article_set(n: int, seed: int, *, part: int = 0) -> list[Article]:
    """``n`` articles of 100 to 5,000 words, most of them near 400: their lengths are quantiles of
    a log-normal distribution, and of 20 or more the ends of the range.

    The parts of a seed have articles of the same lengths in the same order, but other texts.
    """
    normal = NormalDist(math.log(MEDIAN_WORDS), _SPREAD)
    lengths = [math.exp(normal.inv_cdf((i + 0.5) / n)) for i in range(n)]
    if n >= _WITH_ENDS:
        lengths[0], lengths[-1] = MIN_WORDS, MAX_WORDS - _LONGEST
    random.Random(f"lengths {seed}").shuffle(lengths)
    return [article(round(words), f"{seed} {part} {i}") for i, words in enumerate(lengths)]


def stream(n: int, n_words: int, seed: int) -> Iterator[dict[str, str]]:
    """Documents as ``predict_stream`` reads them, made one by one."""
    for i in range(n):
        made = article(n_words, f"stream {seed} {i}")
        yield {"text": made.text, "date": made.date, "doc_id": str(i)}


def article(n_words: int, seed: int | str) -> Article:
    """One article of at least ``n_words`` words, and less than a sentence more."""
    rng = random.Random(f"article {seed}")
    date = (_FIRST_DAY + datetime.timedelta(rng.randrange(_N_DAYS))).isoformat()
    sentences: list[str] = []
    n = 0
    for sentence in _sentences(rng):
        sentences.append(sentence)
        n += len(sentence.split())
        if n >= n_words:
            break
    paragraphs = [
        " ".join(sentences[i : i + _PARAGRAPH]) for i in range(0, len(sentences), _PARAGRAPH)
    ]
    return Article("\n\n".join(paragraphs), date, n)


def _sentences(rng: random.Random) -> Iterator[str]:
    """News without end: story after story, each with a remark or two that tell of no event."""
    grammar = _grammar()
    stories: list[str] = []
    while True:
        if not stories:
            stories = list(grammar["stories"])
            rng.shuffle(stories)
        told = list(grammar["stories"][stories.pop()])
        lead, rest = told[0], rng.sample(told[1:], rng.randint(3, len(told) - 1))
        for remark in rng.sample(grammar["fillers"], rng.randint(*_REMARKS)):
            rest.insert(rng.randint(0, len(rest)), remark)
        bound: dict[str, str] = {}
        for template in (lead, *rest):
            yield _filled(template, bound, rng)


def _filled(template: str, bound: dict[str, str], rng: random.Random) -> str:
    """A sentence; slots that it is the first to name are bound for those to come."""
    slots = _grammar()["slots"]

    def value(match: re.Match[str]) -> str:
        key, name = match[0], match[1]
        if key not in bound:
            bound[key] = rng.choice(slots[name])
        return bound[key]

    chosen = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template)
    sentence = _SLOT.sub(value, chosen)
    return sentence[0].upper() + sentence[1:]


@cache
def _grammar() -> dict[str, Any]:
    grammar: dict[str, Any] = yaml.safe_load(read_text(Path(__file__).with_name("sentences.yaml")))
    return grammar
