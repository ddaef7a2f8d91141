"""The sequencer of a log in a database, and steps of it that fail."""

from __future__ import annotations

from audit import Log
from audit.disk import Faults
from audit.postgres.sequencer import PostgresSequencer

__all__ = ["fails", "sequencer"]


def sequencer(log: Log) -> PostgresSequencer:
    """Return a log's sequencer."""
    found = log._parts.sequencer
    assert isinstance(found, PostgresSequencer)
    return found


def fails(step: str, error: Exception, *, times: int = 1) -> Faults:
    """Return what fails a step some times."""
    left = times

    def faults(name: str) -> None:
        nonlocal left
        if name == step and left:
            left -= 1
            raise error

    return faults
