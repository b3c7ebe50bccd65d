"""Encoders of narrower layers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from conflictwire.errors import ConfigError, ModelFolderError
from conflictwire.folder import load_model, save_model
from conflictwire.narrow import WIDTHS, narrow, widths_of
from conflictwire.network import empty_encoder
from transformers import BertConfig, BertModel

WIDTH_OF_LAYERS = [[2, 48], [1, 16]]


def _encoder() -> Any:
    config = BertConfig(
        vocab_size=40,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    return BertModel(config, add_pooling_layer=False).eval()


def test_layers_get_the_widths_and_keep_them_in_the_config() -> None:
    encoder = _encoder()
    assert widths_of(encoder) == [[4, 64], [4, 64]]
    narrow(encoder, WIDTH_OF_LAYERS)
    assert widths_of(encoder) == WIDTH_OF_LAYERS
    settings = json.loads(encoder.config.to_json_string(use_diff=False))
    again = empty_encoder(settings)
    again.pooler = None
    again.load_state_dict(encoder.state_dict())
    ids = torch.arange(12).view(2, 6)
    mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
    assert torch.equal(
        encoder(ids, attention_mask=mask).last_hidden_state,
        again.eval()(ids, attention_mask=mask).last_hidden_state,
    )
    assert encoder(ids).last_hidden_state.shape == (2, 6, 32)


def test_layers_of_full_width_keep_their_weights() -> None:
    encoder = _encoder()
    before = {k: v.clone() for k, v in encoder.state_dict().items()}
    narrow(encoder, [[4, 64], [4, 16]])
    after = encoder.state_dict()
    resized = {k for k in before if k not in after or after[k].shape != before[k].shape}
    assert {k.removeprefix("encoder.layer.1.") for k in resized} == {
        "intermediate.dense.weight",
        "intermediate.dense.bias",
        "output.dense.weight",
    }
    assert all(torch.equal(after[k], before[k]) for k in before.keys() - resized
               if "layer.1.output.dense" not in k)  # fmt: skip


@pytest.mark.parametrize(
    "widths",
    [
        [[4, 64]],
        [[4, 64], [5, 64]],
        [[4, 64], [4, 65]],
        [[0, 64], [4, 64]],
        [[4, 64], [4, 0]],
        [[4, 64], [4.0, 64]],
        [[4, 64], [True, 64]],
        [[4, 64], [4]],
        [[4, 64], "46"],
        "4646",
        {"4": 64},
        7,
    ],
)
def test_widths_that_layers_do_not_have(widths: object) -> None:
    with pytest.raises(ConfigError, match=r"layer_widths: expected .* at most \[4, 64\].* 2 layer"):
        narrow(_encoder(), widths)


def test_next_to_nothing_is_left() -> None:
    config = BertConfig(
        vocab_size=9, hidden_size=32, num_hidden_layers=1, num_attention_heads=4,
        intermediate_size=100_000, max_position_embeddings=9,
    )  # fmt: skip
    with torch.device("meta"):
        encoder = BertModel(config, add_pooling_layer=False)
    with pytest.raises(ConfigError, match="less than 1/8 of the encoder is left"):
        narrow(encoder, [[4, 8]])


def test_other_families_are_refused() -> None:
    settings = {"model_type": "mpnet", "hidden_size": 32, "num_attention_heads": 4,
                "num_hidden_layers": 1, "intermediate_size": 64, "vocab_size": 40,
                WIDTHS: [[2, 32]]}  # fmt: skip
    with pytest.raises(ConfigError, match="layers of 'mpnet' cannot be narrowed"):
        empty_encoder(settings)


def test_a_model_folder_of_a_narrowed_encoder(tiny_model_dir: Any, tmp_path: Any) -> None:
    model = load_model(tiny_model_dir)
    encoder = model.network.encoder
    widths = [[1, 24] for _ in widths_of(encoder)]
    narrow(encoder, widths)
    model.network.config.encoder[WIDTHS] = widths
    save_model(tmp_path / "m", model.network, model.tokenizer, model.ontology)
    again = load_model(tmp_path / "m")
    assert widths_of(again.network.encoder) == widths
    # Widths that the stored tensors do not have, and such as no layer has.
    for wrong, why in (([[1, 25], [1, 24]], "shape|tensor"), ([[9, 24], [1, 24]], "at most")):
        model.network.config.encoder[WIDTHS] = wrong
        path = tmp_path / "m" / "config.json"
        path.write_text(json.dumps(model.network.config.to_dict()))
        (tmp_path / "m" / "SHA256SUMS").unlink(missing_ok=True)
        with pytest.raises(ModelFolderError, match=why):
            load_model(tmp_path / "m")
