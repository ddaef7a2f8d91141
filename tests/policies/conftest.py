"""Reads the law before any event loop runs: packs and cases are files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.policies import casebook


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Iterator[None]:
    """Give the stacks back after the last test that wants them."""
    yield
    if nextitem is None or nextitem.path.parent != item.path.parent:
        casebook.forget()


@pytest.fixture(scope="session", autouse=True)
def _law_is_read() -> None:
    """Read packs, cases and words, and load the engine; stacks are built when asked."""
    casebook.cases()
    casebook.words()
    casebook.policy((), None)
