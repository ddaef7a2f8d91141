"""The page in a real browser, and the exports that its tests give it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from audit import LogKeys, Receipt
from audit.cli import main
from audit.exportfile import About, Line
from tests.audit.builders import (
    CFG,
    KEYS,
    SCHEMA,
    START_MS,
    FakeClock,
    entry,
    filled,
    opening,
    write_tree,
)
from tests.audit.rotated import NEW, add, change

__all__ = [
    "MARKS",
    "PAGE",
    "Reader",
    "altered",
    "exported",
    "files",
    "forged",
    "of_leaves",
    "proved",
]

MARKS = [
    pytest.mark.slow,
    pytest.mark.blocking("the loop that runs here is that of the browser's driver"),
]
"""Of every test in a browser."""
PAGE = Path(__file__).parents[3] / "audit" / "page" / "verify.html"
EXPORT = ("checkpoint", "entries.jsonl", "log.vkeys", "export.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Somebody with the page open, and what the page asked of the network."""

    page: Page
    asked: list[str]
    keys: Path
    """The log's keys, as this reader has them from somewhere else."""

    def verdict(
        self, *files: Path, own: Sequence[Path] | None = None
    ) -> tuple[str, str]:
        """Give the page files; return the verdict's word and everything it says.

        With them go the reader's keys, or those in ``own``.
        """
        self.page.click("#again")
        self.page.set_input_files("#keys", [self.keys] if own is None else own)
        self.page.set_input_files("#files", files)
        return self.said()

    def said(self) -> tuple[str, str]:
        """Wait for the verdict; return its word and the whole page."""
        ends = ("holds", "tampered", "cannot-tell")
        self.page.wait_for_selector(", ".join(f"#verdict.{each}" for each in ends))
        word = self.page.get_attribute("#verdict", "class")
        return word or "", self.page.inner_text("main")

    def faults(self) -> int:
        """Return how many rules of accessibility the page breaks."""
        found: int = Axe().run(self.page).violations_count
        return found


def exported(folder: Path) -> None:
    """Fill a folder: a log, two exports of it, its keys and its receipts.

    Beside them lies an export of a log that changed its keys, and its new keys.
    """
    receipts = asyncio.run(appended(folder / "store"))
    for number, receipt in enumerate(receipts):
        (folder / f"receipt-{number}.json").write_text(json.dumps(receipt.to_json()))
    keys = folder / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    log = [str(folder / "store"), "--vkey", str(keys), "--allow-unwitnessed"]
    where, options = log[0], log[1:]
    assert main(["export", where, str(folder / "whole"), *options]) == 0
    chosen = ["--decision", "refused"]
    assert main(["export", where, str(folder / "chosen"), *options, *chosen]) == 0
    other = folder / "other"
    filled(other, 3)
    change(other)
    add(other, NEW)
    (folder / "new.vkeys").write_text("".join(f"{e.text}\n" for e in NEW.verifiers))
    assert main(["export", str(other), str(folder / "changed"), *options]) == 0


async def appended(folder: Path) -> list[Receipt]:
    """Make a log of seven entries; return their receipts."""
    async with opening(folder, create=True, clock=FakeClock(START_MS)) as log:
        words = ["refused" if number % 3 == 2 else "released" for number in range(7)]
        schema = {f"schema/{CFG}.json": SCHEMA}
        return [
            await log.append(entry(decision=word, attachments=schema)) for word in words
        ]


def files(export: Path) -> list[Path]:
    """Return what is dropped of an export."""
    return [export / name for name in EXPORT]


def altered(export: Path, target: Path, name: str, old: bytes, new: bytes) -> Path:
    """Return a copy of an export with one change in one file."""
    copy = Path(shutil.copytree(export, target))
    data = (copy / name).read_bytes()
    assert old in data
    (copy / name).write_bytes(data.replace(old, new, 1))
    return copy


def of_leaves(
    log: Path,
    leaves: Sequence[bytes],
    folder: Path,
    *,
    keys: LogKeys = KEYS,
    seconds: int = START_MS // 1000 + 61,
) -> list[Path]:
    """Return the files of an export of a log that would not be exported."""
    head = write_tree(log, leaves, keys=keys, seconds=seconds)
    path, about = folder / "entries.jsonl", folder / "export.json"
    lines = [Line(index=index, data=each).pack() for index, each in enumerate(leaves)]
    path.write_bytes(b"".join(lines))
    said = About(
        origin=head.origin, size=head.size, root=head.root.hex(), exported=len(lines)
    )
    about.write_bytes(said.pack())
    return [log / "checkpoint", path, about]


def forged(folder: Path, leaves: Sequence[bytes]) -> list[Path]:
    """Return the files of an export that somebody made up, with keys to match."""
    theirs = LogKeys.generate(KEYS.origin)
    keys = folder / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in theirs.verifiers))
    return [*of_leaves(folder / "forged", leaves, folder, keys=theirs), keys]


def proved(
    reader: Reader, place: Path, folder: Path, *options: str
) -> tuple[Path, Path]:
    """Return the files of a proof and of its entry, which says ``refused``."""
    proof, leaf = folder / "entry.tlog-proof", folder / "leaf"
    where = [str(place / "store"), "--vkey", str(reader.keys), "--index", "5"]
    with redirect_stdout(StringIO()) as printed:
        assert main(["prove", *where, "--leaf", str(leaf), *options]) == 0
    proof.write_text(printed.getvalue())
    return proof, leaf
