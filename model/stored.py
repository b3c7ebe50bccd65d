"""What lies in a model folder, read with distrust: sums, JSON, and tensors, whose shapes are known
before memory is given for them.

Everything here raises ModelFolderError that names the file and what is wrong with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.modules.module import register_module_module_registration_hook

from .errors import ModelFolderError

Shape = tuple[int, ...]

SUMS_FILE = "SHA256SUMS"  # as sha256sum writes and checks it
MAX_TEXT_BYTES = 256 << 20  # of a JSON file; the tokenizers of the largest vocabularies have 35 MB

_FLOATS = ("F16", "BF16", "F32", "F64")
# Of a network, beside twice as many as it has tensors: those without tensors of their own.
_SPARE_MODULES = 1000
_LARGEST = 1e9  # of numbers that say how scores are read


# ---- sums


def write_sums(folder: Path, names: Iterable[str]) -> None:
    """Write SHA256SUMS of the files ``names``."""
    _write(folder, {name: sum_of(folder / name) for name in names if (folder / name).is_file()})


def renew_sum(folder: Path, name: str) -> None:
    """Bring the sum of one file up to date, where the folder has sums."""
    sums = _read_sums(folder)
    if name in sums:
        _write(folder, {**sums, name: sum_of(folder / name)})


def check_sums(folder: Path) -> None:
    """Compare the files with SHA256SUMS; a folder without it passes.

    Sums find damage and mixed-up files. Against intent they are no help: who can change a file
    can change its sum.
    """
    for name, expected in _read_sums(folder).items():
        if not (folder / name).is_file():
            raise ModelFolderError(f"{folder}: {name} missing, which {SUMS_FILE} lists")
        if sum_of(folder / name) != expected:
            raise ModelFolderError(
                f"{folder / name}: not what was saved (its SHA-256 is another than in {SUMS_FILE}; "
                f"if you changed it yourself, delete {SUMS_FILE})"
            )


def _write(folder: Path, sums: Mapping[str, str]) -> None:
    lines = "".join(f"{value}  {name}\n" for name, value in sums.items())
    replace_text(folder / SUMS_FILE, lines)


def replace_text(path: Path, text: str) -> None:
    """Write a file that is there whole or as it was, whenever the process is killed."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def _read_sums(folder: Path) -> dict[str, str]:
    path = folder / SUMS_FILE
    if not path.is_file():
        return {}
    text = read_bounded(path).decode("utf-8", "replace")
    sums = {}
    for number, line in enumerate(text.splitlines(), start=1):
        # Names of this folder only: sums are no way to have other files read.
        found = re.fullmatch(r"([0-9a-f]{64})  ([\w.-]+)", line)
        if found is None or found[2] in (".", ".."):
            raise ModelFolderError(f"{path}: line {number} is no sum and name of a file here")
        sums[found[2]] = found[1]
    return sums


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- JSON


def read_bounded(path: Path) -> bytes:
    """A file of at most MAX_TEXT_BYTES."""
    try:
        with path.open("rb") as file:
            is_small = os.fstat(file.fileno()).st_size <= MAX_TEXT_BYTES
            data = file.read(MAX_TEXT_BYTES + 1) if is_small else b""
    except FileNotFoundError:
        raise ModelFolderError(f"{path.parent}: {path.name} is missing") from None
    except OSError as error:
        raise ModelFolderError(f"{path}: cannot be read ({error.strerror})") from None
    if not is_small or len(data) > MAX_TEXT_BYTES:
        raise ModelFolderError(f"{path}: more than {MAX_TEXT_BYTES >> 20} MiB")
    return data


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object."""
    try:
        raw = json.loads(read_bounded(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, nested too deep
        raise ModelFolderError(f"{path}: truncated or not JSON ({error})") from None
    if not isinstance(raw, dict):
        raise ModelFolderError(f"{path}: expected a JSON object")
    return raw


def check_number(value: object, where: str, low: float, high: float, *, whole: bool) -> None:
    """A number (``whole``: an int) from ``low`` to ``high``; no bool, no NaN."""
    kind = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:
        what = "a whole number" if whole else "a number"
        raise ModelFolderError(f"{where}: expected {what} from {low} to {high}, got {value!r:.40}")


def check_numbers(raw: object, where: str) -> None:
    """Mappings of mappings whose values are all finite numbers."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            check_numbers(value, f"{where}.{key}")
    else:
        check_number(raw, where, -_LARGEST, _LARGEST, whole=False)


# ---- tensors


def read_shapes(path: Path) -> dict[str, Shape]:
    """Names and shapes by the head of a safetensors file alone."""
    with _readable(path), safe_open(str(path), framework="pt") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        odd = sorted(name for name, part in slices.items() if part.get_dtype() not in _FLOATS)
        if odd:
            dtype = slices[odd[0]].get_dtype()
            raise ModelFolderError(
                f"{path}: {odd[0]} is {dtype}, expected one of {', '.join(_FLOATS)}"
            )
        return {name: tuple(part.get_shape()) for name, part in slices.items()}


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors, every number in them finite."""
    with _readable(path):
        tensors = load_file(str(path))
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise ModelFolderError(f"{path}: {name} holds numbers that are not finite")
    return tensors


def check_shapes(network: nn.Module, found: Mapping[str, Shape], path: Path) -> None:
    """Whether the tensors of a file are those of ``network``, which may lie on the meta device.

    Its unsaved buffers, which the file says nothing about, may together be no larger than they.
    """
    stored = network.state_dict()
    expected = {name: tuple(tensor.shape) for name, tensor in stored.items()}
    if expected != found:
        wrong = sorted(k for k in expected.keys() | found if expected.get(k) != found.get(k))
        shown = ", ".join(f"{k} {found.get(k)} for {expected.get(k)}" for k in wrong[:3])
        raise ModelFolderError(f"{path}: {len(wrong)} tensors do not fit config.json, e.g. {shown}")
    unsaved = sum(b.numel() for name, b in network.named_buffers() if name not in stored)
    if unsaved > (1 << 20) + sum(tensor.numel() for tensor in stored.values()):
        raise ModelFolderError(
            f"{path.parent}: config.json asks for {unsaved:,} numbers of buffers"
        )


@contextmanager
def few_modules(n_tensors: int, where: str) -> Iterator[None]:
    """While it lasts, a network with far more parts than ``n_tensors`` suffice for is not built
    on: a config.json of a line can ask for a thousand million layers."""
    left, builder = 2 * n_tensors + _SPARE_MODULES, threading.get_ident()

    def count(module: nn.Module, name: str, part: nn.Module | None) -> None:
        nonlocal left
        left -= threading.get_ident() == builder  # the hook hears of other threads' networks too
        if left < 0:
            raise ModelFolderError(f"{where}: config.json asks for more layers than are stored")

    handle = register_module_module_registration_hook(count)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    if not path.is_file():
        raise ModelFolderError(f"{path.parent}: {path.name} is missing")
    try:
        yield
    except ModelFolderError:
        raise
    except Exception as error:  # safetensors raises its own type, not an OSError
        raise ModelFolderError(f"{path}: truncated or not safetensors ({error})") from None
