"""The command, run in the process of the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from conflictwire.cli import main


class Done(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Done]


def runner(capsys: pytest.CaptureFixture[str], *first: str) -> Run:
    """A function that runs the command with ``first`` and its own arguments."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        code = main([*first, *map(str, arguments)])
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run
