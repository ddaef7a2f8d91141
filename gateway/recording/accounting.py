"""What the entry of one page says, before the log sees it; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from gateway.answering.found import PageRead, Record
from gateway.answering.prospect import Prospect
from gateway.answering.verdict import Verdict, available
from gateway.canonical import Json
from gateway.entries import Outcome
from gateway.recording.scene import Scene

__all__ = ["decided", "undecided"]


class _Common(TypedDict):
    """What every entry of one exchange says alike."""

    policy: str
    manifest: str
    engines: tuple[str, ...]
    exchange: str
    page: int
    dataset: str
    agency: str
    requester_class: str
    kinds: tuple[str, ...]
    who: dict[str, Json]


def decided(
    scene: Scene,
    prospect: Prospect,
    page: PageRead,
    verdict: Verdict,
    *,
    shown: Sequence[Record],
    account: Mapping[str, Json],
) -> Outcome:
    """Return the entry of a page that rules decided.

    Public of it is only what the fact-free screen rested on, and the names of what
    was made available.
    """
    inquiry = scene.inquiry
    released = available(prospect, shown)
    subjects = [inquiry.dataset.subject(record.key) for record in shown]
    records: list[Json] = [
        {"key": subject, "names": [*sorted({*record.fields, *record.granted})]}
        for subject, record in zip(subjects, shown, strict=True)
    ]
    return Outcome(
        decision=str(verdict),
        rules=prospect.public_rules,
        released=tuple(released),
        redacted=tuple(n for n in inquiry.shape.names if n not in released),
        records=len(shown),
        subjects=tuple(subject.encode() for subject in subjects),
        replay={
            "question": inquiry.question.canonical.decode(),
            "vectors": [vector.canonical.decode() for vector in page.vectors],
            # What the engine said, as digests: audit replays it and compares.
            "answers": {"screen": prospect.screen.answer, "records": [*page.answers]},
        },
        account={"records": records, "found": len(page.records), **account},
        **_common(scene),
    )


def undecided(
    scene: Scene, *, decision: str, cause: str, account: Mapping[str, Json]
) -> Outcome:
    """Return the entry of an outcome that no rule decided: cut off, unavailable."""
    inquiry = scene.inquiry
    return Outcome(
        decision=decision,
        rules=(),
        released=(),
        redacted=tuple(inquiry.shape.names),
        records=0,
        subjects=(),
        replay={"question": inquiry.question.canonical.decode()},
        account={"cause": cause, **account},
        **_common(scene),
    )


def _common(scene: Scene) -> _Common:
    """Return who asked what, for whom and why: 28 CFR 23.20, 5 U.S.C. 552a(c)."""
    requester, request = scene.requester, scene.inquiry.request
    subjects: list[Json] = [dict(subject) for subject in request.subjects]
    return {
        "policy": scene.law.policy.revision,
        "manifest": scene.law.manifest,
        "engines": scene.law.policy.engines,
        "exchange": scene.ticket.exchange,
        "page": scene.number,
        "dataset": scene.inquiry.dataset.id,
        "agency": requester.agency_id,
        "requester_class": requester.requester_class,
        "kinds": request.kinds,
        "who": {
            "issuer": requester.issuer,
            "client": requester.client_id,
            "person": requester.person,
            "employer_ori": requester.employer_ori,
            "assignment_ori": requester.assignment_ori,
            "certificate": requester.certificate_sha256,
            "case_number": request.case_number,
            "purpose": [request.purpose, request.purpose_text or ""],
            "recipient": request.recipient or "",
            "channel": request.channel,
            "subjects": subjects,
            "papers": [paper.document_sha256 for paper in request.instruments],
        },
    }
