"""Want of space on a disk: noticed in the words of whoever writes, told in ours."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from conflictwire.errors import ConflictwireError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# safetensors quotes the system; torch's writer of archives says no more than the last two.
_WORDS = (*(os.strerror(code) for code in _FULL), "iostream error", "unexpected pos")
_SHARED = Path("/dev/shm")  # shared memory: as large as the system makes it, and soon full
_LITTLE = 16 << 20  # bytes: a disk with less is taken for the one that is full


@contextmanager
def room(
    path: Path, needed: int | None = None, *, half_written: Path | None = None
) -> Iterator[None]:
    """Turn a failure to write for want of space into one that says what to do.

    ``needed``: bytes that ``path`` takes, about. ``half_written`` is deleted. Raises
    ConflictwireError, which names ``path``, or the other disk that is full; any other error passes.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, ConflictwireError) or not _wants_space(error):
            raise
        other = _other_disk(path, error)  # before what was written is deleted
        if half_written is not None:
            shutil.rmtree(half_written, ignore_errors=True)
        takes = "" if needed is None else f"it takes about {_megabytes(needed)}, "
        problem = (
            f"{path}: no space left to write it ({takes}{_free(path)} are free; {error})"
            if other is None
            else f"{other}: no space left on its disk ({_free(other)} are free; {error}); that of "
            f"{path} has room"
        )
        raise ConflictwireError(
            f"{problem}. What was written before is whole: make room, then the same command "
            "resumes from the last checkpoint"
        ) from error


def _wants_space(error: BaseException) -> bool:
    return any(
        (isinstance(e, OSError) and e.errno in _FULL) or any(words in str(e) for words in _WORDS)
        for e in _chain(error)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _other_disk(path: Path, error: BaseException) -> Path | None:
    """What is full if not the disk of ``path``: the file that the system names, else the folder of
    temporary files or shared memory, where next to nothing is free there alone."""
    own, own_free = _disk(path)
    for e in _chain(error):
        if isinstance(e, OSError) and e.errno in _FULL and isinstance(e.filename, str):
            return Path(e.filename) if _disk(Path(e.filename))[0] != own else None
    if own_free < _LITTLE:
        return None
    folders = [_SHARED] if _SHARED.is_dir() else []
    with suppress(OSError):  # no folder that takes files
        folders.insert(0, Path(tempfile.gettempdir()))
    for folder in folders:
        disk, free = _disk(folder)
        if disk != own and free < _LITTLE:
            return folder
    return None


def _disk(path: Path) -> tuple[int, int]:
    """The number of the disk that a file lies on, or will, and its free bytes."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.stat().st_dev, shutil.disk_usage(path).free


def _free(path: Path) -> str:
    return _megabytes(_disk(path)[1])


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
