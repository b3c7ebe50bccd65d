"""Files -> documents. Every input form becomes one internal type here, at the door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .document import Document, from_dict
from .errors import DataError

if TYPE_CHECKING:
    from .ontology import Ontology


def read_gold(path: str | Path, ontology: Ontology) -> Iterator[Document]:
    """Gold JSONL (one object a line) -> checked documents.

    A file that ends in ``.json`` holds one object. Blank lines are passed over. Raises DataError
    with file, line and field.
    """
    path = Path(path)
    for line_number, text in _numbered_lines(path):
        try:
            raw = json.loads(text)
        except json.JSONDecodeError as error:
            raise DataError(f"not JSON: {error}", file=str(path), line=line_number) from None
        yield from_dict(raw, ontology, file=str(path), line=line_number)


def _numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    text = read_text(path)
    if path.suffix == ".json":
        yield 1, text
        return
    # split("\n"), not splitlines(): U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def read_text(path: str | Path) -> str:
    """A UTF-8 file as it stands (line ends and a byte-order mark kept).

    Raises DataError with the byte position if it is not UTF-8, or if it cannot be opened.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=str(path)) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"not UTF-8 at byte {error.start} (0x{data[error.start]:02x}); convert the file first",
            file=str(path),
        ) from None
