"""An Evaluation as tables for the terminal, and as a plain dict for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from .bootstrap import Interval
from .counts import PRF, BCubed
from .evaluate import Evaluation
from .scores import ByLabel, Scores, headline, prf_groups, share_groups

CORPUS_MEASURES = (
    "mention_f1",
    "trigger_cls_f1",
    "event_f1",
    "argument_f1",
    "status_accuracy",
    "date",
    "country",
    "killed",
    "record_recall",
    "record_precision",
    "sources_f1",
    "entity_bcubed_f1",
)


def tables(evaluation: Evaluation) -> list[Table]:
    """Rich tables: overall, per type, role, kind, status and corpus. Figures are percentages."""
    scores = evaluation.overall
    return [
        _overall(evaluation),
        _by_label("Per event type", {"trigger": scores.trigger_cls, "event": scores.event}),
        _by_label("Per role", {"argument": scores.argument}),
        _by_label("Per mention kind", {"mention": scores.mention, "token": scores.token_mention}),
        _by_label("Per status (assigned pairs)", {"status": scores.status}),
        _by_corpus(evaluation.by_corpus),
    ]


def to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Plain values for JSON: fractions 0..1 and counts, None where undefined."""
    scores = evaluation.overall
    return {
        "gold": evaluation.gold_name,
        "model_version": evaluation.model_version,
        "n_documents": evaluation.n_documents,
        "n_resamples": evaluation.n_resamples,
        "seed": evaluation.seed,
        "failed": list(evaluation.failed),
        "overall": headline(scores),
        "intervals": {
            name: None if interval is None else list(interval)
            for name, interval in evaluation.intervals.items()
        },
        "counts": _counts(scores),
        "by_type": _nested(
            {
                "trigger_cls": scores.trigger_cls,
                "event": scores.event,
                "token_trigger": scores.token_trigger,
            }
        ),
        "by_role": _nested({"argument": scores.argument}),
        "by_kind": _nested({"mention": scores.mention, "token_mention": scores.token_mention}),
        "by_status": _nested({"status": scores.status}),
        "by_corpus": {
            corpus: {"n_documents": part.n_documents, **headline(part)}
            for corpus, part in evaluation.by_corpus.items()
        },
    }


def _counts(scores: Scores) -> dict[str, Any]:
    prf = {name: _prf_counts(counts) for name, counts in prf_groups(scores).items()}
    shares = {
        name: {"right": share.right, "total": share.total}
        for name, share in share_groups(scores).items()
    }
    return {
        **prf,
        **shares,
        "ece": {"events": len(scores.calibration.scores)},
        "token_labels_dropped": {
            "predicted": scores.n_dropped_predicted,
            "gold": scores.n_dropped_gold,
        },
    }


def _prf_counts(counts: PRF | BCubed) -> dict[str, int | float]:
    if isinstance(counts, PRF):
        return {"tp": counts.tp, "predicted": counts.predicted, "gold": counts.gold}
    return {
        "precision_sum": counts.precision_sum,
        "predicted": counts.predicted,
        "recall_sum": counts.recall_sum,
        "gold": counts.gold,
    }


def _nested(measures: Mapping[str, ByLabel]) -> dict[str, dict[str, dict[str, Any]]]:
    """Measure -> label -> counts, turned into label -> measure -> figures and counts."""
    labels = sorted({label for by_label in measures.values() for label in by_label})
    return {
        label: {
            measure: {
                "precision": by_label[label].precision,
                "recall": by_label[label].recall,
                "f1": by_label[label].f1,
                **_prf_counts(by_label[label]),
            }
            for measure, by_label in measures.items()
            if label in by_label
        }
        for label in labels
    }


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def _interval(interval: Interval | None) -> str:
    return "-" if interval is None else f"{_percent(interval[0])} to {_percent(interval[1])}"


def _overall(evaluation: Evaluation) -> Table:
    scores = evaluation.overall
    figures, ranges = headline(scores), evaluation.intervals
    table = Table(
        title=f"{evaluation.gold_name or 'Gold'}, {evaluation.n_documents} documents (percent)",
        caption=f"95% intervals over documents: {evaluation.n_resamples} resamples, "
        f"seed {evaluation.seed}; - is undefined",
    )
    table.add_column("measure")
    for column in ("P", "R", "F1 or share", "95% interval", "right", "predicted", "gold"):
        table.add_column(column, justify="right")
    for name, counts in prf_groups(scores).items():
        right = str(counts.tp) if isinstance(counts, PRF) else "-"
        table.add_row(
            name,
            _percent(counts.precision),
            _percent(counts.recall),
            _percent(counts.f1),
            _interval(ranges.get(f"{name}_f1")),
            right,
            str(counts.predicted),
            str(counts.gold),
        )
    for name in ("token_mention_macro", "token_trigger_macro"):
        parts = [_percent(figures[f"{name}_{part}"]) for part in ("precision", "recall", "f1")]
        table.add_row(name, *parts, _interval(ranges.get(f"{name}_f1")), "", "", "")
    for name, share in share_groups(scores).items():
        # record_precision is a share of predicted events; every other share is one of gold.
        of_predicted = name == "record_precision"
        ends = (str(share.total), "") if of_predicted else ("", str(share.total))
        interval = _interval(ranges.get(name))
        table.add_row(name, "", "", _percent(share.value), interval, str(share.right), *ends)
    for name in ("status_macro_f1", "ece"):
        table.add_row(
            name, "", "", _percent(figures[name]), _interval(ranges.get(name)), "", "", ""
        )
    return table


def _by_label(title: str, measures: Mapping[str, ByLabel]) -> Table:
    table = Table(title=f"{title} (percent; n is predicted/gold)")
    table.add_column("label", no_wrap=True)
    for measure in measures:
        for part in ("P", "R", "F1", "n"):
            table.add_column(f"{measure}\n{part}", justify="right", no_wrap=True)
    for label in sorted({label for by_label in measures.values() for label in by_label}):
        cells: list[str] = []
        for by_label in measures.values():
            counts = by_label.get(label, PRF())
            cells += [_percent(v) for v in (counts.precision, counts.recall, counts.f1)]
            cells.append(f"{counts.predicted}/{counts.gold}")
        table.add_row(label, *cells)
    return table


def _by_corpus(by_corpus: Mapping[str, Scores]) -> Table:
    """Corpora are the columns: they are fewer and shorter than the measures."""
    table = Table(title="Per corpus (percent)")
    table.add_column("measure", no_wrap=True)
    for corpus in by_corpus:
        table.add_column(corpus, justify="right")
    table.add_row("documents", *(str(scores.n_documents) for scores in by_corpus.values()))
    figures = [headline(scores) for scores in by_corpus.values()]
    for measure in CORPUS_MEASURES:
        table.add_row(measure, *(_percent(part[measure]) for part in figures))
    return table
