"""CoNLL files: blocks of tokens and labels, and errors that say where."""

from __future__ import annotations

from pathlib import Path

import pytest
from conflictwire.document import Mention, Span
from conflictwire.errors import DataError
from conflictwire.eval.conll import Block, chunks, read_conll


def file(folder: Path, text: str) -> Path:
    path = folder / "some.conll"
    path.write_bytes(text.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "The\tO\nU.S.\tB-Location\nleft\tO\n\nShe\tB-Person\n",
        "The\tO\r\nU.S.\tB-Location\r\nleft\tO\r\n\r\nShe\tB-Person\r\n\r\n",
        "The O\nU.S. B-Location\nleft O\n\n\n \nShe B-Person",
        "\ufeffThe DT O\nU.S. NNP B-Location\nleft VBD O\n\t\nShe PRP B-Person\n\n\n",
        "The\tO\rU.S.\tB-Location\rleft\tO\r\rShe\tB-Person\r",
        "The\tO\r\r\nU.S.\tB-Location\r\r\nleft\tO\r\r\n\r\r\nShe\tB-Person\r\r\n",
        "-DOCSTART- -X- O\n\nThe O\nU.S. B-Location\nleft O\n-DOCSTART-\nShe B-Person",
    ],
    ids=["tab", "crlf", "space", "columns", "cr", "crcrlf", "docstart"],
)
def test_every_form_gives_the_same_blocks(tmp_path: Path, text: str) -> None:
    first, second = read_conll(file(tmp_path, text))
    assert first.tokens == ("The", "U.S.", "left")
    assert first.labels == ("O", "B-Location", "O")
    assert (second.tokens, second.labels) == (("She",), ("B-Person",))


def test_blocks_know_their_line(tmp_path: Path) -> None:
    blocks = read_conll(file(tmp_path, "\na O\nb O\n\n\nc O\n"))
    assert [block.line for block in blocks] == [2, 6]


def test_a_token_may_hold_spaces_where_columns_stand_apart_by_tabs(tmp_path: Path) -> None:
    (block,) = read_conll(
        file(tmp_path, "10 000\tB-Quantity\n\u00a0\tI-Quantity\nmen\tI-Quantity\n")
    )
    assert block.tokens == ("10 000", "\u00a0", "men")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("alone", "expected a token and a label"),
        ("\tO", "expected a token and a label"),
        ("town\tB-", "'B-' is neither"),
        ("town LOC", "'LOC' is neither"),
        ("town\tE-Location", "neither O nor B-Type nor I-Type"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = file(tmp_path, f"The\tO\n\n{line}\n")
    with pytest.raises(DataError, match=message) as raised:
        read_conll(path)
    assert (raised.value.file, raised.value.line) == (str(path), 3)


@pytest.mark.parametrize("text", ["", "\r\n\r\n"])
def test_a_file_without_blocks_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="no line in the file"):
        read_conll(file(tmp_path, text))


def test_offsets_slice_the_text_to_tokens_and_mentions() -> None:
    tokens = ("Two", "U.S.", "tanks", ",", "she", "said")
    labels = ("B-Quantity", "B-Platform", "I-Platform", "O", "B-Person", "O")
    block = Block(1, tokens, labels)
    assert block.text == "Two U.S. tanks , she said"
    assert tuple(block.text[s.start : s.end] for s in block.spans) == tokens
    assert block.mentions == [
        Mention(0, 3, "Quantity"),
        Mention(4, 14, "Platform"),
        Mention(17, 20, "Person"),
    ]
    assert Block(1, ("x",), ("O",)).spans == [Span(0, 1)]


def test_labels_are_read_as_seqeval_reads_them_by_default() -> None:
    # An I- that continues nothing begins a span, and so does one of another type.
    labels = ["I-A", "I-A", "O", "B-A", "I-B", "B-B"]
    assert chunks(labels) == [("A", 0, 1), ("A", 3, 3), ("B", 4, 4), ("B", 5, 5)]
