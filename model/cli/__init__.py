"""The ``conflictwire`` command: one module a command, named after it.

Results go to stdout, progress and messages to stderr. Exit codes: 0 done, 1 some documents failed
(each is named), 2 wrong use or a file that cannot be read or written, 130 interrupted, 141 the
reader of the output went away.

``shared.py`` holds exit codes and the options of several commands, ``output.py`` the forms of
results and where they go, ``saved.py`` Reports that were saved as input. Heavy modules are
imported inside the commands, so that help comes at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from ..terminal import never_fail_to_encode, say
from ..version import __version__
from . import bench, evaluate, export, info, merge, predict, train
from .shared import INTERRUPTED, WRONG_USE, with_exit_codes

__all__ = ["app", "main"]

# typer used the click package first and carries a copy now; its errors lead to either.
_ClickError: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

# In the order of the help.
_COMMANDS: tuple[Callable[..., int], ...] = (
    predict.predict,
    export.export,
    merge.merge,
    train.train,
    evaluate.evaluate,
    bench.bench,
    info.info,
)

app = typer.Typer(
    name="conflictwire", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)
for _command in _COMMANDS:
    app.command()(with_exit_codes(_command))


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Structured events from conflict news.

    Results go to stdout, progress and messages to stderr. Exit codes: 0 done, 1 some documents
    failed (each is named on stderr), 2 wrong use or a file that cannot be read or written, 130
    interrupted.

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
