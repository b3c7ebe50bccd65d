"""``merge_reports``: Reports -> incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log
from numbers import Real
from statistics import fmean

from ..files import check_min_score
from ..ontology import Ontology
from ..report import Report
from .candidates import candidate_pairs
from .cluster import average_link
from .compare import STORY, log_odds, probability
from .copies import count_texts
from .record import Incident
from .summary import summarise
from .traits import Traits, document_key, traits_of

THRESHOLD = 0.5
"""Least probability of a link; set on the development half of the report pairs."""

_Pair = tuple[int, int]
_MAX_LINKS = 32  # events of an incident with which each of them is compared
_DENIED, _CLAIMED = "denied", "happened"


def merge_reports(
    reports: Iterable[Report],
    *,
    threshold: float = THRESHOLD,
    min_score: float = 0.0,
    ontology: Ontology | None = None,
) -> list[Incident]:
    """The incidents that the reports tell, each event in exactly one; sorted by day.

    Events of different reports are one incident if their types, places, dates, parties, tolls and
    words make it likely enough. Events of one report stay apart, as that report tells them apart:
    two bombs in one city look much like one bomb told twice. Events of different status stay apart
    too: what is planned or denied never counts as happened.

    ``threshold`` is the least probability of a link, ``min_score`` leaves out events scored below
    it, ``ontology`` tells what roles mean (the shipped one by default). ``reports`` may be any
    iterable; all are held in memory. Their order does not matter, save that references index them.
    A Report that is given twice is a copy of itself: its events join their own kind.

    The time grows with the number of events n as n log n: each is compared with a bounded number
    of others, and of a large incident a sample stands for all. Raises TypeError for what is no
    Report or no number, and ValueError for a threshold that is not between 0 and 1 and a min_score
    that is not from 0 to 1.
    """
    _check_number("threshold", threshold)
    if not 0 < threshold < 1:
        raise ValueError(f"threshold must lie between 0 and 1, got {threshold}")
    _check_number("min_score", min_score)
    check_min_score(min_score)
    reports = _checked(reports)
    ontology = ontology or Ontology.load()
    told = _events(reports, min_score, ontology)
    events = [copies[0] for copies in told]
    cut = log(threshold / (1 - threshold))
    pairs = candidate_pairs(events)
    odds = _Odds(events, pairs, cut)
    clusters = average_link(
        [event.report for event in events],
        {pair: odds(*pair) for pair in pairs if _may_link(*(events[i] for i in pair))},
        odds,
        cut,
    )
    incidents = []
    for cluster in clusters:
        members = [events[i] for i in cluster]
        n_texts = count_texts(reports[m.report].text for m in members)
        links = {events[i].key: link for i, link in _links(cluster, odds).items()}
        copies = [copy for i in cluster for copy in told[i]]
        if len(cluster) == 1 < len(copies):
            links = {members[0].key: 1.0}
        incidents.append(summarise(copies, reports, links, n_texts, ontology.roles))
    denials = [
        pair for pair in pairs if _is_denial(*(events[i] for i in pair)) and odds(*pair) >= cut
    ]
    for i, denied in _disputes(events, clusters, denials).items():
        ids = tuple(sorted(incidents[d].id for d in denied))
        incidents[i] = incidents[i].model_copy(update={"disputed_by": ids})
    return sorted(incidents, key=lambda i: (i.date.start if i.date else "9999", i.id))


def _check_number(name: str, value: object) -> None:
    if not isinstance(value, Real):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__}")


def _checked(reports: Iterable[Report]) -> list[Report]:
    if isinstance(reports, Report | str | bytes | Mapping) or not isinstance(reports, Iterable):
        raise TypeError(f"reports: expected a list of Reports, got {type(reports).__name__}")
    listed = list(reports)
    for i, report in enumerate(listed):
        if not isinstance(report, Report):
            raise TypeError(f"index {i}: expected a Report, got {type(report).__name__}")
    return listed


def _events(
    reports: Sequence[Report], min_score: float, ontology: Ontology
) -> list[tuple[Traits, ...]]:
    """Each with its copies: the same event of the same Report, given again.

    Sorted by what they are, so that the order of the reports does not matter.
    """
    found = []
    for key, same in _given(reports):
        copies = [list(traits_of(reports[i], i, key, ontology)) for i in same]
        found += [
            told
            for told in zip(*copies, strict=True)
            if reports[same[0]].events[told[0].event].score >= min_score
        ]
    return sorted(found, key=lambda told: told[0].key)


def _given(reports: Sequence[Report]) -> Iterator[tuple[str, list[int]]]:
    """A key for each distinct Report, and where it is found.

    A document that was read in several ways, say by two models, has several keys.
    """
    documents: dict[str, list[int]] = defaultdict(list)
    for i, report in enumerate(reports):
        documents[document_key(report)].append(i)
    for key, same in documents.items():
        if len(same) == 1:
            yield key, same
            continue
        readings: dict[str, list[int]] = defaultdict(list)
        for i in same:
            readings[reports[i].to_json()].append(i)
        for number, reading in enumerate(sorted(readings)):
            yield (f"{key}\x00{number}" if number else key), readings[reading]


class _Odds:
    """Log odds of two events, by index; higher where their reports share another incident too."""

    def __init__(self, events: Sequence[Traits], pairs: Iterable[_Pair], cut: float) -> None:
        self.events = events
        self.known = {(i, j): log_odds(events[i], events[j]) for i, j in pairs}
        self.linked: dict[frozenset[int], list[_Pair]] = defaultdict(list)
        for (i, j), value in self.known.items():
            if value >= cut and _may_link(events[i], events[j]):
                self.linked[self._reports(i, j)].append((i, j))

    def __call__(self, i: int, j: int) -> float:
        pair = (i, j) if i < j else (j, i)
        if pair not in self.known:
            self.known[pair] = log_odds(self.events[i], self.events[j])
        others = self.linked.get(self._reports(i, j), ())
        is_story = any(not {i, j} & {*other} for other in others)
        return self.known[pair] + STORY if is_story else self.known[pair]

    def _reports(self, i: int, j: int) -> frozenset[int]:
        return frozenset((self.events[i].report, self.events[j].report))


def _may_link(a: Traits, b: Traits) -> bool:
    return a.status == b.status and a.report != b.report


def _is_denial(a: Traits, b: Traits) -> bool:
    return {a.status, b.status} == {_CLAIMED, _DENIED}


def _links(cluster: Sequence[int], odds: _Odds) -> dict[int, float]:
    """Each event -> the probability, by its mean log odds, that it belongs with the others.

    In a large cluster with ``_MAX_LINKS`` of them, evenly spread.
    """
    if len(cluster) == 1:
        return {}
    others = cluster[:: -(-len(cluster) // _MAX_LINKS)]
    return {i: round(probability(fmean(odds(i, j) for j in others if j != i)), 4) for i in cluster}


def _disputes(
    events: Sequence[Traits], clusters: Sequence[Sequence[int]], denials: Iterable[_Pair]
) -> dict[int, set[int]]:
    """Clusters told as happened -> those in which the same is denied, also by the same report."""
    home = {i: number for number, cluster in enumerate(clusters) for i in cluster}
    disputes: dict[int, set[int]] = defaultdict(set)
    for i, j in denials:
        claim, denial = (i, j) if events[i].status == _CLAIMED else (j, i)
        disputes[home[claim]].add(home[denial])
    return disputes
