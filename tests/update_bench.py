"""Keep results of benchmarks, and write their tables into README.md and the model card.

    conflictwire bench muc4 --json muc4.json      # or all: --json all.json
    python tests/update_bench.py muc4.json        # any number of such files
    python tests/update_bench.py                  # the tables alone

A benchmark takes the place of its earlier results; all others stay as they are. One that could not
be run keeps its earlier figures, which are marked. ``--here`` says that the package that ran was
installed from this checkout as it stands, and fills in the commit, which it cannot know itself.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from conflictwire.eval.bench.report import Results, by_name, full, merged, short

ROOT = Path(__file__).resolve().parents[1]
STORE = Path("eval/bench/results.json")
PAGES: dict[Path, Callable[[Results], str]] = {
    Path("README.md"): short,
    Path("model/MODEL_CARD.md"): full,
}
BEGIN = "<!-- benchmarks: written by `make bench` from eval/bench/results.json -->"
END = "<!-- end of benchmarks -->"
_BLOCK = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)


def with_block(page: str, block: str) -> str:
    """The page with what stands between the markers replaced. Raises ValueError if they do not
    stand in it once."""
    changed, n_blocks = _BLOCK.subn(lambda _: f"\n{block}\n", page)
    if n_blocks != 1:
        raise ValueError(f"{n_blocks} blocks of benchmarks between their markers, expected 1")
    return changed


def read_results(path: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return results


def update(root: Path, files: Sequence[Path], commit: str | None = None) -> None:
    """Merge what ``bench --json`` wrote into the results, then write the tables anew.

    ``commit`` is filled in where the package did not know its own.
    """
    results = read_results(root / STORE)
    for file in files:
        new = by_name(read_results(file))
        for figures in new.values():
            if "n" in figures and figures["commit"] is None:
                figures["commit"] = commit
        results = merged(results, new)
    _write(root / STORE, json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    for name, table in PAGES.items():
        page = (root / name).read_text(encoding="utf-8")
        _write(root / name, with_block(page, table(results)))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def commit_here() -> str:
    """The checkout's commit, with + if it has changes, those of the tables left out."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(ROOT), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    written = [f":!{name.as_posix()}" for name in (STORE, *PAGES)]
    return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "--", *written) else "")


def main() -> None:
    parser = argparse.ArgumentParser(description="Keep results of benchmarks and show them.")
    parser.add_argument("files", nargs="*", type=Path, help="what `bench NAME|all --json` wrote")
    parser.add_argument("--here", action="store_true", help="this checkout is what ran")
    arguments = parser.parse_args()
    update(ROOT, arguments.files, commit_here() if arguments.here else None)


if __name__ == "__main__":
    main()
