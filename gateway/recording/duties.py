"""Obligations are executed, not returned.

Each obligation that a rule hangs on an outcome has an executor in the vocabulary:

* ``gateway``: done by what every exchange does anyway: its entry holds the code and
  its parameters, and only what a plan shares is ever selected;
* ``task``: somebody must act; a row with a clock is stored before the entry;
* ``statement``: said to the requester with the answer.

One that nobody here can execute ends in a refusal, before anything is released.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from audit import Receipt
from gateway.canonical import Json
from gateway.clock import Clock
from gateway.errors import Cause, Unavailable
from gateway.policy import Decision, Obligation, Screen, union
from gateway.policy.decision import merged
from gateway.policy.duties import DONE_BY_THE_ENTRY
from gateway.recording.clocks import due_ms
from gateway.recording.scene import Scene
from gateway.state import NewTask, Reviews, Tasks

__all__ = ["Duties", "Owed", "Undertaken", "owed_for"]

FALLBACK_REVIEWER = "privacy_officer"
"""Who looks where no rule names a role."""

_DECOY = NewTask(do="none", parameters={}, due_ms=None)
"""Never recorded, so it counts for nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undertaken:
    """What was stored before the entry, to be tied to it afterwards.

    ``obligations`` are what the entry says is due: what to do, the rule's words for
    it, and for what somebody has to do its task and time (0 where the law sets none).
    """

    obligations: tuple[Json, ...]
    tasks: tuple[str, ...] = ()
    decoys: tuple[str, ...] = ()
    review: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """What the law hangs on one page, and who decides what waits.

    ``hidden`` says that who is there must not show in what is stored: where nothing
    is due that would be if somebody were, as much is written and taken back.
    """

    obligations: tuple[Obligation, ...]
    reviewer: str
    hidden: bool = False


class Duties:
    """Executes the obligations of one page."""

    def __init__(
        self,
        *,
        tasks: Tasks,
        reviews: Reviews,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        """Take who executes: the task list and the queue for people."""
        self._tasks = tasks
        self._reviews = reviews
        self._clock = clock
        self._zone = zone

    async def undertake(self, scene: Scene, owed: Owed, *, waiting: bool) -> Undertaken:
        """Store what people have to do, before the entry that accounts for it.

        Args:
            scene: the exchange.
            owed: what the law hangs on this page's outcome.
            waiting: whether something waits for a person.

        Raises:
            Unavailable: state-unavailable; policy-unavailable for an obligation
                that nobody can execute.
        """
        new = self._tasks_of(scene, owed, now_ms=self._clock.now_ms())
        exchange = scene.ticket.exchange
        decoys: tuple[str, ...] = ()
        ids = await self._tasks.add(exchange, new) if new else ()
        if owed.hidden and not new:
            decoys = await self._tasks.add(exchange, [_DECOY])
        if waiting:
            await self._queue(scene, owed)
        due = _due(owed, dict(zip(ids, new, strict=True)))
        # Also one of an attempt that a crash ended: its row has no entry yet.
        review = exchange if waiting else ""
        return Undertaken(obligations=due, tasks=ids, decoys=decoys, review=review)

    async def settle(self, undertaken: Undertaken, receipt: Receipt) -> None:
        """Tie what was stored to its entry; nothing was sent before.

        Whoever asks again after a crash before this has it made good.
        """
        if undertaken.decoys:
            await self._tasks.drop(undertaken.decoys)
        if undertaken.tasks:
            await self._tasks.recorded(undertaken.tasks, entry=receipt.index)
        if undertaken.review:
            await self._reviews.recorded(
                undertaken.review, entry=receipt.index, receipt=receipt.to_json()
            )

    async def make_good(
        self, scene: Scene, owed: Owed, receipt: Receipt, *, waiting: bool
    ) -> None:
        """Store what is missing of what an entry from before accounts for.

        A fault between an entry and :meth:`settle` left it uncounted, and whoever asks
        again must not be answered without it.

        Raises:
            Unavailable: as :meth:`undertake`.
        """
        exchange, entry = scene.ticket.exchange, receipt.index
        new = self._tasks_of(scene, owed, now_ms=receipt.claimed_ms)
        # Looked up also where nothing is due that would be if somebody were there.
        looked_up = bool(new) or owed.hidden
        if looked_up and not await self._tasks.counted(exchange, entry=entry):
            # The entry names the tasks of its attempt: those, wherever they are left.
            left = await self._tasks.claim(
                exchange, new, entry=entry, until_ms=receipt.claimed_ms
            )
            ids = () if left else await self._tasks.add(exchange, new)
            await self._tasks.recorded(ids, entry=entry)
        if waiting:
            await self._queue(scene, owed)
            await self._reviews.recorded(
                exchange, entry=entry, receipt=receipt.to_json()
            )

    async def _queue(self, scene: Scene, owed: Owed) -> None:
        """Put a request into the queue for people, unless it is there."""
        exchange = scene.ticket.exchange
        if await self._reviews.show(exchange) is not None:
            return
        await self._reviews.add(
            exchange=exchange,
            role=owed.reviewer,
            revision=scene.law.policy.revision,
            agency=scene.requester.agency_id,
            client=scene.requester.client_id,
            request=scene.body,
        )

    def _tasks_of(self, scene: Scene, owed: Owed, *, now_ms: int) -> list[NewTask]:
        """Return what somebody has to do, on the clock of an exchange at ``now_ms``."""
        new = []
        for obligation in owed.obligations:
            executor = scene.law.policy.vocabulary.obligations[obligation.code].executor
            if executor == "task":
                parameters = dict(obligation.parameters)
                due = due_ms(parameters, now_ms=now_ms, zone=self._zone)
                new.append(
                    NewTask(do=obligation.code, parameters=parameters, due_ms=due)
                )
            elif executor == "gateway" and obligation.code not in DONE_BY_THE_ENTRY:
                raise Unavailable(
                    Cause.POLICY_UNAVAILABLE,
                    f"nobody can execute the obligation {obligation.code}",
                )
        return new


def _due(owed: Owed, tasks: Mapping[str, NewTask]) -> tuple[Json, ...]:
    """Return what is due as the entry has it; ``tasks`` by their identifiers."""
    somebodys = {item.do for item in tasks.values()}
    ours: list[Json] = [
        {"do": item.code, "parameters": dict(item.parameters)}
        for item in owed.obligations
        if item.code not in somebodys
    ]
    theirs: list[Json] = [
        {
            "do": item.do,
            "parameters": item.parameters,
            "task": name,
            "due_ms": item.due_ms or 0,
        }
        for name, item in tasks.items()
    ]
    return (*ours, *theirs)


def owed_for(
    screen: Screen, decisions: Sequence[Decision], *, hidden: bool = False
) -> Owed:
    """Return what is owed over all records; for none of them, the screen's own."""
    whole = union(decisions)
    obligations = whole.obligations
    if not decisions:
        obligations = merged(
            due for ask in screen.asks.values() for due in ask.obligations
        )
    screened = [ask.decision.reviewer for ask in screen.asks.values()]
    reviewers = [*whole.reviewers, *sorted(filter(None, screened)), FALLBACK_REVIEWER]
    return Owed(obligations=obligations, reviewer=reviewers[0], hidden=hidden)
