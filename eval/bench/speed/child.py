"""One fresh process: loads the model, reads texts, and tells how long that took and its memory.

Run as a file (``python -P child.py``), so that the load time has the package's imports in it:

    {"model": null, "device": "cpu", "dtype": "auto", "threads": 2, "workers": null, "seed": 0,
     "batch_size": 32, "articles": 8}
    or, for "articles", {"documents": 100, "words": 100}: a stream of 100 and then of 1,000

is its argument; it prints ``load_s`` and ``peak_mb`` (a list: after each part of the reading).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def main(job: Mapping[str, Any]) -> dict[str, Any]:
    start = time.perf_counter()
    from conflictwire import load

    coder = load(job["model"], device=job["device"], dtype=job["dtype"])
    load_s = time.perf_counter() - start

    import torch
    from conflictwire.coder import workers_of
    from conflictwire.eval.bench.speed.articles import article_set, stream

    torch.set_num_threads(job["threads"])
    workers = job["workers"] or workers_of(coder)
    peaks: list[float] = []

    def read(documents: Iterable[Mapping[str, Any]]) -> None:
        for report in coder.stream(documents, batch_size=job["batch_size"], workers=workers):
            report.to_json()
        peaks.append(peak_mb())

    if n := job.get("articles"):
        read({"text": a.text, "date": a.date} for a in article_set(n, job["seed"]))
    if n := job.get("documents"):
        for times in (1, 10):
            read(stream(n * times, job["words"], job["seed"]))
    return {"load_s": load_s, "peak_mb": peaks}


def peak_mb() -> float:
    """The most memory that this process and its children have held, each its own, in 10^6 bytes.

    Linux's ru_maxrss would count what the parent held when this process was started.
    """
    try:
        held = [_kilobytes(pid) for pid in ("self", *_children())]
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
    return sum(held) * 1024 / 1e6


def _children() -> list[str]:
    ids: list[str] = []
    for path in Path("/proc/self/task").glob("*/children"):
        ids += path.read_text(encoding="ascii").split()
    return ids


def _kilobytes(pid: str) -> int:
    """0 for a process without memory: one that has ended."""
    try:
        lines = Path("/proc", pid, "status").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return 0
    return next((int(x.split()[1]) for x in lines if x.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
