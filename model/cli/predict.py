"""``conflictwire predict``: texts -> their events."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from ..errors import ConflictwireError
from ..terminal import progress_bar, say
from .output import (
    SHARDED,
    Format,
    FormatOption,
    check_output,
    format_of,
    is_folder,
    is_special,
)
from .shared import FAILED, BatchSize, Device, Dtype, MinScore, Model, Workers, name_repeat

if TYPE_CHECKING:
    from ..coder import Coder
    from ..inputs import InputDocument
    from ..jobs import Job
    from ..report import Report
    from ..resume import Earlier

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
_SHARD_SIZE = 1000
_MANY_CHARS = 1_000_000
_Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE|FOLDER/",
        help="A file, which appears only when all is done; or a folder, for archives: one that is "
        "there, a name that ends in /, or one without extension.",
    ),
]
_ShardSize = Annotated[
    int | None,
    typer.Option(min=1, help="Documents a file of the folder.", show_default=str(_SHARD_SIZE)),
]
_Actors = Annotated[
    Path | None,
    typer.Option(
        help="A CSV file of actors of your own, which win over those known; columns: name, kind, "
        "aliases, acronym, country, start_year, end_year, sort, plover_sector, code, id."
    ),
]


def predict(
    inputs: _Inputs = None,
    date: _Date = None,
    format: FormatOption = None,
    out: _Out = None,
    model: Model = None,
    actors: _Actors = None,
    min_score: MinScore = 0.0,
    device: Device = "auto",
    dtype: Dtype = "auto",
    batch_size: BatchSize = 32,
    workers: Workers = None,
    text_field: Annotated[str, typer.Option(help="Key or column of the text.")] = "text",
    date_field: Annotated[str, typer.Option(help="Key or column of the date.")] = "date",
    id_field: Annotated[str, typer.Option(help="Key or column of the id.")] = "id",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with a run that was stopped (a folder, or a file of JSON lines).",
        ),
    ] = False,
    shard_size: _ShardSize = None,
) -> int:
    """Read texts and give their events.

    A document that cannot be read is named on stderr, and its Report carries the error; the rest
    go on. Title and publisher are read too where there are such keys or columns, a date may have a
    time behind it, and a line or row without id goes by its number.

    A folder gets files of --shard-size documents each (jsonl or parquet), each whole once it is
    there, manifest.jsonl, and failed.jsonl: the documents that failed, to be repaired and read
    again. If the run is stopped, the same command with --resume goes on behind the last file that
    was finished; it refuses other settings and inputs that have changed.

    A file of JSON lines grows as OUT.partial until all is done. If the run is stopped, the same
    command with --resume reads the documents that are missing there, by id and text, and those that
    failed; it refuses those that come with another publication date now, and another model. Give
    --actors and --min-score as before: Reports do not tell them. Given OUT of a run that was not
    stopped, either adds what is new among the inputs.

    \b
    Examples:
      conflictwire predict article.txt --date 2018-05-21
      cat article.txt | conflictwire predict
      conflictwire predict posts.jsonl.gz --text-field body -o events.jsonl
      conflictwire predict news/ more.jsonl -o events.jsonl
      conflictwire predict posts.csv --text-field body --date-field published --format jsonl
      conflictwire predict archive.parquet -o events.jsonl --resume
      conflictwire predict archive.parquet -o events/ --resume
      conflictwire predict news/ --actors mine.csv --min-score 0.5 -o events.csv
    """
    from ..coder import load_checked, workers_of
    from ..inputs import STDIN, FieldNames, count_documents, find_sources, is_day, read_documents
    from ..outputs import FORMATS

    if date is not None and not is_day(date):
        raise typer.BadParameter(f"--date {date!r}: expected an ISO day such as 2018-05-21")
    to_folder = is_folder(out, format)
    target = None if out is None else Path(out)
    if to_folder:
        form = _form_of_shards(format)
    elif shard_size is not None:
        raise typer.BadParameter("--shard-size is for a folder: --out NAME/")
    else:
        form = format_of(format, target)
    sources = find_sources(inputs or ())
    check_output(target, inputs or (), sources, folder=to_folder)
    shown = sys.stderr.isatty() and (out is not None or not sys.stdout.isatty())
    fields = FieldNames(text_field, date_field, id_field)
    documents = read_documents(sources, fields=fields, published=date)

    def prepared() -> tuple[Coder, int | None]:
        """The model, and how many documents there are, if that is to be shown."""
        coder = load_checked(model, device=device, dtype=dtype, actors=actors)
        return coder, count_documents(sources) if shown else None

    def listen() -> None:
        if sources[0].path == STDIN and sys.stdin.isatty():
            say("reading text from the terminal; Ctrl-D ends it")

    tally = _Tally()
    if target is not None and to_folder:
        from ..jobs import settings_of

        with _open_job(target, resume) as job:
            coder, total = prepared()
            job.begin(
                settings_of(coder, actors=actors, min_score=min_score, date=date, fields=fields),
                inputs=[source.path for source in sources],
                form=form,
                shard_size=shard_size or _SHARD_SIZE,
                writer=lambda out: FORMATS[form](out, coder.ontology),
            )
            listen()
            with progress_bar(total, shown=shown and total != 1) as advance:
                # For all shards alike, and when the job is resumed.
                many, documents = _are_many(documents)
                n = workers or (workers_of(coder) if many and batch_size > 1 else 1)
                code = partial(
                    _code, coder=coder, batch_size=batch_size, min_score=min_score, workers=n
                )
                for document, report in job.run(documents, code, skipped=advance):
                    tally.add(document, report)
                    advance()
        return _told(job, tally)
    with _open_reports(target, form, resume) as (stream, earlier):
        coder, total = prepared()
        earlier.check_model(coder.version)
        earlier.check_scores(min_score)
        listen()
        with (
            FORMATS[form](stream, coder.ontology) as writer,
            progress_bar(total, shown=shown and total != 1) as advance,
        ):
            left = earlier.rest(documents, advance)
            for document, report in _code(left, coder, batch_size, min_score, workers):
                writer.write(report)
                tally.add(document, report)
                advance()
    if not len(earlier):
        tally.tell_if_empty()
    if tally.n_failed and tally.n_done > 1:
        say(f"{tally.n_failed} of {tally.n_done} documents failed")
    return FAILED if tally.n_failed else 0


class _Tally:
    """What came out of a run; tells of what is wrong as it comes."""

    def __init__(self) -> None:
        from ..exports.repeats import Repeats

        self.n_done = self.n_failed = 0
        self._has_text = False
        self._repeats = Repeats()

    def add(self, document: InputDocument, report: Report) -> None:
        if report.error is not None:
            self.n_failed += 1
            say(f"error: {document.place}: {report.error}")
        self.n_done += 1
        self._has_text = self._has_text or bool(report.text.strip())
        name_repeat(self._repeats, report)

    def tell_if_empty(self) -> None:
        if not self._has_text and not self.n_failed:
            say("note: the input holds no text")


def _form_of_shards(format: Format | None) -> str:
    if format is None:
        return Format.jsonl.value
    if format not in SHARDED:
        raise typer.BadParameter(
            f"--format {format.value}: a folder holds jsonl or parquet; other forms go to a file, "
            "or are made from the folder's jsonl by `conflictwire export`"
        )
    return format.value


@contextmanager
def _open_job(folder: Path, resume: bool) -> Iterator[Job]:
    """A folder of shards; if the run is stopped, tells how to go on."""
    from ..jobs import open_job

    job = None
    try:
        with open_job(folder, resume=resume) as job:
            yield job
    except BaseException as error:
        manifest = None if job is None else job.manifest
        if manifest is not None and not isinstance(error, ConflictwireError):
            n = manifest.n_documents
            say(f"stopped; {n:,} documents are done in {folder}, and --resume goes on from there")
        raise


def _told(job: Job, tally: _Tally) -> int:
    """Tell how a job that is complete has ended -> exit code, of all its runs together."""
    from ..jobs import FAILED as FAILED_FILE

    assert job.manifest is not None
    n_documents, n_failed = job.manifest.n_documents, job.manifest.n_failed
    if n_documents and not job.n_new:
        say(f"nothing to do: all {n_documents:,} documents are done in {job.folder}")
    elif n_documents == job.n_new:
        tally.tell_if_empty()
    if n_failed:
        path = job.folder / FAILED_FILE
        say(f"{n_failed:,} of {n_documents:,} documents failed; they are in {path}")
    return FAILED if n_failed else 0


@contextmanager
def _open_reports(out: Path | None, form: str, resume: bool) -> Iterator[tuple[TextIO, Earlier]]:
    """Where results go, and what stands there already: with ``resume`` alone there may be any."""
    from ..outputs import open_output
    from ..resume import Earlier, open_resumable, partial_path

    if form != Format.jsonl or out is None or is_special(out):
        if resume:
            raise typer.BadParameter(
                "--resume goes on with a file of JSON lines: --out NAME.jsonl, or with a folder: "
                "--out NAME/"
            )
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


def _are_many(documents: Iterator[InputDocument]) -> tuple[bool, Iterator[InputDocument]]:
    """Whether documents are worth several processes, and the same documents."""
    from ..coder import ALONE

    head: list[InputDocument] = []
    n_chars = 0
    for document in documents:
        head.append(document)
        n_chars += len(str(document.fields.get("text") or ""))
        if len(head) > ALONE or n_chars > _MANY_CHARS:
            return True, chain(head, documents)
    return False, iter(head)


def _code(
    documents: Iterator[InputDocument],
    coder: Coder,
    batch_size: int,
    min_score: float,
    workers: int | None,
) -> Iterator[tuple[InputDocument, Report]]:
    """Each document with its Report; what the reader found wrong is the Report's error."""
    from ..coder import predict_stream

    waiting: deque[InputDocument] = deque()

    def fields() -> Iterator[Mapping[str, Any]]:
        for document in documents:
            waiting.append(document)
            yield document.readable

    stream = predict_stream(
        fields(), batch_size=batch_size, coder=coder, min_score=min_score, workers=workers
    )
    for report in stream:
        document = waiting.popleft()
        yield document, document.told(report)
