"""Gold documents and predictions -> an Evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ..document import Document
from ..errors import DataError
from ..ontology import Ontology
from ..readers import read_gold
from .bootstrap import N_RESAMPLES, Interval, intervals
from .prediction import Prediction, read_prediction
from .scores import Scores, headline, score_document

NO_CORPUS = "(none)"

Report = Mapping[str, Any]
PredictFunction = Callable[[list[dict[str, Any]]], Iterable[Report]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Merged counts, overall and per corpus, with intervals over documents.

    ``intervals`` holds 95% intervals under the names of ``headline()``. ``failed`` names the
    documents whose prediction carries an error; they are scored like the others.
    """

    overall: Scores
    by_corpus: Mapping[str, Scores]
    intervals: Mapping[str, Interval | None]
    n_resamples: int
    seed: int
    gold_name: str | None
    model_version: str | None
    failed: tuple[str, ...]

    @property
    def n_documents(self) -> int:
        return self.overall.n_documents

    def headline(self) -> dict[str, float | None]:
        """Every figure under its name, a fraction 0..1; None where undefined."""
        return headline(self.overall)


def evaluate(
    gold: Iterable[Document],
    predictions: Iterable[Report],
    *,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
    gold_name: str | None = None,
) -> Evaluation:
    """Score predictions, in the order of gold, that are dicts of the form of Report.to_dict().

    Raises DataError, naming the gold document, if the texts differ, if one side is longer, or if
    a prediction does not follow the form.
    """
    per_document: list[Scores] = []
    by_corpus: dict[str, Scores] = {}
    failed: list[str] = []
    versions: dict[str, None] = {}
    for document, prediction in checked(gold, predictions):
        scores = score_document(document, prediction)
        per_document.append(scores)
        corpus = document.corpus or NO_CORPUS
        by_corpus[corpus] = by_corpus.get(corpus, Scores()) + scores
        if prediction.error is not None:
            failed.append(document.id)
        if prediction.model_version is not None:
            versions[prediction.model_version] = None
    return Evaluation(
        overall=sum(per_document, Scores()),
        by_corpus={corpus: by_corpus[corpus] for corpus in sorted(by_corpus)},
        intervals=intervals(per_document, n_resamples=n_resamples, seed=seed),
        n_resamples=n_resamples,
        seed=seed,
        gold_name=gold_name,
        model_version=", ".join(versions) or None,
        failed=tuple(failed),
    )


def run(
    gold_path: str | Path,
    predict: PredictFunction,
    *,
    ontology: Ontology | None = None,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Read a gold file, predict its texts and score them.

    ``predict`` gets a list of dicts with ``text``, ``date``, ``doc_id`` and ``title`` and yields
    one Report dict for each, in order. Raises DataError as ``read_gold`` and ``evaluate`` do.
    """
    documents = list(read_gold(gold_path, ontology or Ontology.load()))
    inputs = [{"text": d.text, "date": d.date, "doc_id": d.id, "title": d.title} for d in documents]
    return evaluate(
        documents,
        predict(inputs),
        n_resamples=n_resamples,
        seed=seed,
        gold_name=Path(gold_path).name,
    )


def checked(
    gold: Iterable[Document], predictions: Iterable[Report]
) -> Iterator[tuple[Document, Prediction]]:
    """Each document with its prediction. Raises DataError as ``evaluate`` says."""
    for number, (document, report) in enumerate(zip_longest(gold, predictions)):
        prediction = _checked(document, report, number)
        assert document is not None
        yield document, prediction


def _checked(document: Document | None, report: Report | None, n_before: int) -> Prediction:
    if document is None:
        raise DataError(f"more predictions than the {n_before} gold documents")
    if report is None:
        raise DataError(f"no prediction for gold document {document.id!r} ({n_before} before it)")
    prediction = read_prediction(report, document.id)
    if prediction.text != document.text:
        pairs = zip_longest(document.text, prediction.text)
        at = next(i for i, (a, b) in enumerate(pairs) if a != b)
        raise DataError(
            f"the prediction for gold document {document.id!r} has another text (from character "
            f"{at}: {prediction.text[at : at + 20]!r}, gold has {document.text[at : at + 20]!r}); "
            "predictions must stand in the order of gold and keep its text"
        )
    return prediction
