"""What an auditor runs: the whole log against its signed checkpoint.

1. The checkpoint: signed by the log's key, dated by its time key, cosigned by whom.
2. Every entry hashed again, every tile compared, the root compared.
3. An earlier checkpoint that the auditor kept: the same log, only longer.
4. The leaves: shape, time, schema changes; the acts they name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit.b64 import b64encode
from audit.checking import Checking
from audit.checkpoint import Checkpoint, Cosigned
from audit.errors import (
    CannotTell,
    KeyOutOfWindow,
    Malformed,
    OtherKeySigned,
    ProofInvalid,
    SourceUnreadable,
)
from audit.finding import Finding, Kind
from audit.keychanges import KeyChanges
from audit.keyring import Keyring
from audit.leaffacts import BasisRun, LeafFacts
from audit.note import Note, Verifier
from audit.policyfile import Policy
from audit.reading import Source
from audit.report import Report, date_text
from audit.rotation import followed, handed_to

__all__ = ["Opened", "Trust", "opened", "verify"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """The keys that a verifier brings, and its policy file if it has one."""

    keys: Sequence[Verifier] = ()
    policy: Policy | None = None
    roster: str = ""
    """Digest of the first roster, as it was made known; empty if nobody said."""

    @property
    def all_keys(self) -> list[Verifier]:
        """Every key whose line must hold."""
        if self.policy is None:
            return list(self.keys)
        return [*self.keys, *self.policy.logs, *self.policy.cosigners]

    def witnessed(self, cosigned: Cosigned) -> bool:
        """Whether the policy's quorum, of others than the log, has cosigned."""
        origin = cosigned.checkpoint.origin
        own = {origin, f"{origin}/time", f"{origin}/receipt"}
        # A zero is the time of who does not say that this was the newest it knew.
        outside = [k for k, at in cosigned.times.items() if at and k.name not in own]
        return self.policy is not None and self.policy.satisfied(outside)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A log's checkpoint, and the keys that it was opened with."""

    cosigned: Cosigned
    keyring: Keyring

    @property
    def checkpoint(self) -> Checkpoint:
        """What the checkpoint says."""
        return self.cosigned.checkpoint

    @property
    def note(self) -> bytes:
        """The checkpoint as it was read."""
        return self.cosigned.note.pack()


def verify(
    source: Source,
    trust: Trust,
    *,
    since: bytes | None = None,
    leaves: bool = True,
    jobs: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Check a log: all of it, or what is new. Never raises for what the log holds.

    Args:
        source: the log.
        trust: whom to believe.
        since: a checkpoint, or a file of :mod:`audit.kept`, of a verification before
            this one: only what came after it is read.
        leaves: whether to read what the entries say.
        jobs: processes that share the work.
        progress: told how many entries were checked.
    """
    report = Report()
    try:
        found = opened(source, trust, report)
        if found is None:
            return report
        signed = KeyChanges(
            source=source,
            report=report,
            cosigned=found.cosigned,
            keyring=found.keyring,
        )
        checking = Checking(
            source=source,
            note=found.note,
            checkpoint=found.checkpoint,
            keyring=found.keyring,
            report=report,
            public=_public(source, signed, trust),
            roster=bool(trust.roster),
            leaves=leaves,
            jobs=jobs,
            progress=progress,
        )
        checking.run(since)
    except SourceUnreadable as error:
        report.doubts.append(str(error))
    return report


def _public(
    source: Source, signed: KeyChanges, trust: Trust
) -> Callable[[LeafFacts, Sequence[BasisRun] | None], None]:
    """Return what checks what leaves name, after all of them were read."""

    def check(facts: LeafFacts, before: Sequence[BasisRun] | None) -> None:
        # Only who reads what entries say waits for the modules that read acts.
        from audit.publicfiles import check_public  # noqa: PLC0415 - as said

        report, roster = signed.report, trust.roster
        check_public(source, facts, report, signed, before=before, roster=roster)

    return check


def opened(source: Source, trust: Trust, report: Report) -> Opened | None:
    """Read the checkpoint and check its lines; tell the report.

    Keys that the log gave up are followed to those that came after.

    Raises:
        SourceUnreadable: it could not be read.
    """
    data = source.read("checkpoint")
    if data is None:
        report.doubts.append("there is no checkpoint: is this a log?")
        return None
    try:
        note = Note.parse(data)
        checkpoint = Checkpoint.parse(note.text)
        keyring = _followed(source, trust, checkpoint.origin, report)
        if keyring is None:
            return None
        if trust.all_keys:
            cosigned = keyring.open(data)
        else:
            cosigned = Cosigned(checkpoint=checkpoint, note=note, times={})
            report.doubts.append("no key was given: nobody knows who signed this")
    except CannotTell as error:
        report.doubts.append(f"the checkpoint: {error}")
        return None
    except (Malformed, ProofInvalid) as error:
        if isinstance(error, OtherKeySigned):
            doubt = _changed(trust.all_keys, Note.parse(data), source)
            if doubt is not None:
                report.doubts.append(f"the checkpoint: {error}{doubt}")
                return None
        late = isinstance(error, KeyOutOfWindow)
        kind = Kind.KEY_OUT_OF_WINDOW if late else Kind.CHECKPOINT_FORGED
        found = Finding(where="checkpoint", reason=str(error), kind=kind)
        report.findings.append(found)
        return None
    _tell(cosigned, trust, report)
    return Opened(cosigned=cosigned, keyring=keyring)


def _changed(keys: Sequence[Verifier], note: Note, source: Source) -> str | None:
    """Return what is to be said where keys were changed for given ones, or may be.

    None where nothing speaks for it.
    """
    try:
        return "" if handed_to(keys, note, source) else None
    except SourceUnreadable as error:
        return f"; whether it has is not seen: {error}"


def _followed(
    source: Source, trust: Trust, origin: str, report: Report
) -> Keyring | None:
    """Return the keys given and those that follow them, if what lies there holds."""
    try:
        return followed(source, trust.all_keys, origin)
    except ProofInvalid as error:
        kind = Kind.FILE_CHANGED
        found = Finding(where="checkpoint", reason=str(error), kind=kind)
        report.findings.append(found)
        return None


def _tell(cosigned: Cosigned, trust: Trust, report: Report) -> None:
    """Tell the report what a checkpoint says, and who has signed it."""
    checkpoint = cosigned.checkpoint
    for key in cosigned.unchecked:
        report.doubts.append(
            f"the ML-DSA line of {key.name}: this cryptography has none; take a newer"
            " one, or give Ed25519 keys alone (log.vkey)"
        )
    report.witnessed = trust.witnessed(cosigned)
    report.facts |= {
        "origin": checkpoint.origin,
        "entries": checkpoint.size,
        "root": checkpoint.root.hex(),
        "root_base64": b64encode(checkpoint.root),
    }
    if cosigned.seconds is not None:
        report.facts["signed_at_unix_s"] = cosigned.seconds
        report.facts["signed_at"] = date_text(cosigned.seconds)
    elif trust.all_keys:
        report.notices.append("the checkpoint's time was not checked: no key for it")
