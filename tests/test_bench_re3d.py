"""The benchmark of re3d: scores worked out by hand, and a tiny model from file to figures."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from statistics import stdev
from typing import TYPE_CHECKING

import pytest
from command_runs import runner
from conflictwire.document import Mention
from conflictwire.errors import ConfigError, DataError
from conflictwire.eval.bench import Options, measure
from conflictwire.eval.bench.re3d import BENCHMARK, figures, score, write_labels
from conflictwire.eval.conll import Block
from conftest import make_network

if TYPE_CHECKING:
    from conflictwire.network import NetworkConfig
    from transformers import PreTrainedTokenizerFast

TOKENS = ("Rebels", "left", "Dol", "on", "10", "May")
GOLD = ("B-Organisation", "O", "B-Location", "O", "B-Temporal", "I-Temporal")
CONLL = "".join(f"{t}\t{x}\r\n" for t, x in zip(TOKENS, GOLD, strict=True)) + "\r\nA\tO\r\n"
BLOCKS = [Block(1, TOKENS, GOLD), Block(8, ("A",), ("O",))]
OPTIONS = Options(n_resamples=50)


def by_hand() -> list[list[str]]:
    """One of three right (the place), a span too short, a type that is wrong; one from nowhere."""
    return [["B-Person", "O", "B-Location", "O", "O", "B-Temporal"], ["B-Person"]]


def test_scores_worked_out_by_hand() -> None:
    found = figures({"one": score(BLOCKS, by_hand())}, OPTIONS)
    # 3 in gold, 4 predicted, 1 right.
    assert found["micro_f1"] == pytest.approx(2 / 7)
    assert (found["micro_precision"], found["micro_recall"]) == (1 / 4, pytest.approx(1 / 3))
    # Location 1; Organisation, Person and Temporal 0.
    assert found["macro_f1"] == pytest.approx(1 / 4)
    assert found["by_type"]["Location"] == {"f1": 1.0, "precision": 1.0, "recall": 1.0, "n": 1}
    assert found["by_type"]["Person"]["n"] == 0
    assert (found["n_runs"], found["n_entities"]) == (1, 3)
    assert (found["micro_f1_sd"], found["macro_f1_sd"]) == (None, None)
    assert found["ci_low"] <= found["micro_f1"] <= found["ci_high"]


def test_scores_are_those_of_seqeval() -> None:
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    gold, predicted = [list(b.labels) for b in BLOCKS], by_hand()
    predicted[0][4:] = ["I-Temporal", "I-Temporal"]  # no B-: right by default, wrong if strict
    found = figures({"one": score(BLOCKS, predicted)}, OPTIONS)
    for average in ("micro", "macro"):
        default = f1_score(gold, predicted, average=average, zero_division=0)
        strict = f1_score(
            gold, predicted, average=average, mode="strict", scheme=IOB2, zero_division=0
        )
        assert found[f"{average}_f1"] == pytest.approx(default)
        assert found[f"{average}_f1_strict"] == pytest.approx(strict)
        assert default > strict


def test_without_any_entity_there_is_no_figure() -> None:
    found = figures({"one": score(BLOCKS[1:], [["O"]])}, OPTIONS)
    assert found["micro_f1"] is found["macro_f1"] is found["ci_low"] is None
    assert found["by_type"] == {}


def test_several_runs_are_averaged_not_joined() -> None:
    right = [list(b.labels) for b in BLOCKS]
    found = figures({"a": score(BLOCKS, by_hand()), "b": score(BLOCKS, right)}, OPTIONS)
    assert found["micro_f1"] == pytest.approx((2 / 7 + 1) / 2)
    assert found["micro_f1_sd"] == pytest.approx(stdev((2 / 7, 1)))
    assert [found["runs"][name]["micro_f1"] for name in "ab"] == [pytest.approx(2 / 7), 1.0]
    # A type that one run alone predicts is no type of the other run's macro figure.
    assert found["runs"]["b"]["macro_f1"] == 1.0
    assert found["by_type"]["Location"]["f1"] == 1.0
    low, high = found["intervals"]["macro_f1"]
    assert low <= found["macro_f1"] <= high


def test_every_token_gets_a_label() -> None:
    block = Block(1, ("The", "U.S.", "\u00a0", "army"), ("O",) * 4)
    # The model's words end inside a token, and two of its spans meet in one.
    assert block.text == "The U.S. \u00a0 army"
    found = write_labels(
        block, [Mention(4, 5, "Location"), Mention(6, 7, "Person"), Mention(11, 15, "Organisation")]
    )
    assert found == (["O", "B-Location", "O", "B-Organisation"], 1)
    assert write_labels(block, [Mention(4, 15, "Organisation")])[0] == [
        "O", "B-Organisation", "I-Organisation", "I-Organisation"
    ]  # fmt: skip


# ---- from file to figures


def save(folder: Path, config: NetworkConfig, tokenizer: PreTrainedTokenizerFast, seed: int) -> str:
    from conflictwire.folder import save_model
    from conflictwire.ontology import Ontology
    from conflictwire.training.config import load_config, ontology_source

    labels = Ontology.load(ontology_source(load_config("bench/re3d").network.ontology))
    config = dataclasses.replace(
        config,
        kinds=tuple(labels.kinds),
        event_types=tuple(labels.event_types),
        roles=tuple(labels.roles),
        statuses=tuple(labels.statuses),
    )
    network = make_network(config, seed=seed)
    network.mention_tagger.bias.data[0] -= 1.2  # so that something is found
    save_model(folder, network, tokenizer, labels)
    return str(folder)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "re3d" / "dev.conll"
    path.parent.mkdir()
    path.write_bytes(CONLL.encode("utf-8"))
    return path


def test_a_model_is_scored_on_a_file(
    data: Path, tmp_path: Path, tiny_config: NetworkConfig, tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = save(tmp_path / "model", tiny_config, tiny_tokenizer, 3)
    found = measure(BENCHMARK, data, Options(n_resamples=20, model=model, dtype="float32"))
    assert set(BENCHMARK.headline) <= set(found)
    assert (found["n"], found["n_tokens"], found["n_entities"]) == (2, 7, 3)
    assert (found["dropped_in_labels"], found["failed"]) == (0, [])
    assert found["micro_f1"] == found["micro_f1_strict"]
    assert list(found["runs"]) == ["model"]
    json.dumps(found, allow_nan=False)


def test_runs_of_other_seeds_are_found_beside_the_first(
    data: Path,
    tmp_path: Path,
    tiny_config: NetworkConfig,
    tiny_tokenizer: PreTrainedTokenizerFast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONFLICTWIRE_RUNS", str(tmp_path / "runs"))
    options = Options(n_resamples=20, dtype="float32")
    with pytest.raises(ConfigError, match="conflictwire train bench/re3d"):
        measure(BENCHMARK, data, options)
    for name, seed in (("bench-re3d", 3), ("bench-re3d-seed15", 4)):
        save(tmp_path / "runs" / name / "best", tiny_config, tiny_tokenizer, seed)
        settings = tmp_path / "runs" / name / "config.yaml"
        settings.write_text(f"seed: {seed}\n", encoding="utf-8")
    found = measure(BENCHMARK, data, options)
    assert list(found["runs"]) == ["bench-re3d", "bench-re3d-seed15"]
    assert found["n_runs"] == 2
    assert found["training_seed"] == [3, 4]
    assert found["micro_f1_sd"] is not None


def test_labels_that_the_model_lacks(
    data: Path,
    tmp_path: Path,
    tiny_model_dir: Path,
    tiny_config: NetworkConfig,
    tiny_tokenizer: PreTrainedTokenizerFast,
) -> None:
    with pytest.raises(ConfigError, match="conflictwire train bench/re3d"):
        measure(BENCHMARK, data, Options(model=str(tiny_model_dir)))
    model = save(tmp_path / "model", tiny_config, tiny_tokenizer, 3)
    data.write_text("a O\n\nb B-Person\nc B-Ship\n", encoding="utf-8")
    with pytest.raises(DataError, match="unknown type 'Ship'") as raised:
        measure(BENCHMARK, data, Options(model=model))
    assert raised.value.line == 3


def test_simple_systems_learn_from_other_blocks_than_those_scored(
    data: Path, tmp_path: Path, tiny_config: NetworkConfig, tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = save(tmp_path / "model", tiny_config, tiny_tokenizer, 3)
    options = Options(n_resamples=20, model=model, baselines=True, data=tmp_path)
    assert "train.conll" in measure(BENCHMARK, data, options)["baselines"]["all"]
    training = data.with_name("train.conll")
    learnt = "Ama O\nleft O\nDol B-Location\n\n10 B-Temporal\nMay I-Temporal\n\n"
    training.write_text(CONLL + "\n" + learnt * 4, encoding="utf-8")
    found = measure(BENCHMARK, data, options)["baselines"]
    # Two of three: no list has Rebels, as the block itself was left out.
    assert found["lexicon"]["micro_f1"] == pytest.approx(4 / 5)
    assert found["probe"].startswith("not run")


def test_the_command_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFLICTWIRE_RUNS", str(tmp_path))
    run = runner(capsys, "bench", "re3d")
    done = run("--data", tmp_path)
    assert done.code == 2
    assert "CoNLL: a line holds a token and its label" in done.err
    path = tmp_path / "broken.conll"
    path.write_text("Dol LOC\n", encoding="utf-8")
    done = run("--split", path)
    assert done.code == 2
    assert "broken.conll:1" in done.err
