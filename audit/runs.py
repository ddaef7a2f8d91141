"""The runs of gateways as the log has them: from a start to its stop, or open.

Several processes may write one log, so one that starts says nothing of the others. A
run that was killed has no stop: it stays open, and what it could have written does too.
"""

from __future__ import annotations

from audit.act import Statement

__all__ = ["Runs"]


class Runs:
    """Which processes ran when, by the index of entries."""

    def __init__(self) -> None:
        """Know of none."""
        self._started: dict[str, int] = {}
        self._stopped: dict[str, int] = {}

    def note(self, index: int, statement: Statement) -> None:
        """Take note of an act; only starts and stops count here."""
        if statement.act == "start":
            self._started[str(statement.counter)] = index
        elif statement.act == "stop":
            self._stopped.setdefault(statement["run"], index)

    def anew(self, since: int, at: int) -> bool:
        """Tell whether all that could run at an entry began after another one.

        False where it is not known that any process began in between.
        """
        began = any(since < start <= at for start in self._started.values())
        open_before = any(
            start <= since and self._stopped.get(run, at) >= at
            for run, start in self._started.items()
        )
        return began and not open_before
