"""Sentence vectors: the mean of an encoder's piece vectors, of length 1.

Reimers and Gurevych, "Sentence-BERT", EMNLP 2019; the packaged encoders are models of that kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import ModelFolderError
from .features import Floats

__all__ = ["SentenceEncoder"]

_MAX_PIECES = 384  # a snippet has some 50; what a longer text has beyond is not read
_BATCH = 16
_WEIGHTS_FILE = "model.safetensors"


class SentenceEncoder:
    """An encoder and its fast tokenizer, both of transformers, on the CPU."""

    def __init__(self, encoder: Any, tokenizer: Any) -> None:
        self.encoder, self.tokenizer = encoder.eval(), tokenizer

    @classmethod
    def load(cls, folder: Path) -> SentenceEncoder:
        """Read what ``save`` wrote; no code of the folder is run. Raises ModelFolderError."""
        from safetensors.torch import load_file
        from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

        make: Any = PreTrainedTokenizerFast
        build: Any = AutoModel
        try:
            config = AutoConfig.from_pretrained(
                str(folder), local_files_only=True, trust_remote_code=False
            )
            encoder = build.from_config(config, dtype="float32", trust_remote_code=False)
            fit = encoder.load_state_dict(load_file(folder / _WEIGHTS_FILE), strict=False)
            # A pooler may be lacking: vectors are taken from below it.
            lacking = [name for name in fit.missing_keys if not name.startswith("pooler.")]
            if lacking or fit.unexpected_keys:
                raise ValueError(f"{[*lacking, *fit.unexpected_keys]} lacking or unknown")
            tokenizer = make.from_pretrained(str(folder), local_files_only=True)
        except Exception as error:  # transformers raises many types for a broken folder
            raise ModelFolderError(f"{folder}: no sentence encoder ({error})") from None
        return cls(encoder, tokenizer)

    def save(self, folder: Path) -> None:
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: x.contiguous() for name, x in self.encoder.state_dict().items()}
        save_file(weights, folder / _WEIGHTS_FILE, metadata={"format": "pt"})
        self.encoder.config.save_pretrained(str(folder))
        self.tokenizer.save_pretrained(str(folder))

    @property
    def n_parameters(self) -> int:
        return sum(p.numel() for p in self.encoder.parameters())

    def __call__(self, texts: Sequence[str]) -> Floats:
        """[n_texts, width]."""
        import torch

        # Lone surrogates cannot be encoded for the Rust side.
        texts = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        vectors = np.zeros((len(texts), self.encoder.config.hidden_size))
        # Texts of like length together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with torch.inference_mode():
            for start in range(0, len(order), _BATCH):
                rows = order[start : start + _BATCH]
                batch = self.tokenizer(
                    [texts[i] for i in rows],
                    padding=True,
                    truncation=True,
                    max_length=min(_MAX_PIECES, self.encoder.config.max_position_embeddings - 4),
                    return_tensors="pt",
                    return_token_type_ids=False,
                )
                hidden = self.encoder(**batch).last_hidden_state
                shown = batch["attention_mask"].unsqueeze(-1)
                mean = (hidden * shown).sum(1) / shown.sum(1)
                vectors[rows] = torch.nn.functional.normalize(mean, dim=1).double().numpy()
        return vectors
