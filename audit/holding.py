"""What holds until an act ends it: a cut-off until a lift, a closing until a reopen.

Who signed an act is one question; whether it ends anything is another.
"""

from __future__ import annotations

from audit.act import Statement

__all__ = ["Holding"]

ENDS = {"cutoff-lift": ("lifts", "cutoff"), "reopen": ("reopens", "close")}
"""Acts that end another one: the line that has its number, and its word."""


class Holding:
    """The acts that hold so far, in the order of the log."""

    def __init__(self) -> None:
        """Begin with none."""
        self._now: set[tuple[str, str]] = set()

    def fault(self, statement: Statement) -> str:
        """Take the next act; return what is wrong if it ends what does not hold."""
        self._now.add((statement.act, str(statement.counter)))
        if statement.act not in ENDS:
            return ""
        line, word = ENDS[statement.act]
        ended = (word, statement[line])
        if ended not in self._now:
            return f"the {statement.act} ends {word} {ended[1]}, which does not hold"
        self._now.remove(ended)
        return ""
