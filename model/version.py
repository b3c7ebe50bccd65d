"""The package's version (pyproject reads it here), and the commit of a checkout of it."""

from __future__ import annotations

from pathlib import Path

__version__ = "0.9.0"

_FILE = Path(__file__).resolve()


def git_commit() -> str | None:
    """The checkout's commit, with ``+`` if it has changes; None outside a checkout.

    A package installed below some other repository is not part of it: git must track this file.
    """
    import subprocess

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(_FILE.parent), *words],
                capture_output=True,
                text=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        return done.stdout.strip()

    if git("ls-files", "--error-unmatch", "--", _FILE.name) is None:
        return None
    commit = git("rev-parse", "HEAD")
    return commit and commit + ("+" if git("status", "--porcelain") else "")
