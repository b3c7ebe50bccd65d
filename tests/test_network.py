"""Shapes, padding, symmetry, and the round trip to disk."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from conflictwire.batch import (
    SpanBatch,
    SpanInput,
    WindowBatch,
    WindowInput,
    collate_spans,
    collate_windows,
)
from conflictwire.errors import ConfigError, ModelFolderError
from conflictwire.evidence import CLASSES as EVIDENCE
from conflictwire.features import CASINGS
from conflictwire.network import (
    Decoding,
    Network,
    NetworkConfig,
    iob2_labels,
    load_network,
    save_network,
)
from conftest import make_network

if TYPE_CHECKING:
    from conflictwire.network import Relations

N_VOCABULARY = 60


def window(rng: random.Random, n_words: int) -> WindowInput:
    counts = [rng.randrange(1, 4) for _ in range(n_words)]
    return WindowInput(
        piece_ids=[rng.randrange(4, N_VOCABULARY) for _ in range(sum(counts))],
        piece_counts=counts,
        casings=[rng.randrange(len(CASINGS)) for _ in counts],
        sentence_of_word=[i // 5 for i in range(n_words)],
    )


def spans(rng: random.Random, n_words: int, n_triggers: int, n_mentions: int) -> SpanInput:
    def some(n: int) -> list[tuple[int, int]]:
        starts = sorted(rng.sample(range(n_words - 1), n))
        return [(a, a + rng.randrange(1, 3)) for a in starts]

    evidence = np.array(
        [[rng.randrange(len(EVIDENCE)) for _ in range(n_mentions)] for _ in range(n_mentions)]
    ).reshape(n_mentions, n_mentions)
    return SpanInput(
        triggers=some(n_triggers),
        trigger_types=[rng.randrange(10) for _ in range(n_triggers)],
        trigger_words=[rng.randrange(2) for _ in range(n_triggers)],
        mentions=some(n_mentions),
        mention_kinds=[rng.randrange(5) for _ in range(n_mentions)],
        evidence=np.maximum(evidence, evidence.T),
    )


def collate(*windows: WindowInput) -> WindowBatch:
    return collate_windows(windows, bos=2, eos=3, pad=0)


@pytest.fixture(scope="module")
def cases() -> list[tuple[WindowInput, SpanInput]]:
    rng = random.Random(1)
    sizes = [(20, 4, 6), (9, 2, 3), (14, 5, 1), (3, 0, 2), (6, 1, 0)]
    return [(window(rng, w), spans(rng, w, t, m)) for w, t, m in sizes]


def outputs(
    network: Network, windows: WindowBatch, chosen: SpanBatch
) -> tuple[torch.Tensor, torch.Tensor, Relations]:
    with torch.inference_mode():
        return network(windows, lambda mention, trigger: chosen)


def test_shapes(
    tiny_network: Network,
    tiny_config: NetworkConfig,
    cases: list[tuple[WindowInput, SpanInput]],
) -> None:
    c = tiny_config
    batch = collate(*(w for w, _ in cases))
    mention, trigger, found = outputs(tiny_network, batch, collate_spans([s for _, s in cases]))
    assert mention.shape == (5, 20, 1 + 2 * len(c.kinds))
    assert trigger.shape == (5, 20, 1 + 2 * len(c.event_types))
    assert found.status.shape == (5, 5, len(c.statuses))
    assert found.role.shape == (5, 5, 6, len(c.roles))
    assert found.same_event.shape == (5, 5, 5)
    assert found.same_entity.shape == (5, 6, 6)
    for tensor in (mention, trigger, found.status, found.role, found.same_event, found.same_entity):
        assert tensor.isfinite().all()


def test_padding_changes_nothing(
    tiny_network: Network, cases: list[tuple[WindowInput, SpanInput]]
) -> None:
    batch = collate(*(w for w, _ in cases))
    together = outputs(tiny_network, batch, collate_spans([s for _, s in cases]))
    for row, (w, s) in enumerate(cases):
        alone = outputs(tiny_network, collate(w), collate_spans([s]))
        n_w, n_t, n_m = len(w.piece_counts), len(s.triggers), len(s.mentions)
        for padded, single in zip(together[:2], alone[:2], strict=True):
            torch.testing.assert_close(padded[row, :n_w], single[0, :n_w], atol=1e-5, rtol=1e-5)
        a, b = together[2], alone[2]
        for padded, single, cut in (
            (a.status, b.status, (slice(n_t),)),
            (a.role, b.role, (slice(n_t), slice(n_m))),
            (a.same_event, b.same_event, (slice(n_t), slice(n_t))),
            (a.same_entity, b.same_entity, (slice(n_m), slice(n_m))),
        ):
            torch.testing.assert_close(padded[row][cut], single[0][cut], atol=1e-5, rtol=1e-5)


def test_identity_scores_are_symmetric(
    tiny_network: Network, cases: list[tuple[WindowInput, SpanInput]]
) -> None:
    batch = collate(*(w for w, _ in cases))
    _, _, found = outputs(tiny_network, batch, collate_spans([s for _, s in cases]))
    for scores in (found.same_event, found.same_entity):
        torch.testing.assert_close(scores, scores.transpose(1, 2), atol=1e-5, rtol=1e-5)
        assert scores.std() > 1e-3  # not symmetric for being constant


def test_each_input_matters(
    tiny_network: Network, cases: list[tuple[WindowInput, SpanInput]]
) -> None:
    """Changing any part of the input changes what should depend on it."""
    w, s = cases[0]
    base = outputs(tiny_network, collate(w), collate_spans([s]))[2]

    def changed(new_window: WindowInput = w, **parts: object) -> Relations:
        chosen = dataclasses.replace(s, **parts)  # type: ignore[arg-type]
        return outputs(tiny_network, collate(new_window), collate_spans([chosen]))[2]

    def differ(a: torch.Tensor, b: torch.Tensor) -> bool:
        return bool((a - b).abs().max() > 1e-4)

    types = changed(trigger_types=[t + 1 for t in s.trigger_types])
    assert differ(types.status, base.status)
    assert differ(types.role, base.role)
    assert not differ(types.same_entity, base.same_entity)
    kinds = changed(mention_kinds=[k + 1 for k in s.mention_kinds])
    assert differ(kinds.role, base.role)
    assert differ(kinds.same_entity, base.same_entity)
    assert not differ(kinds.status, base.status)
    assert differ(changed(evidence=(s.evidence + 1) % 9).same_entity, base.same_entity)
    words = changed(trigger_words=list(range(len(s.trigger_words))))
    assert differ(words.same_event, base.same_event)
    spread = dataclasses.replace(w, sentence_of_word=list(range(len(w.piece_counts))))
    assert differ(changed(spread).role, base.role)
    assert differ(changed(spread).same_event, base.same_event)


def test_casing_of_pieces_is_silent_at_first(tiny_config: NetworkConfig) -> None:
    rng = random.Random(2)
    one = window(rng, 6)
    other = dataclasses.replace(one, casings=[(c + 1) % len(CASINGS) for c in one.casings])
    network = make_network(tiny_config, seed=1)
    assert not network.piece_casing.weight.any()
    with torch.inference_mode():
        hidden = [network.encode(collate(x)) for x in (one, other)]
        assert not torch.equal(*hidden)  # the casing of words counts at once
        network.word_casing.weight.zero_()
        assert torch.equal(*(network.encode(collate(x)) for x in (one, other)))
        network.piece_casing.weight[1:].normal_()
        assert not torch.equal(*(network.encode(collate(x)) for x in (one, other)))


def test_a_word_is_its_first_piece_plus_the_mean(tiny_config: NetworkConfig) -> None:
    network = make_network(tiny_config, seed=2)
    batch = collate(WindowInput([5, 6, 7, 8], [1, 3], [0, 0], [0, 0]))
    with torch.inference_mode():
        network.word_casing.weight.zero_()
        hidden = network.encoder(
            input_ids=batch.piece_ids, attention_mask=batch.piece_mask
        ).last_hidden_state[0]
        words = network.encode(batch)[0]
    torch.testing.assert_close(words[0], 2 * hidden[1], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(words[1], hidden[2] + hidden[2:5].mean(0), atol=1e-5, rtol=1e-5)


def test_gradients_reach_every_parameter(
    tiny_config: NetworkConfig, cases: list[tuple[WindowInput, SpanInput]]
) -> None:
    network = make_network(tiny_config, seed=3).train()
    batch = collate(*(w for w, _ in cases))
    chosen = collate_spans([s for _, s in cases])
    mention, trigger, found = network(batch, lambda m, t: chosen)
    parts = (mention, trigger, found.status, found.role, found.same_event, found.same_entity)
    sum(p.square().sum() for p in parts).backward()
    silent = [
        n for n, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0
    ]
    assert silent == []


# ---- configuration


def test_labels() -> None:
    assert iob2_labels(("A", "B")) == ["O", "B-A", "I-A", "B-B", "I-B"]


def plain(config: NetworkConfig) -> dict[str, Any]:
    """As the file has it; JSON turns number keys into strings."""
    raw: dict[str, Any] = json.loads(json.dumps(config.to_dict()))
    return raw


def test_config_round_trip(tiny_config: NetworkConfig) -> None:
    config = dataclasses.replace(tiny_config, decoding=Decoding(role_threshold=0.25))
    raw = plain(config)
    assert plain(NetworkConfig.from_dict(raw, "here")) == raw
    assert NetworkConfig.from_dict(raw, "here").decoding.role_threshold == 0.25


def test_config_of_a_model_made_before_a_setting_of_decoding(tiny_config: NetworkConfig) -> None:
    raw = plain(tiny_config)
    del raw["decoding"]["mention_begin_bias"], raw["decoding"]["trigger_begin_bias"]
    decoding = NetworkConfig.from_dict(raw, "here").decoding
    assert (decoding.mention_begin_bias, decoding.trigger_begin_bias) == (0.0, 0.0)


def test_foreign_config(tiny_config: NetworkConfig) -> None:
    with pytest.raises(ModelFolderError, match=r"here: model_type is 'bert'.*not a conflictwire"):
        NetworkConfig.from_dict({"model_type": "bert"}, "here")
    raw = tiny_config.to_dict()
    del raw["roles"], raw["max_pieces"]
    with pytest.raises(ModelFolderError, match="lacks max_pieces, roles"):
        NetworkConfig.from_dict(raw, "here")


def test_windows_that_do_not_fit_the_encoder(tiny_config: NetworkConfig) -> None:
    Network(dataclasses.replace(tiny_config, max_pieces=126))
    with pytest.raises(ConfigError, match="max_pieces 127"):
        Network(dataclasses.replace(tiny_config, max_pieces=127))


def test_unknown_encoder(tiny_config: NetworkConfig) -> None:
    config = dataclasses.replace(tiny_config, encoder={"model_type": "no-such-encoder"})
    with pytest.raises(ModelFolderError, match="no-such-encoder"):
        Network(config)


# ---- disk


def test_round_trip(tiny_config: NetworkConfig, tmp_path: Path) -> None:
    network = make_network(tiny_config, seed=4)
    network.save_pretrained(tmp_path)
    loaded = Network.from_pretrained(str(tmp_path), local_files_only=True)
    assert not loaded.training
    assert plain(loaded.config) == plain(network.config)
    stored = loaded.state_dict()
    assert stored.keys() == network.state_dict().keys()
    assert all(torch.equal(v, stored[k]) for k, v in network.state_dict().items())


def test_float16_halves_the_file_and_loads_as_float32(
    tiny_config: NetworkConfig, tmp_path: Path
) -> None:
    network = make_network(tiny_config, seed=4)
    sizes = []
    for dtype in (torch.float32, torch.float16):
        save_network(network, tmp_path, dtype=dtype)
        sizes.append((tmp_path / "model.safetensors").stat().st_size)
    assert sizes[1] < 0.6 * sizes[0]
    loaded = load_network(tmp_path)
    for name, value in loaded.state_dict().items():
        mine = network.state_dict()[name]
        assert value.dtype == mine.dtype
        assert torch.equal(value, mine.to(torch.float16).to(mine.dtype))
