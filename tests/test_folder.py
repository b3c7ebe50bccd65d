"""Model folders: what loads, and what each broken one says."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from conflictwire.coder import load
from conflictwire.errors import ModelFolderError
from conflictwire.folder import Model, load_model, name_of, save_model


@pytest.fixture
def folder(tiny_model_dir: Path, tmp_path: Path) -> Path:
    """A copy to break; without sums, so that the other checks have their say."""
    copy = Path(shutil.copytree(tiny_model_dir, tmp_path / "copy"))
    (copy / "SHA256SUMS").unlink()
    return copy


def edit(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    change(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")


def test_round_trip(tiny_model: Model, tiny_model_dir: Path) -> None:
    loaded = load_model(tiny_model_dir)
    assert not loaded.network.training
    assert loaded.ontology == tiny_model.ontology
    assert loaded.tokenizer.get_vocab() == tiny_model.tokenizer.get_vocab()
    assert loaded.tokenizer.pad_token_id == tiny_model.tokenizer.pad_token_id
    mine = tiny_model.network.state_dict()
    assert all(torch.equal(v, mine[k]) for k, v in loaded.network.state_dict().items())


def test_names_tell_models_apart(tiny_model_dir: Path, tmp_path: Path) -> None:
    best = Path(shutil.copytree(tiny_model_dir, tmp_path / "mine" / "best"))
    name = name_of(best)
    assert re.fullmatch(r"mine\.[0-9a-f]{8}", name)
    assert name_of(tiny_model_dir).endswith(name[-9:])
    with (best / "model.safetensors").open("ab") as file:
        file.write(b"x")
    assert name_of(best) != name


def test_float16_and_no_folder_yet(tiny_model: Model, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er"
    save_model(
        folder, tiny_model.network, tiny_model.tokenizer, tiny_model.ontology, dtype=torch.float16
    )
    weight = load_model(folder).network.mention_tagger.weight
    assert weight.dtype == torch.float32
    assert torch.equal(weight, tiny_model.network.mention_tagger.weight.half().float())
    # The next save without a dtype is whole again.
    save_model(folder, tiny_model.network, tiny_model.tokenizer, tiny_model.ontology)
    weight = load_model(folder).network.mention_tagger.weight
    assert torch.equal(weight, tiny_model.network.mention_tagger.weight)


@pytest.mark.parametrize(
    "name", ["config.json", "model.safetensors", "tokenizer.json", "ontology.yaml"]
)
def test_each_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelFolderError, match=rf"{name} missing; a model folder holds"):
        load_model(folder)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="no such folder"):
        load_model(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelFolderError, match="no such folder"):
        load_model(tmp_path / "file")


@pytest.mark.parametrize("keep", [0, 7, 500, -1])
def test_truncated_weights(folder: Path, keep: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelFolderError, match=r"model\.safetensors: truncated or not safetensors"):
        load_model(folder)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '"x"', "\x00\x01", '{"model_type": "bert"}'])
def test_foreign_config(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelFolderError, match="copy"):
        load_model(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("decoding", 3),
        ("max_pieces", "many"),
        ("max_pieces", 4000),
        ("encoder", []),
        ("encoder", {"model_type": "bert", "hidden_size": "wide"}),
        ("span_size", -1),
    ],
)
def test_ill_typed_config(folder: Path, key: str, value: object) -> None:
    edit(folder / "config.json", lambda raw: raw.update({key: value}))
    with pytest.raises(ModelFolderError, match=r"copy|encoder type"):
        load_model(folder)


def test_config_of_another_size(folder: Path) -> None:
    edit(folder / "config.json", lambda raw: raw.update(span_size=24))
    with pytest.raises(ModelFolderError, match=r"tensors do not fit config\.json, e\.g\. "):
        load_model(folder)


def test_config_of_other_labels(folder: Path) -> None:
    def rename(raw: dict[str, object]) -> None:
        roles = raw["roles"]
        assert isinstance(roles, list)
        roles[0] = "bystander"

    edit(folder / "config.json", rename)
    with pytest.raises(ModelFolderError, match=r"roles of config\.json and ontology\.yaml differ"):
        load_model(folder)


@pytest.mark.parametrize("text", ["", "kinds: [", "version: '1.0'", "!!python/name:os.system"])
def test_broken_ontology(folder: Path, text: str) -> None:
    (folder / "ontology.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ModelFolderError, match=r"ontology\.yaml"):
        load_model(folder)


@pytest.mark.parametrize("text", ["", "{}", "[1"])
def test_broken_tokenizer(folder: Path, text: str) -> None:
    (folder / "tokenizer.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelFolderError, match=r"tokenizer\.json cannot be read"):
        load_model(folder)


def test_a_tokenizer_with_more_pieces_than_the_encoder(folder: Path) -> None:
    def grow(raw: dict[str, object]) -> None:
        model = raw["model"]
        assert isinstance(model, dict)
        model["vocab"]["extraordinary"] = len(model["vocab"])

    edit(folder / "tokenizer.json", grow)
    with pytest.raises(ModelFolderError, match=r"the tokenizer has \d+ pieces, the encoder \d+"):
        load_model(folder)


def test_a_tokenizer_without_special_tokens(folder: Path) -> None:
    for path in folder.glob("*token*_*.json"):
        path.unlink()
    with pytest.raises(ModelFolderError, match="no start, end or padding token"):
        load_model(folder)


class Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return exec, ("raise SystemExit('code from a model folder was run')",)


def test_nothing_in_a_folder_is_executed(folder: Path) -> None:
    code = "raise SystemExit('code from a model folder was run')"
    for name in ("pytorch_model.bin", "model.bin", "training_args.bin"):
        (folder / name).write_bytes(pickle.dumps(Bomb()))
    for name in ("modeling_tiny.py", "tokenization_tiny.py", "__init__.py"):
        (folder / name).write_text(code)
    auto_map = {"AutoModel": "modeling_tiny.Tiny", "AutoConfig": "modeling_tiny.Config"}
    edit(folder / "config.json", lambda raw: raw.update(auto_map=auto_map))
    edit(folder / "config.json", lambda raw: raw["encoder"].update(auto_map=auto_map))  # type: ignore[attr-defined]
    edit(
        folder / "tokenizer_config.json",
        lambda raw: raw.update(auto_map={"AutoTokenizer": ["tokenization_tiny.Tiny", None]}),
    )
    load_model(folder)
    # Pickled weights are no stand-in, nor are they read under the right name.
    (folder / "model.safetensors").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ModelFolderError, match="truncated or not safetensors"):
        load_model(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelFolderError, match=r"model\.safetensors missing"):
        load_model(folder)


@pytest.mark.parametrize("name", ["nobody/no-such-model", "/no/such/folder", "a/b/c", "a b"])
def test_a_name_that_is_no_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelFolderError, match=r"is no folder|no such folder"):
        load(name, device="cpu")


def test_weights_that_are_saved_again_load(tiny_model_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    model = load_model(tiny_model_dir)
    save_model(folder, model.network, model.tokenizer, model.ontology)
    with torch.no_grad():
        model.network.mention_tagger.bias += 1
    model.network.save_pretrained(folder)
    found = load_model(folder).network.mention_tagger.bias
    assert torch.equal(found, model.network.mention_tagger.bias)
