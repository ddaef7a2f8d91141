"""Reading a log: what is new on a large one, one proof, and the memory it takes."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.keyfiles import LogKeys
from audit.merkle import leaf_hash
from audit.proof import prove
from audit.reading import FolderSource
from audit.tiles import ENTRIES, WIDTH, Tile, pack_entries
from audit.tree import Tree
from scripts.bench.figure import Figure, percentile

__all__ = ["figures"]

SMALL = 100_000
LARGE = 10_000_000
NEW = 10_000
PROOFS = 1_000
GOAL_MS = 1.0
FLAT = 1.25
"""How much more memory a log a hundred times as large may take, to be flat."""
PATH = 1.5
"""The same for a proof: its path has 24 hashes then, not 17."""

_PROGRAM = """
import sys
from audit.cli import main
code = main(sys.argv[1:])
[peak] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
sys.stderr.write(peak)
sys.exit(code)
"""
"""Verifies, and says the most memory it had; that of a parent counts elsewhere."""


@dataclass(kw_only=True, slots=True)
class _Log:
    """A public tree that grows, of entries that are only numbers."""

    folder: Path
    keys: LogKeys = field(default_factory=lambda: LogKeys.generate("bench.example/log"))
    tree: Tree = field(default_factory=Tree)

    @property
    def vkey(self) -> Path:
        return self.folder.with_name("log.vkey")

    def grow(self, size: int) -> bytes:
        """Add entries up to a size; return the checkpoint."""
        while self.tree.size < size:
            first = self.tree.size // WIDTH * WIDTH
            end = min(size, first + WIDTH)
            entries = [b"entry %d" % number for number in range(first, end)]
            for tile, data in self.tree.add(
                map(leaf_hash, entries[self.tree.size - first :])
            ):
                self._put(tile, data)
            bundle = Tile(level=ENTRIES, index=first // WIDTH, width=end - first)
            self._put(bundle, pack_entries(entries))
        for tile, data in self.tree.partial():
            self._put(tile, data)
        checkpoint = Checkpoint(
            origin=self.keys.origin, size=size, root=self.tree.root()
        )
        note = sign_checkpoint(
            checkpoint, log=self.keys.log, time=self.keys.time, seconds=1
        )
        (self.folder / "checkpoint").write_bytes(note)
        self.vkey.write_text(self.keys.log.verifier.text + "\n")
        return note

    def _put(self, tile: Tile, data: bytes) -> None:
        path = self.folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def proof_ms(self, note: bytes) -> float:
        """Return the median time of a proof of a random entry."""
        source, draw = FolderSource(self.folder), random.Random(1)  # noqa: S311 - places
        spent = []
        for _ in range(PROOFS):
            index = draw.randrange(self.tree.size)
            began = time.perf_counter()
            prove(source, index, note, self.tree.size)
            spent.append(1000 * (time.perf_counter() - began))
        return percentile(spent, 50)

    def verified(self, *options: str) -> tuple[float, float]:
        """Return the seconds and the most MiB of one verification by one process."""
        command = [sys.executable, "-c", _PROGRAM, "verify", str(self.folder)]
        command += ["--vkey", str(self.vkey), "--tree-only", "--allow-unwitnessed"]
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "-j", "1", *options], check=True, capture_output=True, text=True
        )
        return time.perf_counter() - began, int(done.stderr.split()[-2]) / 1024


def figures() -> Iterator[Figure]:
    """Measure on a log of 100,000 entries, then on the same with ten million."""
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as folder:
        log = _Log(folder=Path(folder) / "log")
        note = log.grow(SMALL)
        before_ms = log.proof_ms(note)
        all_small_s, small_mib = log.verified()
        yield from _since(log, SMALL + NEW, all_small_s)
        log.grow(LARGE - NEW)
        yield from _since(log, LARGE, all_small_s)
        note = (log.folder / "checkpoint").read_bytes()
        after_ms = log.proof_ms(note)
        yield Figure(
            name=f"log: proof of a random entry of {LARGE}, median",
            value=after_ms,
            unit="ms",
            baseline={f"of {SMALL}, ms": before_ms},
            goal=f"<= {GOAL_MS:g} ms, and <= {PATH:g} x",
            met=after_ms <= GOAL_MS and after_ms <= PATH * before_ms,
        )
        seconds, mib = log.verified()
        yield Figure(
            name=f"log: memory of verifying {LARGE} entries, hashes only, one process",
            value=mib,
            unit="MiB",
            baseline={f"of {SMALL}, MiB": small_mib, "seconds": seconds},
            goal=f"<= {FLAT:g} x",
            met=mib <= FLAT * small_mib,
        )


def _since(log: _Log, size: int, whole_s: float) -> Iterator[Figure]:
    """Measure verifying the last entries, after the ones before were verified."""
    kept = log.folder.with_name("kept")
    kept.write_bytes((log.folder / "checkpoint").read_bytes())
    log.grow(size)
    seconds, _ = log.verified("--since", str(kept))
    yield Figure(
        name=f"log: verification of {NEW} new entries on {size - NEW}, hashes only",
        value=seconds,
        unit="s",
        baseline={f"all of {SMALL}, s": whole_s},
    )
