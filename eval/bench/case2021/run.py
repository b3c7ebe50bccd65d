"""The figures of a model and its layer, and of the crosswalk alone, over a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ..base import Benchmark, Options, json_lines, read_rows
from ..checkpoint import describe
from .classes import CLASSES, SETTINGS, ranked_by_crosswalk
from .classifier import ENCODER_FOLDER, Classifier
from .score import counts_of, pick, scores, weighted
from .sentences import SentenceEncoder

__all__ = ["BENCHMARK", "FORM", "read"]

FORM = "id, text (a snippet), and label (one of the 30 classes)"
_HEADLINE = tuple(f"weighted_f1_{n}" for n in SETTINGS)


def read(path: Path) -> list[dict[str, Any]]:
    """Raises DataError with the line of what does not have the form."""
    return read_rows(path, FORM, id=int | str, text=str, label=Literal[CLASSES])


def run(path: Path, options: Options) -> dict[str, Any]:
    rows = read(path)
    folder = options.checkpoint()
    classifier = Classifier.load(folder)
    encoder = SentenceEncoder.load(folder / ENCODER_FOLDER)
    texts, gold = [r["text"] for r in rows], [r["label"] for r in rows]
    documents = ({"text": r["text"], "doc_id": str(r["id"])} for r in rows)
    reports = list(options.coder().stream(documents, batch_size=options.batch_size))
    shares, held_out = classifier.probabilities(texts, reports, encoder(texts))
    ranked = [[classifier.classes[c] for c in row] for row in (-shares).argsort(axis=1)]
    by_crosswalk = scores(gold, [ranked_by_crosswalk(r) for r in reports])
    return {
        **scores(gold, ranked),
        **_intervals(gold, ranked, options),
        "n": len(rows),
        "n_by_cross_validation": sum(held_out),
        "baselines": {"crosswalk": {name: by_crosswalk[name] for name in _HEADLINE}},
        **_sizes(folder, encoder, classifier),
        "failed": [r.doc_id for r in reports if r.error is not None],
    }


def _intervals(
    gold: Sequence[str], ranked: Sequence[Sequence[str]], options: Options
) -> dict[str, Any]:
    found = {}
    for n, classes in SETTINGS.items():
        counts = [
            counts_of(label, pick(order, classes), classes)
            for label, order in zip(gold, ranked, strict=True)
            if label in classes
        ]
        found[f"weighted_f1_{n}"] = options.interval(counts, weighted)
    return {
        **found[_HEADLINE[0]],
        "intervals": {name: (x["ci_low"], x["ci_high"]) for name, x in found.items()},
    }


def _sizes(folder: Path, encoder: SentenceEncoder, classifier: Classifier) -> dict[str, Any]:
    """Of the network and the sentence encoder together, as both read each snippet."""
    network, config = describe(folder), encoder.encoder.config
    own = f"{config.model_type}, {config.num_hidden_layers} layers, {config.hidden_size} wide"
    n_layer = classifier.layer.weight.size + classifier.layer.bias.size
    return {
        "encoder": f"{own}; of the events: {network['encoder']}",
        "parameters": (network["parameters"] or 0) + encoder.n_parameters + n_layer,
    }


BENCHMARK = Benchmark(
    name="case2021",
    title="Classes of snippets, CASE 2021 task 2",
    data="case2021_task2/dev.jsonl",
    form=json_lines(FORM),
    source="the snippets of the CASE 2021 shared task 2",
    headline=_HEADLINE,
    run=run,
    config="bench/case2021",
)
