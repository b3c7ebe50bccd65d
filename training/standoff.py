"""Annotations apart from their texts: for work on texts that may not be passed on.

A line of a stand-off file has the id of a text, the range of its characters that was annotated, a
checksum of these, the document's date, and the annotation as offsets into the text::

    {"id": "report-7", "start": 0, "end": 1204, "crc32": 3811, "date": "2016-05-03",
     "sentences": [[0, 61], ...], "mentions": [[0, 11, "POLICE"], ...],
     "entities": [["Oslo", [3, 8]], ...],
     "events": [{"type": "arrest", "status": "happened", "triggers": [[14, 22]],
                 "arguments": [["actor", 0], ...], "date": "2016-05-02", ...}, ...]}

The texts are JSON lines with ``id`` and ``text``, and ``title``, ``source``, ``license`` and
``corpus`` where known. A later part of a text is a document of its own, whose id tells the
character at which it starts: ``report-7@2100``.

``python -m conflictwire.training.standoff gold.jsonl texts.jsonl --out annotations.jsonl`` takes
the texts out of gold JSONL; a document may be a part of its text. White space may differ between
the two, nothing else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from zlib import crc32

from conflictwire.document import Document, Span, from_dict
from conflictwire.errors import DataError
from conflictwire.eval.bench.base import read_rows
from conflictwire.ontology import Ontology
from conflictwire.readers import read_gold
from conflictwire.training.command import exit_code, say
from pydantic import BaseModel, ConfigDict, Field

_FORM = "id, start, end, crc32, date, sentences, mentions, entities and events"
_ABOUT = ("title", "source", "license", "corpus")
_FIELDS = ("date", "country", "place", "killed", "injured")


_Range = Annotated[list[int], Field(min_length=2, max_length=2)]
_RoleOf = Annotated[list[str | int], Field(min_length=2, max_length=2)]
_KindOf = Annotated[list[int | str], Field(min_length=3, max_length=3)]
_NameOf = Annotated[list[str | list[int]], Field(min_length=2, max_length=2)]


class _Event(BaseModel):
    """Of a stand-off line. Other fields are checked with the document."""

    model_config = ConfigDict(extra="allow")

    triggers: list[_Range]
    arguments: list[_RoleOf]


_COLUMNS: dict[str, Any] = {
    "id": str,
    "start": int,
    "end": int,
    "crc32": int,
    "date": str | None,
    "sentences": list[_Range],
    "mentions": list[_KindOf],
    "entities": list[_NameOf],
    "events": list[_Event],
}


def take_text_out(document: Document, text: str, *, start: int = 0) -> dict[str, Any]:
    """A Document -> its stand-off line without ``id``, by offsets into ``text``.

    The document's text stands in ``text`` from character ``start`` on, but for white space. Spans
    lose white space at their ends. Raises DataError where the texts differ, and for a span without
    a word.
    """
    offsets = _offsets(document, text, start)

    def span(of: Span) -> list[int]:
        inside = [offsets[i] for i in range(of.start, of.end) if i in offsets]
        if not inside:
            raise DataError(f"{document.id!r}: nothing stands in [{of.start}, {of.end})")
        return [inside[0], inside[-1] + 1]

    end = span(Span(0, len(document.text)))[1]
    return {
        "start": start,
        "end": end,
        "crc32": crc32(text[start:end].encode()),
        "date": document.date,
        "sentences": [span(s) for s in document.sentences],
        "mentions": [[*span(m.span), m.kind] for m in document.mentions],
        "entities": [[e.name, list(e.mentions)] for e in document.entities],
        "events": [
            {
                "type": e.type,
                "status": e.status,
                "triggers": [span(t) for t in e.triggers],
                "arguments": [[a.role, a.mention] for a in e.arguments],
                **{f: v for f in _FIELDS if (v := getattr(e, f)) is not None},
            }
            for e in document.events
        ],
    }


def _offsets(document: Document, text: str, start: int) -> dict[int, int]:
    """Offsets of the characters of ``document.text``, white space aside -> those in ``text``."""
    theirs = (i for i in range(start, len(text)) if not text[i].isspace())
    offsets: dict[int, int] = {}
    for i, char in enumerate(document.text):
        if char.isspace():
            continue
        at = next(theirs, None)
        if at is None or text[at] != char:
            found = "ends" if at is None else f"has {text[at : at + 30]!r}"
            raise DataError(
                f"{document.id!r}: the text {found} where the annotated one has "
                f"{document.text[i : i + 30]!r}"
            )
        offsets[i] = at
    return offsets


def read_standoff(annotations: Path, texts: Path, ontology: Ontology) -> Iterator[Document]:
    """Annotations and the file of their texts -> checked Documents.

    Raises DataError for another form, and for a text that is missing or is not the one that was
    annotated. Of several texts with one id, that one is taken.
    """
    by_id = _texts(texts)
    for row in read_rows(annotations, _FORM, **_COLUMNS):
        if row["id"] not in by_id:
            raise DataError(f"no text {row['id']!r} in {texts}", file=str(annotations), field="id")
        part = slice(row["start"], row["end"])
        same = (t for t in by_id[row["id"]] if crc32(t["text"][part].encode()) == row["crc32"])
        if (about := next(same, None)) is None:
            raise DataError(
                f"text {row['id']!r} of {texts} is not the one that was annotated",
                file=str(annotations),
                field="crc32",
            )
        yield from_dict(_gold(row, about["text"][part], about), ontology, file=str(annotations))


def _texts(path: Path) -> dict[str, list[dict[str, Any]]]:
    by_id: dict[str, list[dict[str, Any]]] = {}
    for row in read_rows(path, "id and text", id=str, text=str):
        by_id.setdefault(row["id"], []).append(row)
    return by_id


def _gold(row: dict[str, Any], text: str, about: dict[str, Any]) -> dict[str, Any]:
    """A stand-off line and its part of the text -> a gold object."""
    first = row["start"]

    def span(of: list[int]) -> dict[str, int]:
        return {"start": of[0] - first, "end": of[1] - first}

    return {
        "id": f"{row['id']}@{first}" if first else row["id"],
        **{field: about.get(field) for field in _ABOUT},
        "date": row["date"],
        "text": text,
        "sentences": [[start - first, end - first] for start, end in row["sentences"]],
        "mentions": [{"id": i, **span(m), "kind": m[2]} for i, m in enumerate(row["mentions"])],
        "entities": [{"name": name, "mentions": of} for name, of in row["entities"]],
        "events": [
            {
                **event,
                "id": f"E{number}",
                "triggers": [span(t) for t in event["triggers"]],
                "arguments": [{"role": role, "mention": m} for role, m in event["arguments"]],
            }
            for number, event in enumerate(row["events"])
        ],
    }


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m conflictwire.training.standoff",
        description="Take the texts out of gold JSONL.",
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument("texts", type=Path, help="JSON lines with id and text")
    parser.add_argument("--out", type=Path, required=True, help="the stand-off file to write")
    options = parser.parse_args(argv)
    return exit_code(lambda: _main(options))


def _main(options: argparse.Namespace) -> None:
    texts = _texts(options.texts)
    lines = [
        json.dumps(_line(document, texts, options), ensure_ascii=False)
        for document in read_gold(options.gold, Ontology.load())
    ]
    options.out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    say(f"{len(lines)} annotations in {options.out}")


def _line(
    document: Document, texts: dict[str, list[dict[str, Any]]], options: argparse.Namespace
) -> dict[str, Any]:
    id, start = document.id, 0
    if id not in texts:
        id, _, tail = document.id.rpartition("@")
        start = int(tail) if tail.isdecimal() else 0
    if id not in texts:
        raise DataError(f"no text {document.id!r} in {options.texts}", file=str(options.gold))
    *others, last = texts[id]
    for text in others:
        try:
            return {"id": id, **take_text_out(document, text["text"], start=start)}
        except DataError:
            continue  # not the text of this id that was annotated
    return {"id": id, **take_text_out(document, last["text"], start=start)}


if __name__ == "__main__":
    raise SystemExit(main())
