"""Text and streams for terminals."""

from __future__ import annotations

import io

import pytest
from conflictwire.terminal import clean, never_fail_to_encode, progress_bar, say


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\n c\u2028d\u00a0e", "a b c d e"),
        ("می\u200cروم", "می\u200cروم"),
        ("a\u202eb\u200bc", "abc"),
        ("a\x00\x9bb", "a b"),
        ("a\ud800b", "a\ufffdb"),
        ("Naïve 🛰", "Naïve 🛰"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_no_stream_fails_on_a_character(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    never_fail_to_encode(stream, io.StringIO())
    stream.write("\u0416 \ud800")
    stream.flush()
    expected = b"\xd0\x96" if encoding == "utf-8" else b"\\u0416"
    assert raw.getvalue() == expected + b" \\ud800"


def test_a_message_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("first\n  second\x1b[1m")
    assert capsys.readouterr() == ("", "first second [1m\n")


def test_a_bar_that_is_not_shown_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(2, shown=False) as advance:
        advance()
    assert capsys.readouterr() == ("", "")
