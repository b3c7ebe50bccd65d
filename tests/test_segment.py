"""Words and sentences: exact offsets for any string."""

from __future__ import annotations

import random

import pytest
from conflictwire.segment import Segmented, segment


def sentences(text: str) -> list[str]:
    s = segment(text)
    return [text[s.starts[a] : s.ends[b - 1]] for a, b in s.sentences]


def words(text: str) -> list[str]:
    s = segment(text)
    return [text[a:b] for a, b in zip(s.starts, s.ends, strict=True)]


def test_words_and_offsets() -> None:
    text = "Gen. Okoro's men, 1,200 of them,\tleft Bama."
    s = segment(text)
    assert " ".join(words(text)) == "Gen . Okoro ' s men , 1 , 200 of them , left Bama ."
    assert (s.starts[2], s.ends[2]) == (5, 10)
    assert len(s) == 16


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Guards fled. Rebels came.", ["Guards fled.", "Rebels came."]),
        ("Who fired? No one knows! It ended…", ["Who fired?", "No one knows!", "It ended…"]),
        ("Maj. Idris met Dr. Sow on Jan. 4 there.", ["Maj. Idris met Dr. Sow on Jan. 4 there."]),
        ("J. K. Mensah of the U.S. Army spoke.", ["J. K. Mensah of the U.S. Army spoke."]),
        ("He left on Jan. “We stay,” she said.", ["He left on Jan.", "“We stay,” she said."]),
        ('"We won." Crowds sang.', ['"We won."', "Crowds sang."]),
        ("(They lost.) Crowds wept.", ["(They lost.)", "Crowds wept."]),
        ("Shots rang out. and then silence", ["Shots rang out. and then silence"]),
        ("Some 3.5 tons at kafr.example burned.", ["Some 3.5 tons at kafr.example burned."]),
        ("FIRE IN PORT\n\nDockers fled", ["FIRE IN PORT", "Dockers fled"]),
        ("FIRE IN PORT\r\n\r\nDockers fled", ["FIRE IN PORT", "Dockers fled"]),
        ("A line that\nwraps on\r\nand on", ["A line that\nwraps on\r\nand on"]),
        ("انسحبت القوات؟ نعم", ["انسحبت القوات؟", "نعم"]),
        (". Lone stop", [".", "Lone stop"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def check(text: str) -> None:
    """The invariants, for any string."""
    s: Segmented = segment(text)
    edge = 0
    covered = set()
    for start, end in zip(s.starts, s.ends, strict=True):
        assert edge <= start < end <= len(text)
        covered.update(range(start, end))
        edge = end
    assert covered == {i for i, c in enumerate(text) if not c.isspace()}
    word = 0
    for a, b in s.sentences:
        assert a == word
        assert a < b
        word = b
    assert word == len(s)


_ALPHABET = (
    "aZ9é中अ०ßİǅ_ .!?…。؟।\"'”’»)]“‘«([,-\n\r\t\x00\x1c\x85\u00a0\u2028\u200b\u200d\u202e\ufeff"
    "\u0301\u064b\ud800\udfff🛰👨🏽שעב"
)


def test_any_string() -> None:
    rng = random.Random(11)
    for _ in range(1500):
        check("".join(rng.choices(_ALPHABET, k=rng.randrange(40))))
    for _ in range(300):
        check("".join(chr(rng.randrange(0x110000)) for _ in range(rng.randrange(30))))
    for char in _ALPHABET:
        check(char)
        check(f"Shells fell{char} Night came.{char}")


def test_every_code_point_is_a_word_or_space() -> None:
    text = "".join(map(chr, range(0x3000)))
    check(text)


def test_a_text_in_lower_case_has_sentences_too() -> None:
    text = "the bridge fell.  nobody was hurt, said col. ribo.    rain goes on."
    words = segment(text)
    firsts = [text[words.starts[a] :].split()[0] for a, _ in words.sentences]
    assert firsts == ["the", "nobody", "rain"]
    # With capitals anywhere, a small letter goes on with the sentence.
    assert len(segment("It fell at 5 p.m. local time. Rain came.").sentences) == 2


def test_a_sentence_without_end_is_cut() -> None:
    """What the stages do with a sentence must not grow with the text."""
    words = segment("killed " * 1000 + "twice. Rain came.")
    assert words.sentences == [(0, 300), (300, 600), (600, 900), (900, 1002), (1002, 1005)]
    assert len(segment("killed " * 299 + ".").sentences) == 1
