"""Files -> documents. Every input form becomes one internal type here, at the door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .document import Document, from_dict
from .errors import DataError
from .files import read_text

if TYPE_CHECKING:
    from .ontology import Ontology


def read_gold(path: str | Path, ontology: Ontology) -> Iterator[Document]:
    """Gold JSONL (one object a line) -> checked documents.

    A file that ends in ``.json`` holds one object. Blank lines and a byte-order mark are passed
    over. Raises DataError with file, line and field, also where two documents have one id.
    """
    path = Path(path)
    lines: dict[str, int] = {}
    for number, text in _numbered_lines(path):
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:  # also a number too long, too deep a nesting
            raise DataError(f"not JSON: {error}", file=str(path), line=number) from None
        document = from_dict(raw, ontology, file=str(path), line=number)
        if (first := lines.setdefault(document.id, number)) != number:
            raise DataError(
                f"{document.id!r} is the id of the document in line {first} too",
                file=str(path),
                line=number,
                field="id",
            )
        yield document


def _numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    text = read_text(path).removeprefix("\ufeff")
    if path.suffix == ".json":
        yield 1, text
        return
    # split("\n"), not splitlines(): U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line
