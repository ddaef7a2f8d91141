"""Which worker runs what, and what a worker gives back before it goes on.

All tests of the shipped law are one worker's: building some sixty stacks of it takes
longer than asking them. Between files what nobody uses any more is collected: memory of
an engine is not the interpreter's own, which so does not notice how much there is.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from aiohttp import web_app
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling, Scheduling

__all__ = [
    "pytest_collection_modifyitems",
    "pytest_runtest_teardown",
    "pytest_xdist_make_scheduler",
]

TOGETHER = "tests/policies"
LONG = (
    "tests/docs/test_pages.py",
    TOGETHER,
    "tests/exchange/test_kill.py",
    "tests/audit/test_contract_faults.py",
    "tests/exchange/test_threats.py",
    "tests/audit/test_verify.py",
    "tests/gateway/policy/test_equality.py",
    "tests/deploy/",
    "tests/gateway/cli/test_policy_force.py",
    "tests/gateway/policy/test_properties.py",
    "tests/exchange/",
)
"""What takes longest comes first: else one worker ends with it while others wait."""
MUCH = 400 << 20
"""Bytes more than after the last collection."""


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file is one worker's, and a folder whose tests share what is slow to make."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(f"{TOGETHER}/"):
            return TOGETHER
        return str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> Scheduling | None:
    """Hand files out to workers."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # by how many tests a file has
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first."""
    items.sort(key=lambda item: _rank(item.nodeid))


def _rank(nodeid: str) -> int:
    """Return the place in :data:`LONG` of where a test is, or one after all."""
    places = (place for place, start in enumerate(LONG) if nodeid.startswith(start))
    return next(places, len(LONG))


class _Memory:
    """What this process has of the machine's memory."""

    def __init__(self) -> None:
        self.enough = MUCH

    def now(self) -> int:
        """Return it in bytes; 0 where the system does not say."""
        try:
            pages = Path("/proc/self/statm").read_text().split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGESIZE")


_MEMORY = _Memory()
# Law and catalogues stay for whole files of tests: to look through them again and
# again, as the collector does by default, is up to a tenth of a test's time.
gc.set_threshold(50_000, 50, 20)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Collect what the tests of a file left behind, where that is much."""
    if nextitem is not None and nextitem.path == item.path:
        return
    if _MEMORY.now() > _MEMORY.enough:
        # aiohttp remembers a thousand applications and all that hangs on them.
        web_app._cached_build_middleware.cache_clear()
        gc.collect()
        _MEMORY.enough = _MEMORY.now() + MUCH
