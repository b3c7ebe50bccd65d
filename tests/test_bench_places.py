"""The benchmark of places, and the fits of the weights that rank places and countries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from conflictwire.document import from_dict
from conflictwire.errors import DataError
from conflictwire.eval.bench import Options
from conflictwire.eval.bench.logit import fit_logit
from conflictwire.eval.bench.places import BENCHMARK, fit, read_examples
from conflictwire.ontology import Ontology
from conflictwire.resolve.places.event_country import CLUES, CountryClues, Pointer, TextCountries
from conflictwire.resolve.places.ranking import FEATURES, FITS, Weights
from conflictwire.training.fit import countries, places


def toponym(text: str, name: str, geonames_id: int, lat: float, lon: float, country: str) -> Any:
    start = text.index(name)
    return {
        "start": start, "end": start + len(name), "text": name, "geonameid": str(geonames_id),
        "lat": lat, "lon": lon, "country": country,
    }  # fmt: skip


def article(number: int) -> dict[str, Any]:
    """Two towns of Tennessee, the first a namesake of a country, and one that does not exist."""
    text = "Rain fell on Lebanon, on Nashville and on Zzyqxville."
    us = "United States"
    return {
        "id": str(number),
        "text": text,
        "toponyms": [
            toponym(text, "Lebanon", 4635031, 36.21, -86.29, us),
            toponym(text, "Nashville", 4644585, 36.17, -86.78, us),
            toponym(text, "Zzyqxville", 1, 36.0, -86.5, us),
        ],
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "lgl.jsonl"
    path.write_text("\n".join(json.dumps(article(i)) for i in range(10)), encoding="utf-8")
    return path


@pytest.fixture
def all_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the packaged weights were fitted on the articles of these tests."""
    seen = frozenset(crc32(article(i)["text"].encode()) for i in range(10))
    monkeypatch.setattr(Weights, "fitted_on", lambda: seen)


def test_articles_of_other_files_are_read_with_the_packaged_weights(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_fit(_: object) -> Weights:
        raise AssertionError("weights were fitted on what is scored")

    monkeypatch.setattr("conflictwire.eval.bench.places.fit", no_fit)
    figures = BENCHMARK.run(data, Options(n_resamples=20))
    assert (figures["n_cross_validated"], figures["n_documents"]) == (0, 10)
    assert figures["acc161_in_gazetteer"] == 1


def test_in_a_mixed_file_only_known_articles_are_cross_validated(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = article(0)
    one["text"] += " One more."
    rows = [one, *(article(i) for i in range(1, 10))]
    data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    known = frozenset({crc32(one["text"].encode())})
    monkeypatch.setattr(Weights, "fitted_on", lambda: known)
    figures = BENCHMARK.run(data, Options(n_resamples=20))
    assert (figures["n_cross_validated"], figures["n_documents"]) == (1, 10)
    assert figures["acc161_in_gazetteer"] == 1


def test_the_packaged_weights_tell_what_they_were_fitted_on() -> None:
    assert len(Weights.fitted_on()) > 500


@pytest.mark.usefixtures("all_seen")
def test_figures_come_from_held_out_articles(data: Path) -> None:
    figures = BENCHMARK.run(data, Options(n_resamples=20))
    assert figures["n_cross_validated"] == 10
    assert set(BENCHMARK.headline) < set(figures)
    assert (figures["n"], figures["n_in_gazetteer"], figures["n_documents"]) == (30, 20, 10)
    assert figures["acc161"] == pytest.approx(2 / 3)
    assert figures["acc161_in_gazetteer"] == 1
    # The most populous Lebanon is the country.
    assert figures["baseline_acc161_in_gazetteer"] == 0.5
    assert figures["baselines"]["most populous"]["acc161_in_gazetteer"] == 0.5
    assert figures["baseline_seconds"] >= 0
    assert figures["ci_low"] == figures["ci_high"] == pytest.approx(2 / 3)
    json.dumps(figures)


def test_other_forms_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "1", "text": "Lima"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="toponyms"):
        BENCHMARK.run(path, Options())
    path.write_text('{"id": "1", "text": "Lima", "toponyms": [{"start": 0}]}\n', encoding="utf-8")
    with pytest.raises(DataError, match="end"):
        BENCHMARK.run(path, Options())
    for field, value in (("geonameid", "Q1"), ("lat", 95.0), ("lon", -181.0)):
        one = article(1)
        one["toponyms"][0][field] = value
        path.write_text(json.dumps(one), encoding="utf-8")
        with pytest.raises(DataError, match=f"article '1', toponym 0.{field}"):
            BENCHMARK.run(path, Options())


@pytest.mark.usefixtures("all_seen")
def test_weights_need_articles_to_be_fitted_on(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    unknown = {**article(2), "toponyms": article(2)["toponyms"][2:]}
    path.write_text("\n".join(map(json.dumps, (article(1), unknown))), encoding="utf-8")
    with pytest.raises(DataError, match="two articles with known places"):
        BENCHMARK.run(path, Options())
    with pytest.raises(DataError, match="nothing to fit weights on"):
        fit_logit([])


def test_weights_of_places_are_written_and_read(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights.json"
    places.write(data, out)
    weights = Weights.load(out)
    assert weights.first == pytest.approx(fit(read_examples(data)).first, abs=1e-3)
    assert len(weights.second) == len(FEATURES) - 1 + len(FITS)
    assert Weights.fitted_on(out) == {e.fingerprint for e in read_examples(data)}


def test_logit_finds_what_tells_the_right_alternative() -> None:
    rng = np.random.default_rng(0)
    choices = []
    for _ in range(200):
        x = rng.normal(size=(4, 2))
        right = np.zeros(4, dtype=bool)
        right[np.argmax(x[:, 0])] = True
        choices.append((x, right))
    first, second = fit_logit(choices)
    assert first > 2
    assert abs(second) < 0.5
    # With every alternative right there is nothing to learn.
    assert fit_logit([(x, np.ones(4, dtype=bool)) for x, _ in choices]) == pytest.approx([0, 0])


def test_clues_to_the_country_of_an_event() -> None:
    text = TextCountries(
        {"ML": 6, "FR": 2}, [Pointer(0, 4, "ML", True), Pointer(9, 15, "FR", False)]
    )
    clues = CountryClues(["NE"], [], [], [], ["FR"], [], False, start=20, sentence=(9, 40))
    codes, x = text.features(clues)
    assert set(codes) == {"NE", "FR", "ML"}
    seen = {code: dict(zip(CLUES, row, strict=True)) for code, row in zip(codes, x, strict=True)}
    assert [code for code in codes if seen[code]["its place"]] == ["NE"]
    assert seen["FR"]["its sides, power"] == seen["FR"]["other in sentence"] == 1
    assert (seen["ML"]["place before"], seen["ML"]["share of text"]) == (1, 0.75)
    assert text.country_of(clues) == "NE"
    nothing = CountryClues([], [], [], [], [], [], False, start=0, sentence=(0, 1))
    assert TextCountries({}, []).country_of(nothing) is None


def test_weights_of_countries_are_fitted_on_annotated_documents() -> None:
    ontology = Ontology.load(None)
    text = "Rebels attacked Gao. Paris sent aid."
    raw = {
        "id": "a", "source": None, "license": None, "date": None, "title": None, "text": text,
        "sentences": [[0, 20], [21, 36]],
        "mentions": [
            {"id": 0, "start": 16, "end": 19, "kind": "PLACE"},
            {"id": 1, "start": 21, "end": 26, "kind": "GOVERNMENT"},
        ],
        "entities": [{"name": "Gao", "mentions": [0]}],
        "events": [
            {
                "id": "0", "type": "attack", "status": "happened",
                "triggers": [{"start": 7, "end": 15}],
                "arguments": [{"role": "location", "mention": 0}],
                "date": None, "country": "ML", "place": "Gao", "killed": None, "injured": None,
            }
        ],
    }  # fmt: skip
    (choice,) = countries.choices(from_dict(raw, ontology), ontology)
    assert choice.gold == "ML"
    assert choice.codes[0] == "ML"
    weights = countries.fit([choice])
    assert weights[CLUES.index("its place")] > 0
    assert countries.accuracy([[choice]] * 10) == 1
