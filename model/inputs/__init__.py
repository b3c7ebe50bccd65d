"""Files, folders and standard input -> documents for ``predict_stream``, one at a time.

    sources = find_sources(["news/", "extra.jsonl", "-"])
    for document in read_documents(sources): ...

A ``.txt`` file is one document; ``.jsonl``, ``.jsonl.gz``, ``.csv`` and ``.parquet`` hold one a
line or row. Standard input is JSON lines if its first line is a JSON object that has the text's
field, else one raw text. A document that cannot be read comes out with ``error`` set; those after
it are read all the same.

Where there is no line or row, there is no document.

``sources`` finds the files, ``lines`` and ``tables`` read them, ``fields`` checks what they hold.
"""

from .fields import FieldNames, InputDocument, is_day
from .reading import count_documents, read_documents
from .sources import ACCEPTED, STDIN, Source, find_sources

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
