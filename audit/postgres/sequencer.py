"""Gives entries their place in a log that several processes write.

One statement a batch: the row ``seq_coord`` is moved on and the leaves, sealed records,
dedup keys and files are stored with it, or nothing is. The row stays locked until the
commit is durable, so batches stand in the order in which they committed and no place
is left out.

Where nobody heard how a commit ended, the batch is asked for by its own random number
before it is tried again. So an append whose outcome is unknown is found, whether or not
its caller gave it a dedup key.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, NoReturn

import psycopg
from psycopg import errors

from audit.batch import Batch, basis_of, receipt_of
from audit.contract import Returned, TimeMoved, TurnLost
from audit.disk import Faults, step
from audit.elsewhere import rolled_back
from audit.encoding import decode
from audit.entry import Known
from audit.errors import (
    DedupConflict,
    LogDamaged,
    LogError,
    LogFailed,
    LogUnavailable,
    Malformed,
)
from audit.keyfiles import LogKeys
from audit.leaf import hour_of
from audit.memory import KEPT_HOURS
from audit.merkle import HASH_SIZE, leaf_hash
from audit.postgres.charter import KEYS_CHANGED, Fence
from audit.postgres.links import Links
from audit.postgres.server import Session, error_of, lost, sure
from audit.postgres.wanted import SEQUENCE, Wanted
from audit.receipt import Receipt
from audit.tiles import entries_of

__all__ = ["PostgresSequencer"]

_PAUSE_S = 0.05

_WHY = (
    "SELECT next, ms, turn, fence,"
    " (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 300000"
    " FROM sallyport_log.seq_coord"
)


class PostgresSequencer:
    """The gateway's role: it may add, and change nothing."""

    def __init__(
        self, *, links: Links, keys: LogKeys, fence: Fence, seen: int, faults: Faults
    ) -> None:
        """Take how to reach the database, and how many entries are known to stand."""
        self._links = links
        self._keys = keys
        self._fence = fence
        self._seen = seen
        self._faults = faults
        self._down = False

    # --- sequence -----------------------------------------------------------

    def sequence(self, batch: Batch) -> Batch:
        """Make a batch durable; see :class:`audit.contract.Sequencer`."""
        wanted = Wanted(batch=batch)
        wanted.return_stale()
        ends_at = time.monotonic() + self._links.timeout_s
        sent = False
        while True:
            try:
                stands = self._settled(wanted) if sent else None
                stands = stands or self._once(wanted)
            except (psycopg.Error, OSError) as error:
                if not lost(error):
                    raise error_of(error) from None
                self._links.close()  # the others that were kept are as old
                sent = True
            except LogUnavailable:
                pass  # no connection: what was sent before is still not known
            else:
                if stands is not None:
                    return self._stands(batch, stands)
                if time.monotonic() < ends_at:
                    continue
            if self._down or time.monotonic() >= ends_at:
                # The next batch finds out with one try whether it is there again.
                self._down = True
                raise LogUnavailable("the database does not answer")
            time.sleep(_PAUSE_S)

    def _stands(self, batch: Batch, stands: tuple[int, int]) -> Batch:
        self._down = False
        if stands != (batch.first, batch.ms):
            batch = replace(batch, first=stands[0], ms=stands[1])
        self._seen = max(self._seen, batch.end)
        return batch

    def _settled(self, wanted: Wanted) -> tuple[int, int] | None:
        with self._links.lend() as session:
            row = session.execute(
                "SELECT o_first, o_ms FROM sallyport_log.settled(%b)", (wanted.id,)
            ).fetchone()
            sure(session)
        return None if row is None else (row[0], row[1])

    def _once(self, wanted: Wanted) -> tuple[int, int] | None:
        """Try once; none if it may be tried again at once.

        Raises:
            Returned, LogFailed, LogBehind: as :meth:`sequence`.
            psycopg.Error, OSError: the try failed.
        """
        try:
            with step(self._faults, "sequence"), self._links.lend() as session:
                row = session.execute(
                    SEQUENCE, wanted.arguments(self._fence.value, self._seen)
                ).fetchone()
                sure(session)
        except errors.UniqueViolation as error:
            if error.diag.constraint_name == "dedup_pkey":
                self._return_known(wanted)
                return None
            stands = self._settled(wanted)
            if stands is None:
                raise LogFailed(
                    "the database holds other entries where the next ones go"
                ) from None
            return stands
        if row is None:
            self._why(wanted)
        return row[0], row[1]

    def _why(self, wanted: Wanted) -> NoReturn:
        """Find out why a batch was not written.

        Raises:
            Returned, LogFailed, LogBehind: with the reason.
        """
        with self._links.lend() as session:
            row = session.execute(_WHY).fetchone()
        if row is None or row[3] != self._fence.value:
            raise LogFailed(KEYS_CHANGED)
        following, ms, turn, _, latest = row
        if following < self._seen:
            raise rolled_back("what this process was told", self._seen, following)
        entries = wanted.batch.entries
        if hour_of(ms) > hour_of(min(each.at_ms for each in entries)):
            raise Returned({place: TimeMoved(ms) for place in range(len(entries))})
        turns = {place: each.turn for place, each in enumerate(entries)}
        gone = [place for place, mine in turns.items() if mine not in {None, turn}]
        if gone:
            raise Returned(
                dict.fromkeys(gone, TurnLost("another process had its turn"))
            )
        if wanted.batch.ms > latest:
            ahead = LogUnavailable("the clock here is ahead of the database's")
            raise Returned(dict.fromkeys(range(len(entries)), ahead))
        # Less stood than this process knew of, and others have added since.
        raise LogFailed("the database refused a batch for a reason that is gone")

    # --- dedup ----------------------------------------------------------------

    def _return_known(self, wanted: Wanted) -> None:
        """Give back the entries whose keys stand; return if none does any more.

        Raises:
            Returned: with the receipt, or the conflict, of each.
        """
        keys = [dedup.key for _, dedup in wanted.marked]
        with self._links.lend() as session:
            found = self._known(session, keys, wanted.batch.ms)
        answers: dict[int, Receipt | LogError] = {}
        for place, dedup in wanted.marked:
            known = found.get(dedup.key)
            if known is not None:
                same = (known.request, known.content) == (dedup.request, dedup.content)
                answers[place] = known.receipt if same else DedupConflict(known)
        if answers:
            raise Returned(answers)

    def _known(
        self, session: Session, keys: list[bytes], now_ms: int
    ) -> dict[bytes, Known]:
        rows = session.execute(
            "SELECT o_key, o_place, o_request, o_content,"
            " o_first, o_ms, o_hashes, o_leaves"
            " FROM sallyport_log.known(%b::bytea[], %s::integer)",
            (keys, hour_of(now_ms) - KEPT_HOURS),
            binary=True,
        ).fetchall()
        sure(session)
        return {row[0]: self._known_of(row) for row in rows}

    def _known_of(self, row: tuple[Any, ...]) -> Known:
        """Return what stands under a key.

        Raises:
            LogDamaged: its hashes are not those of the leaves beside them: a receipt
                over them would be a promise that is broken already.
        """
        _, place, request, content, first, ms, data, leaves = row
        some = range(0, len(data), HASH_SIZE)
        hashes = tuple(data[at : at + HASH_SIZE] for at in some)
        try:
            leaf = entries_of(leaves, len(hashes))[place]
        except (Malformed, IndexError):
            raise LogDamaged(f"entry {first + place} does not read") from None
        if hashes[place] != leaf_hash(leaf):
            raise LogDamaged(f"entry {first + place} was altered")
        receipt = receipt_of(
            place,
            first,
            ms,
            hashes,
            origin=self._keys.origin,
            signer=self._keys.receipt,
        )
        return Known(
            receipt=receipt,
            request=request,
            content=content,
            public=decode(basis_of(decode(leaf))),
        )

    def recall(self, key: bytes) -> Known | None:
        """Return none: what stands is asked of the database, which all write."""

    def look_up(self, key: bytes, now_ms: int) -> Known | None:
        """Return what stands under a dedup key, durably, whoever wrote it."""
        return self._links.ask(lambda session: self._known(session, [key], now_ms)).get(
            key
        )

    def learn(self, batch: Batch) -> None:
        """Nothing to do: the database has it."""

    def forget(self, now_ms: int) -> None:
        """Nothing to do: see the publisher."""

    # --- epochs, turns --------------------------------------------------------

    def keep_epoch(self, epoch: bytes, document: bytes) -> None:
        """Make an epoch's sealed keys durable; asking twice is the same as once."""

        def keep(session: Session) -> None:
            with step(self._faults, "epoch"):
                session.execute(
                    "SELECT sallyport_log.keep_epoch(%b, %b)", (epoch, document)
                )
            sure(session)

        self._links.ask(keep)

    def take_turn(self) -> tuple[int, int]:
        """Take the turn; return its number and how many entries stand."""

        def take(session: Session) -> tuple[int, int]:
            row = session.execute(
                "SELECT o_turn, o_next FROM sallyport_log.take_turn()"
            ).fetchone()
            sure(session)
            return (0, 0) if row is None else (row[0], row[1])

        return self._links.ask(take)
