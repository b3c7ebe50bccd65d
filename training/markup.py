"""Readable inline markup <-> gold documents: the house corpus's form, and yours.

One report is one text file::

    # id: house-sudan-001
    # source: house corpus (wire)
    # date: 2023-06-12
    # title: Shelling kills 14 in Omdurman

    At least [14 people|CIVILIAN e1:killed] were {killed|e1} when {shells|e1} hit [a]...

    [RSF|ARMED_GROUP e1:actor =Rapid Support Forces] ...
    ---
    e1 shelling happened date=2023-06-11 country=SD place=Omdurman killed=14

- Header lines ``# key: value``: id (required), date, title, source, license, corpus.
- One sentence a line; a blank line starts a new paragraph. Sentences of a paragraph are joined by
  one space, paragraphs by an empty line.
- Mention ``[words|KIND e1:role e2:role =Canonical Name]``: roles and name are optional; mentions
  with the same canonical name are one entity. Mentions never nest.
- Trigger ``{word|e1}``. It may stand inside a mention or have mentions inside; triggers never nest.
- After ``---``, one line an event: ``ID TYPE STATUS`` and optional ``date=``, ``country=``,
  ``place=``, ``killed=``, ``injured=``.
- ``\\[ \\] \\{ \\} \\| \\\\`` stand for the characters themselves.

``python -m conflictwire.training.markup FOLDER`` checks every file and prints what is wrong;
``--out gold.jsonl`` writes them as gold JSONL.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conflictwire.document import Document, from_dict
from conflictwire.errors import DataError
from conflictwire.files import read_text
from conflictwire.ontology import Ontology

HOUSE = Path(__file__).with_name("corpus")  # the packaged reports
_HEADER = re.compile(r"^#\s*(id|date|title|source|license|corpus)\s*:\s*(.*?)\s*$")
_EVENT = re.compile(r"^(\S+)\s+(\S+)\s+(\S+)((?:\s+(?:date|country|place|killed|injured)=.*)?)$")
_FIELD = re.compile(
    r"(date|country|place|killed|injured)=(.*?)(?=\s+(?:date|country|place|killed|injured)=|$)"
)
_SPECIAL = "[]{}|\\"


@dataclass
class _Parsed:
    """What one markup file holds, before events and mentions are tied together."""

    text: list[str] = field(default_factory=list)
    length: int = 0
    sentences: list[list[int]] = field(default_factory=list)
    mentions: list[dict[str, Any]] = field(default_factory=list)
    roles: list[tuple[str, str, int]] = field(default_factory=list)  # event key, role, mention
    names: dict[str, list[int]] = field(default_factory=dict)
    triggers: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    # Lines (1-based) for error messages: where we are, and where things stand.
    line: int = 0
    mention_lines: list[int] = field(default_factory=list)
    event_lines: list[int] = field(default_factory=list)
    header_lines: dict[str, int] = field(default_factory=dict)
    first_use: dict[str, int] = field(default_factory=dict)  # event key -> line

    def add(self, piece: str) -> None:
        self.text.append(piece)
        self.length += len(piece)

    def line_of(self, name: str | None) -> int | None:
        """The line that holds a field of the document, such as ``mentions[3].kind``."""
        match = re.match(r"(\w+)(?:\[(\d+)\])?", name or "")
        if match is None:
            return None
        if match[2] is None:
            return self.header_lines.get(match[1])
        lines = {"mentions": self.mention_lines, "events": self.event_lines}.get(match[1])
        return lines[int(match[2])] if lines else None


def parse(source: str, ontology: Ontology, *, file: str | None = None) -> Document:
    """One markup text -> a checked Document. Raises DataError with file and line."""
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    parsed = _Parsed()
    header, position = _header(lines, parsed, file)
    position = _body(lines, position, parsed, file)
    events = list(_events(lines, position + 1, parsed, file))
    raw = {
        "id": header["id"],
        "source": header.get("source"),
        "license": header.get("license", "Apache-2.0"),
        "date": header.get("date"),
        "title": header.get("title"),
        "text": "".join(parsed.text),
        "sentences": parsed.sentences,
        "mentions": parsed.mentions,
        "entities": [{"name": n, "mentions": m} for n, m in parsed.names.items()],
        "events": events,
        "corpus": header.get("corpus", "house"),
    }
    try:
        return from_dict(raw, ontology, file=file)
    except DataError as error:
        line = parsed.line_of(error.field)
    return from_dict(raw, ontology, file=file, line=line)  # raises again, now with the line


def _header(lines: list[str], parsed: _Parsed, file: str | None) -> tuple[dict[str, str], int]:
    """-> the header's values and the number of lines it takes."""
    header: dict[str, str] = {}
    position = 0
    while position < len(lines) and (not lines[position].strip() or lines[position][0] == "#"):
        if lines[position].strip():
            match = _HEADER.match(lines[position])
            if match is None:
                raise DataError(
                    f"bad header {lines[position]!r:.60}; expected '# key: value' with key id, "
                    "date, title, source, license or corpus",
                    file=file,
                    line=position + 1,
                )
            if match[1] in header:
                raise DataError(f"{match[1]} is given twice", file=file, line=position + 1)
            header[match[1]] = match[2]
            parsed.header_lines[match[1]] = position + 1
        position += 1
    if "id" not in header:
        raise DataError("no '# id: ...' line", file=file, line=1)
    return header, position


def _body(lines: list[str], position: int, parsed: _Parsed, file: str | None) -> int:
    """Read the sentences into ``parsed``; -> the position of the ``---`` line."""
    new_paragraph = False
    while position < len(lines) and lines[position].strip() != "---":
        line = lines[position].strip()
        position += 1
        if not line:
            new_paragraph = True
            continue
        if parsed.length:
            parsed.add("\n\n" if new_paragraph else " ")
        new_paragraph = False
        start, parsed.line = parsed.length, position
        try:
            _sentence(line, parsed)
        except ValueError as error:
            raise DataError(str(error), file=file, line=position) from None
        parsed.sentences.append([start, parsed.length])
    return position


def _sentence(line: str, parsed: _Parsed) -> None:
    """Strip one sentence's markup into ``parsed``; ValueError says what is wrong and where."""
    mention_start: int | None = None
    trigger_start: int | None = None
    index = 0
    while index < len(line):
        char = line[index]
        if char == "\\" and index + 1 < len(line) and line[index + 1] in _SPECIAL:
            parsed.add(line[index + 1])
            index += 2
            continue
        if char == "[":
            if mention_start is not None:
                raise ValueError(f"column {index + 1}: a mention opens inside a mention")
            mention_start = parsed.length
        elif char == "{":
            if trigger_start is not None:
                raise ValueError(f"column {index + 1}: a trigger opens inside a trigger")
            trigger_start = parsed.length
        elif char == "|":
            closer = min((line.find(c, index) for c in "]}" if c in line[index:]), default=-1)
            if closer < 0:
                raise ValueError(f"column {index + 1}: '|' without a closing bracket")
            label = line[index + 1 : closer]
            if line[closer] == "]":
                if mention_start is None:
                    raise ValueError(f"column {closer + 1}: ']' closes no mention")
                _mention(label, mention_start, parsed)
                mention_start = None
            else:
                if trigger_start is None:
                    raise ValueError(f"column {closer + 1}: '}}' closes no trigger")
                span = {"start": trigger_start, "end": parsed.length}
                parsed.triggers.setdefault(label.strip(), []).append(span)
                parsed.first_use.setdefault(label.strip(), parsed.line)
                trigger_start = None
            index = closer
        elif char in "]}":
            raise ValueError(f"column {index + 1}: {char!r} without a label ('|...') before it")
        else:
            parsed.add(char)
        index += 1
    if mention_start is not None or trigger_start is not None:
        raise ValueError("a mention or trigger is not closed on its line")


def _mention(label: str, start: int, parsed: _Parsed) -> None:
    tags, _, name = label.partition("=")
    parts = tags.split()
    if not parts:
        raise ValueError("a mention without a kind")
    index = len(parsed.mentions)
    parsed.mentions.append({"id": index, "start": start, "end": parsed.length, "kind": parts[0]})
    parsed.mention_lines.append(parsed.line)
    for part in parts[1:]:
        event, separator, role = part.partition(":")
        if not separator:
            raise ValueError(f"expected EVENT:ROLE, got {part!r}")
        parsed.roles.append((event, role, index))
        parsed.first_use.setdefault(event, parsed.line)
    if name.strip():
        parsed.names.setdefault(name.strip(), []).append(index)


def _events(
    lines: list[str], position: int, parsed: _Parsed, file: str | None
) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for number in range(position, len(lines)):
        line = lines[number].strip()
        if not line:
            continue
        match = _EVENT.match(line)
        if match is None:
            raise DataError(
                f"bad event line {line!r:.80}; expected 'ID TYPE STATUS [date=.. country=.. "
                "place=.. killed=.. injured=..]'",
                file=file,
                line=number + 1,
            )
        key = match[1]
        if key in seen or key not in parsed.triggers:
            what = "is defined twice" if key in seen else "has no trigger in the text"
            raise DataError(f"event {key} {what}", file=file, line=number + 1)
        seen.add(key)
        parsed.event_lines.append(number + 1)
        fields: dict[str, Any] = {k: v.strip() for k, v in _FIELD.findall(match[4])}
        for count in ("killed", "injured"):
            if count in fields:
                if not (fields[count].isascii() and fields[count].isdigit()):
                    raise DataError(
                        f"{count}={fields[count]!r} is no whole number", file=file, line=number + 1
                    )
                fields[count] = int(fields[count])
        yield {
            "id": key,
            "type": match[2],
            "status": match[3],
            "triggers": parsed.triggers[key],
            "arguments": [{"role": r, "mention": m} for e, r, m in parsed.roles if e == key],
            **fields,
        }
    for key, line_number in parsed.first_use.items():
        if key not in seen:
            raise DataError(
                f"event {key} is used in the text but not defined after ---",
                file=file,
                line=line_number,
            )


def read_folder(folder: str | Path, ontology: Ontology) -> Iterator[Document]:
    """Every ``*.txt`` under ``folder``, in name order -> checked Documents.

    Raises DataError also where two files have one id.
    """
    seen: dict[str, Path] = {}
    for path in sorted(Path(folder).rglob("*.txt")):
        document = parse(read_text(path), ontology, file=str(path))
        _check_new(document, path, seen)
        yield document


def _check_new(document: Document, path: Path, seen: dict[str, Path]) -> None:
    if (first := seen.setdefault(document.id, path)) != path:
        raise DataError(
            f"{document.id!r} is the id of the report in {first} too", file=str(path), field="id"
        )


def render(document: Document) -> str:
    """A Document -> markup text (inverse of ``parse`` for texts of one-line sentences)."""
    opens: dict[int, list[tuple[int, str]]] = {}
    closes: dict[int, list[tuple[int, str]]] = {}
    names = {m: e.name for e in reversed(document.entities) for m in e.mentions}
    for index, mention in enumerate(document.mentions):
        label = [mention.kind]
        for event in document.events:
            label += [f"{event.id}:{a.role}" for a in event.arguments if a.mention == index]
        if index in names:
            label.append(f"={names[index]}")
        opens.setdefault(mention.start, []).append((-mention.end, "["))
        closes.setdefault(mention.end, []).append((-mention.start, f"|{' '.join(label)}]"))
    for event in document.events:
        for trigger in event.triggers:
            opens.setdefault(trigger.start, []).append((-trigger.end, "{"))
            closes.setdefault(trigger.end, []).append((-trigger.start, f"|{event.id}}}"))
    lines = [f"# id: {document.id}"]
    for key in ("source", "license", "date", "title", "corpus"):
        value = getattr(document, key)
        if value is not None:
            lines.append(f"# {key}: {value}")
    lines.append("")
    sentences = document.sentences
    for number, sentence in enumerate(sentences):
        if number and "\n" in document.text[sentences[number - 1].end : sentence.start]:
            lines.append("")
        pieces = []
        for offset in range(sentence.start, sentence.end + 1):
            pieces += [mark for _, mark in sorted(closes.get(offset, ()))]
            if offset == sentence.end:
                break
            pieces += [mark for _, mark in sorted(opens.get(offset, ()))]
            char = document.text[offset]
            pieces.append("\\" + char if char in _SPECIAL else char)
        lines.append("".join(pieces))
    lines.append("---")
    for event in document.events:
        line = f"{event.id} {event.type} {event.status}"
        for key in ("date", "country", "place", "killed", "injured"):
            value = getattr(event, key)
            if value is not None:
                line += f" {key}={value}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m conflictwire.training.markup",
        description="Check a folder of markup files; with --out, convert them to gold JSONL.",
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, help="write gold JSONL here")
    options = parser.parse_args(argv)
    ontology = Ontology.load()
    documents, n_bad = [], 0
    seen: dict[str, Path] = {}
    paths = sorted(options.folder.rglob("*.txt"))
    if not paths:
        what = "no .txt file in this folder" if options.folder.is_dir() else "no such folder"
        print(f"{options.folder}: {what}", file=sys.stderr)
        return 2
    for path in paths:
        try:
            document = parse(read_text(path), ontology, file=str(path))
            _check_new(document, path, seen)
            documents.append(document)
        except DataError as error:
            n_bad += 1
            print(error, file=sys.stderr)
    n_events = sum(len(d.events) for d in documents)
    n_words = sum(len(d.text.split()) for d in documents)
    print(f"{len(documents)} reports, {n_words} words, {n_events} events, {n_bad} bad files")
    if options.out is not None and not n_bad:
        with options.out.open("w", encoding="utf-8") as out:
            for document in documents:
                out.write(json.dumps(document.to_dict(), ensure_ascii=False) + "\n")
    return 1 if n_bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
