"""Write into README.md what its examples print: ``python tests/update_readme.py``.

An example is a fenced block in ``sh`` or ``python``, then the marker line below, then a fenced
block with the output. Examples run in the root of the checkout with the shipped model.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
MARKER = "<!-- output: of the block above, checked by tests/test_readme.py -->"
# Processors round differently: scores may differ by this much.
TOLERANCE = 0.02

_EXAMPLE = re.compile(
    r"(?P<head>```(?P<language>sh|python)\n(?P<code>(?:(?!```).)*)```\n+"
    + re.escape(MARKER)
    + r"\n```\w*\n)(?P<output>(?:(?!```).)*)(?=```\n)",
    re.DOTALL,
)
_DECIMAL = re.compile(r"\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Example:
    language: str
    code: str
    output: str


def examples(text: str) -> list[Example]:
    """The checked examples of a README, in order. Raises ValueError if a marker has none."""
    found = [_example(match) for match in _EXAMPLE.finditer(text)]
    if len(found) != text.count(MARKER):
        raise ValueError("a marker does not stand between a sh or python block and its output")
    return found


def output_of(example: Example) -> str:
    """What it prints, 100 columns wide. Raises CalledProcessError if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "example"
        script.write_text(example.code, encoding="utf-8")
        runner = [sys.executable] if example.language == "python" else ["sh", "-e"]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        done = subprocess.run(
            [*runner, str(script)],
            cwd=ROOT,
            env={
                **os.environ,
                "PATH": path,
                "COLUMNS": "100",
                "PYTHONUTF8": "1",
                "CONFLICTWIRE_DTYPE": "float32",  # in which all processors find the same
            },
            stdout=subprocess.PIPE,
            check=True,
        )
    return trimmed(done.stdout.decode("utf-8"))


def trimmed(text: str) -> str:
    """Without white space at line ends, with one line end at the end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n") + "\n"


def differences(shown: str, printed: str) -> list[str]:
    """Lines that differ by more than a rounding of decimals, as ``-shown`` and ``+printed``."""
    found = []
    for old, new in zip_longest(trimmed(shown).splitlines(), trimmed(printed).splitlines()):
        if old is None or new is None or not _alike(old, new):
            found += [f"-{old}", f"+{new}"]
    return found


def _alike(old: str, new: str) -> bool:
    if _DECIMAL.sub("#", old) != _DECIMAL.sub("#", new):
        return False
    pairs = zip(_DECIMAL.findall(old), _DECIMAL.findall(new), strict=True)
    return all(abs(float(a) - float(b)) <= TOLERANCE for a, b in pairs)


def updated(text: str) -> str:
    """The README with each output replaced by what its example prints now."""
    return _EXAMPLE.sub(lambda match: match["head"] + output_of(_example(match)), text)


def _example(match: re.Match[str]) -> Example:
    return Example(match["language"], match["code"], match["output"])


def main() -> None:
    text = README.read_text(encoding="utf-8")
    README.write_text(updated(text), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
