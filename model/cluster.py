"""``predict_dataset``: a Ray Dataset of texts -> a Ray Dataset of Reports, on many machines.

    import ray
    from conflictwire.cluster import predict_dataset

    predict_dataset(ray.data.read_parquet("news/")).write_parquet("events/")

Ray reads, spreads and writes the rows, restarts actors that die and runs their batches again. What
is here is the actor that holds the model, and the way of a row to a Report and back. Advice on
sizes: docs/CLUSTER.md. Needs the extra ``ray``.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .coder import BATCH_SIZE, DEVICES, DTYPES, load
from .errors import ConfigError, DataError, ModelFolderError
from .files import check_min_score
from .inputs.fields import FieldNames, InputDocument
from .inputs.tables import from_arrow

if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset

    from .coder import Coder
    from .report import Report

__all__ = ["COLUMNS", "predict_dataset"]

COLUMNS = ("doc_id", "error", "n_events", "report")  # of a result, before those that are kept
_ID_FIELDS = "doc_id", "id"  # looked for in this order


def predict_dataset(
    ds: Dataset,
    *,
    model: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    actors: str | Path | None = None,
    min_score: float = 0.0,
    batch_size: int | None = None,
    concurrency: int | tuple[int, int] | None = None,
    num_cpus: float | None = None,
    num_gpus: float | None = None,
    memory: float | None = None,
    text_field: str = "text",
    date_field: str = "date",
    id_field: str | None = None,
    keep: Sequence[str] = (),
) -> Dataset:
    """Rows with a text -> rows with its Report, one for one. Lazy, as everything of Ray Data.

    Rows in: the columns ``text_field`` and optionally ``date_field``, ``id_field`` (default: doc_id
    if there is such a column, else id), title and publisher, read as ``conflictwire predict`` reads
    a table: dates may be dates, timestamps or ISO strings; null, NaN and empty are not given.

    Rows out: ``doc_id`` (string or null), ``error`` (string, null where all went well),
    ``n_events`` (int64), ``report`` (string: ``Report.to_json()``, for ``Report.from_json``), then
    the columns of the input that ``keep`` names, as they are. A document that cannot be read has a
    row with ``error`` and a Report that carries it. Rows come in the order in which Ray finishes
    them unless its ``DataContext`` says ``execution_options.preserve_order``.

    ``model``, ``device``, ``dtype``, ``actors``: see ``load``; files must be there, by the same
    path, on every node. ``device="auto"`` is cuda where ``num_gpus`` reserves some, else cpu.
    ``min_score``: see ``predict``.

    ``batch_size``: documents that an actor reads together, by default 1 on a CPU, which gains
    nothing by more, else 32. What else is in a batch may change the last digit of a score; with 1,
    Reports are those of ``predict_stream(batch_size=1)``, however Ray cuts the data.

    ``concurrency``: actors, each with the model in its memory: a number, or (least, most); by
    default from one to as many as the cluster has room for. Leave a CPU to Ray's readers (else
    there is a warning, as they would wait for one without end). What each of them reserves:
    ``num_cpus`` (default 1; also its number of threads), ``num_gpus`` (0.25: four actors share a
    GPU), ``memory`` in bytes (default: none).

    Raises ConfigError if Ray is not installed, ValueError for an argument that cannot be or a
    column that the data lack (where Ray knows their columns without reading them), and
    ModelFolderError or DataError for a path of ``model`` or ``actors`` that leads nowhere.
    """
    data = _ray_data()
    if device == "auto":
        # Ray may show a GPU to actors that reserve none: all of them would crowd on it.
        device = "cuda" if num_gpus else "cpu"
    if batch_size is None:
        batch_size = 1 if device == "cpu" else BATCH_SIZE
    _check(device, dtype, min_score, batch_size, num_gpus)
    names = FieldNames(text_field, date_field, id_field or "")
    schema = ds.schema(fetch_if_missing=False)
    _check_columns(schema.names if schema is not None else None, names, keep)
    pool = _pool(data, concurrency)
    _warn_if_full(pool.min_size, 1 if num_cpus is None else num_cpus)
    reserved = {"num_cpus": num_cpus, "num_gpus": num_gpus, "memory": memory}
    return ds.map_batches(
        _Reader,
        fn_constructor_kwargs={
            "coder": {
                "name": _model(model),
                "device": device,
                "dtype": dtype,
                "actors": _file(actors),
            },
            "names": names,
            "keep": tuple(keep),
            "min_score": min_score,
            "batch_size": batch_size,
            "n_threads": max(1, int(num_cpus or 1)),
        },
        batch_size=batch_size,
        batch_format="pyarrow",
        compute=pool,
        udf_modifying_row_count=False,
        **{name: amount for name, amount in reserved.items() if amount is not None},
    )


class _Reader:
    """What an actor is: the model, loaded once, and the way of a batch through it."""

    def __init__(
        self,
        *,
        coder: dict[str, Any],
        names: FieldNames,
        keep: tuple[str, ...],
        min_score: float,
        batch_size: int,
        n_threads: int,
    ) -> None:
        # The process is Ray's, and this actor alone is in it: its settings are ours to make. Left
        # alone, the tokenizer starts a thread for each core of the machine, in every actor.
        os.environ["RAYON_NUM_THREADS"] = str(n_threads)
        import torch

        torch.set_num_threads(n_threads)
        self.coder: Coder = load(**coder)
        self.names, self.keep = names, keep
        self.min_score, self.batch_size = min_score, batch_size

    def __call__(self, batch: pa.Table) -> pa.Table:
        import pyarrow as pa

        reports = self._reports(_documents(batch, self.names))
        result = {
            "doc_id": pa.array([r.doc_id for r in reports], pa.string()),
            "error": pa.array([r.error for r in reports], pa.string()),
            "n_events": pa.array([len(r.events) for r in reports], pa.int64()),
            "report": pa.array([r.to_json() for r in reports], pa.string()),
        }
        for name in self.keep:
            # Files of one data set need not all have the same columns.
            there = name in batch.column_names
            result[name] = batch.column(name) if there else pa.nulls(batch.num_rows)
        return pa.table(result)

    def _reports(self, documents: Sequence[InputDocument]) -> list[Report]:
        fields = (document.readable for document in documents)
        read = self.coder.stream(
            fields, batch_size=self.batch_size, min_score=self.min_score, workers=1
        )
        return [d.told(report) for d, report in zip(documents, read, strict=True)]


def _documents(batch: pa.Table, names: FieldNames) -> list[InputDocument]:
    if not names.id:
        found = (name for name in _ID_FIELDS if name in batch.column_names)
        names = replace(names, id=next(found, _ID_FIELDS[-1]))
    return [from_arrow(batch, row, "", "", names) for row in range(batch.num_rows)]


# ---- arguments


def _ray_data() -> Any:
    try:
        import ray.data
    except ModuleNotFoundError as error:
        missing = (error.name or "ray").partition(".")[0]  # what Ray Data needs counts too
        raise ConfigError(
            f"{missing} not installed; run: pip install 'conflictwire[ray]'"
        ) from None
    return ray.data


def _check(
    device: str, dtype: str, min_score: float, batch_size: int, num_gpus: float | None
) -> None:
    """What can be told here: on the nodes, Ray wraps an error in many lines of its own."""
    for name, value, known in (("device", device, DEVICES), ("dtype", dtype, DTYPES)):
        if value not in known:
            raise ValueError(f"{name} {value!r}: expected one of {', '.join(known)}")
    if device == "cuda" and not num_gpus:
        raise ValueError("device 'cuda' needs num_gpus: what share of a GPU an actor reserves")
    check_min_score(min_score)
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")


def _check_columns(columns: Sequence[str] | None, names: FieldNames, keep: Sequence[str]) -> None:
    """``columns``: those of the data, None if not known yet."""
    if isinstance(keep, str):
        raise ValueError(f"keep: expected a list of columns, got {keep!r}")
    for name in keep:
        if name in COLUMNS:
            raise ValueError(f"keep: {name!r} is a column of the result; rename yours")
    if columns is None:
        return
    own_date = [names.date] if names.date != FieldNames().date else []  # the default may be absent
    for name in (names.text, *([names.id] if names.id else []), *own_date, *keep):
        if name not in columns:
            here = ", ".join(map(repr, columns[:8])) or "none"
            raise ValueError(f"column {name!r} is missing (columns here: {here})")


def _pool(data: Any, concurrency: int | tuple[int, int] | None) -> Any:
    if concurrency is None:
        return data.ActorPoolStrategy()
    if isinstance(concurrency, int):
        return data.ActorPoolStrategy(size=concurrency)
    least, most = concurrency
    return data.ActorPoolStrategy(min_size=least, max_size=most)


def _warn_if_full(least: int, num_cpus: float) -> None:
    """Actors wait for rows, and what reads the rows for a core: Ray would stand still, silently."""
    import ray

    n_cores = ray.cluster_resources().get("CPU", 0)
    if least * num_cpus >= n_cores:
        warnings.warn(
            f"{least} actors with {num_cpus:g} of a CPU each leave none of the cluster's "
            f"{n_cores:g} to reading and writing; use fewer actors, or a smaller num_cpus",
            stacklevel=3,
        )


def _model(name: str | Path | None) -> str | None:
    """A path as seen from any folder: actors run in others. A Hugging Face id stays as it is."""
    if name is None or not (os.path.exists(name) or isinstance(name, Path) or os.path.isabs(name)):
        return name if name is None else str(name)
    if not os.path.isdir(name):
        raise ModelFolderError(f"{name}: no such model folder")
    return os.path.abspath(name)


def _file(path: str | Path | None) -> str | None:
    if path is not None and not os.path.isfile(path):
        raise DataError("no such file", file=str(path))
    return None if path is None else os.path.abspath(path)
