"""What the processor multiplies itself, and what it emulates or gets wrong."""

from __future__ import annotations

import torch

_MOST = 127


def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 matrices itself (elsewhere it is emulated)."""
    check = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(check and check())


def cpu_prefers_int8() -> bool:
    """Whether matrices of 8-bit integers are its fastest: with AVX-512 VNNI, but for processors
    with tiles (AMX), whose bfloat16 is as fast once integers are made and turned back."""
    vnni, tiles = (
        getattr(torch.cpu, name, lambda: False)
        for name in ("_is_vnni_supported", "_is_amx_tile_supported")
    )
    return bool(vnni()) and not tiles() and cpu_has_int8()


def cpu_has_int8() -> bool:
    """Whether it multiplies matrices of 8-bit integers, as with VNNI.

    Processors without such dot products add pairs in 16 bits, which overflow, and are slower than
    in float32.
    """
    if not hasattr(torch, "_int_mm") or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    most = torch.full((32, 384), _MOST, dtype=torch.int8)
    return bool((torch._int_mm(most, most.t().contiguous()) == _MOST * _MOST * 384).all())
