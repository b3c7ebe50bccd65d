"""Sources -> documents, and how many there are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .fields import FieldNames, InputDocument
from .lines import count_lines, read_lines, read_stdin, read_text
from .sources import STDIN, Source, form_of
from .tables import count_csv, count_parquet, read_csv, read_parquet

__all__ = ["count_documents", "read_documents"]


def count_documents(sources: Iterable[Source]) -> int | None:
    """How many documents there are, from one pass over the files (of Parquet: over its footer);
    None if there is standard input or a pipe, which could not be read again."""
    total = 0
    for source in sources:
        form = form_of(source.path)
        if form == ".txt":
            total += 1
        elif source.path == STDIN or (
            os.path.exists(source.path) and not os.path.isfile(source.path)
        ):
            return None
        elif form == ".csv":
            total += count_csv(source.path)
        elif form == ".parquet":
            total += count_parquet(source.path)
        else:
            total += count_lines(source.path)
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
        for document in _read(source, names):
            if published is not None and document.fields.get("date") is None:
                document = replace(document, fields={**document.fields, "date": published})
            yield document


def _read(source: Source, names: FieldNames) -> Iterator[InputDocument]:
    if source.path == STDIN:
        return read_stdin(names)
    form = form_of(source.path)
    if form == ".txt":
        return read_text(source)
    if form == ".csv":
        return read_csv(source, names)
    if form == ".parquet":
        return read_parquet(source, names)
    return read_lines(source, names)
