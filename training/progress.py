"""A progress bar with rates and time left, on stderr; nothing at all when it is not shown."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any


class Progress:
    def __init__(self, total: int, *, done: int, shown: bool) -> None:
        self._bar: Any = None
        self._words, self._started = 0, time.monotonic()
        if shown:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("training"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}"),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task("training", total=total, completed=done, note="")

    def step(self, done: int, loss: float, n_words: int) -> None:
        if self._bar is None:
            return
        self._words += n_words
        rate = self._words / max(1e-9, time.monotonic() - self._started)
        note = f"loss {loss:.3f}, {rate:,.0f} words/s"
        self._bar.update(self._task, completed=done, note=note)

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
