"""The annotated documents of this project: every figure of the scorer, under the benchmark frame.

``conflictwire evaluate`` gives the same figures with its tables per label. The interval is that of
``record_recall``; those of all figures stand in ``intervals``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import DataError
from ..evaluate import run as evaluate_file
from .base import Benchmark, Options, json_lines, with_baselines
from .baselines import compare_events


def run(path: Path, options: Options) -> dict[str, Any]:
    coder = options.coder()

    def predict(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for report in coder.stream(documents, batch_size=options.batch_size):
            yield report.to_dict()

    evaluation = evaluate_file(
        path,
        predict,
        ontology=coder.ontology,
        n_resamples=options.n_resamples,
        seed=options.seed,
    )
    if not evaluation.n_documents:
        raise DataError(f"no line in the file (it must hold {BENCHMARK.form})", file=str(path))
    low, high = evaluation.intervals["record_recall"] or (None, None)
    return {
        **evaluation.headline(),
        "ci_low": low,
        "ci_high": high,
        "n": evaluation.n_documents,
        "model_version": evaluation.model_version,
        "failed": list(evaluation.failed),
        "intervals": dict(evaluation.intervals),
        **(
            with_baselines(lambda: compare_events(path, coder.ontology, options))
            if options.baselines
            else {}
        ),
    }


BENCHMARK = Benchmark(
    name="gold",
    title="Conflict events, annotated news",
    data="gold/dev.jsonl",
    form=json_lines(
        "an annotated document: id, text, date, mentions, entities, and events with their "
        "triggers, arguments and resolved values"
    ),
    source="documents annotated for this project",
    headline=("record_recall", "event_f1", "argument_f1", "mention_f1", "status_accuracy"),
    run=run,
)
