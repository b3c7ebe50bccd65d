"""What the commands that train networks share: a config with overrides, and their exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from conflictwire.errors import ConfigError, ConflictwireError
from conflictwire.terminal import clean


def config_parser(prog: str, description: str) -> argparse.ArgumentParser:
    """With ``config`` and, as ``overrides``, any number of ``--set``."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("config", help="a YAML file or the name of a packaged config")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides",
        help="override a setting, e.g. --set optimiser.lr=1e-4",
    )  # fmt: skip
    return parser


def say(line: str) -> None:
    """To the user who waits: on stderr, at once."""
    print(line, file=sys.stderr, flush=True)


def exit_code(run: Callable[[], object]) -> int:
    """0 done, 1 failed, 2 wrong use, 130 interrupted; errors are told in one line."""
    try:
        run()
    except (ConflictwireError, FloatingPointError, OSError) as error:
        say(f"error: {clean(str(error))}")
        return 2 if isinstance(error, ConfigError) else 1
    except KeyboardInterrupt:
        say("stopped; the same command resumes from the last checkpoint")
        return 130
    return 0
