"""Soft labels of teachers, and texts that they annotate."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from conflictwire.errors import ConfigError, DataError
from conflictwire.features import WordTokenizer
from conflictwire.folder import load_model, save_model
from conflictwire.network import save_config
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


def say(names: list[Path], rows: list[dict[str, Any]], said: list[str] | None = None) -> Any:
    config = load_model(names[0]).network.config
    folders = teacher.teacher_folders([str(name) for name in names], config)
    said = [] if said is None else said
    return teacher.soft_labels(folders, rows, show=said.append, **CPU)


def test_a_teacher_says_what_its_network_gives(
    trained: Path, rows: list[dict[str, Any]], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "_PART", 4)
    config = load_model(trained).network.config
    said: list[str] = []
    found = say([trained], rows, said)
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
    again = say([trained], rows, said)
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

    def status(*names: Path) -> torch.Tensor:
        return torch.cat([f.status.float() for f in say([*names], rows)])

    one, other, both = (
        status(trained),
        status(tmp_path / "other"),
        status(trained, tmp_path / "other"),
    )
    assert (one - other).abs().max() > 0.1
    assert torch.allclose(both, (one + other) / 2, atol=2e-3)


def test_what_decides_the_labels_is_asked_anew(
    trained: Path, rows: list[dict[str, Any]], runs: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained, tmp_path / "copy")
    say([trained], rows)
    assert len(list(runs.rglob("*.safetensors"))) == 1
    say([tmp_path / "copy"], rows)  # the same model elsewhere
    assert len(list(runs.rglob("*.safetensors"))) == 1
    config = load_model(trained).network.config
    save_config(replace(config, overlap=config.overlap - 1), tmp_path / "copy")
    say([tmp_path / "copy"], rows)
    moved = [row | {"sentence_of_word": [0] * len(row["words"])} for row in rows]
    say([trained], moved)
    teacher.soft_labels([trained], rows, show=print, device=CPU["device"], dtype=torch.bfloat16)
    assert len(list(runs.rglob("*.safetensors"))) == 4


def test_a_part_that_is_damaged_is_named(
    trained: Path, rows: list[dict[str, Any]], runs: Path
) -> None:
    say([trained], rows)
    (part,) = runs.rglob("*.safetensors")
    part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(ConfigError, match=rf"{part.name} is damaged .*delete it"):
        say([trained], rows)


def test_a_teacher_of_other_labels_or_of_no_model(trained: Path, tiny_model_dir: Path) -> None:
    config = load_model(trained).network.config
    for name, problem in (
        (str(tiny_model_dir), "the kinds of .* are not this run's"),
        ("minilm", "'minilm' is no trained model"),
        ("run:none", "network.teachers: .*no trained model yet"),
    ):
        with pytest.raises(ConfigError, match=problem):
            teacher.teacher_folders([name], config)


def test_a_window_that_a_teacher_cannot_place(
    trained: Path, rows: list[dict[str, Any]], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "room_for_pieces", lambda _: 9)
    with pytest.raises(ConfigError, match=r"does not fit a teacher's 9 positions; lower data\.max"):
        say([trained], rows)


def test_new_parts_leave_out_what_is_known() -> None:
    def parts(texts: list[tuple[str, str]], known: list[str]) -> tuple[list[Any], dict[str, int]]:
        left_out: Counter[str] = Counter()
        return list(unlabelled.new_parts(texts, known, left_out)), dict(left_out)

    known = "The ferry struck a barge at Quay Nine in thick fog on Monday. Nobody was hurt at all."
    new = "A lifeboat crew from Port Ansel saved four tired deckhands on a drifting yacht. " * 4
    # The second part repeats the first; of the text itself it is the same, not an earlier one.
    assert parts([("a", f"{new}{known} {new}")], [known]) == (
        [("a", new.strip()), (f"a@{len(new) + len(known) + 1}", new.strip())],
        {"known": 20},
    )
    twice = [("a", new), ("b", f"Once more: {new}"), ("c", "Too short. It is."), ("d", "")]
    found, left_out = parts(twice, [])
    assert [name for name, _ in found] == ["a"]
    assert left_out == {"known": 63, "short": 6}


def test_texts_that_a_teacher_annotates(
    trained: Path, samples: Path, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlabelled, "_PART", 2)
    source = tmp_path / "texts.jsonl"
    lines = [json.dumps({"id": f"t{i}", "text": text(i), "date": "?"}) for i in range(4)]
    source.write_text("\n".join(lines), encoding="utf-8")
    ontology = Ontology.load(str(samples / "ontology.yaml"))

    def read() -> list[Any]:
        return unlabelled.annotated(
            [source], trained, [], ontology, leave_out={"t1"}, show=said.append, **CPU
        )

    said: list[str] = []
    found = read()
    assert [d.id for d in found] == ["t0", "t2", "t3"]
    assert any(d.mentions or d.events for d in found)
    assert said[0].startswith("3 parts of texts without annotation, 252 words; left out: 0 words")
    _, second = sorted(runs.rglob("*.jsonl"))
    whole = second.read_bytes()
    second.unlink()  # killed before it was written
    assert read() == found
    assert second.read_bytes() == whole
    second.write_bytes(b"")
    with pytest.raises(ConfigError, match="is damaged: delete it"):
        read()
    second.write_bytes(whole[:-40])
    with pytest.raises(ConfigError, match="is damaged"):
        read()
    source.write_text('{"id": "t", "text": "Too short."}', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"nothing in .* is new"):
        read()
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
