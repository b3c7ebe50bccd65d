"""What takes long to make, kept on disk in parts.

Each part is written whole or not at all, by a name of its process's own: a run that was killed goes
on, and runs side by side share what either has made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import torch
from conflictwire.errors import ConfigError
from conflictwire.files import run_folder
from conflictwire.training.room import room

Item = TypeVar("Item")
Show = Callable[[str], None]

FOLDER = "soft-labels"  # beside the runs


def folder_for(
    models: Sequence[Path], dtype: torch.dtype, device: torch.device, asked: str
) -> Path:
    """The folder of what ``models`` say of what they are asked: by all that decides it."""
    digest = sha256(f"{dtype} {device.type} {asked}".encode("utf-8", "surrogatepass"))
    for model in models:
        for path in sorted(p for p in model.iterdir() if p.is_file()):
            digest.update(f"{path.name} {path.stat().st_size} ".encode())
            digest.update(path.read_bytes())
    return run_folder(FOLDER) / digest.hexdigest()[:16]


def in_parts(
    folder: Path,
    n: int,
    *,
    size: int,
    suffix: str,
    write: Callable[[int, int, Path], None],
    read: Callable[[Path], list[Item]],
    show: Show,
) -> list[Item]:
    """Items 0 to ``n``. ``write(start, end, path)`` makes those of a part, which ``read`` reads.

    Raises ConfigError for a part that is damaged, and ConflictwireError if the disk is full.
    """
    items: list[Item] = []
    for start in range(0, n, size):
        end = min(start + size, n)
        path = folder / f"{start}{suffix}"
        if not path.is_file():
            unfinished = path.with_name(f".{path.name}.{os.getpid()}")
            with room(folder, half_written=unfinished):
                folder.mkdir(parents=True, exist_ok=True)
                write(start, end, unfinished)
                unfinished.replace(path)
            show(f"  {end} of {n}")
        try:
            part = read(path)
        except Exception as error:  # of safetensors, of JSON, of the system
            raise ConfigError(f"{path} is damaged ({error}): delete it, it is made anew") from None
        if len(part) != end - start:
            raise ConfigError(f"{path} is damaged: delete it, it is made anew")
        items += part
    return items
