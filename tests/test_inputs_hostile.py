"""Inputs that were made to harm: what they would cost is bounded, and they fail by themselves."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import pytest
from conflictwire import files, readers
from conflictwire.cli import main
from conflictwire.errors import DataError
from conflictwire.exports import saved
from conflictwire.inputs import (
    InputDocument,
    count_documents,
    fields,
    find_sources,
    lines,
    read_documents,
    tables,
)
from conflictwire.jobs import manifest
from conflictwire.ontology import Ontology
from conflictwire.readers import read_gold
from conflictwire.resume import open_resumable, partial_path

LIMIT = 1000
GOLD = '{"id": "a", "text": "Calm.", "mentions": [], "entities": [], "events": []}'


def read(*paths: object) -> list[InputDocument]:
    return list(read_documents(find_sources([str(p) for p in paths])))


def count(path: Path) -> int | None:
    return count_documents(find_sources([str(path)]))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit, made small enough to be met by small files."""
    for module in (fields, lines, tables):
        monkeypatch.setattr(module, "MAX_SIZE", LIMIT)


def test_a_gzip_bomb_is_one_failed_document(tmp_path: Path) -> None:
    """200 MB of one letter, in 200 kB; the documents around it are read."""
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(b'{"text": "before"}\n{"text": "')
        for _ in range(200):
            out.write(b"a" * 1_000_000)
        out.write(b'"}\n{"text": "after"}\n')
    before = _peak_mib()
    first, bomb, last = read(path)
    assert (first.fields["text"], last.fields["text"]) == ("before", "after")
    assert (bomb.place, bomb.fields["text"]) == (f"{path}:2", None)
    assert bomb.error == "line longer than 64 MiB, which no document may be"
    assert last.fields["doc_id"] == "bomb.jsonl.gz:3"
    assert _peak_mib() - before < 350


def test_the_limit_is_for_lines_not_for_files(tmp_path: Path, small: None) -> None:
    path = tmp_path / "a.jsonl"
    rows = [json.dumps({"text": "x" * n}) for n in (900, 987, 988, 5000, 900)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert len(rows[1]) == LIMIT - 1  # and its end
    assert [d.error is None for d in read(path)] == [True, True, False, False, True]
    assert count(path) == 5


def test_text_files(tmp_path: Path, small: None) -> None:
    (tmp_path / "a.txt").write_text("x" * LIMIT, encoding="utf-8")
    (tmp_path / "b.txt").write_text("x" * (LIMIT + 1), encoding="utf-8")
    fits, longer = read(tmp_path)
    assert fits.error is None
    assert longer.error == fields.TOO_LONG


@pytest.mark.parametrize(("n", "reads"), [(900, True), (1100, False), (5000, False)])
def test_standard_input(n: int, reads: bool, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, fails in (("x" * n, fields.TOO_LONG), ("x y\n" * (n // 4), fields.TOO_LONG)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        (document,) = read("-")
        assert document.error == (None if reads else fails)
    rows = json.dumps({"text": "a"}), json.dumps({"text": "x" * n}), json.dumps({"text": "b"})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(rows).encode())))
    assert [d.error is None for d in read("-")] == [True, reads, True]


def test_csv_rows(tmp_path: Path, small: None) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1," + "x" * 900 + '\n2,"' + "y\n" * 400 + '"\n', encoding="utf-8")
    assert [d.error is None for d in read(path)] == [True, True]
    for long in ("x" * 1100, '"' + "x\n" * 600 + '"', ",".join(['"\n"'] * 300)):
        path.write_text(f"id,text\n1,before\n2,{long}\n3,after\n", encoding="utf-8")
        before, bad = read(path)
        assert before.fields["text"] == "before"
        assert (bad.place, bad.fields["text"]) == (f"{path}:3", None)
        assert str(bad.error).endswith("the file is read no further")
        assert count(path) == 2


def test_a_csv_without_line_ends_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as out:
        out.write(b"text\n")
        out.truncate(2**34)  # 16 GiB of NUL, no blocks on disk
    before = _peak_mib()
    (bad,) = read(path)
    assert "longer than 64 MiB" in str(bad.error)
    assert _peak_mib() - before < 600


def test_parquet_that_says_one_long_text_many_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dictionary holds it once: 1 MB on disk, and 64 MB when 64 rows are decoded together."""
    monkeypatch.setattr(tables, "_DECODED", 16 << 20)
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    text = "x" * 1_000_000
    pq.write_table(pa.table({"text": [text] * 64}), path, use_dictionary=True)
    assert path.stat().st_size < 1_500_000
    with pq.ParquetFile(path) as file:
        sizes = [batch.nbytes for batch in tables._batches(file, ["text"])]
    assert max(sizes) <= tables._DECODED
    assert sum(1 for d in read(path) if d.fields["text"] == text) == 64


def test_a_text_of_parquet_beyond_the_limit(tmp_path: Path, small: None) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"text": ["a", "x" * 1001, "b"]}), tmp_path / "a.parquet")
    assert [d.error for d in read(tmp_path)] == [None, f"field 'text': {fields.TOO_LONG}", None]


@pytest.mark.parametrize(
    ("whole", "broken"),
    [
        (b"text", b"t\xcext"),  # the name of a column
        # The number of rows, behind those of row groups and columns: as a zigzag varint.
        (b"\x16\x04\x19\x1c", b"\x16\xbf\x01\x19\x1c"),
    ],
)
def test_parquet_with_a_broken_footer(tmp_path: Path, whole: bytes, broken: bytes) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    schema = pa.schema([("text", pa.string())])  # without pandas' or Arrow's copy in the footer
    pq.write_table(pa.table({"text": ["a", "b"]}, schema), path, store_schema=False)
    data = path.read_bytes()
    cut = data.rindex(b"PAR1") - 4
    size = int.from_bytes(data[cut : cut + 4], "little")
    footer = data[cut - size : cut]
    assert whole in footer
    changed = footer.replace(whole, broken)
    tail = len(changed).to_bytes(4, "little") + b"PAR1"
    path.write_bytes(data[: cut - size] + changed + tail)
    documents = list(read(path))
    assert documents
    assert count(path) >= 0


@pytest.mark.parametrize("opening", ["[", '{"text":', '[{"a":'])
def test_nesting_without_end(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(opening * 200_000 + '\n{"text": "after"}\n', encoding="utf-8")
    bad, after = read(path)
    assert "not JSON" in str(bad.error)
    assert after.fields["text"] == "after"


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no /dev/zero")
def test_devices_have_an_end_or_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "calm.txt").write_text("Calm.", encoding="utf-8")
    assert [s.name for s in find_sources([str(tmp_path)])] == ["calm.txt"]
    (document,) = read(tmp_path / "zero.txt")  # if it is asked for by name
    assert document.error == fields.TOO_LONG


def test_a_loop_of_folders_ends(tmp_path: Path) -> None:
    (tmp_path / "calm.txt").write_text("Calm.", encoding="utf-8")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert len(read(tmp_path)) == 1


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of Reports and annotated documents, made small enough."""
    for module in (files, readers, saved):
        monkeypatch.setattr(module, "MAX_LINE", 200)


@pytest.mark.usefixtures("short")
def test_saved_reports(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_text("x" * 1000 + "\n{}\n", encoding="utf-8")
    found = saved.read_reports(str(path))
    first = next(found)
    assert isinstance(first, DataError)
    assert str(first) == f"{path}:1: a line too long to be a Report: more than 200 bytes"
    with pytest.raises(DataError, match="not a Report"):
        next(found)


@pytest.mark.usefixtures("short")
def test_manifests_of_jobs(tmp_path: Path) -> None:
    (tmp_path / manifest.MANIFEST).write_bytes(b"x" * 1000)
    with pytest.raises(DataError, match="a line too long to be one of a manifest"):
        manifest.read(tmp_path)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("end", ["", "\n"])
def test_annotated_documents(tmp_path: Path, ontology: Ontology, end: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(GOLD.ljust(199) + "\n" + "x" * 500 + end, encoding="utf-8")
    found = read_gold(path, ontology)
    assert next(found).id == "a"
    expected = r"gold\.jsonl:2: a line too long to be an annotated document: more than 200 bytes"
    with pytest.raises(DataError, match=expected):
        next(found)
    one = tmp_path / "one.json"
    one.write_text(GOLD.ljust(200), encoding="utf-8")
    assert [d.id for d in read_gold(one, ontology)] == ["a"]
    one.write_text(GOLD.ljust(201), encoding="utf-8")
    with pytest.raises(DataError, match=r"one\.json: a file too long"):
        next(read_gold(one, ontology))


@pytest.mark.usefixtures("short")
def test_reports_that_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, path = tmp_path / "gold.jsonl", tmp_path / "reports.jsonl"
    gold.write_text(GOLD, encoding="utf-8")
    path.write_text("x" * 500, encoding="utf-8")
    assert main(["evaluate", "--gold", str(gold), "--predictions", str(path)]) == 2
    assert f"{path}:1: a line too long to be a Report" in capsys.readouterr().err


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("end", ["", "\n"])
def test_reports_to_go_on_from(tmp_path: Path, end: str) -> None:
    out = tmp_path / "out.jsonl"
    partial_path(out).write_text("x" * 500 + end, encoding="utf-8")
    with (
        pytest.raises(DataError, match=r"out\.jsonl\.partial:1: a line too long to be a Report"),
        open_resumable(out, resume=True),
    ):
        pass
    assert partial_path(out).read_text(encoding="utf-8") == "x" * 500 + end


@pytest.mark.usefixtures("short")
def test_a_new_run_throws_no_long_line_away(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    partial_path(out).write_text("x" * 500 + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="holds 1 Reports"), open_resumable(out, resume=False):
        pass


def _peak_mib() -> Any:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
