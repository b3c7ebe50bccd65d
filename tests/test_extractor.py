"""Texts through the tiny network: windows, batches, and what comes out of them."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from conflictwire.evidence import CLASSES
from conflictwire.extractor import (
    Extraction,
    Extractor,
    Prepared,
    _batch_limits,
    _inside,
    _slices,
    prepare,
    span_input,
)
from conflictwire.network import load_network
from conflictwire.spans import TaggedSpan
from conflictwire.windows import Window, owners

if TYPE_CHECKING:
    from pathlib import Path

    from conflictwire.features import WordTokenizer
    from conflictwire.network import Network

_WORDS = "the army attacked a town near Besra on Monday and killed five soldiers".split()


def story(n_words: int, seed: int = 0) -> str:
    """Sentences of 3 to 30 words, ``n_words`` words with their full stops."""
    rng = random.Random(seed)
    words: list[str] = []
    while len(words) < n_words:
        sentence = rng.choices(_WORDS, k=min(rng.randrange(3, 30), n_words - len(words)))
        sentence[0] = sentence[0].capitalize()
        sentence[-1] = "."
        words += sentence
    return " ".join(words).replace(" .", ".")


@pytest.fixture(scope="module")
def extractor(tiny_network: Network, tiny_words: WordTokenizer) -> Extractor:
    return Extractor(tiny_network, tiny_words, device=torch.device("cpu"), dtype=torch.float32)


@pytest.fixture(scope="module")
def long_one(extractor: Extractor) -> Extraction:
    return extractor.run([extractor.prepare(story(10_000))])[0]


def test_prepared(tiny_words: WordTokenizer) -> None:
    text = story(400, seed=1)
    prepared = prepare(text, tiny_words, max_pieces=96, overlap=32)
    whole = prepared.first_words(10**9)
    assert len(whole) == 400
    assert "".join(whole) == "".join(text.split())
    assert len(prepared.windows) > 3
    for window in prepared.windows:
        a, b = window.word_start, window.word_end
        read = prepared.window_input(window)
        alone = tiny_words(whole[a:b])
        assert prepared.words(window) == whole[a:b]
        assert (read.piece_ids, read.piece_counts) == (alone.ids, alone.counts)
        assert read.casings == alone.casings
        assert read.sentence_of_word == prepared.sentence_of_word[a:b]
        assert len(read.piece_ids) == sum(read.piece_counts) <= 96
    assert [prepared.chars(i, i + 1) for i in (0, 399)] == [
        (0, len(whole[0])),
        (len(text) - 1, len(text)),
    ]
    assert prepared.sentence_of_word == sorted(prepared.sentence_of_word)


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_no_words(extractor: Extractor, text: str) -> None:
    prepared = extractor.prepare(text)
    assert prepared.windows == []
    (found,) = extractor.run([prepared])
    assert found.mentions == found.triggers == []
    assert extractor.run([]) == []


def test_span_input() -> None:
    words = "The army raided Besra . Raided , too : the ARMY".split()
    spans = span_input(
        words,
        triggers=[(2, 3, 4), (5, 6, 4), (6, 7, 1)],
        mentions=[(0, 2, 3), (3, 4, 0), (9, 11, 3)],
    )
    assert spans.triggers == [(2, 3), (5, 6), (6, 7)]
    assert spans.trigger_types == [4, 4, 1]
    assert spans.trigger_words == [0, 0, 1]
    assert spans.mentions == [(0, 2), (3, 4), (9, 11)]
    assert spans.mention_kinds == [3, 0, 3]
    assert CLASSES[spans.evidence[0, 2]] == "equal"


def test_inside_against_the_definition() -> None:
    rng = random.Random(3)
    spans, word = [], 0
    while word < 200:
        start = word + rng.randrange(3)
        word = start + rng.randrange(1, 5)
        spans.append(TaggedSpan(start, word, 0, 1.0))
    for _ in range(200):
        a = rng.randrange(200)
        window = Window(a, a + rng.randrange(1, 40))
        expected = [i for i, s in enumerate(spans) if (s.word_start, s.word_end) in window]
        assert _inside(window, spans) == expected


def test_a_long_text_is_read_whole(long_one: Extraction) -> None:
    prepared = long_one.prepared
    n_words = len(prepared.segmented)
    assert n_words == 10_000
    covered = {i for w in prepared.windows for i in range(w.word_start, w.word_end)}
    assert covered == set(range(n_words))
    for spans in (long_one.mentions, long_one.triggers):
        edges = [e for s in spans for e in (s.word_start, s.word_end)]
        assert edges == sorted(edges)
        # Spans come from everywhere: none of 20 stretches is without one.
        assert {s.word_start * 20 // n_words for s in spans} == set(range(20))
        assert all(0 < s.score <= 1 for s in spans)
    assert max(t for t, _ in long_one.relations.roles) > 0.99 * len(long_one.triggers)
    assert long_one.relations.status.sum(1) == pytest.approx(1, abs=1e-5)


def by_hand(extractor: Extractor, prepared: Prepared) -> np.ndarray:
    """Mention logits of each word from its owner, one window at a time."""
    from conflictwire.batch import collate_windows

    tokenizer = extractor.tokenizer
    rows = []
    for window in prepared.windows:
        batch = collate_windows(
            [prepared.window_input(window)], bos=tokenizer.bos, eos=tokenizer.eos, pad=tokenizer.pad
        )
        with torch.inference_mode():
            mention, _ = extractor.network.tag(extractor.network.encode(batch))
        rows.append(mention[0].numpy())
    owner = owners(prepared.windows, len(prepared.segmented))
    return np.stack([rows[w][i - prepared.windows[w].word_start] for i, w in enumerate(owner)])


def test_each_word_is_tagged_in_its_most_central_window(extractor: Extractor) -> None:
    from conflictwire.spans import decode_iob2

    prepared = extractor.prepare(story(600, seed=2))
    assert len(prepared.windows) > 5
    (expected,) = decode_iob2([by_hand(extractor, prepared)])
    (found,) = extractor.run([prepared])
    assert spans_of(found.mentions) == spans_of(expected)
    assert [m.score for m in found.mentions] == pytest.approx([m.score for m in expected], abs=1e-5)


def spans_of(spans: list[TaggedSpan]) -> list[tuple[int, int, int]]:
    return [(s.word_start, s.word_end, s.type) for s in spans]


def test_every_pair_that_shares_a_window_is_scored(extractor: Extractor) -> None:
    (found,) = extractor.run([extractor.prepare(story(500, seed=4))])
    windows = found.prepared.windows
    expected = set()
    for i, a in enumerate(found.triggers):
        for j in range(i + 1, len(found.triggers)):
            pair = (a.word_start, found.triggers[j].word_end)
            if any(pair in w for w in windows):
                expected.add((i, j))
    assert found.relations.same_event.keys() == expected
    assert expected


def test_company_does_not_matter(extractor: Extractor) -> None:
    texts = [story(n, seed=n) for n in (30, 400, 1, 0, 90, 5)]
    together = extractor.run([extractor.prepare(t) for t in texts])
    small = Extractor(
        extractor.network,
        extractor.tokenizer,
        device=torch.device("cpu"),
        dtype=torch.float32,
        max_batch_pieces=1,  # one window at a time
        max_batch_pairs=1,
        max_kept_words=0,  # all encoded twice
    )
    for text, one in zip(texts, together, strict=True):
        (alone,) = small.run([small.prepare(text)])
        for found, expected in ((one.mentions, alone.mentions), (one.triggers, alone.triggers)):
            assert spans_of(found) == spans_of(expected)
            assert [s.score for s in found] == pytest.approx([s.score for s in expected], abs=1e-5)
        found_r, expected_r = one.relations, alone.relations
        assert np.allclose(found_r.status, expected_r.status, atol=1e-5)
        assert found_r.roles.keys() == expected_r.roles.keys()
        for key, role in expected_r.roles.items():
            assert np.allclose(found_r.roles[key], role, atol=1e-5)
        assert found_r.same_event == pytest.approx(expected_r.same_event, abs=1e-5)
        assert found_r.same_entity == pytest.approx(expected_r.same_entity, abs=1e-5)


@pytest.mark.parametrize(
    ("counts", "limit", "expected"),
    [
        ([], 10, []),
        ([(0, 0)] * 3, 1, [(0, 3)]),
        ([(1, 2)] * 5, 12, [(0, 2), (2, 4), (4, 5)]),  # 6 pairs a row
        ([(1, 1), (9, 9), (1, 1), (1, 1)], 10, [(0, 1), (1, 2), (2, 4)]),
        ([(0, 1), (2, 0)], 8, [(0, 1), (1, 2)]),  # padded to (2, 1): 6 pairs each
    ],
)
def test_rows_are_related_within_the_limit(
    counts: list[tuple[int, int]], limit: int, expected: list[tuple[int, int]]
) -> None:
    assert [(s.start, s.stop) for s in _slices(counts, limit)] == expected


def test_other_thresholds_need_no_encoder(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = [extractor.prepare(story(n, seed=n)) for n in (40, 300)]
    network = extractor.network
    encoded = extractor.encode(prepared)
    biased = replace(network.config.decoding, mention_bias=1.0)
    monkeypatch.setattr(network, "config", replace(network.config, decoding=biased))
    expected = extractor.run(prepared)
    monkeypatch.setattr(network, "encode", None)
    for found, wanted in zip(extractor.run(prepared, encoded=encoded), expected, strict=True):
        assert found.mentions == wanted.mentions
        assert found.relations.roles.keys() == wanted.relations.roles.keys()
        assert found.relations.same_event == wanted.relations.same_event


@pytest.mark.parametrize(
    ("setting", "fewer"),
    [
        ("mention_bias", "mentions"),
        ("mention_begin_bias", "mentions"),
        ("trigger_bias", "triggers"),
        ("trigger_begin_bias", "triggers"),
    ],
)
def test_biases_of_the_taggers(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch, setting: str, fewer: str
) -> None:
    prepared = [extractor.prepare(story(60, seed=5))]
    network = extractor.network
    (before,) = extractor.run(prepared)
    never = replace(network.config.decoding, **{setting: -100.0})
    monkeypatch.setattr(network, "config", replace(network.config, decoding=never))
    (after,) = extractor.run(prepared)
    other = "triggers" if fewer == "mentions" else "mentions"
    assert getattr(before, fewer)
    assert not getattr(after, fewer)
    assert getattr(after, other) == getattr(before, other)


@pytest.mark.parametrize("has_amx", [False, True])
def test_more_windows_at_once_where_tiles_are_multiplied(
    monkeypatch: pytest.MonkeyPatch, has_amx: bool
) -> None:
    monkeypatch.setattr("conflictwire.extractor.cpu_has_amx", lambda: has_amx)
    assert _batch_limits(1, torch.float32) == (512, 8192)
    assert _batch_limits(64, torch.float32) == (4 * 512, 8192)
    assert _batch_limits(1, torch.bfloat16) == ((2048, 16_384) if has_amx else (512, 8192))


@pytest.mark.parametrize("kept", [0, 400, 10**6])
def test_word_vectors_not_kept_are_made_again(extractor: Extractor, kept: int) -> None:
    frugal = Extractor(
        extractor.network,
        extractor.tokenizer,
        device=torch.device("cpu"),
        dtype=torch.float32,
        max_batch_pieces=200,
        max_kept_words=kept,
    )
    prepared = extractor.prepare(story(500, seed=3))
    n_encoded = 0

    def count(*_: object) -> None:
        nonlocal n_encoded
        n_encoded += 1

    n_batches = len(list(frugal._batches([prepared])))
    handle = extractor.network.encoder.register_forward_hook(count)
    try:
        (found,) = frugal.run([prepared])
    finally:
        handle.remove()
    assert n_batches > 3
    if kept == 0:
        assert n_encoded == 2 * n_batches
    elif kept == 10**6:
        assert n_encoded == n_batches
    else:
        assert n_batches < n_encoded < 2 * n_batches
    (whole,) = extractor.run([prepared])
    assert spans_of(found.mentions) == spans_of(whole.mentions)
    assert found.relations.same_entity == pytest.approx(whole.relations.same_entity, abs=1e-5)


def test_half_precision_runs(extractor: Extractor) -> None:
    half = Extractor(
        extractor.network, extractor.tokenizer, device=torch.device("cpu"), dtype=torch.bfloat16
    )
    prepared = half.prepare(story(150, seed=6))
    (found,), (full,) = half.run([prepared]), extractor.run([prepared])
    assert abs(len(found.mentions) - len(full.mentions)) < 0.3 * len(full.mentions)
    assert found.relations.status.dtype == np.float32


def test_an_encoder_may_be_cast_for_good(tiny_model_dir: Path, tiny_words: WordTokenizer) -> None:
    cpu = torch.device("cpu")

    def run(dtype: torch.dtype, *, cast: bool) -> tuple[Extractor, Extraction]:
        network = load_network(tiny_model_dir)
        made = Extractor(network, tiny_words, device=cpu, dtype=dtype, cast_encoder=cast)
        (found,) = made.run([made.prepare(story(150, seed=6))])
        return made, found

    kept, as_it_was = run(torch.bfloat16, cast=False)
    cast, found = run(torch.bfloat16, cast=True)
    assert {p.dtype for p in kept.network.parameters()} == {torch.float32}
    assert {p.dtype for p in cast.network.encoder.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in cast.network.role.parameters()} == {torch.float32}
    assert abs(len(found.mentions) - len(as_it_was.mentions)) < 0.3 * len(as_it_was.mentions)
    full, _ = run(torch.float32, cast=True)
    assert {p.dtype for p in full.network.parameters()} == {torch.float32}
    with pytest.raises(ValueError, match=r"was made torch.bfloat16 before"):
        Extractor(cast.network, tiny_words, device=cpu, dtype=torch.float32)
    Extractor(cast.network, tiny_words, device=cpu, dtype=torch.bfloat16)


def test_window_input_does_not_slow_down_along_the_text(tiny_words: WordTokenizer) -> None:
    n_words = 200_000
    prepared = prepare("a " * n_words, tiny_words, max_pieces=96, overlap=32)
    assert prepared.piece_starts == [0, *accumulate(prepared.piece_counts)]
    start = time.perf_counter()
    for window in prepared.windows:
        prepared.window_input(window)
    # 20 ms; adding up from the text's start each time took 8 s.
    assert time.perf_counter() - start < 2
