"""The public surface, and that importing it is light."""

from __future__ import annotations

import subprocess
import sys

import conflictwire
import pytest

PUBLIC = {
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
}


def test_public_names() -> None:
    assert set(conflictwire.__all__) == PUBLIC
    assert set(dir(conflictwire)) >= PUBLIC
    for name in PUBLIC:
        assert getattr(conflictwire, name) is not None
    assert conflictwire.predict.__module__ == "conflictwire.coder"


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="'conflictwire' has no attribute 'guess'"):
        _ = conflictwire.guess
    with pytest.raises(ImportError):
        from conflictwire import guess  # noqa: F401


def test_import_is_light() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import conflictwire;"
        "took = time.perf_counter() - start;"
        "heavy = {'torch', 'transformers', 'numpy', 'pandas', 'pydantic', 'yaml', 'scipy'};"
        "print(took, *(heavy & sys.modules.keys()))"
    )
    best = 9.0
    for _ in range(3):  # the machine may be busy
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        took, *heavy = run.stdout.split()
        assert heavy == []
        best = min(best, float(took))
    assert best < 0.3
