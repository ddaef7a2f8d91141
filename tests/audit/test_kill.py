"""Writers killed at random moments: nothing lost, nothing twice, no fork."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from audit import Receipt
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.folder import Folder
from audit.merkle import leaf_hash
from audit.proof import stored_root
from audit.reading import FolderSource
from audit.stored import stored_leaves
from audit.verify import Trust, verify
from tests.audit.asked import Notes
from tests.audit.builders import KEYS, entry, opening, write_schema
from tests.tortured import trials

TRIALS = trials(150)


@pytest.mark.slow
@pytest.mark.timeout(TRIALS.limit_s)
@pytest.mark.fault("log-killed")
def test_writers_killed_at_random_moments(tmp_path: Path, repository: Path) -> None:
    """0 acknowledged entries lost, 0 twice, every signed tree the start of the next."""
    subprocess.run(
        [
            *(sys.executable, "-m", "tests.audit.killed", str(tmp_path)),
            *(str(TRIALS.count), str(TRIALS.seed)),
        ],
        check=True,
        cwd=repository,
    )
    store = tmp_path / "store"
    notes = Notes(tmp_path / "notes")
    retried = asyncio.run(_ask_again(store, notes.open_keys()))
    leaves = [leaf for _, leaf in stored_leaves(Folder(root=store))]
    keys = [json.loads(leaf)["db"] for leaf in leaves]

    assert len(set(keys)) == len(keys), "an entry stands twice"
    told = notes.told()
    assert len(told) > TRIALS.count
    for key, index, hashed in told:
        assert keys[index] == key, "an acknowledged entry is not where it was"
        assert leaf_hash(leaves[index]).hex() == hashed
    for key, receipt in retried.items():
        assert keys[receipt.index] == key

    write_schema(store / "live")
    report = verify(FolderSource(store / "live"), Trust(keys=KEYS.verifiers))
    assert [each.text for each in report.findings] == []
    assert report.facts["entries"] == len(leaves)
    checkpoints = _no_fork(tmp_path, len(leaves))
    TRIALS.tell(entries=len(leaves), receipts_held=len(told), checkpoints=checkpoints)


async def _ask_again(store: Path, keys: list[str]) -> dict[str, Receipt]:
    async with opening(store) as log:
        return {key: await log.append(entry(key, db=key)) for key in keys}


def _no_fork(folder: Path, size: int) -> int:
    signed: list[Checkpoint] = []
    for trial in range(TRIALS.count):
        path = folder / f"checkpoint.{trial}"
        if path.exists():
            opened = open_checkpoint(path.read_bytes(), KEYS.verifiers)
            signed.append(opened.checkpoint)
    assert len(signed) > TRIALS.count // 2
    assert [each.size for each in signed] == sorted(each.size for each in signed)
    live = FolderSource(folder / "store" / "live")
    for each in signed:
        assert stored_root(live, size, each.size) == each.root
    return len(signed)
