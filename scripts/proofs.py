"""Prove every shipped stack and keep the proofs in ``policies/proofs``, by revision.

Proofs of what is not shipped any more are taken away. Ends as ``sallyport policy
prove`` does: 1 if a claim does not hold, with the case that breaks it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gateway.policy.build import build
from gateway.policy.stacks import listed_stacks

POLICIES = Path(__file__).resolve().parent.parent / "policies"


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
    ended = subprocess.run(command, check=False).returncode
    revisions = {build(POLICIES, *stack).revision for stack in listed_stacks(POLICIES)}
    for path in sorted((POLICIES / "proofs").glob("*.json")):
        if path.stem not in revisions:
            path.unlink()
            print(f"{path.name}: of no stack that is shipped, taken away")
    return ended


if __name__ == "__main__":
    sys.exit(main())
