"""What commands do. The running gateway and a command without one share this.

Each change is one log entry, durable before the answer says ``done``; it is in force
from then on. What two people must sign is first drafted, then handed in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, assert_never

from audit.act import Statement
from gateway import __version__
from gateway.acts import (
    ActOutOfOrder,
    ActsInForce,
    cutoff,
    paper,
    paper_commitment,
    reopening,
)
from gateway.canonical import Json
from gateway.control.docket import Docket
from gateway.control.drafting import Drafts, require_activated
from gateway.control.proposal import Proposal, Running
from gateway.control.protocol import (
    ActShow,
    ActSubmit,
    Command,
    CutoffAdd,
    CutoffList,
    DraftActivation,
    DraftLift,
    DraftPaper,
    DraftRoster,
    InstrumentRecord,
    NotDone,
    PolicyBundle,
    PolicyHistory,
    PolicyReplay,
    Reopen,
    ReviewList,
    ReviewShow,
    Status,
    Stop,
    TaskClose,
    TaskList,
)
from gateway.control.rows import (
    activation_row,
    cutoff_row,
    event_row,
    people_row,
    review_row,
)
from gateway.control.rules import Rules
from gateway.control.submitting import Submissions
from gateway.ledger import Registrar
from gateway.state import Reviews, ReviewState
from gateway.yamlfile import nearest

__all__ = ["Actions", "ControlActions"]


class ControlActions(Protocol):
    """Carries out commands."""

    async def run(self, command: Command, *, uid: int) -> Json:
        """Carry out one command for a user id of this machine.

        Raises:
            NotDone: it cannot be done; a sentence says why.
            InvalidFile: files it needs have mistakes.
            Unavailable: what it needs is gone.
        """


class Actions:
    """Carries out commands on an open log."""

    def __init__(
        self,
        *,
        registrar: Registrar,
        reviews: Reviews,
        docket: Docket,
        papers_key: bytes,
        propose: Callable[[], Awaitable[Proposal]],
        face: Callable[[str], str | None],
        running: Running,
    ) -> None:
        """Take who writes acts, the queues, and what tells the files' present state."""
        self._registrar = registrar
        self._reviews = reviews
        self._docket = docket
        self._papers_key = papers_key
        self._running = running
        self._drafts = Drafts(
            registrar=registrar, papers_key=papers_key, propose=propose, face=face
        )
        self._rules = Rules(registrar=registrar)
        self._submissions = Submissions(
            registrar=registrar,
            papers_key=papers_key,
            propose=propose,
            face=face,
            running=running,
        )

    async def run(self, command: Command, *, uid: int) -> Json:  # noqa: C901, PLR0911, PLR0912  # one line a command
        """Carry out one command; see :class:`ControlActions`."""
        match command:
            case Status():
                return await self._status()
            case Stop():
                return {"said": await self._running.stop()}
            case Reopen():
                return await self._reopen(command, uid)
            case DraftActivation() | DraftLift() | DraftPaper() | DraftRoster():
                return await self._drafts.make(command)
            case ActSubmit():
                return await self._submissions.submit(command, uid=uid)
            case ActShow():
                return await self._submissions.show(command)
            case CutoffAdd():
                return await self._cut_off(command, uid)
            case CutoffList():
                return [cutoff_row(item) for item in self._in_force.cutoffs]
            case InstrumentRecord():
                return await self._record(command, uid)
            case PolicyHistory():
                return self._rules.history()
            case PolicyBundle():
                return await self._rules.bundle(command)
            case PolicyReplay():
                basis = await self._running.basis()
                return await self._rules.replay(command, basis=basis, uid=uid)
            case ReviewList():
                return await self._reviews_listed(command)
            case ReviewShow():
                return await self._review(command)
            case TaskList():
                return await self._docket.listed(command)
            case TaskClose():
                return await self._docket.close(command, self._running, uid=uid)
            case _:
                assert_never(command)

    @property
    def _in_force(self) -> ActsInForce:
        return self._registrar.in_force

    async def _status(self) -> Json:
        active = self._in_force.activation
        return {
            "version": __version__,
            "origin": self._registrar.origin,
            **people_row(self._registrar),
            "activation": activation_row(active) if active else {},
            "cutoffs": len(self._in_force.cutoffs),
            **await self._docket.counted(),
            **self._running.status(),
        }

    async def _reopen(self, command: Reopen, uid: int) -> Json:
        if (closed := self._in_force.closed) is None:
            raise NotDone("nothing is closed: no engine was caught in a doubt")
        causes = self._in_force.causes
        if "policy-disagreement" in causes:
            await self._running.looked_at()
        if "state-restored" in causes:
            # What an older copy calls approved may have been withdrawn, or used, since.
            await self._reviews.distrust()
        done = await self._alone(
            command.by,
            uid,
            reopening(
                origin=self._registrar.origin, reopens=closed, reason=command.reason
            ),
        )
        return {**done, "said": self._running.reopened()}

    async def _cut_off(self, command: CutoffAdd, uid: int) -> Json:
        if (command.scope == "all") == bool(command.name):
            raise NotDone("a cut-off of all has no name; any other needs one")
        known = self._running.known(command.scope)
        if command.name and known is not None and command.name not in known:
            advice = nearest(command.name, known)
            raise NotDone(
                f"there is no {command.scope} {command.name}; {advice}".rstrip("; ")
            )
        return await self._alone(
            command.by,
            uid,
            cutoff(
                origin=self._registrar.origin,
                scope=command.scope,
                name=command.name,
                reason=command.reason,
            ),
        )

    async def _record(self, command: InstrumentRecord, uid: int) -> Json:
        commitment, salt = paper_commitment(self._papers_key, command.document)
        return await self._alone(
            command.by,
            uid,
            paper(
                origin=self._registrar.origin,
                commitment=commitment,
                state=command.state,
            ),
            document=command.document,
            salt=salt,
        )

    async def _alone(
        self, by: str, uid: int, statement: Statement, **account: str
    ) -> dict[str, Json]:
        """Write an act that one person may do."""
        require_activated(self._registrar)
        try:
            event = await self._registrar.state(
                lambda _in_force: statement,
                basis=await self._running.basis(),
                sealed={"who": {"by": by, "uid": uid}, "account": {**account}},
            )
        except ActOutOfOrder as error:
            raise NotDone(error.reason) from error
        return event_row(event)

    async def _reviews_listed(self, command: ReviewList) -> Json:
        state = None if command.state == "all" else ReviewState(command.state)
        return [review_row(item) for item in await self._reviews.listed(state=state)]

    async def _review(self, command: ReviewShow) -> Json:
        review = await self._reviews.show(command.exchange)
        if review is None:
            raise NotDone(f"there is no review {command.exchange}")
        return review_row(review)
