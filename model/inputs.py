"""Files, folders and standard input -> documents for ``predict_stream``, one at a time.

    sources = find_sources(["news/", "extra.jsonl", "-"])
    for document in read_documents(sources): ...

A ``.txt`` file is one document, a ``.jsonl`` file one a line, standard input one raw text. A
document that cannot be read comes out with ``error`` set; those after it are read all the same.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from .errors import DataError

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

    Where ``error`` is set, ``fields`` holds what could be read, and a coder refuses it too.
    """

    place: str
    fields: dict[str, Any]
    error: str | None = None


def find_sources(arguments: Sequence[str]) -> list[Source]:
    """Files, folders (all accepted files below them, sorted) and ``-``; nothing is ``-``.

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
    """How many documents there are, from one pass over the ``.jsonl`` files; None if one of them
    is a pipe, which could not be read again."""
    total = 0
    for source in sources:
        if source.path == STDIN or _suffix(source.path) == ".txt":
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
        lines = source.path != STDIN and _suffix(source.path) == ".jsonl"
        documents = _read_lines(source, names) if lines else _read_text(source)
        for document in documents:
            if published is not None and document.fields.get("date") is None:
                document = replace(document, fields={**document.fields, "date": published})
            yield document


def is_day(value: object) -> bool:
    """Whether ``value`` is a string ``YYYY-MM-DD`` that names a real day."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


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

    paths = [
        os.path.join(parent, name)
        for parent, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if _suffix(name) in ACCEPTED
    ]
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
    stdin = source.path == STDIN
    place = "standard input" if stdin else source.path
    fields: dict[str, Any] = {"text": None, "doc_id": None if stdin else source.name}
    try:
        data = sys.stdin.buffer.read() if stdin else Path(source.path).read_bytes()
        fields["text"] = data.removeprefix(_BOM).decode("utf-8")
    except OSError as error:
        yield InputDocument(place, fields, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        at = error.start + len(data) - len(error.object)  # the mark, if any, is counted
        yield InputDocument(place, fields, _not_utf8(data, at))
    else:
        yield InputDocument(place, fields)


def _read_lines(source: Source, names: FieldNames) -> Iterator[InputDocument]:
    number = 0
    try:
        # Lines end at \n only: U+2028 and its like may stand inside a JSON string.
        with open(source.path, "rb") as file:
            for number, line in enumerate(file, start=1):
                if number == 1:
                    line = line.removeprefix(_BOM)
                if line.strip():
                    yield _read_line(line, source, number, names)
    except OSError as error:
        place = f"{source.path}:{number + 1}" if number else source.path
        fields = {"text": None, "doc_id": f"{source.name}:{number + 1}"}
        yield InputDocument(place, fields, f"cannot be read: {error.strerror}")


def _read_line(line: bytes, source: Source, number: int, names: FieldNames) -> InputDocument:
    place = f"{source.path}:{number}"
    # A document without an id goes by its line, so that event ids stay unique.
    fields: dict[str, Any] = {"text": None, "doc_id": f"{source.name}:{number}"}
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
    day = given.get(names.date)
    if day is not None and not is_day(day):
        fields |= {"text": text, "date": day}  # the coder refuses the day, and keeps the text
        problems.append(
            f"field {names.date!r}: expected an ISO day such as '2018-05-21', {_got(day)}"
        )
    if problems:
        return InputDocument(place, fields, "; ".join(problems))
    return InputDocument(place, {**fields, "text": text, "date": day})


def _got(value: object) -> str:
    return f"got {value!r:.40}" if isinstance(value, str) else f"got {type(value).__name__}"


def _not_utf8(data: bytes, at: int) -> str:
    return f"not UTF-8 at byte {at} (0x{data[at]:02x})"
