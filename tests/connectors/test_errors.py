"""What leaves a connector is one family, and carries closed words."""

from __future__ import annotations

from connectors import (
    ConnectorError,
    Fault,
    InvalidQuery,
    SourceTimeout,
    SourceUnavailable,
)


def test_the_tree() -> None:
    """A timeout is an unavailable source; all are connector errors."""
    assert issubclass(SourceTimeout, SourceUnavailable)
    assert issubclass(SourceUnavailable, ConnectorError)
    assert issubclass(InvalidQuery, ConnectorError)


def test_sentences() -> None:
    """An error says which source, and why, in one line."""
    assert str(SourceUnavailable("jail", Fault.LOCKED)) == "jail: locked"
    assert str(SourceUnavailable("jail", Fault.GONE, "X")) == "jail: gone (X)"
    assert str(SourceTimeout("jail")) == "jail: timeout"
    assert SourceTimeout("jail").fault is Fault.TIMEOUT
