"""Texts without annotation -> training documents, annotated by a trained model.

What other documents hold already is left out of a text, so that nothing is learnt twice and no
text of a development set is learnt at all. What is found is kept under RUNS/soft-labels, line by
line: a run that was killed goes on, and seeds of one stage share it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from conflictwire.document import Document, from_dict
from conflictwire.eval.bench.base import read_rows
from conflictwire.extractor import Extraction, Extractor
from conflictwire.features import MAX_WORD_PIECES, WordTokenizer
from conflictwire.files import run_folder
from conflictwire.network import WEIGHTS_FILE, NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.segment import Segmented, segment
from conflictwire.structure import build_structure
from conflictwire.training.teacher import FOLDER, load_teacher, teacher_folder

_FORM = "id and text, and date where it is known"
_WORDS = 8  # in a row that two texts share by no chance
_LEAST = 40  # words of a part that is worth reading
_BATCH = 16  # documents

Text = tuple[str, str, str | None]  # id, text, date


def annotated(
    sources: Sequence[Path],
    teacher: str,
    known: Iterable[Document],
    ontology: Ontology,
    *,
    device: torch.device,
    dtype: torch.dtype,
    show: Callable[[str], None],
) -> list[Document]:
    """Documents of the JSON lines in ``sources``, without what ``known`` documents hold.

    A later part of a text has the character at which it starts in its id, ``report-7@2100``.
    Raises ConfigError if ``teacher`` names no model, and DataError for lines of another form.
    """
    folder = teacher_folder(teacher)
    texts = list(new_parts(_texts(sources), (d.text for d in known)))
    digest = sha256((folder / WEIGHTS_FILE).read_bytes())
    digest.update(json.dumps(texts).encode())
    path = run_folder(FOLDER) / f"{digest.hexdigest()[:16]}.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.is_file() else []
    if len(lines) < len(texts):
        show(f"{len(texts)} texts without annotation, read by {teacher}: {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        # What was cut off in the middle of a line is written anew.
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        with path.open("a", encoding="utf-8") as file:
            for found in _read(folder, texts[len(lines) :], device, dtype):
                lines.append(json.dumps(found))
                file.write(f"{lines[-1]}\n")
                file.flush()
                if len(lines) % 200 == 0:
                    show(f"  {len(lines)} of {len(texts)}")
    return [from_dict(json.loads(line), ontology, file=str(path)) for line in lines]


def new_parts(texts: Iterable[Text], known: Iterable[str]) -> Iterator[Text]:
    """The parts of texts that are made of whole sentences not ``known``, and long enough.

    A sentence is known if more than half of its words stand in runs of ``_WORDS`` words that a
    known text has, or an earlier one.
    """
    seen: set[int] = set()
    for text in known:
        seen.update(_runs(_words(text, segment(text))))
    for name, text, date in texts:
        segmented = segment(text)
        words = _words(text, segmented)
        runs = _runs(words)
        covered = [False] * len(words)
        for i, run in enumerate(runs):
            if run in seen:
                covered[i : i + _WORDS] = [True] * min(_WORDS, len(words) - i)
        seen.update(runs)
        for first, last in _stretches(segmented.sentences, covered):
            start, end = segmented.starts[first], segmented.ends[last - 1]
            yield (f"{name}@{start}" if first else name), text[start:end], date


def _words(text: str, segmented: Segmented) -> list[str]:
    return [text[a:b].lower() for a, b in zip(segmented.starts, segmented.ends, strict=True)]


def _runs(words: Sequence[str]) -> list[int]:
    """Hashes of the runs of ``_WORDS`` words, by where they start; a shorter text is one run."""
    starts = range(max(1, len(words) - _WORDS + 1))
    return [hash(tuple(words[i : i + _WORDS])) for i in starts]


def _stretches(
    sentences: Sequence[tuple[int, int]], covered: Sequence[bool]
) -> Iterator[tuple[int, int]]:
    """Ranges of words of neighbouring sentences that are not covered."""
    start = end = 0
    for a, b in [*sentences, (len(covered), len(covered))]:
        if b > a and 2 * sum(covered[a:b]) <= b - a:
            start, end = (start, b) if end == a and end > start else (a, b)
            continue
        if end - start >= _LEAST:
            yield start, end
        start = end = b


def _texts(sources: Iterable[Path]) -> Iterator[Text]:
    for path in sources:
        for row in read_rows(path, _FORM, id=str, text=str):
            yield row["id"], row["text"], row.get("date")


def _read(
    folder: Path, texts: Sequence[Text], device: torch.device, dtype: torch.dtype
) -> Iterator[dict[str, Any]]:
    model = load_teacher(folder)
    words = WordTokenizer(model.tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
    extractor = Extractor(model.network.to(device), words, device=device, dtype=dtype)
    config = model.network.config
    for first in range(0, len(texts), _BATCH):
        batch = texts[first : first + _BATCH]
        found = extractor.run([extractor.prepare(text) for _, text, _ in batch])
        for (name, _, date), extraction in zip(batch, found, strict=True):
            yield {"id": name, "date": date, **_document(extraction, config)}


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
