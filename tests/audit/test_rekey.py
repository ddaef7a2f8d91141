"""A store is given new keys: whatever stops it, nothing is lost, and it ends."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from audit import KeyFileRefused, Log, LogFailed
from audit.directory import Directory
from audit.folder import Folder
from audit.rekey import rotate
from audit.rotation import handover_path
from tests.audit.builders import AUDITOR, KEYS, ORIGIN, FakeClock, filled
from tests.audit.rotated import NEW, NEWER, add, change, check, settings

KEYS_TEXT = [key.text for key in KEYS.verifiers]


class Stop(Exception):
    """The process ends here."""


def stopped(folder: Path, number: int) -> bool:
    """Change a store's keys and stop after so many steps; return whether it did."""
    seen = 0

    def stop(_step: str) -> None:
        nonlocal seen
        seen += 1
        if seen > number:
            raise Stop

    try:
        change(folder, faults=stop)
    except Stop:
        return True
    return False


def test_a_crash_at_any_step_is_mended_by_doing_it_again(tmp_path: Path) -> None:
    """After a stop at any step nothing is lost, nothing is there twice, and it ends."""
    filled(tmp_path / "whole", 3)
    number, refused = 0, 0
    while True:
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", folder)
        if not stopped(folder, number):
            break
        state = Folder(root=folder).read_state()
        if "next" in state and not refused:
            refused += 1
            with pytest.raises(KeyFileRefused, match="change of keys was begun"):
                add(folder, KEYS)
        if state["keys"] != [key.text for key in NEW.verifiers]:
            assert change(folder) == 3
        add(folder, NEW, count=1)
        report = check(folder / "live", *KEYS.verifiers)
        assert (report.outcome(), report.facts["entries"]) == (3, 5), report.lines()
        number += 1
    assert (number > 20, refused) == (True, 1), number


def test_other_keys_may_come_until_some_are_announced(tmp_path: Path) -> None:
    """What was begun and nobody has seen is given up; what was announced is not."""
    filled(tmp_path / "whole", 3)
    taken: list[bool] = []
    for number in range(30):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", folder)
        if not stopped(folder, number):
            break
        if Folder(root=folder).read_state()["keys"] != KEYS_TEXT:
            continue
        with contextlib.suppress(KeyFileRefused):
            taken += [change(folder, new=NEWER) == 3]
            continue
        with pytest.raises(KeyFileRefused, match="other keys was announced"):
            change(folder, new=NEWER)
        taken.append(False)
    assert taken == sorted(taken, reverse=True)
    assert {*taken} == {True, False}


def test_what_can_not_be_said_begins_nothing(tmp_path: Path) -> None:
    """If the entry can't be made, the log goes on as it was."""
    filled(tmp_path / "store", 3)

    def refuse(_act: str, _last: Mapping[str, object]) -> Mapping[str, object]:
        raise KeyFileRefused("nothing was activated")

    with pytest.raises(KeyFileRefused, match="nothing was activated"):
        rotate(
            Directory(tmp_path / "store"),
            settings(),
            NEW,
            reason="x",
            public=refuse,
            sealed={},
        )
    add(tmp_path / "store", KEYS)


def test_a_failing_disk_is_said(tmp_path: Path) -> None:
    """What the disk refuses is an error of the log."""
    filled(tmp_path / "store", 3)

    name = handover_path(KEYS.log.verifier).removeprefix("handover/")

    def refuse(step: str) -> None:
        if name in step:
            raise OSError(5, "Input/output error")

    with pytest.raises(LogFailed, match="the change of keys: Input/output error"):
        change(tmp_path / "store", faults=refuse)
    assert change(tmp_path / "store") == 3


def test_an_empty_log_may_change_its_keys(tmp_path: Path) -> None:
    """Its first entry is then the announcement."""

    async def create() -> None:
        async with Log.open(
            tmp_path / "store",
            origin=ORIGIN,
            keys=KEYS,
            auditors=[AUDITOR.auditor],
            clock=FakeClock(),
            public_delay_s=0,
            create=True,
        ):
            pass

    asyncio.run(create())
    assert change(tmp_path / "store") == 0
