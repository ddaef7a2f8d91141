"""The evaluator's own house rules: small, documented, covered, few builtins."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.policy.small import REGO

ALLOWED = {
    "array.concat",
    "concat",
    "count",
    "floor",
    "max",
    "min",
    "object.filter",
    "object.get",
    "object.keys",
    "object.remove",
    "object.union",
    "object.union_n",
    "set",
    "substring",
}
"""Builtins that both engines do alike; nothing of time, network or patterns."""

MODULES = [path for path in sorted(REGO.glob("*.rego")) if "_test" not in path.name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_few_builtins(path: Path) -> None:
    """A module calls its own functions and a short list of builtins."""
    text = re.sub(r"#.*", "", path.read_text())
    own = set(re.findall(r"^(\w+)\(", text, flags=re.MULTILINE))
    called = set(re.findall(r"([a-z_.]+)\(", text))
    foreign = {name for name in called if not name.startswith("data.sallyport.")}
    assert foreign - own <= ALLOWED


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_rule_is_described(path: Path) -> None:
    """Each package and rule has METADATA with a title and a description."""
    lines = path.read_text().splitlines()
    seen: set[str] = set()
    for i, line in enumerate(lines):
        name = re.match(r"([a-z_]+)(\(| := | if |$)", line)
        if name is None or name.group(1) in seen or name.group(1) == "package":
            continue
        seen.add(name.group(1))
        above = lines[:i]
        comment = []
        while above and above[-1].startswith("#"):
            comment.append(above.pop())
        assert "# METADATA" in comment, line
        assert any(text.startswith("# title:") for text in comment), line
        assert any(text.startswith("# description:") for text in comment), line


@pytest.mark.slow
@pytest.mark.services
def test_opa_finds_nothing(require_tool: Callable[[str], Path]) -> None:
    """Formatted, strictly checked, its own tests pass, and every line is covered."""
    opa = str(require_tool("opa"))

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [opa, *arguments, str(REGO)], capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert run("fmt", "--list") == ""
    run("check", "--strict")
    assert json.loads(run("test", "--coverage"))["coverage"] == 100


def parsed(opa: Path, text: Path) -> list[dict[str, Any]]:
    """Return the rules of a module as OPA reads them."""
    command = [str(opa), "parse", "--format", "json", str(text)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    rules: list[dict[str, Any]] = json.loads(done.stdout)["rules"]
    return rules


def within(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a tree of JSON
    """Yield every object within a tree."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node:
        if isinstance(each, dict | list):
            yield from within(each)


def bound(term: dict[str, Any]) -> bool:
    """Tell whether a term only names what is there already."""
    if term["type"] in {"array", "set"}:
        return all(map(bound, term["value"]))
    if term["type"] == "object":
        return all(bound(each) for pair in term["value"] for each in pair)
    return term["type"] in {"var", "string", "number", "boolean"}


HEADS = {
    "arraycomprehension": ("term",),
    "setcomprehension": ("term",),
    "objectcomprehension": ("key", "value"),
}


def faults(rules: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what the embedded engine's machine takes otherwise than OPA does."""
    for node in within(rules):
        terms = node.get("terms")
        if isinstance(terms, list) and terms[0]["value"][0]["value"] == "assign":
            yield "binds with :="
        if "else" in node and any("symbols" in each["terms"] for each in node["body"]):
            yield "has some before else"
        for key in HEADS.get(node.get("type", ""), ()):
            if not bound(node["value"][key]):
                yield "yields what may be undefined"


@pytest.mark.services
@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_both_evaluators_take_it_alike(
    require_tool: Callable[[str], Path], path: Path
) -> None:
    """A module does nothing that the machine takes otherwise than an interpreter."""
    assert [*faults(parsed(require_tool("opa"), path))] == []


@pytest.mark.services
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p := x if { x := input.a }", "binds with :="),
        ("p := [x | x := input.a]", "binds with :="),
        ("p := 1 if { some x in input.a; x > 1 } else := 2", "has some before else"),
        (
            "p := 0 if { input.b } else := 1 if { some x in input.a } else := 2",
            "has some before else",
        ),
        ("p := [input.a[x] | some x in input.b]", "yields what may be undefined"),
        (
            "p := {x: f(x) | some x in input.b}\nf(x) := x",
            "yields what may be undefined",
        ),
        ("p := {[x, f(x)] | some x in input.b}\nf(x) := x", "yields what may"),
    ],
)
def test_what_is_taken_otherwise_is_found(
    require_tool: Callable[[str], Path], tmp_path: Path, text: str, said: str
) -> None:
    """Each way is seen where it is."""
    module = tmp_path / "module.rego"
    module.write_text(f"package odd\n\n{text}\n")

    found = [*faults(parsed(require_tool("opa"), module))]

    assert [each.startswith(said) for each in found] == [True]
