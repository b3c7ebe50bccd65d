"""Attention of our own against that of torch, alone and inside an encoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from conflictwire import attention
from conflictwire.attention import (
    NAME,
    NAME_BF16,
    NAME_FUSED,
    attend,
    attend_by_window,
    attend_fused,
)
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    ModernBertConfig,
    ModernBertModel,
    MPNetConfig,
    MPNetModel,
)


@pytest.mark.parametrize("attend", [attend, attend_fused])
def test_each_window_at_its_own_length(attend: Callable[..., Any]) -> None:
    torch.manual_seed(1)
    query, key, value = (torch.randn(2, 3, 5, 4) for _ in range(3))
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    found, weights = attend(nn.Module(), query, key, value, mask, scaling=0.5)
    assert weights is None
    expected = nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=mask[:, None, None, :].bool(), scale=0.5
    ).transpose(1, 2)
    assert torch.allclose(found[0], expected[0], atol=1e-6)
    assert torch.allclose(found[1, :3], expected[1, :3], atol=1e-6)
    unmasked, _ = attend(nn.Module(), query, key, value, None)
    whole = nn.functional.scaled_dot_product_attention(query, key, value).transpose(1, 2)
    assert torch.allclose(unmasked, whole, atol=1e-6)


@pytest.mark.parametrize("attend", [attend, attend_fused])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_windows_of_unlike_lengths(attend: Callable[..., Any], dtype: torch.dtype) -> None:
    """Longer than the step of 32 by which they are cut, a single piece, none."""
    torch.manual_seed(1)
    query, key, value = (torch.randn(5, 2, 70, 8).to(dtype) for _ in range(3))
    lengths = [70, 33, 64, 1, 0]
    mask = (torch.arange(70) < torch.tensor(lengths).unsqueeze(1)).long()
    found, _ = attend(nn.Module(), query, key, value, mask)
    tolerance = 1e-5 if dtype == torch.float32 else 0.03
    for row, n in enumerate(lengths):
        alone = nn.functional.scaled_dot_product_attention(
            *(x[row, :, :n].float() for x in (query, key, value))
        ).transpose(0, 1)
        assert torch.allclose(found[row, :n].float(), alone, atol=tolerance)


def _encoder() -> BertModel:
    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64,
    )  # fmt: skip
    return BertModel(config, add_pooling_layer=False).eval()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("amx", [False, True])
def test_an_encoder_gives_the_same_with_it(
    dtype: torch.dtype, amx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "cpu_has_amx", lambda: amx)
    encoder = _encoder()
    pieces = torch.randn(3, 7, 32)
    mask = torch.ones(3, 7, dtype=torch.long)
    mask[1, 4:] = mask[2, 2:] = 0
    with torch.inference_mode(), torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
        before = encoder(inputs_embeds=pieces, attention_mask=mask).last_hidden_state
        assert attend_by_window(encoder)
        assert encoder.config._attn_implementation == (NAME_FUSED if amx else NAME)
        after = encoder(inputs_embeds=pieces, attention_mask=mask).last_hidden_state
    real = mask.bool()
    tolerance = 1e-5 if dtype == torch.float32 else 0.05
    assert torch.allclose(before[real].float(), after[real].float(), atol=tolerance)


@pytest.mark.parametrize("amx", [False, True])
def test_attention_alone_in_bfloat16(amx: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "cpu_has_amx", lambda: amx)
    encoder = _encoder()
    pieces, mask = torch.randn(2, 7, 32), torch.ones(2, 7, dtype=torch.long)
    mask[1, 4:] = 0
    with torch.inference_mode():
        before = encoder(inputs_embeds=pieces, attention_mask=mask).last_hidden_state
        assert attend_by_window(encoder, in_bf16=True)
        assert encoder.config._attn_implementation == NAME_BF16
        after = encoder(inputs_embeds=pieces, attention_mask=mask).last_hidden_state
    assert after.dtype == torch.float32
    away = (before - after)[mask.bool()].abs().max()
    assert 0 < away < 0.05


@pytest.mark.parametrize("amx", [False, True])
def test_what_a_window_gives_hangs_on_no_other(amx: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "cpu_has_amx", lambda: amx)
    encoder = _encoder()
    attend_by_window(encoder)
    pieces = torch.randn(2, 9, 32)
    mask = torch.ones(2, 9, dtype=torch.long)
    mask[1, 5:] = 0
    with torch.inference_mode():
        both = encoder(inputs_embeds=pieces, attention_mask=mask).last_hidden_state
        alone = encoder(inputs_embeds=pieces[1:, :5], attention_mask=mask[1:, :5])
    assert torch.allclose(both[1, :5], alone.last_hidden_state[0], atol=1e-6)


def test_encoders_that_cannot_call_ours_keep_their_own() -> None:
    config = MPNetConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=1, num_attention_heads=4,
        intermediate_size=64,
    )  # fmt: skip
    encoder = MPNetModel(config, add_pooling_layer=False).eval()
    assert not attend_by_window(encoder)
    assert encoder.config._attn_implementation != NAME
    found = encoder(inputs_embeds=torch.randn(1, 4, 32), attention_mask=torch.ones(1, 4))
    assert found.last_hidden_state.shape == (1, 4, 32)


def test_encoders_that_attend_to_a_part_keep_their_own() -> None:
    config = ModernBertConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1,
        sep_token_id=2,
    )  # fmt: skip
    encoder = ModernBertModel(config)
    assert not attend_by_window(encoder)
    assert encoder.config._attn_implementation != NAME
