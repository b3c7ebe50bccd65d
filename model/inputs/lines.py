"""Text files, JSON lines (also gzipped), and standard input, which may be either."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ..files import BOM, bounded_lines
from .fields import (
    MAX_SIZE,
    TOO_LONG,
    FieldNames,
    InputDocument,
    from_object,
    not_utf8,
    unread,
)
from .sources import Source

__all__ = ["DAMAGED", "count_lines", "read_lines", "read_stdin", "read_text"]

# What reading bytes may raise: gzip says in its own ways that a file is cut off or damaged.
DAMAGED = (OSError, EOFError, zlib.error)


def read_text(source: Source) -> Iterator[InputDocument]:
    try:
        with Path(source.path).open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        yield unread(source.path, source.name, error)
    else:
        yield _whole(data, source.path, source.name)


def read_lines(source: Source, names: FieldNames) -> Iterator[InputDocument]:
    """One JSON object a line. Damage ends the file; the lines before it are read."""
    try:
        file = _open(source.path)
    except OSError as error:
        yield unread(source.path, f"{source.name}:1", error)
        return
    with file:
        yield from _each_line(bounded_lines(file, MAX_SIZE), source.path, source.name, names)


def count_lines(path: str) -> int:
    """Lines that are not blank; in a damaged file those before the damage, and it."""
    count = 0
    try:
        with _open(path) as file:
            for line in bounded_lines(file, MAX_SIZE):
                count += not line.isspace()
    except DAMAGED:
        count += 1  # it will be one document that failed
    return count


def read_stdin(names: FieldNames) -> Iterator[InputDocument]:
    """JSON lines or one raw text; nothing at all is no document."""
    stream, place = sys.stdin.buffer, "standard input"
    lines = bounded_lines(stream, MAX_SIZE)
    head: list[bytes] = []  # up to the first line that is not blank
    try:
        for line in lines:
            head.append(line)
            if line.removeprefix(BOM).strip():
                break
        if head and _is_document(head[-1].removeprefix(BOM), names):
            yield from _each_line(chain(head, lines), place, "stdin", names)
            return
        data = b"".join(head) + stream.read(MAX_SIZE + 1)
        if not data:
            return
    except OSError as error:
        yield unread(place, None, error)
    else:
        yield _whole(data, place, None)


def _open(path: str) -> BinaryIO:
    # Not typed as BinaryIO, but read in the same way.
    return gzip.open(path, "rb") if path.lower().endswith(".gz") else open(path, "rb")  # type: ignore[return-value]


def _whole(data: bytes, place: str, name: str | None) -> InputDocument:
    """One raw text."""
    if len(data) > MAX_SIZE:
        return unread(place, name, TOO_LONG)
    try:
        text = data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start + len(data) - len(error.object)  # the mark, if any, is counted
        return unread(place, name, not_utf8(data, at))
    return InputDocument(place, {"text": text, "doc_id": name})


def _is_document(line: bytes, names: FieldNames) -> bool:
    """Whether a line is a JSON object that has the text's field."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(raw, dict) and names.text in raw


def _each_line(
    lines: Iterable[bytes], place: str, name: str, names: FieldNames
) -> Iterator[InputDocument]:
    """Lines (they end at \\n only: U+2028 and its like may stand inside a JSON string)."""
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            if number == 1:
                line = line.removeprefix(BOM)
            if line.strip():
                # A document without an id goes by its line, so that event ids stay unique.
                yield _read_line(line, f"{place}:{number}", f"{name}:{number}", names)
    except DAMAGED as error:
        yield unread(f"{place}:{number + 1}", f"{name}:{number + 1}", error)


def _read_line(line: bytes, place: str, name: str, names: FieldNames) -> InputDocument:
    if len(line) > MAX_SIZE:
        return unread(place, name, f"line {TOO_LONG}")
    try:
        raw = json.loads(line.decode("utf-8").rstrip())
    except UnicodeDecodeError as error:
        return unread(place, name, f"{not_utf8(line, error.start)} of the line")
    except json.JSONDecodeError as error:
        return unread(place, name, f"not JSON: {error.msg} at character {error.pos}")
    except (ValueError, RecursionError) as error:  # a number too long, a nesting too deep
        return unread(place, name, f"not JSON that can be read: {error}")
    if not isinstance(raw, dict):
        return unread(place, name, f"expected an object, got {type(raw).__name__}")
    return from_object(raw, place, name, names)
