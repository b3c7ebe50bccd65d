"""What the machine gives: its matrix-multiply peak, how much of it others use, memory in use."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch

__all__ = ["CpuUse", "cores", "load_average", "matmul_peak", "wait_for"]

# A square that fits the caches, two that do not, and the shapes of encoders' widest layers (many
# tokens, widths 384 and 768): which one is fastest depends on the machine.
_SHAPES = (
    (512, 512, 512),
    (1024, 1024, 1024),
    (2048, 2048, 2048),
    (2048, 384, 1536),
    (2048, 768, 3072),
)
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def matmul_peak(dtype: torch.dtype, device: torch.device, *, seconds: float = 0.2) -> float:
    """GFLOP/s of a matrix product at its best: the fastest single call of the fastest shape.

    ``seconds`` is the time for each shape. The number of threads is torch's.
    """
    multiply = torch._int_mm if dtype == torch.int8 else torch.matmul
    generator = torch.Generator().manual_seed(0)
    best = 0.0
    for m, k, n in _SHAPES:
        a = (16 * torch.randn(m, k, generator=generator)).to(device, dtype)
        b = (16 * torch.randn(k, n, generator=generator)).to(device, dtype)
        multiply(a, b)  # kernels are chosen at the first call
        wait_for(device)
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            multiply(a, b)
            wait_for(device)
            best = max(best, 2 * m * k * n / (time.perf_counter() - start))
    return best / 1e9


def wait_for(device: torch.device) -> None:
    """Until the device has done what it was asked for; a CPU always has."""
    kind = str(device)  # "cuda:0"
    if kind.startswith("cuda"):
        torch.cuda.synchronize(device)
    elif kind.startswith("mps"):
        torch.mps.synchronize()


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_average() -> float | None:
    """Processes that ran or waited to run, over the last minute."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


@dataclass(frozen=True, slots=True)
class CpuUse:
    """CPU seconds of the machine and of this process and all it started, since it was made."""

    wall: float = field(default_factory=time.perf_counter)
    machine: float | None = field(default_factory=lambda: _machine_seconds())
    own: float = field(default_factory=lambda: _own_seconds())

    def of_others(self) -> float | None:
        """Cores that others kept busy meanwhile, on average; None where the machine can't tell."""
        now = _machine_seconds()
        wall = time.perf_counter() - self.wall
        if now is None or self.machine is None or wall <= 0:
            return None
        return round(max(0.0, (now - self.machine - (_own_seconds() - self.own)) / wall), 3)


def _machine_seconds() -> float | None:
    """All CPU time that was not idle, from Linux's /proc/stat."""
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, *rest = map(int, fields[:8])
    return (user + nice + system + sum(rest)) / _CLOCK_TICKS


def _own_seconds() -> float:
    """Of this process, of what it started and waited for, and of what still runs."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    done = sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, who))
    return done + _seconds_of_running(os.getpid())


def _seconds_of_running(parent: int) -> float:
    """CPU seconds of a process's children and theirs, from Linux's /proc; 0 elsewhere."""
    children: dict[int, list[tuple[int, int]]] = {}  # parent -> process, ticks
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            line = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        fields = line.rpartition(")")[2].split()  # a name may hold spaces
        ticks = sum(map(int, fields[11:15]))  # its own, and of those it waited for
        children.setdefault(int(fields[1]), []).append((int(stat.parent.name), ticks))
    found, ticks = [parent], 0
    while found:
        for child, own in children.get(found.pop(), ()):
            found.append(child)
            ticks += own
    return ticks / _CLOCK_TICKS
