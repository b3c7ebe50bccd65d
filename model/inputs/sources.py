"""Which files are read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..errors import ConfigError, DataError

__all__ = ["ACCEPTED", "STDIN", "Source", "find_sources", "form_of"]

ACCEPTED = (".txt", ".jsonl", ".jsonl.gz", ".csv", ".parquet")
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One input. ``path`` is as the user gave it, ``-`` for standard input.

    ``name`` is the file's name without its folder, or, of a file below a folder that was given, its
    path below it; ``path`` where two sources share that name.
    """

    path: str
    name: str


def find_sources(arguments: Sequence[str]) -> list[Source]:
    """Files, folders (all accepted files below them, sorted) and ``-``; nothing is ``-``.

    Below a folder, hidden files and folders are left alone, and so is all that is no regular file
    (pipes, devices). Links are followed, each folder once; a file that a link has lost is a
    document that cannot be read.

    The order is kept, and a file that is named twice is read once. Raises DataError for a path
    that does not exist, a file of another form, and a folder without accepted files; ConfigError
    for Parquet where pyarrow is not installed.
    """
    found: dict[str, tuple[str, str]] = {}
    for argument in arguments or (STDIN,):
        for path in _expand(argument):
            # Of what is below a folder: no other input changes it, or a run could not go on.
            name = Path(path).name if path == argument else Path(path).relative_to(argument)
            real = path if path == STDIN else os.path.realpath(path)
            found.setdefault(real, (path, str(name)))
    for path, _ in found.values():
        if form_of(path) == ".parquet" and find_spec("pyarrow") is None:
            raise ConfigError(
                f"{path}: reading Parquet needs pyarrow, which is not installed; run: "
                "pip install 'conflictwire[export]'"
            )
    names = Counter(name for _, name in found.values())
    return [Source(path, path if names[name] > 1 else name) for path, name in found.values()]


def form_of(path: str) -> str | None:
    """The one of ``ACCEPTED`` that the name ends in, in any case; None for another."""
    name = Path(path).name.lower()
    return next((form for form in ACCEPTED if name.endswith(form)), None)


def _expand(argument: str) -> Iterator[str]:
    if argument == STDIN:
        yield STDIN
    elif os.path.isdir(argument):
        paths = _files_below(argument)
        if not paths:
            kinds = f"{', '.join(ACCEPTED[:-1])} or {ACCEPTED[-1]}"
            raise DataError(f"no {kinds} file in this folder", file=argument)
        yield from paths
    elif not os.path.exists(argument):
        raise DataError("no such file or folder", file=argument)
    elif form_of(argument) is None:
        suffix = "".join(Path(argument).suffixes[-2:]).lower()
        raise DataError(
            f"files {f'of the form {suffix!r}' if suffix else 'without extension'} are not read; "
            f"accepted: {', '.join(ACCEPTED)}, folders of them, and - for standard input",
            file=argument,
        )
    else:
        yield argument


def _files_below(folder: str) -> list[str]:
    def refuse(error: OSError) -> None:
        raise DataError(f"cannot be read: {error.strerror}", file=error.filename) from None

    paths = []
    seen = set()
    for parent, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:  # a link to a folder above it, or to one that was read
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = os.path.join(parent, name)
            lost = os.path.islink(path) and not os.path.exists(path)
            if not name.startswith(".") and form_of(name) and (os.path.isfile(path) or lost):
                paths.append(path)
    return sorted(paths, key=lambda path: Path(path).parts)
