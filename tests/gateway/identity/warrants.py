"""A warrant as the register has it, and what it comes to when it is asked about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from gateway.face import Face
from gateway.identity import (
    InstrumentsFile,
    PaperAsk,
    PaperConfirmation,
    PaperFile,
    PaperState,
    Presented,
    paper_facts,
    subject_digest,
)
from tests.gateway.identity.world import CHICAGO

__all__ = [
    "ASK",
    "CONFIRMED",
    "DOCUMENT",
    "KEY",
    "ROE",
    "SECOND",
    "SIGNERS",
    "Entries",
    "ms",
    "paper",
    "papers",
    "state_of",
]

KEY = b"k" * 32
DOCUMENT = "1" * 64
SECOND = "2" * 64
SIGNERS = {"ao93": ("article_iii", "magistrate"), "i247a": ("immigration_officer",)}
ROE = {"booking_number": "B-17"}
ASK = PaperAsk(
    dataset="jail",
    asks=[("notify", "release_date")],
    subjects=[ROE],
    subject_key=KEY,
    now_ms=int(dt.datetime(2026, 2, 1, 12, tzinfo=CHICAGO).timestamp()) * 1000,
)
CONFIRMED = PaperConfirmation(state=PaperState.ISSUER_CONFIRMED, entry=17)


@dataclass
class Entries:
    """The log's word, as a test wants it."""

    said: dict[str, PaperConfirmation] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def latest(self, document: str, face: str) -> PaperConfirmation | None:
        """The newest entry about a document."""
        self.asked.append(face)
        return self.said.get(document)


def paper(**changes: object) -> dict[str, Any]:
    """A warrant in force for the subject, as the file has it."""
    bound = {"selectors": ["booking_number"], "digest": subject_digest(KEY, ROE)}
    return {
        "type": "ao93",
        "signer": "article_iii",
        "issued": "2026-01-20",
        "expires": "2026-03-01",
        "subjects": [bound],
        "state": "issuer_confirmed",
        "entry": 17,
        **changes,
    }


def papers(
    *items: dict[str, Any], logged: PaperConfirmation | None = CONFIRMED
) -> PaperFile:
    """The papers of a file with these entries."""
    documents = [DOCUMENT, SECOND][: len(items)]
    file = InstrumentsFile.model_validate(
        {
            "schema": "sallyport.instruments/1",
            "papers": dict(zip(documents, items, strict=True)),
        }
    )
    said = {} if logged is None else dict.fromkeys(documents, logged)
    return PaperFile(file, entries=Entries(said=said), zone=CHICAGO)


def state_of(
    found: PaperFile,
    ask: PaperAsk = ASK,
    claimed: str = "ao93",
    face: Face | None = None,
) -> str:
    """The word for the one category asked."""
    presented = [Presented(type=claimed, document=DOCUMENT)]
    faces = {} if face is None else {claimed: face}
    facts = paper_facts(found, presented, ask, signers=SIGNERS, faces=faces)
    return facts["notify", "release_date"].get("paper.ao93.article_iii", "absent")


def ms(text: str) -> int:
    """A wall time in Chicago, as Unix ms."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=CHICAGO)
    return int(moment.timestamp()) * 1000
