"""The heads: from word vectors to what is said about spans and pairs of spans.

Letters in shapes: B windows, W words, T triggers, M mentions, R roles, S statuses, D encoder width,
H width of pair vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import cast

import torch
from torch import Tensor, nn

from .batch import SpanBatch, WindowBatch
from .evidence import CLASSES as EVIDENCE_CLASSES

_DISTANCES = (0, 1, 2, 3, 4, 5, 7, 10, 14, 20, 30, 45, 70, 110, 200)
_MAX_SENTENCES, _MAX_BETWEEN = 4, 8


@dataclass(frozen=True, slots=True)
class Sizes:
    """Widths and label counts that the heads are built from."""

    span: int
    pair: int
    dropout: float
    n_kinds: int
    n_types: int
    n_roles: int
    n_statuses: int


class SpanVectors(nn.Module):
    """Words [B, W, D] and spans [B, N, 2] -> [B, N, size]: first word, last word and mean."""

    def __init__(self, width: int, size: int, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(3 * width, size)
        self.norm = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Tensor, sums: Tensor, spans: Tensor) -> Tensor:
        start, end = spans[..., 0], spans[..., 1]
        length = (end - start).clamp(min=1).unsqueeze(-1)
        mean = (pick(sums, end) - pick(sums, start)) / length
        joined = torch.cat([pick(words, start), pick(words, end - 1), mean.to(words.dtype)], -1)
        result: Tensor = self.dropout(nn.functional.gelu(self.norm(self.project(joined))))
        return result


class Pairs(nn.Module):
    """Two sets of span vectors [B, I, size], [B, J, size] -> pair vectors [B, I, J, pair].

    Sum of projections plus product of projections (a low-rank bilinear form; cf. the factorised
    scorers of Kim et al., 2017, "Hadamard product for low-rank bilinear pooling").
    """

    def __init__(self, size: int, pair: int, *, shared: bool) -> None:
        super().__init__()
        self.left = nn.Linear(size, 2 * pair)
        self.right = None if shared else nn.Linear(size, 2 * pair)

    def forward(self, a: Tensor, b: Tensor, of_a: Tensor, of_b: Tensor) -> Tensor:
        """``of_a`` [B, I, pair] and ``of_b`` [B, J, pair] are added to the projections."""
        right = self.left if self.right is None else self.right
        a_sum, a_product = self.left(a).chunk(2, -1)
        b_sum, b_product = right(b).chunk(2, -1)
        either = (a_sum + of_a).unsqueeze(2) + (b_sum + of_b).unsqueeze(1)
        result: Tensor = torch.addcmul(
            either, a_product.unsqueeze(2).to(either.dtype), b_product.unsqueeze(1).to(either.dtype)
        )
        return result

    def within(self, a: Tensor, of_a: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """For a shared projection: the pairs [B, K, pair] of members ``first`` [K], ``second``."""
        own, product = self.left(a).chunk(2, -1)
        own, product = own + of_a, product.to(of_a.dtype)
        result: Tensor = torch.addcmul(
            own[:, first] + own[:, second], product[:, first], product[:, second]
        )
        return result


class Scorer(nn.Module):
    """Pair vectors [..., pair] -> logits [..., n]."""

    def __init__(self, pair: int, n: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(pair, pair),
            nn.GELU(),
            nn.Linear(pair, n),
        )

    def forward(self, pairs: Tensor) -> Tensor:
        result: Tensor = self.layers(pairs)
        return result


class RoleHead(nn.Module):
    """Which roles a mention plays in a trigger's event."""

    def __init__(self, sizes: Sizes, width: int) -> None:
        super().__init__()
        size, n_roles = sizes.pair, sizes.n_roles
        n_types, n_kinds = sizes.n_types, sizes.n_kinds
        self.pairs = Pairs(sizes.span, size, shared=False)
        self.between = nn.Linear(width, size)
        self.distance = nn.Embedding(2 * len(_DISTANCES) + 1, size)
        self.sentences = nn.Embedding(2 * _MAX_SENTENCES + 1, size)
        self.triggers_between = nn.Embedding(2 * _MAX_BETWEEN + 1, size)
        self.mentions_between = nn.Embedding(2 * _MAX_BETWEEN + 1, size)
        self.event_type = nn.Embedding(n_types, size)
        self.mention_kind = nn.Embedding(n_kinds, size)
        # Which kinds may play which roles in which type: a prior, learned.
        self.prior = nn.Embedding(n_types * n_kinds, n_roles)
        self.scorer = Scorer(size, n_roles, sizes.dropout)
        self.n_kinds = n_kinds

    def forward(
        self,
        trigger_vectors: Tensor,
        mention_vectors: Tensor,
        words: Tensor,
        windows: WindowBatch,
        spans: SpanBatch,
    ) -> Tensor:
        t, m = spans.triggers, spans.mentions
        # What is said of one side alone is added before there are pairs: far fewer sums.
        pairs = self.pairs(
            trigger_vectors,
            mention_vectors,
            self.event_type(spans.trigger_types),
            self.mention_kind(spans.mention_kinds),
        )
        pairs = pairs + self.between_vectors(words, t, m).to(pairs.dtype)
        sentence = windows.word_sentence
        step = _pick1(sentence, m[..., 0]).unsqueeze(1) - _pick1(sentence, t[..., 0]).unsqueeze(2)
        crossed_t = _ranks(m, t, spans.trigger_mask) - _ranks(t, t, spans.trigger_mask).transpose(
            1, 2
        )
        crossed_m = _ranks(m, m, spans.mention_mask) - _ranks(t, m, spans.mention_mask).transpose(
            1, 2
        )
        pairs = pairs + sum_of_embeddings(
            (self.distance, _signed_distance(t, m)),
            (self.sentences, _clip(step, _MAX_SENTENCES)),
            (self.triggers_between, _clip(crossed_t, _MAX_BETWEEN)),
            (self.mentions_between, _clip(crossed_m, _MAX_BETWEEN)),
        )
        cell = spans.trigger_types.unsqueeze(2) * self.n_kinds + spans.mention_kinds.unsqueeze(1)
        result: Tensor = self.scorer(pairs) + self.prior(cell)
        return result

    def between_vectors(self, words: Tensor, t: Tensor, m: Tensor) -> Tensor:
        """Mean of the projected words between trigger and mention, [B, T, M, pair]; 0 if none."""
        sums = running_sum(self.between(words))
        t_start, t_end = t[..., 0].unsqueeze(2), t[..., 1].unsqueeze(2)
        m_start, m_end = m[..., 0].unsqueeze(1), m[..., 1].unsqueeze(1)
        start = torch.minimum(t_end, m_end)
        end = torch.maximum(torch.maximum(t_start, m_start), start)
        length = (end - start).clamp(min=1).unsqueeze(-1)
        n_b, n_t, n_m = start.shape
        low = pick(sums, start.reshape(n_b, -1)).view(n_b, n_t, n_m, -1)
        high = pick(sums, end.reshape(n_b, -1)).view(n_b, n_t, n_m, -1)
        return (high - low) / length


class SameEventHead(nn.Module):
    """Whether two triggers tell the same event.

    Besides the triggers themselves it sees how far their likely arguments agree, role by role,
    where two mentions of one entity agree.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        size = sizes.pair
        self.pairs = Pairs(sizes.span, size, shared=True)
        self.event_type = nn.Embedding(sizes.n_types, size)
        self.distance = nn.Embedding(2 * len(_DISTANCES) + 1, size)
        self.sentences = nn.Embedding(2 * _MAX_SENTENCES + 1, size)
        self.same_word = nn.Embedding(2, size)
        self.same_status = nn.Linear(1, size)
        self.agreement = nn.Linear(2 * sizes.n_roles, size)
        self.scorer = Scorer(size, 1, sizes.dropout)

    def forward(
        self,
        trigger_vectors: Tensor,
        windows: WindowBatch,
        spans: SpanBatch,
        role: Tensor,
        same_entity: Tensor,
        status: Tensor,
    ) -> Tensor:
        t = spans.triggers
        kinds = self.event_type(spans.trigger_types)
        pairs = self.pairs(trigger_vectors, trigger_vectors, kinds, kinds)
        distance = _signed_distance(t, t)
        sentence = _pick1(windows.word_sentence, t[..., 0])
        step = (sentence.unsqueeze(1) - sentence.unsqueeze(2)).abs()
        same_word = spans.trigger_words.unsqueeze(1) == spans.trigger_words.unsqueeze(2)
        pairs = pairs + sum_of_embeddings(
            # Magnitude alone, so that the score does not depend on the order of the two.
            (self.distance, (distance - len(_DISTANCES)).abs() + len(_DISTANCES)),
            (self.sentences, _clip(step, _MAX_SENTENCES)),
            (self.same_word, same_word.long()),
        )
        probability = status.softmax(-1)
        same_status = (probability @ probability.transpose(1, 2)).unsqueeze(-1)
        pairs = pairs + self.same_status(same_status)
        pairs = pairs + self.agreement(_agreement(role, same_entity, spans.mention_mask))
        result: Tensor = self.scorer(pairs).squeeze(-1)
        return result


class SameEntityHead(nn.Module):
    """Whether two mentions refer to one entity; string evidence comes in as a feature."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        size = sizes.pair
        self.pairs = Pairs(sizes.span, size, shared=True)
        self.mention_kind = nn.Embedding(sizes.n_kinds, size)
        self.evidence = nn.Embedding(len(EVIDENCE_CLASSES), size)
        self.distance = nn.Embedding(2 * len(_DISTANCES) + 1, size)
        self.scorer = Scorer(size, 1, sizes.dropout)

    def forward(self, mention_vectors: Tensor, spans: SpanBatch) -> Tensor:
        m = spans.mentions
        n_b, n_m = m.shape[:2]
        # Each pair once: the matrix is symmetric, and the largest of all. Its diagonal is 0.
        first, second = torch.triu_indices(n_m, n_m, offset=1, device=m.device)
        kinds = self.mention_kind(spans.mention_kinds)
        pairs = self.pairs.within(mention_vectors, kinds, first, second)
        distance = _signed_distance(m, m)[:, first, second]
        pairs = pairs + sum_of_embeddings(
            (self.evidence, spans.evidence[:, first, second]),
            (self.distance, (distance - len(_DISTANCES)).abs() + len(_DISTANCES)),
        )
        logits = self.scorer(pairs).squeeze(-1)
        result: Tensor = logits.new_zeros(n_b, n_m, n_m)
        result[:, first, second] = logits
        return result + result.transpose(1, 2)


def pick(values: Tensor, index: Tensor) -> Tensor:
    """Values [B, N, D], index [B, K] -> [B, K, D]."""
    return values.gather(1, index.unsqueeze(-1).expand(-1, -1, values.shape[-1]))


def sum_of_embeddings(*looked_up: tuple[nn.Embedding, Tensor]) -> Tensor:
    """Tables of one width and indices of one shape [...] -> the sum of their rows [..., width].

    In one pass: tensors of pairs are large, and each sum would read and write them anew.
    """
    if str(looked_up[0][1].device).startswith("mps"):  # whose embedding_bag came late
        return cast(Tensor, sum(table(index) for table, index in looked_up))
    tables = torch.cat([table.weight for table, _ in looked_up])
    firsts = accumulate((table.num_embeddings for table, _ in looked_up), initial=0)
    shifted = [index + first for (_, index), first in zip(looked_up, firsts, strict=False)]
    rows = torch.stack([*torch.broadcast_tensors(*shifted)], -1)  # type: ignore[no-untyped-call]
    summed = nn.functional.embedding_bag(rows.flatten(0, -2), tables, mode="sum")
    return summed.view(*rows.shape[:-1], tables.shape[1])


def _pick1(values: Tensor, index: Tensor) -> Tensor:
    """Values [B, N], index [B, K] -> [B, K]."""
    return values.gather(1, index)


def running_sum(values: Tensor) -> Tensor:
    """[B, N, D] -> [B, N + 1, D] in float32; a range's sum is the difference of two entries."""
    return nn.functional.pad(values.float().cumsum(1), (0, 0, 1, 0))


def _signed_distance(a: Tensor, b: Tensor) -> Tensor:
    """Spans [B, I, 2], [B, J, 2] -> bucket [B, I, J] in 0 .. 2 n.

    n: they overlap; n + 1 or n - 1: no word between, b after or before a; and so on outwards.
    """
    after = b[..., 0].unsqueeze(1) - a[..., 1].unsqueeze(2) + 1
    before = a[..., 0].unsqueeze(2) - b[..., 1].unsqueeze(1) + 1
    edges = torch.tensor(_DISTANCES, device=a.device)
    size = torch.bucketize(torch.maximum(after, before).clamp(min=0), edges)
    return torch.where(after >= before, size, -size) + len(_DISTANCES)


def _clip(values: Tensor, limit: int) -> Tensor:
    return values.clamp(-limit, limit) + limit


def _ranks(a: Tensor, b: Tensor, mask: Tensor) -> Tensor:
    """For each span of a [B, I, 2], how many valid spans of b [B, J, 2] start before it.

    Returns [B, 1, I].
    """
    before = (b[..., 0].unsqueeze(1) < a[..., 0].unsqueeze(2)) & mask.unsqueeze(1)
    return before.sum(-1).unsqueeze(1)


def _agreement(role: Tensor, same_entity: Tensor, mention_mask: Tensor) -> Tensor:
    """Role logits [B, T, M, R], entity logits [B, M, M] -> [B, T, T, 2 R].

    For each role: the strength with which both triggers have the same filler, and the strength
    with which both have fillers that differ.
    """
    n_m = role.shape[2]
    filler = role.sigmoid() * mention_mask[:, None, :, None]
    same = same_entity.sigmoid() * (mention_mask.unsqueeze(1) & mention_mask.unsqueeze(2))
    eye = torch.eye(n_m, device=role.device, dtype=torch.bool)
    same = same.masked_fill(eye, 1.0)
    linked = torch.einsum("bmn,bjnr->bjmr", same, filler).clamp(max=1.0)
    shared = torch.einsum("bimr,bjmr->bijr", filler, linked)
    shared = torch.minimum(shared, shared.transpose(1, 2)).clamp(max=1.0)
    has = filler.amax(2)
    both = has.unsqueeze(2) * has.unsqueeze(1)
    return torch.cat([shared, (both - shared).clamp(min=0)], -1)
