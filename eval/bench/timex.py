"""Time expressions of news -> days: AQUAINT of TimeML, as cleaned for TempEval-3.

An expression is right if both ends of its range of days are those of its gold value; one that is
not resolved is wrong. A time of day counts as its day. A TIMEX3 value leaves out a "since" before
the expression, so each is resolved without it, from its words, the sentence around it and the date
of the document alone. ``accuracy_calendar`` leaves out weeks and times of day. The baseline reads
what ``strptime`` reads, a day without a year in the year of the document, and a weekday as the last
such day up to the document's date.

Instance: ``{"doc": "a.tml", "dct": "1998-08-08", "text": "Friday", "value": "1998-08-07",
"context": "The bombs went off on Friday."}``
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...resolve.dates.clock import Clock
from ...resolve.dates.tense import looks_ahead
from ...resolve.dates.timex import resolve
from ..counts import ratio
from ..dates import DayRange, timex_range
from .base import Benchmark, Options, json_lines, read_rows

_FORM = "one time expression: doc (name), dct (ISO day of the document), text, value, context"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FORMATS = ("%d %B %Y", "%B %d %Y", "%d %b %Y", "%b %d %Y", "%Y-%m-%d", "%m/%d/%Y")
_YEARLESS = ("%d %B %Y", "%B %d %Y", "%d %b %Y", "%b %d %Y")


def run(path: Path, options: Options) -> dict[str, Any]:
    rows = read_rows(path, _FORM, doc=str, dct=str, text=str, value=str, context=str)
    per_document: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    per_class: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    n_unresolved = n_baseline = n_other = 0
    for row in rows:
        published, gold = _days(path, row)
        if gold is None:
            n_other += 1
            continue
        found = resolved(row["text"], row["context"], published)
        right = found == gold
        n_unresolved += found is None
        n_baseline += baseline(row["text"], published) == gold
        for counts in (per_document[row["doc"]], per_class[_class(row["value"])]):
            counts[0] += right
            counts[1] += 1
    n_right, n = (sum(counts[i] for counts in per_class.values()) for i in (0, 1))
    calendar = [per_class[name] for name in ("day", "month", "year") if name in per_class]
    return {
        "accuracy": ratio(n_right, n),
        "accuracy_calendar": ratio(sum(c[0] for c in calendar), sum(c[1] for c in calendar)),
        "baseline": ratio(n_baseline, n),
        "baselines": {"strptime": {"accuracy": ratio(n_baseline, n)}},
        **options.interval(list(per_document.values())),
        "n": n,
        "n_documents": len(per_document),
        "unresolved": n_unresolved,
        "without_calendar_value": n_other,
        "by_class": {
            name: {"accuracy": ratio(*counts), "n": counts[1]}
            for name, counts in sorted(per_class.items())
        },
    }


def resolved(expression: str, context: str, published: date) -> DayRange | None:
    """The days that the package reads."""
    at = context.find(expression)
    ahead = looks_ahead(context, at, at + len(expression)) if at >= 0 else False
    found = resolve(expression, Clock(published, ahead=ahead))
    return (found.start, found.end) if found else None


def baseline(expression: str, published: date) -> DayRange | None:
    """What the standard library reads."""
    words = re.sub(r"[.,]", "", expression).strip().lower()
    if words in _WEEKDAYS:
        day = published - timedelta((published.weekday() - _WEEKDAYS.index(words)) % 7)
        return day, day
    if words in ("today", "yesterday"):
        day = published - timedelta(words == "yesterday")
        return day, day
    if re.fullmatch(r"(?:19|20)[0-9]{2}", words):
        return timex_range(words)
    for text, formats in ((words, _FORMATS), (f"{words} {published.year}", _YEARLESS)):
        for form in formats:
            try:
                day = datetime.strptime(text, form).date()
            except ValueError:
                continue
            return day, day
    return None


def _days(path: Path, row: dict[str, Any]) -> tuple[date, DayRange | None]:
    try:
        return date.fromisoformat(row["dct"]), timex_range(row["value"])
    except ValueError as error:
        raise DataError(
            f"expression {row['text']!r:.60} of {row['doc']!r}: {error} (a line must hold {_FORM})",
            file=str(path),
        ) from None


def _class(value: str) -> str:
    if "T" in value:
        return "time of day"
    if "W" in value:
        return "week"
    if "Q" in value or "H" in value:
        return "part of a year"
    return {0: "year", 1: "month", 2: "day"}[value.count("-")] if len(value) >= 4 else "decade"


BENCHMARK = Benchmark(
    name="timex",
    title="Time expressions of news",
    data="timex/aquaint.jsonl",
    form=json_lines(_FORM),
    uses_model=False,
    source="AQUAINT of TimeML as cleaned for TempEval-3",
    headline=("accuracy", "accuracy_calendar"),
    run=run,
)
