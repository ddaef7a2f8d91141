"""The contract's own values; what it promises is tried in ``tests/contracts``."""

from __future__ import annotations

import dataclasses

import pytest

from connectors import Connector, Limits


def test_limits_cannot_be_changed() -> None:
    """What a source may cost is fixed when it is opened."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Limits().max_rows = 1  # type: ignore[misc]  # on purpose


@pytest.mark.parametrize(
    "promise",
    ["Read-only", "Exact", "One record per key", "Bounded", "In time", "One state"],
)
def test_the_contract_is_written_down(promise: str) -> None:
    """The docstring of the protocol is the contract."""
    assert promise in (Connector.__doc__ or "")
