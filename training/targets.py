"""Training windows -> batches with their targets, which are distributions over labels.

Those of gold are all or nothing; teachers (``teacher.py``) soften them by their share. The targets
of spans are built once the spans are chosen: gold spans, and wrong proposals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from conflictwire.batch import SpanBatch, WindowBatch, WindowInput, collate_spans, collate_windows
from conflictwire.extractor import span_input
from conflictwire.features import WordTokenizer
from conflictwire.network import NetworkConfig
from conflictwire.spans import decode_iob2
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import one_hot, pad


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """Probabilities for one window of W words with T annotated triggers and M mentions; float16."""

    mention: Tensor  # [W, labels], rows sum to 1
    trigger: Tensor  # [W, labels], rows sum to 1
    status: Tensor  # [T, S], rows sum to 1
    role: Tensor  # [T, M, R]
    same_event: Tensor  # [T, T]; 1 with itself, 0 between types


@dataclass(frozen=True, slots=True)
class Softening:
    """Soft labels of all training windows, by the number of the window, and their share.

    Which mentions are one entity is not softened: names decide it.
    """

    labels: Sequence[SoftLabels]
    share: float  # of the target; the rest is gold's

    def mix(self, gold: Tensor, row: dict[str, Any], name: str) -> Tensor:
        soft: Tensor = getattr(self.labels[row["window"]], name)
        return torch.lerp(gold, soft.to(gold), self.share)


@dataclass(frozen=True, slots=True)
class Gold:
    """A batch's rows as they are, and the targets of their words; labels of spans are built once
    the spans are chosen."""

    rows: list[dict[str, Any]]
    mention: Tensor  # [B, W, labels] float, rows sum to 1, or to 0 on padding
    trigger: Tensor  # [B, W, labels] float, likewise
    softening: Softening | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """Targets over chosen spans; masks say which cells count."""

    status: Tensor  # [B, T, S] float, rows sum to 1, or to 0 where unknown
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

    def __init__(
        self,
        tokenizer: WordTokenizer,
        config: NetworkConfig,
        softening: Softening | None = None,
    ) -> None:
        self.bos, self.eos, self.pad = tokenizer.bos, tokenizer.eos, tokenizer.pad
        self.config, self.softening = config, softening

    def __call__(self, rows: list[dict[str, Any]]) -> tuple[WindowBatch, Gold]:
        names = [f.name for f in fields(WindowInput)]
        windows = collate_windows(
            [WindowInput(*(row[n] for n in names)) for row in rows],
            bos=self.bos,
            eos=self.eos,
            pad=self.pad,
        )
        mention = [self._tags(r, "mention", r["mentions"], r["mention_kinds"]) for r in rows]
        trigger = [self._tags(r, "trigger", r["triggers"], r["trigger_types"]) for r in rows]
        n_words = windows.word_first.shape[1]
        return windows, Gold(
            rows, _padded(mention, n_words), _padded(trigger, n_words), self.softening
        )

    def _tags(
        self, row: dict[str, Any], name: str, spans: list[list[int]], types: list[int]
    ) -> Tensor:
        """Targets of a row's words, [its words, labels]."""
        labels = torch.zeros(len(row["words"]), dtype=torch.long)
        for (a, b), k in zip(spans, types, strict=True):
            labels[a] = 1 + 2 * k
            labels[a + 1 : b] = 2 + 2 * k
        known = self.config.mention_labels if name == "mention" else self.config.trigger_labels
        gold = one_hot(labels, len(known)).float()
        return gold if self.softening is None else self.softening.mix(gold, row, name)


def _padded(tags: Sequence[Tensor], n_words: int) -> Tensor:
    return torch.stack([pad(t, (0, 0, 0, n_words - len(t))) for t in tags])


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
        self._labels = _labels(rows, aligned, spans, self.config, self.gold.softening).to(device)
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
    config: NetworkConfig,
    softening: Softening | None,
) -> Labels:
    """``aligned``: of each row the gold triggers and mentions that chosen ones are; -1: none."""
    n_b, n_t = spans.trigger_types.shape
    n_m = spans.mention_kinds.shape[1]
    status = np.zeros((n_b, n_t, len(config.statuses)), dtype=np.float32)
    role = np.zeros((n_b, n_t, n_m, len(config.roles)), dtype=np.float32)
    same_event = np.zeros((n_b, n_t, n_t), dtype=np.float32)
    known_t = np.zeros((n_b, n_t), dtype=bool)
    entity = np.full((n_b, n_m), -1, dtype=np.int64)
    known_m = np.zeros((n_b, n_m), dtype=bool)
    for i, (row, (t_gold, m_gold)) in enumerate(zip(rows, aligned, strict=True)):
        t_index, m_index = np.array(t_gold, dtype=np.int64), np.array(m_gold, dtype=np.int64)
        t_ok, m_ok = np.flatnonzero(t_index >= 0), np.flatnonzero(m_index >= 0)
        known_t[i, t_ok], known_m[i, m_ok] = True, True
        gold = _gold_relations(row, config)
        if softening is not None:
            gold = {name: softening.mix(value, row, name) for name, value in gold.items()}
        of_t, of_m = t_index[t_ok], m_index[m_ok]
        status[i, t_ok] = gold["status"].numpy()[of_t]
        role[i, t_ok[:, None], m_ok[None, :]] = gold["role"].numpy()[of_t[:, None], of_m]
        same_event[i, t_ok[:, None], t_ok[None, :]] = gold["same_event"].numpy()[
            of_t[:, None], of_t
        ]
        entity[i, m_ok] = np.array(row["mention_entity"], dtype=np.int64)[of_m]
    types = spans.trigger_types.numpy()
    same_type = types[:, :, None] == types[:, None, :]
    same_entity = (entity[:, :, None] == entity[:, None, :]) & (entity[:, :, None] >= 0)
    return Labels(
        torch.from_numpy(status),
        torch.from_numpy(role),
        spans.trigger_mask.unsqueeze(2) & spans.mention_mask.unsqueeze(1),
        torch.from_numpy(same_event),
        torch.from_numpy(_pairs(known_t) & same_type),
        torch.from_numpy(same_entity.astype(np.float32)),
        torch.from_numpy(_pairs(known_m)),
    )


def _gold_relations(row: dict[str, Any], config: NetworkConfig) -> dict[str, Tensor]:
    """Targets of a row's gold spans, in the shapes of SoftLabels."""
    events = torch.tensor(row["trigger_event"], dtype=torch.long)
    role = torch.zeros(len(row["triggers"]), len(row["mentions"]), len(config.roles))
    if row["roles"]:
        t, m, r = torch.tensor(row["roles"]).T
        role[t, m, r] = 1
    statuses = torch.tensor(row["trigger_status"], dtype=torch.long)
    return {
        "status": one_hot(statuses, len(config.statuses)).float(),
        "role": role,
        "same_event": (events.unsqueeze(1) == events).float(),
    }


def _pairs(known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Known spans [B, N] -> pairs of them [B, N, N], each once."""
    pairs: NDArray[np.bool_] = np.triu(known[:, :, None] & known[:, None, :], 1)
    return pairs
