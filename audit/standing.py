"""One witness, as the log knows it: what it has cosigned, and what its answers say."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit.addcheckpoint import read_answer
from audit.asker import Answer
from audit.checkpoint import cosignatures
from audit.elsewhere import Said
from audit.errors import Malformed, ProofInvalid
from audit.note import Note
from audit.vkey import Verifier

__all__ = ["NOT_ASKED", "NOT_FOUND", "OK", "KnownWitness", "Standing"]

OK, NOT_FOUND = 200, 404

NOT_ASKED = "not asked yet"
"""The problem of a witness that has been shown nothing since the start."""

_LONGEST_S = 30.0
"""Longest wait before a witness that fails is asked again."""

_BELIEVED_S = 86_400.0
"""How long after a signature its time tells how two clocks differ."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a witness is, as far as the log knows."""

    name: str
    size: int
    """How many entries it has cosigned."""
    problem: str
    """Why it did not sign when it was asked last; empty if it did."""
    offset_s: float | None
    """Its clock against ours as it is now, in seconds; none if it is not known."""


@dataclass(kw_only=True, slots=True)
class KnownWitness:
    """One address, with the keys that sign there."""

    url: str
    keys: list[Verifier] = field(default_factory=list)
    size: int = 0
    problem: str = NOT_ASKED
    failures: int = 0
    again_s: float = 0.0
    """When it may be asked again, on a clock that only goes on."""
    signed_s: float | None = None
    """When it signed last, by that clock."""
    said_s: int = 0
    """What time it was then, as it said (Unix seconds)."""

    @property
    def where(self) -> str:
        """The witness, as a sentence begins with it."""
        return f"the witness {self.keys[0].name}"

    def standing(self, now_s: float, unix_s: float) -> Standing:
        """Return how it is, at a time by both clocks."""
        offset_s = None
        if self.signed_s is not None and now_s - self.signed_s < _BELIEVED_S:
            offset_s = self.said_s + (now_s - self.signed_s) - unix_s
        return Standing(
            name=self.keys[0].name,
            size=self.size,
            problem=self.problem,
            offset_s=offset_s,
        )

    def failed(self, problem: str, now_s: float) -> None:
        """Note why it did not sign; the second time in a row it is left in peace."""
        self.problem = problem
        wait_s = min(_LONGEST_S, 2.0 ** (self.failures - 1)) if self.failures else 0.0
        self.failures += 1
        self.again_s = now_s + wait_s

    def lines(self, body: bytes, note: bytes, now_s: float) -> bytes:
        """Return its lines over a checkpoint, if an answer has them.

        Raises:
            Malformed, ProofInvalid: the answer has none that hold.
        """
        lines, said = read_answer(body, note, self.keys)
        times = list(said.times.values())
        if not times or not all(times):
            raise ProofInvalid("no signature of its own with a time")
        self.size, self.signed_s, self.said_s = said.checkpoint.size, now_s, max(times)
        self.problem, self.failures, self.again_s = "", 0, 0.0
        return lines

    def shown(self, origin: str, answer: Answer | None) -> Said | str:
        """Return what it shows of a log, or why it shows nothing; "" if it has none.

        Only what it has signed itself counts: nobody on the way can stop a log.
        """
        if answer is None:
            return "does not answer"
        if answer.status == NOT_FOUND:
            return ""
        if answer.status != OK:
            return f"answers with status {answer.status}"
        try:
            found = cosignatures(Note.parse(answer.body), self.keys)
        except (Malformed, ProofInvalid) as error:
            return f"shows what it did not sign: {error}"
        if found.checkpoint.origin != origin or not any(found.times.values()):
            return "shows what it did not sign"
        self.size, self.said_s = found.checkpoint.size, max(found.times.values())
        return Said(where=self.where, note=answer.body)
