"""The shape of the source tree: sizes, exports, and where modules come from."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts.suite import COMPLETE

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "connectors", "audit")

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
LONGEST_STORY = 200

LONG_FUNCTIONS: dict[str, str] = {
    "gateway/exchange.py:_told": "the story of one request, its seven steps in order",
    "gateway/web/openapi.py:_paths": "a document written out, no decision in it",
    "gateway/web/openapi.py:describe": "as above",
    "gateway/policy/plainfold.py:fold": "the fold from below, its steps in order",
    "gateway/state/migrations/versions/v0001_first.py:upgrade": "a list of tables",
}
"""``path:name`` of functions over the limit, with the reason each stays whole."""

TRIED_ELSEWHERE: dict[str, tuple[str, str]] = {
    "gateway/__init__.py": (
        "tests/structure/test_wheel.py",
        "the version, compared with the wheel's",
    ),
    "gateway/answering/": ("tests/exchange", "whole exchanges over real connections"),
    "gateway/asking/": ("tests/exchange", "as above"),
    "gateway/recording/": ("tests/exchange", "as above, and what the log then holds"),
    "gateway/web/": ("tests/exchange", "real requests, on the bytes of their answers"),
    "gateway/exchange.py": ("tests/exchange", "the story itself"),
    "gateway/app.py": ("tests/exchange", "starts and stops for each of them"),
    "gateway/services.py": ("tests/exchange", "as above"),
    "gateway/stores.py": ("tests/exchange", "as above"),
    "gateway/opening.py": ("tests/exchange", "as above"),
    "gateway/in_force.py": ("tests/exchange", "activated and reloaded there"),
    "gateway/running.py": ("tests/exchange", "commands to a gateway that runs"),
    "gateway/readiness.py": ("tests/exchange/test_faults.py", "with what is missing"),
    "gateway/standing.py": ("tests/exchange/test_cutoff.py", "before each release"),
    "gateway/succession.py": (
        "tests/exchange/test_succession.py",
        "one law after another, with engines and without",
    ),
    "gateway/runs.py": ("tests/exchange", "what goes on beside requests"),
    "gateway/upkeep.py": ("tests/exchange", "as above"),
    "gateway/gauges.py": ("tests/exchange", "what the metrics then say"),
    "gateway/cli/policy_work.py": (
        "tests/gateway/cli/test_policy.py",
        "what the commands do, through the commands",
    ),
    "gateway/cli/policy_files.py": (
        "tests/gateway/cli/test_policy.py",
        "as above",
    ),
    "gateway/cli/policy_change.py": (
        "tests/gateway/cli/test_policy_compare.py",
        "as above",
    ),
    "gateway/cli/policy_enforcing.py": (
        "tests/gateway/cli/test_policy_force.py",
        "as above",
    ),
    "gateway/cli/policy_replaying.py": (
        "tests/gateway/cli/test_policy_force.py",
        "as above",
    ),
    "gateway/cli/policy_found.py": (
        "tests/gateway/cli/test_policy_proving.py",
        "what the commands say",
    ),
    "gateway/demo/stage.py": (
        "tests/gateway/demo/test_performance.py",
        "three gateways, as the demo runs them",
    ),
    "gateway/entries/": ("tests/exchange", "the leaves that are in the log"),
}
"""Modules and folders without test files of their own: where they are tried, and how.

Those that must be covered wholly (see scripts/suite.py) need no entry: no line of
theirs can be left out by any choice of files.
"""


def tried_elsewhere(name: str) -> bool:
    """Say whether a module, or its folder, is named above or wholly covered."""
    named = tuple(TRIED_ELSEWHERE)
    folders = tuple(each for each in named if each.endswith("/"))
    return name in named or name.startswith((*folders, *COMPLETE))


def sources() -> list[Path]:
    """Return every module of the three packages."""
    found = (path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    return sorted(path for path in found if "_policies" not in path.parts)


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a module; several tests look at each."""
    return ast.parse(path.read_text())


def relative(path: Path) -> str:
    """Return a path as it is written in this tree."""
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """Return the import name of a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MIGRATIONS = ("gateway/state/migrations/", "audit/postgres/migrations/")
"""Scripts that Alembic runs by path: no interface, tried by what runs them."""

MODULES = pytest.mark.parametrize("path", sources(), ids=relative)
INTERFACES = pytest.mark.parametrize(
    "path",
    [
        path
        for path in sources()
        if path.name != "__main__.py" and not relative(path).startswith(MIGRATIONS)
    ],
    ids=relative,
)


def public_definitions(tree: ast.Module) -> Iterator[str]:
    """Yield the names of functions and classes that are not private.

    A function that is handed to something by a decorator of the module's own
    ``app`` is a command: the command line is its interface.
    """
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in tree.body:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            handed = [ast.unparse(each) for each in node.decorator_list]
            if not any(each.startswith("app.") for each in handed):
                yield node.name


def own_imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Yield the names that a module imports from its own package."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
            for alias in node.names:
                yield alias.asname or alias.name


@INTERFACES
def test_exports(path: Path) -> None:
    """``__all__`` names what is public: all of it, and only what is there."""
    tree = parsed(path)
    module = importlib.import_module(dotted(path))
    exported = getattr(module, "__all__", None)
    is_package = path.name == "__init__.py"
    defined = set(public_definitions(tree))
    if is_package:
        package = f"{dotted(path)}."
        defined |= {
            name for name in own_imports(tree, package) if not name.startswith("_")
        }
    if exported is None:
        assert not defined, "public names, and no __all__"
        return

    assert [name for name in exported if not hasattr(module, name)] == []
    assert len(exported) == len(set(exported))
    assert sorted(defined - set(exported)) == []


@MODULES
def test_docstring(path: Path) -> None:
    """Each module says in its first line what it is."""
    assert ast.get_docstring(parsed(path))


@MODULES
def test_module_length(path: Path) -> None:
    """No module eats the rest."""
    limit = LONGEST_STORY if relative(path) == "gateway/exchange.py" else LONGEST_MODULE

    assert len(path.read_text().splitlines()) <= limit


@MODULES
def test_function_length(path: Path) -> None:
    """A function fits on a screen, its docstring not counted."""
    long = []
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0]
        doc = ast.get_docstring(node, clean=False)
        start = (first.end_lineno or 0) if doc else first.lineno - 1
        lines = (node.end_lineno or 0) - start
        name = f"{relative(path)}:{node.name}"
        if lines > LONGEST_FUNCTION and name not in LONG_FUNCTIONS:
            long.append(f"{name} has {lines} lines")

    assert long == []


def expected_test(path: Path) -> Path:
    """Return where the test file of a module lies.

    A package's ``__init__`` is tried by any test in its mirrored folder.
    """
    mirrored = ROOT / "tests" / path.relative_to(ROOT)
    name = path.stem.strip("_")
    return mirrored.parent / (f"test_{name}.py")


@INTERFACES
def test_mirror(path: Path) -> None:
    """Each module has its test file, or is named with what tries it instead."""
    if tried_elsewhere(relative(path)):
        return
    if path.name == "__init__.py":
        folder = expected_test(path).parent
        assert list(folder.glob("test_*.py"))
        return

    assert expected_test(path).exists()


def test_reasons_are_used() -> None:
    """Nothing is excused that is not there, or by tests that are not there."""
    named = {name.split(":")[0] for name in LONG_FUNCTIONS} | set(TRIED_ELSEWHERE)
    named |= {where for where, _ in TRIED_ELSEWHERE.values()}

    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_are_ours(name: str) -> None:
    """The general names gateway, connectors and audit mean the ones in this tree."""
    module = importlib.import_module(name)

    assert Path(str(module.__file__)).parent == ROOT / name


def test_no_test_package_shadows_ours() -> None:
    """No ``__init__.py`` lies under tests/: tests/audit must not become ``audit``."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


_LENT = {"orjson", "pkcs11", "regorus", "rfc3161_client"}

ASKS_FOR_MORE = {("audit/witness/server.py", "aiohttp")}
"""Who serves a witness installs an extra; nobody else imports that module."""

ELSEWHERE = ("audit/objects/", "audit/postgres/")
"""Stores that need a driver: imported where one is configured, and nowhere else."""

AUDIT = [
    path
    for path in sources()
    if path.is_relative_to(ROOT / "audit") and not relative(path).startswith(ELSEWHERE)
]


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the top-level packages that a statement imports."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name.split(".")[0]
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", AUDIT, ids=relative)
def test_audit_stands_alone(path: Path) -> None:
    """``audit`` imports the standard library and cryptography, and nothing else.

    Inside a function it may ask for more: replay needs an engine, a key in a token
    its library, the gateway's process may lend its faster JSON. An auditor has none
    of them and misses nothing.
    """
    tree = parsed(path)
    inside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Try)
        for inner in ast.walk(node)
    }
    allowed = set(sys.stdlib_module_names) | {"audit", "cryptography"}
    strange = [
        name
        for node in ast.walk(tree)
        for name in imported(node)
        if name not in allowed
        and not (id(node) in inside and name in _LENT)
        and (relative(path), name) not in ASKS_FOR_MORE
    ]

    assert strange == []
