"""Documents -> training windows (``datasets``).

Gold spans and words that the network cannot represent are counted by cause, never silently
dropped.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from conflictwire.document import Document, Span
from conflictwire.errors import ConfigError
from conflictwire.extractor import Prepared, prepare
from conflictwire.features import MAX_WORD_CHARS, WordTokenizer
from conflictwire.files import data_folder
from conflictwire.network import NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.readers import read_gold
from conflictwire.training.corpora import READERS, Scorer, reader, scorer
from conflictwire.training.markup import HOUSE, read_folder
from conflictwire.windows import Window
from datasets import Dataset

# About one house report in this many is kept out of training.
HOUSE_DEV_SHARE = 10


def load_documents(sources: Sequence[str], ontology: Ontology) -> list[Document]:
    """Gold files, markup folders, parts of the house corpus and ``reader:path`` of public corpora
    (see ``training.corpora``), by the names configs use."""
    return [d for source in sources for d in _load(source, ontology)]


def _load(source: str, ontology: Ontology) -> Iterator[Document]:
    if source in ("house", "house:train", "house:dev"):
        part = source.partition(":")[2]
        for document in read_folder(HOUSE, ontology):
            # By the id alone: a report never changes sides when others are added.
            is_dev = crc32(document.id.encode()) % HOUSE_DEV_SHARE == 0
            if not part or is_dev == (part == "dev"):
                yield document
        return
    if (corpus := _public_corpus(source)) is not None:
        name, path = corpus
        if not path.is_file():
            raise ConfigError(
                f"no data at {path} (from {source!r}). Set CONFLICTWIRE_DATA to the folder of "
                "outside data"
            )
        yield from reader(name)(path, ontology)
        return
    path = outside(source)
    if path.is_file():
        yield from read_gold(path, ontology)
    elif path.is_dir() and any(path.rglob("*.txt")):
        yield from read_folder(path, ontology)
    else:
        found = "no markup (*.txt)" if path.is_dir() else "no data"
        raise ConfigError(
            f"{found} at {path} (from {source!r}). Expected gold JSONL, a folder of markup, or "
            "'house'. Set CONFLICTWIRE_DATA to the folder of outside data, or train on the "
            "packaged corpus alone: conflictwire train house"
        )


def own_metrics(sources: Sequence[str]) -> Scorer | None:
    """The metrics that a public corpus has of its own, where it is all that ``sources`` name."""
    corpus = _public_corpus(sources[0])
    return scorer(*corpus) if corpus is not None and len(sources) == 1 else None


def _public_corpus(source: str) -> tuple[str, Path] | None:
    """Reader and file of ``reader:path``; None for any other source."""
    name, _, file = source.partition(":")
    return (name, outside(file)) if name in READERS and file else None


def outside(source: str) -> Path:
    """A path as configs write it; $CONFLICTWIRE_DATA has a default."""
    return Path(os.path.expandvars(source.replace("$CONFLICTWIRE_DATA", str(data_folder()))))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of the gold the network can represent: counts by layer and cause."""

    total: Counter[str]
    lost: Counter[str]

    def lines(self) -> list[str]:
        lines = [f"{layer}: {n} in gold" for layer, n in sorted(self.total.items())]
        return lines + [f"lost, {cause}: {n}" for cause, n in sorted(self.lost.items())]

    def to_dict(self) -> dict[str, dict[str, int]]:
        """``{"in_gold": {layer: n}, "lost": {cause: n}}``, sorted."""
        return {
            "in_gold": dict(sorted(self.total.items())),
            "lost": dict(sorted(self.lost.items())),
        }


def build_dataset(
    documents: Sequence[Document], tokenizer: WordTokenizer, config: NetworkConfig
) -> tuple[Dataset, Coverage]:
    """One row a window; see ``_row`` for the columns, to which its number, ``window``, is added."""
    coverage = Coverage(Counter(), Counter())
    rows = [row for document in documents for row in _rows(document, tokenizer, config, coverage)]
    if not rows:
        raise ConfigError("the training data holds no text")
    return Dataset.from_list([{**row, "window": i} for i, row in enumerate(rows)]), coverage


def _rows(
    document: Document, tokenizer: WordTokenizer, config: NetworkConfig, coverage: Coverage
) -> Iterator[dict[str, Any]]:
    prepared = prepare(
        document.text, tokenizer, max_pieces=config.max_pieces, overlap=config.overlap
    )
    _count_words(prepared, tokenizer, coverage)
    starts = {c: i for i, c in enumerate(prepared.segmented.starts)}
    ends = {c: i + 1 for i, c in enumerate(prepared.segmented.ends)}

    def words_of(span: Span, layer: str) -> tuple[int, int] | None:
        coverage.total[layer] += 1
        if span.start not in starts or span.end not in ends:
            coverage.lost[f"{layer} does not end at word boundaries"] += 1
            return None
        found = (starts[span.start], ends[span.end])
        if not any(found in w for w in prepared.windows):
            coverage.lost[f"{layer} is cut by every window"] += 1
            return None
        return found

    mentions = [words_of(m.span, "mention") for m in document.mentions]
    triggers = [
        (event_index, words_of(t, "trigger"))
        for event_index, event in enumerate(document.events)
        for t in event.triggers
    ]
    _count_unreachable(document, mentions, triggers, prepared, coverage)
    for window in prepared.windows:
        yield _row(document, prepared, window, mentions, triggers, config)


def _count_words(prepared: Prepared, tokenizer: WordTokenizer, coverage: Coverage) -> None:
    """Words that are read in part only, or not at all (as the unknown piece)."""
    unknown = tokenizer.unk if tokenizer.unk is not None else tokenizer.eos
    words = prepared.words(Window(0, len(prepared.segmented)))
    coverage.total["word"] += len(words)
    for i, word in enumerate(words):
        pieces = prepared.piece_ids[prepared.piece_starts[i] : prepared.piece_starts[i + 1]]
        if len(word) > MAX_WORD_CHARS:
            coverage.lost[f"word cut at {MAX_WORD_CHARS} characters"] += 1
        elif len(pieces) == tokenizer.max_pieces_per_word and _n_pieces(word, tokenizer) > len(
            pieces
        ):
            coverage.lost[f"word cut at {tokenizer.max_pieces_per_word} pieces"] += 1
        if unknown in pieces:
            coverage.lost["word unknown to the tokenizer"] += 1


def _n_pieces(word: str, tokenizer: WordTokenizer) -> int:
    return len(tokenizer.tokenizer.tokenize(f" {word}"))


def _count_unreachable(
    document: Document,
    mentions: Sequence[tuple[int, int] | None],
    triggers: Sequence[tuple[int, tuple[int, int] | None]],
    prepared: Prepared,
    coverage: Coverage,
) -> None:
    for event_index, event in enumerate(document.events):
        spans = [t for e, t in triggers if e == event_index and t is not None]
        for argument in event.arguments:
            coverage.total["argument"] += 1
            mention = mentions[argument.mention]
            together = mention is not None and any(
                mention in w and t in w for t in spans for w in prepared.windows
            )
            if not together:
                coverage.lost["argument shares no window with its event's triggers"] += 1


def _row(
    document: Document,
    prepared: Prepared,
    window: Window,
    mentions: Sequence[tuple[int, int] | None],
    triggers: Sequence[tuple[int, tuple[int, int] | None]],
    config: NetworkConfig,
) -> dict[str, Any]:
    """A window and its gold; spans are word ranges within the window, labels are indices.

    ``trigger_event`` numbers the document's events, ``mention_entity`` its entities (-1: none);
    ``roles`` holds (trigger, mention, role) triples.
    """
    kinds = {k: i for i, k in enumerate(config.kinds)}
    types = {k: i for i, k in enumerate(config.event_types)}
    statuses = {k: i for i, k in enumerate(config.statuses)}
    roles = {k: i for i, k in enumerate(config.roles)}
    owner = document.entity_of()
    offset = window.word_start
    m_ids = [i for i, s in enumerate(mentions) if s is not None and s in window]
    position = {m: i for i, m in enumerate(m_ids)}
    inside = [(e, t) for e, t in triggers if t is not None and t in window]
    inside.sort(key=lambda pair: pair[1])
    window_input = prepared.window_input(window)
    role_triples = [
        [t, position[a.mention], roles[a.role]]
        for t, (e, _) in enumerate(inside)
        for a in document.events[e].arguments
        if a.mention in position
    ]
    return {
        "words": prepared.words(window),
        "piece_ids": window_input.piece_ids,
        "piece_counts": window_input.piece_counts,
        "casings": window_input.casings,
        "sentence_of_word": window_input.sentence_of_word,
        "triggers": [[a - offset, b - offset] for _, (a, b) in inside],
        "trigger_types": [types[document.events[e].type] for e, _ in inside],
        "trigger_status": [statuses[document.events[e].status] for e, _ in inside],
        "trigger_event": [e for e, _ in inside],
        "mentions": [[a - offset, b - offset] for a, b in (mentions[m] or (0, 0) for m in m_ids)],
        "mention_kinds": [kinds[document.mentions[m].kind] for m in m_ids],
        "mention_entity": [owner.get(m, -1) for m in m_ids],
        "roles": role_triples,
    }


def read_ids(source: str | None) -> set[str]:
    """A JSON file of document ids (a list, or an object of lists) -> the ids."""
    if source is None:
        return set()
    path = outside(source)
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"data.leave_out: {path} cannot be read: {error}") from None
    lists = raw.values() if isinstance(raw, dict) else [raw]
    if not all(isinstance(ids, list) for ids in lists):
        raise ConfigError(f"data.leave_out: {path}: expected a list of ids, or an object of lists")
    return {str(i) for ids in lists for i in ids}
