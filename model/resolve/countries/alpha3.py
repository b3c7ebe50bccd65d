"""ISO 3166-1 alpha-2 <-> alpha-3 codes of countries (``alpha3.tsv``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["alpha2_of", "alpha3_of"]


@cache
def _pairs() -> dict[str, str]:
    content = Path(__file__).with_name("alpha3.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in content.splitlines()[1:])
    return {row[0]: row[1] for row in rows}


@cache
def _back() -> dict[str, str]:
    return {alpha3: alpha2 for alpha2, alpha3 in _pairs().items()}


def alpha3_of(code: str) -> str | None:
    """SY -> SYR; None for a code that is no country's."""
    return _pairs().get(code)


def alpha2_of(code: str) -> str | None:
    """SYR or SY -> SY; None for a code that is no country's."""
    return code if code in _pairs() else _back().get(code)
