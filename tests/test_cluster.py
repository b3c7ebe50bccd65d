"""predict_dataset on a Ray instance of this machine, with two actors and the tiny model."""

from __future__ import annotations

import datetime
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import conflictwire.cluster
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conflictwire.cluster import COLUMNS, _documents, _Reader, predict_dataset
from conflictwire.coder import load, predict_stream
from conflictwire.errors import ConfigError, DataError, ModelFolderError
from conflictwire.inputs import FieldNames
from conflictwire.report import Report

TEXTS = (
    "The army attacked a town near Besra on Monday. Five soldiers were killed, police said.",
    "Rebels attacked a village in the south on Friday and wounded two people.",
    "Police said that three people were killed in the north of the city.",
)
# Of Ray's own making.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",
    "ignore::FutureWarning",
    "ignore:The minimum number of concurrent actors",
)
TINY = {"device": "cpu", "dtype": "float32"}


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """Ray with room for two actors; nothing of it is left, and nothing is told to anyone."""
    ray = pytest.importorskip("ray", reason="Ray is not installed (extra `ray`)")
    pytest.importorskip("ray.data", reason="Ray Data is not installed (extra `ray`)")
    # Actors import the installed package, but not this module: what they need of it is sent.
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    folder = tempfile.mkdtemp(prefix="ray")  # its sockets need a short path
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # 15 by default: starves beside other work
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=100 * 2**20,
            log_to_driver=False,
            logging_level="ERROR",
            _temp_dir=folder,
        )
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = True
        try:
            yield ray
        finally:
            ray.shutdown()
            ray.cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
            shutil.rmtree(folder, ignore_errors=True)


def documents(n: int) -> list[dict[str, Any]]:
    """Of one to six sentences, each document with words of its own."""
    return [
        {
            "text": " ".join(TEXTS[(i + k) % 3] for k in range(1 + i % 6)) + f" Report {i}.",
            "date": datetime.date(2018, 5, 1 + i % 28),
            "doc_id": f"d{i}",
            "title": f"Title {i}" if i % 2 else None,
            "publisher": "P",
        }
        for i in range(n)
    ]


class Mortal(_Reader):
    """Kills its process once, when the work on a batch is done and its result not handed over."""

    folder: str  # where it leaves marks
    victim: str  # the document in whose batch it dies

    def __call__(self, batch: pa.Table) -> pa.Table:
        result = super().__call__(batch)
        folder = Path(self.folder)
        (folder / f"actor-{os.getpid()}").touch()
        if self.victim in result["doc_id"].to_pylist():
            n = len(list(folder.glob("try-*")))
            (folder / f"try-{n}").write_text(str(os.getpid()))
            if n == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return result


def test_an_actor_that_dies_costs_nothing_and_repeats_nothing(
    ray: Any, tiny_model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parquet in, Parquet out; the same bytes as of a single process."""
    rows = documents(60)
    for part in range(6):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        pq.write_table(
            pa.Table.from_pylist(rows[part * 10 : part * 10 + 10]), folder / f"{part}.parquet"
        )
    marks = tmp_path / "marks"
    marks.mkdir()
    mortal = type("Mortal", (Mortal,), {"folder": str(marks), "victim": "d33"})
    monkeypatch.setattr(conflictwire.cluster, "_Reader", mortal)

    found = predict_dataset(
        ray.data.read_parquet(str(tmp_path / "in"), override_num_blocks=6),
        model=tiny_model_dir,
        **TINY,
        concurrency=2,
        num_cpus=0.5,
        keep=["publisher"],
    )
    found.write_parquet(str(tmp_path / "out"))

    first, second = (int(path.read_text()) for path in sorted(marks.glob("try-*")))
    assert first != second
    assert len(list(marks.glob("actor-*"))) >= 2
    table = pq.read_table(tmp_path / "out")
    assert table.column_names == [*COLUMNS, "publisher"]
    assert sorted(table["doc_id"].to_pylist()) == sorted(row["doc_id"] for row in rows)
    coder = load(tiny_model_dir, **TINY)
    expected = {r.doc_id: r for r in predict_stream(rows, coder=coder, batch_size=1)}
    assert sum(len(r.events) for r in expected.values()) > 60
    for row in table.to_pylist():
        report = expected[row["doc_id"]]
        assert row == {
            "doc_id": report.doc_id,
            "error": None,
            "n_events": len(report.events),
            "report": report.to_json(),
            "publisher": "P",
        }


def test_a_bad_document_has_a_row_with_its_error(ray: Any, tiny_model_dir: Path) -> None:
    when = datetime.datetime(2018, 5, 21, 9, 30)
    table = pa.table(
        {
            "id": pa.array([1, 2, 3, None, 5], pa.int64()),
            "body": [TEXTS[0], None, TEXTS[1], "", TEXTS[2]],
            "published": pa.array([when, when, None, None, when], pa.timestamp("ns")),
            "title": ["A", "B", "C", "D", "E"],
            "url": pa.array(list("vwxyz"), pa.dictionary(pa.int32(), pa.string())),
        }
    )
    found = predict_dataset(
        ray.data.from_arrow(table),
        model=tiny_model_dir,
        **TINY,
        concurrency=(1, 2),
        num_cpus=0.5,
        text_field="body",
        date_field="published",
        min_score=0.1,
        keep=["url", "id"],
    )
    rows = found.take_all()
    assert [row["doc_id"] for row in rows] == ["1", "2", "3", None, "5"]  # preserve_order
    assert [row["url"] for row in rows] == list("vwxyz")
    assert [row["id"] for row in rows] == [1, 2, 3, None, 5]
    assert [row["error"] for row in rows] == [
        None,
        "field 'body': expected text, got NoneType",
        None,
        None,
        None,
    ]
    reports = [Report.from_json(row["report"]) for row in rows]
    assert [r.error for r in reports] == [row["error"] for row in rows]
    assert (reports[1].title, reports[1].text) == ("B", "")
    read = [
        {"doc_id": i, "text": text, "date": date, "title": title}
        for i, text, date, title in (
            ("1", TEXTS[0], "2018-05-21", "A"),
            ("3", TEXTS[1], None, "C"),
            (None, "", None, "D"),
            ("5", TEXTS[2], "2018-05-21", "E"),
        )
    ]
    coder = load(tiny_model_dir, **TINY)
    assert [row["report"] for row in rows if row["error"] is None] == [
        r.to_json() for r in predict_stream(read, coder=coder, batch_size=1, min_score=0.1)
    ]


def test_text_that_is_not_utf8_fails_alone() -> None:
    bad = pa.Array.from_buffers(
        pa.string(),
        2,
        [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"\xff\xfeok")],
    )
    batch = pa.table({"text": bad, "id": ["a", "b"], "doc_id": ["c", "d"]})
    first, second = _documents(batch, FieldNames(id=""))
    assert first.error is not None
    assert first.error.startswith("cannot be read: 'utf-8' codec")
    assert (second.error, second.fields["text"], second.fields["doc_id"]) == (None, "ok", "d")
    assert _documents(batch, FieldNames(id="id"))[1].fields["doc_id"] == "b"


def test_too_many_actors_are_warned_of(ray: Any) -> None:
    """They would hold all CPUs, and those who read the data for them would wait for one."""
    data = ray.data.from_items([{"text": TEXTS[0]}])
    with pytest.warns(UserWarning, match="2 actors with 1 of a CPU each leave none of the .* 2 "):
        predict_dataset(data, concurrency=2)


def test_a_path_that_leads_nowhere_is_named_at_once(ray: Any, tmp_path: Path) -> None:
    data = ray.data.from_items([{"text": TEXTS[0]}])
    for model in (tmp_path / "none", str(tmp_path / "none")):
        with pytest.raises(ModelFolderError, match="none: no such model folder"):
            predict_dataset(data, model=model)
    with pytest.raises(DataError, match=r"own.csv: no such file"):
        predict_dataset(data, actors=tmp_path / "own.csv")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"device": "gpu"}, "device 'gpu': expected one of auto, cpu"),
        ({"device": "cuda"}, "device 'cuda' needs num_gpus"),
        ({"dtype": "int4"}, "dtype 'int4': expected one of auto"),
        ({"min_score": 2}, "min_score: expected a number from 0 to 1, got 2"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"concurrency": 0}, "size must be"),
        ({"concurrency": (3, 2)}, "min_size must be"),
        ({"text_field": "body"}, r"column 'body' is missing \(columns here: 'text', 'url'\)"),
        ({"id_field": "key"}, "column 'key' is missing"),
        ({"keep": ["url", "uri"]}, "column 'uri' is missing"),
        ({"keep": "url"}, "keep: expected a list of columns, got 'url'"),
        ({"keep": ["report"]}, "keep: 'report' is a column of the result"),
    ],
)
def test_wrong_arguments(ray: Any, arguments: dict[str, Any], message: str) -> None:
    table = pa.table({"text": [TEXTS[0]], "url": ["u"]})
    with pytest.raises(ValueError, match=message):
        predict_dataset(ray.data.from_arrow(table), **arguments)


def test_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ray", "ray.data"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match=r"ray not installed; .*'conflictwire\[ray\]'"):
        predict_dataset(None)  # type: ignore[arg-type]
