"""Layer 1 against seqeval itself."""

from __future__ import annotations

import random
import warnings
from typing import Literal

import pytest
from conflictwire.document import Span
from conflictwire.eval.counts import PRF, macro, total
from conflictwire.eval.tokens import count_chunks, label, tokenise
from seqeval.metrics import f1_score  # type: ignore[import-untyped]
from seqeval.metrics.v1 import precision_recall_fscore_support  # type: ignore[import-untyped]
from seqeval.scheme import IOB2  # type: ignore[import-untyped]
from test_eval_builders import at, event, make, score


def merged(gold: list[list[str]], predicted: list[list[str]]) -> dict[str, PRF]:
    by_label: dict[str, PRF] = {}
    for pair in zip(gold, predicted, strict=True):
        for name, counts in count_chunks(*pair).items():
            by_label[name] = by_label.get(name, PRF()) + counts
    return by_label


def assert_equals_seqeval(gold: list[list[str]], predicted: list[list[str]]) -> None:
    by_label = merged(gold, predicted)

    def seqeval(average: str | None) -> tuple[list[float], ...]:
        values = precision_recall_fscore_support(
            gold, predicted, average=average, scheme=IOB2, zero_division=0
        )
        return tuple(v.tolist() if hasattr(v, "tolist") else v for v in values)

    parts: tuple[Literal["precision", "recall", "f1"], ...] = ("precision", "recall", "f1")
    micro = total(by_label)
    assert [getattr(micro, part) or 0.0 for part in parts] == pytest.approx(seqeval("micro")[:3])
    assert [macro(by_label, part) for part in parts] == pytest.approx(seqeval("macro")[:3])
    for values, part in zip(seqeval(None)[:3], parts, strict=True):
        ours = [getattr(by_label[name], part) or 0.0 for name in sorted(by_label)]
        assert ours == pytest.approx(values)
    assert [by_label[name].gold for name in sorted(by_label)] == seqeval(None)[3]


def test_random_sequences_equal_seqeval() -> None:
    # Any order of labels, so stray I- and changes of label inside a chunk come up too.
    rng = random.Random(3)
    names = ("O", "O", "B-X", "I-X", "B-Y", "I-Y", "B-Z")
    for _ in range(60):
        lengths = [rng.randint(1, 9) for _ in range(rng.randint(2, 5))]
        gold, predicted = (
            [[rng.choice(names) for _ in range(length)] for length in lengths] for _ in range(2)
        )
        # Both need a chunk, or seqeval averages over no label at all.
        gold[0][0] = predicted[0][0] = "B-X"
        assert_equals_seqeval(gold, predicted)


def test_strict_is_not_default_seqeval() -> None:
    # A chunk that starts with I- is none in strict IOB2; the default mode takes it for one.
    gold, predicted = [["B-X", "I-X", "O"]], [["I-X", "I-X", "O"]]
    assert f1_score(gold, predicted) == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert f1_score(gold, predicted, mode="strict", scheme=IOB2) == 0.0
    assert merged(gold, predicted) == {"X": PRF(0, 0, 1)}


def test_sequences_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 gold labels against 1"):
        count_chunks(["O", "O"], ["O"])


def test_tokens_are_words_and_single_marks() -> None:
    text = "U.S.-led raid, naïve\u00a0день №5"
    words = [text[t.start : t.end] for t in tokenise(text)]
    assert words == ["U", ".", "S", ".", "-", "led", "raid", ",", "naïve", "день", "№", "5"]


def test_labels() -> None:
    text = "US-led jets hit Tarn Tarn"
    tokens = tokenise(text)  # US - led jets hit Tarn Tarn
    spans = [
        (Span(**at(text, "US-led jets")), "MILITARY"),
        (Span(**at(text, "Tarn")), "PLACE"),
        (Span(**at(text, "Tarn#2")), "PLACE"),
    ]
    labels = label(tokens, spans)
    assert labels.iob2 == [
        "B-MILITARY", "I-MILITARY", "I-MILITARY", "I-MILITARY", "O", "B-PLACE", "B-PLACE",
    ]  # fmt: skip
    assert labels.n_dropped == 0


def test_spans_that_labels_cannot_hold_are_counted() -> None:
    text = "pro-war rebels  fled"
    tokens = tokenise(text)  # pro - war rebels fled
    spans = [
        (Span(0, 7), "POLITICAL"),  # pro-war
        (Span(4, 14), "ARMED_GROUP"),  # war rebels: "war" is taken
        (Span(14, 16), "PLACE"),  # white space
        (Span(17, 20), "PLACE"),  # "led" inside "fled": the token is marked
    ]
    labels = label(tokens, spans)
    assert labels.iob2 == ["B-POLITICAL", "I-POLITICAL", "I-POLITICAL", "O", "B-PLACE"]
    assert labels.n_dropped == 2


def test_document() -> None:
    text = "Rebels attacked Tarn."
    gold = make(
        text,
        [("Rebels", "ARMED_GROUP"), ("Tarn", "PLACE")],
        events=[event("attack", ["attacked"])],
    )
    predicted = make(
        text,
        [("Rebels", "ARMED_GROUP"), ("Tarn.", "PLACE")],
        events=[event("armed_clash", ["attacked"])],
    )
    scores = score(gold, predicted)
    assert scores.token_mention == {"ARMED_GROUP": PRF(1, 1, 1), "PLACE": PRF(0, 1, 1)}
    assert scores.token_trigger == {"attack": PRF(0, 0, 1), "armed_clash": PRF(0, 1, 0)}


def test_empty_text() -> None:
    scores = score(make(""), make(""))
    assert scores.token_mention == {}
    assert scores.n_documents == 1
