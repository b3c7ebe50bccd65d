"""Soft labels of teachers, and texts that they annotate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from conflictwire.errors import ConfigError, DataError
from conflictwire.features import WordTokenizer
from conflictwire.folder import load_model, save_model
from conflictwire.ontology import Ontology
from conflictwire.training import teacher, train, unlabelled
from conflictwire.training.data import build_dataset, load_documents
from conflictwire.training.setup import set_up
from training_samples import make_config

CPU = {"device": torch.device("cpu"), "dtype": torch.float32}


def text(number: int) -> str:
    return " ".join(f"Trawler {number}{n} collided near Port Ansel." for n in range(12))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONFLICTWIRE_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def rows(samples: Path, trained: Path) -> list[dict[str, Any]]:
    model = load_model(trained)
    words = WordTokenizer(model.tokenizer, max_pieces_per_word=16)
    documents = load_documents([str(samples / "reports")], model.ontology)
    dataset, _ = build_dataset(documents, words, model.network.config)
    return dataset.to_list()


@pytest.fixture(scope="module")
def trained(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model folder of a run over the samples."""
    config = make_config(samples, tmp_path_factory.mktemp("run") / "r", loop__epochs=4, tune=False)
    return train.train(config).run_dir / "best"


def test_a_teacher_says_what_its_network_gives(
    trained: Path, rows: list[dict[str, Any]], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "_PART", 4)
    config = load_model(trained).network.config
    said: list[str] = []
    found = teacher.soft_labels([str(trained)], rows, config, show=said.append, **CPU)
    assert [len(f.mention) for f in found] == [len(r["words"]) for r in rows]
    for row, soft in zip(rows, found, strict=True):
        n_t, n_m = len(row["triggers"]), len(row["mentions"])
        assert soft.mention.shape[1] == len(config.mention_labels)
        assert soft.status.shape == (n_t, 2)
        assert soft.role.shape == (n_t, n_m, 3)
        assert soft.same_event.shape == (n_t, n_t)
        for each in (soft.mention, soft.trigger, soft.status):
            assert torch.allclose(each.float().sum(-1), torch.ones(len(each)), atol=2e-3)
    # What the extractor sees of the same words, decoded or not, is the same.
    tags = torch.cat([f.trigger.argmax(-1) for f in found])
    assert 0 < (tags > 0).sum() < len(tags)
    files = sorted(runs.rglob("*.safetensors"))
    assert len(files) == 2
    # A part that is lost is said again, the others are read; nothing changes.
    files[0].unlink()
    said.clear()
    again = teacher.soft_labels([str(trained)], rows, config, show=said.append, **CPU)
    assert len([line for line in said if line.startswith("  ")]) == 1
    for one, other in zip(found, again, strict=True):
        assert all(torch.equal(getattr(one, n), getattr(other, n)) for n in teacher.NAMES)


def test_several_teachers_are_averaged(
    trained: Path, rows: list[dict[str, Any]], runs: Path, tmp_path: Path
) -> None:
    model = load_model(trained)
    with torch.no_grad():
        model.network.status.layers[-1].bias += 3 * torch.tensor([1.0, -1.0])
    save_model(tmp_path / "other", model.network, model.tokenizer, model.ontology)
    config = model.network.config

    def status(*names: Path) -> torch.Tensor:
        teachers = [str(name) for name in names]
        found = teacher.soft_labels(teachers, rows, config, show=lambda _: None, **CPU)
        return torch.cat([f.status.float() for f in found])

    one, other, both = (
        status(trained),
        status(tmp_path / "other"),
        status(trained, tmp_path / "other"),
    )
    assert (one - other).abs().max() > 0.1
    assert torch.allclose(both, (one + other) / 2, atol=2e-3)


def test_a_teacher_of_other_labels_or_of_no_model(
    trained: Path, tiny_model_dir: Path, rows: list[dict[str, Any]], runs: Path
) -> None:
    config = load_model(trained).network.config
    for name, problem in (
        (str(tiny_model_dir), "the kinds of .* are not those of this run"),
        ("minilm", "'minilm' is no trained model"),
        ("run:none", "no trained model yet"),
    ):
        with pytest.raises(ConfigError, match=problem):
            teacher.soft_labels([name], rows, config, show=lambda _: None, **CPU)


def test_a_window_that_a_teacher_cannot_place(
    trained: Path, rows: list[dict[str, Any]], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "room_for_pieces", lambda _: 9)
    config = load_model(trained).network.config
    with pytest.raises(ConfigError, match=r"does not fit a teacher's 9 positions; lower data\.max"):
        teacher.soft_labels([str(trained)], rows, config, show=lambda _: None, **CPU)


def test_new_parts_leave_out_what_is_known() -> None:
    known = "The ferry struck a barge at Quay Nine in thick fog on Monday. Nobody was hurt at all."
    new = "A lifeboat crew from Port Ansel saved four tired deckhands on a drifting yacht. " * 4
    found = list(unlabelled.new_parts([("a", f"{new}{known} {new}", "2031-02-04")], [known]))
    # The second part repeats the first; of the text itself it is the same, not an earlier one.
    assert [(name, text) for name, text, _ in found] == [
        ("a", new.strip()),
        (f"a@{len(new) + len(known) + 1}", new.strip()),
    ]
    assert {date for *_, date in found} == {"2031-02-04"}
    twice = [("a", new, None), ("b", f"Again: {new}", None), ("c", "Too short.", None)]
    assert [name for name, *_ in unlabelled.new_parts(twice, [])] == ["a"]


def test_texts_that_a_teacher_annotates(
    trained: Path, samples: Path, runs: Path, tmp_path: Path
) -> None:
    source = tmp_path / "texts.jsonl"
    lines = [json.dumps({"id": f"t{i}", "text": text(i)}) for i in range(3)]
    source.write_text("\n".join(lines), encoding="utf-8")
    ontology = Ontology.load(str(samples / "ontology.yaml"))

    def read() -> list[Any]:
        return unlabelled.annotated([source], str(trained), [], ontology, show=said.append, **CPU)

    said: list[str] = []
    found = read()
    assert [d.id for d in found] == ["t0", "t1", "t2"]
    assert any(d.mentions or d.events for d in found)
    assert len(said) == 1
    (kept,) = runs.rglob("*.jsonl")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-40])  # killed while it wrote the last one
    assert read() == found
    assert kept.read_bytes() == whole
    source.write_text('{"id": 3}', encoding="utf-8")
    with pytest.raises(DataError, match="id"):
        read()


def test_training_by_a_teacher(trained: Path, samples: Path, runs: Path, tmp_path: Path) -> None:
    source = tmp_path / "texts.jsonl"
    source.write_text(json.dumps({"id": "more", "text": text(1)}), encoding="utf-8")
    more = {
        "network__teachers": f"[{trained}]",
        "loss__teachers": 0.5,
        "data__unlabelled": f"[{source}]",
        "tune": False,
    }
    fresh = set_up(make_config(samples, tmp_path / "q", **more), None)
    setup = set_up(make_config(samples, tmp_path / "r", **more), None)
    # Whether the teacher had to be asked or not.
    for name, value in fresh.model.state_dict().items():
        assert torch.equal(value, setup.model.state_dict()[name])
    assert len(setup.rows.rows) == 7
    softening = setup.loader.collate_fn.softening
    assert softening.share == 0.5
    assert len(softening.labels) == 7
    result = train.train(make_config(samples, tmp_path / "r", **more))
    assert result.best_metrics["mention_f1"] is not None


@pytest.mark.parametrize(
    "settings",
    [
        {"network__teachers": "[shipped]"},
        {"loss__teachers": 0.5},
        {"data__unlabelled": "[texts.jsonl]"},
    ],
)
def test_settings_of_teachers_go_together(
    samples: Path, tmp_path: Path, settings: dict[str, object]
) -> None:
    with pytest.raises(ConfigError, match="teachers"):
        make_config(samples, tmp_path / "r", **settings)
