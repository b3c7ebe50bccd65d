"""What holds for any text at all: drawn by Hypothesis, and broken reports of a fuzz corpus.

``fuzz_predict.py`` does the same for as long as it is let; here are some seconds of it.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conflictwire.report import Report
from conflictwire.segment import segment
from fuzz_corpus import LANGUAGES, PATTERNS, FuzzCorpus, nasty_texts
from fuzz_predict import RandomSpans, check_report, fuzz, minimised, same_reports
from fuzz_readers import TARGETS, mutated, try_input
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from conflictwire.coder import Coder

HERE = Path(__file__).parent
WEIGHTS = HERE.parent / "model" / "weights"
NASTY = nasty_texts()

# Any code point, lone surrogates too (Hypothesis leaves them out unless asked).
_CHARS = st.characters() | st.characters(categories=["Cs"])
_ANY_TEXT = st.text(_CHARS)
_WORDS = st.sampled_from(
    [*PATTERNS.values(), "Gen. ", "\n\n", "12 ", "May ", "2018 ", "Besra ", "Syrian ", '"', ". "]
)
TEXTS = st.lists(_WORDS | st.text(_CHARS, max_size=8), max_size=40).map("".join)
DATES = st.none() | st.dates().map(str)
# Derandomised: CI is no place for a new find, ``make fuzz`` is.
ANY = settings(max_examples=60, deadline=None, database=None, derandomize=True)


@given(TEXTS)
@settings(ANY, max_examples=300)
def test_words_and_sentences_cover_any_text(text: str) -> None:
    words = segment(text)
    covered = {i for a, b in zip(words.starts, words.ends, strict=True) for i in range(a, b)}
    assert covered == {i for i, c in enumerate(text) if not c.isspace()}
    edges = [0, *(end for _, end in words.sentences)]
    assert [start for start, _ in words.sentences] == edges[:-1]
    assert edges[-1] == len(words)


@given(text=TEXTS, date=DATES)
@ANY
def test_any_text_gives_a_report_that_holds(tiny_coder: Coder, text: str, date: str | None) -> None:
    report = tiny_coder(text, date)
    check_report(report, text)
    assert tiny_coder(text, date) == report


@given(text=TEXTS, date=DATES)
@settings(ANY, max_examples=100)
def test_later_stages_bear_any_spans(tiny_coder: Coder, text: str, date: str | None) -> None:
    check_report(RandomSpans(tiny_coder)(text, date), text)


@given(st.lists(st.tuples(TEXTS, DATES), max_size=6), st.integers(1, 7), st.randoms())
@settings(ANY, max_examples=25)
def test_company_and_batch_size_change_nothing(
    tiny_coder: Coder, documents: list[tuple[str, str | None]], size: int, rng: random.Random
) -> None:
    order = list(range(len(documents)))
    rng.shuffle(order)
    rows = [{"text": documents[i][0], "date": documents[i][1]} for i in order]
    for i, together in zip(order, tiny_coder.stream(rows, batch_size=size), strict=True):
        same_reports(tiny_coder(*documents[i]), together)


@given(text=_ANY_TEXT, title=st.none() | _ANY_TEXT, error=st.none() | _ANY_TEXT)
@settings(ANY, max_examples=200)
def test_json_gives_any_report_back(text: str, title: str | None, error: str | None) -> None:
    report = Report(model_version="0", text=text, windows=0, title=title, error=error)
    assert Report.from_json(report.to_json()) == report


# ---- the corpus


def test_the_corpus_is_what_it_says() -> None:
    corpus = FuzzCorpus(max_chars=800)
    texts = [corpus.text(random.Random(i)) for i in range(300)]
    assert texts == [corpus.text(random.Random(i)) for i in range(300)]
    assert len(set(texts)) > 250
    assert max(map(len, texts)) <= 800
    assert len(LANGUAGES) >= 40
    assert len(set(LANGUAGES.values())) == len(LANGUAGES)
    assert any("\ud800" <= c <= "\udfff" for t in texts for c in t)


def test_nasty_texts(tiny_coder: Coder) -> None:
    reports = tiny_coder([text[:800] for text in NASTY.values()], "2018-05-21")
    for report, text in zip(reports, NASTY.values(), strict=True):
        check_report(report, text[:800])


def test_broken_reports(tiny_coder: Coder) -> None:
    result = fuzz(tiny_coder, count=250, max_chars=400, coder=tiny_coder)
    assert not result.failures, result.failures[0]
    assert result.n_documents == 250
    assert result.n_events > 100


def test_broken_reports_with_random_spans(tiny_coder: Coder) -> None:
    result = fuzz(RandomSpans(tiny_coder), count=250, seed=10_000, max_chars=400)
    assert not result.failures, result.failures[0]
    assert result.n_events > 500


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="model/weights is absent: no shipped model to run")
def test_broken_reports_by_the_shipped_model() -> None:
    from conflictwire import load

    coder = load(device="cpu", dtype="float32")
    result = fuzz(coder, count=36, seed=20_000, max_chars=500, coder=coder)
    assert not result.failures, result.failures[0]


def test_processes_agree() -> None:
    """Sets of strings come in another order in each: none may reach a Report."""
    command = [sys.executable, str(HERE / "fuzz_predict.py"), "--digest", "--max-chars", "700"]
    command += ["--model", "spans", "--count", "40", "--seed", "500"]
    children = [
        subprocess.Popen(
            command,
            env={**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    digests = [child.communicate()[0].rpartition("digest ")[2] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert digests[0] == digests[1]
    assert len(digests[0].strip()) == 64


# ---- the harness itself


def test_a_fault_is_found_and_made_short() -> None:
    def faulty(text: str, _: str | None) -> Report:
        if "killed" in text:
            raise KeyError("killed")
        return Report(model_version="0", text=text, windows=0)

    result = fuzz(faulty, count=200, max_chars=500, max_failures=1)
    (failure,) = result.failures
    assert failure.text == "killed"
    assert "KeyError" in failure.error


def test_minimised() -> None:
    assert minimised("a" * 50 + "xyz" + "b" * 70, lambda t: "x" in t and "z" in t) == "xz"


@pytest.mark.parametrize("field", ["text", "score", "events"])
def test_what_differs_is_named(tiny_coder: Coder, field: str) -> None:
    report = RandomSpans(tiny_coder)("Rebels killed 12 people in Besra on Monday.", None)
    raw = report.to_dict()
    if field == "text":
        raw |= {"text": raw["text"] + "!"}
    elif field == "score":
        raw["mentions"][0]["score"] = abs(raw["mentions"][0]["score"] - 0.01)
    else:
        raw["events"] = raw["events"][1:]
    with pytest.raises(AssertionError, match=field):
        same_reports(report, Report.from_dict(raw))


# ---- what reads files

# The others load a model or a list for each input: ``make fuzz-readers`` has the time.
_CHEAP = [name for name in TARGETS if not name.startswith(("model_", "own_", "ontology"))]


@pytest.mark.parametrize("name", _CHEAP)
def test_damaged_files(name: str, tmp_path: Path) -> None:
    read, seeds = TARGETS[name].made(tmp_path)
    for data in seeds:
        read(data)
    rng = random.Random(name)
    for _ in range(40):
        data = mutated(rng.choice(seeds), rng, seeds)
        problem = try_input(read, data)
        assert problem is None, f"{data!r}\n{problem}"
