"""Attention for CPUs: matrix products, one window at a time and at its own length.

In bfloat16, torch's fused kernel for CPUs takes twice as long at the head widths of small encoders
(32), and reads padding too; in float32 the two are equal. Where the processor multiplies tiles
(AMX), the fused kernel takes two thirds of the time, at lengths that fill the tiles. Beside matrix
products of integers (``integers.py``), attention in bfloat16 takes half as long as in float32.
transformers lets an encoder call a function of ours instead (``AttentionInterface``); encoders that
do not ask for one keep their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface

from .processor import cpu_has_amx

NAME = "conflictwire_by_window"
NAME_BF16 = "conflictwire_by_window_bf16"
NAME_FUSED = "conflictwire_by_window_fused"
# Others may attend to a part of the window, have fewer keys than queries, or biases of their own.
_FAMILIES = frozenset("bert camembert distilbert electra roberta xlm-roberta".split())
# Lengths are rounded up: kernels are compiled and kept for each that turns up.
_STEP = 32


def _each_window(
    attend_one: Callable[[Tensor, Tensor, Tensor, int, float], Tensor],
) -> Callable[..., tuple[Tensor, None]]:
    """Attention to one window -> the function that encoders call:

    query, key, value [B, heads, P, D], mask [B, P] of ones then zeros (None: all ones) ->
    [B, P, heads, D]; what stands in place of padding means nothing. There is no dropout: this is
    for inference alone.
    """

    def attend(
        module: nn.Module,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor | None,
        dropout: float = 0.0,
        scaling: float | None = None,
        **_: Any,
    ) -> tuple[Tensor, None]:
        n_windows, n_heads, n_pieces, size = query.shape
        scale = size**-0.5 if scaling is None else scaling
        out = query.new_zeros(n_windows, n_pieces, n_heads, size)
        lengths = (
            [n_pieces] * n_windows if attention_mask is None else attention_mask.sum(1).tolist()
        )
        for row, length in enumerate(lengths):
            n = min(n_pieces, -(-length // _STEP) * _STEP)
            attended = attend_one(
                query[row, :, :n], key[row, :, :n], value[row, :, :n], length, scale
            )
            out[row, :n] = attended.transpose(0, 1)
        return out, None

    return attend


def _by_products(query: Tensor, key: Tensor, value: Tensor, length: int, scale: float) -> Tensor:
    """Of one window, [heads, P, D], of which ``length`` pieces are no padding."""
    scores = torch.bmm(query * scale, key.transpose(1, 2))
    scores[:, :, length:] = -math.inf
    return torch.bmm(scores.softmax(-1), value)


def _fused(query: Tensor, key: Tensor, value: Tensor, length: int, scale: float) -> Tensor:
    n = key.shape[1]
    mask = None
    if n > length:
        mask = query.new_zeros(1, 1, 1, n)
        mask[..., length:] = -math.inf
    return scaled_dot_product_attention(
        query.unsqueeze(0), key.unsqueeze(0), value.unsqueeze(0), attn_mask=mask, scale=scale
    ).squeeze(0)


attend = _each_window(_by_products)
attend_fused = _each_window(_fused)


def attend_in_bf16(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **settings: Any,
) -> tuple[Tensor, None]:
    """As ``attend`` or ``attend_fused``, computed in bfloat16; float32 comes out."""
    query, key, value = (x.to(torch.bfloat16) for x in (query, key, value))
    best = attend_fused if cpu_has_amx() else attend
    out, _ = best(module, query, key, value, attention_mask, **settings)
    return out.float(), None


def _padding_mask(attention_mask: Tensor | None = None, **_: Any) -> Tensor | None:
    """What ``attend`` gets as its mask: that of the batch, [B, P], as it is."""
    return attention_mask


def attend_by_window(encoder: Any, *, in_bf16: bool = False) -> bool:
    """Let an encoder of half precision use ``attend``, or ``attend_fused`` where that is faster, if
    each of its layers attends to all of a window and can call functions of others; -> whether it
    does. Its weights stay. ``in_bf16``: attention alone is computed in bfloat16."""
    if encoder.config.model_type not in _FAMILIES or getattr(encoder.config, "is_decoder", False):
        return False
    if not getattr(encoder, "_can_set_attn_implementation", lambda: False)():
        return False
    by_window = NAME_FUSED if cpu_has_amx() else NAME
    encoder.set_attn_implementation(NAME_BF16 if in_bf16 else by_window)
    return True


for _name, _function in (
    (NAME, attend), (NAME_BF16, attend_in_bf16), (NAME_FUSED, attend_fused)
):  # fmt: skip
    AttentionInterface.register(_name, _function)
    AttentionMaskInterface.register(_name, _padding_mask)
