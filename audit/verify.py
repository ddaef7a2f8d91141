"""What an auditor runs: the whole log against its signed checkpoint.

1. The checkpoint: signed by the log's key, dated by its time key, cosigned by whom.
2. Every entry hashed again, every tile compared, the root compared.
3. An earlier checkpoint that the auditor kept: the same log, only longer.
4. The leaves: shape, time, schema changes; the acts they name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.checkpoint import Checkpoint, Cosigned, open_checkpoint
from audit.encoding import decode
from audit.errors import AuditError, Malformed, ProofInvalid, SourceUnreadable
from audit.leafcheck import LeafFacts
from audit.locate import Finding
from audit.note import Note, Verifier
from audit.policyfile import Policy
from audit.reading import Source
from audit.report import Report
from audit.treecheck import TreeCheck, check_tree

__all__ = ["Trust", "opened", "verify"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """The keys that a verifier brings, and its policy file if it has one."""

    keys: Sequence[Verifier] = ()
    policy: Policy | None = None

    @property
    def all_keys(self) -> list[Verifier]:
        """Every key whose line must hold."""
        if self.policy is None:
            return list(self.keys)
        return [*self.keys, *self.policy.logs, *self.policy.cosigners]

    def witnessed(self, cosigned: Cosigned) -> bool:
        """Whether the policy's quorum, of others than the log, has cosigned."""
        return self.policy is not None and self.policy.satisfied(cosigned.times)


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
        cosigned = opened(source, trust, report)
        if cosigned is None:
            return report
        checkpoint = cosigned.checkpoint
        check = check_tree(
            source,
            size=checkpoint.size,
            root=checkpoint.root,
            leaves=leaves,
            jobs=jobs,
            progress=progress,
        )
        report.findings += check.findings
        if since is not None:
            earlier = _earlier(trust, since, report)
            if earlier is not None:
                _continues(source, earlier, check, report)
        if leaves and not check.findings:
            _leaves(source, check.facts, report)
    except SourceUnreadable as error:
        report.doubts.append(str(error))
    return report


def opened(source: Source, trust: Trust, report: Report) -> Cosigned | None:
    """Read the checkpoint and check its lines; tell the report.

    Raises:
        SourceUnreadable: it could not be read.
    """
    data = source.read("checkpoint")
    if data is None:
        report.doubts.append("there is no checkpoint: is this a log?")
        return None
    try:
        if trust.all_keys:
            cosigned = open_checkpoint(data, trust.all_keys)
        else:
            note = Note.parse(data)
            checkpoint = Checkpoint.parse(note.text)
            cosigned = Cosigned(checkpoint=checkpoint, note=note, times={})
            report.doubts.append("no key was given: nobody knows who signed this")
    except (Malformed, ProofInvalid) as error:
        report.findings.append(Finding(where="checkpoint", reason=str(error)))
        return None
    report.witnessed = trust.witnessed(cosigned)
    checkpoint = cosigned.checkpoint
    report.facts |= {
        "origin": checkpoint.origin,
        "entries": checkpoint.size,
        "root": checkpoint.root.hex(),
    }
    if cosigned.seconds is not None:
        report.facts["signed_at_unix_s"] = cosigned.seconds
    elif trust.all_keys:
        report.notices.append("the checkpoint's time was not checked: no key for it")
    return cosigned


def _earlier(trust: Trust, since: bytes, report: Report) -> Checkpoint | None:
    try:
        return open_checkpoint(since, trust.all_keys).checkpoint
    except (Malformed, ProofInvalid) as error:
        report.doubts.append(f"the earlier checkpoint: {error}")
        return None


def _continues(
    source: Source, before: Checkpoint, check: TreeCheck, report: Report
) -> None:
    """Check that an earlier checkpoint is one of the same, only shorter, log."""
    if before.size > check.size:
        reason = f"had {before.size} entries before, {check.size} now"
    elif check.findings:
        return  # what is wrong is said already
    elif check.root_at(before.size, source) != before.root:
        reason = f"its first {before.size} entries are not those signed before"
    else:
        report.facts["since_entries"] = before.size
        return
    report.findings.append(Finding(where="checkpoint", reason=f"rewritten: {reason}"))


def _leaves(source: Source, facts: LeafFacts, report: Report) -> None:
    report.findings += [
        Finding(where="leaf", reason=reason, index=index)
        for index, reason in facts.faults
    ]
    for index, cfg, members in facts.schemas:
        _schema(source, index, cfg, members, report)
    for index, act in facts.acts:
        _act(source, index, act, report)


def _schema(
    source: Source, index: int, cfg: str, members: frozenset[str], report: Report
) -> None:
    where = f"schema/{cfg}.json"
    data = source.read(where) if cfg else None
    if data is None:
        report.notices.append(f"entry {index}: schema {cfg or '(none)'} from here on")
        return
    named = None
    if sha256(data).hexdigest() == cfg:
        try:
            named = decode(data)["members"].keys()
        except (ValueError, TypeError, KeyError, AttributeError):
            named = None
    else:
        reason = "its bytes are not those that the leaves name"
        report.findings.append(Finding(where=where, reason=reason, index=index))
        return
    if named is not None and named != members:
        reason = "a leaf with other members than its schema"
        report.findings.append(Finding(where=where, reason=reason, index=index))
    report.notices.append(f"entry {index}: schema {cfg} from here on")


def _act(source: Source, index: int, act: str, report: Report) -> None:
    where = f"acts/{act}"
    data = source.read(where)
    if data is None:
        report.findings.append(Finding(where=where, reason="missing", index=index))
    elif sha256(data).hexdigest() != act:
        reason = "its bytes are not those that the entry names"
        report.findings.append(Finding(where=where, reason=reason, index=index))
    else:
        report.notices.append(f"entry {index}: {_signed(data)} act {act}")


def _signed(data: bytes) -> str:
    try:
        count = len(Note.parse(data).signatures)
    except AuditError:
        return "unsigned"
    return f"{count} signatures (not checked yet) on"
