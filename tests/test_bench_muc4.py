"""The benchmark MUC-4: its data, both scores on cases worked out by hand, a Report as templates."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from conflictwire.errors import ConfigError, DataError
from conflictwire.eval.bench import Options
from conflictwire.eval.bench.muc4 import (
    BENCHMARK,
    INCIDENT_TYPES,
    ROLES,
    Document,
    Mention,
    Template,
    read,
)
from conflictwire.eval.bench.muc4.assemble import Settings, assemble, incident_type
from conflictwire.eval.bench.muc4.baseline import learn, lexicon
from conflictwire.eval.bench.muc4.run import _lower, figures
from conflictwire.eval.bench.muc4.score import (
    SLOTS,
    Slot,
    _best_mapping,
    fillers_score,
    normalize,
    pool,
    templates_score,
)
from conflictwire.eval.counts import PRF
from conflictwire.folder import save_model
from conflictwire.ontology import Ontology
from conflictwire.training.config import ontology_source
from conftest import make_network

if TYPE_CHECKING:
    from conflictwire.network import NetworkConfig
    from transformers import PreTrainedTokenizerFast


def template(kind: str = "attack", **slots: list[str | list[str]]) -> Template:
    """A filler is one string, or a list of all its strings."""
    fillers = {
        role: tuple(
            tuple(Mention(text, 0) for text in ([entity] if isinstance(entity, str) else entity))
            for entity in entities
        )
        for role, entities in slots.items()
    }
    return Template(kind, fillers)


def micro(predicted: Sequence[Template], gold: Sequence[Template], **how: bool) -> PRF:
    return sum(fillers_score(predicted, gold, **how).values(), PRF())


def slots(predicted: Sequence[Template], gold: Sequence[Template], **how: bool) -> Slot:
    return sum(templates_score(predicted, gold, **how).values(), Slot())


# ---- data


ROW = {
    "docid": "X-1",
    "doctext": "gunmen of the river front shot the mayor and burned his car.",
    "templates": [
        {
            "incident_type": "attack",
            "PerpInd": [[["gunmen", 0]]],
            "PerpOrg": [[["the river front", 10], ["river front", 14]]],
            "Target": [],
            "Victim": [[["mayor", 35]]],
            "Weapon": [],
        },
        {
            "incident_type": "arson",
            "PerpInd": [[["gunmen", 0]]],
            "PerpOrg": [],
            "Target": [[["his car", 52]]],
            "Victim": [],
            "Weapon": [],
        },
    ],
}
EMPTY: dict[str, Any] = {"docid": "X-2", "doctext": "rain fell.", "templates": []}


def file_of(folder: Path, *rows: object, name: str = "dev.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


class TestData:
    def test_documents_as_they_are_told(self, tmp_path: Path) -> None:
        first, second = read(file_of(tmp_path, ROW, EMPTY))
        assert (first.docid, second.docid) == ("X-1", "X-2")
        attack, arson = first.templates
        assert attack.incident_type == "attack"
        assert list(attack.fillers) == list(ROLES)
        assert attack.fillers["PerpOrg"] == (
            (Mention("the river front", 10), Mention("river front", 14)),
        )
        assert arson.fillers["Victim"] == ()
        assert second.templates == ()

    def test_upper_case_texts_may_have_lower_case_fillers(self, tmp_path: Path) -> None:
        (document,) = read(file_of(tmp_path, ROW | {"doctext": ROW["doctext"].upper()}))  # type: ignore[attr-defined]
        assert document.templates[0].fillers["Victim"] == ((Mention("mayor", 35),),)

    @pytest.mark.parametrize(
        ("slot", "value", "field", "problem"),
        [
            ("incident_type", None, "templates.0.incident_type", "expected text"),
            ("incident_type", " ", "templates.0.incident_type", "expected text"),
            ("Victim", "mayor", "templates.0.Victim", "list of entities"),
            ("Victim", ["mayor"], "templates.0.Victim", "list of entities"),
            ("Victim", [["mayor"]], "templates.0.Victim", r"mention \[string, offset\]"),
            ("Victim", [[["mayor", "35"]]], "templates.0.Victim", r"mention \[string, offset\]"),
            ("Victim", [[["mayor", True]]], "templates.0.Victim", r"mention \[string, offset\]"),
            ("Victim", [[["mayor", -2]]], "templates.0.Victim", r"mention \[string, offset\]"),
            ("Victim", [[["", 3]]], "templates.0.Victim", r"mention \[string, offset\]"),
            ("Victim", [[["mayor", 36]]], "templates.0.Victim", "'mayor' is not at 36"),
        ],
    )
    def test_a_bad_slot_is_named(
        self, tmp_path: Path, slot: str, value: object, field: str, problem: str
    ) -> None:
        row = json.loads(json.dumps(ROW))
        row["templates"][0][slot] = value
        with pytest.raises(DataError, match=problem) as caught:
            read(file_of(tmp_path, row))
        assert f"field {field}: document 'X-1'" in str(caught.value)

    def test_a_missing_slot_or_field_is_named(self, tmp_path: Path) -> None:
        row = json.loads(json.dumps(ROW))
        del row["templates"][1]["Weapon"]
        with pytest.raises(DataError, match=r"templates\.1\.Weapon: document 'X-1': missing"):
            read(file_of(tmp_path, row))
        with pytest.raises(DataError, match=r"dev\.jsonl:1, field templates"):
            read(file_of(tmp_path, {"docid": "X", "doctext": "y"}))

    def test_labels_of_its_own(self) -> None:
        ontology = Ontology.load(ontology_source("bench/muc4_labels"))
        assert tuple(ontology.kinds) == tuple(ontology.roles) == ROLES
        assert tuple(map(incident_type, ontology.event_types)) == INCIDENT_TYPES


# ---- CEAF-REE


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The U.S. Embassy", "us embassy"),
        ('"Los  Altos" farm', "los altos farm"),
        ("anti-tank rocket", "antitank rocket"),
        ("an attack on the a-team", "attack on ateam"),
        ("theatre", "theatre"),
        ("the", ""),
    ],
)
def test_strings_are_compared_in_one_form(text: str, normal: str) -> None:
    assert normalize(text) == normal


class TestFillers:
    def test_nothing_on_either_side(self) -> None:
        assert fillers_score([], []) == dict.fromkeys(ROLES, PRF())
        assert micro([template()], [template("bombing")]).f1 is None

    def test_one_side_alone(self) -> None:
        gold = [template(Victim=["mayor"], Weapon=["rifle", "pistol"])]
        assert micro([], gold) == PRF(0, 0, 3)
        assert micro(gold, []) == PRF(0, 3, 0)

    def test_any_string_of_an_entity_will_do(self) -> None:
        gold = [template(PerpOrg=[["river front", "rf"]])]
        assert micro([template(PerpOrg=["The R.F."])], gold) == PRF(1, 1, 1)
        assert micro([template(PerpOrg=["front"])], gold) == PRF(0, 1, 1)

    def test_all_strings_of_a_predicted_entity_must_fit(self) -> None:
        gold = [template(PerpOrg=[["river front", "rf"], ["the league"]])]
        assert micro([template(PerpOrg=[["rf", "river front"]])], gold) == PRF(1, 1, 2)
        assert micro([template(PerpOrg=[["rf", "league"]])], gold) == PRF(0, 1, 2)

    def test_two_of_one_entity_are_one_right_and_one_wrong(self) -> None:
        gold = [template(PerpOrg=[["river front", "rf"]])]
        assert micro([template(PerpOrg=["rf", "river front"])], gold) == PRF(1, 2, 1)

    def test_roles_do_not_mix(self) -> None:
        gold = [template(PerpInd=["guards"], Victim=["guards"])]
        counts = fillers_score([template(PerpInd=["guards"], Target=["guards"])], gold)
        assert counts == {
            "PerpInd": PRF(1, 1, 1),
            "PerpOrg": PRF(),
            "Target": PRF(0, 1, 0),
            "Victim": PRF(0, 0, 1),
            "Weapon": PRF(),
        }

    def test_templates_are_pooled_and_identical_entities_count_once(self) -> None:
        gold = [
            template("arson", PerpInd=[["Rebels", "a rebel column"]]),
            template("attack", PerpInd=[["a rebel column", "rebels"]], Victim=["mayor"]),
        ]
        predicted = [
            template("robbery", PerpInd=["rebels"]),
            template("bombing", PerpInd=["the rebels"], Victim=["mayor"]),
        ]
        assert micro(predicted, gold) == PRF(2, 2, 2)

    def test_nested_entities_of_gold(self) -> None:
        """ "rebels" of one template and "rebels, a rebel column" of another: two entities here, one
        in GRIT's form of the data."""
        gold = [
            template("arson", PerpInd=["rebels"]),
            template("attack", PerpInd=[["rebels", "a rebel column"]]),
        ]
        assert micro([template(PerpInd=["rebels"])], gold) == PRF(1, 1, 2)
        assert micro([template(PerpInd=["rebels"])], gold, nested_once=True) == PRF(1, 1, 1)
        assert pool(gold, nested_once=True)["PerpInd"] == [frozenset({"rebels"})]

    def test_the_alignment_is_the_best_one(self) -> None:
        """Greedy in order, "rebels" would take the entity that alone fits "rebel column"."""
        gold = [template(PerpInd=[["rebels", "rebel column"], ["rebels"]])]
        assert micro([template(PerpInd=["rebels", "rebel column"])], gold) == PRF(2, 2, 2)

    def test_entities_without_a_string_do_not_count(self) -> None:
        assert micro([template(Victim=[[]])], [template(Victim=[[], "mayor"])]) == PRF(0, 0, 1)

    def test_counts_of_documents_add_up(self) -> None:
        documents = [
            Document("1", "", (template(Victim=["mayor"], Weapon=["rifle"]),)),
            Document("2", "", (template(Victim=["nun"]),)),
            Document("3", "", ()),
        ]
        predicted = [[template(Victim=["mayor"])], [], [template(Victim=["nun"])]]
        found = figures(documents, predicted)
        # Right 1, predicted 2, gold 3.
        assert (found["precision"], found["recall"]) == (1 / 2, 1 / 3)
        assert found["f1"] == 2 / 5
        assert found["by_role"]["Victim"]["f1"] == 1 / 2
        assert found["by_role"]["PerpOrg"]["f1"] is None
        assert (found["n"], found["n_fillers"], found["n_predicted_fillers"]) == (3, 3, 2)

    def test_intervals_take_no_further_scoring(self, monkeypatch: pytest.MonkeyPatch) -> None:
        documents = [
            Document("1", "", (template(Victim=["mayor"]),)),
            Document("2", "", (template(Victim=["nun"]),)),
        ]
        predicted = [[template(Victim=["mayor"])], [template(Victim=["clerk"])]]
        scored: list[object] = []
        for scorer in (fillers_score, templates_score):

            def told(*given: Any, scorer: Any = scorer, **more: Any) -> Any:
                scored.append(given)
                return scorer(*given, **more)

            monkeypatch.setattr(f"conflictwire.eval.bench.muc4.run.{scorer.__name__}", told)
        plain = figures(documents, predicted)
        n_plain = len(scored)
        found = figures(documents, predicted, Options(n_resamples=50))
        assert len(scored) == 2 * n_plain
        assert {name: found[name] for name in plain} == plain
        assert (found["ci_low"], found["f1"], found["ci_high"]) == (0, 1 / 2, 1)
        assert found["intervals"] == {"template_f1": (1 / 2, 1)}  # the type is right in both


# ---- templates


class TestTemplates:
    def test_nothing_on_either_side(self) -> None:
        assert templates_score([], []) == dict.fromkeys(SLOTS, Slot())
        assert slots([], []).f1 is None

    def test_the_incident_type_is_a_slot(self) -> None:
        assert slots([template("arson")], [template("arson")]) == Slot(1, 1, 1, 1)

    def test_another_type_never_maps_and_takes_its_fillers_along(self) -> None:
        gold = [template("bombing", Target=["bridge"], Weapon=["dynamite"])]
        same = [template("bombing", Target=["bridge"])]
        other = [template("attack", Target=["bridge"])]
        assert slots(same, gold) == Slot(right=2, predicted=2, found=2, gold=3)
        assert slots(same, gold).f1 == pytest.approx(2 * 1 * (2 / 3) / (1 + 2 / 3))
        assert slots(other, gold) == Slot(right=0, predicted=2, found=0, gold=3)
        assert slots(other, gold).f1 == 0

    @pytest.mark.parametrize("kind", ["attack", "bombing"])
    def test_either_of_two_types_will_do(self, kind: str) -> None:
        gold = [template("attack / bombing", Target=["bridge"])]
        assert slots([template(kind, Target=["bridge"])], gold) == Slot(2, 2, 2, 2)
        # Not the other way round.
        back = slots([template("attack / bombing")], [template(kind)])
        assert back == Slot(right=0, predicted=1, found=0, gold=1)

    def test_templates_without_partner_add_to_their_side(self) -> None:
        gold = [template(Victim=["mayor"]), template(Victim=["nun", "priest"])]
        assert slots([template(Victim=["nun"])], gold) == Slot(2, 2, 2, 5)
        assert slots(gold, [template(Victim=["nun"])]) == Slot(2, 5, 2, 2)

    def test_a_merged_template_gets_one_of_two(self) -> None:
        gold = [template(Victim=["mayor"], Weapon=["rifle"]), template(Victim=["nun"])]
        merged = [template(Victim=["mayor", "nun"], Weapon=["rifle"])]
        # With the first: type, mayor, rifle of 4 predicted; gold has 5 items.
        assert slots(merged, gold) == Slot(right=3, predicted=4, found=3, gold=5)

    def test_a_split_template_gets_its_better_half(self) -> None:
        gold = [template(Victim=["mayor", "nun"], Weapon=["rifle"])]
        split = [template(Victim=["nun"]), template(Victim=["mayor"], Weapon=["rifle"])]
        assert slots(split, gold) == Slot(right=3, predicted=5, found=3, gold=4)

    def test_the_mapping_is_that_of_the_document(self) -> None:
        """The first predicted one fits the first of gold best, but the second has no other."""
        gold = [
            template(Victim=["mayor", "nun"], Weapon=["rifle"]),
            template(Victim=["mayor"]),
        ]
        predicted = [
            template(Victim=["mayor"]),
            template(Victim=["nun"], Weapon=["rifle"]),
        ]
        # First to second (2), second to first (3).
        assert slots(predicted, gold) == Slot(right=5, predicted=5, found=5, gold=6)

    def test_two_fillers_may_fit_one(self) -> None:
        """Both are right, as in GTT's scorer: this is no one-to-one alignment."""
        gold = [template(PerpOrg=[["river front", "rf"]])]
        found = slots([template(PerpOrg=["rf", "river front"])], gold)
        assert found == Slot(right=3, predicted=3, found=2, gold=2)
        assert found.f1 == 1

    def test_one_filler_may_find_two(self) -> None:
        gold = [template(PerpInd=[["rebels", "column"], ["rebels"]])]
        assert slots([template(PerpInd=["rebels"])], gold) == Slot(2, 2, 3, 3)

    def test_gold_that_repeats_a_template_counts_once(self) -> None:
        gold = [template(Victim=["mayor"]), template(Victim=["mayor"]), template(Victim=["nun"])]
        one = [template(Victim=["mayor"])]
        assert slots(one, gold) == Slot(2, 2, 2, 4)
        assert slots(one, gold, repeated=True) == Slot(2, 2, 2, 6)
        # Predicted ones are not dropped.
        assert slots([*one, *one], gold[:1]) == Slot(2, 4, 2, 2)

    def test_all_slots_have_counts_of_their_own(self) -> None:
        gold = [template(Victim=["mayor"], Weapon=["rifle"])]
        counts = templates_score([template(Victim=["mayor", "nun"])], gold)
        assert counts["incident_type"] == Slot(1, 1, 1, 1)
        assert counts["Victim"] == Slot(right=1, predicted=2, found=1, gold=1)
        assert counts["Weapon"] == Slot(gold=1)

    def test_more_right_may_cost_found(self) -> None:
        """Sums that differ: the best F1 is neither with the most right nor with the most found."""
        gains = {(0, 0): (5, 1), (0, 1): (3, 3), (0, 2): (1, 5)}
        # 2PR / (P + R) of P = right / 6, R = found / 6.
        assert _best_mapping(gains, 1, 3, (6, 6)) == [(0, 1)]
        # Here P = right / 6, R = found / 60: what is found is worth more.
        assert _best_mapping(gains, 1, 3, (6, 60)) == [(0, 2)]


def all_mappings(n_ours: int, n_theirs: int) -> list[list[tuple[int, int]]]:
    """Every one-to-one mapping, by trying all that are not."""
    found = []
    for choice in product(range(-1, n_theirs), repeat=n_ours):
        taken = [j for j in choice if j >= 0]
        if len(taken) == len(set(taken)):
            found.append([(i, j) for i, j in enumerate(choice) if j >= 0])
    return found


def harmonic(right: int, predicted: int, found: int, gold: int) -> float:
    p, r = right / predicted, found / gold
    return 2 * p * r / (p + r) if p + r else 0.0


@pytest.mark.parametrize("seed", range(40))
def test_best_mapping_against_all_mappings(seed: int) -> None:
    rng = random.Random(seed)
    names = ["mayor", "nun", "priest", "judge", "guard"]

    def some(n_strings: int) -> list[str | list[str]]:
        return [rng.sample(names, rng.randint(1, n_strings)) for _ in range(rng.randint(0, 3))]

    kinds = ["attack", "bombing", "attack / bombing"]
    gold = [
        template(rng.choice(kinds), Victim=some(3), PerpInd=some(3))
        for _ in range(rng.randint(1, 4))
    ]
    ours = [
        template(rng.choice(kinds[:2]), Victim=some(2), PerpInd=some(1))
        for _ in range(rng.randint(1, 4))
    ]
    best = 0.0
    total = slots(ours, gold, repeated=True)
    for mapping in all_mappings(len(ours), len(gold)):
        right = found = 0
        for i, j in mapping:
            if ours[i].incident_type in gold[j].incident_type:
                pair = slots([ours[i]], [gold[j]])
                right, found = right + pair.right, found + pair.found
        best = max(best, harmonic(right, total.predicted, found, total.gold))
    assert total.f1 == pytest.approx(best)


@pytest.mark.parametrize("seed", range(60))
def test_search_over_sums_against_all_mappings(seed: int) -> None:
    """Any sums, also such as documents hardly give."""
    rng = random.Random(seed)
    n_ours, n_theirs = rng.randint(1, 4), rng.randint(1, 5)
    gains = {
        pair: (rng.randint(1, 9), rng.randint(1, 9))
        for pair in product(range(n_ours), range(n_theirs))
        if rng.random() < 0.8
    }
    totals = rng.randint(36, 60), rng.randint(36, 60)

    def f1(mapping: list[tuple[int, int]]) -> float:
        right, found = (sum(gains[p][k] for p in mapping) for k in (0, 1))
        return harmonic(right, totals[0], found, totals[1])

    allowed = [m for m in all_mappings(n_ours, n_theirs) if all(p in gains for p in m)]
    assert f1(_best_mapping(gains, n_ours, n_theirs, totals)) == pytest.approx(
        max(map(f1, allowed))
    )


def test_fourteen_templates_a_side() -> None:
    """All mappings of these would be more than 10^10."""
    gold = [template(Victim=[[f"v{i}", f"w{i}"]], PerpInd=["rebels"]) for i in range(14)]
    ours = [template(Victim=[f"v{i}", f"w{i}"], PerpInd=["rebels"]) for i in range(13, -1, -1)]
    assert slots(ours, gold) == Slot(right=14 * 4, predicted=14 * 4, found=14 * 3, gold=14 * 3)


def test_gold_against_itself_is_perfect() -> None:
    documents = [
        Document(
            "1",
            "",
            (
                template("attack", Victim=[["mayor", "official"]], PerpInd=["rebels"]),
                template("bombing / attack", PerpInd=[["rebels", "column"]]),
                template("attack", Victim=[["mayor", "official"]], PerpInd=["rebels"]),
            ),
        ),
        Document("2", "", ()),
    ]
    found = figures(documents, [d.templates for d in documents])
    assert found["f1"] == found["oracle_f1"] == found["oracle_template_f1"] == 1
    assert found["template_f1_repeated"] == 1
    # Gold that is repeated counts once, what is predicted twice counts twice.
    assert found["template_f1"] < 1
    assert found["by_type"]["attack"]["gold"] == 5
    assert found["by_type"]["bombing"]["gold"] == 2
    assert found["by_type"]["arson"]["f1"] is None


# ---- a Report as templates


def report(
    mentions: Sequence[tuple[str, int, str, float]],
    events: Sequence[tuple[str, float, int, list[tuple[str, int, float]]]] = (),
) -> dict[str, Any]:
    """Mentions (text, start, kind, score); events (type, score, start of the trigger, arguments
    (role, mention, score)). The text has dots where no mention is, brackets round the "(rf)"."""
    text = ["."] * 500
    for words, start, _, _ in mentions:
        text[start : start + len(words)] = words
        if words == "rf":
            text[start - 2 : start] = " ("
    return {
        "text": "".join(text),
        "mentions": [
            {
                "id": i, "text": text, "start": start, "end": start + len(text), "kind": kind,
                "score": score, "entity": None,
            }
            for i, (text, start, kind, score) in enumerate(mentions)
        ],
        "events": [
            {
                "type": kind,
                "score": score,
                "triggers": [{"start": start, "end": start + 4, "score": score}],
                "arguments": [
                    {
                        "role": role, "mention": m, "score": s, "start": mentions[m][1],
                        "end": mentions[m][1] + len(mentions[m][0]),
                    }
                    for role, m, s in arguments
                ],
            }
            for kind, score, start, arguments in events
        ],
    }  # fmt: skip


def shown(templates: Sequence[Template]) -> list[tuple[str, dict[str, list[str]]]]:
    for one in templates:
        assert all(len(entity) == 1 for entities in one.fillers.values() for entity in entities)
    return [
        (t.incident_type, {r: [e[0].text for e in es] for r, es in t.fillers.items() if es})
        for t in templates
    ]


class TestAssemble:
    def test_events_become_templates(self) -> None:
        found = assemble(
            report(
                [("rebels", 0, "PerpInd", 0.9), ("the shop", 30, "Target", 0.8)],
                [("forced_work_stoppage", 0.9, 10, [("PerpInd", 0, 0.9), ("Target", 1, 0.7)])],
            )
        )
        assert shown(found) == [
            ("forced work stoppage", {"PerpInd": ["rebels"], "Target": ["the shop"]})
        ]
        assert found[0].fillers["Target"] == ((Mention("the shop", 30),),)

    def test_nothing_told(self) -> None:
        assert assemble(report([])) == []
        assert assemble(report([], [("attack", 0.9, 5, [])])) == []

    def test_scores_that_are_too_low(self) -> None:
        mentions = [("rebels", 0, "PerpInd", 0.4), ("mayor", 30, "Victim", 0.4)]
        events = [
            ("attack", 0.9, 10, [("PerpInd", 0, 0.6), ("Victim", 1, 0.45)]),
            ("arson", 0.45, 20, [("Victim", 1, 0.9)]),
        ]
        both = report(mentions, events)
        half = Settings(argument=0.5, event=0.5, mention=dict.fromkeys(ROLES, 0.5))
        assert shown(assemble(both, half)) == [("attack", {"PerpInd": ["rebels"]})]
        low = Settings(argument=0.45, event=0.45, mention=dict.fromkeys(ROLES, 0.5))
        assert shown(assemble(both, low)) == [
            ("attack", {"PerpInd": ["rebels"], "Victim": ["mayor"]}),
            ("arson", {"Victim": ["mayor"]}),
        ]
        least = dict.fromkeys(ROLES, 0.4)
        found = assemble(both, Settings(event=0.95, argument=0.5, mention=least))
        assert shown(found) == [("attack", {"PerpInd": ["rebels"], "Victim": ["mayor"]})]

    def test_labels_of_another_model_are_passed_over(self) -> None:
        other = report(
            [("rebels", 0, "ARMED_GROUP", 0.9)], [("armed_clash", 0.9, 10, [("actor", 0, 0.9)])]
        )
        assert assemble(other) == []

    def test_strings_that_agree_or_hold_one_another_are_one_entity(self) -> None:
        mentions = [
            ("the rebels", 0, "PerpInd", 0.6),
            ("Rebels", 40, "PerpInd", 0.9),
            ("rebels of the south", 80, "PerpInd", 0.7),
            ("rebel", 120, "PerpInd", 0.9),
        ]
        events = [("attack", 0.9, 10, [("PerpInd", i, 0.6 + 0.1 * i) for i in range(4)])]
        found = assemble(report(mentions, events))
        # Of each the mention with the best score, of the mention or as an argument.
        assert shown(found) == [("attack", {"PerpInd": ["Rebels", "rebel"]})]
        apart = assemble(report(mentions, events), Settings(contained=False))
        assert shown(apart)[0][1] == {"PerpInd": ["Rebels", "rebels of the south", "rebel"]}

    def test_a_short_form_in_brackets_is_the_name_before_it(self) -> None:
        mentions = [
            ("river front", 0, "PerpOrg", 0.8),
            ("rf", 13, "PerpOrg", 0.7),
            ("RF", 40, "PerpOrg", 0.9),
            ("league", 60, "PerpOrg", 0.9),
        ]
        one = report(mentions)
        assert one["text"].startswith("river front (rf.")
        assert shown(assemble(one)) == [("attack", {"PerpOrg": ["RF", "league"]})]

    def test_the_best_of_a_role(self) -> None:
        mentions = [(f"group {i}", 20 * i, "PerpOrg", s) for i, s in enumerate((0.6, 0.9, 0.7))]
        mentions.append(("mayor", 80, "Victim", 0.9))
        found = assemble(report(mentions), Settings(most={"PerpOrg": 2, "Weapon": 1}))
        assert shown(found) == [
            ("attack", {"PerpOrg": ["group 1", "group 2"], "Victim": ["mayor"]})
        ]

    def test_one_string_in_two_roles_is_two_fillers(self) -> None:
        found = assemble(report([("guards", 0, "PerpInd", 0.9), ("guards", 30, "Victim", 0.9)]))
        assert shown(found) == [("attack", {"PerpInd": ["guards"], "Victim": ["guards"]})]

    def test_pairs_of_the_model_and_entities_join_as_well(self) -> None:
        mentions = [
            ("rebels", 0, "PerpInd", 0.8),
            ("four men", 40, "PerpInd", 0.9),
            ("they", 80, "PerpInd", 0.7),
        ]
        one = report(mentions)
        assert shown(assemble(one, same_entity={(0, 1): 0.6, (1, 2): 0.4})) == [
            ("attack", {"PerpInd": ["four men", "they"]})
        ]
        for i in (1, 2):
            one["mentions"][i]["entity"] = 0
        assert shown(assemble(one)) == [("attack", {"PerpInd": ["rebels", "four men"]})]
        joined = assemble(one, same_entity={(0, 2): 0.5})
        assert shown(joined) == [("attack", {"PerpInd": ["four men"]})]

    def test_events_of_one_type(self) -> None:
        mentions = [
            ("mayor", 0, "Victim", 0.9),
            ("nun", 100, "Victim", 0.9),
            ("rifle", 110, "Weapon", 0.9),
            ("the mayor", 200, "Victim", 0.8),
        ]
        three = report(
            mentions,
            [
                ("attack", 0.9, 10, [("Victim", 0, 0.9)]),
                ("attack", 0.9, 90, [("Victim", 1, 0.9), ("Weapon", 2, 0.9)]),
                ("attack", 0.9, 190, [("Victim", 3, 0.9)]),
            ],
        )
        assert shown(assemble(three, Settings(merge="always"))) == [
            ("attack", {"Victim": ["mayor", "nun"], "Weapon": ["rifle"]})
        ]
        two = [
            ("attack", {"Victim": ["mayor"]}),
            ("attack", {"Victim": ["nun"], "Weapon": ["rifle"]}),
        ]
        assert shown(assemble(three)) == two
        # The third is the first again, and never told twice.
        assert shown(assemble(three, Settings(merge="never"))) == two

    def test_an_event_without_harm_joins_the_first_of_its_type(self) -> None:
        mentions = [("mayor", 0, "Victim", 0.9), ("rebels", 100, "PerpInd", 0.9)]
        events = [
            ("attack", 0.9, 10, [("Victim", 0, 0.9)]),
            ("attack", 0.9, 90, [("PerpInd", 1, 0.9)]),
        ]
        found = assemble(report(mentions, events), Settings(merge="unless_harmed"))
        assert shown(found) == [("attack", {"PerpInd": ["rebels"], "Victim": ["mayor"]})]

    def test_mentions_left_go_to_the_nearest_event(self) -> None:
        mentions = [
            ("mayor", 0, "Victim", 0.9),
            ("rifle", 20, "Weapon", 0.9),
            ("dynamite", 190, "Weapon", 0.9),
            ("bridge", 220, "Target", 0.9),
            ("the bridge", 400, "Target", 0.9),
        ]
        events = [
            ("attack", 0.9, 10, [("Victim", 0, 0.9)]),
            ("bombing", 0.9, 210, [("Target", 3, 0.9)]),
        ]
        # The second bridge is the first again.
        assert shown(assemble(report(mentions, events))) == [
            ("attack", {"Victim": ["mayor"], "Weapon": ["rifle"]}),
            ("bombing", {"Target": ["bridge"], "Weapon": ["dynamite"]}),
        ]

    def test_fillers_without_an_event(self) -> None:
        mentions = [("mayor", 0, "Victim", 0.9), ("rifle", 20, "Weapon", 0.9)]
        slots = {"Victim": ["mayor"], "Weapon": ["rifle"]}
        assert shown(assemble(report(mentions))) == [("attack", slots)]
        assert shown(assemble(report(mentions), Settings(no_event="arson"))) == [("arson", slots)]
        # An event that is not sure enough tells the type all the same.
        doubtful = report(mentions, [("arson", 0.1, 0, []), ("robbery", 0.2, 10, [])])
        assert shown(assemble(doubtful, Settings(event=0.5))) == [("robbery", slots)]

    def test_perpetrators_may_be_shared(self) -> None:
        mentions = [
            ("league", 0, "PerpOrg", 0.9),
            ("mayor", 20, "Victim", 0.9),
            ("bridge", 100, "Target", 0.9),
        ]
        events = [
            ("attack", 0.9, 10, [("PerpOrg", 0, 0.9), ("Victim", 1, 0.9)]),
            ("bombing", 0.9, 90, [("Target", 2, 0.9)]),
        ]
        apart = shown(assemble(report(mentions, events)))
        assert apart[1] == ("bombing", {"Target": ["bridge"]})
        together = shown(assemble(report(mentions, events), Settings(shared=("PerpOrg",))))
        assert together == [apart[0], ("bombing", {"PerpOrg": ["league"], "Target": ["bridge"]})]


# ---- word lists


def corpus(n: int = 40) -> list[Document]:
    """Shots at people of whom one is always another; bombs under bridges; rain."""
    found = []
    for i in range(n):
        shot = f"yesterday gunmen shot councillor n{i} dead."
        bomb = f"dynamite exploded under the {['old', 'new', 'long'][i % 3]} bridge."
        texts = [shot, bomb, "rain fell on the bridge.", f"{shot} {bomb}"]
        attack = template(PerpInd=["gunmen"], Victim=[f"councillor n{i}"])
        target = bomb.removeprefix("dynamite exploded under ").rstrip(".")
        bombing = template("bombing", Target=[[target, target[4:]]], Weapon=["dynamite"])
        told: list[tuple[Template, ...]] = [(attack,), (bombing,), (), (attack, bombing)]
        found.append(Document(str(i), texts[i % 4], told[i % 4]))
    return found


class TestLexicon:
    def test_what_it_learns(self) -> None:
        learnt = learn(corpus())
        assert {"gunmen", "shot"} <= set(learnt.types["attack"][1])
        assert {"dynamite", "exploded"} <= set(learnt.types["bombing"][1])
        assert "rain" not in learnt.types["bombing"][1]
        assert learnt.slots["Weapon"].strings["dynamite",] == pytest.approx(20 / 21)
        assert learnt.slots["Target"].heads["bridge"] == pytest.approx(20 / 21)

    def test_new_texts(self) -> None:
        two, none = lexicon(
            corpus(),
            ["gunmen shot at a patrol. dynamite exploded under the new bridge.", "rain fell."],
        )
        assert none == []
        by_type = {t.incident_type: t.fillers for t in two}
        assert set(by_type) == {"attack", "bombing"}
        assert [e[0].text for e in by_type["attack"]["PerpInd"]] == ["gunmen"]
        assert by_type["bombing"]["Weapon"] == ((Mention("dynamite", 25),),)
        assert by_type["bombing"]["PerpInd"] == by_type["attack"]["Weapon"] == ()

    def test_words_tell_of_strings_not_seen(self) -> None:
        """No list has "wide bridge"; "bridge" ends fillers, and "the" before it belongs to them."""
        (found,) = lexicon(corpus(), ["dynamite exploded under the wide bridge."])
        targets = [e[0].text for t in found for e in t.fillers["Target"]]
        assert targets
        assert all(t.endswith("bridge") for t in targets)


# ---- the whole


@pytest.fixture(scope="module")
def untrained(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_config: NetworkConfig,
    tiny_tokenizer: PreTrainedTokenizerFast,
) -> str:
    """The folder of a model with MUC-4's labels that takes most words for victims."""
    labels = Ontology.load(ontology_source("bench/muc4_labels"))
    config = replace(
        tiny_config,
        kinds=tuple(labels.kinds),
        event_types=tuple(labels.event_types),
        roles=tuple(labels.roles),
        statuses=tuple(labels.statuses),
    )
    network = make_network(config, seed=5)
    with torch.no_grad():
        network.mention_tagger.bias[1 + 2 * ROLES.index("Victim")] += 9
    folder = tmp_path_factory.mktemp("muc4") / "model"
    save_model(folder, network, tiny_tokenizer, labels)
    return str(folder)


TRAIN = [row | {"docid": f"TRAIN-{i}"} for i, row in enumerate([ROW, EMPTY] * 5)]


class TestRun:
    @pytest.fixture(autouse=True)
    def _no_data(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CONFLICTWIRE_DATA", str(tmp_path / "data"))

    def test_figures(self, tmp_path: Path, untrained: str) -> None:
        options = Options(model=untrained, device="cpu", dtype="float32", n_resamples=50)
        path = file_of(tmp_path, ROW, EMPTY, ROW | {"docid": "X-3"})
        file_of(tmp_path, *TRAIN, name="train.jsonl")
        found = BENCHMARK.run(path, options)
        assert set(BENCHMARK.headline) <= set(found)
        assert (found["n"], found["n_fillers"], found["n_templates"]) == (3, 8, 4)
        assert found["n_predicted_fillers"] > 0
        assert (found["oracle_f1"], found["oracle_template_f1"]) == (1, 1)
        assert found["ci_low"] <= found["f1"] <= found["ci_high"]
        low, high = found["intervals"]["template_f1"]
        assert low <= found["template_f1"] <= high
        assert found["failed"] == []
        # Five documents of each sort are enough to know them by heart.
        assert found["baselines"]["lexicon"]["f1"] == 1
        assert json.loads(json.dumps(found)) == found | {"intervals": {"template_f1": [low, high]}}

    def test_a_raw_copy_in_capitals_reads_the_same(self, tmp_path: Path, untrained: str) -> None:
        options = Options(model=untrained, device="cpu", dtype="float32", n_resamples=0)
        raw = json.loads(json.dumps(ROW).upper())
        row = ROW | {"doctext": raw["DOCTEXT"]}
        found = [BENCHMARK.run(file_of(tmp_path, r), options) for r in (ROW, row)]
        assert all(told.pop("baseline_seconds") >= 0 for told in found)
        assert found[0] == found[1]

    def test_word_lists_need_the_training_file(self, tmp_path: Path, untrained: str) -> None:
        options = Options(model=untrained, device="cpu", dtype="float32", n_resamples=0)
        found = BENCHMARK.run(file_of(tmp_path, ROW), options)
        assert found["baselines"]["lexicon"] == (
            "not run: it learns from muc4/train.jsonl of the data, and there is no such file"
        )
        itself = BENCHMARK.run(file_of(tmp_path, ROW, name="train.jsonl"), options)
        assert itself["baselines"]["lexicon"] == "not run: the data are those that it learns from"
        (tmp_path / "data" / "muc4").mkdir(parents=True)
        file_of(tmp_path / "data" / "muc4", *TRAIN, name="train.jsonl")
        (tmp_path / "train.jsonl").unlink()
        for where in (options, replace(options, data=tmp_path / "data")):
            found = BENCHMARK.run(file_of(tmp_path, ROW), where)
            assert found["baselines"]["lexicon"]["template_f1"] > 0

    def test_a_model_without_these_labels_is_refused(
        self, tmp_path: Path, tiny_model_dir: Path
    ) -> None:
        options = Options(model=str(tiny_model_dir), device="cpu", dtype="float32")
        with pytest.raises(ConfigError, match="does not have the labels of MUC-4"):
            BENCHMARK.run(file_of(tmp_path, ROW), options)

    def test_lower_case_keeps_offsets(self) -> None:
        text = "GUNMEN IN \u0130ZMIR"
        assert len(text.lower()) != len(text)
        assert _lower(text) == "gunmen in \u0130zmir"
