"""Documents -> training windows (``datasets``) -> batches with labels.

Gold spans and words that the network cannot represent are counted by cause, never silently
dropped.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
from conflictwire.batch import SpanBatch, WindowBatch, WindowInput, collate_spans, collate_windows
from conflictwire.document import Document, Span
from conflictwire.errors import ConfigError
from conflictwire.extractor import Prepared, prepare, span_input
from conflictwire.features import MAX_WORD_CHARS, WordTokenizer
from conflictwire.files import data_folder
from conflictwire.network import NetworkConfig
from conflictwire.ontology import Ontology
from conflictwire.readers import read_gold
from conflictwire.spans import decode_iob2
from conflictwire.training.corpora import READERS, Scorer, reader, scorer
from conflictwire.training.markup import HOUSE, read_folder
from conflictwire.windows import Window
from datasets import Dataset
from torch import Tensor

IGNORE = -100
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
    """One row a window; see ``_row`` for the columns."""
    coverage = Coverage(Counter(), Counter())
    rows = [row for document in documents for row in _rows(document, tokenizer, config, coverage)]
    if not rows:
        raise ConfigError("the training data holds no text")
    return Dataset.from_list(rows), coverage


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


@dataclass(frozen=True, slots=True)
class Gold:
    """A batch's rows as they are; labels of spans are built once the spans are chosen."""

    rows: list[dict[str, Any]]
    mention_labels: Tensor  # [B, W] long, IGNORE on padding
    trigger_labels: Tensor  # [B, W] long


@dataclass(frozen=True, slots=True)
class Labels:
    """Targets over chosen spans; masks say which cells count."""

    status: Tensor  # [B, T] long, IGNORE where unknown
    role: Tensor  # [B, T, M, R] float
    role_mask: Tensor  # [B, T, M] bool
    same_event: Tensor  # [B, T, T] float
    same_event_mask: Tensor  # [B, T, T] bool, upper triangle
    same_entity: Tensor  # [B, M, M] float
    same_entity_mask: Tensor  # [B, M, M] bool, upper triangle

    def to(self, device: torch.device) -> Labels:
        return Labels(*(getattr(self, f.name).to(device) for f in fields(self)))


class Collator:
    """Rows -> (WindowBatch, Gold)."""

    def __init__(self, tokenizer: WordTokenizer) -> None:
        self.bos, self.eos, self.pad = tokenizer.bos, tokenizer.eos, tokenizer.pad

    def __call__(self, rows: list[dict[str, Any]]) -> tuple[WindowBatch, Gold]:
        names = [f.name for f in fields(WindowInput)]
        windows = collate_windows(
            [WindowInput(*(row[n] for n in names)) for row in rows],
            bos=self.bos,
            eos=self.eos,
            pad=self.pad,
        )
        n_words = windows.word_first.shape[1]
        mention, trigger = (torch.full((len(rows), n_words), IGNORE) for _ in range(2))
        for i, row in enumerate(rows):
            mention[i, : len(row["words"])] = 0
            trigger[i, : len(row["words"])] = 0
            for labels, spans, types in (
                (mention, row["mentions"], row["mention_kinds"]),
                (trigger, row["triggers"], row["trigger_types"]),
            ):
                for (a, b), k in zip(spans, types, strict=True):
                    labels[i, a] = 1 + 2 * k
                    labels[i, a + 1 : b] = 2 + 2 * k
        return windows, Gold(rows, mention, trigger)


class SpanChooser:
    """The spans that the pair heads train on: gold, and wrong proposals of the taggers if wanted.

    A wrong proposal that overlaps a gold span by at least half takes over its labels (the scorer
    accepts such a span too); any other is a negative for roles and left out elsewhere.
    """

    def __init__(self, gold: Gold, config: NetworkConfig, *, proposals: bool) -> None:
        self.gold, self.config, self.proposals = gold, config, proposals
        self._labels: Labels | None = None

    @property
    def labels(self) -> Labels:
        """Of the spans chosen; there are none before the network has called."""
        if self._labels is None:
            raise RuntimeError("the spans are not chosen yet")
        return self._labels

    def __call__(self, mention_logits: Tensor, trigger_logits: Tensor) -> SpanBatch:
        rows = self.gold.rows
        extra_m: list[list[tuple[int, int, int]]] = [[] for _ in rows]
        extra_t: list[list[tuple[int, int, int]]] = [[] for _ in rows]
        if self.proposals:
            extra_m = _proposed(mention_logits, rows, "mentions", "mention_kinds")
            extra_t = _proposed(trigger_logits, rows, "triggers", "trigger_types")
        inputs, aligned = [], []
        for row, more_m, more_t in zip(rows, extra_m, extra_t, strict=True):
            gold_m = [(a, b) for a, b in row["mentions"]]
            gold_t = [(a, b) for a, b in row["triggers"]]
            mentions = [(*s, k) for s, k in zip(gold_m, row["mention_kinds"], strict=True)]
            triggers = [(*s, k) for s, k in zip(gold_t, row["trigger_types"], strict=True)]
            inputs.append(
                span_input(row["words"], triggers=triggers + more_t, mentions=mentions + more_m)
            )
            aligned.append(
                (
                    list(range(len(gold_t))) + [_closest(s, gold_t) for s in more_t],
                    list(range(len(gold_m))) + [_closest(s, gold_m) for s in more_m],
                )
            )
        spans = collate_spans(inputs)
        device = mention_logits.device
        self._labels = _labels(rows, aligned, spans, len(self.config.roles)).to(device)
        moved: SpanBatch = spans.to(device)
        return moved


def _proposed(
    logits: Tensor, rows: Sequence[dict[str, Any]], spans: str, types: str
) -> list[list[tuple[int, int, int]]]:
    array = logits.float().cpu().numpy()
    decoded = decode_iob2([array[i, : len(row["words"])] for i, row in enumerate(rows)])
    wrong = []
    for row, found in zip(rows, decoded, strict=True):
        gold = {(a, b, k) for (a, b), k in zip(row[spans], row[types], strict=True)}
        new = [(s.word_start, s.word_end, s.type) for s in found]
        wrong.append([s for s in new if s not in gold])
    return wrong


def _closest(span: tuple[int, int, int], gold: Sequence[tuple[int, int]]) -> int:
    """Index of the gold span with intersection over union of at least a half, or -1."""
    a, b, _ = span
    best, best_iou = -1, 0.5
    for i, (c, d) in enumerate(gold):
        inter = min(b, d) - max(a, c)
        if inter > 0:
            iou = inter / (max(b, d) - min(a, c))
            if iou >= best_iou:
                best, best_iou = i, iou
    return best


def _labels(
    rows: Sequence[dict[str, Any]],
    aligned: Sequence[tuple[list[int], list[int]]],
    spans: SpanBatch,
    n_roles: int,
) -> Labels:
    n_b, n_t = spans.trigger_types.shape
    n_m = spans.mention_kinds.shape[1]
    status = np.full((n_b, n_t), IGNORE, dtype=np.int64)
    role = np.zeros((n_b, n_t, n_m, n_roles), dtype=np.float32)
    event = np.full((n_b, n_t), -1, dtype=np.int64)
    entity = np.full((n_b, n_m), -1, dtype=np.int64)
    known = np.zeros((n_b, n_m), dtype=bool)
    for i, (row, (t_gold, m_gold)) in enumerate(zip(rows, aligned, strict=True)):
        t_index, m_index = np.array(t_gold, dtype=np.int64), np.array(m_gold, dtype=np.int64)
        t_ok, m_ok = np.flatnonzero(t_index >= 0), np.flatnonzero(m_index >= 0)
        if len(t_ok):
            status[i, t_ok] = np.array(row["trigger_status"])[t_index[t_ok]]
            event[i, t_ok] = np.array(row["trigger_event"])[t_index[t_ok]]
        if len(m_ok):
            entity[i, m_ok] = np.array(row["mention_entity"])[m_index[m_ok]]
            known[i, m_ok] = True
        if row["roles"] and len(t_ok) and len(m_ok):
            table = np.zeros((len(row["triggers"]), len(row["mentions"]), n_roles), np.float32)
            t, m, r = np.array(row["roles"]).T
            table[t, m, r] = 1
            role[i, t_ok[:, None], m_ok[None, :]] = table[t_index[t_ok][:, None], m_index[m_ok]]
    types = spans.trigger_types.numpy()
    upper_t = np.triu(np.ones((n_t, n_t), dtype=bool), 1)
    upper_m = np.triu(np.ones((n_m, n_m), dtype=bool), 1)
    both_events = (event[:, :, None] >= 0) & (event[:, None, :] >= 0)
    same_type = types[:, :, None] == types[:, None, :]
    same_event = (event[:, :, None] == event[:, None, :]) & both_events
    same_entity = (entity[:, :, None] == entity[:, None, :]) & (entity[:, :, None] >= 0)
    return Labels(
        torch.from_numpy(status),
        torch.from_numpy(role),
        spans.trigger_mask.unsqueeze(2) & spans.mention_mask.unsqueeze(1),
        torch.from_numpy(same_event.astype(np.float32)),
        torch.from_numpy(both_events & same_type & upper_t),
        torch.from_numpy(same_entity.astype(np.float32)),
        torch.from_numpy(known[:, :, None] & known[:, None, :] & upper_m),
    )


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
