"""Classes of snippets: the scorer, what the layer sees, the layer on disk, and a whole run."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from command_runs import Run, runner
from conflictwire.errors import ConfigError, DataError, ModelFolderError
from conflictwire.eval.bench import Options, find, measure
from conflictwire.eval.bench.case2021 import (
    CLASSES,
    SETTINGS,
    Classifier,
    Fold,
    SentenceEncoder,
    features,
    read,
    scores,
)
from conflictwire.eval.bench.case2021.classes import ranked_by_crosswalk
from conflictwire.eval.bench.case2021.classifier import Layer, digest
from conflictwire.eval.bench.case2021.features import feature_rows, names_of
from conflictwire.eval.bench.case2021.score import counts_of, pick, weighted
from conflictwire.report import Acled, Argument, Codes, Event, Mention, Plover, Report, Toll
from conflictwire.training.config import load_config, packaged_configs, task_of
from conflictwire.training.snippets import load_snippets, load_snippets_config, train_snippets
from conflictwire.training.snippets.folds import copies, folds
from sklearn.metrics import f1_score

ARREST, ATTACK, DIPLO, OTHER = "ARREST", "ATTACK", "DIPLO", "OTHER"
FLOOD = "NATURAL_DISASTER"


def event(
    kind: str, code: str | None, score: float, status: str = "happened", **more: Any
) -> Event:
    acled = None if code is None else Acled(event_type="x", sub_event_type=code)
    codes = Codes(acled=acled, plover=Plover(event="COERCE", mode="arrest"))
    values: dict[str, Any] = {"killed": None, "arguments": (), **more}
    return Event.model_construct(type=kind, status=status, score=score, codes=codes, **values)


def report(*events: Event, mentions: tuple[Mention, ...] = ()) -> Report:
    return Report.model_construct(events=events, mentions=mentions, error=None, doc_id="x")


# ---- classes


def test_the_settings_grow() -> None:
    assert [len(set(classes)) for classes in SETTINGS.values()] == [25, 28, 30] == [*SETTINGS]
    assert set(SETTINGS[25]) < set(SETTINGS[28]) < set(SETTINGS[30]) == set(CLASSES)


def test_codes_that_the_ontology_gives_all_have_a_class() -> None:
    from conflictwire import Ontology
    from conflictwire.eval.bench.case2021 import classes

    ontology = Ontology.load()
    rules = [r for t in ontology.event_types for r in ontology.event_type(t).crosswalk.acled]
    assert {rule.give.sub_event_type for rule in rules} == set(classes._OF_CODE)
    assert set(classes._OF_TYPE) <= set(ontology.event_types)


def test_the_crosswalk_takes_what_happened_and_is_sure_first() -> None:
    told = report(
        event("attack", "Attack", 0.4),
        event("arrest", "Arrests", 0.7),
        event("protest", "Peaceful protest", 0.9, "planned"),
        event("sanction", "Other", 0.2),
        event("attack", "Attack", 0.9, "denied"),
    )
    assert ranked_by_crosswalk(told) == [ARREST, ATTACK, DIPLO, OTHER, "PEACE_PROTEST"]
    assert ranked_by_crosswalk(report()) == [OTHER]
    assert ranked_by_crosswalk(report(event("attack", None, 0.4))) == [OTHER]


# ---- the scorer


def test_scores_of_a_case_on_paper() -> None:
    gold = [ARREST, ARREST, ATTACK, FLOOD, DIPLO]
    ranked = [[ARREST, ATTACK], [FLOOD, ATTACK], [ATTACK], [DIPLO, FLOOD], [DIPLO]]
    figures = scores(gold, [[*first, OTHER, *CLASSES] for first in ranked])
    # Of 25: ARREST tp 1 of 1 told and 2 gold, F1 2/3; ATTACK tp 1 of 2 told and 1 gold, F1 2/3.
    assert figures["n_25"] == 3
    assert figures["weighted_f1_25"] == pytest.approx(2 / 3)
    assert figures["micro_f1_25"] == pytest.approx(2 / 3)
    assert figures["macro_f1_25"] == pytest.approx(2 / 3)
    # Picked among all 30, the second is told FLOOD: ATTACK has F1 1.
    assert figures["open_weighted_f1_25"] == pytest.approx((2 * 2 / 3 + 1) / 3)
    # Of 28: ARREST 2/3 twice, ATTACK 1, FLOOD tp 1 of 2 told and 1 gold, 2/3.
    assert figures["weighted_f1_28"] == pytest.approx((2 * 2 / 3 + 1 + 2 / 3) / 4)
    # Of 30: FLOOD is told once, wrongly, and missed: 0. DIPLO tp 1 of 2 told, 2/3.
    assert figures["n_30"] == 5
    assert figures["weighted_f1_30"] == pytest.approx((2 * 2 / 3 + 1 + 0 + 2 / 3) / 5)
    assert figures["macro_f1_30"] == pytest.approx((2 / 3 + 1 + 0 + 2 / 3) / 4)
    assert figures["by_class"][FLOOD] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 1}
    assert sorted(figures["confusions"]) == [[ARREST, FLOOD, 1], [FLOOD, DIPLO, 1]]


def test_a_setting_without_snippets_has_no_figures() -> None:
    figures = scores([DIPLO], [[DIPLO, OTHER]])
    assert figures["weighted_f1_25"] is figures["macro_f1_28"] is None
    assert figures["weighted_f1_30"] == 1.0


def test_scores_are_those_of_scikit_learn() -> None:
    chance = random.Random(5)
    gold = chance.choices(CLASSES, k=200)
    ranked = [
        [label, *chance.sample(CLASSES, 30)]
        if chance.random() < 0.5
        else chance.sample(CLASSES, 30)
        for label in gold
    ]
    figures = scores(gold, ranked)
    for n, classes in SETTINGS.items():
        kept = [i for i, label in enumerate(gold) if label in classes]
        truth = [gold[i] for i in kept]
        told = [pick(ranked[i], classes) for i in kept]
        for average in ("weighted", "micro", "macro"):
            expected = f1_score(truth, told, average=average, zero_division=0)
            assert figures[f"{average}_f1_{n}"] == pytest.approx(expected)
        summed = np.sum([counts_of(a, b, classes) for a, b in zip(truth, told, strict=True)], 0)
        assert weighted(summed.tolist()) == pytest.approx(figures[f"weighted_f1_{n}"])
    assert weighted([0.0] * 90) is None


# ---- what the layer sees


def test_features_are_the_surest_of_each_kind() -> None:
    argument = Argument.model_construct(role="actor", kind="POLICE", score=0.6)
    mention = Mention.model_construct(kind="PLACE", score=0.8)
    told = report(
        event("arrest", "Arrests", 0.5, arguments=(argument,)),
        event("arrest", None, 0.9, "planned", killed=Toll(low=2)),
        mentions=(mention,),
    )
    assert features(told) == {
        "first arrest": 0.5,
        "type arrest": 0.9,
        "type arrest happened": 0.5,
        "type arrest planned": 0.9,
        "acled Arrests": 0.5,
        "plover COERCE arrest": 0.9,
        "killed": 1.0,
        "actor POLICE": 0.6,
        "mention PLACE": 0.8,
    }
    assert features(report()) == {}


def test_rows_have_length_one_and_pass_over_unknown_features() -> None:
    mention = Mention.model_construct(kind="PLACE", score=0.8)
    known = report(mentions=(mention,))
    assert names_of([known, report()]) == ("mention PLACE",)
    rows = feature_rows([known, report(), report(event("arrest", None, 1.0))], ("mention PLACE",))
    assert rows.tolist() == [[1.0], [0.0], [0.0]]


# ---- the layer


def layer(winner: int) -> Layer:
    """Of 3 classes and 2 inputs; says the class of that number whatever comes in."""
    bias = np.zeros(3, dtype=np.float32)
    bias[winner] = 5
    return Layer(np.ones((3, 2), dtype=np.float32), bias)


@pytest.fixture
def classifier() -> Classifier:
    fold = Fold(layer(2), frozenset([digest("Seen  before")]))
    return Classifier((ARREST, ATTACK, DIPLO), ("killed",), 0.7, layer(1), (fold,))


def test_what_was_trained_on_is_labelled_by_the_fold_that_held_it_out(
    classifier: Classifier, tmp_path: Path
) -> None:
    classifier.save(tmp_path)
    loaded = Classifier.load(tmp_path)
    shares, held_out = loaded.probabilities(
        ["seen before", "new"], [report(), report()], np.ones((2, 1))
    )
    assert shares.argmax(axis=1).tolist() == [2, 1]
    assert shares.sum(axis=1) == pytest.approx([1, 1])
    assert held_out == [True, False]
    assert (loaded.classes, loaded.feature_names) == (classifier.classes, classifier.feature_names)


def test_a_folder_without_a_layer_says_how_to_get_one(
    classifier: Classifier, tmp_path: Path
) -> None:
    with pytest.raises(ModelFolderError, match="run `conflictwire train bench/case2021`"):
        Classifier.load(tmp_path)
    classifier.save(tmp_path)
    raw = json.loads((tmp_path / "snippets.json").read_text(encoding="utf-8"))
    (tmp_path / "snippets.json").write_text(json.dumps({**raw, "classes": [ARREST]}), "utf-8")
    with pytest.raises(ModelFolderError, match="do not fit"):
        Classifier.load(tmp_path)
    (tmp_path / "snippets.safetensors").write_bytes(b"x")
    with pytest.raises(ModelFolderError, match="cannot be used"):
        Classifier.load(tmp_path)
    with pytest.raises(ModelFolderError, match="no sentence encoder"):
        SentenceEncoder.load(tmp_path)


# ---- what it learns from


def test_packaged_snippets_cover_the_classes_and_differ() -> None:
    found = load_snippets(["house:snippets"])
    assert min(Counter(s.label for s in found).values()) >= 15
    assert {s.label for s in found} == set(CLASSES)
    assert len(set(copies([s.text for s in found]))) == len(found)


def test_copies_stay_in_one_fold() -> None:
    texts = [f"report {i} of the harbour {i * 7}" for i in range(20)]
    texts += ["a tug sank off the mole at dawn", "A tug sank off the mole at dusk", "tug"]
    groups = copies(texts, share=0.7)
    assert groups[20] == groups[21] != groups[22]
    labels = ["a", "b"] * 10 + ["a", "a", "b"]
    seen: list[int] = []
    for kept, out in folds(texts, labels, n=3, seed=1):
        assert not set(kept) & set(out)
        assert (20 in out) == (21 in out)
        seen += out.tolist()
    assert sorted(seen) == list(range(23))


def test_the_config_is_checked_as_others_are(tmp_path: Path) -> None:
    config = load_snippets_config("bench/case2021", ["classifier.strength=2.5"])
    assert (config.name, config.classifier.strength) == ("bench-case2021", 2.5)
    assert task_of("bench/case2021") == "snippets"
    assert task_of("tiny") is None
    with pytest.raises(ConfigError, match=r"did you mean 'classifier\.strength'"):
        load_snippets_config("bench/case2021", ["classifier.strenth=1"])
    with pytest.raises(ConfigError, match="classifier of snippets"):
        load_config("bench/case2021")
    with pytest.raises(ConfigError, match=r"--set data\.dev=\[\]"):
        load_snippets([str(tmp_path / "none.jsonl")])


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"id": 1, "text": "x", "label": "FLOOD"}, "label"),
        ({"id": 1, "label": ARREST}, "text"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: dict[str, Any], field: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"a\.jsonl:1, field {field}.*one of the 30 classes"):
        read(path)


# ---- all of it

WORDS = {ARREST: "police held two men", ATTACK: "gunmen shot a guard", FLOOD: "the river rose"}


def write(path: Path, *, n: int, first: int) -> Path:
    rows = [
        {"id": first + i, "text": f"{words} in town {first + i} {'x' * (i % 5)}", "label": label}
        for i in range(n)
        for label, words in WORDS.items()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def train(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "train")


def test_train_and_measure(tmp_path: Path, tiny_model_dir: Path, train: Run) -> None:
    raw = yaml.safe_load(packaged_configs()["bench/case2021"].read_text(encoding="utf-8"))
    raw["data"] = {
        "train": [str(write(tmp_path / "own.jsonl", n=3, first=0))],
        "dev": [str(write(tmp_path / "dev.jsonl", n=6, first=10))],
    }
    raw["network"] = {"model": str(tiny_model_dir), "encoder": "tiny"}
    raw["classifier"] |= {"folds": 3, "repeats": 2}
    config = tmp_path / "mine.yaml"
    config.write_text(yaml.safe_dump(raw), encoding="utf-8")
    made = tmp_path / "run"
    done = train(config, "--set", f"run_dir={made}")
    assert (done.code, done.out) == (0, f"{made}\n")
    assert done.err.startswith("9 snippets to train on, 18 to hold out")
    final = json.loads((made / "metrics.jsonl").read_text(encoding="utf-8"))
    assert {"cross_validated", "spread_over_rounds", "without_dev", "crosswalk"} <= set(final)

    benchmark = find("case2021")
    figures = measure(benchmark, tmp_path / "dev.jsonl", Options(model=str(made), n_resamples=20))
    assert figures["n"] == figures["n_by_cross_validation"] == 18
    assert figures["weighted_f1_28"] >= 0.9  # the words tell the class
    assert set(benchmark.headline) <= set(figures["baselines"]["crosswalk"])
    assert figures["training_encoder"] == "tiny"
    assert figures["failed"] == []
    new = write(tmp_path / "new.jsonl", n=2, first=90)
    figures = measure(benchmark, new, Options(model=str(made), n_resamples=20))
    assert (figures["n"], figures["n_by_cross_validation"]) == (6, 0)
    assert figures["weighted_f1_28"] >= 0.8
    low, high = figures["intervals"]["weighted_f1_28"]
    assert low <= figures["weighted_f1_28"] <= high
    json.dumps(figures, allow_nan=False)
    odd, mark = SentenceEncoder.load(made / "best" / "encoder")(["held \ud800", "held ?"])
    assert (odd == mark).all()  # one bad text does not stop the others

    with pytest.raises(ConfigError, match="other settings"):
        train_snippets(load_snippets_config(config, [f"run_dir={made}", "seed=1"]))


def test_the_whole_model_is_no_substitute(tmp_path: Path, tiny_model_dir: Path) -> None:
    path = write(tmp_path / "dev.jsonl", n=1, first=0)
    with pytest.raises(ModelFolderError, match="no classifier of snippets"):
        measure(find("case2021"), path, Options(model=str(tiny_model_dir)))
