"""The benchmark of merged reports: its data, and its counts on cases worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conflictwire.errors import DataError
from conflictwire.eval import bench
from conflictwire.eval.bench.incidents.pairs import MarkedReport, read_pairs, report_of_marks
from conflictwire.eval.bench.incidents.score import _wilson_low, compare
from conflictwire.ontology import Ontology

DATA = Path(bench.__file__).with_name("incidents")
ONTOLOGY = Ontology.load()


def rows(split: str) -> list[dict[str, Any]]:
    lines = (DATA / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def marks(split: str) -> list[MarkedReport]:
    return read_pairs(DATA / f"{split}.jsonl")


def test_half_of_the_pairs_are_one_incident_and_the_halves_share_no_text() -> None:
    dev, test = rows("dev"), rows("test")
    assert len(dev) >= 30
    assert len(test) >= 30
    for split in (dev, test):
        kinds = [row["kind"] for row in split]
        assert set(kinds) == {"same", "different"}
        assert kinds.count("same") == len(kinds) / 2
    texts = [r["text"] for row in (*dev, *test) for r in row["reports"]]
    ids = [row["id"] for row in (*dev, *test)]
    assert len(set(ids)) == len(ids)
    copies = len(texts) - len(set(texts))
    assert copies == 0


@pytest.mark.parametrize("split", ["dev", "test"])
def test_marks_are_complete(split: str) -> None:
    found = marks(split)
    for report in found:
        assert report.events
        for event in report.events:
            assert event.type in ONTOLOGY.event_types
            assert event.status in ONTOLOGY.statuses
        incidents = [e.incident for e in report.events]
        assert len(set(incidents)) == len(incidents)
    by_pair: dict[str, list[set[tuple[str, str]]]] = {}
    for report in found:
        by_pair.setdefault(report.pair, []).append({e.incident for e in report.events})
    for row in rows(split):
        first, second = by_pair[row["id"]]
        assert row["kind"] == "different" or first & second


def test_marks_alone_are_merged_with_few_errors() -> None:
    found = marks("dev")
    counts = compare(found, [report_of_marks(m, ONTOLOGY) for m in found])
    assert counts.right.total() >= 0.9 * counts.merged.total()
    assert counts.found.total() >= 20


def test_no_error_among_few_is_no_proof() -> None:
    # Wilson's interval by hand: 9 of 9 is at least 9 / (9 + 1.96 ** 2).
    assert _wilson_low(9, 9) == pytest.approx(9 / (9 + 1.96**2))
    assert _wilson_low(90, 100) == pytest.approx(0.8256, abs=1e-4)
    assert _wilson_low(0, 0) is None


def pair(tmp_path: Path, *events: list[dict[str, Any]]) -> list[MarkedReport]:
    """Two reports of the words "alpha beta gamma", marked as given."""
    blank = dict.fromkeys(("date", "country", "place", "killed", "injured"))
    blank |= {"status": "happened", "parties": {}}
    reports = [
        {
            "date": "2021-03-09",
            "publisher": name,
            "text": "alpha beta gamma, one day in a town of few people",
            "events": [blank | e for e in told],
        }
        for name, told in zip("xy", events, strict=True)
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"id": "p", "reports": reports}), encoding="utf-8")
    return read_pairs(path)


def blast(incident: str, word: str, **more: Any) -> dict[str, Any]:
    day = {"date": "2021-03-08", "country": "IQ", "place": "Hawija"}
    return {"incident": incident, "type": "bombing", "triggers": [word], **day, **more}


def test_a_right_and_a_wrong_merge(tmp_path: Path) -> None:
    told = pair(
        tmp_path,
        [blast("a", "alpha"), blast("b", "beta", place="Daquq", date="2021-03-01")],
        [blast("a", "gamma"), blast("c", "beta", place="Daquq", date="2021-03-01")],
    )
    counts = compare(told, [report_of_marks(m, ONTOLOGY) for m in told])
    assert (counts.right["p"], counts.merged["p"], counts.found["p"]) == (1, 2, 1)
    assert counts.reachable == 1
    assert counts.wrong == [("p/0:1", "p/1:1")]


def test_an_event_that_is_not_marked_is_wrong_and_one_not_found_is_out_of_reach(
    tmp_path: Path,
) -> None:
    told = pair(tmp_path, [blast("a", "alpha")], [blast("a", "alpha")])
    predicted = pair(tmp_path, [blast("a", "gamma")], [blast("a", "alpha")])
    counts = compare(told, [report_of_marks(m, ONTOLOGY) for m in predicted])
    assert (counts.right.total(), counts.merged.total()) == (0, 1)
    assert (counts.found.total(), counts.reachable) == (0, 0)


def test_events_of_two_statuses_are_out_of_reach(tmp_path: Path) -> None:
    told = pair(tmp_path, [blast("a", "alpha")], [blast("a", "alpha", status="planned")])
    counts = compare(told, [report_of_marks(m, ONTOLOGY) for m in told])
    assert (counts.merged.total(), counts.reachable) == (0, 0)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (blast("a", "delta"), "'delta' is not in the text"),
        ({"incident": "a"}, "field 'type' is missing"),
        (blast("a", "alpha#2"), "'alpha#2' is not in the text"),
    ],
)
def test_a_file_without_the_form(tmp_path: Path, event: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError, match=f"p/0: .*{says}"):
        pair(tmp_path, [event], [])


def test_it_is_a_benchmark_whose_data_ship() -> None:
    found = bench.find("incidents")
    assert bench.locate(found, Path("nowhere")) == DATA / "test.jsonl"
