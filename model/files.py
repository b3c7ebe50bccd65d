"""Small things about files and values that several modules read: text files, lines, YAML, ISO days,
scores, the folder of outside data."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .errors import DataError

BOM = b"\xef\xbb\xbf"
# Bytes of a line that holds a Report or an annotated document; those of the longest text that is
# read stay far below.
MAX_LINE = 1 << 30
_SKIPPED = 1 << 20  # bytes at a time
_MAX_YAML_VALUES = 200_000  # over 30 times those of the shipped ontology


def data_folder() -> Path:
    """Where data that is not part of the project lies: $CONFLICTWIRE_DATA, else ../shared/data."""
    return Path(os.environ.get("CONFLICTWIRE_DATA") or "../shared/data")


def cache_folder() -> Path:
    """What can be made again: unpacked encoders, training runs. ~/.cache/conflictwire."""
    return Path.home() / ".cache" / "conflictwire"


def run_folder(name: str) -> Path:
    """Where the training run of this name lies if nothing else is said: $CONFLICTWIRE_RUNS/NAME,
    else ~/.cache/conflictwire/runs/NAME."""
    return Path(os.environ.get("CONFLICTWIRE_RUNS") or cache_folder() / "runs") / name


def model_folder(folder: Path) -> Path:
    """The model of a training run's folder: its best/. Any other folder stands for itself."""
    best = folder / "best"
    return best if best.is_dir() and not (folder / "config.json").is_file() else folder


def model_source(name: str) -> str:
    """A model as users name it, for ``load``: a folder is that of a model or of a run, anything
    else a Hugging Face id."""
    return str(model_folder(Path(name))) if Path(name).is_dir() else name


def read_text(path: str | Path) -> str:
    """A UTF-8 file as it stands (line ends and a byte-order mark kept).

    Raises DataError with the byte position if it is not UTF-8, or if it cannot be opened.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=str(path)) from None
    return decoded(data, path)


def decoded(data: bytes, path: str | Path, line: int | None = None) -> str:
    """UTF-8 bytes of a file, or of its line of this number. Raises DataError."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = "" if line is None else " of the line"
        raise DataError(
            f"not UTF-8 at byte {error.start} (0x{data[error.start]:02x}){place}; convert the file "
            "first",
            file=str(path),
            line=line,
        ) from None


def bounded_lines(file: BinaryIO, limit: int) -> Iterator[bytes]:
    """Lines with their ends; of one longer than ``limit`` the first ``limit`` + 1 bytes alone."""
    while line := file.readline(limit + 1):
        is_over = len(line) <= limit or line.endswith(b"\n")
        yield line
        while not is_over:
            rest = file.readline(_SKIPPED)
            is_over = not rest or rest.endswith(b"\n")


def numbered_lines(file: BinaryIO, path: str | Path, holds: str) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line with its end). Raises DataError for one longer than MAX_LINE, which
    says that it is too long to be what lines hold (``holds``: "a Report")."""
    for number, line in enumerate(bounded_lines(file, MAX_LINE), start=1):
        if len(line) > MAX_LINE:
            raise too_long(path, number, holds)
        yield number, line


def too_long(path: str | Path, line: int | None, holds: str) -> DataError:
    what = "file" if line is None else "line"
    return DataError(
        f"a {what} too long to be {holds}: more than {MAX_LINE:,} bytes", file=str(path), line=line
    )


def load_yaml(text: str, loader: Any) -> Any:
    """The value of a YAML document by ``loader``, a safe one.

    Raises YAMLError also for aliases that stand for more values than any file here has: nine
    lists of nine aliases each are 200 bytes, and four hundred million values.
    """
    from yaml.constructor import ConstructorError

    reader = loader(text)
    try:
        node = reader.get_single_node()
        if node is None:
            return None
        if _values(node, {}) > _MAX_YAML_VALUES:
            problem = f"more than {_MAX_YAML_VALUES:,} values, those of aliases counted"
            raise ConstructorError(None, None, problem, node.start_mark)
        return reader.construct_document(node)
    finally:
        reader.dispose()


def _values(node: Any, known: dict[int, int]) -> int:
    """Of a YAML node and all below it, an alias counted as what it stands for."""
    if id(node) not in known:
        known[id(node)] = _MAX_YAML_VALUES  # while it is open: inside itself it has no end
        parts = [] if isinstance(node.value, str) else node.value
        children = (p for part in parts for p in (part if isinstance(part, tuple) else (part,)))
        known[id(node)] = 1 + sum(_values(child, known) for child in children)
    return known[id(node)]


def iso_day(value: str) -> datetime.date | None:
    """The day that ``YYYY-MM-DD`` names; None for any other string, also one of another form.

    Python reads more forms (20180521, 2018-W21-1): what it writes must be what was given.
    """
    try:
        day = datetime.date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.isoformat() == value else None


_DAY_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:?\d{2}")


def day_of_time(value: str) -> datetime.date | None:
    """``iso_day``, also of a day with a time of day behind it, which is left out."""
    timed = _DAY_AND_TIME.match(value)
    return iso_day(timed[1] if timed else value)


def check_min_score(value: float) -> None:
    """Raise ValueError for a ``min_score`` that is no probability, TypeError for no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"min_score: expected a number from 0 to 1, got {type(value).__name__}")
    if not 0 <= value <= 1:  # false for NaN too
        raise ValueError(f"min_score: expected a number from 0 to 1, got {value!r}")
