"""Collects cosignatures: asks every witness of the trust policy (C2SP tlog-witness).

A checkpoint that was signed is shown to all of them at once; whatever lines come back
in time are published with it. A witness that does not answer is asked again, less and
less often; nobody who waits for an entry waits for a witness. A witness that has seen
more of the log than is stored here, or something else, stops the log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from audit.addcheckpoint import SIZE_TYPE, AddCheckpoint, joined, read_size
from audit.asker import Answer, Asker, Question
from audit.checkpoint import Checkpoint, cosignatures
from audit.elsewhere import Said, compare, rolled_back
from audit.errors import AuditError, Malformed, ProofInvalid, SourceUnreadable
from audit.keyring import Keyring
from audit.note import Note
from audit.policyfile import Policy
from audit.proof import consistency, stored_root
from audit.reading import Source
from audit.standing import OK, KnownWitness, Standing
from audit.vkey import Verifier

__all__ = ["LIMIT_S", "Cosigner", "Signed"]

LIMIT_S = 1.0
"""How long all witnesses together may take."""

_CONFLICT, _UNPROCESSABLE = 409, 422
_ROUNDS = 2
"""A witness that was told a wrong old size says the right one: once more then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A checkpoint that the log has signed, and what stands behind it."""

    note: bytes
    tree: Source
    """The tiles, of this size or a larger one."""
    keys: Keyring
    """The log's keys."""
    stored: Callable[[], int]
    """How many entries are durable."""

    @property
    def head(self) -> Checkpoint:
        """What it says."""
        return Checkpoint.parse(Note.parse(self.note).text)

    def with_lines(self, lines: bytes) -> bytes:
        """Return a note of the same text with other lines."""
        return Note.parse(self.note).text.encode() + b"\n" + lines


class Cosigner:
    """The witnesses of a policy. For one thread at a time; its calls block."""

    def __init__(
        self,
        policy: Policy,
        *,
        asker: Asker,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
        limit_s: float = LIMIT_S,
    ) -> None:
        """Take whom to ask, how, and what time it is (Unix ms; seconds that go on)."""
        self._policy = policy
        self._asker = asker
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._limit_s = limit_s
        by_url: dict[str, KnownWitness] = {}
        for key in policy.cosigners:
            if key in policy.urls:
                url = policy.urls[key].rstrip("/")
                by_url.setdefault(url, KnownWitness(url=url)).keys.append(key)
        self._witnesses = tuple(by_url.values())

    @property
    def standings(self) -> list[Standing]:
        """How each witness is."""
        now_s, unix_s = self._monotonic(), self._now_ms() / 1000
        return [each.standing(now_s, unix_s) for each in self._witnesses]

    @property
    def offset_s(self) -> float | None:
        """How far the witness that agrees best with our clock is from it, in seconds.

        So none of several can make ours look wrong alone. None if nobody knows.
        """
        offsets = [
            each.offset_s for each in self.standings if each.offset_s is not None
        ]
        return min(offsets, key=abs, default=None)

    @property
    def earliest_s(self) -> int:
        """A time that it has been: the least of what the witnesses said last."""
        return min((each.said_s for each in self._witnesses if each.said_s), default=0)

    def satisfied(self, note: bytes) -> bool:
        """Whether a checkpoint has the cosignatures that the policy asks for."""
        return self._policy.satisfied(self._times(note))

    def lacking(self, note: bytes) -> bool:
        """Whether a witness has not signed a checkpoint yet."""
        return bool(self._unsigned(note))

    def _times(self, note: bytes) -> Mapping[Verifier, int]:
        """Return who has signed a checkpoint, and when; a time of 0 is none."""
        try:
            times = cosignatures(Note.parse(note), self._policy.cosigners).times
        except (Malformed, ProofInvalid):
            return {}
        return {key: at for key, at in times.items() if at}

    def _unsigned(self, note: bytes) -> list[KnownWitness]:
        signed = self._times(note).keys()
        return [each for each in self._witnesses if not signed >= set(each.keys)]

    # --- before the log is written ----------------------------------------

    def said(self, origin: str) -> tuple[list[Said], list[str]]:
        """Ask every witness for the latest checkpoint of a log that it has cosigned.

        Returns what they have, and one sentence for each that can't be asked.
        """
        said: list[Said] = []
        problems: list[str] = []
        answers = self._latest(self._witnesses, origin)
        for each, answer in zip(self._witnesses, answers, strict=True):
            found = each.shown(origin, answer)
            if isinstance(found, Said):
                said.append(found)
            elif found:
                each.problem = found
                problems.append(f"{each.where} {found}")
        return said, problems

    def _latest(
        self, witnesses: Sequence[KnownWitness], origin: str
    ) -> Sequence[Answer | None]:
        path = f"{sha256(origin.encode()).hexdigest()}/checkpoint"
        questions = [Question(url=f"{each.url}/{path}") for each in witnesses]
        return self._asker.ask(questions, self._limit_s)

    # --- each checkpoint ---------------------------------------------------

    def cosign(self, signed: Signed) -> bytes:
        """Show a checkpoint to each witness that has not signed it; wait for the limit.

        Returns the note with all lines that came.

        Raises:
            LogBehind: a witness has seen more of the log than is stored.
            LogForked: a witness has seen something else.
        """
        note = signed.note
        now_s = self._monotonic()
        due = [each for each in self._unsigned(note) if each.again_s <= now_s]
        for _ in range(_ROUNDS):
            asked = [
                (each, question)
                for each in due
                if (question := self._question(each, signed)) is not None
            ]
            answers = self._asker.ask([each for _, each in asked], self._limit_s)
            due = []
            for (each, _), answer in zip(asked, answers, strict=True):
                lines = self._read(each, answer, signed)
                if lines is None:
                    due.append(each)
                elif lines:
                    note = joined(note, signed.with_lines(lines))
            if not due:
                break
        for each in due:
            self._failed(each, "says another size each time")
        return note

    def _failed(self, each: KnownWitness, problem: str) -> None:
        each.failed(problem, self._monotonic())

    def _question(self, each: KnownWitness, signed: Signed) -> Question | None:
        size = signed.head.size
        # A witness of a later size says so; nothing is to be proved to it.
        old = each.size if each.size <= size else 0
        try:
            proof = consistency(signed.tree, old, size) if old else ()
        except AuditError as error:
            self._failed(each, f"can't be shown a proof: {error}")
            return None
        request = AddCheckpoint(old=old, proof=proof, checkpoint=signed.note)
        return Question(url=f"{each.url}/add-checkpoint", body=request.pack())

    def _read(
        self, each: KnownWitness, answer: Answer | None, signed: Signed
    ) -> bytes | None:
        """Return a witness's lines, nothing if it did not sign, none to ask again."""
        try:
            if answer is None:
                self._failed(each, "does not answer")
            elif answer.status == OK:
                return each.lines(answer.body, signed.note, self._monotonic())
            elif answer.status == _CONFLICT and answer.kind == SIZE_TYPE:
                return self._other_size(each, read_size(answer.body), signed)
            else:
                self._failed(each, f"answers with status {answer.status}")
                if answer.status in {_CONFLICT, _UNPROCESSABLE}:
                    self._compare(each, signed)
        except (Malformed, ProofInvalid) as error:
            self._failed(each, f"answers what does not hold: {error}")
        return b""

    def _other_size(
        self, each: KnownWitness, size: int, signed: Signed
    ) -> bytes | None:
        """Take over the size that a witness has; refuse if it is more than there is."""
        each.size = size
        if size > signed.stored():
            self._compare(each, signed)
            # It shows nothing, and is one that the operator named and reached.
            raise rolled_back(each.where, size, signed.stored())
        if size > signed.head.size:
            each.problem = ""  # another process has shown it a later checkpoint
            return b""
        return None

    def _compare(self, each: KnownWitness, signed: Signed) -> None:
        """Compare the store with what a witness shows."""
        head, stored = signed.head, signed.stored()
        [answer] = self._latest([each], head.origin)
        said = each.shown(head.origin, answer)
        if not isinstance(said, Said) or head.size < each.size <= stored:
            return  # nothing to compare, or not in these tiles yet
        with contextlib.suppress(ProofInvalid, SourceUnreadable):  # damaged tiles
            compare(
                [said],
                signed.keys,
                origin=head.origin,
                size=stored,
                root_at=partial(stored_root, signed.tree, head.size),
            )
