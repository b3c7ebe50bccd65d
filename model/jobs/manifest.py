"""``manifest.jsonl``: what a job was begun with, and the shards that are done."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..files import numbered_lines

__all__ = [
    "MANIFEST",
    "FolderOfReports",
    "Manifest",
    "Setting",
    "Shard",
    "append",
    "read",
    "read_folder",
    "sync_folder",
]

MANIFEST = "manifest.jsonl"
VERSION = 1
"""Of the folder's layout: it changes when an older version could not go on with a job."""

Setting = str | int | float | None


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of Reports. Documents that failed count among ``documents``; they stand elsewhere.

    ``first`` and ``last`` are places of documents in the input, ``digest`` a SHA-256 of what its
    documents hold; ``failed_bytes`` is the length of ``failed.jsonl`` with the shard's in it.
    """

    file: str
    documents: int
    failed: int
    events: int
    bytes: int
    sha256: str
    failed_bytes: int
    first: str
    last: str
    digest: str


@dataclass(slots=True)
class Manifest:
    """``is_complete``: all documents that there were are done. ``n_bytes``: of its whole lines."""

    settings: dict[str, Setting]
    inputs: list[str]
    shards: list[Shard] = field(default_factory=list)
    is_complete: bool = False
    n_bytes: int = 0

    @property
    def n_documents(self) -> int:
        return sum(shard.documents for shard in self.shards)

    @property
    def n_failed(self) -> int:
        return sum(shard.failed for shard in self.shards)

    def header(self) -> dict[str, Any]:
        return {"manifest_version": VERSION, "settings": self.settings, "inputs": self.inputs}

    def end(self) -> dict[str, Any]:
        return {
            "complete": True,
            "shards": len(self.shards),
            "documents": self.n_documents,
            "failed": self.n_failed,
            "events": sum(shard.events for shard in self.shards),
        }

    def check_settings(self, now: Mapping[str, Setting], folder: str) -> None:
        """Raise DataError that names the settings that are others now."""
        known = self.settings
        others = [
            f"{key}: {json.dumps(known.get(key))} then, {json.dumps(now.get(key))} now"
            for key in dict.fromkeys([*known, *now])
            if known.get(key) != now.get(key)
        ]
        if others:
            raise DataError(
                f"was begun with other settings ({'; '.join(others)}); give the same, or another "
                "folder",
                file=folder,
            )


@dataclass(frozen=True, slots=True)
class FolderOfReports:
    """A job's folder as input: its files of Reports, in order, and what is not in them."""

    files: list[Path]
    n_documents: int
    n_failed: int
    is_complete: bool


def read_folder(folder: str | Path) -> FolderOfReports:
    """What a job has written so far; what its manifest does not know is left out.

    Raises DataError for a folder that is no job's, and for one of a job that gave no Reports.
    """
    manifest = read(Path(folder))
    if manifest is None:
        raise DataError(f"a folder without {MANIFEST}: no job of predict", file=str(folder))
    form = manifest.settings.get("format")
    if form != "jsonl":
        raise DataError(f"its shards are {form}; Reports are kept as jsonl", file=str(folder))
    return FolderOfReports(
        [Path(folder) / shard.file for shard in manifest.shards],
        manifest.n_documents,
        manifest.n_failed,
        manifest.is_complete,
    )


def read(folder: Path) -> Manifest | None:
    """None where there is none, or where the run was killed before its first line was whole.

    A last line that was cut off counts for nothing. Raises DataError for any other damage.
    """
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            lines = [line for _, line in numbered_lines(file, path, "one of a manifest")]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=str(path)) from None
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    if not lines:
        return None
    number = 1
    try:
        raw = json.loads(lines[0])
        if raw["manifest_version"] != VERSION:
            raise ValueError(f"version {raw['manifest_version']}")
        manifest = Manifest(dict(raw["settings"]), list(raw["inputs"]))
        for line in lines[1:]:
            number += 1
            raw = json.loads(line)
            manifest.is_complete = raw.get("complete") is True
            if not manifest.is_complete:
                manifest.shards.append(Shard(**raw))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"not a line of a manifest of version {VERSION}: {error}"
        raise DataError(message, file=str(path), line=number) from None
    manifest.n_bytes = sum(map(len, lines))
    return manifest


def append(folder: Path, entry: Manifest | Shard | Mapping[str, Any]) -> None:
    """One more line, on the disk when this returns; that of a Manifest is its header."""
    if isinstance(entry, Manifest):
        entry = entry.header()
    elif isinstance(entry, Shard):
        entry = asdict(entry)
    with (folder / MANIFEST).open("ab") as file:
        file.write((json.dumps(entry) + "\n").encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder last through a failure of power, where folders can be synced."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
