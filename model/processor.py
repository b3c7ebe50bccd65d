"""What the processor multiplies itself, and what it emulates or gets wrong."""

from __future__ import annotations

import torch

_MOST = 127


def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 matrices itself (elsewhere it is emulated)."""
    check = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(check and check())


def cpu_has_amx() -> bool:
    """Whether it multiplies tiles of bfloat16, at several times the rate of vectors."""
    check = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(check and check()) and cpu_has_bf16()


def cpu_has_vnni() -> bool:
    """Whether it has AVX-512 VNNI, with which products of 8-bit integers take less than half of
    the time of float32's."""
    check = getattr(torch.cpu, "_is_vnni_supported", None)
    return bool(check and check()) and cpu_has_int8()


def cpu_has_int8() -> bool:
    """Whether it multiplies matrices of 8-bit integers and gets them right, as with VNNI.

    Processors without such dot products add pairs in 16 bits, which overflow, and are slower than
    in float32.
    """
    if not hasattr(torch, "_int_mm") or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    most = torch.full((32, 384), _MOST, dtype=torch.int8)
    return bool((torch._int_mm(most, most.t().contiguous()) == _MOST * _MOST * 384).all())
