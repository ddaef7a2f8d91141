"""Answers that the law may command and a fault prevented: somebody owes them.

A 503 tells the requester to try again. Where a confirmed paper or a statute commands
an answer, that is not enough: a task with a clock is stored for staff, once for each
request however often it is repeated, and closed when the request is answered after
all. What is known when the fault happens decides:

* after the screen it is known whether a rule may require it;
* before it, when the policy itself is missing, only that a confirmed paper was shown:
  that is enough for somebody to look;
* before the request was read nothing is known, and nothing is stored.

Tasks are kept in memory until the state database takes them, and count although the
log could not take an entry: either may be the very thing that is missing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from gateway.answering.prospect import Prospect
from gateway.asking.idempotency import Tickets
from gateway.asking.inquiry import Inquiry
from gateway.asking.shape import AskKey
from gateway.canonical import Json
from gateway.clock import Clock
from gateway.errors import Unavailable
from gateway.recording.clocks import due_ms
from gateway.recording.scene import Scene
from gateway.state import NewTask, Tasks, TaskState
from gateway.telemetry import Metrics

__all__ = ["ANSWER", "Arrears", "Debt"]

ANSWER = "answer_after_fault"
"""What such a task says is to be done."""

INTERVAL_S = 1.0
"""How often what could not be stored is tried again, in seconds."""

PATIENCE_S = 0.5
"""How long a refusal waits for the state database to take its task, in seconds."""

MOST = 10_000
"""Most answers that are owed at once; more are counted and not stored."""

_DAY_MS = 86_400_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Debt:
    """One answer that is owed; ``id`` is the same for the same request."""

    id: str
    exchange: str
    task: NewTask

    def account(self) -> dict[str, Json]:
        """Return what the sealed entry of the refusal says of it."""
        due: dict[str, Json] = {
            "do": self.task.do,
            "parameters": self.task.parameters,
            "task": self.id,
            "due_ms": self.task.due_ms or 0,
        }
        return {"obligations": [due]}


class Arrears:
    """The answers that are owed."""

    def __init__(
        self,
        *,
        tasks: Tasks,
        tickets: Tickets,
        metrics: Metrics,
        clock: Clock,
        zone: ZoneInfo,
        shared: bool = False,
    ) -> None:
        """Take the task list, what names requests, and the clock of the law.

        ``shared`` says that other processes owe and answer too.
        """
        self._tasks = tasks
        self._tickets = tickets
        self._metrics = metrics
        self._clock = clock
        self._zone = zone
        self._shared = shared
        self._owed: set[str] = set()
        self._unwritten: dict[str, tuple[Debt, int]] = {}
        self._paid: set[str] = set()
        self._storing = asyncio.Lock()

    @property
    def count(self) -> int:
        """How many answers are owed."""
        return len(self._owed)

    async def load(self) -> None:
        """Learn what an earlier process left owing, or another one owes now.

        Raises:
            Unavailable: state-unavailable.
        """
        async with self._storing:
            stored = await self._tasks.open_ids(ANSWER, most=MOST)
            self._owed = {*stored, *self._unwritten}

    def debt(self, scene: Scene, prospect: Prospect | None, cause: str) -> Debt | None:
        """Return the answer that is owed when a fault ends this exchange, if any."""
        asks = _asks(scene.inquiry, prospect)
        if not asks:
            return None
        now = self._clock.now_ms()
        screened = {} if prospect is None else prospect.screen.asks
        clocks = [
            due_ms(dict(due.parameters), now_ms=now, zone=self._zone)
            for key in asks
            if key in screened
            for due in screened[key].obligations
        ]
        return Debt(
            id=self._id(scene),
            exchange=scene.ticket.exchange,
            task=NewTask(
                do=ANSWER,
                parameters={
                    "cause": str(cause),
                    "agency": scene.requester.agency_id,
                    "dataset": scene.inquiry.dataset.id,
                    "asks": [*_named(asks)],
                    "screened": prospect is not None,
                },
                # At once is within a day, and sooner where a duty's clock says so.
                due_ms=min([now + _DAY_MS, *filter(None, clocks)]),
            ),
        )

    async def owe(self, debt: Debt, *, entry: int | None) -> None:
        """Have a task stored; ``entry`` is the refusal's, if the log could take one.

        Returns as soon as it is stored, or after a moment in which it was not.
        """
        self._metrics.add(
            "sallyport_commanded_failures_total",
            cause=str(debt.task.parameters["cause"]),
        )
        self._paid.discard(debt.id)
        if debt.id in self._owed or len(self._owed) >= MOST:
            return
        self._owed.add(debt.id)
        self._unwritten[debt.id] = debt, -1 if entry is None else entry
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.write()
        except TimeoutError:
            return  # it is tried again beside requests

    def owing(self, scene: Scene) -> str:
        """Return the task of an answer that is owed to this request, if one is."""
        known = self._id(scene) if self._owed else ""
        return known if known in self._owed else ""

    def paid(self, scene: Scene) -> None:
        """Note that a request was answered; costs a look where nothing is owed."""
        if known := self.owing(scene):
            self._paid.add(known)

    def settled(self, task: str) -> None:
        """Note that somebody closed a task: the next fault owes that answer anew."""
        self._owed.discard(task)
        self._paid.discard(task)

    async def write(self) -> None:
        """Store and close what is to be; what cannot be now is tried again."""
        with contextlib.suppress(Unavailable):
            async with self._storing:
                await self._store()

    async def _store(self) -> None:
        for name, (debt, entry) in [*self._unwritten.items()]:
            await self._tasks.owe(name, debt.exchange, debt.task, entry=entry)
            self._unwritten.pop(name, None)
        for name in [*self._paid]:
            await self._close(name)

    async def _close(self, name: str) -> None:
        """Close a task; who owes the same anew meanwhile finds that it is not owed."""
        self._owed.discard(name)
        self._paid.discard(name)
        try:
            await self._tasks.close(name, TaskState.DONE)
        except BaseException:
            if name not in self._owed:
                self._owed.add(name)
                self._paid.add(name)
            raise

    async def run(self) -> None:
        """Try again each second, until cancelled; learn what other processes owe."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.write()
            if self._shared:
                with contextlib.suppress(Unavailable):
                    await self.load()

    def _id(self, scene: Scene) -> str:
        """Return the name of a request: whoever of one system sends it again."""
        issuer, client = scene.requester.issuer, scene.requester.client_id
        words = "arrears", issuer, client, scene.ticket.request.hex()
        return self._tickets.derived(*words).hex()[:32]


def _asks(inquiry: Inquiry, prospect: Prospect | None) -> tuple[AskKey, ...]:
    """Return the asks that the law may command, as far as that is known."""
    if prospect is not None:
        return prospect.commanded
    confirmed = inquiry.question.confirmed
    return tuple(ask for ask in inquiry.shape.release_asks if ask in confirmed)


def _named(asks: Iterable[AskKey]) -> list[str]:
    return sorted({f"{kind}:{category}" for kind, _, category in asks})
