"""Model folders that were damaged, mixed up or made to harm: each is refused, and says why."""

from __future__ import annotations

import json
import resource
import shutil
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conflictwire import stored
from conflictwire.errors import ModelFolderError
from conflictwire.folder import load_model, save_model
from conflictwire.network import Network, load_network, save_config
from safetensors.torch import load_file, save_file

FILES = [
    "config.json", "model.safetensors", "tokenizer.json", "ontology.yaml", "tokenizer_config.json",
]  # fmt: skip


@pytest.fixture
def sealed(tiny_model_dir: Path, tmp_path: Path) -> Path:
    """A copy as it was saved."""
    return Path(shutil.copytree(tiny_model_dir, tmp_path / "copy"))


@pytest.fixture
def folder(sealed: Path) -> Path:
    """A copy without sums, as one whose sums were forged would pass them."""
    (sealed / stored.SUMS_FILE).unlink()
    return sealed


def edit(path: Path, **values: Any) -> None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    for key, value in values.items():
        *outer, last = key.split("__")
        target = raw
        for name in outer:
            target = target[name]
        target[last] = value
    path.write_text(json.dumps(raw), encoding="utf-8")


def rewritten(path: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    tensors = load_file(str(path))
    change(tensors)
    save_file(tensors, str(path))


# ---- sums


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_each_damaged_file_is_named(sealed: Path, name: str, damage: str) -> None:
    data = (sealed / name).read_bytes()
    half = len(data) // 2
    if damage == "gone":
        (sealed / name).unlink()
    elif damage == "cut":
        (sealed / name).write_bytes(data[:half])
    else:
        (sealed / name).write_bytes(data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :])
    with pytest.raises(ModelFolderError, match=rf"{name}:? (not what was saved|missing)"):
        load_model(sealed)


def test_swapped_tensors_are_found_by_their_sum(sealed: Path) -> None:
    def swap(tensors: dict[str, torch.Tensor]) -> None:
        a, b = "trigger_vectors.project.weight", "mention_vectors.project.weight"
        tensors[a], tensors[b] = tensors[b], tensors[a]

    rewritten(sealed / "model.safetensors", swap)
    with pytest.raises(ModelFolderError, match=r"model\.safetensors: not what was saved"):
        load_model(sealed)


def test_sums_are_those_of_sha256sum_and_may_be_deleted(sealed: Path) -> None:
    lines = (sealed / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert sorted(line[66:] for line in lines) == sorted(FILES)
    assert all(len(line.split("  ")[0]) == 64 for line in lines)
    edit(sealed / "config.json", decoding__role_threshold=0.9)
    with pytest.raises(ModelFolderError, match="if you changed it yourself, delete SHA256SUMS"):
        load_model(sealed)
    (sealed / "SHA256SUMS").unlink()
    assert load_model(sealed).network.config.decoding.role_threshold == 0.9


def test_a_config_saved_anew_keeps_the_sums_right(sealed: Path) -> None:
    config = load_model(sealed).network.config
    save_config(config, sealed)
    load_model(sealed)
    (sealed / "ontology.yaml").write_text("kinds: {}", encoding="utf-8")
    save_config(config, sealed)  # vouches for its own file alone
    with pytest.raises(ModelFolderError, match=r"ontology\.yaml: not what was saved"):
        load_model(sealed)


@pytest.mark.parametrize(
    "line", ["", "x", "0" * 64 + "  ../secret", "0" * 64 + "  /etc/passwd", "0" * 64 + "  .."]
)
def test_sums_that_are_none(sealed: Path, line: str) -> None:
    (sealed / "SHA256SUMS").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ModelFolderError, match="line 1 is no sum and name of a file here"):
        load_model(sealed)


def test_folders_of_links_load(sealed: Path, tmp_path: Path) -> None:
    links = tmp_path / "links"  # as the hub's cache has them
    links.mkdir()
    for path in sealed.iterdir():
        (links / path.name).symlink_to(path)
    assert load_model(links).network.config == load_model(sealed).network.config


# ---- sizes


@pytest.mark.parametrize(
    "change",
    [
        {"span_size": 10**9},
        {"span_size": 2**19},
        {"pair_size": 2**19},
        {"max_pieces": 10**9},
        {"overlap": 0},
        {"overlap": 10**9},
        {"dropout": 7},
        {"encoder__vocab_size": 2 * 10**7},
        {"encoder__vocab_size": 10**9},
        {"encoder__hidden_size": 2**20},
        {"encoder__intermediate_size": 10**9},
        {"encoder__max_position_embeddings": 10**9},
        {"encoder__type_vocab_size": 10**8},
        {"encoder__intermediate_size": 10**8, "encoder__layer_widths": [[1, 1]] * 2},
        {"encoder__num_hidden_layers": 10**9},
        {"encoder__num_hidden_layers": 10**40},
        {"kinds": []},
        {"kinds": [1, 2]},
        {"event_types": ["x"] * 10_000},
        {"roles": "actor"},
    ],
    ids=str,
)
def test_absurd_sizes_cost_no_memory(folder: Path, change: dict[str, Any]) -> None:
    edit(folder / "config.json", **change)
    before, start = _peak_mib(), time.monotonic()
    with pytest.raises(ModelFolderError, match=r"config\.json"):
        load_model(folder)
    assert _peak_mib() - before < 150
    assert time.monotonic() - start < 20


def test_labels_by_the_thousand_million_are_not_made(folder: Path) -> None:
    edit(folder / "config.json", encoder__num_labels=10**9)
    before = _peak_mib()
    load_model(folder)  # it says nothing about the encoder, and is left aside
    assert _peak_mib() - before < 150


def test_more_memory_than_the_file_is_not_given_to_buffers() -> None:
    network = torch.nn.Linear(2, 2)
    network.register_buffer("table", torch.empty(2**21, device="meta"), persistent=False)
    shapes = {"weight": (2, 2), "bias": (2,)}
    with pytest.raises(ModelFolderError, match="asks for 2,097,152 numbers of buffers"):
        stored.check_shapes(network, shapes, Path("folder/model.safetensors"))


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ([10**9, 10**9], "truncated or not safetensors"),
        ([2**62, 4], "truncated or not safetensors"),
        ([3], "truncated or not safetensors"),
    ],
)
def test_a_head_that_lies_about_shapes(folder: Path, shape: list[int], says: str) -> None:
    path = folder / "model.safetensors"
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8 : 8 + length])
    head["mention_tagger.bias"]["shape"] = shape
    new = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(new)) + new + data[8 + length :])
    with pytest.raises(ModelFolderError, match=rf"model\.safetensors: {says}"):
        load_model(folder)


def test_a_head_without_end(folder: Path) -> None:
    path = folder / "model.safetensors"
    for length in (2**63, 2**32, 99):
        path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
        with pytest.raises(ModelFolderError, match="truncated or not safetensors"):
            load_model(folder)


def test_a_file_too_large_to_be_text(folder: Path) -> None:
    with (folder / "config.json").open("r+b") as file:
        file.truncate(2**40)  # a hole, no blocks on disk
    before = _peak_mib()
    with pytest.raises(ModelFolderError, match=r"config\.json: more than 256 MiB"):
        load_network(folder)
    assert _peak_mib() - before < 700


# ---- values


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers(folder: Path, value: float) -> None:
    def poison(tensors: dict[str, torch.Tensor]) -> None:
        tensors["role.prior.weight"][3, 1] = value

    rewritten(folder / "model.safetensors", poison)
    with pytest.raises(ModelFolderError, match=r"role\.prior\.weight holds numbers .* not finite"):
        load_model(folder)


def test_weights_of_another_type(folder: Path) -> None:
    def to_ints(tensors: dict[str, torch.Tensor]) -> None:
        tensors["status.layers.2.bias"] = tensors["status.layers.2.bias"].to(torch.int64)

    rewritten(folder / "model.safetensors", to_ints)
    with pytest.raises(ModelFolderError, match=r"status\.layers\.2\.bias is I64, expected one of"):
        load_model(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"decoding__role_threshold": float("nan")},
        {"decoding__trigger_bias": "high"},
        {"calibration": {"event": {"scale": float("inf")}}},
        {"calibration": []},
        {"rescorer": {"roles": {"actor": {"weights": {"x": True}, "bias": 0, "threshold": 0}}}},
        {"rescorer": {"roles": {"actor": {"weights": 10**400}}}},
    ],
    ids=str,
)
def test_settings_that_are_no_numbers(folder: Path, change: dict[str, Any]) -> None:
    edit(folder / "config.json", **change)
    with pytest.raises(ModelFolderError, match=r"config\.json: (decoding|calibration|rescorer)"):
        load_model(folder)


def test_nesting_without_end(folder: Path) -> None:
    for name in ("config.json", "tokenizer_config.json", "tokenizer.json", "ontology.yaml"):
        path = folder / name
        whole = path.read_bytes()
        path.write_bytes(b"[" * 200_000)
        with pytest.raises(ModelFolderError, match=name.replace(".", r"\.")):
            load_model(folder)
        path.write_bytes(whole)
    (folder / "config.json").write_bytes(b'{"a":' * 200_000)
    with pytest.raises(ModelFolderError, match=r"config\.json: truncated or not JSON"):
        Network.from_pretrained(str(folder))


# ---- the tokenizer


def test_numbers_of_pieces_with_gaps(folder: Path) -> None:
    raw = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    raw["model"]["vocab"]["city"] = 10**9
    (folder / "tokenizer.json").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(ModelFolderError, match="tokenizer has 1000000001 pieces, the encoder"):
        load_model(folder)


def test_words_are_neither_padded_nor_cut(folder: Path) -> None:
    raw = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    raw["truncation"] = {
        "max_length": 1, "strategy": "LongestFirst", "stride": 0, "direction": "Right",
    }  # fmt: skip
    raw["padding"] = {
        "strategy": {"Fixed": 10**10}, "direction": "Right", "pad_to_multiple_of": None,
        "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]",
    }  # fmt: skip
    (folder / "tokenizer.json").write_text(json.dumps(raw), encoding="utf-8")
    backend: Any = load_model(folder).tokenizer
    assert len(backend("army town").input_ids) == 2


@pytest.mark.parametrize(
    ("value", "says"),
    [(3, "expected text"), ([], "expected text"), ({"content": 1}, "expected text")],
)
def test_names_of_tokens_that_are_none(folder: Path, value: object, says: str) -> None:
    edit(folder / "tokenizer_config.json", pad_token=value)
    with pytest.raises(ModelFolderError, match=rf"tokenizer_config\.json: pad_token: {says}"):
        load_model(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", '{"pad_token": "\\ud800"}'])
def test_settings_of_the_tokenizer_that_are_none(folder: Path, text: str) -> None:
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelFolderError, match=r"tokenizer_config\.json"):
        load_model(folder)


def test_settings_of_the_tokenizer_lead_to_no_other_file(folder: Path, tmp_path: Path) -> None:
    expected = load_model(folder).tokenizer.get_vocab()
    other = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    other["model"]["vocab"] = {"[UNK]": 0}
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    edit(
        folder / "tokenizer_config.json",
        tokenizer_file=str(tmp_path / "other.json"),
        vocab_file=str(tmp_path / "other.json"),
        gguf_file="x.gguf",
        init_inputs=["x"],
        extra_special_tokens=["army-of-one"],
        auto_map={"AutoTokenizer": ["evil.Tokenizer", "evil.Fast"]},
        tokenizer_class="EvilTokenizer",
    )
    assert load_model(folder).tokenizer.get_vocab() == expected


# ---- code of others


def test_an_encoder_of_the_hubs_own_kernels_is_not_asked_for(folder: Path) -> None:
    edit(
        folder / "config.json",
        encoder__attn_implementation="somebody/kernels",
        encoder___attn_implementation="somebody/kernels",
        encoder__experts_implementation="somebody/kernels",
        encoder__quantization_config={"quant_method": "gptq"},
        encoder__dtype="float16",
    )
    network = load_model(folder).network
    assert network.encoder.config._attn_implementation in ("sdpa", "eager")
    assert {p.dtype for p in network.parameters()} == {torch.float32}


@pytest.mark.parametrize("family", ["detr", "timm_wrapper", "vision-encoder-decoder", "", None, 3])
def test_an_encoder_that_is_none_of_text(folder: Path, family: object) -> None:
    edit(folder / "config.json", encoder__model_type=family)
    with pytest.raises(ModelFolderError, match=r"encoder type .* no encoder of text"):
        load_model(folder)


# ---- saving


def test_a_model_that_overflows_half_precision_is_noticed_when_it_is_read(
    tiny_model_dir: Path, tmp_path: Path
) -> None:
    model = load_model(tiny_model_dir)
    with torch.no_grad():
        model.network.mention_tagger.bias[0] = 1e6
    save_model(tmp_path, model.network, model.tokenizer, model.ontology, dtype=torch.float16)
    with pytest.raises(ModelFolderError, match=r"mention_tagger\.bias holds numbers"):
        load_model(tmp_path)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
