"""All counts of one document or of many, and the figures that are read off them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..document import Document
from .counts import PRF, BCubed, Calibration, Share, macro, total
from .entities import score_entities
from .events import score_events, score_mentions
from .prediction import Prediction
from .tokens import score_tokens

ByLabel = Mapping[str, PRF]


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts that merge with ``+``; ``Scores()`` is the score of no document.

    Mappings are per mention kind (``mention``, ``token_mention``), event type (``trigger_cls``,
    ``event``, ``token_trigger``), role (``argument``) and status (``status``, over assigned
    pairs). ``n_dropped_*`` counts spans that the token labels cannot hold.
    """

    n_documents: int = 0
    mention: ByLabel = field(default_factory=dict)
    trigger_id: PRF = field(default_factory=PRF)
    trigger_cls: ByLabel = field(default_factory=dict)
    event: ByLabel = field(default_factory=dict)
    argument: ByLabel = field(default_factory=dict)
    status: ByLabel = field(default_factory=dict)
    date: Share = field(default_factory=Share)
    date_start: Share = field(default_factory=Share)
    date_overlap: Share = field(default_factory=Share)
    country: Share = field(default_factory=Share)
    killed: Share = field(default_factory=Share)
    injured: Share = field(default_factory=Share)
    record_recall: Share = field(default_factory=Share)
    record_precision: Share = field(default_factory=Share)
    sources: PRF = field(default_factory=PRF)
    entity_bcubed: BCubed = field(default_factory=BCubed)
    canonical_name: Share = field(default_factory=Share)
    calibration: Calibration = field(default_factory=Calibration)
    token_mention: ByLabel = field(default_factory=dict)
    token_trigger: ByLabel = field(default_factory=dict)
    n_dropped_gold: int = 0
    n_dropped_predicted: int = 0

    def __add__(self, other: Scores) -> Scores:
        return Scores(
            *(_merge(getattr(self, f.name), getattr(other, f.name)) for f in fields(Scores))
        )


def _merge(a: Any, b: Any) -> Any:
    if isinstance(a, Mapping):
        return {key: a.get(key, PRF()) + b.get(key, PRF()) for key in sorted({*a, *b})}
    return a + b


def score_document(document: Document, prediction: Prediction) -> Scores:
    """Both layers of one document. The two texts must be equal (``evaluate`` sees to that)."""
    events = score_events(document, prediction)
    clusters, names = score_entities(document, prediction)
    tokens = score_tokens(document, prediction)
    return Scores(
        n_documents=1,
        mention=score_mentions(document, prediction),
        entity_bcubed=clusters,
        canonical_name=names,
        token_mention=tokens.mention,
        token_trigger=tokens.trigger,
        n_dropped_gold=tokens.n_dropped_gold,
        n_dropped_predicted=tokens.n_dropped_predicted,
        **{f.name: getattr(events, f.name) for f in fields(events)},
    )


def prf_groups(scores: Scores) -> dict[str, PRF | BCubed]:
    """Name -> counts of each measure that has precision, recall and F1 (micro)."""
    return {
        "mention": total(scores.mention),
        "trigger_id": scores.trigger_id,
        "trigger_cls": total(scores.trigger_cls),
        "event": total(scores.event),
        "argument": total(scores.argument),
        "sources": scores.sources,
        "entity_bcubed": scores.entity_bcubed,
        "token_mention_micro": total(scores.token_mention),
        "token_trigger_micro": total(scores.token_trigger),
    }


def share_groups(scores: Scores) -> dict[str, Share]:
    """Name -> counts of each measure that is one share."""
    status = total(scores.status)
    shares = (
        "date",
        "date_start",
        "date_overlap",
        "country",
        "killed",
        "injured",
        "record_recall",
        "record_precision",
        "canonical_name",
    )
    return {
        "status_accuracy": Share(status.tp, status.gold),
        **{name: getattr(scores, name) for name in shares},
    }


def headline(scores: Scores) -> dict[str, float | None]:
    """Every figure under its public name, as a fraction 0..1; None where undefined."""
    figures: dict[str, float | None] = {}
    for name, counts in prf_groups(scores).items():
        figures[f"{name}_precision"] = counts.precision
        figures[f"{name}_recall"] = counts.recall
        figures[f"{name}_f1"] = counts.f1
    for name, by_label in (
        ("token_mention_macro", scores.token_mention),
        ("token_trigger_macro", scores.token_trigger),
    ):
        figures[f"{name}_precision"] = macro(by_label, "precision")
        figures[f"{name}_recall"] = macro(by_label, "recall")
        figures[f"{name}_f1"] = macro(by_label, "f1")
    for name, share in share_groups(scores).items():
        figures[name] = share.value
    figures["status_macro_f1"] = macro(scores.status, "f1")
    figures["ece"] = scores.calibration.ece
    return figures
