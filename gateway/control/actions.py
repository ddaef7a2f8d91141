"""What commands do. The running gateway and a command without one share this.

Each change is one log entry, durable before the answer says ``done``; it is in force
from then on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from gateway import __version__
from gateway.acts import (
    Activation,
    ActsInForce,
    Statement,
    activation,
    cutoff,
    cutoff_lift,
    paper,
    paper_commitment,
    reopening,
)
from gateway.canonical import Json
from gateway.control.protocol import (
    Activate,
    Command,
    CutoffAdd,
    CutoffLift,
    CutoffList,
    InstrumentConfirm,
    NotDone,
    Reopen,
    ReviewList,
    ReviewShow,
    Status,
    Stop,
    TaskList,
)
from gateway.control.rows import (
    activation_row,
    cutoff_row,
    event_row,
    review_row,
    sealed,
    task_row,
)
from gateway.ledger import Basis, Registrar
from gateway.manifest import Manifest
from gateway.state import Reviews, ReviewState, Tasks, TaskState
from gateway.yamlfile import nearest

__all__ = ["Actions", "ControlActions", "Proposal", "Running"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What the files come to now: what an activation would put into force.

    ``bundle`` is the SHA-256 of the bundle's archive; ``attachments`` are public files
    that have to be durable with the activation: the archive, at
    ``policy/<sha256>.tar.gz``.
    """

    policy: str
    bundle: str
    manifest: Manifest
    witness: str
    attachments: Mapping[str, bytes]

    @property
    def basis(self) -> Basis:
        """What entries made under it name."""
        return Basis(policy=self.policy, manifest=self.manifest.digest)


class Running(Protocol):
    """What a running gateway adds; a command without one has :class:`Offline`."""

    async def basis(self) -> Basis:
        """Return the bundle and manifest that entries name now."""

    async def activated(self, activation: Activation, proposal: Proposal) -> str:
        """Take a new activation over; return a sentence that says what happened."""

    async def looked_at(self) -> None:
        """Ask every engine its known questions, before a closing is over.

        Raises:
            NotDone: one does not answer right.
        """

    def reopened(self) -> str:
        """Answer again; return a sentence."""

    async def stop(self) -> str:
        """Begin to end; return a sentence."""

    def known(self, scope: str) -> Collection[str] | None:
        """Return the families, agencies or datasets there are; None if unknown."""

    def status(self) -> Mapping[str, Json]:
        """Return what is worth saying of it."""


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
        tasks: Tasks,
        papers_key: bytes,
        propose: Callable[[], Awaitable[Proposal]],
        running: Running,
    ) -> None:
        """Take who writes acts, the queues, and what tells the files' present state."""
        self._registrar = registrar
        self._reviews = reviews
        self._tasks = tasks
        self._papers_key = papers_key
        self._propose = propose
        self._running = running

    async def run(self, command: Command, *, uid: int) -> Json:  # noqa: C901, PLR0911  # one line a command
        """Carry out one command; see :class:`ControlActions`."""
        match command:
            case Status():
                return self._status()
            case Stop():
                return {"said": await self._running.stop()}
            case Activate():
                return await self._activate(command, uid)
            case Reopen():
                return await self._reopen(command, uid)
            case CutoffAdd():
                return await self._cut_off(command, uid)
            case CutoffLift():
                return await self._lift(command, uid)
            case CutoffList():
                return [cutoff_row(item) for item in self._in_force.cutoffs]
            case InstrumentConfirm():
                return await self._confirm(command, uid)
            case ReviewList():
                return await self._reviews_listed(command)
            case ReviewShow():
                return await self._review(command)
            case TaskList():
                listed = await self._tasks.listed(state=TaskState(command.state))
                return [task_row(item) for item in listed]
            case _:
                assert_never(command)

    @property
    def _in_force(self) -> ActsInForce:
        return self._registrar.in_force

    def _status(self) -> Json:
        active = self._in_force.activation
        return {
            "version": __version__,
            "origin": self._registrar.origin,
            "activation": activation_row(active) if active else {},
            "cutoffs": len(self._in_force.cutoffs),
            **self._running.status(),
        }

    async def _activate(self, command: Activate, uid: int) -> Json:
        proposal = await self._propose()
        now = self._in_force.activation
        basis = proposal.basis
        if now and (now.policy, now.manifest) == (basis.policy, basis.manifest):
            raise NotDone(f"nothing changed: number {now.counter} is of these files")
        await self._registrar.begin(basis)
        event = await self._registrar.write(
            lambda in_force: activation(
                origin=self._registrar.origin,
                counter=in_force.next_counter("activation"),
                policy=basis.policy,
                bundle=proposal.bundle,
                manifest=basis.manifest,
                witness=proposal.witness,
                reason=command.reason,
            ),
            basis=basis,
            sealed=sealed(command.by, uid, manifest=proposal.manifest.text),
            attachments=proposal.attachments,
        )
        active = Activation.of(event.statement, index=event.index, at_ms=event.at_ms)
        said = await self._running.activated(active, proposal)
        return {**activation_row(active), "said": said}

    async def _reopen(self, command: Reopen, uid: int) -> Json:
        def build(in_force: ActsInForce) -> Statement:
            if in_force.closed is None:
                raise NotDone("nothing is closed: no engine was caught in a doubt")
            return reopening(
                origin=self._registrar.origin,
                counter=in_force.next_counter("reopen"),
                reopens=in_force.closed,
                reason=command.reason,
            )

        build(self._in_force)
        await self._running.looked_at()
        done = await self._act(command.by, uid, build)
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
        return await self._act(
            command.by,
            uid,
            lambda in_force: cutoff(
                origin=self._registrar.origin,
                counter=in_force.next_counter("cutoff"),
                scope=command.scope,
                name=command.name,
                reason=command.reason,
            ),
        )

    async def _lift(self, command: CutoffLift, uid: int) -> Json:
        def build(in_force: ActsInForce) -> Statement:
            numbers = {item.number for item in in_force.cutoffs}
            if command.number not in numbers:
                listed = ", ".join(map(str, sorted(numbers))) or "none"
                raise NotDone(f"cut-off {command.number} is not in force; {listed} is")
            return cutoff_lift(
                origin=self._registrar.origin,
                counter=in_force.next_counter("cutoff-lift"),
                lifts=command.number,
                reason=command.reason,
            )

        return await self._act(command.by, uid, build)

    async def _confirm(self, command: InstrumentConfirm, uid: int) -> Json:
        commitment, salt = paper_commitment(self._papers_key, command.document)
        return await self._act(
            command.by,
            uid,
            lambda in_force: paper(
                origin=self._registrar.origin,
                counter=in_force.next_counter("paper"),
                commitment=commitment,
                state=command.state,
            ),
            document=command.document,
            salt=salt,
        )

    async def _act(
        self,
        by: str,
        uid: int,
        build: Callable[[ActsInForce], Statement],
        **account: str,
    ) -> dict[str, Json]:
        if self._in_force.activation is None:
            raise NotDone("nothing was activated yet; run: sallyport activate")
        event = await self._registrar.write(
            build,
            basis=await self._running.basis(),
            sealed=sealed(by, uid, **account),
        )
        return event_row(event)

    async def _reviews_listed(self, command: ReviewList) -> Json:
        state = None if command.state == "all" else ReviewState(command.state)
        return [review_row(item) for item in await self._reviews.listed(state=state)]

    async def _review(self, command: ReviewShow) -> Json:
        review = await self._reviews.show(command.exchange)
        if review is None:
            raise NotDone(f"there is no review {command.exchange}")
        return review_row(review)
