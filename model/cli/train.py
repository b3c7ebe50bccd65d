"""``conflictwire train``: a model from a config."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..terminal import say
from .shared import FAILED, extra


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
    from ..training.config import SNIPPETS, load_config, task_of

    if task_of(config) == SNIPPETS:
        with extra("train", "sklearn"):
            from ..training.snippets import load_snippets_config, train_snippets
        print(train_snippets(load_snippets_config(config, overrides or ()), show=say))
        return 0
    settings = load_config(config, overrides or ())
    with extra("train", "accelerate", "datasets", "matplotlib"):
        from ..training.train import train as run_training
    try:
        result = run_training(settings, show=say, progress=sys.stderr.isatty())
    except FloatingPointError as error:  # the loss ran away; the message says what to do
        say(f"error: {error}")
        return FAILED
    print(result.run_dir)
    return 0
