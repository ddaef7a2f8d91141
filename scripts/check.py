"""Run every check that needs no test: style, types, layers, policy, locks, pages.

Two run at a time. A check that passes prints one line; one that fails prints what
it said. All of them run, so that one look shows everything there is to mend.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CODE = ("gateway", "connectors", "audit", "tests", "scripts")
REGO = "policies/rego"
SHELL = ("scripts/python", ".ci/run", "tests/deploy/clean-root.sh")


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check: a name and the command that must succeed."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a check, in how many seconds, and what it said."""

    check: Check
    passed: bool
    seconds: float
    said: str


def checks() -> Iterator[Check]:
    """Yield every check, the longest first."""
    own = (sys.executable, "-m")
    yield Check(name="types", command=(str(BIN / "mypy"), *CODE))
    yield Check(name="documentation", command=(*own, "scripts.reference", "--check"))
    opa = ("opa", "test", "--coverage", "--threshold", "100")
    yield Check(name="policy tests", command=(*opa, REGO))
    yield Check(name="policy types", command=("opa", "check", "--strict", REGO))
    yield Check(name="policy format", command=("opa", "fmt", "--fail", "--list", REGO))
    yield Check(name="layers", command=(str(BIN / "lint-imports"),))
    yield Check(name="format", command=(str(BIN / "ruff"), "format", "--check", "."))
    style = ("check", "--output-format", "concise", ".")
    yield Check(name="style", command=(str(BIN / "ruff"), *style))
    yield Check(name="locks", command=(*own, "scripts.locks", "--check"))
    yield Check(name="tree", command=(*own, "scripts.tree"))
    yield Check(name="shell syntax", command=("sh", "-n", *SHELL))
    if shutil.which("shellcheck"):
        yield Check(name="shell style", command=("shellcheck", *SHELL))


def run(check: Check) -> Outcome:
    """Run one check to its end."""
    began = time.monotonic()
    try:
        done = subprocess.run(
            check.command,
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except OSError as error:
        said, passed = f"{check.command[0]}: {error.strerror}", False
    else:
        said, passed = done.stdout, done.returncode == 0
    seconds = time.monotonic() - began
    return Outcome(check=check, passed=passed, seconds=seconds, said=said)


def main() -> int:
    """Run all checks; 0 when every one passed."""
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for outcome in pool.map(run, checks()):
            mark = "ok  " if outcome.passed else "FAIL"
            print(
                f"{mark} {outcome.check.name:<14} {outcome.seconds:5.1f} s", flush=True
            )
            if not outcome.passed:
                failed.append(outcome.check.name)
                print(outcome.said.rstrip()[-20_000:], flush=True)
    if failed:
        print(f"{len(failed)} checks failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
