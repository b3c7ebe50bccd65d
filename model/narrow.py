"""Encoders whose layers are narrower than their config can say: fewer attention heads, fewer hidden
units, other numbers in each layer. What pruning (``conflictwire.training.prune``) leaves.

The encoder's config keeps the numbers under a key of ours, so that the encoder can be built again
from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from .errors import ConfigError

WIDTHS = "layer_widths"  # [attention heads, hidden units] of each layer
# Layers of these are built and named as BERT's are; in them all heads are of one size.
_FAMILIES = frozenset("bert camembert electra roberta xlm-roberta".split())

_MOST_LOST = 8


def narrow(encoder: Any, widths: Any) -> None:
    """Give each layer as many heads and hidden units, in place; what is resized loses its weights.

    Raises ConfigError for an encoder of another family, for widths that its layers do not have, and
    for such as leave next to nothing.
    """
    config, layers = encoder.config, layers_to_narrow(encoder)
    _check(widths, config)
    n_before = _size(encoder)
    for layer, (n_heads, n_units) in zip(layers, widths, strict=True):
        attention = layer.attention.self
        if n_heads != attention.num_attention_heads:
            size = n_heads * attention.attention_head_size
            attention.num_attention_heads, attention.all_head_size = n_heads, size
            for name in ("query", "key", "value"):
                setattr(attention, name, _resized(getattr(attention, name), n_out=size))
            output = layer.attention.output
            output.dense = _resized(output.dense, n_in=size)
        if n_units != layer.intermediate.dense.out_features:
            layer.intermediate.dense = _resized(layer.intermediate.dense, n_out=n_units)
            layer.output.dense = _resized(layer.output.dense, n_in=n_units)
    # It was built in its full width: no small file may ask for much memory.
    if n_before > _MOST_LOST * _size(encoder):
        raise ConfigError(f"{WIDTHS}: less than 1/{_MOST_LOST} of the encoder is left")
    setattr(config, WIDTHS, [list(width) for width in widths])


def _size(encoder: nn.Module) -> int:
    return sum(parameter.numel() for parameter in encoder.parameters())


def layers_to_narrow(encoder: Any) -> Sequence[Any]:
    """The layers of an encoder. Raises ConfigError for one of a family that is built otherwise."""
    if encoder.config.model_type not in _FAMILIES:
        raise ConfigError(f"{WIDTHS}: layers of {encoder.config.model_type!r} cannot be narrowed")
    layers: Sequence[Any] = encoder.encoder.layer
    return layers


def widths_of(encoder: Any) -> list[list[int]]:
    """[heads, hidden units] of each layer of an encoder that can be narrowed, as it is now."""
    return [
        [layer.attention.self.num_attention_heads, layer.intermediate.dense.out_features]
        for layer in layers_to_narrow(encoder)
    ]


def _check(widths: Any, config: Any) -> None:
    most = (config.num_attention_heads, config.intermediate_size)
    good = (
        isinstance(widths, Sequence)
        and len(widths) == config.num_hidden_layers
        and all(_fits(width, most) for width in widths)
    )
    if not good:
        raise ConfigError(
            f"{WIDTHS}: expected [heads, hidden units], at most {list(most)}, for each of "
            f"{config.num_hidden_layers} layers"
        )


def _fits(width: Any, most: tuple[int, int]) -> bool:
    return (
        isinstance(width, Sequence)
        and len(width) == len(most)
        and all(type(n) is int and 1 <= n <= m for n, m in zip(width, most, strict=True))
    )


def _resized(layer: nn.Linear, *, n_in: int | None = None, n_out: int | None = None) -> nn.Linear:
    weight = layer.weight
    return nn.Linear(
        layer.in_features if n_in is None else n_in,
        layer.out_features if n_out is None else n_out,
        bias=layer.bias is not None,
        device=weight.device,
        dtype=weight.dtype,
    )
