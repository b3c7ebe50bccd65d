"""What the command line shows people: messages, a progress bar, safe text, widths and colours."""

from __future__ import annotations

import io
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "WIDTH",
    "Screen",
    "clean",
    "never_fail_to_encode",
    "progress_bar",
    "say",
    "table_console",
]

WIDTH = 120  # columns of a table that goes anywhere but to a terminal
_JOINERS = "\u200c\u200d"  # Persian, Hindi and emoji need them


# Control characters but tabs and line ends; bold type on and off, which tables use, passes.
_COMMANDS = re.compile(r"(?!\x1b\[[01]m)(?:[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n))")


class Screen(io.TextIOBase):
    """A terminal, to which no text gives commands: CSV and JSON hold texts as they are, and a
    report may hold what moves the cursor, names the window or answers for the user."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._terminal.encoding

    def isatty(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._terminal.write(_COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
        return len(text)

    def flush(self) -> None:
        self._terminal.flush()


def say(message: str) -> None:
    """One line on stderr, above the progress bar if there is one."""
    print(clean(message), file=sys.stderr, flush=True)


@contextmanager
def progress_bar(total: int | None, *, shown: bool) -> Iterator[Callable[[], None]]:
    """A bar of documents and documents per second on stderr; yields what moves it on by one."""
    if not shown:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    progress = Progress(
        TextColumn("documents"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        console=Console(stderr=True),
        redirect_stdout=False,  # results stay on stdout
    )
    with progress:
        task = progress.add_task("documents", total=total, rate="")

        def advance() -> None:
            speed = progress.tasks[0].speed
            rate = "" if speed is None else f"{speed:.1f} documents/s"
            progress.update(task, advance=1, rate=rate)

        yield advance


def table_console(out: TextIO) -> Console:
    """Colours and the width of the terminal on one; 120 plain columns anywhere else."""
    from rich.console import Console

    if out.isatty():
        return Console(file=out, highlight=False)
    return Console(file=out, width=WIDTH, force_terminal=False, color_system=None, highlight=False)


def never_fail_to_encode(*streams: object) -> None:
    """Characters that a stream cannot show (ASCII terminals, lone surrogates) become escapes."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def clean(text: str) -> str:
    """On one line, white space made single, without control and direction characters."""
    return " ".join("".join(map(_shown, text)).split())


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    category = unicodedata.category(character)
    if category == "Cf":  # invisible; among them those that turn the direction of a line
        return ""
    return " " if category[0] == "Z" or category == "Cc" else "\ufffd"
