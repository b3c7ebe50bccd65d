"""The years of a war that a text names by its country alone: "the Syrian civil war"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["War", "war_of", "war_word"]

_WORD = re.compile(
    r"\b(?:civil war|war|conflict|uprisings?|insurgency|rebellion|revolution|revolt)\b", re.I
)


@dataclass(frozen=True, slots=True)
class War:
    """First and last year; ``last`` is None for a war that goes on."""

    country: re.Pattern[str]
    first: int
    last: int | None


@cache
def _wars() -> tuple[War, ...]:
    lines = files(__package__).joinpath("wars.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return tuple(
        War(re.compile(rf"\b(?:{country})", re.I), int(first), int(last) if last else None)
        for country, first, last in rows
    )


def war_of(text: str, year: int) -> War | None:
    """The war of the country that the text speaks of most, among those under way in ``year``."""
    counts = [
        (len(war.country.findall(text)), war)
        for war in _wars()
        if war.first <= year and (war.last is None or year <= war.last)
    ]
    best = max(counts, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] else None


def war_word(words: str) -> str | None:
    """The word that names a war among the words of a trigger, in lower case."""
    found = _WORD.search(words)
    return found[0].lower() if found else None
