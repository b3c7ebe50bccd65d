"""WikiEvents and RAMS: arguments of events whose triggers are given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conflictwire.arguments import RoleScores
from conflictwire.errors import DataError
from conflictwire.eval.bench import Options, find, measure, rams, wikievents
from conflictwire.eval.bench.argument_scores import by_mapping, count, figures
from conflictwire.eval.bench.given_triggers import (
    FOLDER,
    Argument,
    Example,
    GivenEvent,
    Label,
    LabelMap,
    head,
)
from conflictwire.eval.bench.role_choice import (
    N_PARTS,
    RoleChoice,
    Row,
    candidates,
    choose,
    fingerprint,
    part_of,
    parts_of,
    rows,
)

if TYPE_CHECKING:
    from conflictwire.coder import Coder
    from conflictwire.ontology import Ontology

SENTENCES = ["The rebels shelled a base near Tarn .".split(), "He fled to the coast .".split()]
SHELLED = GivenEvent(
    (2, 3), "fight.shell", frozenset({Argument(0, 2, "attacker"), Argument(6, 7, "place")})
)
LABELS = LabelMap(
    {
        "fight": {"type": "attack", "roles": {"attacker": "actor", "target": "target"}},
        "fight.shell": {"type": "shelling", "roles": {"tool": "~weapon"}},
        "fight.flee": {"type": "~displacement", "roles": {"attacker": None, "fleer": "actor"}},
    },
    {"place": "location"},
)


def example(*events: GivenEvent, name: str = "x", last: str = ".") -> Example:
    return Example.build(name, [*SENTENCES[:1], [*SENTENCES[1][:-1], last]], events)


def scored(words: str, kind: str, text: str, **roles: float) -> RoleScores:
    start = text.index(words)
    every = dict.fromkeys(("actor", "target", "location", "weapon"), 0.0)
    return RoleScores(start, start + len(words), kind, every | roles)


# ---- given triggers in the network


def story(n: int = 60) -> tuple[str, list[tuple[int, int]]]:
    """A text longer than a window, and where its triggers stand."""
    text = " ".join("The army attacked a town near Besra on Monday ." for _ in range(n))
    starts = [i for i in range(len(text)) if text.startswith("attacked", i)]
    return text, [(i, i + len("attacked")) for i in starts]


def test_arguments_of_given_triggers(tiny_coder: Coder) -> None:
    text, spans = story()
    types = ["attack", "shelling"] * (len(spans) // 2)
    known = [(*s, t) for s, t in zip(spans, types, strict=True)]
    (found,) = tiny_coder.arguments_of([text], [known])
    assert len(found) == len(known)
    assert sum(map(len, found)) > 50  # untrained: most pairs pass
    roles = list(tiny_coder.ontology.roles)
    for of_trigger in found:
        assert of_trigger == sorted(of_trigger, key=lambda s: s.start)
        for scores in of_trigger:
            assert text[scores.start : scores.end].strip() == text[scores.start : scores.end] != ""
            assert scores.kind in tiny_coder.ontology.kinds
            assert list(scores.roles) == roles
            assert all(0 <= p <= 1 for p in scores.roles.values())


def test_the_type_of_a_trigger_counts_and_triggers_may_overlap(tiny_coder: Coder) -> None:
    text, spans = story(3)
    start, end = spans[1]
    known = [(start, end, "attack"), (start, end, "aid"), (start, end + 2, "attack")]
    (together,) = tiny_coder.arguments_of([text], [known])
    alone = [tiny_coder.arguments_of([text], [[trigger]])[0][0] for trigger in known]

    def numbers(found: Iterable[RoleScores]) -> list[tuple[int, list[float]]]:
        return [(s.start, pytest.approx(list(s.roles.values()), abs=1e-4)) for s in found]

    for one, among in zip(alone, together, strict=True):
        assert numbers(one) == [(s.start, list(s.roles.values())) for s in among]
    assert [s.roles for s in together[0]] != [s.roles for s in together[1]]
    (twice,) = tiny_coder.arguments_of([text], [[]])
    assert twice == []


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ((0, 3, "picnic"), "unknown event type 'picnic'"),
        ((3, 4, "attack"), "holds no word"),
        ((5, 500, "attack"), "holds no word"),
        ((5, 5, "attack"), "holds no word"),
    ],
)
def test_triggers_that_are_none(
    tiny_coder: Coder, trigger: tuple[int, int, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        tiny_coder.arguments_of(["The army attacked"], [[trigger]])
    with pytest.raises(ValueError, match="1 texts but triggers of 2"):
        tiny_coder.arguments_of(["The army attacked"], [[], []])


def test_without_given_triggers_nothing_changes(tiny_coder: Coder) -> None:
    extractor = tiny_coder.extractor
    prepared = extractor.prepare(story(20)[0])
    (plain,) = extractor.run([prepared])
    (given,) = extractor.run([prepared], given=[plain.triggers])
    assert given.triggers == plain.triggers
    assert given.relations.roles.keys() == plain.relations.roles.keys()


# ---- texts, heads, labels


def test_texts_have_the_tokens_where_they_say() -> None:
    built = example(SHELLED)
    assert built.text == "The rebels shelled a base near Tarn .\n\nHe fled to the coast ."
    for i, token in enumerate(built.tokens):
        start, end = built.chars((i, i + 1))
        assert built.text[start:end] == token
        assert built.covering(start, end) == (i, i + 1)
    assert built.text[slice(*built.chars((3, 7)))] == "a base near Tarn"
    assert built.covering(*built.chars((3, 7))) == (3, 7)
    assert built.covering(5, 7) == (1, 2)  # within a token
    assert built.sentence_of == (0,) * 8 + (1,) * 6
    assert built.problem() is None
    assert "none of its 14" in str(example(GivenEvent((13, 15), "t", frozenset())).problem())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("rebels", "rebels"),
        ("the rebels", "rebels"),
        ("two men in a van", "men"),
        ("Colonel Amina Dahir", "Dahir"),
        ("Tarn 's mayor", "mayor"),
        ("the mayor 's", "mayor"),
        ("the of", "of"),
        ("a base , which burned", "base"),
        ("the", "the"),
    ],
)
def test_heads(words: str, expected: str) -> None:
    tokens = words.split()
    assert tokens[head(tokens, (0, len(tokens)))] == expected


def test_labels_come_from_the_longest_beginning() -> None:
    assert LABELS.type("fight.stab") == Label("attack", True)
    assert LABELS.type("fight.shell.mortar") == Label("shelling", True)
    assert LABELS.type("picnic") is None
    assert LABELS.roles("picnic") == {"place": Label("location", True)}
    assert LABELS.roles("fight.shell") == {
        "place": Label("location", True),
        "attacker": Label("actor", True),
        "target": Label("target", True),
        "tool": Label("weapon", False),
    }
    assert "attacker" not in LABELS.roles("fight.flee")
    assert LABELS.is_mapped("fight.shell", "attacker")
    assert not LABELS.is_mapped("fight.shell", "tool")  # the role is only near
    assert not LABELS.is_mapped("fight.flee", "fleer")  # the type is only near
    assert not LABELS.is_mapped("fight.shell", "unheard_of")


@pytest.mark.parametrize("name", ["rams", "wikievents"])
def test_packaged_labels_are_ours(name: str, ontology: Ontology) -> None:
    labels = LabelMap.load(name)
    labels.check(ontology)
    # No entry whose name begins none of a corpus's types, by a slip of the pen.
    assert all(labels.type(beginning) is not None for beginning in labels.entries)
    choice = RoleChoice.load(FOLDER / f"{name}_roles.json")
    assert {len(columns) for columns in choice.weights.values()} == {1 + N_PARTS}
    assert set(choice.seen.values()) == set(range(N_PARTS))
    assert all(re.fullmatch("[0-9a-f]{16}", text) for text in choice.seen)
    with pytest.raises(DataError, match="unknown role 'tax'"):
        LabelMap({"a": {"type": "attack", "roles": {"b": "tax"}}}, {}).check(ontology)


# ---- scores


def test_counts_by_hand() -> None:
    gold = frozenset(
        {Argument(0, 2, "attacker"), Argument(3, 7, "target"), Argument(6, 7, "place")}
    )
    event = GivenEvent((2, 3), "fight.shell", gold)
    # "rebels" has the head of "The rebels", and "base" that of "a base near Tarn"; Tarn is placed
    # right, once in a wrong role.
    chosen = frozenset(
        {
            Argument(1, 2, "attacker"),
            Argument(3, 5, "tool"),
            Argument(6, 7, "place"),
            Argument(6, 7, "target"),
        }
    )
    whole = count(example(event), [chosen])
    assert (whole.span_id.tp, whole.span_id.predicted, whole.span_id.gold) == (2, 4, 3)
    assert {role: c.tp for role, c in whole.span_class.items()} == {
        "attacker": 0, "place": 1, "target": 0, "tool": 0,
    }  # fmt: skip
    assert {role: c.tp for role, c in whole.head_class.items() if c.tp} == {
        "attacker": 1, "place": 1,
    }  # fmt: skip
    assert whole.head_id.tp == 4
    mapped = count(example(event), [chosen], LABELS)
    assert (mapped.span_id.predicted, mapped.span_id.gold) == (3, 3)  # "tool" is left out
    told = figures([example(event)], [[chosen]], LABELS)
    assert told["span_f1"] == pytest.approx(2 / 7)
    assert told["span_precision"] == pytest.approx(1 / 4)
    assert told["head_f1"] == pytest.approx(4 / 7)
    assert told["head_f1_mapped"] == pytest.approx(4 / 6)
    none = figures([example(GivenEvent((2, 3), "fight", frozenset()))], [[frozenset()]], LABELS)
    assert none["span_f1"] is None


def test_the_mapping_alone() -> None:
    built = example(SHELLED)
    found = [
        scored("rebels", "ARMED_GROUP", built.text, actor=0.9, weapon=0.9),
        scored("Tarn", "PLACE", built.text, location=0.5, target=0.49),
    ]
    assert by_mapping(built, SHELLED, found, LABELS) == {
        Argument(1, 2, "attacker"),
        Argument(6, 7, "place"),
    }


# ---- the fitted choice


def test_candidates() -> None:
    built = example(SHELLED)
    found = {c.span: c for c in candidates(built, SHELLED, [(1, 2), (3, 7)])}
    words = {" ".join(built.tokens[a:b]): c.form for (a, b), c in found.items()}
    assert words == {
        "rebels": "whole",
        "The rebels": "article",
        "a base near Tarn": "whole",
        "a base": "to_head",
        "base": "head",
        "Tarn": "last_name",
        "He": "pronoun",
    }
    alone = candidates(built, SHELLED, [])
    assert [built.tokens[c.span[0]] for c in alone if c.form == "run"] == ["rebels", "base", "Tarn"]


def test_of_overlapping_spans_the_best_stands_for_a_role() -> None:
    def row(start: int, end: int, role: str) -> Row:
        return Row((start, end), role, "actor", [])

    scores = [(0.1, row(0, 2, "a")), (0.9, row(1, 2, "a")), (0.2, row(0, 2, "b"))]
    scores += [(0.3, row(4, 5, "a")), (-0.1, row(6, 7, "a"))]
    assert choose(scores, 0.0) == {Argument(1, 2, "a"), Argument(0, 2, "b"), Argument(4, 5, "a")}


def test_documents_that_were_fitted_on_are_scored_without_their_part() -> None:
    built = example(SHELLED)
    found = [scored("rebels", "ARMED_GROUP", built.text, actor=0.9)]
    columns = [1.0] + [-1.0] * N_PARTS
    columns[1 + 2] = 1.0

    def roles(told: Example, part: int) -> set[str]:
        """``part``: that of the text of ``built``."""
        choice = RoleChoice({"attacker||best": columns}, 0.5, {fingerprint(built.text): part}, {})
        assert choice.knows(told) == (told.text == built.text)
        return {a.role for a in choice(told, SHELLED, found, LABELS)}

    for name in (built.id, "another name"):  # it is the text that counts
        assert roles(example(SHELLED, name=name), 1) == set()
        assert roles(example(SHELLED, name=name), 2) == {"attacker"}
    assert roles(example(SHELLED, last="!"), 1) == {"attacker"}


def test_texts_are_recognised_whatever_their_spaces() -> None:
    assert fingerprint("A b.\n\nC") == fingerprint(" Ab. C\n") == fingerprint("Ab.C")
    assert fingerprint("Ab.c") != fingerprint("Ab.C")
    assert len({fingerprint(f"text {i} \ud800") for i in range(100)}) == 100


def test_one_text_of_two_articles_is_in_one_part() -> None:
    told = [Example.build(f"e{i}", SENTENCES, [], source=f"article {i}") for i in range(9)]
    assert len({part_of(e.source) for e in told}) > 1
    assert parts_of(told) == {fingerprint(told[0].text): part_of("article 0")}


def test_examples_of_one_article_are_in_one_part(tmp_path: Path) -> None:
    line = {**RAMS_LINE, "source_url": "example.org/a"}
    lines = [
        {**line, "doc_key": f"r{i}", "sentences": [*SENTENCES, ["So", str(i)]]} for i in range(9)
    ]
    read = rams.read(write(tmp_path, *lines))
    assert len({part_of(e.id) for e in read}) > 1
    assert parts_of(read) == {fingerprint(e.text): part_of("example.org/a") for e in read}
    assert len(parts_of(read)) == 9
    built = read[0]
    found = [scored("rebels", "ARMED_GROUP", built.text, actor=0.9)]
    columns = [0.0] * (1 + N_PARTS)
    columns[1 + part_of("example.org/a")] = 1.0
    choice = RoleChoice({"attacker||best": columns}, 0.5, parts_of(read), {})
    assert all(choice(e, e.events[0], found, LABELS_OF_RAMS) for e in read)


def test_weights_of_all_levels_add_up() -> None:
    built = example(SHELLED)
    found = [scored("rebels", "ARMED_GROUP", built.text, actor=0.9)]
    same = [0.2] * (1 + N_PARTS)
    weights = dict.fromkeys(("best", "actor|best", "attacker||best", "fight.shell:attacker"), same)
    spans = {
        least: choice_spans
        for least in (0.79, 0.81)
        if (choice_spans := {
            (a.start, a.end)
            for a in RoleChoice(weights, least, {}, {})(built, SHELLED, found, LABELS)
            if a.role == "attacker"
        })
    }  # fmt: skip
    assert set(spans) == {0.79}


def test_a_fit_learns_what_is_regular(tmp_path: Path) -> None:
    """Attackers stand before the trigger, whatever the network says of them."""
    from conflictwire.training.fit.given_roles import fit

    examples, found = [], []
    for i in range(24):
        built = example(SHELLED, name=f"d{i}", last=f"{i} .")
        examples.append(built)
        found.append([[scored("rebels", "CIVILIAN", built.text, actor=0.1, target=0.8),
                       scored("base", "FACILITY", built.text, actor=0.8, target=0.1),
                       scored("Tarn", "PLACE", built.text, location=0.4)]])  # fmt: skip
    fitted = fit(examples, found, LABELS, figure="span_f1")
    assert fitted["measured"]["span_f1"] == 1.0
    assert [len(texts) > 0 for texts in fitted["seen"]] == [True] * N_PARTS
    path = tmp_path / "roles.json"
    path.write_text(json.dumps(fitted), encoding="utf-8")
    choice = RoleChoice.load(path)
    assert choice.seen == parts_of(examples)
    for built in (examples[3], example(SHELLED, last="!")):
        assert choice.knows(built) == (built is examples[3])
        assert choice(built, SHELLED, found[0][0], LABELS) == SHELLED.arguments
    assert len(list(rows(examples[0], SHELLED, found[0][0], LABELS))) > 20


# ---- files and the command's figures

LABELS_OF_RAMS = LabelMap.load("rams")

RAMS_LINE = {
    "doc_key": "r1",
    "sentences": SENTENCES,
    "evt_triggers": [[2, 2, [["conflict.attack.n/a", 1.0]]]],
    "gold_evt_links": [
        [[2, 2], [0, 1], "evt004arg01attacker"],
        [[2, 2], [6, 6], "evt004arg04place"],
    ],
}
WIKI_LINE = {
    "doc_id": "w1",
    "sentences": [[[[t, 0, 0] for t in s], " ".join(s)] for s in SENTENCES],
    "entity_mentions": [{"id": "T1", "start": 0, "end": 2}, {"id": "T2", "start": 8, "end": 9}],
    "event_mentions": [
        {
            "event_type": "Conflict.Attack.Unspecified",
            "trigger": {"start": 2, "end": 3},
            "arguments": [{"entity_id": "T1", "role": "Attacker"}],
        },
        {
            "event_type": "Movement.Transportation.Unspecified",
            "trigger": {"start": 9, "end": 10},
            "arguments": [{"entity_id": "T2", "role": "Transporter"}],
        },
    ],
}


def write(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "split.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_reading(tmp_path: Path) -> None:
    (built,) = rams.read(write(tmp_path, RAMS_LINE))
    assert built.events == (GivenEvent((2, 3), "conflict.attack.n/a", SHELLED.arguments),)
    (built,) = wikievents.read(write(tmp_path, WIKI_LINE))
    assert [e.trigger for e in built.events] == [(2, 3), (9, 10)]
    assert built.events[1].arguments == {Argument(8, 9, "Transporter")}
    assert built.tokens[8] == "He"


@pytest.mark.parametrize(
    ("module", "line", "message"),
    [
        (rams, {**RAMS_LINE, "evt_triggers": 3}, "evt_triggers"),
        (rams, {**RAMS_LINE, "evt_triggers": [[2, 2]]}, "document 'r1'"),
        (rams, RAMS_LINE | {"gold_evt_links": [[[2, 2], [6, 99], "evt1arg1a"]]}, "tokens .6, 100"),
        (rams, {**RAMS_LINE, "evt_triggers": [[2, 2, [[1.0, "a.b.c"]]]]}, "type that is no text"),
        (rams, {**RAMS_LINE, "evt_triggers": [[3, 3, [["a.b.c", 1.0]]]]}, "no trigger"),
        (rams, {**RAMS_LINE, "sentences": [["A", "b", " ", *SENTENCES[0]]]}, "has no word"),
        (wikievents, {**WIKI_LINE, "entity_mentions": []}, "document 'w1': KeyError.'T1'"),
        (wikievents, {"doc_id": "w1"}, "sentences"),
    ],
)
def test_other_forms(module: Any, line: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        module.read(write(tmp_path, line))


@pytest.mark.parametrize("name", ["rams", "wikievents"])
def test_a_run(name: str, tiny_model_dir: Path, tmp_path: Path) -> None:
    line = {"rams": RAMS_LINE, "wikievents": WIKI_LINE}[name]
    key = {"rams": "doc_key", "wikievents": "doc_id"}[name]
    (tmp_path / "gold").mkdir()
    own = {"id": "rams-1", "text": " ".join(t for s in SENTENCES for t in s).replace(" .", ".")}
    (tmp_path / "gold" / "dev.jsonl").write_text(json.dumps(own) + "\n", encoding="utf-8")
    (tmp_path / name).mkdir()
    other = {**line, key: "other"}
    sentences = line["sentences"]
    assert isinstance(sentences, list)
    other["sentences"] = [*sentences, sentences[0]]
    path = write(tmp_path / name, line, other)
    benchmark = find(name)
    options = Options(model=str(tiny_model_dir), device="cpu", dtype="float32", n_resamples=20)
    told = measure(benchmark, path, options)
    assert set(benchmark.headline) <= told.keys()
    assert (told["n"], told["n_documents"], told["n_events"]) == (4, 2, len(told_events(line)) * 2)
    assert told["n_mapped"] == 4
    assert told["n_unknown"] == told["n_cross_validated"] == 0
    assert told["n_documents_unseen"] == 1  # the other stands among the annotated texts
    assert benchmark.headline[0] in told["baselines"]["mapping alone"]
    assert told["baseline_seconds"] >= 0
    assert told["intervals"][benchmark.headline[0]] == [told["ci_low"], told["ci_high"]]
    assert sum(row["n"] for row in told["by_role"]["span"].values()) == 4
    json.dumps(told, allow_nan=False)


def told_events(line: dict[str, Any]) -> list[Any]:
    return list(line.get("evt_triggers") or line["event_mentions"])


# ---- as training data


def test_documents_in_our_labels(tmp_path: Path, ontology: Ontology) -> None:
    from conflictwire.document import from_dict
    from conflictwire.training.corpora import reader

    attack = WIKI_LINE["event_mentions"]
    assert isinstance(attack, list)
    again = {**attack[0], "event_type": "Life.Die.Unspecified", "arguments": []}
    said = {**attack[0], "event_type": "Contact.Contact.Broadcast", "arguments": []}
    line = {**WIKI_LINE, "event_mentions": [*attack, again, said]}
    (document,) = reader("wikievents")(write(tmp_path, line), ontology)
    assert from_dict(document.to_dict(), ontology) == document  # keeps to the scheme
    assert [document.slice(m) for m in document.mentions] == ["The rebels", "He"]
    told = [(e.type, document.slice(e.triggers[0])) for e in document.events]
    assert told == [("attack", "shelled"), ("displacement", "fled")]
    assert [a.role for e in document.events for a in e.arguments] == ["actor", "actor"]
    (document,) = reader("rams")(write(tmp_path, RAMS_LINE), ontology)
    assert from_dict(document.to_dict(), ontology) == document
    assert [(m.kind, document.slice(m)) for m in document.mentions] == [
        ("PERSON", "The rebels"),
        ("PLACE", "Tarn"),
    ]
