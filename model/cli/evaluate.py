"""``conflictwire evaluate``: a model, or saved Reports, against annotated documents."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ConfigError, DataError
from ..files import numbered_lines
from ..inputs import Source
from ..readers import read_gold
from ..terminal import progress_bar, table_console
from .output import check_output
from .saved import files_of, ontology_of
from .shared import (
    EVAL_PACKAGES,
    FAILED,
    BatchSize,
    Device,
    Dtype,
    Model,
    Resamples,
    Seed,
    extra,
    name_failure,
)

if TYPE_CHECKING:
    from ..coder import Coder
    from ..ontology import Ontology

_Predict = Callable[[list[dict[str, Any]]], Iterator[dict[str, Any]]]


def evaluate(
    gold: Annotated[Path, typer.Option(help="Annotated documents, JSON lines.")],
    model: Model = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="Score these saved Reports (JSON lines, or an archive's folder, in gold's order); "
            "no model runs."
        ),
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(help="Score a second annotation of these documents: how well readers agree."),
    ] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Also write all figures, as fractions, here.")
    ] = None,
    errors: Annotated[
        Path | None,
        typer.Option(help="Also write here, as Markdown, each error by its cause."),
    ] = None,
    resamples: Resamples = 1000,
    seed: Seed = 0,
    device: Device = "auto",
    dtype: Dtype = "auto",
    batch_size: BatchSize = 32,
) -> int:
    """Score a model, or saved Reports, against annotated documents.

    \b
    Examples:
      conflictwire evaluate --gold dev.jsonl
      conflictwire evaluate --gold dev.jsonl --model RUN/best --json scores.json
      conflictwire evaluate --gold dev.jsonl --predictions reports.jsonl
      conflictwire evaluate --gold dev.jsonl --errors errors.md
      conflictwire evaluate --gold dev.jsonl --annotations second.jsonl
    """
    from ..outputs import open_output

    with extra("eval", *EVAL_PACKAGES):
        from ..eval import analyse, run, tables, to_dict
    for path in (gold, predictions, annotations):
        if path is None or path.is_file() or (path is predictions and path.is_dir()):
            continue
        if path.is_dir():
            raise DataError(
                "a folder; of markup make one file: python -m conflictwire.training.markup "
                f"{path} --out gold.jsonl",
                file=str(path),
            )
        raise DataError("no such file", file=str(path))
    if predictions is not None and annotations is not None:
        raise ConfigError("--predictions and --annotations: give one of them")
    read = [Source(str(path), path.name) for path in (gold, predictions, annotations) if path]
    for out in (json_out, errors):
        check_output(out, [] if predictions is None else [str(predictions)], read)
    if json_out is not None and errors is not None and json_out.absolute() == errors.absolute():
        raise ConfigError("--json and --errors name one file")
    if predictions is not None:
        ontology = ontology_of(model)
        predict = _saved_predictions(predictions)
    elif annotations is not None:
        ontology = ontology_of(model)
        predict = _annotated(annotations, ontology)
    else:
        from ..coder import load_checked

        coder = load_checked(model, device=device, dtype=dtype)
        ontology = coder.ontology
        predict = _model_predictions(coder, batch_size)
    reports: list[dict[str, Any]] = []
    if errors is not None:
        predict = _kept(predict, reports)
    with ExitStack() as stack:
        # Opened before the work, so that a wrong name costs none; complete before the tables.
        stream = stack.enter_context(open_output(json_out)) if json_out is not None else None
        causes = stack.enter_context(open_output(errors)) if errors is not None else None
        evaluation = run(gold, predict, ontology=ontology, n_resamples=resamples, seed=seed)
        if not evaluation.n_documents:
            raise DataError("holds no documents", file=str(gold))
        if stream is not None:
            stream.write(json.dumps(to_dict(evaluation), indent=2, allow_nan=False) + "\n")
        if causes is not None:
            causes.write(analyse(read_gold(gold, ontology), reports).markdown())
    console = table_console(sys.stdout)
    for table in tables(evaluation):
        console.print(table)
    return FAILED if evaluation.failed else 0


def _model_predictions(coder: Coder, batch_size: int) -> _Predict:
    def predict(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        with progress_bar(
            len(documents), shown=sys.stderr.isatty() and len(documents) > 1
        ) as advance:
            for report in coder.stream(documents, batch_size=batch_size):
                name_failure(report.doc_id, report.error)
                yield report.to_dict()
                advance()

    return predict


def _kept(predict: _Predict, reports: list[dict[str, Any]]) -> _Predict:
    """``predict``, whose Reports go into ``reports`` too."""

    def keep(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for report in predict(documents):
            reports.append(report)
            yield report

    return keep


def _annotated(path: Path, ontology: Ontology) -> _Predict:
    """The documents of an annotated file as Reports, by their ids. Raises DataError for one that
    is missing or has another text."""

    def predict(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        from ..eval import gold_as_report

        by_id = {d.id: d for d in read_gold(path, ontology)}
        for document in documents:
            if (found := by_id.get(document["doc_id"])) is None:
                raise DataError(f"no document {document['doc_id']!r}", file=str(path))
            if found.text != document["text"]:
                raise DataError(f"{found.id!r} has another text than in gold", file=str(path))
            yield gold_as_report(found)

    return predict


def _saved_predictions(path: Path) -> _Predict:
    """The Reports of a file or of an archive's folder; the scorer checks them. Raises DataError
    with file and line, and for an archive that lacks documents, as they failed."""
    files = [path]
    if path.is_dir():
        names, n_failed = files_of(str(path))
        if n_failed:
            raise DataError("lacks the Reports of documents that failed", file=str(path))
        files = [Path(name) for name in names]

    def predict(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        names = iter(document["doc_id"] for document in documents)
        for file, number, line in _lines(files):
            try:
                raw = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"not JSON: {error}", file=str(file), line=number) from None
            if not isinstance(raw, dict):
                raise DataError("expected a Report object", file=str(file), line=number)
            name_failure(next(names, None), raw.get("error"))
            yield raw

    return predict


def _lines(files: Sequence[Path]) -> Iterator[tuple[Path, int, bytes]]:
    """Lines that are not blank, each with its file and number."""
    for path in files:
        with path.open("rb") as file:
            for number, line in numbered_lines(file, path, "a Report"):
                if line.strip():
                    yield path, number, line
