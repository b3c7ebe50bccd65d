"""A linear probe: what the word vectors of an encoder tell that is not trained further.

A word's vector is made as the network makes it (first piece plus mean of its pieces) without any
weight that is learnt, and told its casing besides, as the encoders at hand know none. One linear
layer a task gives the labels in IOB2, decoded as the network's are. The weight decay of the layer
and the bias of its decoding are chosen on a part of the examples.

    probe = Probe("minilm")
    spans = probe(examples, texts)  # an eval.bench.baselines.Label
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from conflictwire.batch import collate_windows
from conflictwire.document import Mention
from conflictwire.eval.bench.baselines import Labelled
from conflictwire.eval.bench.baselines.examples import exact, held_out
from conflictwire.extractor import Prepared, prepare
from conflictwire.features import CASINGS, MAX_WORD_PIECES, WordTokenizer
from conflictwire.heads import pick, running_sum
from conflictwire.spans import decode_iob2
from conflictwire.training.encoders import load_encoder
from conflictwire.windows import owners
from torch import Tensor, nn

MAX_PIECES, OVERLAP = 480, 160  # of windows, as the configs had it

# Of the layer: updates, words an update (drawn anew, so that small and large data are fitted alike
# well), learning rate at first; then linear decay to 0.
UPDATES, BATCH_WORDS, LR = 1500, 512, 1e-2
WEIGHT_DECAYS = (0.0, 0.1, 1.0)  # per update, scaled by the learning rate (AdamW)
BIASES = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0)  # added to the logits of all labels but O


@dataclass(frozen=True, slots=True)
class _Read:
    """A text, its words, and their vectors [W, D] in half precision."""

    prepared: Prepared
    vectors: Tensor


@dataclass(frozen=True, slots=True)
class Settings:
    weight_decay: float
    bias: float


class Probe:
    """Vectors of texts are kept: the same texts are labelled for several tasks."""

    def __init__(self, encoder: str, *, seed: int = 0) -> None:
        self.encoder_name, self.seed = encoder, seed
        self._loaded: tuple[Any, WordTokenizer] | None = None
        self._read: dict[str, _Read] = {}

    def __call__(self, examples: Sequence[Labelled], texts: Sequence[str]) -> list[list[Mention]]:
        """Raises ConfigError if the encoder is missing, NotRunError for a single example."""
        kinds = tuple(sorted({s.kind for e in examples for s in e.spans}))
        if not kinds:
            return [[] for _ in texts]
        settings = self._choose(examples, kinds)
        layer = self._fit(examples, kinds, settings.weight_decay)
        return self._label(texts, layer, kinds, settings.bias)

    # ---- the layer

    def _choose(self, examples: Sequence[Labelled], kinds: tuple[str, ...]) -> Settings:
        kept, rest = held_out(examples)
        texts = [e.text for e in rest]
        best, best_f1 = Settings(0.0, 0.0), -1.0
        for decay in WEIGHT_DECAYS:
            layer = self._fit(kept, kinds, decay)
            for bias in BIASES:
                f1 = exact(rest, self._label(texts, layer, kinds, bias)).f1 or 0.0
                if f1 > best_f1:
                    best, best_f1 = Settings(decay, bias), f1
        return best

    def _fit(
        self, examples: Sequence[Labelled], kinds: tuple[str, ...], weight_decay: float
    ) -> nn.Linear:
        reads = [self.read(e.text) for e in examples]
        x = torch.cat([_features(r) for r in reads])
        y = torch.cat([_labels(r.prepared, e, kinds) for r, e in zip(reads, examples, strict=True)])
        mean, spread = x.mean(0), x.std(0).clamp(min=1e-3)
        layer = nn.Linear(x.shape[1], 1 + 2 * len(kinds))
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
        optimiser = torch.optim.AdamW(layer.parameters(), lr=LR, weight_decay=weight_decay)
        schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, UPDATES)
        draw = torch.Generator().manual_seed(self.seed)
        for _ in range(UPDATES):
            batch = torch.randint(len(x), (BATCH_WORDS,), generator=draw)
            logits = layer((x[batch] - mean) / spread)
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(logits, y[batch])
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        with torch.no_grad():  # the scaling of the features becomes part of the layer
            layer.weight.div_(spread)
            layer.bias.sub_(layer.weight @ mean)
        return layer

    @torch.inference_mode()
    def _label(
        self, texts: Sequence[str], layer: nn.Linear, kinds: tuple[str, ...], bias: float
    ) -> list[list[Mention]]:
        reads = [self.read(text) for text in texts]
        logits = [layer(_features(r)).numpy() for r in reads]
        return [
            [Mention(*r.prepared.chars(s.word_start, s.word_end), kinds[s.type]) for s in spans]
            for r, spans in zip(reads, decode_iob2(logits, bias=bias), strict=True)
        ]

    # ---- the encoder

    def read(self, text: str) -> _Read:
        if text not in self._read:
            encoder, tokenizer = self._load()
            prepared = prepare(text, tokenizer, max_pieces=MAX_PIECES, overlap=OVERLAP)
            self._read[text] = _Read(prepared, _word_vectors(prepared, encoder, tokenizer))
        return self._read[text]

    def _load(self) -> tuple[Any, WordTokenizer]:
        if self._loaded is None:
            encoder, tokenizer = load_encoder(self.encoder_name, attention_dropout=0.0)
            words = WordTokenizer(tokenizer, max_pieces_per_word=MAX_WORD_PIECES)
            self._loaded = encoder.eval(), words
        return self._loaded


@torch.inference_mode()
def _word_vectors(prepared: Prepared, encoder: Any, tokenizer: WordTokenizer) -> Tensor:
    """[W, D], each word's from the window in which it stands farthest from a cut."""
    n_words = len(prepared.segmented)
    vectors = torch.zeros(n_words, encoder.config.hidden_size, dtype=torch.float16)
    owner = np.array(owners(prepared.windows, n_words))
    for index, window in enumerate(prepared.windows):
        batch = collate_windows(
            [prepared.window_input(window)], bos=tokenizer.bos, eos=tokenizer.eos, pad=tokenizer.pad
        )
        hidden = encoder(
            input_ids=batch.piece_ids, attention_mask=batch.piece_mask
        ).last_hidden_state
        sums, first, count = running_sum(hidden), batch.word_first, batch.word_count
        mean = (pick(sums, first + count) - pick(sums, first)) / count.unsqueeze(-1)
        own = np.flatnonzero(owner == index)
        vectors[own] = (pick(hidden, first) + mean)[0, own - window.word_start].half()
    return vectors


def _features(read: _Read) -> Tensor:
    """[W, D + casing classes] in single precision."""
    casings = torch.tensor(read.prepared.casings, dtype=torch.long)
    one_hot = nn.functional.one_hot(casings, len(CASINGS))
    return torch.cat([read.vectors.float(), one_hot.float()], 1)


def _labels(prepared: Prepared, example: Labelled, kinds: Sequence[str]) -> Tensor:
    """[W] long: 0 is O, 1 + 2k begins kind k, 2 + 2k continues it.

    A word belongs to a span that shares a character with it, to the first of several.
    """
    starts, ends = np.array(prepared.segmented.starts), np.array(prepared.segmented.ends)
    labels = torch.zeros(len(starts), dtype=torch.long)
    for span in example.spans:
        first = int(np.searchsorted(ends, span.start, side="right"))
        last = int(np.searchsorted(starts, span.end, side="left"))
        if first < last and not labels[first]:
            k = kinds.index(span.kind)
            labels[first] = 1 + 2 * k
            labels[first + 1 : last] = 2 + 2 * k
    return labels
