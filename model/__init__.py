"""conflictwire: conflict reports -> structured events.

    from conflictwire import predict
    report = predict(text, date="2018-05-21")

The folder is the pipeline, one module a stage, data flowing one way:

    text
      segment.py    words and sentences, with offsets
      features.py   words -> sub-word pieces and casing classes
      windows.py    sentences -> overlapping windows that fit the encoder
      extractor.py  runs the network (network.py: encoder, taggers; heads.py: relations;
                    batch.py: its tensors; evidence.py: string evidence), then
      spans.py      tag logits -> mentions and triggers
      relations.py  scores of windows -> scores of the document
      events.py     triggers -> events with arguments and status
      entities.py   mentions -> named entities
      resolve/      dates, counts, places, names, codes
      records.py    -> report.py: the public Report

``coder.py`` holds the calls, ``cli.py`` the command, ``folder.py`` model folders on disk,
``ontology.yaml`` every label, ``document.py`` and ``readers.py`` annotated documents,
``language.py`` the check for English, ``errors.py`` the exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .coder import Coder, load, predict, predict_stream
    from .errors import ConfigError, ConflictwireError, DataError, ModelFolderError
    from .ontology import Ontology
    from .report import Report

__all__ = [
    "Coder",
    "ConfigError",
    "ConflictwireError",
    "DataError",
    "ModelFolderError",
    "Ontology",
    "Report",
    "__version__",
    "load",
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
    "ModelFolderError": "errors",
    "Ontology": "ontology",
    "Report": "report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
