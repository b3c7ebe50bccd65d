"""The package is a pipeline: what a module may import follows from its place in it.

Imports are read from the source, those inside functions included; imports for type checking alone
are left out, as nothing runs by them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import conflictwire
import pytest

MODEL = Path(conflictwire.__file__).parent

# What every stage may use.
FOUNDATION = [
    "version",
    "errors",
    "files",
    "ontology",
    "document",
    "readers",
    "report",
    "workers",
    "processor",
]
# The stages, as the docstring of model/__init__.py tells them.
PIPELINE = [
    "segment",
    "features",
    "windows",
    "batch",
    "evidence",
    "heads",
    "attention",
    "integers",
    "narrow",
    "scores",
    "stored",
    "network",
    "spans",
    "relations",
    "extractor",
    "arguments",
    "events",
    "resolve",
    "entities",
    "structure",
    "victims",
    "date_clues",
    "records",
]
# What stands around the stages: files in and out, the calls, the command.
SURFACE = [
    "folder", "language", "intake", "coder", "incidents", "terminal", "inputs",
    "cluster", "exports", "outputs", "resume", "jobs", "cli"
]  # fmt: skip
ORDER = [*FOUNDATION, *PIPELINE, *SURFACE]

# Sub-packages of resolve/, and the modules of each, in the order in which data flow through them.
RESOLVE = {
    "countries": ["alpha3", "terms"],
    "actors": ["known", "alike", "own", "lists"],
    "places": [
        "phrases",
        "dateline",
        "keys",
        "gazetteer",
        "names",
        "ranking",
        "choice",
        "event_country",
        "event_place",
    ],
    "names": ["forms", "keys", "nominals", "identity"],
    "dates": [
        "days",
        "dateline",
        "clock",
        "tense",
        "timex_fixed",
        "timex_relative",
        "timex",
        "wars",
        "text",
        "candidates",
        "choice",
    ],
    "counts": ["numerals", "phrases", "tolls", "words", "choice"],
    "codes": ["events", "sectors"],
}
RESOLVE_ORDER = [f"{group}.{module}" for group, modules in RESOLVE.items() for module in modules]


def model_files() -> dict[str, Path]:
    """Dotted name without the package's own -> file; a package's ``__init__`` is the package."""
    files: dict[str, Path] = {}
    for path in MODEL.rglob("*.py"):
        parts = [p for p in path.relative_to(MODEL).with_suffix("").parts if p != "__init__"]
        # An installed package holds the other folders of the repository as well.
        if not {"training", "eval", "configs"} & set(parts[:1]):
            files[".".join(parts)] = path
    return files


def imports(path: Path, package: str) -> Iterator[str]:
    """Absolute names of what a file of ``package`` imports from conflictwire when it runs."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("conflictwire."))
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                above = parents[: len(parents) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            if base.split(".")[0] == "conflictwire":
                yield from (f"{base}.{a.name}" for a in node.names)


def import_graph() -> dict[str, set[str]]:
    """Module of ``model/`` -> the modules that it imports, all without the package's name."""
    files = model_files()
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        parents = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
        package = ".".join(["conflictwire", *filter(None, parents)])
        targets = {t.removeprefix("conflictwire.") for t in imports(path, package)}
        # ``from .errors import DataError`` is the module errors, ``from . import names`` is names.
        graph[name] = {t if t in files else t.rpartition(".")[0] for t in targets}
    return graph


GRAPH = import_graph()


def test_every_module_has_its_place() -> None:
    top = {name.split(".")[0] for name in GRAPH if name}
    assert sorted(ORDER) == sorted(top)
    inner = {name.removeprefix("resolve.") for name in GRAPH if name.startswith("resolve.")}
    assert sorted([*RESOLVE, *RESOLVE_ORDER]) == sorted(inner)


def test_no_cycles() -> None:
    assert len(list(TopologicalSorter(GRAPH).static_order())) >= len(GRAPH)  # else CycleError


@pytest.mark.parametrize("name", ORDER)
def test_a_stage_imports_earlier_ones_only(name: str) -> None:
    files = [module for module in GRAPH if module.split(".")[0] == name]
    used = {target.split(".")[0] for module in files for target in GRAPH[module]}
    others = {name, "training", "eval"}  # those two have a test of their own
    assert used - others <= set(ORDER[: ORDER.index(name)])


def resolvers_used_by(module: str) -> set[str]:
    return {t.removeprefix("resolve.") for t in GRAPH[module] if t.split(".")[0] == "resolve"}


@pytest.mark.parametrize("name", RESOLVE_ORDER)
def test_a_resolver_imports_earlier_ones_only(name: str) -> None:
    assert resolvers_used_by(f"resolve.{name}") <= set(RESOLVE_ORDER[: RESOLVE_ORDER.index(name)])


@pytest.mark.parametrize("group", RESOLVE)
def test_a_group_of_resolvers_exports_its_own_and_tells_their_order(group: str) -> None:
    name = f"resolve.{group}"
    assert resolvers_used_by(name) <= {f"{group}.{module}" for module in RESOLVE[group]}
    told = ast.get_docstring(ast.parse(model_files()[name].read_text(encoding="utf-8"))) or ""
    assert re.findall(r"^    (\w+)  ", told, re.M) == RESOLVE[group]


def test_the_package_of_resolvers_tells_the_order_of_its_groups() -> None:
    told = ast.get_docstring(ast.parse(model_files()["resolve"].read_text(encoding="utf-8"))) or ""
    assert re.findall(r"^    (\w+)/", told, re.M) == list(RESOLVE)


def test_stages_import_what_a_group_of_resolvers_exports() -> None:
    # The command counts the gazetteer's places: no stage.
    stages = [module for module in GRAPH if module.split(".")[0] not in ("resolve", "cli")]
    assert set().union(*map(resolvers_used_by, stages)) <= set(RESOLVE)


def test_only_the_command_knows_training_and_scoring() -> None:
    used = {module: {t.split(".")[0] for t in targets} for module, targets in GRAPH.items()}
    knowing = {module for module, tops in used.items() if tops & {"training", "eval"}}
    assert knowing == {"cli.train", "cli.evaluate", "cli.bench", "cli.info"}


def test_scoring_knows_documents_alone() -> None:
    """Gold and predictions meet in the scorer; the model's own tokeniser must not be there."""
    import conflictwire.eval

    folder = Path(conflictwire.eval.__file__).parent
    targets = imported_by(folder, "conflictwire.eval")
    assert {t.split(".")[0] for t in targets} - {"eval"} <= set(FOUNDATION)
    assert not {t for t in targets if t.startswith("eval.bench")}


def test_benchmarks_know_resolvers_and_the_public_calls_besides() -> None:
    """They run what they measure: a resolver by itself, or the whole model by its calls."""
    import conflictwire.eval.bench

    root = Path(conflictwire.eval.bench.__file__).parent
    used = set()
    for folder in (root, *(path for path in root.iterdir() if path.is_dir())):
        package = ".".join(["conflictwire.eval.bench", *folder.relative_to(root).parts])
        used |= {t.split(".")[0] for t in imported_by(folder, package)}
    public = {*conflictwire.__all__, *(h.split(".")[0] for h in conflictwire._HOMES.values())}
    assert used - {"eval", "resolve"} <= {*FOUNDATION, *public}


def imported_by(folder: Path, package: str) -> set[str]:
    """What the modules of a folder (not those below it) import, without the package's name."""
    return {
        target.removeprefix("conflictwire.")
        for path in folder.glob("*.py")
        for target in imports(path, package)
    }
