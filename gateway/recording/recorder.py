"""Steps 6 and 7 of an exchange: the entry of a page, and the page itself.

Nothing leaves this module before its entry is durable. What waits for a person gets
its row first; tasks that the law hangs on the outcome are stored before the entry, so
that an obligation nobody can execute ends in a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from audit import (
    Dedup,
    Entry,
    Known,
    Log,
    LogError,
    LogOverloaded,
    Receipt,
)
from gateway.answering.found import PageRead, Record
from gateway.answering.prospect import Prospect
from gateway.answering.verdict import Verdict, rendering
from gateway.asking.idempotency import Busy, Ticket, Tickets
from gateway.canonical import Json, canonical, digest
from gateway.clock import Clock
from gateway.entries import exchange_entry
from gateway.errors import Cause, Unavailable
from gateway.recording.accounting import decided, undecided
from gateway.recording.archiving import Archiver
from gateway.recording.arrears import ANSWER, Arrears
from gateway.recording.duties import Duties
from gateway.recording.made import SHOWING, Made, owing
from gateway.recording.scene import Page, Scene
from gateway.state import TaskState
from gateway.telemetry import Metrics

__all__ = ["Recorder"]

_CODES = {Verdict.WAITING: "waiting", Verdict.REFUSED: "refused"}


class Recorder:
    """Makes pages out of what was read, and entries out of pages."""

    def __init__(
        self,
        *,
        log: Log,
        duties: Duties,
        tickets: Tickets,
        archiver: Archiver,
        arrears: Arrears,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        """Take the log, who executes duties, what knows retries, archive and counts."""
        self._log = log
        self._duties = duties
        self._tickets = tickets
        self._archiver = archiver
        self._arrears = arrears
        self._metrics = metrics
        self._clock = clock

    async def refuse_other_body(self, ticket: Ticket) -> None:
        """Refuse an Idempotency-Key that was used with another body.

        Raises:
            Busy: 409.
            Unavailable: log-unavailable; nobody can tell.
        """
        if not ticket.retryable:
            return
        known = await self._known(ticket.page(self._tickets.secret, 0, b"").key)
        if known is not None and known.request != ticket.request:
            raise Busy

    async def record(
        self, scene: Scene, prospect: Prospect, page: PageRead, verdict: Verdict
    ) -> Page:
        """Record one page, and return it with its receipt.

        Raises:
            Unavailable: log-unavailable or state-unavailable; nothing is released.
        """
        inquiry = scene.inquiry
        told = prospect.existence_open or verdict in SHOWING
        shown = tuple(r for r in page.records if r.releases) if told else ()
        decision = tuple(rendering(prospect, shown))
        records = tuple(_shown(record) for record in shown)
        content = digest(canonical([str(verdict), list(records), list(decision)]))
        ticket, dedup, known = await self._attempt(scene, content)
        account: dict[str, Json] = {
            "page_digest": self._tickets.page_digest(
                ticket.exchange, scene.number, content
            )
        }
        if known is not None:
            account["retry_of"] = known.receipt.index
        made = Made(page=page, verdict=verdict, shown=shown, account=account)
        if known is not None and ticket is scene.ticket:
            receipt = known.receipt
            owed, waiting = owing(scene, prospect, made)
            await self._duties.make_good(scene, owed, receipt, waiting=waiting)
        else:
            scene = replace(scene, ticket=ticket)
            receipt = await self._accounted(scene, prospect, made, dedup)
            self._archiver.note(
                inquiry.question, page.vectors, str(verdict), inquiry.day
            )
        if page.last:
            self._arrears.paid(scene)
        return Page(
            verdict=verdict,
            code=_CODES.get(verdict, ""),
            exchange=ticket.exchange,
            number=scene.number,
            last=page.last,
            records=records,
            decision=decision,
            receipt=receipt,
            padded=not told,
            policy=scene.law.policy.revision,
        )

    async def cut_off(self, scene: Scene, *, after_recording: bool = False) -> Page:
        """Record that a cut-off refused this, and return the refusal.

        When the page itself was recorded already, it was made available and then
        not sent: the entry says aborted.
        """
        decision = "aborted" if after_recording else "refused"
        return await self._refusal(scene, decision=decision, code="cut-off")

    async def aborted(self, scene: Scene) -> None:
        """Record that a stream was stopped before its end."""
        await self._refusal(scene, decision="aborted", code="aborted")

    async def failed(self, scene: Scene, cause: str, prospect: Prospect | None) -> None:
        """Record that something the answer depended on was missing, if possible.

        ``cause`` is one of :class:`Cause`, or :data:`INTERNAL`. A log that cannot write
        cannot record that either: then the metric and the alarm are all there is. What
        the law may command leaves a task in any case.
        """
        debt = self._arrears.debt(scene, prospect, cause)
        entry = None
        try:
            if cause != Cause.LOG_UNAVAILABLE:
                account = debt.account() if debt is not None else {}
                page = await self._refusal(
                    scene, decision="unavailable", code=str(cause), account=account
                )
                entry = page.receipt.index
        finally:
            if debt is not None:
                await self._arrears.owe(debt, entry=entry)

    async def _refusal(
        self,
        scene: Scene,
        *,
        decision: str,
        code: str,
        account: Mapping[str, Json] = MappingProxyType({}),
    ) -> Page:
        """Record an outcome that no rule decided."""
        outcome = undecided(scene, decision=decision, cause=code, account=account)
        receipt = await self._durable(exchange_entry(outcome, dedup=None))
        return Page(
            verdict=Verdict.REFUSED,
            code=code,
            exchange=scene.ticket.exchange,
            number=scene.number,
            last=True,
            records=(),
            decision=(),
            receipt=receipt,
            padded=True,
            policy=scene.law.policy.revision,
        )

    async def _attempt(
        self, scene: Scene, content: str
    ) -> tuple[Ticket, Dedup | None, Known | None]:
        """Return whether this page was recorded before, and under which ticket.

        The same law, manifest and page is the same entry. Anything else is a new
        exchange, whose entry names the first. What nobody can ask for again needs no
        dedup: the log remembers each for a day.
        """
        if not scene.ticket.retryable:
            return scene.ticket, None, None
        secret = self._tickets.secret
        # A change of law or of manifest is a change of content.
        law = scene.law
        bound = canonical([law.policy.revision, law.manifest, content])
        dedup = scene.ticket.page(secret, scene.number, bound)
        known = await self._known(dedup.key)
        if known is None or known.content == dedup.content:
            return scene.ticket, dedup, known
        return scene.ticket.anew(), None, known

    async def _known(self, key: bytes) -> Known | None:
        """Return what the log has under a dedup key.

        Raises:
            Unavailable: log-unavailable.
        """
        try:
            return await self._log.known(key)
        except LogError as error:
            raise Unavailable(Cause.LOG_UNAVAILABLE, str(error)) from error

    async def _accounted(
        self, scene: Scene, prospect: Prospect, made: Made, dedup: Dedup | None
    ) -> Receipt:
        """Store what people have to do, then append; both before anything leaves."""
        owed, waiting = owing(scene, prospect, made)
        undertaken = await self._duties.undertake(scene, owed, waiting=waiting)
        outcome = decided(
            scene,
            prospect,
            made.page,
            made.verdict,
            shown=made.shown,
            account={
                **made.account,
                "obligations": [*undertaken.obligations, *self._given(scene, made)],
            },
        )
        receipt = await self._durable(exchange_entry(outcome, dedup=dedup))
        await self._duties.settle(undertaken, receipt)
        return receipt

    def _given(self, scene: Scene, made: Made) -> Iterator[Json]:
        """Yield that an answer which was owed is given, once all of it is."""
        if made.page.last and (task := self._arrears.owing(scene)):
            yield {"do": ANSWER, "task": task, "state": str(TaskState.DONE)}

    async def _durable(self, entry: Entry) -> Receipt:
        """Return once the entry cannot be lost.

        Raises:
            Unavailable: log-unavailable or overloaded.
        """
        before = self._clock.monotonic()
        try:
            receipt = await self._log.append(entry)
        except LogOverloaded as error:
            raise Unavailable(Cause.OVERLOADED, str(error)) from error
        except LogError as error:
            raise Unavailable(Cause.LOG_UNAVAILABLE, str(error)) from error
        self._metrics.observe("sallyport_log_seconds", self._clock.monotonic() - before)
        self._metrics.add(
            "sallyport_pages_total", decision=str(entry.public["decision"])
        )
        return receipt


def _shown(record: Record) -> dict[str, object]:
    """Return one record as the requester sees it."""
    return {
        "subject": record.subject,
        "fields": dict(record.fields),
        "granted": list(record.granted),
    }
