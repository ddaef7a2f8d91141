"""One exchange, told in order. Start reading in :meth:`Exchange._told`.

1. Who asks: resolved before.
2. What is asked: the document becomes an inquiry, every mistake named. Whoever it is
   for may be cut off.
3. Screen: record facts pending. Nothing can open? Refused, the source untouched.
4. Read, decide, read: one page, one read-only snapshot.
5. Redact: share, transform or withhold by plan; unnamed fields are dropped.
6. Record: one entry a page, durable before the next step.
7. Release: the page with its receipt, and what was withheld.

A refusal is a value, never an exception. Exceptions are for what could not be
decided or recorded, and those refuse too.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from contextlib import aclosing

from gateway.answering.found import PageRead
from gateway.answering.pace import leave_on_tick
from gateway.answering.prospect import Prospect, prospect_of
from gateway.answering.reading import Reader
from gateway.answering.verdict import Verdict, judge
from gateway.asking.idempotency import Tickets
from gateway.asking.intake import Intake
from gateway.clock import Clock
from gateway.errors import INTERNAL, GatewayError, Unavailable
from gateway.identity import Limits, Requester
from gateway.model import Request
from gateway.policy import Overtaken
from gateway.recording.recorder import Recorder
from gateway.recording.scene import Page, Scene
from gateway.standing import Standing

__all__ = ["Exchange"]


class Exchange:
    """Runs exchanges; holds what they use."""

    def __init__(
        self,
        *,
        intake: Intake,
        reader: Reader,
        recorder: Recorder,
        standing: Standing,
        tickets: Tickets,
        limits: Limits,
        clock: Clock,
    ) -> None:
        """Take the parts; one call of :meth:`run` uses each in turn."""
        self._intake = intake
        self._reader = reader
        self._recorder = recorder
        self._standing = standing
        self._tickets = tickets
        self._limits = limits
        self._clock = clock

    async def run(
        self, requester: Requester, request: Request, *, body: bytes, key: str | None
    ) -> AsyncGenerator[Page]:
        """Yield each page of the answer, durable in the log before it is yielded.

        Args:
            requester: who asks, authenticated and resolved.
            request: the document as it was read.
            body: its bytes, for idempotency only.
            key: the Idempotency-Key, or None.

        Raises:
            MalformedRequest: the document names words that do not exist.
            Busy: the key is running, or was used with another body.
            TooMany: a budget of the requester's family is used up.
            Unavailable: something the answer depends on is missing; what could be
                recorded of that was.
        """
        while True:
            pages = self._told(requester, request, body=body, key=key)
            try:
                async with aclosing(pages):
                    async for page in pages:
                        yield page
            except Overtaken:
                # Nothing was handed over, and the activation that an engine answers
                # by is in force here too by now: decide again, under that.
                continue
            return

    async def _told(
        self, requester: Requester, request: Request, *, body: bytes, key: str | None
    ) -> AsyncGenerator[Page]:
        """Yield each page of one attempt; see :meth:`run`.

        Raises:
            Overtaken: another activation came into force before anything was decided;
                nothing was recorded, and nothing is handed over.
        """
        ticket = self._tickets.issue(requester, key, body)
        await self._recorder.refuse_other_body(ticket)
        with self._tickets.running(ticket):
            started = self._clock.monotonic()

            # 1. Who asks
            self._standing.require()
            law = self._standing.in_force

            # 2. What is asked
            inquiry, asked = self._intake.take(law, requester, request, ticket.exchange)
            scene = Scene(
                requester=requester,
                law=law,
                inquiry=inquiry,
                ticket=ticket,
                started=started,
                body=body,
            )
            prospect: Prospect | None = None
            try:
                if self._standing.cut_off(requester, inquiry.dataset.id, inquiry.also):
                    yield await self._recorder.cut_off(scene)
                    return

                # 3. Screen
                screen = await law.policy.screen(inquiry.question)
                prospect = prospect_of(inquiry.shape, screen)
                self._limits.keep(asked, ordered=lambda: prospect.ordered)
                if not prospect.worth_reading:
                    yield await self._record(scene, prospect, PageRead.nothing())
                    return

                # 4. Read, decide, read  5. Redact
                pages = self._reader.pages(law.policy, inquiry, prospect)
                async with aclosing(pages):
                    async for page in pages:
                        # 6. Record  7. Release
                        released = await self._record(scene, prospect, page)
                        try:
                            yield released
                        except GeneratorExit:
                            # Nobody reads on: what was made available ends here.
                            if not released.last:
                                await self._recorder.aborted(scene)
                            raise
                        if released.last:
                            return
                        scene = scene.next_page()
            except Exception as failure:
                await self._give_up(scene, failure, prospect)
                raise

    async def _give_up(
        self, scene: Scene, failure: Exception, prospect: Prospect | None
    ) -> None:
        """Record what ended an exchange without an answer of ours, if it can be.

        Raises:
            Overtaken: nothing was recorded; it is to be decided again.
            Unavailable: where no other activation came after all, or the record of
                what is missing could not be made.
        """
        match failure:
            case Overtaken():
                if scene.number == 0 and await self._standing.follow(scene.law):
                    raise failure
                await self._recorder.failed(scene, failure.cause, prospect)
                raise Unavailable(failure.cause, failure.detail) from failure
            case Unavailable():
                await self._recorder.failed(scene, failure.cause, prospect)
            case GatewayError():
                return  # a limit: counted where it is answered
            case _:
                # A defect of ours. It is answered as one, whether or not it can be
                # recorded, and what the law commands is owed all the same.
                with contextlib.suppress(Unavailable):
                    await self._recorder.failed(scene, INTERNAL, prospect)

    async def _record(self, scene: Scene, prospect: Prospect, page: PageRead) -> Page:
        """Record one page and hand it over, unless something ended the exchange."""
        dataset, also = scene.inquiry.dataset, scene.inquiry.also
        self._standing.require_unchanged(scene.law, scene.requester)
        if self._standing.cut_off(scene.requester, dataset.id, also):
            return await self._recorder.cut_off(scene)
        verdict = judge(prospect, page.records)
        recorded = await self._recorder.record(scene, prospect, page, verdict)
        if self._standing.cut_off(scene.requester, dataset.id, also):
            return await self._recorder.cut_off(scene, after_recording=True)
        nothing = verdict in {Verdict.WAITING, Verdict.REFUSED}
        if page.asked_source and nothing and not prospect.existence_open:
            await leave_on_tick(
                clock=self._clock,
                started=scene.started,
                floor_s=dataset.response_floor_ms / 1000,
            )
        return recorded
