"""The package: its public names, what the repository holds, and the wheel that is built from it."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import conflictwire
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]

PUBLIC = {
    "Coder",
    "ConfigError",
    "ConflictwireError",
    "DataError",
    "Incident",
    "ModelFolderError",
    "Ontology",
    "Report",
    "WorkersError",
    "__version__",
    "events_frame",
    "export",
    "load",
    "merge_reports",
    "predict",
    "predict_stream",
}

# Folders of the repository -> packages.
HOMES = {
    "model": "conflictwire",
    "training": "conflictwire.training",
    "eval": "conflictwire.eval",
    "configs": "conflictwire.configs",
}

# What a folder may import besides the standard library and the runtime dependencies: extras.
EXTRAS = {"model": set(), "training": {"train"}, "eval": {"eval"}, "configs": set()}
# Inside functions, where a call asks for it.
LAZY_EXTRAS = {
    **EXTRAS,
    "model": {"export", "ray"},
    "eval": {"eval", "baselines", "speed"},
}

TOP_LEVEL = set(
    ".ci .gitignore CHANGELOG.md CITATION.cff LICENSE Makefile README.md SECURITY.md configs "
    "constraints.txt docs eval model pyproject.toml seeds tests training".split()
)
OPTIONAL_TOP_LEVEL = {"MANIFEST.in"}

MB = 10**6

# Patterns that do not match their own source. What only holds on one machine or in one network:
PRIVATE = re.compile(
    r"(?<![\w.})~-])/(?:work|root|home|Users|tmp/bash_jobs)(?:/|\b(?=[\s\"'`,;:]|$))"  # folders
    r"|\b(?:pypi|pythonhosted)\.(?:org|python\.org)\b"  # package indexes
    r"|\bdownload\.pytorch\.org\b"
    r"|https?://[^\s/]*(?:artifactory|devpi|jfrog|nexus|pypi|proxy)"
    r"|https?://\S+/simple\b"
    r"|https?://(?:[^\s/@]*@)?(?:\d+\.\d+\.\d+\.\d+|[\w-]+|[\w.-]+\.(?:corp|internal|lan|local))"
    r"(?:[:/\s\"'`)]|$)"  # hosts that no one else can reach
    r"|(?:index-url|find-links|trusted-host|INDEX_URL|FIND_LINKS|TRUSTED_HOST)\s*[ =:]\s*"
    r"[\"']?\w+[.:]\S",
    re.MULTILINE,
)
# The one index that a reader is pointed to, and the one file that may do so.
CPU_INDEX = "https://download." + "pytorch.org/whl/cpu"


# ---- the public surface


def test_public_names() -> None:
    assert set(conflictwire.__all__) == PUBLIC
    assert set(dir(conflictwire)) >= PUBLIC
    for name in PUBLIC:
        assert getattr(conflictwire, name) is not None
    assert conflictwire.predict.__module__ == "conflictwire.coder"


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="'conflictwire' has no attribute 'guess'"):
        _ = conflictwire.guess
    with pytest.raises(ImportError):
        from conflictwire import guess  # noqa: F401


def test_import_is_light() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import conflictwire;"
        "took = time.perf_counter() - start;"
        "heavy = {'torch', 'transformers', 'numpy', 'pandas', 'pydantic', 'yaml', 'scipy'};"
        "print(took, *(heavy & sys.modules.keys()))"
    )
    best = 9.0
    for _ in range(3):  # the machine may be busy
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        took, *heavy = run.stdout.split()
        assert heavy == []
        best = min(best, float(took))
    assert best < 0.3


# ---- the repository


def git(*arguments: str) -> str:
    """Output of git in the repository; skips the test where there is no checkout of it."""
    try:
        run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")
    if run.returncode != 0:
        pytest.skip(f"not a git checkout: {run.stderr.strip()}")
    return run.stdout


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """Files that are tracked or, not being ignored, about to be: relative, with slashes."""
    top = git("rev-parse", "--show-toplevel").strip()
    if Path(top).resolve() != ROOT:
        pytest.skip("the tests lie inside a checkout of something else")
    names = git("ls-files", "-co", "--exclude-standard", "-z").split("\0")
    # A file that was deleted is listed until that is committed.
    return sorted({name for name in names if name and (ROOT / name).is_file()})


@cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def in_package(name: str) -> str | None:
    """Where a file of the repository lies in the installed package, or None: not in there."""
    folder, _, rest = name.partition("/")
    return f"{HOMES[folder].replace('.', '/')}/{rest}" if folder in HOMES else None


def test_top_level(tracked: list[str]) -> None:
    assert {name.split("/")[0] for name in tracked} - OPTIONAL_TOP_LEVEL == TOP_LEVEL


def test_files_are_small_enough_to_host(tracked: list[str]) -> None:
    sizes = {name: (ROOT / name).stat().st_size for name in tracked}
    assert [name for name, size in sizes.items() if size >= 95 * MB] == []
    weights = [size for name, size in sizes.items() if name.startswith("model/weights/")]
    assert sum(weights) < 50 * MB


def private_spots(name: str, text: str) -> list[str]:
    """``file:line: match`` for what would only hold on one machine or in one network."""
    if name == "README.md":
        text = text.replace(CPU_INDEX, "CPU_INDEX")
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0].strip()}"
        for match in PRIVATE.finditer(text)
    ]


def test_no_paths_or_hosts_of_one_machine(tracked: list[str]) -> None:
    spots = []
    for name in tracked:
        content = (ROOT / name).read_bytes()
        if b"\0" not in content:  # text
            spots += private_spots(name, content.decode("utf-8"))
    assert spots == []
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = [line for line in constraints.splitlines() if line and not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []


def _joined(*parts: str) -> str:
    """Text put together here, so that this file does not hold it."""
    return "".join(parts)


@pytest.mark.parametrize(
    "text",
    [
        _joined("open('/", "home/ann/news.txt')"),
        _joined('"/', 'root"'),
        _joined("file:///", "work/data"),
        _joined("PATH=/usr/bin:/", "home/ann/bin"),
        _joined("see /", "tmp/bash_", "jobs/7/stdout"),
        _joined("pip install --index-url http", "://pack.example.net/simple x"),
        _joined("--extra-index-url=", "pack.example.net/py"),
        _joined("PIP_INDEX", "_URL: pack.example.net"),
        _joined("--trusted-host ", "pack.example.net"),
        _joined("https", "://py", "pi.org/project/x"),
        _joined("files.python", "hosted.org"),
        _joined("http", "://localhost:3141/x"),
        _joined("http", "://10.0.0.8/x"),
        _joined("https", "://build.farm.internal/x"),
        f"pip install torch --index-url {CPU_INDEX}",
    ],
)
def test_private_paths_and_hosts_are_seen(text: str) -> None:
    assert private_spots("Makefile", f"first\n{text}\n")[0].startswith("Makefile:2: ")


@pytest.mark.parametrize(
    "text",
    [
        _joined("https://semver.org and https://www.example.org/", "home/page"),
        _joined("team/", "work/plan, ./", "home/x, ~/", "work/x, {folder}/", "root/x"),
        "from homes at /homeland or workers/rooted",
        "Set PIP_INDEX_URL or\n# PIP_EXTRA_INDEX_URL to install from elsewhere. On PyPI.",
        "pip install x --index-url URL -c constraints.txt",
    ],
)
def test_public_text_is_let_through(text: str) -> None:
    assert private_spots("Makefile", text) == []


def test_readme_alone_may_name_the_cpu_index() -> None:
    line = f"pip install torch --index-url {CPU_INDEX} -c constraints.txt"
    assert private_spots("README.md", line) == []
    assert private_spots("README.md", line.replace("/cpu", "/other")) != []


def test_packages_are_the_folders_of_the_tree() -> None:
    modules = [path for folder in HOMES for path in (ROOT / folder).rglob("*.py")]
    folders = {path.parent for path in modules}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []

    found = {}
    for folder in folders:
        name = folder.relative_to(ROOT).as_posix()
        home, _, rest = name.partition("/")
        found[".".join([HOMES[home], *filter(None, rest.split("/"))])] = name
    setuptools = project()["tool"]["setuptools"]
    assert sorted(setuptools["packages"]) == sorted(found)
    assert setuptools["package-dir"] == found


def test_one_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == conflictwire.__version__
    assert citation["license"] == project()["project"]["license"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changes, re.MULTILINE)
    assert newest is not None
    assert newest[1] == conflictwire.__version__


# ---- dependencies


class Import(NamedTuple):
    """A third-party import: its line, the module's first name, and whether a function does it (or
    it serves types alone)."""

    line: int
    module: str
    lazy: bool


def third_party(source: str) -> Iterator[Import]:
    """Imports of a module that neither the standard library nor the package itself answers."""
    tree = ast.parse(source)
    lazy = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) or _for_types(outer)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        for name in names:
            module = name.split(".")[0]
            if module not in sys.stdlib_module_names and module != "conflictwire":
                assert isinstance(node, ast.Import | ast.ImportFrom)
                yield Import(node.lineno, module, node in lazy)


def _for_types(node: ast.AST) -> bool:
    """Whether nothing runs by it: ``if TYPE_CHECKING``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def normal(distribution: str) -> str:
    """The normal form of a distribution's name, of a requirement without its version."""
    name = re.match(r"[\w.-]+", distribution)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_third_party_imports_are_found() -> None:
    source = (
        "import os, yaml\nfrom . import x\nfrom conflictwire.errors import E\n"
        "def f():\n    from pandas.api import types\n"
        "if TYPE_CHECKING:\n    import pyarrow\n"
    )
    assert list(third_party(source)) == [
        Import(1, "yaml", False),
        Import(5, "pandas", True),
        Import(7, "pyarrow", True),
    ]
    assert normal("huggingface_hub>=0.30") == normal("HuggingFace.Hub") == "huggingface-hub"


@pytest.mark.parametrize("folder", HOMES)
def test_imports_are_declared(folder: str) -> None:
    declared = project()["project"]
    extras = declared["optional-dependencies"]
    owners = importlib.metadata.packages_distributions()
    missing = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        for found in third_party(path.read_text(encoding="utf-8")):
            chosen = (LAZY_EXTRAS if found.lazy else EXTRAS)[folder]
            allowed = declared["dependencies"] + [
                line for extra in chosen for line in extras[extra]
            ]
            homes = owners.get(found.module, [found.module])
            if not {normal(home) for home in homes} & {normal(line) for line in allowed}:
                missing.append(f"{path.relative_to(ROOT)}:{found.line}: {found.module}")
    assert missing == []


# ---- the wheel


class Wheel(NamedTuple):
    """A wheel that was built, unpacked, and what it was built from."""

    source: Path
    site: Path
    names: list[str]  # of the wheel
    expected: dict[str, Path]  # name in the wheel -> file in the source


@pytest.fixture(scope="module")
def wheel(tracked: list[str], tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """Built from a copy: as of a fresh clone, without build folders and other leftovers."""
    folder = tmp_path_factory.mktemp("wheel")
    source, site = folder / "source", folder / "site"
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    names = list(tracked)
    if not (source / "model/weights").exists():  # stand-ins: weights ship whatever their names
        (source / "model/weights").mkdir()
        for name in ("model/weights/config.json", "model/weights/model.safetensors"):
            (source / name).write_bytes(b"{}")
            names.append(name)

    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    run = subprocess.run([*command, str(source)], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Deprecat" not in run.stdout + run.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(site)
        entries = [name for name in archive.namelist() if not name.endswith("/")]
    expected = {inside: source / name for name in names if (inside := in_package(name))}
    return Wheel(source, site, entries, expected)


def test_wheel_holds_the_tree_and_nothing_else(wheel: Wheel) -> None:
    info = f"conflictwire-{conflictwire.__version__}.dist-info/"
    packed = [name for name in wheel.names if not name.startswith(info)]
    assert sorted(packed) == sorted(wheel.expected)
    differ = [
        n
        for n, path in wheel.expected.items()
        if (wheel.site / n).read_bytes() != path.read_bytes()
    ]
    assert differ == []
    folders = {path.name for path in wheel.site.iterdir()}
    assert folders == {"conflictwire", info.rstrip("/")}


def test_wheel_holds_each_kind_of_data(wheel: Wheel) -> None:
    files = {name.removeprefix("conflictwire/") for name in wheel.names}
    assert files >= {
        "py.typed",
        "ontology.yaml",
        "report.schema.json",
        "MODEL_CARD.md",
        "weights/config.json",
        "weights/model.safetensors",
        "configs/small.yaml",
        "training/corpus/README.md",
    }
    resolve = wheel.source / "model/resolve"
    tables = {
        path for kind in ("tsv", "json", "safetensors") for path in resolve.rglob(f"*.{kind}")
    }
    assert tables
    assert files >= {f"resolve/{path.relative_to(resolve).as_posix()}" for path in tables}
    corpus = wheel.source / "training/corpus"
    texts = {path.relative_to(corpus).as_posix() for path in corpus.rglob("*.txt")}
    assert texts
    assert files >= {f"training/corpus/{name}" for name in texts}


def test_wheel_metadata(wheel: Wheel) -> None:
    (built,) = importlib.metadata.distributions(path=[str(wheel.site)])
    declared = project()["project"]
    about = built.metadata
    assert about["Name"] == "conflictwire"
    assert built.version == conflictwire.__version__
    assert about["Requires-Python"] == declared["requires-python"] == ">=3.11"
    assert about["License-Expression"] == declared["license"] == "Apache-2.0"
    assert about.get_all("License-File") == ["LICENSE"]
    licence = wheel.site / f"conflictwire-{built.version}.dist-info/licenses/LICENSE"
    assert licence.read_bytes() == (wheel.source / "LICENSE").read_bytes()
    assert set(about.get_all("Provides-Extra") or []) == set(declared["optional-dependencies"])
    required = [line for line in built.requires or [] if "extra ==" not in line]
    assert sorted(map(normal, required)) == sorted(map(normal, declared["dependencies"]))


def test_wheel_command(wheel: Wheel) -> None:
    (built,) = importlib.metadata.distributions(path=[str(wheel.site)])
    (entry,) = built.entry_points
    assert (entry.group, entry.name, entry.value) == (
        "console_scripts",
        "conflictwire",
        "conflictwire.cli:main",
    )
    module, _, function = entry.value.partition(":")
    code = (
        f"import sys, {module} as home; from pathlib import Path;"
        "print(Path(home.__file__).resolve(), file=sys.stderr);"
        f"sys.exit(home.{function}())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "--version"],
        cwd=wheel.site.parent,
        env=os.environ | {"PYTHONPATH": str(wheel.site)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert Path(run.stderr.strip()).is_relative_to(wheel.site.resolve())
    assert conflictwire.__version__ in run.stdout
