"""The entry that something which waited for a person is over.

Its public face is the same for all that can wait, and for every end of it: a review
that ran out, a duty that was done or need not be. Otherwise the tree would tell that
somebody has a duty to whom an answer showed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit import Dedup, DedupConflict, Entry, Log, LogError, LogOverloaded, Receipt
from gateway.canonical import Json
from gateway.entries import Basis, leaf
from gateway.errors import Cause, Unavailable
from gateway.ledger.schema import unpublished_schema

__all__ = ["CLOSED", "Ended", "EndedOtherwise", "record_end"]

CLOSED = "closed"
"""The only word that a leaf has for any end."""


class EndedOtherwise(Exception):
    """It is in the log already that the same thing ended in another way.

    ``entry`` is where.
    """

    def __init__(self, entry: int) -> None:
        """Keep the entry."""
        super().__init__(f"entry {entry} says that it ended otherwise")
        self.entry = entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """What is over, once: ``key`` names it and ``how`` the way, 32 bytes each.

    ``account`` and ``who`` are sealed.
    """

    key: bytes
    how: bytes
    account: Mapping[str, Json]
    who: Mapping[str, Json] = field(default_factory=dict)


async def record_end(log: Log, ended: Ended, *, basis: Basis) -> Receipt:
    """Write that something is over; written twice it is one entry.

    Raises:
        EndedOtherwise: the log says that it ended in another way.
        Unavailable: log-unavailable or overloaded; it may stand or not.
    """
    try:
        return await log.append(await _entry(log, ended, basis))
    except DedupConflict as error:
        raise EndedOtherwise(error.known.receipt.index) from error
    except LogOverloaded as error:
        raise Unavailable(Cause.OVERLOADED, str(error)) from error
    except LogError as error:
        raise Unavailable(Cause.LOG_UNAVAILABLE, str(error)) from error


async def _entry(log: Log, ended: Ended, basis: Basis) -> Entry:
    sealed = {"account": ended.account, "who": ended.who}
    return Entry(
        public=leaf(
            event="review",
            decision=CLOSED,
            policy=basis.policy,
            manifest=basis.manifest,
        ),
        sealed={part: value for part, value in sealed.items() if value},
        dedup=Dedup(key=ended.key, request=ended.key, content=ended.how),
        attachments=await unpublished_schema(log),
    )
