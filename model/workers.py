"""Copies of an object in processes of their own, which read batches side by side, in order."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from loky import cpu_count, process_executor

from .errors import WorkersError

__all__ = ["Workers", "room_for"]

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2  # batches a worker: one that it reads, one that waits
_IDLE_S = 60.0  # after which a worker without work ends; the next batch starts another
_WATCH_S = 1.0
_MOST_GROWTH = 2_000_000_000  # bytes by which a worker may grow before another takes its place
_CGROUP = Path("/sys/fs/cgroup")
_LOST = "the process that read it alone was killed; was there too little memory for it?"
_SAFE = "PYTHONSAFEPATH"
_KILLED = (BrokenProcessPool, process_executor.ShutdownExecutorError)


class Workers(Generic[T]):
    """``n`` processes, each with a copy of ``thing`` and ``threads`` threads.

    They start at the first batch, from a copy of ``thing`` that is made then, and end when they
    have had nothing to do for ``idle_s`` seconds (None: never), when ``close`` is called, or with
    this process. May be used from several threads.
    """

    # loky's processes, as those of the standard library run the program's main module once more,
    # and with it every script that does not guard against that.

    def __init__(
        self, thing: T, n: int, *, threads: int = 1, idle_s: float | None = _IDLE_S
    ) -> None:
        self.n, self.threads = n, threads
        self._thing, self._idle_s = thing, idle_s
        self._lock = threading.Lock()
        self._pool: Any = None
        self._copy: _Copy | None = None
        _all.add(self)

    def map(
        self,
        function: Callable[[T, list[Item]], list[Result]],
        batches: Iterable[list[Item]],
        *,
        lost: Callable[[Item, str], Result],
    ) -> Iterator[list[Result]]:
        """Of each batch, ``function(copy, batch)``, in order; ``function`` is one of a module.

        Never are more than two batches a worker taken from ``batches`` that have not come out.
        What ``function`` raises is raised here. If a process is killed (as the system does for
        want of memory), the batches under way are read again, the first of them alone, and if that
        fails too, item by item: ``lost(item, why)`` stands for an item that kills its process.
        Raises WorkersError if no process can be started.
        """
        iterator = iter(batches)
        waiting: deque[tuple[list[Item], Future[list[Result]]]] = deque()
        try:
            while True:
                n_taken = 0
                # One for each that has come out, and more only while nothing else is to be done:
                # what is ready does not wait for a slow source.
                while len(waiting) < _AHEAD * self.n and not (
                    n_taken and waiting and waiting[0][1].done()
                ):
                    batch = next(iterator, None)
                    if batch is None:
                        break
                    waiting.append((batch, self._submit(function, batch)))
                    n_taken += 1
                if not waiting:
                    return
                batch, future = waiting.popleft()
                try:
                    results = future.result()
                except _KILLED:
                    results = self._alone(function, batch, lost)
                    waiting = deque(
                        (b, f if _is_good(f) else self._submit(function, b)) for b, f in waiting
                    )
                yield results
        except (KeyboardInterrupt, SystemExit):
            self.close()  # else the program would wait for what they are at
            raise
        finally:
            for _, future in waiting:
                future.cancel()

    def start(self) -> None:
        """Start the processes, if they are not; else the first batch does. Raises WorkersError."""
        with self._lock:
            if self._pool is None:
                self._pool = self._started(self.n)

    def close(self) -> None:
        """End the processes, also those at work; the next batch starts others, from a new copy."""
        with self._lock:
            pool, self._pool = self._pool, None
            copy, self._copy = self._copy, None
        if pool is not None:
            pool.shutdown(wait=False, kill_workers=True)
        if copy is not None:
            copy.close()

    def __del__(self) -> None:
        with suppress(Exception):  # the interpreter may be at its end
            self.close()

    def _submit(
        self, function: Callable[[T, list[Item]], list[Result]], batch: list[Item]
    ) -> Future[list[Result]]:
        with self._lock:
            for _ in range(2):
                if self._pool is None:
                    self._pool = self._started(self.n)
                try:
                    future: Future[list[Result]] = self._pool.submit(_apply, function, batch)
                    return future
                except _KILLED:
                    self._pool = None
        raise WorkersError("processes end as soon as they are started")

    def _alone(
        self,
        function: Callable[[T, list[Item]], list[Result]],
        batch: list[Item],
        lost: Callable[[Item, str], Result],
    ) -> list[Result]:
        """In a process that nothing else runs in, so that what it ends with is to blame."""
        parts = [batch] if len(batch) == 1 else [batch, *([item] for item in batch)]
        results: list[Result] = []
        pool = None
        try:
            for part in parts:
                if pool is None:
                    with self._lock:
                        pool = self._started(1)
                try:
                    results += pool.submit(_apply, function, part).result()
                except BrokenProcessPool:
                    pool = None
                    if len(part) == 1:
                        results.append(lost(part[0], _LOST))
                if part is batch and results:
                    break
        finally:
            if pool is not None:
                pool.shutdown(wait=False, kill_workers=True)
        return results

    def _started(self, n: int) -> Any:
        """A pool whose processes are known to start. ``_lock`` is held."""
        threads = str(self.threads)
        pool = None
        try:
            if self._copy is None:
                self._copy = _Copy(self._thing)
            env = {
                # Left alone, the tokenizer starts a thread for each core, in every process.
                "OMP_NUM_THREADS": threads,
                "RAYON_NUM_THREADS": threads,
                _SAFE: "1",
            }
            with _safe_path():
                pool = process_executor.ProcessPoolExecutor(
                    n,
                    timeout=self._idle_s,
                    initializer=_begin,
                    # A path, not the thing: loky would wait without end to hand more than a pipe
                    # holds to a process that ends while it starts.
                    initargs=(self._copy.path, self.threads, os.getpid()),
                    env=env,
                )
                pool.submit(os.getpid).result()
        except Exception as error:  # of the system, of loky, and of what cannot be pickled
            if pool is not None:
                pool.shutdown(wait=False, kill_workers=True)
            raise WorkersError(f"no processes can be started: {error}") from error
        return pool


def _is_good(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


class _Copy:
    """A thing pickled to a file that only its user can read or write. On Linux it has no name, and
    so goes with this process, however that ends."""

    def __init__(self, thing: object) -> None:
        self._file: IO[bytes] = tempfile.NamedTemporaryFile(  # noqa: SIM115
            prefix="conflictwire-", suffix=".pickle", delete=False
        )
        self.path = self._file.name
        self._is_named = True
        try:
            pickle.dump(thing, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._file.flush()
            nameless = f"/proc/{os.getpid()}/fd/{self._file.fileno()}"
            if os.path.exists(nameless):
                os.unlink(self.path)
                self.path, self._is_named = nameless, False
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()
        if self._is_named:
            os.unlink(self.path)


@contextmanager
def _safe_path() -> Iterator[None]:
    """What starts meanwhile imports nothing from the folder that the program was called in."""
    with _starting:
        before = os.environ.get(_SAFE)
        os.environ[_SAFE] = "1"
        try:
            yield
        finally:
            if before is None:
                os.environ.pop(_SAFE, None)
            else:
                os.environ[_SAFE] = before


def _after_fork() -> None:
    """A forked process has no part in the processes of the one that it comes from."""
    global _starting
    _starting = threading.Lock()
    for workers in list(_all):
        workers._lock = threading.Lock()
        workers._pool = workers._copy = None


_starting = threading.Lock()  # one pool at a time
_all: weakref.WeakSet[Workers[Any]] = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def room_for(bytes_each: int) -> int:
    """How many such processes find room: one a core at most, none in a process that may not start
    any (one that multiprocessing made a daemon)."""
    if multiprocessing.current_process().daemon:
        return 0
    return min(int(cpu_count()), _free_bytes() // bytes_each)


def _free_bytes() -> int:
    """Memory that may still be taken, on Linux; elsewhere enough for anything."""
    free = sys.maxsize
    with suppress(OSError, StopIteration), open("/proc/meminfo", encoding="ascii") as lines:
        free = next(int(x.split()[1]) for x in lines if x.startswith("MemAvailable:")) * 1024
    # A container may have less than the machine.
    with suppress(OSError, ValueError):  # "max": no limit
        limit, used = (
            int((_CGROUP / name).read_text()) for name in ("memory.max", "memory.current")
        )
        free = min(free, max(0, limit - used))
    return free


# ---- in a worker

_copy: Any = None


def _begin(copy: str, threads: int, parent: int) -> None:
    global _copy
    with open(copy, "rb") as file:
        _copy = pickle.load(file)  # written by the process that started this one
    if "torch" in sys.modules:  # imported to make the copy
        sys.modules["torch"].set_num_threads(threads)
    # Ctrl-C goes to all processes of a terminal: the first one sees to the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    # loky replaces processes that grow by 300 MB; a long text does that once, and no more.
    process_executor._MAX_MEMORY_LEAK_SIZE = _MOST_GROWTH


def _end_with(parent: int) -> None:
    """Nobody waits for the result if the first process was killed."""
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    os._exit(1)


def _apply(function: Callable[[Any, list[Any]], list[Any]], batch: list[Any]) -> list[Any]:
    return function(_copy, batch)
