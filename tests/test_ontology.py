"""The ontology file, its door, and the rule that code names no label of its own."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conflictwire.errors import DataError
from conflictwire.ontology import Condition, Crosswalk, Ontology, PloverCode

ROOT = Path(__file__).resolve().parent.parent

ACLED = {
    "Battles": "Armed clash; Government regains territory; Non-state actor overtakes territory",
    "Explosions/Remote violence": "Chemical weapon; Air/drone strike; Suicide bomb; "
    "Shelling/artillery/missile attack; Remote explosive/landmine/IED; Grenade",
    "Violence against civilians": "Sexual violence; Attack; Abduction/forced disappearance",
    "Protests": "Peaceful protest; Protest with intervention; Excessive force against protesters",
    "Riots": "Violent demonstration; Mob violence",
    "Strategic developments": "Agreement; Arrests; Change to group/activity; Disrupted weapons "
    "use; Headquarters or base established; Looting/property destruction; Non-violent transfer of "
    "territory; Other",
}
PLOVER_EVENTS = (
    "ACCUSE AGREE AID ASSAULT COERCE CONCEDE CONSULT COOPERATE MOBILIZE PROTEST REJECT REQUEST "
    "RETREAT SANCTION SUPPORT THREATEN"
)
ASSAULT_MODES = (
    "abduct beat torture sexual targeted destroy primitive firearms explosives suicide-attack "
    "aerial drone heavy-weapons crowd-control unconventional"
)

FOREIGN = """
version: "7"
kinds: {Vessel: {means: actor}, Sea: {means: place}, Cargo: }
event_types:
  boarding: {category: piracy, definition: A ship is boarded.}
  ransom:
roles: {raider: {means: actor}, lost: {means: killed}}
statuses: {real: }
"""


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return Ontology.load()


def test_labels_are_those_of_the_scheme_in_order(ontology: Ontology) -> None:
    assert " ".join(ontology.kinds) == (
        "PERSON GOVERNMENT MILITARY POLICE ARMED_GROUP CIVILIAN POLITICAL INTERNATIONAL ORG PLACE "
        "FACILITY WEAPON TIME"
    )
    by_category = {
        c: " ".join(t.label for t in ontology.event_types.values() if t.category == c)
        for c in ontology.categories
    }
    assert by_category == {
        "battle": "armed_clash territory_capture",
        "explosion": "air_strike shelling bombing suicide_bombing chemical_attack",
        "violence": "attack abduction sexual_violence abuse",
        "unrest": "protest riot repression",
        "coercion": "arrest legal_action siege destruction weapons_seizure threat sanction",
        "movement": "deployment withdrawal displacement",
        "cooperation": "agreement negotiation release group_change aid",
    }
    assert " ".join(ontology.roles) == (
        "actor target killed injured location origin destination time weapon source"
    )
    assert " ".join(ontology.statuses) == "happened planned denied possible"


def test_meanings(ontology: Ontology) -> None:
    assert ontology.actor_kinds == tuple(ontology.kinds)[:9]
    assert ontology.kind("ORG").actor
    assert not ontology.kind("FACILITY").actor
    assert ontology.victim_roles == ("killed", "injured")
    assert ontology.kinds_meaning("place") == ("PLACE",)
    for meaning in ontology.roles:
        assert ontology.roles_meaning(meaning) == (meaning,)  # type: ignore[arg-type]


def test_every_entry_is_described(ontology: Ontology) -> None:
    rows = ontology.describe()
    assert len(rows) == 13 + 29 + 10 + 4
    assert len({tuple(row) for row in rows}) == 1
    for row in rows:
        assert row["definition"].endswith(".")
        assert row["example"]
        assert "\n" not in row["definition"] + row["example"]
    (chemical,) = (r for r in rows if r["label"] == "chemical_attack")
    assert chemical["section"] == "event type"
    assert chemical["group"] == "explosion"
    assert chemical["acled"] == "Explosions/Remote violence: Chemical weapon"
    assert chemical["plover"] == "ASSAULT unconventional"
    assert chemical["cameo"] == "20"
    assert chemical["ucdp"] == "1 | 2 | 3"
    assert len({r["example"] for r in rows if r["section"] == "event type"}) == 29


def test_crosswalk_gives_real_codes_and_always_one(ontology: Ontology) -> None:
    for entry in ontology.event_types.values():
        codes = entry.crosswalk
        for acled in codes.acled:
            assert acled.give.sub_event_type in ACLED[acled.give.event_type].split("; ")
        for plover in codes.plover:
            assert plover.give.event in PLOVER_EVENTS.split(" ")
            if plover.give.event == "ASSAULT" and plover.give.mode is not None:
                assert plover.give.mode in ASSAULT_MODES.split(" ")
        # The last rule has no condition, so that only ucdp can be None.
        for rules in (codes.acled, codes.plover, codes.cameo):
            assert rules[-1].when == Condition()


def test_no_rule_is_shadowed_by_one_above(ontology: Ontology) -> None:
    for entry in ontology.event_types.values():
        codes = entry.crosswalk
        for rules in (codes.acled, codes.plover, codes.cameo, codes.ucdp):
            conditions = [rule.when for rule in rules]
            assert len(set(conditions)) == len(conditions), entry.label
            assert Condition() not in conditions[:-1], entry.label


def test_dump_and_read_again(ontology: Ontology, tmp_path: Path) -> None:
    ontology.dump(tmp_path / "copy.yaml")
    again = Ontology.load(tmp_path / "copy.yaml")
    assert again == ontology
    assert hash(again) == hash(ontology)
    assert (tmp_path / "copy.yaml").read_bytes() == (ROOT / "model/ontology.yaml").read_bytes()
    assert Ontology.from_text(ontology.text).event_types == ontology.event_types
    assert pickle.loads(pickle.dumps(ontology)) == copy.deepcopy(ontology) == ontology


def test_shipped_one_is_read_once_and_cannot_be_changed(ontology: Ontology) -> None:
    assert Ontology.load() is ontology
    with pytest.raises(TypeError):
        ontology.kinds["NEW"] = ontology.kinds["ORG"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        ontology.kinds["ORG"].label = "X"  # type: ignore[misc]


def test_a_foreign_ontology_needs_labels_only() -> None:
    foreign = Ontology.from_text(FOREIGN)
    assert foreign.version == "7"
    assert list(foreign.kinds) == ["Vessel", "Sea", "Cargo"]
    assert foreign.actor_kinds == ("Vessel",)
    assert foreign.victim_roles == ("lost",)
    assert foreign.categories == ("piracy", "other")
    assert foreign.event_type("ransom").crosswalk == Crosswalk()
    assert {row["ucdp"] for row in foreign.describe()} == {""}


def test_a_crosswalk_of_ones_own() -> None:
    text = FOREIGN.replace(
        "  ransom:",
        "  ransom: {crosswalk: {plover: [{when: {actor: [Vessel]}, give: {event: COERCE}}]}}",
    )
    (rule,) = Ontology.from_text(text).event_type("ransom").crosswalk.plover
    assert rule.when.actor == ("Vessel",)
    assert rule.give == PloverCode("COERCE", None)


def test_look_up_of_an_unknown_label_lists_the_known(ontology: Ontology) -> None:
    for look_up, known in (
        (ontology.kind, "ARMED_GROUP"),
        (ontology.event_type, "armed_clash"),
        (ontology.role, "destination"),
        (ontology.status, "possible"),
    ):
        with pytest.raises(DataError, match=f"'nope'; known: .*{known}"):
            look_up("nope")


CROSSWALK = "  ransom: {crosswalk: {%s}}"


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ('version: "7"', "", "version", "missing"),
        ('version: "7"', "version: 7", "version", "quote numbers"),
        ('version: "7"', 'version: "7"\nextra: 1', "ontology", "accepted: version, lists, sectors"),
        ("statuses: {real: }", "", "statuses", "at least one"),
        ("statuses: {real: }", "statuses: [real]", "statuses", "expected a mapping, got list"),
        ("{real: }", "{real: yes}", "statuses.real", "expected a mapping, got bool"),
        ("{real: }", "{no: }", "statuses", "quote words such as no"),
        ("{real: }", "{two words: }", "statuses", "without spaces"),
        ("{real: }", "{real: {means: x}}", "statuses.real", "accepted: definition, example"),
        ("{means: place}", "{means: spot}", "kinds.Sea.means", "accepted: actor, place, time"),
        ("{means: killed}", "{means: dead}", "roles.lost.means", "accepted: actor, target, killed"),
        ("category: piracy", "category: 3", "event_types.boarding.category", "got int 3"),
        ("  ransom:", CROSSWALK % "gdelt: 1", "event_types.ransom.crosswalk", "acled, plover"),
        ("  ransom:", CROSSWALK % "cameo: 19", "event_types.ransom.crosswalk.cameo", "quoted"),
        ("  ransom:", CROSSWALK % "cameo: '21'", "event_types.ransom.crosswalk.cameo", "'20'"),
        ("  ransom:", CROSSWALK % "ucdp: 4", "event_types.ransom.crosswalk.ucdp", "1, 2, 3"),
        (
            "  ransom:",
            CROSSWALK % "acled: {event_type: Riots}",
            "event_types.ransom.crosswalk.acled.sub_event_type",
            "missing",
        ),
        (
            "  ransom:",
            CROSSWALK % "ucdp: [{when: {}}]",
            "event_types.ransom.crosswalk.ucdp[0].give",
            "missing",
        ),
        (
            "  ransom:",
            CROSSWALK % "ucdp: [{when: {actor: [Boat]}, give: 1}]",
            "event_types.ransom.crosswalk.ucdp[0].when.actor",
            "unknown kind 'Boat'; known: Vessel, Sea, Cargo",
        ),
        (
            "  ransom:",
            CROSSWALK % "ucdp: [{when: {weapon: gun}, give: 1}]",
            "event_types.ransom.crosswalk.ucdp[0].when.weapon",
            "list of texts",
        ),
        (
            "  ransom:",
            CROSSWALK % "ucdp: [{when: {killed_min: 0}, give: 1}]",
            "event_types.ransom.crosswalk.ucdp[0].when.killed_min",
            "whole number from 1",
        ),
        (
            "  ransom:",
            CROSSWALK % "ucdp: [{when: {wapon: [gun]}, give: 1}]",
            "event_types.ransom.crosswalk.ucdp[0].when",
            "unknown key 'wapon'; accepted: actor, actors_only, actor_foreign",
        ),
    ],
)
def test_a_bad_file_is_named_with_its_field(
    tmp_path: Path, old: str, new: str, field: str, says: str
) -> None:
    path = tmp_path / "mine.yaml"
    assert old in FOREIGN
    path.write_text(FOREIGN.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(says)) as caught:
        Ontology.load(path)
    assert (caught.value.file, caught.value.field) == (str(path), field)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kinds: {A: , B: , A: }", "'A' is given twice"),
        ("kinds: {A: , [B]: }", "unhashable key"),
        ("kinds: [", "not YAML"),
        ("- a", "expected a mapping, got list"),
        ("", "version: expected text"),
        ("!!python/object/apply:os.getcwd []", "could not determine a constructor"),
        ("version: 2024-99-99", "not YAML"),
        ("&a [*a]", "not YAML: more than 200,000 values"),
        ("&a {<<: *a, version: x}", "not YAML"),
        ("[" * 3000, "not YAML"),
    ],
)
def test_text_that_is_no_ontology(text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        Ontology.from_text(text)


@pytest.mark.parametrize(
    ("first", "more"), [("[x]", "[%s]"), ("{k: x}", "{a: %s, b: %s}"), ("{k: x}", "{<<: [%s]}")]
)
def test_aliases_of_aliases_are_counted_before_they_are_followed(first: str, more: str) -> None:
    """2 kB of text: what it stands for has more values than there is memory for."""
    lines = [f"a0: &a0 {first}"]
    for i in range(1, 50):
        alias = f"*a{i - 1}"
        joined = more % (
            (alias,) * more.count("%s") if more.count("%s") > 1 else f"{alias}, {alias}"
        )
        lines.append(f"a{i}: &a{i} {joined}")
    with pytest.raises(DataError, match="more than 200,000 values, those of aliases counted"):
        Ontology.from_text("\n".join([*lines, "kinds: *a49"]))


def test_a_missing_file_and_one_that_is_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.yaml: cannot be read"):
        Ontology.load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"version: \xe9")
    with pytest.raises(DataError, match=r"latin\.yaml: not UTF-8 at byte 9"):
        Ontology.load(tmp_path / "latin.yaml")


# --- Code names no label that the ontology lacks -------------------------------------------------
# A string is taken for a label where the code itself says that it is one: it is compared with,
# assigned to, passed as, a default of, or a case of something named kind, role, status or (event)
# type, also in lists and as keys of a table by kind; or it is looked up in an ontology's mapping.
# A misspelt or retired label in any of these places fails; strings elsewhere are not guessed at.

# Values of things that bear such a name but mean something else.
NOT_LABELS = {
    "event_types": {"Feature", "FeatureCollection", "Point", "missing"},  # GeoJSON, pydantic
    "kinds": {"stable"},  # numpy sort
}


def _section(node: ast.expr | str | None) -> str | None:
    """The ontology section whose labels this name or expression holds, if any."""
    name: object = node
    if isinstance(node, ast.Name):
        name = node.id
    elif isinstance(node, ast.Attribute):
        name = node.attr
    elif isinstance(node, ast.Subscript):
        name = getattr(node.slice, "value", None)
    elif isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute):
        name = getattr(node.args[0], "value", None) if node.func.attr == "get" else None
    if not isinstance(name, str):
        return None
    match = re.fullmatch(
        r"(?:.*_)?(kind|role|status|event_type)(?:e?s)?|()types?", name.lower().lstrip("_")
    )
    if match is None:
        return None
    word = match[1] or "event_type"
    return {"status": "statuses"}.get(word, word + "s")


def _strings(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from [node.value] if node.value else []  # "" is "none yet", no label
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for item in node.elts:
            yield from _strings(item)
    elif isinstance(node, ast.Dict):
        for key in node.keys:
            yield from _strings(key)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in ("set", "frozenset", "tuple", "list"):
            for item in node.args:
                yield from _strings(item)
    elif isinstance(node, ast.BinOp):
        yield from [*_strings(node.left), *_strings(node.right)]
    elif isinstance(node, ast.IfExp):
        yield from [*_strings(node.body), *_strings(node.orelse)]


def _pairs(node: ast.AST) -> Iterator[tuple[ast.expr | str | None, ast.AST | None]]:
    """(what may be named kind, role ..., what may hold strings) of one syntax node."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        yield from [(a, b) for a in sides for b in sides if a is not b]
    elif isinstance(node, ast.Assign):
        yield from [(target, node.value) for target in node.targets]
    elif isinstance(node, ast.AnnAssign):
        yield node.target, node.value
    elif isinstance(node, ast.keyword):
        yield node.arg, node.value
    elif isinstance(node, ast.arguments):
        plain = [*node.posonlyargs, *node.args]
        yield from [(a.arg, d) for a, d in zip(plain[::-1], node.defaults[::-1], strict=False)]
        yield from [(a.arg, d) for a, d in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.Match):
        for case in node.cases:
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchValue):
                    yield node.subject, part.value
    elif isinstance(node, ast.Subscript):
        if isinstance(node.value, ast.Attribute):
            yield node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        entries = node.func.value
        if isinstance(entries, ast.Attribute) and node.args:
            yield entries, node.args[0]
        if node.func.attr in ("kind", "role", "status", "event_type") and node.args:
            yield node.func, node.args[0]


def labels_named(source: str) -> Iterator[tuple[int, str, str]]:
    """(line, ontology section, string) of every string that the code takes for a label."""
    for node in ast.walk(ast.parse(source)):
        for holder, value in _pairs(node):
            section = _section(holder)
            if section is not None:
                line = getattr(value, "lineno", 0)
                yield from [(line, section, text) for text in _strings(value)]


def unknown_labels(source: str, ontology: Ontology) -> list[str]:
    known: dict[str, set[str]] = {
        section: set(getattr(ontology, section)) | NOT_LABELS.get(section, set())
        for section in ("kinds", "event_types", "roles", "statuses")
    }
    # An ACLED-style column is named event_type too.
    known["event_types"] |= set(ACLED)
    return [
        f"line {line}: {text!r} is none of the ontology's {section}"
        for line, section, text in sorted(set(labels_named(source)))
        if text not in known[section]
    ]


@pytest.mark.parametrize(
    "snippet",
    [
        "if mention.kind == 'PERSONS': pass",
        "ok = 'kiled' != argument.role",
        "ok = argument['role'] in ('actor', 'victim')",
        "ok = row.get('status') == 'happend'",
        "VICTIM_ROLES = frozenset({'killed', 'wounded'})",
        "PLACE_KINDS: tuple[str, ...] = ('PLACE', 'LOC')",
        "COLOUR_BY_KIND = {'PERSON': 1, 'WEAPONS': 2}",
        "def f(status='hapened'): pass",
        "def f(*, event_type: str = 'airstrike'): pass",
        "f(kind='GPE')",
        "x = {'role': 'agent'}",
        "x.role = 'agent' if y else 'actor'",
        "ok = event.type == 'airstrike'",
        "ok = event.type in KNOWN_TYPES and kind in {'ARMY'}",
        "ontology.roles['agent']",
        "ontology.kinds.get('GPE')",
        "ontology.status('rumour')",
        "match event.status:\n  case 'planned' | 'rumour': pass",
    ],
)
def test_the_scan_finds_an_unknown_label(snippet: str, ontology: Ontology) -> None:
    assert len(unknown_labels(snippet, ontology)) == 1


@pytest.mark.parametrize(
    "snippet",
    [
        "if mention.kind == 'PERSON': pass",
        "x = {'role': 'killed', 'type': 'Feature', 'title': 'agent'}",
        "ok = event.type == 'air_strike' and event.status != 'denied'",
        "def f(colour='GPE', *, kind: str | None = None): pass",
        "log('PERSONS', dtype='auto')",
    ],
)
def test_the_scan_passes_known_labels_and_other_strings(snippet: str, ontology: Ontology) -> None:
    assert unknown_labels(snippet, ontology) == []


def test_code_names_no_label_that_the_ontology_lacks(ontology: Ontology) -> None:
    files = [p for folder in ("model", "eval", "training") for p in (ROOT / folder).rglob("*.py")]
    sources = {p.relative_to(ROOT): p.read_text(encoding="utf-8") for p in files}
    assert sum(len(list(labels_named(s))) for s in sources.values()) > 3  # it does look
    # MUC-4 has labels of its own.
    muc4 = Ontology.load(ROOT / "configs" / "bench" / "muc4_labels.yaml")
    found = [
        f"{path} {what}"
        for path, s in sources.items()
        for what in unknown_labels(s, muc4 if "muc4" in str(path) else ontology)
    ]
    assert not found, "\n".join(found)
