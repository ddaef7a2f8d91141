"""The page in a browser: how long an export of 100,000 entries takes to a verdict."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from audit.exportfile import ENTRIES
from scripts.bench.figure import Figure, percentile
from scripts.bench.log import fill
from scripts.packages import CHROMIUM, find

__all__ = ["figures"]

ENTRIES_THERE = 100_000
ROUNDS = 3
GOAL_S = 5.0
LONGEST_MS = 120_000
ENDS = "#verdict.holds, #verdict.tampered, #verdict.cannot-tell"


def _audit(*words: str) -> float:
    """Return the seconds of one of the log's commands, by a process of its own.

    Raises:
        RuntimeError: it ended with anything but 0.
    """
    began = time.perf_counter()
    command = (sys.executable, "-m", "audit", *words)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"audit {words[0]}: {done.stdout}{done.stderr}")
    return time.perf_counter() - began


def _verdict_s(page: Page, keys: str, files: list[Path]) -> float:
    """Return the seconds from the files to the verdict.

    Raises:
        RuntimeError: it is not that the export holds.
    """
    page.set_input_files("#keys", keys)
    began = time.perf_counter()
    page.set_input_files("#files", files)
    page.wait_for_selector(ENDS, timeout=LONGEST_MS)
    seconds = time.perf_counter() - began
    if "holds" not in (page.get_attribute("#verdict", "class") or ""):
        raise RuntimeError(page.inner_text("main"))
    page.click("#again")
    return seconds


def figures() -> Iterator[Figure]:
    """Measure the page beside the command on the same export."""
    program = find(CHROMIUM)
    if program is None:
        print("page: chromium is not there; make tools", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as name:
        folder = Path(name)
        asyncio.run(fill(folder, ENTRIES_THERE))
        export, keys = folder / "export", ("--vkey", str(folder / "keys" / "log.vkeys"))
        trusted = (*keys, "--allow-unwitnessed")
        _audit("export", str(folder / "log"), str(export), *trusted)
        command_s = percentile(
            [_audit("verify", str(export), *trusted) for _ in range(ROUNDS)], 50
        )
        files = [path for path in export.iterdir() if path.is_file()]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox"]
            )
            page = browser.new_context(offline=True).new_page()
            page.goto((export / "verify.html").as_uri())
            spent = [_verdict_s(page, keys[1], files) for _ in range(ROUNDS)]
            browser.close()
        yield Figure(
            name=f"page: verdict on an export of {ENTRIES_THERE} entries, in Chromium",
            value=percentile(spent, 50),
            unit="s",
            baseline={
                "audit verify of the same, s": command_s,
                "MB": (export / ENTRIES).stat().st_size / 1e6,
            },
            goal=f"<= {GOAL_S:g} s",
            met=percentile(spent, 50) <= GOAL_S,
        )
