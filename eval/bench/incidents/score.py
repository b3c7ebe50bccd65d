"""Merged pairs of events against marked ones.

All reports of the file are merged together, so that any two events of different reports can be a
false merge. A predicted event is a marked one if a trigger of both shares a character, whatever its
type. ``precision`` is the share of merged pairs of events that are one incident by the marks (a
pair with an event that is not marked is wrong), ``recall`` the share of marked pairs that are
merged. ``reachable`` is the share of marked pairs of which both events were found, in one status:
the rest is lost before merging. The ``oracle_`` figures merge Reports made of the marks themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from pathlib import Path
from typing import Any

from ....document import Span
from ....incidents import merge_reports
from ....report import Report, Trigger
from ...counts import ratio
from ...matching import meet
from ..base import Benchmark, Options, json_lines
from .pairs import FORM, MarkedReport, read_pairs, report_of_marks

_Key = tuple[int, int]  # report, event


@dataclass(frozen=True)
class _Counts:
    """Of pairs of events; per pair of reports, in the file's order."""

    right: Counter[str]
    merged: Counter[str]
    found: Counter[str]
    reachable: int
    wrong: list[tuple[str, str]]


def run(path: Path, options: Options) -> dict[str, Any]:
    marked = read_pairs(path)
    coder = options.coder()
    documents = (
        {"text": m.text, "date": m.date, "doc_id": m.doc_id, "publisher": m.publisher}
        for m in marked
    )
    reports = list(coder.stream(documents, batch_size=options.batch_size))
    counts = compare(marked, reports)
    oracle = compare(marked, [report_of_marks(m, coder.ontology) for m in marked])
    n_marked = len(_marked_pairs(marked))
    names = list(dict.fromkeys(m.pair for m in marked))
    return {
        **_figures(counts, n_marked),
        **{f"oracle_{name}": value for name, value in _figures(oracle, n_marked).items()},
        **options.interval([(counts.right[name], counts.merged[name]) for name in names]),
        "precision_at_least": _wilson_low(counts.right.total(), counts.merged.total()),
        "n": len(names),
        "n_marked_pairs": n_marked,
        "model_version": coder.version,
        "wrong": counts.wrong,
        "failed": [r.doc_id for r in reports if r.error is not None],
    }


def _figures(counts: _Counts, n_marked: int) -> dict[str, Any]:
    right, merged, found = (c.total() for c in (counts.right, counts.merged, counts.found))
    return {
        "precision": ratio(right, merged),
        "recall": ratio(found, n_marked),
        "reachable": ratio(counts.reachable, n_marked),
        "n_merged": merged,
        "n_right": right,
        "n_found": found,
    }


def _wilson_low(right: int, total: int) -> float | None:
    """Lower end of the 95% interval of a share (Wilson, JASA 1927).

    Where no error was seen, resampling sees none either: its interval is 100% to 100%.
    """
    if not total:
        return None
    z, share = 1.96, right / total
    spread = z * sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return (share + z**2 / (2 * total) - spread) / (1 + z**2 / total)


def compare(marked: Sequence[MarkedReport], reports: Sequence[Report]) -> _Counts:
    """Merge the reports and count; ``reports`` are those of ``marked``, in order."""
    told = {
        (i, j): {m.incident for m in marks.events if _is_told(m.triggers, event.triggers)}
        for i, (marks, report) in enumerate(zip(marked, reports, strict=True))
        for j, event in enumerate(report.events)
    }
    right, merged, wrong = Counter[str](), Counter[str](), []
    found: set[tuple[str, str]] = set()
    for incident in merge_reports(reports):
        for a, b in combinations(incident.events, 2):
            name = marked[a.report].pair
            merged[name] += 1
            same = told[a.report, a.event] & told[b.report, b.event]
            if same and a.report != b.report:
                right[name] += 1
                found |= same
            else:
                wrong.append((a.id, b.id))
    return _Counts(
        right=right,
        merged=merged,
        found=Counter(pair for pair, _ in found),
        reachable=_reachable(marked, reports, told),
        wrong=wrong,
    )


def _is_told(marks: Sequence[Span], triggers: Sequence[Trigger]) -> bool:
    spans = [Span(t.start, t.end) for t in triggers]
    return any(meet(mark, span) for mark in marks for span in spans)


def _marked_pairs(marked: Sequence[MarkedReport]) -> list[tuple[str, str]]:
    """Incidents that both reports of a pair tell."""
    reports = Counter(incident for m in marked for incident in {e.incident for e in m.events})
    return [incident for incident, n in reports.items() if n == 2]


def _reachable(
    marked: Sequence[MarkedReport],
    reports: Sequence[Report],
    told: Mapping[_Key, set[tuple[str, str]]],
) -> int:
    statuses: dict[tuple[str, str], dict[int, set[str]]] = {p: {} for p in _marked_pairs(marked)}
    for (i, j), incidents in told.items():
        for incident in incidents & statuses.keys():
            statuses[incident].setdefault(i, set()).add(reports[i].events[j].status)
    return sum(
        len(by_report) == 2 and bool(set.intersection(*by_report.values()))
        for by_report in statuses.values()
    )


BENCHMARK = Benchmark(
    name="incidents",
    title="The same incident in many reports",
    # It ships with the package: an absolute path stands as it is below any folder.
    data=str(Path(__file__).with_name("test.jsonl")),
    form=json_lines(FORM),
    source="pairs of reports written for this project",
    headline=("precision", "recall", "oracle_precision", "oracle_recall"),
    run=run,
)
