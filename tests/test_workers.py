"""Processes that read side by side: order, bounds, and what happens when one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conflictwire import coder as coder_module
from conflictwire import workers
from conflictwire.coder import predict_stream, workers_of
from conflictwire.errors import WorkersError
from conflictwire.workers import Workers, room_for

if TYPE_CHECKING:
    from conflictwire.coder import Coder

TEXT = "On 3 May 2018 rebels shelled Aleppo, killing 4 people. The army denied an attack on Idlib."


def triple(factor: int, items: list[int]) -> list[int]:
    return [factor * item for item in items]


def pids(_: object, items: list[int]) -> list[int]:
    time.sleep(0.05)
    return [os.getpid() for _ in items]


def slowly(_: object, items: list[int]) -> list[int]:
    time.sleep(60)
    return items


def fail(_: object, items: list[int]) -> list[int]:
    raise ValueError(f"no {items[0]}")


def die_of_seven(_: object, items: list[int]) -> list[int]:
    if 7 in items:
        os.kill(os.getpid(), signal.SIGKILL)
    return items


def never(item: int, why: str) -> int:
    raise AssertionError(f"{item} was lost: {why}")


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers[int]]:
    pool = Workers(3, 2)
    yield pool
    pool.close()


def test_order_and_more_than_one_process(pool: Workers[int]) -> None:
    batches = [[i, i + 1] for i in range(0, 60, 2)]
    assert list(pool.map(triple, batches, lost=never)) == [[3 * i for i in b] for b in batches]
    here = {pid for ids in pool.map(pids, [[i] for i in range(20)], lost=never) for pid in ids}
    assert len(here) == 2
    assert os.getpid() not in here


def test_no_more_is_taken_than_two_batches_each(pool: Workers[int]) -> None:
    taken = 0

    def endless() -> Iterator[list[int]]:
        nonlocal taken
        while True:
            taken += 1
            yield [taken]

    stream = pool.map(triple, endless(), lost=never)
    assert taken == 0
    for n in range(1, 6):
        assert next(stream) == [3 * n]
        assert n <= taken <= 4 + n - 1
    stream.close()  # type: ignore[attr-defined]
    assert list(pool.map(triple, [[1]], lost=never)) == [[3]]  # usable after that


def test_what_the_function_and_the_source_raise_is_raised(pool: Workers[int]) -> None:
    with pytest.raises(ValueError, match="no 5"):
        list(pool.map(fail, [[5]], lost=never))

    def broken() -> Iterator[list[int]]:
        yield [1]
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(pool.map(triple, broken(), lost=never))


def test_only_what_kills_a_process_is_lost() -> None:
    pool = Workers(0, 2)
    lost: list[tuple[int, str]] = []

    def note(item: int, why: str) -> int:
        lost.append((item, why))
        return -item

    batches = [[i, i + 1] for i in range(0, 20, 2)]
    try:
        found = list(pool.map(die_of_seven, batches, lost=note))
    finally:
        pool.close()
    assert found == [[-i if i == 7 else i for i in batch] for batch in batches]
    assert [item for item, _ in lost] == [7]
    assert "killed" in lost[0][1]


def test_what_is_ready_does_not_wait_for_a_slow_source(pool: Workers[int]) -> None:
    came: list[int] = []

    def slow() -> Iterator[list[int]]:
        for i in range(6):
            time.sleep(0.3)
            came.append(i)
            yield [i]

    for n, _ in enumerate(pool.map(triple, slow(), lost=never)):
        assert len(came) <= n + 3


class Unready:
    def __init__(self, size: int) -> None:
        self.held = bytes(size)

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (3,), self.held


@pytest.mark.parametrize(
    "thing",
    [
        Unready(1),
        Unready(3_000_000),  # more than a pipe holds: to write it would block
        threading.Lock(),  # cannot be pickled
    ],
)
def test_processes_that_do_not_start_are_told(thing: object) -> None:
    pool = Workers(thing, 2)
    with pytest.raises(WorkersError, match="no processes can be started"):
        list(pool.map(pids, [[1]], lost=never))


def test_a_forked_process_starts_its_own(pool: Workers[int]) -> None:
    assert list(pool.map(triple, [[1]], lost=never)) == [[3]]
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        right = list(pool.map(triple, [[2]], lost=never)) == [[6]]
        pool.close()
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert list(pool.map(triple, [[1]], lost=never)) == [[3]]


def test_nothing_of_the_current_folder_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bisect", "loky", "pickle", "queue"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    script = tmp_path / "scripts" / "script.py"
    script.parent.mkdir()
    script.write_text(
        "from conflictwire.workers import Workers\n"
        "import json\n"
        "pool = Workers(2, 2)\n"
        "print(list(pool.map(json.dumps, [], lost=None)), pool.start(), 'started')\n"
        "pool.close()\n"
    )
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.split()[-1] == "started", done.stderr
    assert not (tmp_path / "ran").exists()


def test_an_interrupt_ends_what_is_at_work(pool: Workers[int]) -> None:
    def source() -> Iterator[list[int]]:
        for i in range(3):
            yield [i]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(pool.map(slowly, source(), lost=never))
    assert pool._pool is None
    assert list(pool.map(triple, [[1]], lost=never)) == [[3]]


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    """Without a guard around the main module, too, which a worker must not run again."""
    script = tmp_path / "script.py"
    script.write_text(
        "import os, signal\n"
        "from conflictwire.workers import Workers\n"
        "from test_workers import never, pids\n"
        "pool = Workers(0, 2)\n"
        "found = [p for ids in pool.map(pids, [[i] for i in range(20)], lost=never) for p in ids]\n"
        "print(*sorted(set(found)), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == -signal.SIGKILL
    left = [int(pid) for pid in done.stdout.split()]
    assert len(left) == 2
    deadline = time.monotonic() + 30
    while left and time.monotonic() < deadline:
        left = [pid for pid in left if alive(pid)]
        time.sleep(0.1)
    assert left == []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")  # one that nobody has collected has ended all the same
    return not status.exists() or "State:\tZ" not in status.read_text(encoding="utf-8")


# ---- a coder's


def documents(n: int) -> list[Any]:
    made: list[Any] = [{"text": f"{TEXT} Report {i}.", "doc_id": str(i)} for i in range(n)]
    made[3] = {"text": 3, "doc_id": "3"}
    return made


@pytest.fixture
def side_by_side(tiny_coder: Coder) -> Iterator[Coder]:
    yield tiny_coder
    tiny_coder.close()


def test_reports_are_those_of_one_process(side_by_side: Coder) -> None:
    given = documents(30)
    alone = [r.to_json() for r in predict_stream(given, coder=side_by_side, workers=1)]
    several = predict_stream(given, coder=side_by_side, workers=2)
    assert [r.to_json() for r in several] == alone


def test_a_long_stream_starts_processes_by_itself(
    side_by_side: Coder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coder_module, "workers_of", lambda coder: 2)
    asked: list[int] = []
    start = Workers.start

    def noted(pool: Workers[Any]) -> None:
        asked.append(pool.n)
        start(pool)

    monkeypatch.setattr(Workers, "start", noted)
    given = documents(140)
    texts = [d["text"] for d in given if isinstance(d["text"], str)]
    assert len(list(side_by_side.stream(given[:128]))) == 128
    assert len(list(side_by_side.stream(given[:128], batch_size=500))) == 128
    assert len(list(side_by_side.stream(given, batch_size=1))) == 140
    assert len(side_by_side(texts[:128])) == 128
    assert asked == []
    reports = list(side_by_side.stream(given))
    assert [r.doc_id for r in reports] == [d["doc_id"] for d in given]
    assert asked == [2]
    assert [r.to_json() for r in side_by_side(texts)] == [
        side_by_side(text).to_json() for text in texts
    ]
    assert asked == [2, 2]


def test_a_text_that_kills_its_process_is_a_failed_document(
    side_by_side: Coder, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = documents(20)
    given[9]["text"] = "BOOM " + TEXT
    monkeypatch.setattr(side_by_side.extractor, "prepare", Deadly(side_by_side))
    reports = list(side_by_side.stream(given, workers=2))
    assert [r.doc_id for r in reports] == [d["doc_id"] for d in given]
    failed = {r.doc_id: r.error or "" for r in reports if r.error}
    monkeypatch.setattr(coder_module, "workers_of", lambda coder: 2)
    with pytest.raises(MemoryError, match="killed"):
        side_by_side([d["text"] for d in given if isinstance(d["text"], str)] * 8)
    assert failed.keys() == {"3", "9"}
    assert failed["9"].startswith("MemoryError: the process that read it alone was killed")
    assert reports[9].text == given[9]["text"]


class Heavy(str):
    """A string that carries what cannot go to another process."""

    def __init__(self, _: str) -> None:
        self.tree = threading.Lock()


class Odd(dict[str, Any]):
    def get(self, *_: object) -> Any:
        raise KeyError("no such thing")


def test_documents_of_others_types(side_by_side: Coder) -> None:
    given = documents(6)
    given[1] = {"text": Heavy(TEXT), "doc_id": Heavy("1"), "title": Heavy("T")}
    given[2] = Odd()
    for workers_asked in (1, 2):
        reports = list(side_by_side.stream(given, workers=workers_asked))
        assert [r.doc_id for r in reports] == ["0", "1", None, "3", "4", "5"]
        assert type(reports[1].text) is type(reports[1].title) is str
        assert reports[2].error == "KeyError: 'no such thing'"


class Deadly:
    """A first stage that BOOM ends as the system does a process that takes too much memory."""

    def __init__(self, coder: Coder) -> None:
        self.extractor = coder.extractor
        self.prepare = coder.extractor.prepare

    def __call__(self, text: str) -> object:
        if "BOOM" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.prepare(text)


def test_where_none_can_be_started(side_by_side: Coder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no semaphores here")

    monkeypatch.setattr(workers.process_executor, "ProcessPoolExecutor", refuse)
    monkeypatch.setattr(coder_module, "workers_of", lambda coder: 2)
    given = documents(140)
    with pytest.raises(WorkersError, match="no semaphores here"):
        list(side_by_side.stream(given, workers=2))
    with pytest.warns(UserWarning, match="in this process alone: .* no semaphores here"):
        assert len(list(side_by_side.stream(given))) == 140


def test_bad_number(tiny_coder: Coder) -> None:
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        list(tiny_coder.stream([{"text": TEXT}], workers=0))


def test_how_many(tiny_coder: Coder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coder_module.torch, "get_num_threads", lambda: 3)
    for room, expected in ((2, 2), (64, 3), (0, 1)):
        monkeypatch.setattr(coder_module, "room_for", lambda _, room=room: room)
        assert workers_of(tiny_coder) == expected
    monkeypatch.setattr(coder_module.torch, "get_num_threads", lambda: 64)
    monkeypatch.setattr(coder_module, "room_for", lambda _: 64)
    assert workers_of(tiny_coder) == 8
    monkeypatch.setattr(tiny_coder.extractor, "device", coder_module.torch.device("meta"))
    assert workers_of(tiny_coder) == 1


def test_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workers, "cpu_count", lambda: 4)
    assert room_for(1) == 4
    assert room_for(10**18) == 0
    monkeypatch.setattr(workers, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("3000\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert room_for(1000) == 2
    (tmp_path / "memory.max").write_text("max\n")
    assert room_for(1000) == 4
    monkeypatch.setattr(
        workers.multiprocessing, "current_process", lambda: type("P", (), {"daemon": True})
    )
    assert room_for(1) == 0
