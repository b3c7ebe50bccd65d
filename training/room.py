"""Want of space on a disk: noticed in the words of whoever writes, told in ours."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conflictwire.errors import ConflictwireError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# safetensors quotes the system; torch's writer of archives says no more than the last two.
_WORDS = (*(os.strerror(code) for code in _FULL), "iostream error", "unexpected pos")


@contextmanager
def room(
    path: Path, needed: int | None = None, *, half_written: Path | None = None
) -> Iterator[None]:
    """Turn a failure to write for want of space into one that says what to do.

    ``needed``: bytes that ``path`` takes, about. ``half_written`` is deleted. Raises
    ConflictwireError; any other error passes.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, ConflictwireError) or not _wants_space(error):
            raise
        if half_written is not None:
            shutil.rmtree(half_written, ignore_errors=True)
        takes = "" if needed is None else f"it takes about {_megabytes(needed)}, "
        raise ConflictwireError(
            f"{path}: no space left to write it ({takes}{_free(path)} are free; {error}). "
            "What was written before is whole: make room, then the same command resumes from the "
            "last checkpoint"
        ) from error


def _wants_space(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if any(words in str(error) for words in _WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def _free(path: Path) -> str:
    while not path.exists() and path != path.parent:
        path = path.parent
    return _megabytes(shutil.disk_usage(path).free)


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
