"""What an auditor runs: the whole log against its signed checkpoint.

1. The checkpoint: signed by the log's key, dated by its time key, cosigned by whom.
2. Every entry hashed again, every tile compared, the root compared.
3. An earlier checkpoint that the auditor kept: the same log, only longer.
4. The leaves: shape, time, schema changes; the acts they name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, Cosigned
from audit.errors import (
    CannotTell,
    Malformed,
    ProofInvalid,
    SourceUnreadable,
)
from audit.keychanges import KeyChanges
from audit.keyring import Keyring
from audit.locate import Finding
from audit.note import Note, Verifier, b64encode
from audit.policyfile import Policy
from audit.publicfiles import check_public
from audit.reading import Source
from audit.report import Report, date_text
from audit.rotation import followed
from audit.treecheck import TreeCheck, check_tree

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
    """Check a whole log. Never raises for what the log holds: the report says it."""
    report = Report()
    try:
        found = opened(source, trust, report)
        if found is None:
            return report
        checkpoint = found.checkpoint
        check = check_tree(
            source,
            size=checkpoint.size,
            root=checkpoint.root,
            leaves=leaves,
            jobs=jobs,
            progress=progress,
        )
        report.findings += check.findings
        if check.reaches > check.size:
            report.notices.append(
                f"tiles of {check.reaches} entries lie here: the checkpoint is older"
                " than they are (a log that goes on, or an old checkpoint put back)"
            )
        if since is not None:
            earlier = _earlier(found.keyring, since, report)
            if earlier is not None and _continues(source, earlier, check, report):
                report.facts["since_entries"] = earlier.size
        if not check.findings:
            _periods(source, found, check, report)
        if leaves and not check.findings:
            signed = KeyChanges(
                source=source,
                report=report,
                cosigned=found.cosigned,
                keyring=found.keyring,
            )
            check_public(source, check.facts, report, signed, roster=trust.roster)
    except SourceUnreadable as error:
        report.doubts.append(str(error))
    return report


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
        keyring = followed(source, trust.all_keys, checkpoint.origin)
        if trust.all_keys:
            cosigned = keyring.open(data)
        else:
            cosigned = Cosigned(checkpoint=checkpoint, note=note, times={})
            report.doubts.append("no key was given: nobody knows who signed this")
    except CannotTell as error:
        report.doubts.append(f"the checkpoint: {error}")
        return None
    except (Malformed, ProofInvalid) as error:
        report.findings.append(Finding(where="checkpoint", reason=str(error)))
        return None
    _tell(cosigned, trust, report)
    return Opened(cosigned=cosigned, keyring=keyring)


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


def _earlier(keys: Keyring, since: bytes, report: Report) -> Checkpoint | None:
    try:
        return keys.open(since).checkpoint
    except (CannotTell, Malformed, ProofInvalid) as error:
        report.doubts.append(f"the earlier checkpoint: {error}")
        return None


def _continues(
    source: Source, before: Checkpoint, check: TreeCheck, report: Report
) -> bool:
    """Whether an earlier checkpoint is of the same, only shorter, log; tell if not."""
    if before.size > check.size:
        reason = f"had {before.size} entries before, {check.size} now"
    elif check.findings:
        return False  # what is wrong is said already
    elif check.root_at(before.size, source) != before.root:
        reason = f"its first {before.size} entries are not those signed before"
    else:
        return True
    report.findings.append(Finding(where="checkpoint", reason=f"rewritten: {reason}"))
    return False


def _periods(source: Source, found: Opened, check: TreeCheck, report: Report) -> None:
    """Check that what each set of keys signed last is the start of this tree."""
    for period in found.keyring.periods:
        if period.handed is not None:
            _continues(source, period.handed, check, report)
