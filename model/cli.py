"""The ``conflictwire`` command. Results go to stdout, progress and messages to stderr.

Exit codes: 0 done, 1 some documents failed (each is named), 2 wrong use, 130 interrupted,
141 the reader of the output went away. Heavy modules are imported inside the commands.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TextIO

import typer

from .errors import ConfigError, ConflictwireError, DataError
from .terminal import never_fail_to_encode, progress_bar, say, table_console
from .version import __version__

if TYPE_CHECKING:
    from .coder import Coder
    from .inputs import InputDocument, Source
    from .ontology import Ontology
    from .report import Report
    from .resume import Earlier

__all__ = ["app", "main"]

FAILED, WRONG_USE, INTERRUPTED, READER_GONE = 1, 2, 130, 141
ALL = "all"  # benchmarks
# typer used the click package first and carries a copy now; its errors lead to either.
_ClickError: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
_P = ParamSpec("_P")


class Format(StrEnum):
    """Of the results; the names are those of ``outputs.FORMATS``."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    geojson = "geojson"
    acled = "acled"
    ucdp = "ucdp"
    plover = "plover"
    html = "html"


app = typer.Typer(
    name="conflictwire", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)

_Model = Annotated[
    str | None,
    typer.Option(help="A model folder or Hugging Face id.", show_default="the shipped model"),
]
_Actors = Annotated[
    Path | None,
    typer.Option(
        help="A CSV file of actors of your own, which win over those known; columns: name, kind, "
        "aliases, acronym, country, start_year, end_year, sort, plover_sector, code, id."
    ),
]
_Device = Annotated[str, typer.Option(help="auto (CUDA, then MPS, then CPU), cpu, cuda or mps.")]
_Dtype = Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")]
_BatchSize = Annotated[int, typer.Option(min=1, help="Documents read at a time.")]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line (``sys.argv`` by default) and return its exit code."""
    never_fail_to_encode(sys.stdout, sys.stderr)
    try:
        arguments = list(sys.argv[1:] if argv is None else argv)
        result = app(arguments, prog_name="conflictwire", standalone_mode=False)
    except _ClickError as error:
        say(f"error: {error.format_message()} (see conflictwire --help)")
        return WRONG_USE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def _command(function: Callable[_P, int]) -> Callable[_P, int]:
    """Errors that a user can do something about -> one line on stderr and an exit code."""

    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> int:
        try:
            code = function(*args, **kwargs)
            sys.stdout.flush()  # here, where a reader that went away is dealt with
            return code
        except BrokenPipeError:
            # Nothing can be written any more, not even what Python flushes when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return READER_GONE
        except ConflictwireError as error:
            say(f"error: {error}")
            return WRONG_USE
        except OSError as error:
            say(f"error: {error}")
            return FAILED
        except KeyboardInterrupt:
            say("interrupted")
            return INTERRUPTED

    return run


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Structured events from conflict news.

    Results go to stdout, progress and messages to stderr. Exit codes: 0 done, 1 some documents
    failed (each is named on stderr), 2 wrong use, 130 interrupted.

    \b
    Examples:
      conflictwire predict article.txt --date 2018-05-21
      conflictwire predict news/ --format jsonl -o events.jsonl
      conflictwire COMMAND --help
    """
    if version:
        print(f"conflictwire {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(WRONG_USE)


# ---- predict

_Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILES|FOLDERS|-]...",
        help=".txt (one document), .jsonl and .jsonl.gz (one JSON object a line), .csv and "
        ".parquet (one a row), folders of them (all levels, sorted; hidden files are left alone), "
        "or - for standard input, read also without any: JSON lines if its first line is a JSON "
        "object with the text's key, else one raw text.",
    ),
]
_Date = Annotated[
    str | None,
    typer.Option(
        help="Publication date, YYYY-MM-DD, of the documents that have no date field.",
        show_default="the date at the head of the text, if any",
    ),
]
_Format = Annotated[
    Format | None,
    typer.Option(
        help="table is for reading. jsonl: one Report a line. json: one document is an "
        "object, several are a list. csv, parquet, geojson: all events, one row each. acled, ucdp "
        "(CSV) and plover (JSON lines): layouts of event data sets, which hold what happened. "
        "html: a page with the texts and a table of events.",
        show_default="by the name of --out (.txt is table, .json, .jsonl, .csv, .parquet, "
        ".geojson, .html), else table",
    ),
]
_Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="A file; it appears only when all is done."),
]


@app.command()
@_command
def predict(
    inputs: _Inputs = None,
    date: _Date = None,
    format: _Format = None,
    out: _Out = None,
    model: _Model = None,
    actors: _Actors = None,
    device: _Device = "auto",
    dtype: _Dtype = "auto",
    batch_size: _BatchSize = 32,
    text_field: Annotated[str, typer.Option(help="Key or column of the text.")] = "text",
    date_field: Annotated[str, typer.Option(help="Key or column of the date.")] = "date",
    id_field: Annotated[str, typer.Option(help="Key or column of the id.")] = "id",
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with a run that was stopped (JSON lines with --out)."),
    ] = False,
) -> int:
    """Read texts and give their events.

    A document that cannot be read is named on stderr, and its Report carries the error; the rest
    go on. Title and publisher are read too where there are such keys or columns, a date may have a
    time behind it, and a line or row without id goes by its number.

    JSON lines grow as OUT.partial until all is done. If the run is stopped, the same command with
    --resume reads the documents that are missing there, by id and text, and those that failed.
    Given OUT of a run that was not stopped, it adds what is new among the inputs.

    \b
    Examples:
      conflictwire predict article.txt --date 2018-05-21
      cat article.txt | conflictwire predict
      conflictwire predict posts.jsonl.gz --text-field body -o events.jsonl
      conflictwire predict news/ more.jsonl -o events.jsonl
      conflictwire predict posts.csv --text-field body --date-field published --format jsonl
      conflictwire predict archive.parquet -o events.jsonl --resume
    """
    from .coder import load_checked
    from .inputs import STDIN, FieldNames, count_documents, find_sources, is_day, read_documents
    from .outputs import FORMATS

    if date is not None and not is_day(date):
        raise typer.BadParameter(f"--date {date!r}: expected an ISO day such as 2018-05-21")
    form = _format_of(format, out)
    sources = find_sources(inputs or ())
    _check_output(out, inputs or (), sources)
    shown = sys.stderr.isatty() and (out is not None or not sys.stdout.isatty())
    documents = read_documents(
        sources, fields=FieldNames(text_field, date_field, id_field), published=date
    )
    n_done = n_failed = 0
    with _open_reports(out, form, resume) as (stream, earlier):
        coder = load_checked(model, device=device, dtype=dtype, actors=actors)
        earlier.check_model(coder.version)
        total = count_documents(sources) if shown else None
        if sources[0].path == STDIN and sys.stdin.isatty():
            say("reading text from the terminal; Ctrl-D ends it")
        with (
            FORMATS[form](stream, coder.ontology) as writer,
            progress_bar(total, shown=shown and total != 1) as advance,
        ):
            for document, report in _code(earlier.rest(documents, advance), coder, batch_size):
                writer.write(report)
                if report.error is not None:
                    n_failed += 1
                    say(f"error: {document.place}: {report.error}")
                n_done += 1
                advance()
    if n_failed and n_done > 1:
        say(f"{n_failed} of {n_done} documents failed")
    return FAILED if n_failed else 0


@contextmanager
def _open_reports(out: Path | None, form: str, resume: bool) -> Iterator[tuple[TextIO, Earlier]]:
    """Where results go, and what stands there already: with ``resume`` alone there may be any."""
    from .outputs import open_output
    from .resume import Earlier, open_resumable, partial_path

    if form != Format.jsonl or out is None or (out.exists() and not out.is_file()):
        if resume:
            raise typer.BadParameter("--resume goes on with a file of JSON lines: --out NAME.jsonl")
        with open_output(out) as stream:
            yield stream, Earlier()
        return
    try:
        with open_resumable(out, resume=resume) as opened:
            yield opened
    except BaseException as error:
        if not isinstance(error, ConflictwireError) and partial_path(out).exists():
            say(f"stopped; what is done is in {partial_path(out)}, and --resume goes on from there")
        raise


def _code(
    documents: Iterator[InputDocument], coder: Coder, batch_size: int
) -> Iterator[tuple[InputDocument, Report]]:
    """Each document with its Report; what the reader found wrong is the Report's error."""
    from .coder import predict_stream

    waiting: deque[InputDocument] = deque()

    def fields() -> Iterator[Mapping[str, Any]]:
        for document in documents:
            waiting.append(document)
            # Without text, the coder does not read it, and its Report says what else is known.
            failed = document.error is not None
            yield {**document.fields, "text": None} if failed else document.fields

    for report in predict_stream(fields(), batch_size=batch_size, coder=coder):
        document = waiting.popleft()
        if document.error is not None:
            text = document.fields["text"] or ""
            report = report.model_copy(update={"error": document.error, "text": text})
        yield document, report


def _format_of(format: Format | None, out: Path | None) -> str:
    from .outputs import BINARY, format_of

    if format is not None:
        form = format.value
    elif out is None or (out.exists() and not out.is_file()):  # a device, a pipe
        form = Format.table.value
    else:
        form = format_of(out)
    if form in BINARY and out is None and sys.stdout.isatty():
        raise typer.BadParameter(f"{form} is no text for a terminal; name a file with --out")
    return form


def _check_output(
    out: Path | None, inputs: Sequence[str] = (), sources: Sequence[Source] = ()
) -> None:
    from .outputs import same_file

    if out is None:
        return
    if out.is_dir():
        raise DataError("is a folder; give the name of a file", file=str(out))
    target = Path(os.path.realpath(out))
    for folder in inputs:
        if os.path.isdir(folder) and target.is_relative_to(os.path.realpath(folder)):
            raise DataError(
                f"lies in {folder}, which is read; write to a file outside it", file=str(out)
            )
    for source in sources:
        if same_file(source.path, out):
            raise DataError("is one of the inputs; write to another file", file=str(out))


# ---- export


@app.command()
@_command
def export(
    reports: Annotated[
        str,
        typer.Argument(
            metavar="REPORTS.jsonl|-",
            help="Reports as predict writes them with --format jsonl (.jsonl, .jsonl.gz), or - for "
            "standard input.",
        ),
    ],
    format: _Format = None,
    out: _Out = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="The model folder that gave the Reports, for its labels.",
            show_default="the shipped model",
        ),
    ] = None,
) -> int:
    """Write saved Reports in another form. No model runs.

    A line that is no Report, and a Report of a document that could not be read, are named on
    stderr; the rest go on.

    \b
    Examples:
      conflictwire export reports.jsonl --format acled -o events.csv
      conflictwire export reports.jsonl -o events.parquet
      conflictwire predict news/ --format jsonl | conflictwire export - -o events.geojson
    """
    from .exports.saved import read_reports
    from .inputs import STDIN, Source
    from .outputs import FORMATS, open_output

    if reports != STDIN and not os.path.isfile(reports):
        raise DataError("no such file", file=reports)
    form = _format_of(format, out)
    _check_output(out, (), [Source(reports, reports)])
    ontology = _ontology_of(model)
    n_failed = 0
    with open_output(out) as stream, FORMATS[form](stream, ontology) as writer:
        for found in read_reports(reports):
            if isinstance(found, DataError):
                say(f"error: {found}")
            else:
                writer.write(found)
                _name_failure(found.doc_id, found.error)
            n_failed += isinstance(found, DataError) or found.error is not None
    return FAILED if n_failed else 0


# ---- merge


@app.command()
@_command
def merge(
    reports: Annotated[
        str,
        typer.Argument(
            metavar="REPORTS.jsonl|-",
            help="Reports as predict writes them with --format jsonl (.jsonl, .jsonl.gz), or - for "
            "standard input.",
        ),
    ],
    out: _Out = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Least probability, between 0 and 1, that two events are one incident.",
            show_default="0.5",
        ),
    ] = None,
    min_score: Annotated[
        float, typer.Option(min=0, max=1, help="Leave out events scored below this.")
    ] = 0.0,
    model: Annotated[
        str | None,
        typer.Option(
            help="The model folder that gave the Reports, for its labels.",
            show_default="the shipped model",
        ),
    ] = None,
) -> int:
    """Find the same incident in many saved Reports, and write one incident a line, as JSON.

    An incident keeps every source and each source's toll, and refers to the events behind it by
    the number of their Report (from 0). A line that is no Report, and a Report of a document that
    could not be read, are named on stderr and left out; the rest go on.

    \b
    Examples:
      conflictwire merge reports.jsonl -o incidents.jsonl
      conflictwire merge reports.jsonl --threshold 0.8 --min-score 0.5
      conflictwire predict news/ --format jsonl | conflictwire merge -
    """
    from .exports.saved import read_reports
    from .incidents import THRESHOLD, merge_reports
    from .inputs import STDIN, Source
    from .outputs import open_output

    least = THRESHOLD if threshold is None else threshold
    if not 0 < least < 1:
        raise typer.BadParameter(f"--threshold {least}: expected a number between 0 and 1")
    if reports != STDIN and not os.path.isfile(reports):
        raise DataError("no such file", file=reports)
    _check_output(out, (), [Source(reports, reports)])
    ontology = _ontology_of(model)
    n_failed, read = 0, []
    with open_output(out) as stream:
        for found in read_reports(reports):
            if isinstance(found, DataError):
                say(f"error: {found}")
            else:
                read.append(found)
                _name_failure(found.doc_id, found.error)
            n_failed += isinstance(found, DataError) or found.error is not None
        for incident in merge_reports(
            read, threshold=least, min_score=min_score, ontology=ontology
        ):
            stream.write(incident.to_json() + "\n")
    return FAILED if n_failed else 0


# ---- train


@app.command()
@_command
def train(
    config: Annotated[str, typer.Argument(help="A YAML file, or the name of a packaged config.")],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a setting; may be repeated."),
    ] = None,
) -> int:
    """Train a model, and print the run's folder.

    Its best/ is the model folder. The same command again resumes a run that was stopped.

    \b
    Examples:
      conflictwire train small
      conflictwire train my.yaml --set optimiser.lr=1e-4 --set loop.epochs=5
      conflictwire predict article.txt --model RUN/best
    """
    from .training.config import load_config

    settings = load_config(config, overrides or ())
    with _extra("train", "accelerate", "datasets", "matplotlib"):
        from .training.train import train as run_training
    try:
        result = run_training(settings, show=say, progress=sys.stderr.isatty())
    except FloatingPointError as error:  # the loss ran away; the message says what to do
        say(f"error: {error}")
        return FAILED
    print(result.run_dir)
    return 0


# ---- evaluate


@app.command()
@_command
def evaluate(
    gold: Annotated[Path, typer.Option(help="Annotated documents, JSON lines.")],
    model: _Model = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="Score these saved Reports (JSON lines, in gold's order); no model runs."
        ),
    ] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Also write all figures, as fractions, here.")
    ] = None,
    resamples: Annotated[
        int, typer.Option(min=0, help="Bootstrap resamples for the 95% intervals.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resampling.")] = 0,
    device: _Device = "auto",
    dtype: _Dtype = "auto",
    batch_size: _BatchSize = 32,
) -> int:
    """Score a model, or saved Reports, against annotated documents.

    \b
    Examples:
      conflictwire evaluate --gold dev.jsonl
      conflictwire evaluate --gold dev.jsonl --model RUN/best --json scores.json
      conflictwire evaluate --gold dev.jsonl --predictions reports.jsonl
    """
    from .outputs import open_output

    with _extra("eval", "numpy"):
        from .eval import run, tables, to_dict
    for path in (gold, predictions):
        if path is not None and not path.is_file():
            raise DataError("no such file", file=str(path))
    _check_output(json_out)
    if predictions is None:
        from .coder import load_checked

        coder = load_checked(model, device=device, dtype=dtype)
        ontology = coder.ontology
        predict = _model_predictions(coder, batch_size)
    else:
        ontology = _ontology_of(model)
        predict = _saved_predictions(predictions)
    with ExitStack() as stack:
        # Opened before the work, so that a wrong name costs none; complete before the tables.
        stream = stack.enter_context(open_output(json_out)) if json_out is not None else None
        evaluation = run(gold, predict, ontology=ontology, n_resamples=resamples, seed=seed)
        if stream is not None:
            stream.write(json.dumps(to_dict(evaluation), indent=2, allow_nan=False) + "\n")
    console = table_console(sys.stdout)
    for table in tables(evaluation):
        console.print(table)
    return FAILED if evaluation.failed else 0


_Predict = Callable[[list[dict[str, Any]]], Iterator[dict[str, Any]]]


def _model_predictions(coder: Coder, batch_size: int) -> _Predict:
    def predict(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        with progress_bar(
            len(documents), shown=sys.stderr.isatty() and len(documents) > 1
        ) as advance:
            for report in coder.stream(documents, batch_size=batch_size):
                _name_failure(report.doc_id, report.error)
                yield report.to_dict()
                advance()

    return predict


def _saved_predictions(path: Path) -> _Predict:
    """The Reports of a file; the scorer checks them. Raises DataError with file and line."""

    def predict(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        names = iter(document["doc_id"] for document in documents)
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    raw = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise DataError(f"not JSON: {error}", file=str(path), line=number) from None
                if not isinstance(raw, dict):
                    raise DataError("expected a Report object", file=str(path), line=number)
                _name_failure(next(names, None), raw.get("error"))
                yield raw

    return predict


def _name_failure(document: str | None, error: object) -> None:
    if error is not None:
        say(f"error: {document}: {error}")


def _ontology_of(model: str | None) -> Ontology:
    """The labels of a model folder, without its weights; the shipped ones for None."""
    from .ontology import Ontology

    return Ontology.load(None if model is None else Path(model) / "ontology.yaml")


# ---- bench


@app.command()
@_command
def bench(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|all",
            help="gold, timex, places, fakes or incidents; all runs every one of them.",
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="The folder of outside data.",
            show_default="$CONFLICTWIRE_DATA, else ../shared/data",
        ),
    ] = None,
    split: Annotated[
        Path | None,
        typer.Option(help="Run on this file, of the form of the benchmark's own, instead."),
    ] = None,
    model: _Model = None,
    json_out: Annotated[
        Path | None,
        typer.Option(
            "--json",
            help="Also write all figures, as fractions, here: one object, for all one by name.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the resampling.")] = 0,
    resamples: Annotated[
        int, typer.Option(min=0, help="Bootstrap resamples for the 95% intervals.")
    ] = 1000,
    device: _Device = "auto",
    dtype: _Dtype = "auto",
    batch_size: _BatchSize = 32,
) -> int:
    """Run a benchmark with public data, and print its figures.

    With all, a benchmark whose data are missing or malformed is named on stderr and left out, and
    the exit code is 1.

    \b
    Examples:
      conflictwire bench timex
      conflictwire bench gold --model RUN/best --json gold.json
      conflictwire bench places --split more.jsonl
      conflictwire bench all --data outside/ --json all.json
    """
    from .files import data_folder
    from .outputs import open_output

    with _extra("eval", "numpy"):
        from .eval import bench as benchmarks
    if split is not None and name == ALL:
        raise typer.BadParameter("--split is a file for one benchmark, not for all")
    found = [benchmarks.find(n) for n in (benchmarks.BENCHMARKS if name == ALL else (name,))]
    folder = data or data_folder()
    if name != ALL:
        benchmarks.locate(found[0], folder, split)
    _check_output(json_out)
    options = benchmarks.Options(seed, resamples, model, device, dtype, batch_size)
    results: dict[Any, dict[str, Any]] = {}
    with ExitStack() as stack:
        # Opened before the work, as in evaluate.
        stream = stack.enter_context(open_output(json_out)) if json_out is not None else None
        for benchmark in found:
            try:
                path = benchmarks.locate(benchmark, folder, split)
                results[benchmark] = benchmarks.measure(benchmark, path, options)
            except DataError as error:
                if name != ALL:
                    raise
                say(f"error: {benchmark.name}: {error}")
        by_name = {benchmark.name: figures for benchmark, figures in results.items()}
        if stream is not None:
            written = by_name if name == ALL else by_name[name]
            stream.write(json.dumps(written, indent=2, allow_nan=False) + "\n")
    console = table_console(sys.stdout)
    if name == ALL and results:
        console.print(benchmarks.summary(results))
    elif results:
        console.print(benchmarks.table(found[0], by_name[name]))
    failed = [document for figures in by_name.values() for document in figures.get("failed", ())]
    for document in failed:
        say(f"error: {document}: could not be read by the model")
    return FAILED if failed or len(results) < len(found) else 0


# ---- info


@app.command()
@_command
def info(
    model: _Model = None,
    device: _Device = "auto",
    dtype: _Dtype = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Tell versions, the model, where it runs, and all labels with their codes in other schemes.

    \b
    Examples:
      conflictwire info
      conflictwire info --model RUN/best --json
    """
    from .coder import load_checked
    from .outputs import label_table

    coder = load_checked(model, device=device, dtype=dtype)
    facts = _facts(coder, model)
    labels = coder.ontology.describe()
    if as_json:
        print(json.dumps({**facts, "labels": labels}, indent=2))
        return 0
    console = table_console(sys.stdout)
    for key, value in facts.items():
        console.print(f"{key + ':':<16}{value}", markup=False, soft_wrap=True)
    for section in dict.fromkeys(row["section"] for row in labels):
        rows = [row for row in labels if row["section"] == section]
        codes = [scheme for scheme in ("acled", "plover", "cameo", "ucdp") if rows[0][scheme]]
        group = ["group"] if any(row["group"] for row in rows) else []
        console.print()
        title = f"{section}: {len(rows)} labels"
        console.print(label_table(title, rows, ["label", *group, "definition", *codes]))
    return 0


def _facts(coder: Coder, model: str | None) -> dict[str, Any]:
    from .coder import WEIGHTS

    network, extractor = coder.extractor.network, coder.extractor
    encoder = network.config.encoder
    folder = WEIGHTS if model is None else Path(model)
    return {
        "version": __version__,
        "model_version": coder.version,
        "weights": str(folder.resolve()) if folder.is_dir() else f"{model} (Hugging Face)",
        "encoder": f"{encoder.get('model_type')}, {encoder.get('num_hidden_layers')} layers, "
        f"{encoder.get('hidden_size')} wide",
        "parameters": sum(p.numel() for p in network.parameters()),
        "device": str(extractor.device),
        "dtype": str(extractor.dtype).removeprefix("torch."),
        "ontology": coder.ontology.version,
    }


# ---- shared


@contextmanager
def _extra(name: str, *packages: str) -> Iterator[None]:
    """Imports that need an optional set of packages; ConfigError says how to install it."""
    missing = [package for package in packages if find_spec(package) is None]
    try:
        if not missing:
            yield
            return
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("conflictwire"):
            raise
        missing = [error.name]
    raise ConfigError(
        f"{', '.join(missing)} not installed; run: pip install 'conflictwire[{name}]'"
    )


if __name__ == "__main__":
    raise SystemExit(main())
