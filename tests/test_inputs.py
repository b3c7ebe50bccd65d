"""Files, folders and standard input -> documents."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from pathlib import Path

import pytest
from conflictwire.errors import DataError
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


class TestFinding:
    def test_folders_are_walked_in_order_and_other_files_left_alone(self, tmp_path: Path) -> None:
        for name in ("b.txt", "a/z.TXT", "a/c.jsonl", "a.txt", "notes.md", "a/x/deep.txt"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("{}", encoding="utf-8")
        found = [os.path.relpath(s.path, tmp_path) for s in find_sources([str(tmp_path)])]
        assert found == ["a/c.jsonl", "a/x/deep.txt", "a/z.TXT", "a.txt", "b.txt"]

    def test_nothing_is_standard_input(self) -> None:
        assert [s.path for s in find_sources([])] == ["-"]

    def test_a_file_named_twice_is_read_once(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_text("Calm.", encoding="utf-8")
        assert len(find_sources([str(path), str(tmp_path), str(path)])) == 1

    def test_names_are_without_folder_unless_shared(self, tmp_path: Path) -> None:
        for name in ("x/same.txt", "y/same.txt", "y/own.txt"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("Calm.", encoding="utf-8")
        names = [d.fields["doc_id"] for d in read(tmp_path)]
        assert names == [str(tmp_path / "x/same.txt"), "own.txt", str(tmp_path / "y/same.txt")]

    @pytest.mark.parametrize("name", ["table.csv", "page.html", "plain"])
    def test_other_forms_list_what_is_accepted(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("a,b", encoding="utf-8")
        with pytest.raises(DataError, match=rf"{name}.*accepted: \.txt, \.jsonl"):
            find_sources([str(tmp_path / name)])

    def test_missing_files_and_empty_folders_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="gone\\.txt: no such file or folder"):
            find_sources([str(tmp_path / "gone.txt")])
        with pytest.raises(DataError, match="no \\.txt or \\.jsonl file in this folder"):
            find_sources([str(tmp_path)])

    def test_count(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("Calm.", encoding="utf-8")
        (tmp_path / "b.jsonl").write_text('{"text": ""}\n\n{"text": ""}', encoding="utf-8")
        assert count_documents(find_sources([str(tmp_path)])) == 3
        assert count_documents(find_sources([str(tmp_path), "-"])) is None

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
        assert [d.fields["doc_id"] for d in read(tmp_path)] == ["real.txt"]


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
        ["", "\n\n", "\nOne line.\nSecond – line", '{"body": "x"}\n', '[{"text": "x"}]', "{\n}"],
    )
    def test_standard_input_is_one_raw_text(
        self, monkeypatch: pytest.MonkeyPatch, raw: str
    ) -> None:
        monkeypatch.setattr(sys, "stdin", stdin(raw))
        (document,) = read("-")
        assert document == InputDocument("standard input", {"text": raw, "doc_id": None})

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
    ("value", "expected"),
    [("2018-05-21", True), ("20180521", False), ("2018-05", False), ("", False), (None, False)],
)
def test_is_day(value: object, expected: bool) -> None:
    assert is_day(value) is expected
