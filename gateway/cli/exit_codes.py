"""How a command ends, for scripts. ``sallyport audit`` uses the log's own (0 to 3)."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """Exit codes of every command; the docs are made of the comments' sentences."""

    DONE = 0
    """Done, or everything is well."""
    NOT_DONE = 1
    """Understood and refused, or something is wrong; a sentence says what."""
    MISTAKES = 2
    """Files or arguments have mistakes; each is named with what would be right."""
    UNWITNESSED = 3
    """Well, but nobody outside could have noticed a rewritten log."""
    UNAVAILABLE = 4
    """Something needed is gone, late or held by another process; try again."""
