"""An encoder whose products of weights are of 8-bit integers: for CPUs with dot products of these,
as VNNI has.

Weights are rounded once, in steps of their own for each output; what comes in at each product, in
steps of their own for each sub-word piece, so that what else is read with it changes nothing. (Of
torch's own dynamic quantisation neither holds: one step for all that comes in costs 2 to 3 points
of F1 on the development documents.)
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .processor import cpu_has_int8

__all__ = ["quantise"]

_MOST = 127


class IntegerLinear(nn.Module):
    """In place of a Linear layer, for inference."""

    weight: Tensor  # [in, out] int8
    steps: Tensor  # [out] float32
    bias: Tensor | None  # [out] float32

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        rounded, steps = _rounded(layer.weight.detach().float())
        # The product takes the second factor by columns as it takes it by rows.
        self.register_buffer("weight", rounded.t().contiguous())
        self.register_buffer("steps", steps.squeeze(1))
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach().float())

    def forward(self, values: Tensor) -> Tensor:
        """[..., in] -> [..., out], float32."""
        rounded, steps = _rounded(values.flatten(0, -2).float())
        product = torch._int_mm(rounded, self.weight).float().mul_(steps).mul_(self.steps)
        if self.bias is not None:
            product += self.bias
        return product.reshape(*values.shape[:-1], -1)


def _rounded(rows: Tensor) -> tuple[Tensor, Tensor]:
    """[N, D] -> int8 [N, D], steps [N, 1]; a row of zeros stays one."""
    steps = rows.abs().amax(1, keepdim=True).clamp_(min=1e-12).div_(_MOST)
    return (rows / steps).round_().to(torch.int8), steps


def quantise(module: nn.Module) -> None:
    """Replace all Linear layers in a module. Raises ValueError where integers gain nothing."""
    if not cpu_has_int8():
        raise ValueError(
            "dtype 'int8' needs a processor (and a torch) with dot products of 8-bit integers, "
            "such as AVX512 VNNI; use float32"
        )
    _replace(module)


def _replace(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, IntegerLinear(child))
        else:
            _replace(child)
