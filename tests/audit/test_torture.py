"""A small seeded run of each kind of trial, in a process without other threads.

Trials fork writers. Forked from a worker that has run thousands of tests, with their
threads, a writer may wait for a lock that nobody holds.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SMALL = Path(__file__).with_name("small_torture.py")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_each_kind_of_trial_holds() -> None:
    """Every test of the small run passes there."""
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", str(SMALL))
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout[-4_000:]
