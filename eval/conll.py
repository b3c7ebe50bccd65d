"""CoNLL files -> blocks of tokens with one label each: a block a sentence, blocks apart by blank
lines.

A line holds a token and its label in IOB2 (O, B-Type, I-Type), with a tab or white space between;
columns between the first and the last are passed over, and so are lines of -DOCSTART-. Labels are
read as seqeval reads them in its default mode: an I- that continues nothing begins a span.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from seqeval.metrics.sequence_labeling import get_entities  # type: ignore[import-untyped]

from ..document import Mention, Span
from ..errors import DataError
from ..files import read_text

FORM = "a token and its label (O, B-Type or I-Type) with a tab or a space between"
_LABEL = re.compile(r"O|[BI]-\S+")
_LINE_END = re.compile(r"\r*\n|\r")
_DOCUMENT = "-DOCSTART-"  # what some files have before each document, apart like a block


@dataclass(frozen=True, slots=True)
class Block:
    """``tokens`` and ``labels`` are parallel; ``line`` is the 1-based line of the first token."""

    line: int
    tokens: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def text(self) -> str:
        """The tokens with a space between. No word of ours reaches over a space, so the ends of
        tokens are ends of words."""
        return " ".join(self.tokens)

    @property
    def spans(self) -> list[Span]:
        """Where the tokens stand in ``text``."""
        ends = accumulate(self.tokens, lambda end, token: end + 1 + len(token), initial=-1)
        return [
            Span(end + 1, end + 1 + len(token))
            for end, token in zip(ends, self.tokens, strict=False)
        ]

    @property
    def mentions(self) -> list[Mention]:
        """The labelled spans, as offsets into ``text``."""
        spans = self.spans
        return [
            Mention(spans[first].start, spans[last].end, kind)
            for kind, first, last in chunks(self.labels)
        ]


def chunks(labels: Sequence[str]) -> list[tuple[str, int, int]]:
    """Labels of a block -> (type, first token, last token), as seqeval reads them by default."""
    found: list[tuple[str, int, int]] = get_entities(list(labels))
    return found


def read_conll(path: str | Path) -> list[Block]:
    """A file's blocks, in order. Line ends may be those of any system.

    Raises DataError with file and line for a line without a label or with another one, and if
    there is no block.
    """
    blocks: list[Block] = []
    rows: list[tuple[str, str]] = []
    lines = _LINE_END.split(read_text(path).removeprefix("\ufeff"))
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip() and not line.startswith(_DOCUMENT):
            rows.append(_row(line, path, number))
        elif rows:
            tokens, labels = zip(*rows, strict=True)
            blocks.append(Block(number - len(rows), tokens, labels))
            rows = []
    if not blocks:
        raise DataError(f"no line in the file (a line must hold {FORM})", file=str(path))
    return blocks


def _row(line: str, path: str | Path, number: int) -> tuple[str, str]:
    """Where there is a tab, a token may have spaces inside."""
    cells = line.split("\t") if "\t" in line else line.split()
    token, label = cells[0], cells[-1].strip()
    if len(cells) < 2 or not token:
        problem = f"expected a token and a label, got {line!r:.60}"
    elif not _LABEL.fullmatch(label):
        problem = f"label {label!r:.60} is neither O nor B-Type nor I-Type"
    else:
        return token, label
    raise DataError(f"{problem} (a line must hold {FORM})", file=str(path), line=number)
