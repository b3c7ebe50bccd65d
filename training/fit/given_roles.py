"""Fit the choice of roles for events with given triggers: ``eval/bench/role_choice.py``.

    python -m conflictwire.training.fit.given_roles rams [--data FILE] [--model DIR] [--out FILE]

Runs the model over an annotated file of the corpus, fits logistic regressions on all of its
documents and on all but each part of them, and chooses the threshold by the F1 of the parts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from conflictwire.arguments import RoleScores
from conflictwire.coder import load_checked
from conflictwire.eval.bench import rams, wikievents
from conflictwire.eval.bench.argument_scores import figures, find_roles
from conflictwire.eval.bench.given_triggers import FOLDER, Argument, Example, LabelMap
from conflictwire.eval.bench.role_choice import (
    N_PARTS,
    Row,
    choose,
    fingerprint,
    names_of,
    parts_of,
    rows,
    type_bias,
)
from conflictwire.files import data_folder
from conflictwire.training.command import exit_code, say
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

_INVERSE_RIDGE = 0.1
_LEAST = [round(-2.6 + 0.2 * i, 1) for i in range(13)]  # log odds tried as threshold
_SMALL = 0.08  # weights below it in all columns are left out


_CORPORA = {"rams": rams, "wikievents": wikievents}


def fit(
    examples: Sequence[Example],
    found: Sequence[Sequence[Sequence[RoleScores]]],
    labels: LabelMap,
    *,
    figure: str,
) -> dict[str, Any]:
    """Examples and what the network found for each event -> what ``RoleChoice.load`` reads.

    ``figure`` ("span_f1") is the one that the threshold is chosen for.
    """
    events = [(d, i) for d, example in enumerate(examples) for i in range(len(example.events))]
    table: list[tuple[int, Row]] = [
        (number, row)
        for number, (d, i) in enumerate(events)
        for row in rows(examples[d], examples[d].events[i], found[d][i], labels)
    ]
    types = [examples[d].events[i].type for d, i in events]
    gold = [examples[d].events[i].arguments for d, i in events]
    right = np.array([Argument(*row.span, row.role) in gold[n] for n, row in table])
    x, names = _matrix([(types[n], row) for n, row in table])
    seen = parts_of(examples)
    of_example = [seen[fingerprint(example.text)] for example in examples]
    parts = np.array([of_example[events[n][0]] for n, _ in table])
    say(f"{len(table)} candidates, {right.sum()} right, {len(names)} weights")
    apart = [parts != part for part in range(N_PARTS)]
    columns = [_weights(x, right), *(_weights(x[others], right[others]) for others in apart)]
    weights = np.round(np.stack(columns, 1), 2)
    weights[np.abs(weights).max(1) < _SMALL] = 0.0
    scores = np.zeros(len(table))
    for part in range(N_PARTS):
        scores[parts == part] = x[parts == part] @ weights[:, 1 + part]

    def measured(least: float) -> dict[str, float | None]:
        scored: list[list[tuple[float, Row]]] = [[] for _ in events]
        for score, (number, row) in zip(scores.tolist(), table, strict=True):
            if score >= least:
                scored[number].append((score, row))
        chosen: list[list[frozenset[Argument]]] = [[] for _ in examples]
        for (d, _), of_event in zip(events, scored, strict=True):
            chosen[d].append(choose(of_event, least))
        return figures(examples, chosen, labels)

    by_least = {least: measured(least) for least in _LEAST}
    least = max(by_least, key=lambda value: by_least[value][figure] or 0.0)
    return {
        "least": least,
        "measured": by_least[least],
        "seen": [sorted(t for t in seen if seen[t] == part) for part in range(N_PARTS)],
        "weights": {names[i]: weights[i].tolist() for i in np.flatnonzero(np.abs(weights).max(1))},
    }


def _matrix(candidates: Sequence[tuple[str, Row]]) -> tuple[Any, list[str]]:
    """-> sparse [n_candidates, n_weights], and the names of the weights."""
    index: dict[str, int] = {}
    ends, columns, values = [0], [], []
    for event_type, row in candidates:
        columns.append(index.setdefault(type_bias(event_type, row.role), len(index)))
        values.append(1.0)
        for feature, value in row.features:
            for name in names_of(feature, row.role, row.ours):
                columns.append(index.setdefault(name, len(index)))
                values.append(value)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(candidates), len(index))), list(index)


def _weights(x: Any, right: Any) -> Any:
    """Logistic regression without a bias: features have their own."""
    model = LogisticRegression(C=_INVERSE_RIDGE, fit_intercept=False, max_iter=200)
    return model.fit(x, right).coef_[0]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conflictwire.training.fit.given_roles")
    parser.add_argument("corpus", choices=sorted(_CORPORA))
    parser.add_argument("--data", type=Path, help="its file; default: the benchmark's")
    parser.add_argument("--model", help="model folder; default: the shipped one")
    parser.add_argument("--out", type=Path, help="JSON; default: the packaged one")
    return exit_code(lambda: _main(parser.parse_args(argv)))


def _main(options: argparse.Namespace) -> None:
    corpus = _CORPORA[options.corpus]
    examples = corpus.read(options.data or data_folder() / corpus.BENCHMARK.data)
    labels = LabelMap.load(options.corpus)
    coder = load_checked(options.model, dtype="float32")
    found = find_roles(coder, examples, labels)
    fitted = fit(examples, found, labels, figure=corpus.BENCHMARK.headline[0])
    say(json.dumps(fitted["measured"]))
    path = options.out or FOLDER / f"{options.corpus}_roles.json"
    path.write_text(_lines(fitted), encoding="utf-8")


def _lines(fitted: dict[str, Any]) -> str:
    """JSON with a weight a line: a new fit shows as such in a diff."""
    parts = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in fitted.items() if k != "weights"]
    weights = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in fitted["weights"].items())
    parts.append(f'"weights": {{\n{weights}\n}}')
    return "{" + ",\n".join(parts) + "}\n"


if __name__ == "__main__":
    raise SystemExit(main())
