"""Prove every shipped stack and keep the proofs in ``policies/proofs``, by revision.

Proofs of what is not shipped any more are taken away. Ends as ``sallyport policy
prove`` does: 1 if a claim does not hold, with the case that breaks it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

POLICIES = Path(__file__).resolve().parent.parent / "policies"
DONE = (0, 1)
"""How ``prove`` ends when it has proved all stacks: each claim holds, or some do not."""


def main() -> int:
    """Prove, keep, and take away what is of no stack."""
    sallyport = Path(sys.executable).parent / "sallyport"
    command: list[str | Path] = [
        sallyport,
        "policy",
        "prove",
        "--write",
        "--policies",
        POLICIES,
    ]
    before = _written()
    ended = subprocess.run(command, check=False).returncode
    for path, written in _written().items() if ended in DONE else ():
        if before.get(path) == written:
            path.unlink()
            print(f"{path.name}: of no stack that is shipped, taken away")
    return ended


def _written() -> dict[Path, int]:
    """Return when each of the kept proofs was written."""
    kept = sorted((POLICIES / "proofs").glob("*.json"))
    return {path: path.stat().st_mtime_ns for path in kept}


if __name__ == "__main__":
    sys.exit(main())
