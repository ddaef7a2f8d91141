"""Starts gateways to be killed, for test_kill.py; run as a program.

``python -m tests.exchange.killed CONFIG``: imports everything and compiles the
policies once, then forks for each line on its standard input a process that does
what ``sallyport serve`` does, and answers with its process id and, when it has ended,
with how. So a start costs half a second instead of several. Each gateway still is a
process of its own that reads its files, loads the policies into an engine, opens log,
state, sources and sockets, and dies as one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gateway import in_force
from gateway.cli.service import run_gateway
from gateway.config import load
from gateway.policy.build import build


def main() -> None:
    """Start a gateway for each line."""
    path = Path(sys.argv[1])
    config = load(path)
    law = config.jurisdiction
    built = build(config.policies, law.packs, law.overlay)
    vars(in_force)["build"] = lambda *_: built  # compiled once for all children
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                run_gateway(path)
            finally:
                os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
