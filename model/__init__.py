"""conflictwire: conflict reports -> structured events.

    from conflictwire import predict
    report = predict(text, date="2018-05-21")

The folder is the pipeline, one module a stage, data flowing one way; a stage imports only those
above it (``tests/test_architecture.py``):

    text
      segment.py    words and sentences, with offsets
      features.py   words -> sub-word pieces and casing classes
      windows.py    sentences -> overlapping windows that fit the encoder
      network.py    encoder and taggers (batch.py: its tensors; heads.py: pairs of spans;
                    attention.py, integers.py: for CPUs; evidence.py: what the strings of two
                    mentions say; stored.py: its files)
      spans.py      tag logits -> mentions and triggers
      relations.py  scores of windows -> scores of the document
      extractor.py  runs all of the above over documents
      events.py     triggers -> events with arguments and status
      resolve/      phrases -> countries, actors, places, names, dates, counts, codes
      entities.py   mentions -> named entities, by resolve/ and the network's pair scores
      structure.py  entities and events of a document, by the model's thresholds
      victims.py    scores of the network -> clues on the tolls of a document's events
      date_clues.py what the time mentions and links of a document say of its events' dates
      records.py    -> report.py: the public Report

``coder.py`` holds the calls, ``intake.py`` checks what they are given, ``workers.py`` are processes
side by side, ``folder.py`` model folders on disk, ``language.py`` is the check for English,
``incidents/`` the merging of what many Reports tell. ``cli/`` is the command, ``inputs/`` its files
in, ``exports/`` and ``outputs.py`` its results out, ``resume.py`` what a stopped run leaves,
``jobs/`` archives in shards, ``terminal.py`` its messages; ``cluster.py`` is the call over many
machines. Every stage may use ``ontology.py`` (labels, from ``ontology.yaml``), ``document.py`` and
``readers.py`` (annotated documents), ``files.py`` (text files, ISO days), ``processor.py`` (what
the processor computes in), ``errors.py`` and ``version.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .coder import Coder, load, predict, predict_stream
    from .errors import (
        ConfigError,
        ConflictwireError,
        DataError,
        ModelFolderError,
        WorkersError,
    )
    from .exports.frame import events_frame
    from .incidents import Incident, merge_reports
    from .ontology import Ontology
    from .outputs import export
    from .report import Report

__all__ = [
    "Coder",
    "ConfigError",
    "ConflictwireError",
    "DataError",
    "Incident",
    "ModelFolderError",
    "Ontology",
    "Report",
    "WorkersError",
    "__version__",
    "events_frame",
    "export",
    "load",
    "merge_reports",
    "predict",
    "predict_stream",
]

# Names -> modules, imported on first use: torch and transformers take seconds to load.
_HOMES = {
    "Coder": "coder",
    "load": "coder",
    "predict": "coder",
    "predict_stream": "coder",
    "ConfigError": "errors",
    "ConflictwireError": "errors",
    "DataError": "errors",
    "Incident": "incidents",
    "ModelFolderError": "errors",
    "Ontology": "ontology",
    "WorkersError": "errors",
    "merge_reports": "incidents",
    "events_frame": "exports.frame",
    "export": "outputs",
    "Report": "report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
