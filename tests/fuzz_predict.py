"""Fuzzes ``predict``: broken reports in, Reports that hold out, and nothing raised.

    python tests/fuzz_predict.py --count 20000 --seed 1 --minutes 120
    python tests/fuzz_predict.py --model spans --count 20000   # later stages alone, much faster

Texts come from ``fuzz_corpus.py``. For each, the Report must carry no error, its spans must slice
to the text, its JSON must give it back, and a second run must give the same. Groups of documents
are then read in one batch, which must find the same in each (scores to 1e-5). At the end come the
slowest documents; for what fails, the seed and the shortest text that fails in the same way. The
exit code is 1 if anything failed.

``--model``: the shipped model, a tiny random one, the folder of another, or ``spans``: no network
but random spans, kinds, roles and links, far denser and odder than any model gives them, so that
all stages behind the network meet what they have never met.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from conflictwire.report import Report
from fuzz_corpus import FuzzCorpus, pairs_joined

if TYPE_CHECKING:
    from conflictwire.coder import Coder
    from conflictwire.extractor import Extraction, Prepared
    from conflictwire.spans import TaggedSpan

__all__ = ["Failure", "RandomSpans", "check_report", "fuzz", "minimised", "same_reports"]

_TOLERANCE = 1e-5  # of scores, between batches: Reports round them to 1e-4
_ROUNDED = 1e-4 + _TOLERANCE


def check_report(report: Report, text: str) -> None:
    """What holds for every Report of every text. Raises AssertionError."""
    assert report.error is None, report.error
    assert report.text == pairs_joined(text)
    text = report.text
    assert not report.truncated
    spans = [*report.mentions]
    for event in report.events:
        spans += [*event.triggers, *event.arguments]  # type: ignore[arg-type]
        if event.date is not None and event.date.text is not None:
            assert event.date.start_char is not None
            assert text[event.date.start_char : event.date.end_char] == event.date.text
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        assert 0 <= span.score <= 1
    line = report.to_json()
    assert line.isascii()
    assert report.to_dict() == json.loads(line)
    assert Report.from_json(line) == report


def same_reports(left: Report, right: Report) -> None:
    """Equal but for scores, which may differ by rounding. Raises AssertionError."""
    _same(left.to_dict(), right.to_dict(), "report")


def _same(left: Any, right: Any, where: str) -> None:
    if isinstance(left, dict):
        assert left.keys() == right.keys(), where
        for key, value in left.items():
            _same(value, right[key], f"{where}.{key}")
    elif isinstance(left, list):
        assert len(left) == len(right), f"{where}: {len(left)} and {len(right)}"
        for i, (a, b) in enumerate(zip(left, right, strict=True)):
            _same(a, b, f"{where}[{i}]")
    elif where.endswith(".score"):
        assert math.isclose(left, right, abs_tol=_ROUNDED), f"{where}: {left} and {right}"
    else:
        assert left == right, f"{where}: {left!r} and {right!r}"


class RandomSpans:
    """A text -> the Report of random mentions, triggers and relations, by a hash of the text."""

    def __init__(self, coder: Coder) -> None:
        self.coder = coder
        self.config = coder.extractor.network.config

    def __call__(self, text: str, published: str | None = None) -> Report:
        from conflictwire.records import Request, build_report

        text = pairs_joined(text)  # as the calls do, which this goes around
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        rng = random.Random(digest)
        return build_report(
            self.extraction(self.coder.extractor.prepare(text), rng),
            Request(doc_id="f", date=date.fromisoformat(published) if published else None),
            config=self.config,
            ontology=self.coder.ontology,
            model_version="0",
        )

    def extraction(self, prepared: Prepared, rng: random.Random) -> Extraction:
        from conflictwire.extractor import Extraction
        from conflictwire.relations import DocumentRelations

        config = self.config
        n_words = len(prepared.segmented)
        mentions = _random_spans(rng, n_words, len(config.kinds), longest=12)
        triggers = _random_spans(rng, n_words, len(config.event_types), longest=3)
        noise = np.random.default_rng(rng.randrange(2**32))
        status = noise.dirichlet(np.ones(len(config.statuses)), size=len(triggers))
        found = DocumentRelations(status.astype(np.float32))
        reach = rng.choice((20, 60, 200))  # words

        for i, j in _near(triggers, mentions, reach):
            if rng.random() < 0.4:
                found.roles[i, j] = noise.beta(0.3, 1, len(config.roles)).astype(np.float32)
        for spans, into in ((triggers, found.same_event), (mentions, found.same_entity)):
            for i, j in _near(spans, spans, reach):
                if i < j and rng.random() < 0.7:
                    into[i, j] = noise.beta(0.4, 0.8)
        return Extraction(prepared, mentions, triggers, found)


def _near(
    left: Sequence[TaggedSpan], right: Sequence[TaggedSpan], reach: int
) -> Iterator[tuple[int, int]]:
    """Pairs of which the second starts at most ``reach`` words before the first, or behind it."""
    first = 0
    for i, a in enumerate(left):
        while first < len(right) and right[first].word_start < a.word_start - reach:
            first += 1
        for j in range(first, min(first + 12, len(right))):
            yield i, j


def _random_spans(
    rng: random.Random, n_words: int, n_types: int, *, longest: int
) -> list[TaggedSpan]:
    """Spans in text order, none overlapping; few or many, of one type or of all."""
    from conflictwire.spans import TaggedSpan

    gap = rng.choice((0, 1, 5, 30))
    types = rng.sample(range(n_types), rng.choice((1, 3, n_types)))
    spans, word = [], rng.randrange(gap + 1)
    while word < n_words:
        end = min(n_words, word + int(longest ** rng.random()))
        spans.append(TaggedSpan(word, end, rng.choice(types), 1.0 - rng.random()))
        word = end + rng.randrange(2 * gap + 1)
    return spans


# ---- the run


@dataclass(frozen=True, slots=True)
class Failure:
    """``text``: the shortest found that fails so; ``seed``: what made the first one."""

    seed: int
    published: str | None
    text: str
    error: str

    def __str__(self) -> str:
        return f"seed {self.seed}, date {self.published}\n{self.error}\ntext = {self.text!r}"


@dataclass(slots=True)
class Result:
    n_documents: int = 0
    n_chars: int = 0
    n_events: int = 0
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)
    slowest: list[tuple[float, int, str]] = field(default_factory=list)  # seconds, seed, text
    digest: Any = field(default_factory=hashlib.sha256)  # of all Reports


_Reader = Callable[[str, str | None], Report]


def fuzz(
    read: _Reader,
    *,
    count: int,
    seed: int = 0,
    max_seconds: float = math.inf,
    max_chars: int = 2500,
    max_failures: int = 5,
    coder: Coder | None = None,
    group: int = 16,
    progress: Callable[[Result], None] | None = None,
) -> Result:
    """``count`` documents one by one; with ``coder``, each ``group`` of them as a batch too."""
    corpus = FuzzCorpus(max_chars=max_chars)
    result = Result()
    batch: list[_Read] = []
    begin = time.perf_counter()
    for own_seed in range(seed, seed + count):
        rng = random.Random(own_seed)
        text, published = corpus.text(rng), _published(rng)
        start = time.perf_counter()
        report = None
        try:
            report = _read_and_check(read, text, published, twice=rng.random() < 0.05)
        except Exception as error:
            found = _failure(read, own_seed, text, published, error)
            result.failures.append(found)
        seconds = time.perf_counter() - start
        result.n_documents += 1
        result.n_chars += len(text)
        result.seconds = time.perf_counter() - begin
        result.slowest = sorted([*result.slowest, (seconds, own_seed, text)], reverse=True)[:10]
        if report is not None:
            result.n_events += len(report.events)
            result.digest.update(report.to_json().encode("ascii"))
            batch.append(_Read(own_seed, text, published, report))
        if coder is not None and (len(batch) == group or own_seed == seed + count - 1):
            result.failures += _company(coder, batch, rng)
            batch = []
        if progress is not None:
            progress(result)
        if len(result.failures) >= max_failures or result.seconds > max_seconds:
            break
    return result


def _published(rng: random.Random) -> str | None:
    if rng.random() < 0.2:
        return None
    if rng.random() < 0.05:
        return rng.choice(("0001-01-01", "0001-02-03", "1582-10-15", "9999-12-31", "2024-02-29"))
    return (date(1990, 1, 1) + timedelta(days=rng.randrange(14_000))).isoformat()


def _read_and_check(read: _Reader, text: str, published: str | None, *, twice: bool) -> Report:
    report = read(text, published)
    check_report(report, text)
    if twice:
        assert read(text, published) == report, "a second run finds something else"
    return report


class _Read(NamedTuple):
    seed: int
    text: str
    published: str | None
    report: Report


def _company(coder: Coder, batch: Sequence[_Read], rng: random.Random) -> list[Failure]:
    """What a document's company in a batch changes, which must be nothing."""
    failures = []
    order = rng.sample(range(len(batch)), len(batch))
    documents = [{"text": batch[i].text, "date": batch[i].published} for i in order]
    reports = coder.stream(documents, batch_size=rng.choice((2, 5, 16)))
    for i, together in zip(order, reports, strict=True):
        alone = batch[i]
        try:
            same_reports(alone.report, together)
        except AssertionError as error:
            others = [batch[j].seed for j in order]
            why = f"in the company of seeds {others}: {error}"
            failures.append(Failure(alone.seed, alone.published, alone.text, why))
    return failures


def _failure(
    read: _Reader, seed: int, text: str, published: str | None, error: Exception
) -> Failure:
    kind = _kind(error)

    def fails(shorter: str) -> bool:
        try:
            _read_and_check(read, shorter, published, twice=True)
        except Exception as other:
            return _kind(other) == kind
        return False

    trace = "".join(traceback.format_exception(error))
    return Failure(seed, published, minimised(text, fails), trace)


def _kind(error: Exception) -> tuple[type, str]:
    """Errors of one kind come from one line of the code."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return type(error), f"{last.filename}:{last.lineno}"


def minimised(text: str, fails: Callable[[str], bool], *, max_tries: int = 400) -> str:
    """A shorter text that still fails: parts of falling length are left out while it does.

    Delta debugging (Zeller and Hildebrandt 2002), complements only.
    """
    tries = 0
    size = len(text) // 2
    while size and tries < max_tries:
        start = 0
        while start < len(text) and tries < max_tries:
            shorter = text[:start] + text[start + size :]
            tries += 1
            if fails(shorter):
                text = shorter
            else:
                start += size
        size = min(size // 2, len(text) // 2)
    return text


def make_reader(model: str) -> tuple[_Reader, Coder | None]:
    """``--model`` -> what reads one text, and the Coder that reads batches."""
    from conflictwire import load

    if model == "tiny":
        coder = tiny_coder()
        return coder, coder
    if model == "spans":
        return RandomSpans(tiny_coder()), None
    coder = load(None if model == "shipped" else model, device="cpu", dtype="float32")
    return coder, coder


def tiny_coder() -> Coder:
    """The tiny model of the tests."""
    from conflictwire.folder import Model
    from conflictwire.ontology import Ontology
    from conftest import make_coder, make_config, make_network, make_tokenizer

    ontology, tokenizer = Ontology.load(), make_tokenizer()
    network = make_network(make_config(tokenizer, ontology), seed=7)
    return make_coder(Model(network, tokenizer, ontology))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="shipped", help="shipped, tiny, spans or a folder")
    parser.add_argument("--count", type=int, default=20_000, help="documents")
    parser.add_argument("--seed", type=int, default=0, help="of the first; each has its own")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after that long")
    parser.add_argument("--max-chars", type=int, default=2500, help="of a document")
    parser.add_argument("--digest", action="store_true", help="print a hash of all Reports")
    options = parser.parse_args(argv)
    read, coder = make_reader(options.model)
    last = time.perf_counter()

    def progress(result: Result) -> None:
        nonlocal last
        if time.perf_counter() - last > 30:
            last = time.perf_counter()
            print(f"{result.n_documents} documents, {result.seconds:.0f} s", file=sys.stderr)

    result = fuzz(
        read,
        count=options.count,
        seed=options.seed,
        max_seconds=60 * options.minutes,
        max_chars=options.max_chars,
        coder=coder,
        progress=progress,
    )
    for failure in result.failures:
        print(f"FAILED: {failure}\n")
    print("slowest documents")
    for seconds, seed, text in result.slowest:
        print(f"  {seconds:7.3f} s  seed {seed:<8} {len(text):6} chars  {text[:60]!r}")
    print(
        f"{result.n_documents} documents, {result.n_chars} characters, {result.n_events} events, "
        f"{result.seconds:.1f} s, {len(result.failures)} failed"
    )
    if options.digest:
        print(f"digest {result.digest.hexdigest()}")
    return 1 if result.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
