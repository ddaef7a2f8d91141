"""Work that processes share: each result in its place, or why there is none."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from audit import AuditError
from audit.forked import settle, shared


@pytest.mark.parametrize("jobs", [1, 3])
def test_work_is_shared_by_processes(jobs: int) -> None:
    """Each result in its place; an error, or that a process ended early."""
    assert [*shared(lambda n: n * n, 200, jobs=jobs)] == [n * n for n in range(200)]
    large = [*shared(lambda n: bytes(n << 20), 4, jobs=jobs)]
    assert [len(each) for each in large] == [n << 20 for n in range(4)]

    def refuse(number: int) -> int:
        if number == 5:
            raise AuditError("why")
        return number

    with pytest.raises(AuditError, match="why"):
        [*shared(refuse, 9, jobs=jobs)]
    results = shared(refuse, 9, jobs=jobs)
    assert next(results) == 0
    results.close()


def test_a_process_that_ends_early_is_told() -> None:
    """Its work is not taken for done."""

    def die(_: int) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    with pytest.raises(AuditError, match="ended early"):
        [*shared(die, 2, jobs=2)]


def test_who_shares_work_waits_for_threads_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once, in the process that forks, before there is any other."""
    waited: list[int] = []
    monkeypatch.setattr("audit.forked.settle", lambda: waited.append(os.getpid()))
    assert [*shared(lambda n: len(waited) + n, 4, jobs=2)] == [1, 2, 3, 4]
    assert waited == [os.getpid()]


def test_a_process_forks_when_joined_threads_are_gone(tmp_path: Path) -> None:
    """Who is still ending holds locks; who never ends is waited for a second."""
    known = len(sys._current_frames())
    for number in range(known + 3):
        (tmp_path / str(number)).touch()

    def end() -> None:
        for number in range(3):
            (tmp_path / str(number)).unlink()

    ending = threading.Timer(0.1, end)
    ending.start()
    start = time.monotonic()
    settle(tmp_path)
    assert 0.05 < time.monotonic() - start < 0.9
    ending.join()
    (tmp_path / "0").touch()
    start = time.monotonic()
    settle(tmp_path)
    assert time.monotonic() - start > 0.9
    settle(tmp_path / "absent")
