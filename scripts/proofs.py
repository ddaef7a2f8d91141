"""Prove every shipped stack and keep the proofs in ``policies/proofs``, by revision.

Proofs of what is not shipped any more are taken away. Ends as ``sallyport policy
prove`` does: 1 if a claim does not hold, with the case that breaks it. With
``--check`` nothing is written: 1 if what is kept is not what is proved.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

POLICIES = Path(__file__).resolve().parent.parent / "policies"
KEPT = POLICIES / "proofs"
PROVE: list[str | Path] = [
    Path(sys.executable).parent / "sallyport",
    *("policy", "prove", "--policies", POLICIES),
]
DONE = (0, 1)
"""How ``prove`` ends when it has tried all stacks: each claim holds, or some do not."""
SAID = ("id", "says", "citation", "holds", "notes")


def main() -> int:
    """Prove, then keep or compare."""
    return check() if "--check" in sys.argv[1:] else write()


def write() -> int:
    """Prove, keep, and take away what is of no stack."""
    before = _written()
    ended = subprocess.run([*PROVE, "--write"], check=False).returncode
    for path, written in _written().items() if ended in DONE else ():
        if before.get(path) == written:
            path.unlink()
            print(f"{path.name}: of no stack that is shipped, taken away")
    return ended


def check() -> int:
    """Prove, and compare with what is kept."""
    command = [*PROVE, "--json"]
    proved = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if proved.returncode not in DONE:
        return proved.returncode
    found = {row["revision"]: _said(row) for row in json.loads(proved.stdout)}
    kept = {path.stem: _said(json.loads(path.read_bytes())) for path in _written()}
    wrong = [name for name in {**found, **kept} if found.get(name) != kept.get(name)]
    for name in wrong:
        print(f"{name}: what is kept is not what is proved. Run: make proofs")
    print(f"{len(found)} stacks are proved again, {len(wrong)} other than kept")
    return 1 if wrong else proved.returncode


def _said(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each claim as a file of proofs has it."""
    return [{member: row[member] for member in SAID} for row in document["proofs"]]


def _written() -> dict[Path, int]:
    """Return when each of the kept proofs was written."""
    return {path: path.stat().st_mtime_ns for path in sorted(KEPT.glob("*.json"))}


if __name__ == "__main__":
    sys.exit(main())
