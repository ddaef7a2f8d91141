"""Write the hashed locks, or check that they belong to what they were made from.

::

    python -m scripts.locks --check    no network: compares digests of the inputs
    python -m scripts.locks --write    asks the package index through uv

No lock names an index: each installation says where its packages come from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
MARK = "# made from: "
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """One lock: its name, what it is resolved from, and whose pins it must keep."""

    name: str
    sources: tuple[str, ...]
    extras: tuple[str, ...] = ()
    within: str | None = None


LOCKS = (
    Lock(
        name="test",
        sources=("pyproject.toml", "requirements/test.in"),
        extras=("opa", "otel", "pkcs11", "postgres", "prove", "s3", "tsa"),
    ),
    Lock(name="run", sources=("pyproject.toml",), within="test"),
    Lock(name="go", sources=("requirements/go.in",)),
    Lock(name="node", sources=("requirements/node.in",)),
    Lock(name="envoy", sources=("requirements/envoy.in",)),
)


def inputs_digest(lock: Lock) -> str:
    """Return the digest of what a lock was resolved from.

    Of pyproject.toml only the dependencies count: other edits don't age a lock.
    """
    parts: list[object] = [lock.extras]
    for source in lock.sources:
        text = (ROOT / source).read_text()
        if source == "pyproject.toml":
            project = tomllib.loads(text)["project"]
            keys = ("dependencies", "optional-dependencies", "requires-python")
            parts.append([project[key] for key in keys])
        else:
            parts.append(text)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def pins(name: str) -> dict[str, str]:
    """Return the versions a lock pins, by package."""
    return dict(PIN.findall((FOLDER / f"{name}.txt").read_text()))


def outside(inner: Mapping[str, str], outer: Mapping[str, str]) -> list[str]:
    """Return the pins of one lock that the other doesn't have just so."""
    return [f"{name}=={at}" for name, at in inner.items() if outer.get(name) != at]


def problems() -> list[str]:
    """Return every reason why the locks are not what their inputs say."""
    found = []
    for lock in LOCKS:
        path = FOLDER / f"{lock.name}.txt"
        if not path.exists():
            found.append(f"{path.name} is missing")
            continue
        text = path.read_text()
        if f"{MARK}{inputs_digest(lock)}" not in text:
            found.append(f"{path.name} is older than {', '.join(lock.sources)}")
        if re.search(r"https?://|^--?(index|find|extra)", text, re.MULTILINE):
            found.append(f"{path.name} says where packages come from")
        if lock.within:
            other = pins(lock.within)
            found += [
                f"{path.name}: {pin} is not in {lock.within}.txt"
                for pin in outside(pins(lock.name), other)
            ]
    return found


def write(lock: Lock) -> None:
    """Resolve one lock; pins that still satisfy the inputs stay as they are."""
    path = FOLDER / f"{lock.name}.txt"
    command = [
        *(str(ROOT / ".venv" / "bin" / "uv"), "pip", "compile", "--quiet"),
        *("--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--no-header", "--no-annotate", "--no-emit-index-url"),
        *(part for extra in lock.extras for part in ("--extra", extra)),
        *(("-c", f"requirements/{lock.within}.txt") if lock.within else ()),
        *("-o", str(path.relative_to(ROOT)), *lock.sources),
    ]
    subprocess.run(command, check=True, cwd=ROOT)
    body = path.read_text()
    path.write_text(f"{MARK}{inputs_digest(lock)}\n# by: make locks\n{body}")


def main(arguments: list[str]) -> int:
    """Check or write; 0 when every lock belongs to its inputs."""
    parser = argparse.ArgumentParser(description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true")
    choice.add_argument("--write", action="store_true")
    if parser.parse_args(arguments).write:
        for lock in LOCKS:
            write(lock)
    found = problems()
    for problem in found:
        print(f"requirements: {problem}; `make locks` writes them", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
