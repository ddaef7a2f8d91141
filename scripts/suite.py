"""Run the whole suite on two workers, then look at what it covered.

Arguments go to pytest; with any, coverage is not asked for. The packages in
``COMPLETE`` must be covered wholly, branches included: what decides, what redacts
and the log have no line that nothing has tried. Which tests must do that, see
``COVERED`` in tests/measuring.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPLETE = ("gateway/policy/", "gateway/redaction/", "audit/")
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM = 4 << 30
"""Bytes that must be free there."""
REPORT = ROOT / ".cache" / "coverage.json"


def uncovered(files: Mapping[str, Mapping[str, list[object]]]) -> list[str]:
    """Return one line for each file of ``COMPLETE`` that is not wholly covered.

    ``files`` is the ``files`` member of coverage's JSON report.
    """
    found = []
    for name, entry in sorted(files.items()):
        lines, branches = entry["missing_lines"], entry.get("missing_branches", [])
        if name.startswith(COMPLETE) and (lines or branches):
            parts = [f"lines {', '.join(map(str, lines))}"] if lines else []
            parts += [f"branches {_arrows(branches)}"] if branches else []
            found.append(f"{name}: {'; '.join(parts)}")
    return found


def _arrows(branches: list[object]) -> str:
    pairs = [pair for pair in branches if isinstance(pair, list)]
    return ", ".join(f"{start}->{end if end > 0 else 'exit'}" for start, end in pairs)


def run_pytest(arguments: list[str]) -> int:
    """Run pytest and return its exit code."""
    workers = ("-n", "2", "--dist", "loadfile", "-q", "--durations=15")
    sources = [f"--cov={name.rstrip('/')}" for name in COMPLETE]
    chosen = arguments or [*workers, *sources, "--cov-branch", "--cov-report="]
    with temporary() as folder:
        # A short path: tests put Unix sockets below it, and those have 107 bytes.
        below = ["--basetemp", f"{folder}/t"] if folder else []
        command = [sys.executable, "-m", "pytest", *below, *chosen]
        variables = {**os.environ, **({"TMPDIR": folder} if folder else {})}
        done = subprocess.run(command, cwd=ROOT, env=variables, check=False)
    return done.returncode


@contextlib.contextmanager
def temporary() -> Iterator[str]:
    """Make a folder in memory for what tests write, where there is one.

    The suite makes some ten thousand commits durable; what it shows of them (order,
    kills, faults that are put in) does not hang on a disk's own time.
    """
    room = shutil.disk_usage(MEMORY).free if MEMORY.is_dir() else 0
    if room < ROOM or not os.access(MEMORY, os.W_OK):
        yield ""
        return
    folder = tempfile.mkdtemp(prefix="sp-", dir=MEMORY)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def look_at_coverage() -> int:
    """Compare coverage with what must be complete; 0 when it is."""
    REPORT.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "coverage", "json", "-q", "-o", str(REPORT)]
    subprocess.run(command, cwd=ROOT, check=True)
    report = json.loads(REPORT.read_text())
    found = uncovered(report["files"])
    total = report["totals"]["percent_covered"]
    complete = ", ".join(name.rstrip("/") for name in COMPLETE)
    print(f"coverage with branches of {complete}: {total:.1f} %")
    if not found:
        return 0
    print("not complete, as it must be:")
    for line in found:
        print(f"  {line}")
    return 1


def main(arguments: list[str]) -> int:
    """Run the suite; 0 when all passed and what must be covered is."""
    code = run_pytest(arguments)
    if arguments or code:
        return code
    return look_at_coverage()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
