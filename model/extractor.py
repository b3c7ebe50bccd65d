"""Runs the network over documents: text → windows → logits → spans → relations.

The one place where inference touches torch. Everything behind it is plain Python and numpy.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from itertools import accumulate

import numpy as np
import torch

from .attention import attend_by_window
from .batch import SPANS_STEP, SpanInput, WindowBatch, WindowInput, collate_spans, collate_windows
from .evidence import evidence_matrix
from .features import WordTokenizer
from .integers import quantise
from .network import Network
from .processor import cpu_has_amx, cpu_has_bf16
from .relations import DocumentRelations, WindowScores, merge
from .segment import Segmented, segment
from .spans import Floats, TaggedSpan, decode_iob2
from .windows import Window, make_windows, owners


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text cut into words, sentences and windows, ready for the encoder."""

    text: str
    segmented: Segmented
    sentence_of_word: list[int]
    piece_ids: list[int]
    piece_counts: list[int]
    piece_starts: list[int]  # of each word, and the number of all pieces
    casings: list[int]
    windows: list[Window]

    def window_input(self, window: Window) -> WindowInput:
        start, end = window.word_start, window.word_end
        return WindowInput(
            self.piece_ids[self.piece_starts[start] : self.piece_starts[end]],
            self.piece_counts[start:end],
            self.casings[start:end],
            self.sentence_of_word[start:end],
        )

    def words(self, window: Window) -> list[str]:
        starts, ends = self.segmented.starts, self.segmented.ends
        return [self.text[starts[i] : ends[i]] for i in range(window.word_start, window.word_end)]

    def first_words(self, n: int) -> list[str]:
        return self.words(Window(0, min(n, len(self.segmented))))

    def chars(self, word_start: int, word_end: int) -> tuple[int, int]:
        """Word range -> code-point range."""
        return self.segmented.starts[word_start], self.segmented.ends[word_end - 1]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What the network says of one document: spans in text order, and their relations."""

    prepared: Prepared
    mentions: list[TaggedSpan]
    triggers: list[TaggedSpan]
    relations: DocumentRelations


def prepare(text: str, tokenizer: WordTokenizer, *, max_pieces: int, overlap: int) -> Prepared:
    segmented = segment(text)
    words = [text[a:b] for a, b in zip(segmented.starts, segmented.ends, strict=True)]
    pieces = tokenizer(words)
    sentence_of_word = [i for i, (a, b) in enumerate(segmented.sentences) for _ in range(a, b)]
    windows = make_windows(
        segmented.sentences, pieces.counts, max_pieces=max_pieces, overlap=overlap
    )
    return Prepared(
        text=text,
        segmented=segmented,
        sentence_of_word=sentence_of_word,
        piece_ids=pieces.ids,
        piece_counts=pieces.counts,
        piece_starts=[0, *accumulate(pieces.counts)],
        casings=pieces.casings,
        windows=windows,
    )


def span_input(
    words: Sequence[str],
    *,
    triggers: Sequence[tuple[int, int, int]],
    mentions: Sequence[tuple[int, int, int]],
) -> SpanInput:
    """One window's words and its spans (word start, word end, label) -> input of the heads."""
    trigger_words = [" ".join(words[a:b]).lower() for a, b, _ in triggers]
    numbers = {w: i for i, w in enumerate(dict.fromkeys(trigger_words))}
    return SpanInput(
        triggers=[(a, b) for a, b, _ in triggers],
        trigger_types=[t for _, _, t in triggers],
        trigger_words=[numbers[w] for w in trigger_words],
        mentions=[(a, b) for a, b, _ in mentions],
        mention_kinds=[k for _, _, k in mentions],
        evidence=evidence_matrix([" ".join(words[a:b]) for a, b, _ in mentions]),
    )


@dataclass(frozen=True, slots=True)
class Encoded:
    """Of each document the logits of its words, [n_words, n_labels]; and the word vectors of the
    first batches of windows."""

    mention_logits: Sequence[Floats]
    trigger_logits: Sequence[Floats]
    words: Sequence[torch.Tensor]


class Extractor:
    """A network and its tokenizer on one device; ``run`` is pure and may be called by threads.

    ``dtype``: in which the network computes; int8 is for the encoder's products of weights alone,
    all else is float32 then, or attention bfloat16 where the processor computes in it
    (``attention_dtype``). The network is changed for it. ``cast_encoder``: so it is for bfloat16 on
    a CPU too, which is faster; else the encoder's weights stay as they are, to be trained on.

    Three limits keep memory down; none of them changes what is found, but by rounding: in
    bfloat16 a score on the edge may fall otherwise. ``max_batch_pieces`` is
    what the encoder reads at once, ``max_batch_pairs`` how many pairs of spans are scored at
    once (padding counts; less on a CPU, which is slower beyond its caches), ``max_kept_words``
    how many word vectors are kept from tagging for relating: windows beyond it are encoded a
    second time.
    """

    def __init__(
        self,
        network: Network,
        tokenizer: WordTokenizer,
        *,
        device: torch.device,
        dtype: torch.dtype,
        max_batch_pieces: int | None = None,
        max_batch_pairs: int | None = None,
        max_kept_words: int = 196_608,
        cast_encoder: bool = False,
    ) -> None:
        self.network, self.tokenizer = network, tokenizer
        self.device, self.dtype = device, dtype
        on_cpu = device == torch.device("cpu")
        stored = network.encoder.get_input_embeddings().weight.dtype
        if stored not in (torch.float32, dtype):
            raise ValueError(f"the encoder was made {stored} before and cannot compute in {dtype}")
        if dtype == torch.int8:
            quantise(network.encoder)
        self.attention_dtype = torch.float32 if dtype == torch.int8 else dtype
        if on_cpu and dtype != torch.float32:
            in_bf16 = dtype == torch.int8 and cpu_has_bf16()
            ours = attend_by_window(network.encoder, in_bf16=in_bf16)
            if ours and in_bf16:
                self.attention_dtype = torch.bfloat16
            # Other families may keep buffers that bfloat16 is too coarse for.
            if ours and cast_encoder and dtype == torch.bfloat16:
                network.encoder.to(dtype)
        pieces, pairs = _batch_limits(torch.get_num_threads(), dtype) if on_cpu else (8192, 65_536)
        self.max_batch_pieces = max_batch_pieces or pieces
        self.max_batch_pairs = max_batch_pairs or pairs
        self.max_kept_words = max_kept_words

    def prepare(self, text: str) -> Prepared:
        config = self.network.config
        return prepare(text, self.tokenizer, max_pieces=config.max_pieces, overlap=config.overlap)

    def run(
        self,
        documents: Sequence[Prepared],
        *,
        given: Sequence[Sequence[TaggedSpan]] | None = None,
        encoded: Encoded | None = None,
    ) -> list[Extraction]:
        """Documents, in order -> extractions.

        ``given``: triggers of each document that are known, none overlapping another. They stand
        in place of the tagged ones that they overlap; all others stay, as the heads are used to
        seeing a text's triggers together. ``encoded``: what ``encode`` gave for these documents, so
        that other thresholds can be tried without the encoder's work.
        """
        with torch.inference_mode(), self._autocast():
            state = encoded or self._encode(documents)
            mentions, triggers = self._tag(state)
            kept = deque(state.words)
            del state  # word vectors go as they are used
            if given is not None:
                triggers = [_with_given(t, g) for t, g in zip(triggers, given, strict=True)]
            related = deque(
                part
                for keys, batch in self._batches(documents)
                for part in self._relate(
                    documents,
                    keys,
                    batch,
                    kept.popleft() if kept else self.network.encode(batch),
                    mentions,
                    triggers,
                )
            )
        scores: list[dict[int, WindowScores]] = [{} for _ in documents]
        while related:  # they go as they are used
            part = related.popleft()
            for (d, w), window in zip(part.keys, _window_scores(part), strict=True):
                scores[d][w] = window
        n_statuses = len(self.network.config.statuses)
        return [
            Extraction(
                document,
                mentions[d],
                triggers[d],
                merge(
                    document.windows,
                    [scores[d][w] for w in range(len(document.windows))],
                    triggers=[(t.word_start, t.word_end) for t in triggers[d]],
                    mentions=[(m.word_start, m.word_end) for m in mentions[d]],
                    n_words=len(document.segmented),
                    n_statuses=n_statuses,
                ),
            )
            for d, document in enumerate(documents)
        ]

    def encode(self, documents: Sequence[Prepared]) -> Encoded:
        """What of ``run`` does not depend on thresholds; see ``encoded`` there."""
        with torch.inference_mode(), self._autocast():
            return self._encode(documents)

    def _encode(self, documents: Sequence[Prepared]) -> Encoded:
        config = self.network.config
        n_labels = len(config.mention_labels), len(config.trigger_labels)
        states = [_DocumentState.empty(d, *n_labels) for d in documents]
        kept: list[torch.Tensor] = []
        tagged: list[tuple[list[tuple[int, int]], torch.Tensor, torch.Tensor]] = []
        room = self.max_kept_words
        for keys, batch in self._batches(documents):
            words = self.network.encode(batch)
            room -= words.shape[0] * words.shape[1]
            if room >= 0:
                kept.append(words)
            mention_logits, trigger_logits = self.network.tag(words)
            tagged.append((keys, mention_logits.float(), trigger_logits.float()))
        # Only now, so that a GPU is never waited for between batches.
        for keys, mention_logits, trigger_logits in tagged:
            mention_rows, trigger_rows = mention_logits.cpu().numpy(), trigger_logits.cpu().numpy()
            for row, (d, w) in enumerate(keys):
                states[d].take_logits(w, mention_rows[row], trigger_rows[row])
        return Encoded([s.mention_logits for s in states], [s.trigger_logits for s in states], kept)

    def _tag(self, encoded: Encoded) -> tuple[list[list[TaggedSpan]], list[list[TaggedSpan]]]:
        """-> mentions and triggers of each document."""
        decoding = self.network.config.decoding
        mentions = decode_iob2(
            encoded.mention_logits,
            bias=decoding.mention_bias,
            begin_bias=decoding.mention_begin_bias,
        )
        triggers = decode_iob2(
            encoded.trigger_logits,
            bias=decoding.trigger_bias,
            begin_bias=decoding.trigger_begin_bias,
        )
        return mentions, triggers

    def _autocast(self) -> AbstractContextManager[object]:
        if self.dtype in (torch.float32, torch.int8):
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def _batches(
        self, documents: Sequence[Prepared]
    ) -> Iterator[tuple[list[tuple[int, int]], WindowBatch]]:
        """Windows of like length together, up to a budget of padded pieces."""
        inputs = {
            (d, w): document.window_input(window)
            for d, document in enumerate(documents)
            for w, window in enumerate(document.windows)
        }
        order = sorted(inputs, key=lambda k: -len(inputs[k].piece_ids))
        start = 0
        while start < len(order):
            width = len(inputs[order[start]].piece_ids) + 2
            size = max(1, self.max_batch_pieces // width)
            keys = order[start : start + size]
            start += size
            tokenizer = self.tokenizer
            batch = collate_windows(
                [inputs[k] for k in keys],
                bos=tokenizer.bos,
                eos=tokenizer.eos,
                pad=tokenizer.pad,
                max_width=self.network.config.max_pieces + 2,
            )
            yield keys, batch.to(self.device)

    def _relate(
        self,
        documents: Sequence[Prepared],
        keys: Sequence[tuple[int, int]],
        batch: WindowBatch,
        words: torch.Tensor,
        mentions: Sequence[Sequence[TaggedSpan]],
        triggers: Sequence[Sequence[TaggedSpan]],
    ) -> Iterator[_Related]:
        """The probabilities of a batch, in parts."""
        inside = [
            (
                _inside(documents[d].windows[w], triggers[d]),
                _inside(documents[d].windows[w], mentions[d]),
            )
            for d, w in keys
        ]
        for rows in _slices([(len(t), len(m)) for t, m in inside], self.max_batch_pairs):
            spans = [
                _span_input(documents[d], documents[d].windows[w], triggers[d], mentions[d], *ids)
                for (d, w), ids in zip(keys[rows], inside[rows], strict=True)
            ]
            part = WindowBatch(*(getattr(batch, f.name)[rows] for f in fields(batch)))
            span_batch = collate_spans(spans, step=SPANS_STEP).to(self.device)
            relations = self.network.relate(words[rows], part, span_batch)
            yield _Related(
                keys[rows],
                inside[rows],
                relations.status.float().softmax(-1),
                relations.role.float().sigmoid(),
                relations.same_event.float().sigmoid(),
                relations.same_entity.float().sigmoid(),
            )


def _batch_limits(n_threads: int, dtype: torch.dtype) -> tuple[int, int]:
    """Pieces and pairs at once on a CPU: a window for each thread, as larger batches fall out of
    its caches; four where tiles (AMX) make products so fast that the time between them weighs.
    """
    n_windows = min(4, n_threads)
    if dtype == torch.bfloat16 and cpu_has_amx():
        return 4 * 512 * n_windows, 16_384
    return 512 * n_windows, 8192


def _slices(counts: Sequence[tuple[int, int]], max_pairs: int) -> Iterator[slice]:
    """Triggers and mentions of each row -> runs of rows of at most ``max_pairs`` padded pairs.

    A row that exceeds the limit alone stands alone.
    """
    start = n_triggers = n_mentions = 0
    for row, (t, m) in enumerate(counts):
        n_triggers, n_mentions = max(n_triggers, t), max(n_mentions, m)
        pairs = (n_triggers + n_mentions) * max(n_triggers, n_mentions)
        if row > start and (row + 1 - start) * pairs > max_pairs:
            yield slice(start, row)
            start, n_triggers, n_mentions = row, t, m
    if counts:
        yield slice(start, len(counts))


def _span_input(
    document: Prepared,
    window: Window,
    triggers: Sequence[TaggedSpan],
    mentions: Sequence[TaggedSpan],
    trigger_ids: Sequence[int],
    mention_ids: Sequence[int],
) -> SpanInput:
    return span_input(
        document.words(window),
        triggers=[_within(window, triggers[i]) for i in trigger_ids],
        mentions=[_within(window, mentions[i]) for i in mention_ids],
    )


@dataclass(frozen=True, slots=True)
class _Related:
    """Probabilities of the pairs in B windows, padded, on the network's device: status [B, T, 4],
    role [B, T, M, roles], same event [B, T, T], same entity [B, M, M]."""

    keys: Sequence[tuple[int, int]]  # document and window
    inside: Sequence[tuple[list[int], list[int]]]  # ids of their triggers and mentions
    status: torch.Tensor
    role: torch.Tensor
    same_event: torch.Tensor
    same_entity: torch.Tensor


def _window_scores(part: _Related) -> list[WindowScores]:
    """Those of each window, without padding."""
    inside = part.inside
    status, role, same_event, same_entity = (
        x.cpu().numpy() for x in (part.status, part.role, part.same_event, part.same_entity)
    )
    return [
        WindowScores(
            t_ids,
            m_ids,
            # Copies: a view would keep the padded batch alive.
            status[row, : len(t_ids)].copy(),
            role[row, : len(t_ids), : len(m_ids)].copy(),
            same_event[row, : len(t_ids), : len(t_ids)].copy(),
            same_entity[row, : len(m_ids), : len(m_ids)].copy(),
        )
        for row, (t_ids, m_ids) in enumerate(inside)
    ]


def _inside(window: Window, spans: Sequence[TaggedSpan]) -> list[int]:
    """Indices of the spans (in text order, none overlapping) that lie wholly in the window."""
    first = bisect_left(spans, window.word_start, key=lambda s: s.word_start)
    return list(range(first, bisect_right(spans, window.word_end, key=lambda s: s.word_end)))


def _with_given(tagged: Sequence[TaggedSpan], given: Sequence[TaggedSpan]) -> list[TaggedSpan]:
    """``given`` and those of ``tagged`` that overlap none of them, in text order."""
    taken = {word for span in given for word in range(span.word_start, span.word_end)}
    free = [t for t in tagged if taken.isdisjoint(range(t.word_start, t.word_end))]
    return sorted([*given, *free], key=lambda s: s.word_start)


def _within(window: Window, span: TaggedSpan) -> tuple[int, int, int]:
    offset = window.word_start
    return span.word_start - offset, span.word_end - offset, span.type


@dataclass(slots=True)
class _DocumentState:
    """Logits of a document's words, each taken from the window that owns the word."""

    document: Prepared
    owner: list[int]
    mention_logits: Floats
    trigger_logits: Floats

    @classmethod
    def empty(cls, document: Prepared, n_mention: int, n_trigger: int) -> _DocumentState:
        n_words = len(document.segmented)
        return cls(
            document,
            owners(document.windows, n_words),
            np.zeros((n_words, n_mention), dtype=np.float32),
            np.zeros((n_words, n_trigger), dtype=np.float32),
        )

    def take_logits(self, window_index: int, mention: Floats, trigger: Floats) -> None:
        window = self.document.windows[window_index]
        start = window.word_start
        mine = np.array(self.owner[start : window.word_end]) == window_index
        rows = start + np.flatnonzero(mine)
        self.mention_logits[rows] = mention[: window.word_end - start][mine]
        self.trigger_logits[rows] = trigger[: window.word_end - start][mine]
