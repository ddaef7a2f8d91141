"""Reads the law before any event loop runs: packs and cases are files."""

from __future__ import annotations

import pytest

from tests.policies import casebook


@pytest.fixture(scope="session", autouse=True)
def _law_is_read() -> None:
    """Read packs, cases and words, and load the engine; stacks are built when asked."""
    casebook.cases()
    casebook.words()
    casebook.policy((), None)
