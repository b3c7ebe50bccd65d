"""Matrix products of 8-bit integers: near those of floats, and by each piece alone."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import conflictwire.extractor
import pytest
import torch
from conflictwire.coder import _dtype, load
from conflictwire.integers import IntegerLinear, quantise
from conflictwire.processor import cpu_has_int8, cpu_has_vnni
from torch import nn

TEXT = "On 3 May 2018 rebels shelled Aleppo, killing 4 people. The army denied an attack on Idlib."


needs_products = pytest.mark.skipif(
    not cpu_has_int8(), reason="the processor has no dot products of 8-bit integers"
)


@pytest.fixture
def layer() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(64, 48)


@needs_products
def test_near_the_product_of_floats(layer: nn.Linear) -> None:
    values = torch.randn(3, 5, 64)
    values[0, 0] *= 1000  # a piece far out does not make the others rough
    with torch.inference_mode():
        exact, found = layer(values), IntegerLinear(layer)(values)
    assert found.shape == exact.shape
    worst = (found - exact).abs().amax(-1) / exact.abs().amax(-1)
    assert 0 < worst.max() < 0.02


def test_what_else_is_read_changes_nothing(layer: nn.Linear) -> None:
    rounded = IntegerLinear(layer)
    values = torch.randn(7, 64)
    more = torch.cat([values, 1e4 * torch.randn(2, 64)])
    assert torch.equal(rounded(more)[:7], rounded(values))
    assert torch.equal(rounded(values[2:3])[0], rounded(values)[2])


def test_zeros_and_layers_without_bias() -> None:
    layer = nn.Linear(8, 4, bias=False)
    assert torch.equal(IntegerLinear(layer)(torch.zeros(2, 8)), torch.zeros(2, 4))
    with torch.no_grad():
        layer.weight.zero_()
    assert torch.equal(IntegerLinear(layer)(torch.ones(2, 8)), torch.zeros(2, 4))


@needs_products
def test_all_layers_of_a_module(layer: nn.Linear, monkeypatch: pytest.MonkeyPatch) -> None:
    module = nn.Sequential(layer, nn.Sequential(nn.ReLU(), copy.deepcopy(layer)))
    quantise(module)
    assert [type(m) for m in module.modules()].count(IntegerLinear) == 2
    assert not any(isinstance(m, nn.Linear) for m in module.modules())
    assert not list(module.parameters())
    monkeypatch.delattr(torch, "_int_mm")
    with pytest.raises(ValueError, match="needs a processor"):
        quantise(module)


def test_a_processor_that_adds_in_16_bits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    multiply = torch._int_mm
    monkeypatch.setattr(torch, "_int_mm", lambda a, b: multiply(a, b).clamp(max=2**15))
    with pytest.raises(ValueError, match="VNNI"):
        quantise(nn.Sequential(nn.Linear(4, 4)))


@needs_products
@pytest.mark.parametrize("has_bf16", [True, False])
def test_attention_beside_integers(
    tiny_model_dir: Path, monkeypatch: pytest.MonkeyPatch, has_bf16: bool
) -> None:
    monkeypatch.setattr(conflictwire.extractor, "cpu_has_bf16", lambda: has_bf16)
    extractor = load(tiny_model_dir, device="cpu", dtype="int8").extractor
    expected = torch.bfloat16 if has_bf16 else torch.float32
    assert extractor.attention_dtype == expected
    words = extractor.encode([extractor.prepare(TEXT)]).words[0]
    assert words.dtype == torch.float32


def test_a_processor_with_vnni(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conflictwire.processor.cpu_has_int8", lambda: True)
    for said in (True, False):
        monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda x=said: x)
        assert cpu_has_vnni() is said
    monkeypatch.delattr(torch.cpu, "_is_vnni_supported")
    assert not cpu_has_vnni()


@needs_products
def test_a_model_in_integers(tiny_model_dir: Path) -> None:
    exact, coder = (load(tiny_model_dir, device="cpu", dtype=d) for d in ("float32", "int8"))
    texts = [TEXT, "Nothing happened.", 30 * TEXT]
    alone = [coder(text).to_json() for text in texts]
    assert [report.to_json() for report in coder(texts)] == alone
    assert pickle.loads(pickle.dumps(coder))(TEXT).to_json() == alone[0]
    with torch.inference_mode():
        a, b = (c.extractor.encode([c.extractor.prepare(TEXT)]) for c in (exact, coder))
    assert not torch.equal(a.words[0], b.words[0])
    assert torch.allclose(a.words[0], b.words[0], atol=0.15)
    with pytest.raises(ValueError, match="for CPUs"):
        _dtype("int8", "cuda")
