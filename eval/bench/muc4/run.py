"""The figures of a model, and of the word lists, over a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ....errors import ConfigError, DataError
from ....files import data_folder
from ...counts import PRF
from ..base import Benchmark, Options, json_lines, with_baselines
from .assemble import assemble
from .baseline import lexicon
from .data import FORM, INCIDENT_TYPES, ROLES, Document, Template, read
from .score import INCIDENT_TYPE, SLOTS, Slot, fillers_score, templates_score

__all__ = ["BENCHMARK", "figures"]

_TRAINING = "train.jsonl"


def run(path: Path, options: Options) -> dict[str, Any]:
    documents = read(path)
    coder = options.coder()
    if not set(ROLES) <= set(coder.ontology.roles) & set(coder.ontology.kinds):
        raise ConfigError(
            "the model does not have the labels of MUC-4 (configs/bench/muc4_labels.yaml): run "
            f"`conflictwire train {options.config}` and name its folder with --model"
        )
    # The data are in lower case, and so is all that the model was trained on; raw copies are not.
    texts = ({"text": _lower(d.text), "doc_id": d.docid} for d in documents)
    reports = list(coder.stream(texts, batch_size=options.batch_size))
    predicted = [[] if r.error else assemble(r.to_dict()) for r in reports]
    return {
        **figures(documents, predicted, options),
        "model_version": coder.version,
        **with_baselines(
            lambda: {"lexicon": _lexicon(path, documents, options.data or data_folder())}
        ),
        "failed": [r.doc_id for r in reports if r.error is not None],
    }


def figures(
    documents: Sequence[Document],
    predicted: Sequence[Sequence[Template]],
    options: Options | None = None,
) -> dict[str, Any]:
    """``f1`` is CEAF-REE micro F1. None where nothing is predicted or in gold.

    ``predicted`` are the templates of each document. ``f1_nested_once`` and
    ``template_f1_repeated`` count gold in the other way that ``score`` tells of. ``oracle_`` is
    gold against itself: 1 if the scorer is right. With ``options`` there are intervals too.
    """
    pairs = [(p, d.templates) for p, d in zip(predicted, documents, strict=True)]
    fillers_of = [fillers_score(p, g) for p, g in pairs]
    slots_of = [templates_score(p, g) for p, g in pairs]
    fillers, slots = _sums(fillers_of, PRF(), ROLES), _sums(slots_of, Slot(), SLOTS)
    nested = _sums((fillers_score(p, g, nested_once=True) for p, g in pairs), PRF(), ROLES)
    repeated = _sums((templates_score(p, g, repeated=True) for p, g in pairs), Slot(), SLOTS)
    itself = [d.templates for d in documents]
    oracle = _sums((fillers_score(g, g) for g in itself), PRF(), ROLES)
    oracle_slots = _sums((templates_score(g, g, repeated=True) for g in itself), Slot(), SLOTS)
    micro, all_slots = sum(fillers.values(), PRF()), sum(slots.values(), Slot())
    return {
        "f1": micro.f1,
        "template_f1": all_slots.f1,
        "precision": micro.precision,
        "recall": micro.recall,
        "template_precision": all_slots.precision,
        "template_recall": all_slots.recall,
        "incident_type_f1": slots[INCIDENT_TYPE].f1,
        "f1_nested_once": sum(nested.values(), PRF()).f1,
        "template_f1_repeated": sum(repeated.values(), Slot()).f1,
        "oracle_f1": sum(oracle.values(), PRF()).f1,
        "oracle_template_f1": sum(oracle_slots.values(), Slot()).f1,
        "n": len(documents),
        "n_fillers": micro.gold,
        "n_templates": slots[INCIDENT_TYPE].gold,
        "n_predicted_fillers": micro.predicted,
        "n_predicted_templates": slots[INCIDENT_TYPE].predicted,
        "by_role": {role: _row(counts) for role, counts in fillers.items()},
        "by_slot": {slot: _row(counts) for slot, counts in slots.items()},
        "by_type": {kind: _row(counts) for kind, counts in _by_type(pairs).items()},
        **(_intervals(fillers_of, slots_of, options) if options is not None else {}),
    }


def _row(counts: PRF | Slot) -> dict[str, float | int | None]:
    return {
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "predicted": counts.predicted,
        "gold": counts.gold,
    }


def _sums(tables: Iterable[Mapping[str, Any]], zero: Any, keys: Sequence[str]) -> dict[str, Any]:
    """Counts of documents by key -> counts of all."""
    totals = dict.fromkeys(keys, zero)
    for table in tables:
        for key, counts in table.items():
            totals[key] += counts
    return totals


def _by_type(pairs: Sequence[tuple[Sequence[Template], Sequence[Template]]]) -> dict[str, Slot]:
    """All slots, from the templates of one type alone. Gold of two types counts under each."""
    totals = {}
    for kind in INCIDENT_TYPES:
        tables = (
            templates_score(
                [t for t in p if t.incident_type == kind],
                [t for t in g if kind in t.incident_type],
            )
            for p, g in pairs
        )
        totals[kind] = sum(_sums(tables, Slot(), SLOTS).values(), Slot())
    return totals


def _intervals(
    fillers_of: Iterable[Mapping[str, PRF]],
    slots_of: Iterable[Mapping[str, Slot]],
    options: Options,
) -> dict[str, Any]:
    """Counts of each document -> 95% intervals over them: of f1, and in ``intervals`` of
    template_f1."""
    micro = [sum(counts.values(), PRF()) for counts in fillers_of]
    fillers = [(2 * prf.tp, prf.predicted + prf.gold) for prf in micro]
    every = [sum(counts.values(), Slot()) for counts in slots_of]
    slots = [(slot.right, slot.predicted, slot.found, slot.gold) for slot in every]
    low, high = options.interval(slots, lambda sums: Slot(*map(round, sums)).f1).values()
    return {
        **options.interval(fillers),
        "intervals": {"template_f1": None if low is None else (low, high)},
    }


def _lower(text: str) -> str:
    """Lower case, letter by letter: offsets stay."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _lexicon(path: Path, documents: Sequence[Document], folder: Path) -> dict[str, Any] | str:
    """Figures of the word lists learnt from the file for training, beside the data or at its
    place below the data folder, without the documents that are scored."""
    places = (path.with_name(_TRAINING), folder / "muc4" / _TRAINING)
    training = next((p for p in places if p.is_file()), None)
    if training is None:
        return f"not run: it learns from muc4/{_TRAINING} of the data, and there is no such file"
    scored = {d.docid for d in documents}
    try:
        learnt = [d for d in read(training) if d.docid not in scored]
    except DataError as error:
        return f"not run: {error}"
    if not learnt:
        return "not run: the data are those that it learns from"
    found = figures(documents, lexicon(learnt, [d.text for d in documents]))
    return {name: found[name] for name in ("f1", "template_f1", "incident_type_f1")}


BENCHMARK = Benchmark(
    name="muc4",
    title="MUC-4 role fillers and templates",
    data="muc4/dev.jsonl",
    form=json_lines(FORM),
    source="MUC-3/4 as GTT's repository prepares it",
    headline=("f1", "template_f1"),
    run=run,
    config="bench/muc4",
)
