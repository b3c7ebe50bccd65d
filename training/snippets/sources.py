"""Snippets with labels: the packaged ones, and files of the form of the benchmark's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conflictwire.errors import ConfigError
from conflictwire.eval.bench.case2021 import CLASSES, read
from conflictwire.training.data import outside

HOUSE = "house:snippets"
CORPUS = Path(__file__).with_name("corpus")
"""A file a class, a snippet a line; invented for this project (Apache-2.0)."""


@dataclass(frozen=True, slots=True)
class Snippet:
    text: str
    label: str


def load_snippets(sources: Sequence[str]) -> list[Snippet]:
    """``house:snippets``, or JSONL files as configs write them. Raises ConfigError for a missing
    file, DataError for one of another form."""
    return [snippet for source in sources for snippet in _load(source)]


def _load(source: str) -> Iterator[Snippet]:
    if source == HOUSE:
        for label in CLASSES:
            lines = (CORPUS / f"{label}.txt").read_text(encoding="utf-8").splitlines()
            yield from (Snippet(line, label) for line in lines if line.strip())
        return
    path = outside(source)
    if not path.is_file():
        raise ConfigError(
            f"no snippets at {path} (from {source!r}). Set CONFLICTWIRE_DATA to the folder of "
            f"outside data, or train on the packaged ones alone: --set data.dev=[]"
        )
    yield from (Snippet(row["text"], row["label"]) for row in read(path))
