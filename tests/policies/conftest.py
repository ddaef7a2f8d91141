"""Reads and builds the law before any event loop runs: bundles are files."""

from __future__ import annotations

import pytest

from tests.policies import casebook


@pytest.fixture(scope="session", autouse=True)
def _law_is_built() -> None:
    """Build every stack that a case file or a test here asks."""
    wanted = {(tuple(case.packs), case.overlay) for case in casebook.cases().values()}
    for packs, overlay in [*wanted, *casebook.stacks_of_law()]:
        casebook.policy(packs, overlay)
    casebook.words()
