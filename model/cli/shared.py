"""What several commands share: exit codes, errors for people, options of the model."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from ..errors import ConfigError, ConflictwireError
from ..terminal import say

if TYPE_CHECKING:
    from ..exports.repeats import Repeats
    from ..report import Report

FAILED, WRONG_USE, INTERRUPTED, READER_GONE = 1, 2, 130, 141
EVAL_PACKAGES = ("scipy", "seqeval")  # of the extra "eval"
_P = ParamSpec("_P")

Model = Annotated[
    str | None,
    typer.Option(help="A model folder or Hugging Face id.", show_default="the shipped model"),
]
Device = Annotated[str, typer.Option(help="auto (CUDA, then MPS, then CPU), cpu, cuda or mps.")]
Dtype = Annotated[str, typer.Option(help="auto, float32, bfloat16, float16 or int8.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Documents read at a time.")]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes that read side by side, each with a copy of the model (0.6 GB).",
        show_default="on a CPU one a core, up to 8, for more than 128 documents",
    ),
]
MinScore = Annotated[
    float,
    typer.Option(
        min=0,
        max=1,
        help="Leave out events scored below this; the score is the probability of being right.",
    ),
]
Resamples = Annotated[int, typer.Option(min=0, help="Bootstrap resamples for the 95% intervals.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the resampling.")]


def with_exit_codes(function: Callable[_P, int]) -> Callable[_P, int]:
    """Errors that a user can do something about -> one line on stderr and an exit code."""

    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> int:
        try:
            code = function(*args, **kwargs)
            sys.stdout.flush()  # here, where a reader that went away is dealt with
            return code
        except BrokenPipeError:
            # Nothing can be written any more, not even what Python flushes when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return READER_GONE
        except ConflictwireError as error:
            say(f"error: {error}")
            return WRONG_USE
        except OSError as error:  # such as a full disk: not what some documents did
            say(f"error: {error}")
            return WRONG_USE
        except KeyboardInterrupt:
            say("interrupted")
            return INTERRUPTED

    return run


def name_failure(document: str | None, error: object) -> None:
    """Tell of a Report that carries an error; nothing for one that carries none."""
    if error is not None:
        say(f"error: {document}: {error}")


def name_repeat(repeats: Repeats, report: Report) -> None:
    """Tell of the first document whose id was there before."""
    if (key := repeats.first(report)) is not None:
        say(f"note: more than one document has the id {key!r}: ids of their events are not unique")


@contextmanager
def extra(name: str, *packages: str) -> Iterator[None]:
    """Imports that need an optional set of packages; ConfigError says how to install it."""
    missing = [package for package in packages if find_spec(package) is None]
    try:
        if not missing:
            yield
            return
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("conflictwire"):
            raise
        missing = [error.name]
    raise ConfigError(
        f"{', '.join(missing)} not installed; run: pip install 'conflictwire[{name}]'"
    )
