"""Scoring of structured events against gold, in two layers; nothing here imports torch.

``tokens`` is layer 1 (token labels, as seqeval counts them), ``events`` and ``entities`` are
layer 2. Everything is kept as counts that merge (``counts``, ``scores``); ratios come last.

    evaluation = evaluate(read_gold(path, ontology), predictions)
    evaluation.headline()["event_f1"]

Predictions are plain dicts of the form of ``Report.to_dict()``, whoever made them.
"""

from .bootstrap import intervals
from .counts import PRF, BCubed, Calibration, Share, expected_calibration_error
from .errors import ErrorReport, analyse
from .evaluate import Evaluation, evaluate, run
from .gold_as_report import gold_as_report
from .outcomes import Outcomes, outcomes
from .prediction import Prediction, read_prediction
from .scores import Scores, headline, score_document
from .table import tables, to_dict

__all__ = [
    "PRF",
    "BCubed",
    "Calibration",
    "ErrorReport",
    "Evaluation",
    "Outcomes",
    "Prediction",
    "Scores",
    "Share",
    "analyse",
    "evaluate",
    "expected_calibration_error",
    "gold_as_report",
    "headline",
    "intervals",
    "outcomes",
    "read_prediction",
    "run",
    "score_document",
    "tables",
    "to_dict",
]
