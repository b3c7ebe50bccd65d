"""Files -> documents. Every input form becomes one internal type here, at the door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .document import Document, from_dict
from .errors import DataError
from .files import MAX_LINE, decoded, numbered_lines, too_long

if TYPE_CHECKING:
    from .ontology import Ontology

_BOM = "\ufeff"


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
    """Texts that are not blank, each with its line."""
    holds = "an annotated document"
    try:
        with path.open("rb") as file:
            if path.suffix == ".json":
                data = file.read(MAX_LINE + 1)
                if len(data) > MAX_LINE:
                    raise too_long(path, None, holds)
                yield 1, decoded(data, path).removeprefix(_BOM)
                return
            for number, line in numbered_lines(file, path, holds):
                text = decoded(line, path, number)
                if text.strip():
                    yield number, text.removeprefix(_BOM) if number == 1 else text
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=str(path)) from None
