"""``conflictwire predict``: texts -> their events."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from ..errors import ConflictwireError
from ..terminal import progress_bar, say
from .output import Format, FormatOption, Out, check_output, format_of, is_special
from .shared import FAILED, BatchSize, Device, Dtype, MinScore, Model, name_repeat

if TYPE_CHECKING:
    from ..coder import Coder
    from ..inputs import InputDocument
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
    out: Out = None,
    model: Model = None,
    actors: _Actors = None,
    min_score: MinScore = 0.0,
    device: Device = "auto",
    dtype: Dtype = "auto",
    batch_size: BatchSize = 32,
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
    --resume reads the documents that are missing there, by id and text, and those that failed;
    it refuses those that come with another publication date now.
    Given OUT of a run that was not stopped, it adds what is new among the inputs.

    \b
    Examples:
      conflictwire predict article.txt --date 2018-05-21
      cat article.txt | conflictwire predict
      conflictwire predict posts.jsonl.gz --text-field body -o events.jsonl
      conflictwire predict news/ more.jsonl -o events.jsonl
      conflictwire predict posts.csv --text-field body --date-field published --format jsonl
      conflictwire predict archive.parquet -o events.jsonl --resume
      conflictwire predict news/ --actors mine.csv --min-score 0.5 -o events.csv
    """
    from ..coder import load_checked
    from ..exports.repeats import Repeats
    from ..inputs import STDIN, FieldNames, count_documents, find_sources, is_day, read_documents
    from ..outputs import FORMATS

    if date is not None and not is_day(date):
        raise typer.BadParameter(f"--date {date!r}: expected an ISO day such as 2018-05-21")
    form = format_of(format, out)
    sources = find_sources(inputs or ())
    check_output(out, inputs or (), sources)
    shown = sys.stderr.isatty() and (out is not None or not sys.stdout.isatty())
    documents = read_documents(
        sources, fields=FieldNames(text_field, date_field, id_field), published=date
    )
    n_done = n_failed = 0
    has_text, repeats = False, Repeats()
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
            left = earlier.rest(documents, advance)
            for document, report in _code(left, coder, batch_size, min_score):
                writer.write(report)
                if report.error is not None:
                    n_failed += 1
                    say(f"error: {document.place}: {report.error}")
                n_done += 1
                has_text = has_text or bool(report.text.strip())
                name_repeat(repeats, report)
                advance()
    if not has_text and not n_failed and not len(earlier):
        say("note: the input holds no text")
    if n_failed and n_done > 1:
        say(f"{n_failed} of {n_done} documents failed")
    return FAILED if n_failed else 0


@contextmanager
def _open_reports(out: Path | None, form: str, resume: bool) -> Iterator[tuple[TextIO, Earlier]]:
    """Where results go, and what stands there already: with ``resume`` alone there may be any."""
    from ..outputs import open_output
    from ..resume import Earlier, open_resumable, partial_path

    if form != Format.jsonl or out is None or is_special(out):
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
    documents: Iterator[InputDocument], coder: Coder, batch_size: int, min_score: float
) -> Iterator[tuple[InputDocument, Report]]:
    """Each document with its Report; what the reader found wrong is the Report's error."""
    from ..coder import predict_stream

    waiting: deque[InputDocument] = deque()

    def fields() -> Iterator[Mapping[str, Any]]:
        for document in documents:
            waiting.append(document)
            # Without text, the coder does not read it, and its Report says what else is known.
            failed = document.error is not None
            yield {**document.fields, "text": None} if failed else document.fields

    for report in predict_stream(fields(), batch_size=batch_size, coder=coder, min_score=min_score):
        document = waiting.popleft()
        if document.error is not None:
            text = document.fields["text"] or ""
            report = report.model_copy(update={"error": document.error, "text": text})
        yield document, report
