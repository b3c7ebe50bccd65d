"""The progress bar: rates and time left on stderr, or nothing at all."""

from __future__ import annotations

import pytest
from conflictwire.training.progress import Progress


def test_it_shows_how_far_how_fast_and_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(10, done=4, shown=True) as bar:
        bar.step(5, 1.25, 800)
    out, err = capsys.readouterr()
    assert out == ""
    for part in ("5/10", "loss 1.250", "words/s", ":"):
        assert part in err


def test_not_shown_it_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(10, done=0, shown=False) as bar:
        bar.step(1, 1.0, 100)
    assert capsys.readouterr() == ("", "")
