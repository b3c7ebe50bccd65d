"""Files, folders and standard input -> documents."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from conflictwire.errors import ConfigError, DataError
from conflictwire.inputs import (
    FieldNames,
    InputDocument,
    count_documents,
    find_sources,
    is_day,
    read_documents,
)


def read(*arguments: object, **options: object) -> list[InputDocument]:
    sources = find_sources([str(a) for a in arguments])
    return list(read_documents(sources, **options))  # type: ignore[arg-type]


def stdin(text: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="ascii")


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def gzipped(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data))
    return path


def table(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return path


def parquet(path: Path, pq: Any, *, group: int = 2, **columns: list[Any]) -> Path:
    import pyarrow as pa

    pq.write_table(pa.table(columns), path, row_group_size=group)
    return path


ROW = {"id": "k", "text": "Calm.", "date": "2020-01-02", "title": "T", "publisher": "P"}


class TestFinding:
    def test_folders_are_walked_in_order_and_other_files_left_alone(self, tmp_path: Path) -> None:
        for name in ("b.txt", "a/z.TXT", "a/c.jsonl", "a.txt", "notes.md", "a/x/deep.txt", "b.gz"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("{}", encoding="utf-8")
        found = [os.path.relpath(s.path, tmp_path) for s in find_sources([str(tmp_path)])]
        assert found == ["a/c.jsonl", "a/x/deep.txt", "a/z.TXT", "a.txt", "b.txt"]

    def test_folders_hold_every_kind(self, tmp_path: Path) -> None:
        for name in ("a.txt", "b.jsonl", "c.JSONL.gz", "d.csv", "e.parquet"):
            (tmp_path / name).touch()
        assert [s.name[0] for s in find_sources([str(tmp_path)])] == list("abcde")

    def test_nothing_is_standard_input(self) -> None:
        assert [s.path for s in find_sources([])] == ["-"]

    def test_a_file_named_twice_is_read_once(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_text("Calm.", encoding="utf-8")
        assert len(find_sources([str(path), str(tmp_path), str(path)])) == 1

    def test_names_hang_on_no_other_file_of_the_folder(self, tmp_path: Path) -> None:
        for name in ("x/same.txt", "y/same.txt", "y/own.txt"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("Calm.", encoding="utf-8")
        names = [d.fields["doc_id"] for d in read(tmp_path)]
        assert names == ["x/same.txt", "y/own.txt", "y/same.txt"]

    def test_names_that_two_inputs_share_are_their_paths(self, tmp_path: Path) -> None:
        files = [tmp_path / name for name in ("x/same.txt", "y/same.txt", "y/own.txt")]
        for file in files:
            file.parent.mkdir(exist_ok=True)
            file.write_text("Calm.", encoding="utf-8")
        names = [d.fields["doc_id"] for d in read(*files)]
        assert names == [str(files[0]), str(files[1]), "own.txt"]

    def test_links_are_followed_once(self, tmp_path: Path) -> None:
        (tmp_path / "news" / "deep").mkdir(parents=True)
        (tmp_path / "far").mkdir()
        (tmp_path / "far" / "a.txt").write_text("Calm.", encoding="utf-8")
        (tmp_path / "news" / "deep" / "up").symlink_to(tmp_path / "news")
        (tmp_path / "news" / "linked").symlink_to(tmp_path / "far")
        (tmp_path / "news" / "linked2").symlink_to(tmp_path / "far")
        assert [d.fields["doc_id"] for d in read(tmp_path / "news")] == ["linked/a.txt"]

    @pytest.mark.parametrize("name", ["table.ods", "page.html", "plain", "a.csv.gz"])
    def test_other_forms_list_what_is_accepted(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("a,b", encoding="utf-8")
        with pytest.raises(DataError, match=rf"{name}.*accepted: \.txt, \.jsonl"):
            find_sources([str(tmp_path / name)])

    def test_missing_files_and_empty_folders_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="gone\\.txt: no such file or folder"):
            find_sources([str(tmp_path / "gone.txt")])
        with pytest.raises(DataError, match=r"no \.txt, .* or \.parquet file in this folder"):
            find_sources([str(tmp_path)])

    def test_count(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("Calm.", encoding="utf-8")
        (tmp_path / "b.jsonl").write_text('{"text": ""}\n\n{"text": ""}', encoding="utf-8")
        assert count_documents(find_sources([str(tmp_path)])) == 3
        assert count_documents(find_sources([str(tmp_path), "-"])) is None
        gzipped(tmp_path / "c.jsonl.gz", b'{"text": ""}\n\n{"text": ""}')
        table(tmp_path / "d.csv", ["text"], ["one\n\nand on"], ["two"])
        pq = pytest.importorskip("pyarrow.parquet")
        parquet(tmp_path / "e.parquet", pq, text=["x"] * 5)
        assert count_documents(find_sources([str(tmp_path)])) == 3 + 2 + 2 + 5

    def test_what_cannot_be_read_counts_as_what_it_will_be(self, tmp_path: Path) -> None:
        pytest.importorskip("pyarrow")
        whole = gzip.compress(b'{"text": "x"}\n' * 3)
        (tmp_path / "a.jsonl.gz").write_bytes(whole[:-9])
        (tmp_path / "b.csv").touch()
        (tmp_path / "c.parquet").write_bytes(b"PAR1")
        (tmp_path / "d.csv").write_text("body\nx\n", encoding="utf-8")
        sources = find_sources([str(tmp_path)])
        assert count_documents(sources) == len(list(read_documents(sources)))

    def test_hidden_files_and_folders_are_left_alone(self, tmp_path: Path) -> None:
        for name in (".a.txt", ".trash/b.txt", "c.txt", "d/.e.jsonl"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("Calm.", encoding="utf-8")
        assert [s.name for s in find_sources([str(tmp_path)])] == ["c.txt"]
        assert [s.name for s in find_sources([str(tmp_path / ".trash")])] == ["b.txt"]
        assert [s.name for s in find_sources([str(tmp_path / ".a.txt")])] == [".a.txt"]

    def test_only_regular_files_of_a_folder_are_read(self, tmp_path: Path) -> None:
        (tmp_path / "real.txt").write_text("Calm.", encoding="utf-8")
        (tmp_path / "link.txt").symlink_to("/dev/zero")
        (tmp_path / "broken.txt").symlink_to(tmp_path / "nothing")
        os.mkfifo(tmp_path / "pipe.txt")
        os.mkfifo(tmp_path / "pipe.jsonl")
        lost, real = read(tmp_path)
        assert (lost.fields["doc_id"], lost.error is not None) == ("broken.txt", True)
        assert (real.fields["doc_id"], real.error) == ("real.txt", None)


class TestText:
    def test_text_is_kept_as_it_stands_without_the_mark(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf Caf\xc3\xa9\r\nquiet\n")
        (document,) = read(tmp_path / "a.txt")
        assert document.fields == {"text": " Café\r\nquiet\n", "doc_id": "a.txt"}
        assert document.error is None

    @pytest.mark.parametrize(("start", "at"), [(b"ab", 2), (b"\xef\xbb\xbfab", 5), (b"", 0)])
    def test_not_utf8_names_the_byte(self, tmp_path: Path, start: bytes, at: int) -> None:
        (tmp_path / "a.txt").write_bytes(start + b"\xff rest")
        (tmp_path / "b.txt").write_text("Calm.", encoding="utf-8")
        bad, good = read(tmp_path)
        assert bad.place == str(tmp_path / "a.txt")
        assert bad.error == f"not UTF-8 at byte {at} (0xff)"
        assert bad.fields["text"] is None
        assert good.error is None

    @pytest.mark.parametrize(
        "raw",
        ["\n\n", "\nOne line.\nSecond – line", '{"body": "x"}\n', '[{"text": "x"}]', "{\n}"],
    )
    def test_standard_input_is_one_raw_text(
        self, monkeypatch: pytest.MonkeyPatch, raw: str
    ) -> None:
        monkeypatch.setattr(sys, "stdin", stdin(raw))
        (document,) = read("-")
        assert document == InputDocument("standard input", {"text": raw, "doc_id": None})

    def test_empty_standard_input_is_no_document(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", stdin(""))
        assert read("-") == []

    def test_standard_input_that_is_not_utf8(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"ab\n\xff")))
        (document,) = read("-")
        assert document.error == "not UTF-8 at byte 3 (0xff)"

    def test_standard_input_of_json_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        raw = '\ufeff\n{"id": "a", "text": "x"}\n\n{"text": "y"}\nnot JSON\n{"text": "z"}'
        monkeypatch.setattr(sys, "stdin", stdin(raw))
        found = read("-")
        ids = ["a", "stdin:4", "stdin:5", "stdin:6"]
        assert [d.fields["doc_id"] for d in found] == ids
        assert [d.fields["text"] for d in found] == ["x", "y", None, "z"]
        assert [d.place for d in found][2:] == ["standard input:5", "standard input:6"]

    def test_the_text_of_json_lines_may_go_by_another_name(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", stdin('{"body": "x"}\n{"body": "y"}\n'))
        found = read("-", fields=FieldNames(text="body"))
        assert [d.fields["text"] for d in found] == ["x", "y"]

    def test_a_file_that_vanishes_fails_alone(self, tmp_path: Path) -> None:
        for name in ("a.txt", "b.jsonl", "c.txt"):
            (tmp_path / name).write_text("", encoding="utf-8")
        sources = find_sources([str(tmp_path)])
        (tmp_path / "a.txt").unlink()
        (tmp_path / "b.jsonl").unlink()
        errors = [d.error for d in read_documents(sources)]
        assert errors == ["cannot be read: No such file or directory"] * 2 + [None]

    def test_the_date_for_all_yields_to_the_own_one(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("Calm.", encoding="utf-8")
        lines(tmp_path / "b.jsonl", {"text": "x", "date": "2020-01-02"}, {"text": "y"})
        dates = [d.fields["date"] for d in read(tmp_path, published="2021-03-04")]
        assert dates == ["2021-03-04", "2020-01-02", "2021-03-04"]


class TestLines:
    def test_fields(self, tmp_path: Path) -> None:
        row = {"id": 7, "text": "Calm.", "date": "2020-01-02", "title": "T", "publisher": "P"}
        (document,) = read(lines(tmp_path / "a.jsonl", {**row, "other": [1]}))
        assert document.error is None
        assert document.fields == {
            "doc_id": "7",
            **{key: row[key] for key in ("text", "date", "title", "publisher")},
        }

    def test_fields_under_other_names(self, tmp_path: Path) -> None:
        path = lines(tmp_path / "a.jsonl", {"key": "k", "body": "Calm.", "day": "2020-01-02"})
        (document,) = read(path, fields=FieldNames("body", "day", "key"))
        assert document.fields == {"doc_id": "k", "text": "Calm.", "date": "2020-01-02"}

    def test_no_id_goes_by_the_line_and_blank_lines_count(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text('\n{"text": "x"}\n  \n{"text": "y", "id": null}', encoding="utf-8")
        assert [d.fields["doc_id"] for d in read(path)] == ["a.jsonl:2", "a.jsonl:4"]

    def test_absent_null_and_empty_values_are_not_given(self, tmp_path: Path) -> None:
        row = {"text": "", "date": "", "id": "", "title": None}
        (document,) = read(lines(tmp_path / "a.jsonl", row))
        assert document.fields == {"doc_id": "a.jsonl:1", "text": "", "date": None}

    def test_a_line_separator_in_a_string_ends_no_line(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text('{"text": "one\u2028still one"}\r\n', encoding="utf-8")
        (document,) = read(path)
        assert document.fields["text"] == "one\u2028still one"

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            (b'{"text": "x"', "not JSON: Expecting ',' delimiter at character 12"),
            (b'{"text": "\xe9"}', "not UTF-8 at byte 10 (0xe9) of the line"),
            (b"[1]", "expected an object, got list"),
            (b"[" * 100_000, "not JSON that can be read"),
            (b'{"body": "x"}', "field 'text' is missing (fields here: 'body')"),
            (b'{"text": null}', "field 'text': expected text, got NoneType"),
            (b'{"text": 3}', "field 'text': expected text, got int"),
            (b'{"text": "x", "id": [1]}', "field 'id': expected text or a whole number, got list"),
            (b'{"text": "x", "id": true}', "field 'id': expected text or a whole number, got bool"),
            (b'{"text": "x", "title": 1}', "field 'title': expected text, got int"),
            (b'{"text": "x", "date": "21/05/2018"}', "field 'date': expected an ISO day"),
            (b'{"text": "x", "date": "2018-02-30"}', "field 'date': expected an ISO day"),
            (b'{"text": "x", "date": 2018}', "field 'date': expected an ISO day"),
            (b'{"text": "x", "date": "2018-02-30T10:00Z"}', "field 'date': expected an ISO day"),
            (b'{"text": "x", "date": "2018-05-21 noon"}', "field 'date': expected an ISO day"),
            (b'{"text": "x", "id": 7.5}', "field 'id': expected text or a whole number, got fl"),
        ],
    )
    def test_a_bad_line_is_named_and_the_rest_go_on(
        self, tmp_path: Path, line: bytes, error: str
    ) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b'{"text": "first"}\n' + line + b'\n{"text": "last"}\n')
        first, bad, last = read(path)
        assert (first.error, last.error) == (None, None)
        assert bad.place == f"{path}:2"
        assert bad.error is not None
        assert bad.error.startswith(error)

    @pytest.mark.parametrize("field", ["id", "date", "title", "publisher"])
    def test_a_bad_field_costs_no_other(self, tmp_path: Path, field: str) -> None:
        row = {"id": "k", "text": "Calm.", "date": "2020-01-02", "title": "T", "publisher": "P"}
        (bad,) = read(lines(tmp_path / "a.jsonl", {**row, field: [1]}))
        assert bad.error is not None
        assert bad.error.startswith(f"field '{field}': expected")
        kept = {"doc_id": "k", **{k: v for k, v in row.items() if k != "id"}}
        name = "doc_id" if field == "id" else field
        given = kept.pop(name)
        assert given
        expected = {**kept, "doc_id": "a.jsonl:1"} if field == "id" else kept
        assert bad.fields == expected

    def test_documents_come_before_the_file_has_ended(self, tmp_path: Path) -> None:
        pipe = tmp_path / "live.jsonl"
        os.mkfifo(pipe)
        seen = threading.Event()
        held: list[bool] = []

        def feed() -> None:
            with pipe.open("wb", buffering=0) as out:
                out.write(b'{"text": "first"}\n')
                held.append(seen.wait(timeout=20))
                out.write(b'{"text": "second"}\n')

        thread = threading.Thread(target=feed)
        thread.start()
        sources = find_sources([str(pipe)])
        assert count_documents(sources) is None
        documents = read_documents(sources)
        assert next(documents).fields["text"] == "first"
        seen.set()
        assert next(documents).fields["text"] == "second"
        thread.join()
        assert held == [True]


@pytest.mark.parametrize(
    "value",
    [
        "2018-05-21",
        "2018-05-21T10:00:00Z",
        "2018-05-21 10:00",
        "2018-05-21T23:59:59.123+03:00",
        "2018-05-21 01:24:52.002364-05",
    ],
)
def test_a_time_behind_the_day_is_left_out(tmp_path: Path, value: str) -> None:
    (of_lines,) = read(lines(tmp_path / "a.jsonl", {"text": "x", "date": value}))
    (of_table,) = read(table(tmp_path / "a.csv", ["text", "date"], ["x", value]))
    for document in (of_lines, of_table):
        assert (document.fields["date"], document.error) == ("2018-05-21", None)


class TestGzip:
    def test_lines(self, tmp_path: Path) -> None:
        data = json.dumps(ROW).encode() + b'\nnot JSON\n{"text": "y"}'
        good, bad, last = read(gzipped(tmp_path / "a.jsonl.gz", b"\xef\xbb\xbf" + data))
        assert good.fields == {"doc_id": "k", **{k: v for k, v in ROW.items() if k != "id"}}
        assert (bad.place, bad.error) == (f"{tmp_path / 'a.jsonl.gz'}:2", bad.error)
        assert str(bad.error).startswith("not JSON")
        assert last.fields == {"text": "y", "doc_id": "a.jsonl.gz:3", "date": None}

    def test_several_members(self, tmp_path: Path) -> None:
        one, two = gzip.compress(b'{"text": "x"}\n'), gzip.compress(b'{"text": "y"}\n')
        (tmp_path / "a.jsonl.gz").write_bytes(one + two)
        assert [d.fields["text"] for d in read(tmp_path / "a.jsonl.gz")] == ["x", "y"]

    def test_cut_off(self, tmp_path: Path) -> None:
        """Texts that do not compress, so that the cut falls among them."""
        texts = [os.urandom(2000).hex() for _ in range(30)]
        data = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
        path = tmp_path / "a.jsonl.gz"
        path.write_bytes(gzip.compress(data)[: len(gzip.compress(data)) // 2])
        lines(tmp_path / "b.jsonl", {"text": "after"})
        *kept, bad, after = read(tmp_path)
        assert 10 <= len(kept) < 20
        assert [d.fields["text"] for d in kept] == texts[: len(kept)]
        assert all(d.error is None for d in kept)
        assert bad.place == f"{path}:{len(kept) + 1}"
        assert bad.error == (
            "cannot be read: Compressed file ended before the end-of-stream marker was reached"
        )
        assert after.fields["text"] == "after"

    def test_damaged(self, tmp_path: Path) -> None:
        texts = [os.urandom(5000).hex() for _ in range(30)]
        data = bytearray(gzip.compress("".join(f'{{"text": "{t}"}}\n' for t in texts).encode()))
        middle = len(data) // 2
        data[middle : middle + 200] = bytes(200)
        (tmp_path / "a.jsonl.gz").write_bytes(data)
        *kept, bad = read(tmp_path)
        good = [d for d in kept if d.error is None]
        assert [d.fields["text"] for d in good][:10] == texts[:10]
        assert str(bad.error).startswith("cannot be read: ")

    def test_not_gzip(self, tmp_path: Path) -> None:
        (tmp_path / "a.jsonl.gz").write_bytes(b'{"text": "x"}\n')
        (bad,) = read(tmp_path)
        assert (bad.place, bad.fields["text"]) == (f"{tmp_path / 'a.jsonl.gz'}:1", None)
        assert "Not a gzipped file" in str(bad.error)


class TestCsv:
    def test_fields(self, tmp_path: Path) -> None:
        path = table(tmp_path / "a.csv", [*ROW, "other"], [*ROW.values(), "9"])
        (document,) = read(path)
        assert document == InputDocument(
            f"{path}:2", {"doc_id": "k", **{k: v for k, v in ROW.items() if k != "id"}}
        )

    def test_fields_under_other_names(self, tmp_path: Path) -> None:
        path = table(tmp_path / "a.csv", ["key", "body", "day"], ["7", "Calm.", "2020-01-02"])
        (document,) = read(path, fields=FieldNames("body", "day", "key"))
        assert document.fields == {"doc_id": "7", "text": "Calm.", "date": "2020-01-02"}

    def test_texts_of_any_sort(self, tmp_path: Path) -> None:
        """Quotes, commas, line ends, a byte-order mark, and more than the csv module's limit."""
        texts = ['He said "no", twice.\r\nThen\nleft; \u2028 so', "x" * 300_000, "שלום 🙂", ""]
        path = table(tmp_path / "a.csv", ["text", "id"], *([text, ""] for text in texts))
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        found = read(path)
        assert [d.fields["text"] for d in found] == texts
        assert all(d.error is None for d in found)
        assert count_documents(find_sources([str(path)])) == 4

    def test_no_id_goes_by_the_line_where_the_row_starts(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text('text\n"a\nb"\n\nc\n', encoding="utf-8")
        found = read(path)
        assert [d.fields["doc_id"] for d in found] == ["a.csv:2", "a.csv:5"]
        assert [d.place for d in found] == [f"{path}:2", f"{path}:5"]

    def test_an_empty_cell_is_not_given(self, tmp_path: Path) -> None:
        path = table(tmp_path / "a.csv", [*ROW], ["", "Calm.", "", "", ""])
        (document,) = read(path)
        assert document.fields == {"doc_id": "a.csv:2", "text": "Calm.", "date": None}
        assert document.error is None

    @pytest.mark.parametrize(
        ("row", "error"),
        [
            (b"x,2020-01-02", "2 cells, but the first row names 3 columns"),
            (b"x,2020-01-02,P,9", "4 cells, but the first row names 3 columns"),
            (b'"x"y,2020-01-02,P', "not CSV that can be read: ',' expected after '\"'"),
            (b"caf\xe9,2020-01-02,P", "not UTF-8 (0xe9)"),
            (b"x,21.5.2018,P", "field 'date': expected an ISO day"),
        ],
    )
    def test_a_bad_row_is_named_and_the_rest_go_on(
        self, tmp_path: Path, row: bytes, error: str
    ) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"text,date,publisher\n1st,,\n" + row + b"\nlast,,\n")
        first, bad, last = read(path)
        assert (first.error, last.error, last.fields["text"]) == (None, None, "last")
        assert bad.place == f"{path}:3"
        assert str(bad.error).startswith(error)

    def test_a_quote_that_never_ends(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text('text\nfirst\n"open\nand on\n', encoding="utf-8")
        first, bad = read(path)
        assert first.error is None
        assert (bad.place, bad.fields["text"]) == (f"{path}:3", None)
        assert "unexpected end of data" in str(bad.error)

    @pytest.mark.parametrize(
        ("header", "error"),
        [
            ("id;text", "column 'text' is missing (columns here: 'id;text')"),
            ("text,date,text", "column 'text' is there more than once"),
            ("text,id,id", "column 'id' is there more than once"),
        ],
    )
    def test_a_bad_header_costs_the_file_alone(
        self, tmp_path: Path, header: str, error: str
    ) -> None:
        (tmp_path / "a.csv").write_text(f"{header}\n", encoding="utf-8")
        table(tmp_path / "b.csv", ["text"], ["after"])
        bad, after = read(tmp_path)
        assert bad.place == f"{tmp_path / 'a.csv'}:1"
        assert str(bad.error).startswith(error)
        assert after.fields["text"] == "after"

    @pytest.mark.parametrize("content", ["", "\n", "text,id\n"])
    def test_a_file_without_rows_has_no_documents(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "a.csv").write_text(content, encoding="utf-8")
        assert read(tmp_path / "a.csv") == []


class TestParquet:
    @pytest.fixture
    def pq(self) -> Any:
        return pytest.importorskip("pyarrow.parquet")

    def test_fields(self, tmp_path: Path, pq: Any) -> None:
        columns = {key: [value] for key, value in ROW.items()}
        path = parquet(tmp_path / "a.parquet", pq, **columns, other=[[1, 2]])
        (document,) = read(path)
        assert document == InputDocument(
            f"{path}:1", {"doc_id": "k", **{k: v for k, v in ROW.items() if k != "id"}}
        )

    def test_row_groups_in_order(self, tmp_path: Path, pq: Any) -> None:
        texts = [f"text {i}" for i in range(301)]
        path = parquet(tmp_path / "a.parquet", pq, group=100, text=texts)
        found = read(path)
        assert [d.fields["text"] for d in found] == texts
        assert found[200].fields["doc_id"] == "a.parquet:201"

    def test_values_of_other_types(self, tmp_path: Path, pq: Any) -> None:
        """Dates as such, whole numbers kept as floats, NaN and null for none."""
        day = datetime.datetime(2020, 1, 2, 3, 4)
        path = parquet(
            tmp_path / "a.parquet",
            pq,
            text=["x", "y"],
            id=[7.0, float("nan")],
            date=[day, None],
            title=[None, None],
            publisher=[float("nan")] * 2,
        )
        first, second = read(path)
        assert first.fields == {"doc_id": "7", "text": "x", "date": "2020-01-02"}
        assert second.fields == {"doc_id": "a.parquet:2", "text": "y", "date": None}
        days = parquet(tmp_path / "b.parquet", pq, text=["x"], date=[day.date()])
        assert read(days)[0].fields["date"] == "2020-01-02"

    def test_a_bad_row_is_named_and_the_rest_go_on(self, tmp_path: Path, pq: Any) -> None:
        import pyarrow as pa

        # Bytes that are no UTF-8 in a column of text: pyarrow does not check.
        offsets, data = pa.array([0, 1, 2, 3], pa.int32()).buffers()[1], pa.py_buffer(b"a\xffc")
        texts = pa.StringArray.from_buffers(3, offsets, data)
        pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
        first, bad, last = read(tmp_path)
        assert (first.fields["text"], last.fields["text"]) == ("a", "c")
        assert bad.place == f"{tmp_path / 'a.parquet'}:2"
        assert str(bad.error).startswith("cannot be read: ")
        (bad,) = read(parquet(tmp_path / "a.parquet", pq, text=[None]), fields=FieldNames())
        assert bad.error == "field 'text': expected text, got NoneType"

    def test_a_day_beyond_the_calendar_fails_its_row_alone(self, tmp_path: Path, pq: Any) -> None:
        import pyarrow as pa

        days = pa.array([17000, 20180521, 17001], pa.int32()).cast(pa.date32())  # the second: 57223
        path = parquet(tmp_path / "a.parquet", pq, text=["a", "b", "c"], date=days)
        first, bad, last = read(path)
        assert (first.fields["date"], last.fields["date"]) == ("2016-07-18", "2016-07-19")
        assert str(bad.error).startswith("cannot be read: ")

    def test_a_missing_column_is_named(self, tmp_path: Path, pq: Any) -> None:
        path = parquet(tmp_path / "a.parquet", pq, body=["x"], day=["2020-01-02"])
        (bad,) = read(path)
        assert bad.error == "column 'text' is missing (columns here: 'body', 'day')"
        (good,) = read(path, fields=FieldNames("body", "day"))
        assert good.fields == {"doc_id": "a.parquet:1", "text": "x", "date": "2020-01-02"}

    def test_damage_costs_what_lies_behind_it(self, tmp_path: Path, pq: Any) -> None:
        texts = [f"text {i}" for i in range(20)]
        path = parquet(tmp_path / "a.parquet", pq, group=10, text=texts)
        data = bytearray(path.read_bytes())
        at = pq.read_metadata(path).row_group(1).column(0).dictionary_page_offset
        data[at : at + 20] = bytes(20)
        path.write_bytes(data)
        *kept, bad = read(path)
        assert [d.fields["text"] for d in kept] == texts[:10]
        assert bad.place == f"{path}:11"
        assert str(bad.error).startswith("cannot be read: ")

    @pytest.mark.parametrize("data", [b"", b"PAR1 no", b"PAR1" + bytes(500)])
    def test_no_parquet(self, tmp_path: Path, pq: Any, data: bytes) -> None:
        (tmp_path / "a.parquet").write_bytes(data)
        (tmp_path / "b.txt").write_text("after", encoding="utf-8")
        bad, after = read(tmp_path)
        assert (bad.place, bad.fields["text"]) == (f"{tmp_path / 'a.parquet'}:1", None)
        assert str(bad.error).startswith("cannot be read: ")
        assert after.fields["text"] == "after"

    def test_pyarrow_is_asked_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a.parquet").touch()
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(
            ConfigError, match=r"a\.parquet: .*pip install 'conflictwire\[export\]'"
        ):
            find_sources([str(tmp_path)])


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2018-05-21", True), ("20180521", False), ("2018-05", False), ("", False), (None, False)],
)
def test_is_day(value: object, expected: bool) -> None:
    assert is_day(value) is expected
