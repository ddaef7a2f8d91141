"""Which worker runs what, and what a worker gives back before it goes on.

All tests of the shipped law are one worker's: building some sixty stacks of it takes
longer than asking them. Between files what nobody uses any more is collected: memory of
an engine is not the interpreter's own, which so does not notice how much there is.
"""

from __future__ import annotations

import gc

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling, Scheduling

__all__ = ["pytest_runtest_teardown", "pytest_xdist_make_scheduler"]

TOGETHER = "tests/policies"


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
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Collect what the tests of a file left behind."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
