"""Witnesses in this process, asked as the log asks them, with faults between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit import Log
from audit.asker import Answer, Question
from audit.checkpoint import Checkpoint
from audit.cosigning import Cosigner
from audit.note import Note
from audit.policyfile import Policy
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, Verifier
from audit.witness.book import Book
from audit.witness.judgement import Refused
from audit.witness.settings import KnownLog, Settings
from audit.witness.witness import Witness
from tests.audit.builders import AUDITOR, KEYS, ORIGIN, START_MS, FakeClock

__all__ = [
    "START_S",
    "Board",
    "Boards",
    "Time",
    "always",
    "cosigner",
    "heads",
    "open_log",
    "policy_text",
    "silent",
]

START_S = START_MS // 1000
Fault = Callable[[Question, Answer], Answer | None]


class Board:
    """A witness under an address, with its own record in memory."""

    def __init__(
        self,
        name: str,
        *,
        keys: Sequence[Verifier] = KEYS.verifiers,
        folder: Path | None = None,
    ) -> None:
        """Begin with nothing seen; with a folder the record is a file in it."""
        self.signer = SeedSigner.generate(name, COSIGNATURE)
        self.seconds = START_S
        self.url = f"https://{name}"
        trusted = tuple(key for key in keys if key.name == ORIGIN)
        settings = Settings(
            host="",
            port=0,
            database=Path(),
            signers=(self.signer,),
            logs={ORIGIN: KnownLog(origin=ORIGIN, keys=trusted, per_minute=10**6)},
        )
        place = Path(":memory:") if folder is None else folder / "witness.db"
        self.witness = Witness(
            settings, Book(place), seconds=lambda: self.seconds, monotonic=lambda: 0.0
        )
        self.fault: Fault | None = None
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer | None:
        """Answer as over HTTP, unless a fault says otherwise."""
        self.asked.append(question)
        answer = self._answer(question)
        return answer if self.fault is None else self.fault(question, answer)

    def _answer(self, question: Question) -> Answer:
        if question.body is None:
            origin = question.url.split("/")[-2]
            found = self.witness.checkpoint(origin)
            status = 404 if found is None else 200
            return Answer(status=status, kind="text/plain", body=found or b"")
        try:
            lines = self.witness.add_checkpoint(question.body)
        except Refused as refused:
            body = refused.body.encode()
            return Answer(status=refused.status, kind=refused.kind, body=body)
        return Answer(status=200, kind="text/plain", body=lines)


@dataclass
class Boards:
    """Asks them all; remembers how often, and what the limit was."""

    boards: Sequence[Board]
    rounds: list[int] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    def ask(
        self, questions: Sequence[Question], limit_s: float
    ) -> Sequence[Answer | None]:
        """Answer each."""
        self.rounds.append(len(questions))
        self.limits.append(limit_s)
        return [self._board(each.url).answer(each) for each in questions]

    def _board(self, url: str) -> Board:
        return next(each for each in self.boards if url.startswith(f"{each.url}/"))


def always(status: int, kind: str = "text/plain", body: bytes = b"") -> Any:  # noqa: ANN401 - a fault
    """Return a fault: whatever is asked, this is answered."""
    return lambda _question, _answer: Answer(status=status, kind=kind, body=body)


def silent(_question: Question, _answer: Answer) -> None:
    """Answer nothing in time."""


def policy_text(boards: Sequence[Board], needed: str = "any") -> bytes:
    """Return a policy that asks for so many of some witnesses."""
    names = [f"w{number}" for number in range(len(boards))]
    lines = [
        f"witness {name} {each.signer.verifier.text} {each.url}"
        for name, each in zip(names, boards, strict=True)
    ]
    lines += [f"group g {needed} {' '.join(names)}", "quorum g", ""]
    return "\n".join(lines).encode()


class Time:
    """A clock for whoever waits between tries."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def cosigner(
    boards: Boards,
    needed: str = "any",
    *,
    time: Callable[[], float] | None = None,
    now_ms: Callable[[], int] = lambda: START_MS,
) -> Cosigner:
    """Return what collects their signatures."""
    return Cosigner(
        Policy.parse(policy_text(boards.boards, needed)),
        asker=boards,
        now_ms=now_ms,
        monotonic=time or Time(),
    )


def open_log(
    folder: Path,
    one: Cosigner | None,
    *,
    create: bool = False,
    **more: Any,  # noqa: ANN401 - as Log.open
) -> Any:  # noqa: ANN401 - as opening
    """Open a log with witnesses."""
    return Log.open(
        folder,
        origin=ORIGIN,
        keys=KEYS,
        auditors=[AUDITOR.auditor],
        clock=more.pop("clock", FakeClock()),
        public_delay_s=more.pop("delay_s", 0),
        create=create,
        cosigner=one,
        checkpoint_interval_s=0.001,
        **more,
    )


def heads(note: bytes) -> int:
    """Return how many entries a checkpoint says."""
    return Checkpoint.parse(Note.parse(note).text).size
