"""The simple systems on one benchmark: name -> its figures, or why it was not run.

Two kinds of benchmarks can ask: those of labelled spans (``compare_spans``; the benchmark scores
the spans itself) and annotated documents (``compare_events``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ....document import Document, Mention
from ....errors import ConfigError, ModelFolderError
from ....files import data_folder
from ....ontology import Ontology
from ....readers import read_gold
from ...counts import PRF, total
from ...evaluate import Evaluation, evaluate
from ..base import Options
from . import lexicon
from .entities import entities, label_table, load_spacy
from .examples import Label, Labelled, NotRunError, mentions_of, triggers_of
from .nearest import fit, mentions_alone, report

__all__ = ["NOT_RUN", "compare_events", "compare_spans"]

NOT_RUN = "not run: "
TRAINING = "gold/train.jsonl"

Figures = dict[str, float | None]
Score = Callable[[list[list[Mention]]], Figures]

_EVENT_FIGURES = (
    "record_recall",
    "event_f1",
    "argument_f1",
    "mention_f1",
    "status_accuracy",
    "trigger_id_f1",
    "trigger_cls_f1",
    "date_start",
    "country",
    "killed",
)


def compare_spans(
    benchmark: str,
    examples: Sequence[Labelled],
    texts: Sequence[str],
    score: Score,
    options: Options,
) -> dict[str, Figures | str]:
    """Simple systems that label spans -> what ``score`` gives for their spans of ``texts``.

    ``benchmark`` names a table of ``labels.yaml``.
    """
    return {
        "lexicon": _tried(lambda: score(lexicon.label(examples, texts))),
        "probe": _tried(lambda: score(_probe(options)(examples, texts))),
        "spacy": _tried(lambda: score(entities(texts, label_table(benchmark), load_spacy()))),
    }


def compare_events(
    path: Path, ontology: Ontology, options: Options
) -> dict[str, Mapping[str, float | None] | str]:
    """The same on annotated documents; what is learnt is learnt from ``gold/train.jsonl``.

    That file lies in the folder of outside data. Documents that are scored are not learnt from.
    spaCy finds mentions alone: ``mention_f1``, and ``mention_f1_shared`` over the kinds that it has
    a label for.
    """
    documents = list(read_gold(path, ontology))
    texts = [d.text for d in documents]

    def by(label: Callable[[], Label]) -> Figures:
        return _events(label(), _training(documents, ontology, options), documents, ontology)

    def by_spacy() -> Figures:
        table = label_table("gold")
        found = entities(texts, table, load_spacy())
        reports = [mentions_alone(t, m) for t, m in zip(texts, found, strict=True)]
        counts = _evaluated(documents, reports).overall.mention
        shared = {*table.labels.values()}
        return {
            "mention_f1": total(counts).f1,
            "mention_f1_shared": sum((c for k, c in counts.items() if k in shared), PRF()).f1,
        }

    return {
        "lexicon": _tried(lambda: by(lambda: lexicon.label)),
        "probe": _tried(lambda: by(lambda: _probe(options))),
        "spacy": _tried(by_spacy),
    }


def _tried(run: Callable[[], Figures]) -> Figures | str:
    try:
        return run()
    except (NotRunError, ConfigError, ModelFolderError) as error:
        return f"{NOT_RUN}{error}"


def _probe(options: Options) -> Label:
    if options.probe is None:
        raise NotRunError("it is fitted by the training part: pip install 'conflictwire[train]'")
    return options.probe


def _training(scored: Sequence[Document], ontology: Ontology, options: Options) -> list[Document]:
    path = (options.data or data_folder()) / TRAINING
    if not path.is_file():
        raise NotRunError(f"no documents to learn from: {TRAINING} is not in the folder of data")
    known = {d.id for d in scored} | {d.text for d in scored}
    return [d for d in read_gold(path, ontology) if d.id not in known and d.text not in known]


def _events(
    label: Label, training: Sequence[Document], documents: Sequence[Document], ontology: Ontology
) -> Figures:
    rules = fit(training, ontology, label)
    texts = [d.text for d in documents]
    mentions = label([mentions_of(d) for d in training], texts)
    triggers = label([triggers_of(d) for d in training], texts)
    reports = [
        report(d.text, d.date, m, t, rules)
        for d, m, t in zip(documents, mentions, triggers, strict=True)
    ]
    figures = _evaluated(documents, reports).headline()
    return {name: figures[name] for name in _EVENT_FIGURES}


def _evaluated(documents: Sequence[Document], reports: Sequence[Mapping[str, Any]]) -> Evaluation:
    return evaluate(documents, reports, n_resamples=0)
