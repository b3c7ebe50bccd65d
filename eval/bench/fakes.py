"""Death tolls of whole articles: FA-KES, 682 reports of the war in Syria.

Crowd workers read each article and gave the number of civilians and of others killed; the toll of
an article is their sum (Abu Salem et al., "FA-KES: A Fake News Dataset around the Syrian War",
ICWSM 2019). They are noisy: ``title_agreement`` is how often the toll is the number in the title,
over articles whose title states one toll. No reader who believes titles can do much better.

Ours is ``low`` of the main event: the first told that happened and has dead (reports of this kind
put it in headline and lead); 0 without one. A toll within 10% is one that differs from gold by at
most a tenth of gold.

Two baselines take the first match in title and text. ``baseline`` is the pattern that victim counts
are mostly read with: a number, up to three words, "killed", "dead" or "died". ``both_orders`` knows
number words up to 99, "kills 12", "claimed the lives of 12" and more verbs: the best that could be
made of one pattern here. As titles state most tolls, it is hard to beat by much.

``*_unseen`` leaves out articles that the project has annotated (those of gold where they are at
hand): the model was trained on most of these texts, though not on these tolls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ...report import Report
from .annotated import annotated, annotated_reports
from .base import Benchmark, Options, json_lines, read_rows

__all__ = ["BENCHMARK", "first_number", "main_toll"]

FORM = (
    "unit_id, article_title, article_content, iso (publication date), nb_civilians and "
    "nb_noncivilians (killed)"
)
_HAPPENED = "happened"
_TENTH = 0.1

_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: n for n, word in enumerate(_UNITS, start=1)} | {
    word: 10 * n for n, word in enumerate(_TENS, start=2)
}
_NUMBER = (
    rf"(?:[0-9][0-9,]*|(?:{'|'.join(_TENS)})[- ](?:{'|'.join(_UNITS[:9])})|{'|'.join(_WORDS)})"
)
_ROUGHLY = r"(?:(?:at least|more than|over|about|around|some|up to|nearly|an estimated)\s+)?"
BASELINE = re.compile(
    rf"\b({_NUMBER})\b(?:\s+[\w'-]+){{0,3}}?\s+(?:killed|dead|died)\b", re.IGNORECASE
)
BOTH_ORDERS = re.compile(
    rf"\b({_NUMBER})\b(?:\s+[\w'-]+){{0,5}}?\s+(?:killed|dead|died|dies|slain|murdered|executed)\b"
    r"|\b(?:kill(?:ed|s|ing)?|claim(?:ed|ing|s)?(?: the)? lives of|deaths? of)\s+"
    rf"{_ROUGHLY}({_NUMBER})\b",
    re.IGNORECASE,
)


def first_number(pattern: re.Pattern[str], text: str) -> int:
    """The number of the first match; 0 without one."""
    match = pattern.search(text)
    return _number(match) if match else 0


def _number(match: re.Match[str]) -> int:
    words = next(group for group in match.groups() if group).lower()
    if words[0].isdigit():
        return int(words.replace(",", ""))
    return sum(_WORDS[word] for word in re.split("[- ]", words))


def main_toll(report: Report) -> int:
    """``low`` of the killed of the first event that happened and has dead; 0 without one."""
    for event in report.events:
        if event.status == _HAPPENED and event.killed is not None and event.killed.low:
            return event.killed.low
    return 0


def run(path: Path, options: Options) -> dict[str, Any]:
    """The main figure is ``exact``; counts of articles are those of the whole file."""
    rows = read_rows(
        path,
        FORM,
        unit_id=int,
        article_title=str,
        article_content=str,
        iso=str | None,
        nb_civilians=int,
        nb_noncivilians=int,
    )
    gold = [row["nb_civilians"] + row["nb_noncivilians"] for row in rows]
    reports = list(
        options.coder().stream(
            (
                {"text": r["article_content"], "date": r["iso"], "doc_id": str(r["unit_id"])}
                for r in rows
            ),
            batch_size=options.batch_size,
        )
    )
    texts = [f"{row['article_title']}. {row['article_content']}" for row in rows]
    tolls = {
        "": [main_toll(report) for report in reports],
        "baseline_": [first_number(BASELINE, text) for text in texts],
        "both_orders_": [first_number(BOTH_ORDERS, text) for text in texts],
    }
    figures: dict[str, Any] = {}
    for prefix, told in tolls.items():
        figures |= {f"{prefix}{k}": x for k, x in _rates(told, gold).items()}
    figures["baselines"] = {
        "regex": _rates(tolls["baseline_"], gold),
        "regex in both orders": _rates(tolls["both_orders_"], gold),
    }
    known = {document["id"] for document in annotated(path, options)} | annotated_reports()
    unseen = [i for i, row in enumerate(rows) if f"fakes-{row['unit_id']}" not in known]
    if 0 < len(unseen) < len(rows):
        for prefix, told in tolls.items():
            rates = _rates([told[i] for i in unseen], [gold[i] for i in unseen])
            figures[f"{prefix}exact_unseen"] = rates["exact"]
        figures["n_unseen"] = len(unseen)
    agreed = _title_agreement((row["article_title"] for row in rows), gold)
    return {
        **figures,
        "title_agreement": sum(agreed) / len(agreed) if agreed else None,
        "n_titles_with_toll": len(agreed),
        "n": len(rows),
        **options.interval([(a == b, 1) for a, b in zip(tolls[""], gold, strict=True)]),
        "failed": [report.doc_id for report in reports if report.error is not None],
    }


def _rates(told: Sequence[int], gold: Sequence[int]) -> dict[str, float]:
    pairs = list(zip(told, gold, strict=True))
    return {
        "exact": sum(a == b for a, b in pairs) / max(1, len(pairs)),
        "within_10pct": sum(abs(a - b) <= _TENTH * b for a, b in pairs) / max(1, len(pairs)),
    }


def _title_agreement(titles: Iterable[str], gold: Sequence[int]) -> list[bool]:
    """Whether title and gold agree, for titles that state one toll."""
    agreed = []
    for title, toll in zip(titles, gold, strict=True):
        stated = {_number(match) for match in BOTH_ORDERS.finditer(title)}
        if len(stated) == 1:
            agreed.append(stated == {toll})
    return agreed


BENCHMARK = Benchmark(
    name="fakes",
    title="Death tolls of articles, FA-KES",
    data="fakes/train.jsonl",
    form=json_lines(FORM),
    source="FA-KES with repaired publication dates",
    headline=("exact", "within_10pct", "title_agreement"),
    run=run,
)
