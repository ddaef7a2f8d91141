"""Steps 4 and 5 of an exchange: read, decide, read, redact; one page at a time.

A page is at most 500 records from one read-only snapshot on one connection. Key and
fact columns are selected only if some rule needs facts; values are selected once for
each distinct plan, and only the columns that the plan shares.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, cast

from connectors import (
    Connector,
    ConnectorError,
    Fault,
    Key,
    Query,
    Row,
    Snapshot,
    SourceUnavailable,
)
from gateway.answering.cursor import PAGE_SIZE, Cursor, Head, exhausted, within
from gateway.answering.found import PageRead, Record
from gateway.answering.prospect import Prospect
from gateway.asking.inquiry import Inquiry, Subject
from gateway.catalogue import fact_reader
from gateway.clock import Clock
from gateway.errors import Cause, Unavailable
from gateway.policy import Decision, Policy, Vector
from gateway.redaction import Plan, Setting, redact
from gateway.telemetry import Metrics

__all__ = ["Reader"]


class Reader:
    """Reads pages for one exchange after another; holds no state of an exchange."""

    def __init__(
        self,
        *,
        connectors: Mapping[str, Connector],
        pseudonym_key: bytes,
        deadline_s: Mapping[str, float],
        max_records: Mapping[str, int],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        """Take the sources by name, each with its bounds."""
        self._connectors = connectors
        self._pseudonym_key = pseudonym_key
        self._deadline_s = deadline_s
        self._max_records = max_records
        self._metrics = metrics
        self._clock = clock
        self._today: Setting | None = None

    async def pages(
        self, policy: Policy, inquiry: Inquiry, prospect: Prospect
    ) -> AsyncGenerator[PageRead]:
        """Yield each page, in the order of subjects and keys; at least one.

        Raises:
            Unavailable: policy-unavailable, or source-unavailable when the source is
                gone, late, refuses, or answers oddly.
        """
        if not inquiry.shape.reads_source:
            yield await _without_source(policy, prospect)
            return
        name = inquiry.dataset.source
        most = self._max_records[name]
        cursor = Cursor(wanted=min(inquiry.request.limit or most, most), rows=most)
        done = False
        while not done:
            try:
                page, done = await self._next(policy, inquiry, prospect, cursor)
            except ConnectorError as error:
                raise Unavailable(_cause(error), str(error)) from error
            yield page

    async def _next(
        self, policy: Policy, inquiry: Inquiry, prospect: Prospect, cursor: Cursor
    ) -> tuple[PageRead, bool]:
        """Read one page in a snapshot of its own and move the cursor past it."""
        name = inquiry.dataset.source
        before = self._clock.monotonic()
        deadline_s = self._deadline_s[name]
        async with self._connectors[name].snapshot(deadline_s=deadline_s) as snap:
            if prospect.decision is not None:
                page = await self._screened(inquiry, prospect, snap, cursor)
            else:
                page = await self._decided(policy, inquiry, prospect, snap, cursor)
        took = self._clock.monotonic() - before
        self._metrics.observe("sallyport_source_seconds", took, source=name)
        return page, page.last

    async def _decided(
        self,
        policy: Policy,
        inquiry: Inquiry,
        prospect: Prospect,
        snap: Snapshot,
        cursor: Cursor,
    ) -> PageRead:
        """Read facts, have each distinct vector decided, read what may be shared."""
        needs = prospect.screen.needs
        facts = fact_reader(inquiry.dataset, needs)
        heads = await self._heads(inquiry, snap, cursor, facts.columns)
        rows = [head.row for head in heads]
        distinct, places = facts.vectors(rows, day=inquiry.day)
        vectors = [
            Vector(facts=v.record_facts(), categories=v.category_facts())
            for v in distinct
        ]
        # No match is decided too, on a decoy: the engine's work must not tell.
        asked = vectors or [Vector.unknown(needs)]
        by_vector = await policy.decide(inquiry.question, asked)
        found = zip(heads, (by_vector[place] for place in places), strict=True)
        kept = within(prospect, cursor, found)
        return PageRead(
            records=await self._values(inquiry, prospect, snap, kept),
            vectors=tuple(vectors),
            answers=tuple(each.answer for each in by_vector) if vectors else (),
            asked_source=True,
            last=exhausted(inquiry, cursor),
        )

    async def _screened(
        self, inquiry: Inquiry, prospect: Prospect, snap: Snapshot, cursor: Cursor
    ) -> PageRead:
        """Read one page when the screen is the decision: one statement."""
        decision = cast("Decision", prospect.decision)
        plan = prospect.plan(decision)
        heads = await self._heads(inquiry, snap, cursor, plan.columns, alone=True)
        shown = self._redacted(inquiry, plan, [head.row for head in heads])
        cursor.wanted -= len(heads)
        kinds = prospect.granted(decision)
        records = tuple(
            Record(
                subject=head.subject,
                key=head.key,
                decision=decision,
                fields=fields,
                granted=kinds,
            )
            for head, fields in zip(heads, shown, strict=True)
        )
        last = exhausted(inquiry, cursor)
        return PageRead(records=records, asked_source=True, last=last)

    def _redacted(
        self, inquiry: Inquiry, plan: Plan, rows: Sequence[Row]
    ) -> list[dict[str, Any]]:
        """Return what is released of rows; count what the catalogue does not know."""
        redacted = redact(plan, rows, self._setting(inquiry.day))
        if redacted.odd:
            source = inquiry.dataset.source
            self._metrics.add("sallyport_odd_values_total", redacted.odd, source=source)
        return redacted.records

    def _setting(self, day: int) -> Setting:
        """Return what transforms depend on that day; made once a day."""
        if self._today is None or self._today.day != day:
            self._today = Setting(day=day, pseudonym_key=self._pseudonym_key)
        return self._today

    async def _heads(
        self,
        inquiry: Inquiry,
        snap: Snapshot,
        cursor: Cursor,
        columns: Sequence[str],
        *,
        alone: bool = False,
    ) -> list[Head]:
        """Read rows until the page is full or the subjects are exhausted.

        With ``alone`` nothing else is read in the snapshot.
        """
        subjects: Sequence[Subject] = inquiry.subjects or ((),)
        heads: list[Head] = []
        most = min(PAGE_SIZE, cursor.wanted) if alone else PAGE_SIZE
        while cursor.subject < len(subjects):
            room = min(most - len(heads), cursor.rows)
            if room <= 0:
                break
            rows = await snap.select(
                self._query(inquiry, columns, subjects[cursor.subject], cursor, room),
                # Of the last subject one read is enough: all, or as many as fit.
                last=alone and cursor.subject == len(subjects) - 1,
            )
            heads += [Head(subject=cursor.subject, key=row[0], row=row) for row in rows]
            cursor.rows -= len(rows)
            if len(rows) < room:
                cursor.subject, cursor.after = cursor.subject + 1, None
            else:
                cursor.after = rows[-1][0]
        return heads

    def _query(
        self,
        inquiry: Inquiry,
        columns: Sequence[str],
        subject: Subject,
        cursor: Cursor,
        limit: int,
    ) -> Query:
        return Query(
            table=inquiry.dataset.table,
            columns=tuple(columns),
            filters=subject,
            after=cursor.after,
            limit=limit,
            exchange=inquiry.exchange,
        )

    async def _values(
        self,
        inquiry: Inquiry,
        prospect: Prospect,
        snap: Snapshot,
        found: Sequence[tuple[Head, Decision]],
    ) -> tuple[Record, ...]:
        """Select the shared columns, once for each distinct plan, and redact them."""
        plans = [prospect.plan(decision) for _, decision in found]
        keys: dict[Plan, dict[Key, None]] = {}
        for (head, _), plan in zip(found, plans, strict=True):
            if plan.releases:
                keys.setdefault(plan, {})[head.key] = None
        shown: dict[tuple[Plan, Key], Mapping[str, object]] = {}
        for number, (plan, chosen) in enumerate(keys.items(), start=1):
            values = await snap.select(
                Query(
                    table=inquiry.dataset.table,
                    columns=plan.columns,
                    keys=tuple(chosen),
                    limit=len(chosen),
                    exchange=inquiry.exchange,
                ),
                last=number == len(keys),
            )
            redacted = self._redacted(inquiry, plan, values)
            pairs = zip(values, redacted, strict=True)
            shown |= {(plan, row[0]): fields for row, fields in pairs}
        return tuple(
            Record(
                subject=head.subject,
                key=head.key,
                decision=decision,
                fields=shown.get((plan, head.key), {}),
                granted=prospect.granted(decision),
            )
            for (head, decision), plan in zip(found, plans, strict=True)
        )


def _cause(error: ConnectorError) -> Cause:
    """Return the cause that a source's failure is answered with."""
    if isinstance(error, SourceUnavailable) and error.fault is Fault.BUSY:
        return Cause.OVERLOADED
    return Cause.SOURCE_UNAVAILABLE


async def _without_source(policy: Policy, prospect: Prospect) -> PageRead:
    """Decide kinds that concern no record: an agreement, a report."""
    decision = prospect.decision
    vectors: tuple[Vector, ...] = ()
    if decision is None:
        # No record, so each fact is unknown, and unknown opens nothing.
        vectors = (Vector.unknown(prospect.screen.needs),)
        (decision,) = await policy.decide(prospect.shape.question, vectors)
    record = Record(
        subject=0,
        key="",
        decision=decision,
        fields={},
        granted=prospect.granted(decision),
    )
    answers = (decision.answer,) if vectors else ()
    return PageRead(records=(record,), vectors=vectors, answers=answers)
