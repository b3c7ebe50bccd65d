"""The commit of a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conflictwire import version


def test_the_commit_is_that_of_a_repository_that_holds_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        name = ("-c", "user.name=n", "-c", "user.email=e")
        command = ["git", "-C", str(tmp_path), *name, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    package = tmp_path / "venv" / "version.py"
    package.parent.mkdir()
    package.write_text("", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    monkeypatch.setattr(version, "_FILE", package)
    assert version.git_commit() is None
    git("init", "-q")
    git("add", "notes.txt")
    git("commit", "-q", "-m", "one")
    assert version.git_commit() is None
    git("add", "venv/version.py")
    git("commit", "-q", "-m", "two")
    assert version.git_commit() == git("rev-parse", "HEAD")
    package.write_text("changed", encoding="utf-8")
    assert version.git_commit() == git("rev-parse", "HEAD") + "+"


def test_no_git_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert version.git_commit() is None
