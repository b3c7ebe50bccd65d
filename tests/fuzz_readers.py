"""Fuzzes what reads files: only a ConflictwireError may come out, with a message.

    python tests/fuzz_readers.py                  # all targets, 60 s each
    python tests/fuzz_readers.py jsonl csv --seconds 300 --seed 2

With atheris installed (``pip install atheris``; it has wheels for Linux) the search is guided by
which lines of the package an input reaches; without it, inputs are mutated at random. Both start
from the same sound files and use the same mutations, which know JSON, lines and bytes. Each target
runs in a process of its own, whose memory is limited, and an input that takes over 10 seconds
fails. An input that fails is printed, shortened, as Python bytes.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from conflictwire.errors import ConflictwireError

__all__ = ["TARGETS", "Target", "mutated", "try_input"]

_MAX_BYTES = 100_000
_MAX_SECONDS = 10  # of one input
_MEMORY = 6 * 2**30  # bytes of address space beyond what a target starts with
_ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, -0.0, 1e308, 10**30, "", " ", "\x00", "\ud800", "x" * 300),
    *([], [[]], {}, {"": None}, [None], "2018-02-30", "10000-01-01", "NaN", float("nan")),
    float("inf"),
)
_ODD_BYTES = (
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"),
    *(b"\r", b"\n", b"\r\n", b'"', b"'", b",", b"\t", b"\xe2\x80\xa8", b"\x85", b"{", b"[", b"\\u"),
    *(b": ", b"- ", b"# ", b"---\n", b"&a ", b"*a ", b"!!python/name:os.system ", b"<<: *a\n"),
    *(b"1e999", b"-0", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000),
)


class Target:
    """``read`` takes bytes; ``seeds`` are sound inputs. Both are made on first use."""

    def __init__(
        self, make: Callable[[Path], tuple[Callable[[bytes], object], list[bytes]]]
    ) -> None:
        self._make = make

    def made(self, folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
        return self._make(folder)


def _documents(name: str, seeds: Callable[[], list[bytes]]) -> Target:
    """Documents of a file of this name: every one is read or says why not."""

    def make(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
        from conflictwire.inputs import count_documents, find_sources, read_documents

        path = folder / name

        def read(data: bytes) -> None:
            path.write_bytes(data)
            sources = find_sources([str(path)])
            documents = list(read_documents(sources))
            for document in documents:
                assert isinstance(document.fields["text"], str) or document.error
                assert document.fields["doc_id"], "no id"
                date = document.fields.get("date")
                assert date is None or len(date) == 10
            assert (count_documents(sources) or 0) >= 0

        return read, seeds()

    return Target(make)


def _lines() -> list[bytes]:
    rows = [
        {"text": "The army attacked Besra.", "date": "2018-05-21", "id": "a1", "title": "Raid"},
        {"text": "Été", "date": "2018-05-21T10:00:00Z", "id": 7, "publisher": None},
        {"text": "", "more": {"a": [1, 2.5, "x"]}},
    ]
    return [b"\n".join(json.dumps(r, ensure_ascii=i > 0).encode() for i, r in enumerate(rows))]


def _csv() -> list[bytes]:
    return [
        b"id,text,date,title\na1,The army attacked.,2018-05-21,Raid\n",
        b'text,id\r\n"He said ""no"", then\r\nleft",7\r\n,\r\n\r\nx,"8"\r\n',
        "\ufefftext\né\n".encode(),
    ]


def _parquet() -> list[bytes]:
    import datetime

    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [
        {"text": ["a", None, "c"], "date": [datetime.date(2018, 5, 21)] * 3, "id": [1, 2, None]},
        {"text": ["x"] * 100, "date": [datetime.datetime(2018, 5, 21, 9)] * 100},
    ]
    found = []
    for table in tables:
        buffer = io.BytesIO()
        pq.write_table(pa.table(table), buffer, row_group_size=40)
        found.append(buffer.getvalue())
    return found


def _stdin(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.inputs import STDIN, find_sources, read_documents

    def read(data: bytes) -> None:
        old = sys.stdin
        sys.stdin = io.TextIOWrapper(io.BytesIO(data))
        try:
            for document in read_documents(find_sources([STDIN])):
                assert isinstance(document.fields["text"], str) or document.error
        finally:
            sys.stdin = old

    return read, [*_lines(), b"The army attacked Besra."]


@cache
def _reports() -> list[bytes]:
    from fuzz_predict import RandomSpans, tiny_coder

    reader = RandomSpans(tiny_coder())
    text = "date 2018-05-21 The army killed 12 people in Aleppo, Syria, on Monday, Gen. Khan said."
    reports = [reader(text + " " * i).to_json().encode() for i in range(8)]
    return [max(reports, key=len), min(reports, key=len)]


def _report(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.report import Report

    def read(data: bytes) -> None:
        report = Report.from_json(data)
        assert Report.from_json(report.to_json()) == report

    return read, _reports()


def _saved(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.exports.saved import read_reports

    path = folder / "reports.jsonl"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        list(read_reports(str(path)))

    return read, [b"\n".join(_reports())]


def _resumed(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.resume import open_resumable

    path = folder / "resumed.jsonl"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        with open_resumable(path, resume=True):
            pass

    return read, [b"\n".join([*_reports(), b""])]


def _ontology(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    import conflictwire.ontology
    from conflictwire.ontology import Ontology

    path = folder / "ontology.yaml"
    shipped = Path(conflictwire.ontology.__file__).with_name("ontology.yaml").read_bytes()
    small = b"""\
version: "1"
kinds: {PERSON: {means: actor, definition: One person.}}
event_types: {attack: {definition: An attack., category: violence}}
roles: {actor: {means: actor, definition: Who does it.}}
statuses: {happened: {definition: A fact.}}
"""

    def read(data: bytes) -> None:
        path.write_bytes(data)
        Ontology.load(path)

    return read, [shipped, small]


def _markup(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.files import read_text
    from conflictwire.ontology import Ontology
    from conflictwire.training.markup import HOUSE, parse

    path, ontology = folder / "markup.txt", Ontology.load()

    def read(data: bytes) -> None:
        path.write_bytes(data)
        parse(read_text(path), ontology, file="markup.txt")

    return read, [p.read_bytes() for p in sorted(HOUSE.rglob("*.txt"))[:4]]


def _gold(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.ontology import Ontology
    from conflictwire.readers import read_gold
    from conflictwire.training.markup import HOUSE, parse

    path, ontology = folder / "gold.jsonl", Ontology.load()

    def read(data: bytes) -> None:
        path.write_bytes(data)
        list(read_gold(path, ontology))

    house = sorted(HOUSE.rglob("*.txt"))[:2]
    found = [parse(p.read_text(encoding="utf-8"), ontology).to_dict() for p in house]
    return read, [json.dumps(raw).encode() for raw in found]


def _conll(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.ontology import Ontology
    from conflictwire.training.corpora import conll

    path, ontology = folder / "x.conll", Ontology.load()

    def read(data: bytes) -> None:
        path.write_bytes(data)
        list(conll.read(path, ontology))

    return read, [b"The\tO\narmy\tB-MILITARY\nleft\tO\nBesra\tB-PLACE\n\nIt\tO\n"]


def _own_actors(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.ontology import Ontology
    from conflictwire.resolve.actors import packaged_actors

    path, ontology, actors = folder / "own.csv", Ontology.load(), packaged_actors()

    def read(data: bytes) -> None:
        path.write_bytes(data)
        actors.with_own(path, ontology)

    return read, [
        b"name,kind,aliases,acronym,country,start_year,end_year\n"
        b'Lake League,ARMED_GROUP,Lakers|"The League",LL,SY,2013,2016\n'
    ]


def _config(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
    from conflictwire.training.config import load_config, packaged_configs

    path = folder / "config.yaml"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        load_config(path)

    return read, [packaged_configs()["small"].read_bytes()]


def _model_file(name: str) -> Target:
    """A file of a model folder whose other files are sound."""

    def make(folder: Path) -> tuple[Callable[[bytes], object], list[bytes]]:
        from conflictwire.folder import load_model, save_model
        from fuzz_predict import tiny_coder

        coder = tiny_coder()
        tokenizer = coder.extractor.tokenizer.tokenizer
        save_model(folder / "model", coder.extractor.network, tokenizer, coder.ontology)
        path = folder / "model" / name
        sound = path.read_bytes()

        def read(data: bytes) -> None:
            path.write_bytes(data)
            load_model(folder / "model")

        return read, [sound]

    return Target(make)


TARGETS: dict[str, Target] = {
    "text": _documents("a.txt", lambda: [b"The army attacked Besra.", "\ufeffé".encode()]),
    "jsonl": _documents("a.jsonl", _lines),
    "gzip": _documents("a.jsonl.gz", lambda: [gzip.compress(_lines()[0], mtime=0)]),
    "csv": _documents("a.csv", _csv),
    "parquet": _documents("a.parquet", _parquet),
    "stdin": Target(_stdin),
    "report": Target(_report),
    "saved": Target(_saved),
    "resumed": Target(_resumed),
    "ontology": Target(_ontology),
    "markup": Target(_markup),
    "gold": Target(_gold),
    "conll": Target(_conll),
    "own_actors": Target(_own_actors),
    "config": Target(_config),
    "model_config": _model_file("config.json"),
    "model_tokenizer": _model_file("tokenizer_config.json"),
}


# ---- mutations


def mutated(data: bytes, rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One to four changes: a value of JSON, a line, a run of bytes."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        change = rng.choice((_change_json, _change_json, _change_lines, _change_bytes, _splice))
        data = change(data, rng, seeds)[:_MAX_BYTES]
    return data


def _change_json(data: bytes, rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Another value at one place of one line that is JSON, or of the whole."""
    lines = [data]
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        lines = data.split(b"\n")
        at = rng.randrange(len(lines))
        try:
            raw = json.loads(lines[at])
        except (ValueError, RecursionError):
            return _change_bytes(data, rng, seeds)
    else:
        at = 0
    places = list(_places(raw))
    if not places:
        return json.dumps(rng.choice(_ODD_VALUES)).encode()
    holder, key = rng.choice(places)
    sort = rng.randrange(5)
    if sort == 0:
        del holder[key]
    elif sort == 1:
        other, other_key = rng.choice(places)
        with contextlib.suppress(LookupError):
            holder[key] = json.loads(json.dumps(other[other_key]))
    elif sort == 2 and isinstance(holder[key], int):
        holder[key] = holder[key] + rng.choice((-1, 1, 10**9, -(10**9)))
    else:
        holder[key] = rng.choice(_ODD_VALUES)
    lines[at] = json.dumps(raw).encode()
    return b"\n".join(lines)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _change_lines(data: bytes, rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    sort = rng.randrange(4)
    if sort == 0:
        del lines[at]
    elif sort == 1:
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif sort == 2:
        rng.shuffle(lines)
    else:
        words = lines[at].split(b" ")
        words[rng.randrange(len(words))] = rng.choice(_ODD_BYTES)
        lines[at] = b" ".join(words)
    return b"\n".join(lines)


def _change_bytes(data: bytes, rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + int(100 ** rng.random()) - rng.randrange(2))
    part = data[start:end]
    new = rng.choice(
        (b"", part * 2, part[::-1], rng.randbytes(len(part)), rng.choice(_ODD_BYTES), part.upper())
    )
    return data[:start] + new + data[max(start, end) :]


def _splice(data: bytes, rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    other = rng.choice(seeds)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


# ---- the run


def try_input(read: Callable[[bytes], object], data: bytes) -> str | None:
    """What goes wrong with one input, as a traceback; None if nothing does."""
    start = time.perf_counter()
    try:
        read(data)
    except ConflictwireError as error:
        if not str(error).strip():
            return f"{type(error).__name__} without a message"
    except Exception as error:
        return "".join(traceback.format_exception(error))
    seconds = time.perf_counter() - start
    return f"took {seconds:.1f} s" if seconds > _MAX_SECONDS else None


def _shortest(read: Callable[[bytes], object], data: bytes, problem: str) -> bytes:
    from fuzz_predict import minimised

    last = problem.strip().splitlines()[-1].split(":")[0]

    def fails(shorter: str) -> bool:
        found = try_input(read, shorter.encode("latin-1"))
        return found is not None and found.strip().splitlines()[-1].split(":")[0] == last

    return minimised(data.decode("latin-1"), fails, max_tries=200).encode("latin-1")


def _run(name: str, seconds: float, seed: int, engine: str) -> None:
    """One target in this process, which ends with 1 if an input fails."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    read, seeds = TARGETS[name].made(folder)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with contextlib.suppress(ValueError, OSError):
        limit = used + _MEMORY
        resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.RLIM_INFINITY))
    n_inputs = 0
    begin = time.perf_counter()

    def one(data: bytes) -> None:
        nonlocal n_inputs
        n_inputs += 1
        problem = try_input(read, data)
        if problem is not None:
            shortest = _shortest(read, data, problem)
            print(f"FAILED {name}: {try_input(read, shortest) or problem}\ndata = {shortest!r}")
            done(1)

    def done(code: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        print(f"{name}: {n_inputs} inputs, {time.perf_counter() - begin:.0f} s, {engine}")
        sys.stdout.flush()
        # Not sys.exit: atheris never comes back, and takes any exception for a find.
        os._exit(code)

    for data in seeds:
        read(data)  # a seed that is refused finds little
    if engine == "atheris":
        _guided(one, done, seeds, folder, seconds, seed, begin)
    rng = random.Random(seed)
    pool = list(seeds)
    while time.perf_counter() - begin < seconds:
        data = mutated(rng.choice(pool), rng, seeds)
        one(data)
        if rng.random() < 0.05:  # go on from it, sometimes
            pool = [*seeds, *pool[len(seeds) :][-50:], data]
    done(0)


def _guided(
    one: Callable[[bytes], None],
    done: Callable[[int], None],
    seeds: Sequence[bytes],
    folder: Path,
    seconds: float,
    seed: int,
    begin: float,
) -> None:
    """Atheris, over one corpus of seeds. Never comes back."""
    import atheris

    corpus = folder / "corpus"
    corpus.mkdir()
    for i, data in enumerate(seeds):
        (corpus / str(i)).write_bytes(data[:_MAX_BYTES])

    def mutate(data: bytes, max_size: int, number: int) -> bytes:
        rng = random.Random(number)
        if rng.random() < 0.3:
            return atheris.Mutate(data, max_size)  # type: ignore[no-any-return]
        return mutated(data, rng, seeds)[:max_size]

    def test(data: bytes) -> None:
        if time.perf_counter() - begin > seconds:
            done(0)
        one(data)

    arguments = [f"-max_len={_MAX_BYTES}", f"-seed={seed + 1}", "-verbosity=0", "-rss_limit_mb=0"]
    arguments.append(f"-artifact_prefix={folder}/")
    atheris.Setup([sys.argv[0], *arguments, str(corpus)], test, custom_mutator=mutate)
    atheris.Fuzz()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", choices=("auto", "atheris", "random"), default="auto")
    parser.add_argument("--here", action="store_true", help="one target, in this process")
    options = parser.parse_args(argv)
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(TARGETS)}")
    engine = options.engine
    if engine == "auto":
        engine = "atheris" if find_spec("atheris") else "random"
    if options.here:
        if engine == "atheris":
            import atheris

            # Lines are only seen in modules that are imported here for the first time.
            with atheris.instrument_imports(include=["conflictwire"]):
                _run(options.targets[0], options.seconds, options.seed, engine)
        _run(options.targets[0], options.seconds, options.seed, engine)
    failed = []
    for name in options.targets or TARGETS:
        command = [sys.executable, __file__, name, "--here", "--engine", engine]
        command += ["--seconds", str(options.seconds), "--seed", str(options.seed)]
        try:
            child = subprocess.run(
                command, timeout=options.seconds + 300, check=False, stderr=subprocess.PIPE
            )
        except subprocess.TimeoutExpired:
            print(f"FAILED {name}: an input hangs", flush=True)
            failed.append(name)
            continue
        if child.returncode:
            print(child.stderr.decode("utf-8", "replace")[-4000:], flush=True)
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "nothing failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
