"""What a benchmark is, the options that it gets, and its data in: JSON lines, checked."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, ValidationError, create_model

from ...errors import ConfigError, DataError
from ...files import model_folder, model_source, read_text, run_folder
from ..bootstrap import N_RESAMPLES, Interval, resampled_interval
from ..counts import ratio

if TYPE_CHECKING:
    from conflictwire import Coder

    from .baselines import Label

Counts = Sequence[float]
_DEFAULT_RUNS = "~/.cache/conflictwire/runs"  # as files.run_folder has it


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One task with public data.

    ``name`` is that of the command, ``title`` one for people. ``data`` is the file below the data
    folder, or a whole path where it ships with the package. ``form`` tells the whole form of the
    file (``json_lines("a river: name, length")``, or "CoNLL: ..."), ``source`` in one phrase where
    the data come from. ``headline`` names the figures that tell the result, the main one first.
    ``config`` is the packaged config that trains the benchmark's own checkpoint ("bench/muc4");
    None: the shipped model is measured, or, where ``uses_model`` is false, resolvers alone.

    ``run`` gives one flat dict of JSON values: figures (fractions 0 to 1), ``n`` (items scored),
    ``ci_low`` and ``ci_high`` (95% bootstrap interval of the main figure over documents), counts,
    and, if documents failed, ``failed`` (their names). Per-class tables may be nested. Figures of
    simpler systems under the same scorer stand in ``baselines``: name -> their figures by the same
    keys, or "not run: REASON"; ``baseline_seconds`` beside them (``with_baselines``) is their part
    of the time. It raises DataError for a file that does not have the form.
    """

    name: str
    title: str
    data: str
    form: str
    source: str
    headline: tuple[str, ...]
    run: Callable[[Path, Options], dict[str, Any]]
    config: str | None = None
    uses_model: bool = True


@dataclass(frozen=True)
class Options:
    """How to run.

    ``model`` is the folder of a training run or of a model, or a Hugging Face id. None is the run
    of ``config``, the packaged config of the benchmark's own checkpoint, where runs lie unless
    told otherwise; without a config, the shipped model. ``measure`` sets ``config``.

    ``baselines`` asks for the simple systems that take more than seconds. ``probe`` is the one of
    them that needs torch, None where it is not installed. ``data`` is the folder of outside data,
    where those that learn find what to learn from; None: the usual one.
    """

    seed: int = 0
    n_resamples: int = N_RESAMPLES
    model: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    batch_size: int = 32  # documents read at a time
    config: str | None = None
    baselines: bool = False
    probe: Label | None = None
    data: Path | None = None

    def coder(self) -> Coder:
        """The model, loaded at the first call. Raises ModelFolderError and ConfigError."""
        return self._coder

    def checkpoint(self) -> Path:
        """The folder of the model. Raises ConfigError that says which command trains it."""
        if (name := self._name) is None:
            from ...coder import WEIGHTS

            return WEIGHTS
        folder = Path(name)
        return folder if folder.is_dir() else self.coder().folder or folder

    @cached_property
    def _coder(self) -> Coder:
        from ...coder import load_checked

        return load_checked(self._name, device=self.device, dtype=self.dtype)

    @property
    def _name(self) -> str | None:
        """Folder or Hugging Face id of the model; None: the shipped one."""
        if self.model is not None:
            return model_source(self.model)
        if self.config is None:
            return None
        run = run_folder(run_name(self.config))
        if not (folder := model_folder(run)).is_dir() or folder == run:
            where = "$CONFLICTWIRE_RUNS" if os.environ.get("CONFLICTWIRE_RUNS") else _DEFAULT_RUNS
            raise ConfigError(
                f"no trained model in {where}/{run.name}: run `conflictwire train {self.config}`, "
                "or name the folder of such a run with --model"
            )
        return str(folder)

    def interval(
        self, per_document: Sequence[Counts], figure: Callable[[Counts], float | None] | None = None
    ) -> dict[str, float | None]:
        """``ci_low`` and ``ci_high``: the central 95% of a figure over resampled documents.

        ``per_document`` is [n_documents, n_counts]: counts that add up over documents. ``figure``
        is computed from their sums; by default it is the first count over the second. None where
        it is undefined in all resamples.
        """
        found: Interval | None = resampled_interval(
            per_document, figure or _share, n_resamples=self.n_resamples, seed=self.seed
        )
        return dict(zip(("ci_low", "ci_high"), found or (None, None), strict=True))


def with_baselines(run: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """``baselines``, as ``run`` gives them, and ``baseline_seconds``, the time that it takes."""
    start = time.perf_counter()
    return {"baselines": run(), "baseline_seconds": round(time.perf_counter() - start, 2)}


def run_name(config: str) -> str:
    """Packaged config ("bench/muc4") -> the ``name`` that it gives its runs ("bench-muc4")."""
    return config.replace("/", "-")


def json_lines(line: str) -> str:
    """The form of a file in JSON lines, from what a line holds."""
    return f"JSON lines; a line holds {line.rstrip('.')}"


def _share(counts: Counts) -> float | None:
    return ratio(counts[0], counts[1])


def read_rows(path: Path, form: str, /, **fields: Any) -> list[dict[str, Any]]:
    """JSON lines -> their objects, as they stand. Blank lines are passed over.

    ``fields`` are those that a line must have, each with a type as pydantic reads it: ``doc=str``,
    ``toll=int | None``, ``toponyms=list[Toponym]`` (Toponym being a pydantic model). Nothing is
    converted. Raises DataError with file, line, field and ``form``, and if there is no line.
    """
    required: dict[str, Any] = {name: (kind, ...) for name, kind in fields.items()}
    config = ConfigDict(protected_namespaces=())
    lines: Any = create_model("Line", __config__=config, **required)
    rows = []
    # split("\n"), not splitlines(): U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(read_text(path).removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        field, problem = None, None
        try:
            raw = json.loads(line)
            lines.model_validate(raw, strict=True)
            rows.append(raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or None
            problem = first["msg"]
        except (ValueError, RecursionError) as error:  # also a number too long, too deep a nesting
            problem = f"not JSON: {error}"
        if problem is not None:
            raise DataError(
                f"{problem} (a line must hold {form})", file=str(path), line=number, field=field
            )
    if not rows:
        raise DataError(f"no line in the file (a line must hold {form})", file=str(path))
    return rows
