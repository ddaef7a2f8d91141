"""The evaluator's own house rules: small, documented, covered, few builtins."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateway.policy.small import REGO

ALLOWED = {
    "array.concat",
    "count",
    "floor",
    "min",
    "object.get",
    "object.keys",
    "object.remove",
    "object.union",
    "object.union_n",
    "sort",
}
"""Builtins that both engines do alike; nothing of time, network or text."""

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
