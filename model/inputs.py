"""Files, folders and standard input -> documents for ``predict_stream``, one at a time.

    sources = find_sources(["news/", "extra.jsonl", "-"])
    for document in read_documents(sources): ...

A ``.txt`` file is one document, a ``.jsonl`` file one a line. Standard input is JSON lines if its
first line is a JSON object that has the text's field, else one raw text. A document that cannot be
read comes out with ``error`` set; those after it are read all the same.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from .errors import DataError
from .files import iso_day

__all__ = [
    "ACCEPTED",
    "STDIN",
    "FieldNames",
    "InputDocument",
    "Source",
    "count_documents",
    "find_sources",
    "is_day",
    "read_documents",
]

ACCEPTED = (".txt", ".jsonl")
STDIN = "-"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class FieldNames:
    """Keys of a JSON line; ``title`` and ``publisher`` are read under these names."""

    text: str = "text"
    date: str = "date"
    id: str = "id"


@dataclass(frozen=True, slots=True)
class Source:
    """One input. ``path`` is as the user gave it, ``-`` for standard input.

    ``name`` is the file's name without its folder, or ``path`` where two sources share that name.
    """

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class InputDocument:
    """``place`` names it in messages (file, or file:line); ``fields`` is for ``predict_stream``.

    Where ``error`` is set, the document failed; ``fields`` holds what could be read of it.
    """

    place: str
    fields: dict[str, Any]
    error: str | None = None


def find_sources(arguments: Sequence[str]) -> list[Source]:
    """Files, folders (all accepted files below them, sorted) and ``-``; nothing is ``-``.

    Below a folder, hidden files and folders are left alone, and so is all that is no regular file
    (pipes, devices).

    The order is kept, and a file that is named twice is read once. Raises DataError for a path
    that does not exist, a file of another form, and a folder without accepted files.
    """
    found: dict[str, str] = {}
    for argument in arguments or (STDIN,):
        for path in _expand(argument):
            found.setdefault(path if path == STDIN else os.path.realpath(path), path)
    names = Counter(Path(path).name for path in found.values())
    return [
        Source(path, path if names[Path(path).name] > 1 else Path(path).name)
        for path in found.values()
    ]


def count_documents(sources: Iterable[Source]) -> int | None:
    """How many documents there are, from one pass over the ``.jsonl`` files; None if there is
    standard input or a pipe, which could not be read again."""
    total = 0
    for source in sources:
        if source.path == STDIN:
            return None
        if _suffix(source.path) == ".txt":
            total += 1
        elif os.path.isfile(source.path):
            total += _count_lines(source.path)
        else:
            return None
    return total


def read_documents(
    sources: Iterable[Source],
    *,
    fields: FieldNames | None = None,
    published: str | None = None,
) -> Iterator[InputDocument]:
    """All documents, in order; ``published`` is the date of those that have none of their own."""
    names = fields or FieldNames()
    for source in sources:
        if source.path == STDIN:
            documents = _read_stdin(names)
        elif _suffix(source.path) == ".jsonl":
            documents = _read_file(source, names)
        else:
            documents = _read_text(source)
        for document in documents:
            if published is not None and document.fields.get("date") is None:
                document = replace(document, fields={**document.fields, "date": published})
            yield document


def is_day(value: object) -> bool:
    """Whether ``value`` is a string ``YYYY-MM-DD`` that names a real day."""
    return isinstance(value, str) and iso_day(value) is not None


# ---- finding


def _expand(argument: str) -> Iterator[str]:
    if argument == STDIN:
        yield STDIN
    elif os.path.isdir(argument):
        paths = _files_below(argument)
        if not paths:
            raise DataError(f"no {' or '.join(ACCEPTED)} file in this folder", file=argument)
        yield from paths
    elif not os.path.exists(argument):
        raise DataError("no such file or folder", file=argument)
    elif _suffix(argument) not in ACCEPTED:
        raise DataError(
            f"files of the form {_suffix(argument) or 'without extension'!r} are not read; "
            f"accepted: {', '.join(ACCEPTED)}, folders of them, and - for standard input",
            file=argument,
        )
    else:
        yield argument


def _files_below(folder: str) -> list[str]:
    def refuse(error: OSError) -> None:
        raise DataError(f"cannot be read: {error.strerror}", file=error.filename) from None

    paths = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = os.path.join(parent, name)
            if not name.startswith(".") and _suffix(name) in ACCEPTED and os.path.isfile(path):
                paths.append(path)
    return sorted(paths, key=lambda path: Path(path).parts)


def _suffix(path: str) -> str:
    return Path(path).suffix.lower()


def _count_lines(path: str) -> int:
    try:
        with open(path, "rb") as file:
            return sum(not line.isspace() for line in file)
    except OSError:
        return 1  # it will be one document that failed


# ---- reading


def _read_text(source: Source) -> Iterator[InputDocument]:
    fields: dict[str, Any] = {"text": None, "doc_id": source.name}
    try:
        data = Path(source.path).read_bytes()
    except OSError as error:
        yield InputDocument(source.path, fields, f"cannot be read: {error.strerror}")
    else:
        yield _decoded(data, source.path, fields)


def _decoded(data: bytes, place: str, fields: dict[str, Any]) -> InputDocument:
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start + len(data) - len(error.object)  # the mark, if any, is counted
        return InputDocument(place, fields, _not_utf8(data, at))
    return InputDocument(place, {**fields, "text": text})


def _read_stdin(names: FieldNames) -> Iterator[InputDocument]:
    stream, place = sys.stdin.buffer, "standard input"
    head: list[bytes] = []  # up to the first line that is not blank
    try:
        for line in stream:
            head.append(line)
            if line.removeprefix(_BOM).strip():
                break
        if head and _is_document(head[-1].removeprefix(_BOM), names):
            yield from _read_lines(chain(head, stream), place, "stdin", names)
            return
        data = b"".join(head) + stream.read()
    except OSError as error:
        fields = {"text": None, "doc_id": None}
        yield InputDocument(place, fields, f"cannot be read: {error.strerror}")
    else:
        yield _decoded(data, place, {"text": None, "doc_id": None})


def _is_document(line: bytes, names: FieldNames) -> bool:
    """Whether a line is a JSON object that has the text's field."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(raw, dict) and names.text in raw


def _read_file(source: Source, names: FieldNames) -> Iterator[InputDocument]:
    try:
        file = open(source.path, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        fields = {"text": None, "doc_id": f"{source.name}:1"}
        yield InputDocument(source.path, fields, f"cannot be read: {error.strerror}")
        return
    with file:
        yield from _read_lines(file, source.path, source.name, names)


def _read_lines(
    lines: Iterable[bytes], place: str, name: str, names: FieldNames
) -> Iterator[InputDocument]:
    """Lines (they end at \\n only: U+2028 and its like may stand inside a JSON string)."""
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            if number == 1:
                line = line.removeprefix(_BOM)
            if line.strip():
                # A document without an id goes by its line, so that event ids stay unique.
                fields = {"text": None, "doc_id": f"{name}:{number}"}
                yield _read_line(line, f"{place}:{number}", fields, names)
    except OSError as error:
        fields = {"text": None, "doc_id": f"{name}:{number + 1}"}
        yield InputDocument(f"{place}:{number + 1}", fields, f"cannot be read: {error.strerror}")


def _read_line(line: bytes, place: str, fields: dict[str, Any], names: FieldNames) -> InputDocument:
    try:
        raw = json.loads(line.decode("utf-8").rstrip())
    except UnicodeDecodeError as error:
        return InputDocument(place, fields, f"{_not_utf8(line, error.start)} of the line")
    except json.JSONDecodeError as error:
        return InputDocument(place, fields, f"not JSON: {error.msg} at character {error.pos}")
    except (ValueError, RecursionError) as error:  # a number too long, a nesting too deep
        return InputDocument(place, fields, f"not JSON that can be read: {error}")
    if not isinstance(raw, dict):
        return InputDocument(place, fields, f"expected an object, got {type(raw).__name__}")
    return _from_object(raw, place, fields, names)


def _from_object(
    raw: dict[str, Any], place: str, fields: dict[str, Any], names: FieldNames
) -> InputDocument:
    """``fields`` filled from a JSON object. An absent, null or empty value is not given."""
    given = {key: value for key, value in raw.items() if value is not None and value != ""}
    problems = []
    identity = given.get(names.id)
    if isinstance(identity, str) or type(identity) is int:
        fields["doc_id"] = str(identity)
    elif identity is not None:
        problems.append(f"field {names.id!r}: expected text or a whole number, {_got(identity)}")
    for key in ("title", "publisher"):
        if isinstance(given.get(key), str):
            fields[key] = given[key]
        elif key in given:
            problems.append(f"field {key!r}: expected text, {_got(given[key])}")
    text = raw.get(names.text)
    if names.text not in raw:
        keys = ", ".join(repr(key) for key in list(raw)[:8]) or "none"
        problems.append(f"field {names.text!r} is missing (fields here: {keys})")
    elif not isinstance(text, str):
        problems.append(f"field {names.text!r}: expected text, {_got(text)}")
    else:
        fields["text"] = text
    day = given.get(names.date)
    if day is None or is_day(day):
        fields["date"] = day
    else:
        problems.append(
            f"field {names.date!r}: expected an ISO day such as '2018-05-21', {_got(day)}"
        )
    return InputDocument(place, fields, "; ".join(problems) or None)


def _got(value: object) -> str:
    return f"got {value!r:.40}" if isinstance(value, str) else f"got {type(value).__name__}"


def _not_utf8(data: bytes, at: int) -> str:
    return f"not UTF-8 at byte {at} (0x{data[at]:02x})"
