"""Texts without annotation -> training documents, annotated by a trained model.

What other documents hold already is left out of a text, so that nothing is learnt twice and no
text of a development set is learnt at all. What is found is kept on disk (``kept.py``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from conflictwire.document import Document, from_dict
from conflictwire.errors import ConfigError
from conflictwire.eval.bench.base import read_rows
from conflictwire.extractor import Extraction, Extractor
from conflictwire.features import MAX_WORD_PIECES, WordTokenizer
from conflictwire.network import NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.segment import Segmented, segment
from conflictwire.structure import build_structure
from conflictwire.training.kept import Show, folder_for, in_parts
from conflictwire.training.teacher import load_teacher

_FORM = "id and text"
_WORDS = 8  # in a row that two texts share by no chance
_LEAST = 40  # words of a part that is worth reading
_PART = 128  # documents a file
_BATCH = 16  # documents that are read at once

Text = tuple[str, str]  # id, text


def annotated(
    sources: Sequence[Path],
    teacher: Path,
    known: Iterable[Document],
    ontology: Ontology,
    *,
    leave_out: Container[str],
    device: torch.device,
    dtype: torch.dtype,
    show: Show,
) -> list[Document]:
    """Documents of the JSON lines in ``sources``, without what ``known`` documents hold and without
    the ids in ``leave_out``, annotated by the model in the folder ``teacher``.

    A later part of a text has the character at which it starts in its id, ``report-7@2100``.
    Raises ConfigError if nothing is left, and DataError for lines of another form.
    """
    left_out: Counter[str] = Counter()
    wanted = (t for t in _texts(sources) if t[0] not in leave_out)
    texts = list(new_parts(wanted, (d.text for d in known), left_out))
    n_words = sum(len(segment(text)) for _, text in texts)
    show(
        f"{len(texts)} parts of texts without annotation, {n_words} words; left out: "
        f"{left_out['known']} words of other documents, {left_out['short']} of shorter parts"
    )
    if not texts:
        names = ", ".join(map(str, sources))
        raise ConfigError(f"data.unlabelled: nothing in {names} is new and of {_LEAST} words")
    target = folder_for([teacher], dtype, device, json.dumps(texts))
    readers: list[tuple[Extractor, NetworkConfig]] = []

    def write(start: int, end: int, path: Path) -> None:
        if not readers:
            show(f"annotating them: {target}")
            readers.append(_reader(teacher, device, dtype))
        lines = [json.dumps(found) for found in _read(*readers[0], texts[start:end])]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def read(path: Path) -> list[Document]:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        return [from_dict(json.loads(line), ontology, file=str(path)) for line in lines]

    return in_parts(
        target, len(texts), size=_PART, suffix=".jsonl", write=write, read=read, show=show
    )


def new_parts(
    texts: Iterable[Text], known: Iterable[str], left_out: Counter[str]
) -> Iterator[Text]:
    """The parts of texts that are made of whole sentences not ``known``, and long enough.

    A sentence is known if more than half of its words stand in runs of ``_WORDS`` words that a
    known text has, or an earlier one. Words ``left_out`` are counted as known or short.
    """
    seen: set[int] = set()
    for text in known:
        seen.update(_runs(_words(text, segment(text))))
    for name, text in texts:
        segmented = segment(text)
        words = _words(text, segmented)
        covered = [False] * len(words)
        for i, run in enumerate(_runs(words)):
            if run in seen:
                covered[i : i + _WORDS] = [True] * min(_WORDS, len(words) - i)
        for first, last, is_known in _stretches(segmented.sentences, covered):
            if is_known or last - first < _LEAST:
                left_out["known" if is_known else "short"] += last - first
                continue
            seen.update(_runs(words[first:last]))
            start, end = segmented.starts[first], segmented.ends[last - 1]
            yield (f"{name}@{start}" if first else name), text[start:end]


def _words(text: str, segmented: Segmented) -> list[str]:
    return [text[a:b].lower() for a, b in zip(segmented.starts, segmented.ends, strict=True)]


def _runs(words: Sequence[str]) -> list[int]:
    """Hashes of the runs of ``_WORDS`` words, by where they start; a shorter text is one run."""
    starts = range(max(1, len(words) - _WORDS + 1))
    return [hash(tuple(words[i : i + _WORDS])) for i in starts]


def _stretches(
    sentences: Iterable[tuple[int, int]], covered: Sequence[bool]
) -> Iterator[tuple[int, int, bool]]:
    """Ranges of words of neighbouring sentences that are all known, or all new."""
    start = end = 0
    known = False
    for a, b in sentences:
        is_known = 2 * sum(covered[a:b]) > b - a
        if is_known != known and end > start:
            yield start, end, known
            start = a
        known, end = is_known, b
    if end > start:
        yield start, end, known


def _texts(sources: Iterable[Path]) -> Iterator[Text]:
    for path in sources:
        for row in read_rows(path, _FORM, id=str, text=str):
            yield row["id"], row["text"]


def _reader(
    folder: Path, device: torch.device, dtype: torch.dtype
) -> tuple[Extractor, NetworkConfig]:
    model = load_teacher(folder)
    words = WordTokenizer(model.tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
    extractor = Extractor(model.network.to(device), words, device=device, dtype=dtype)
    return extractor, model.network.config


def _read(
    extractor: Extractor, config: NetworkConfig, texts: Sequence[Text]
) -> Iterator[dict[str, Any]]:
    for first in range(0, len(texts), _BATCH):
        batch = texts[first : first + _BATCH]
        found = extractor.run([extractor.prepare(text) for _, text in batch])
        for (name, _), extraction in zip(batch, found, strict=True):
            yield {"id": name, **_document(extraction, config)}


def _document(extraction: Extraction, config: NetworkConfig) -> dict[str, Any]:
    """An annotation in the form of gold: what is found, whatever its score."""
    prepared = extraction.prepared
    structure = build_structure(extraction, config)

    def span(word_start: int, word_end: int) -> dict[str, int]:
        start, end = prepared.chars(word_start, word_end)
        return {"start": start, "end": end}

    triggers = [span(t.word_start, t.word_end) for t in extraction.triggers]
    sentences = prepared.segmented.sentences
    return {
        "date": None,
        "source": None,
        "license": None,
        "title": None,
        "text": prepared.text,
        "sentences": [[*span(a, b).values()] for a, b in sentences],
        "mentions": [
            {"id": i, **span(m.word_start, m.word_end), "kind": config.kinds[m.type]}
            for i, m in enumerate(extraction.mentions)
        ],
        "entities": [{"name": c.name, "mentions": list(c.mentions)} for c in structure.clusters],
        "events": [
            {
                "id": f"E{i}",
                "type": config.event_types[e.type],
                "status": config.statuses[e.status],
                "triggers": [triggers[t] for t in e.triggers],
                "arguments": [
                    {"role": config.roles[a.role], "mention": a.mention} for a in e.arguments
                ],
                "date": None,
                "country": None,
                "place": None,
                "killed": None,
                "injured": None,
            }
            for i, e in enumerate(structure.events)
        ],
        "corpus": None,
    }
