"""Proof that a log broke a promise, in one file that anybody can check offline.

It holds the receipt, and a checkpoint that the log signed. Either the checkpoint was
signed after the promised delay and does not reach the receipt's index; or another leaf
stands at that index, and a path leads from it to the checkpoint's root.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit.b64 import b64decode, b64encode
from audit.checkpoint import Cosigned, open_checkpoint
from audit.encoding import Json, loaded
from audit.errors import AuditError, CannotTell, Malformed
from audit.finding import Finding, Kind
from audit.merkle import HASH_SIZE, verify_inclusion
from audit.receipt import Receipt, Statement
from audit.report import Report
from audit.vkey import Verifier

__all__ = ["ANOTHER", "MISSING", "Evidence", "judge"]

MISSING = "missing"
"""The claim that a checkpoint signed too late does not hold the entry."""

ANOTHER = "another-entry"
"""The claim that another entry stands at the index."""

REASONS: Mapping[str, str] = {
    MISSING: "signed after the promised delay, and the entry is not in it",
    ANOTHER: "another entry stands where the receipt promised this one",
}
_SCHEMA = "sallyport.evidence/1"
_MEMBERS = {"schema", "claim", "receipt", "checkpoint", "leaf_hash", "path"}
_MOST_HASHES = 63


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What is claimed, the receipt, the checkpoint, and the leaf that is there."""

    claim: str
    receipt: Receipt
    checkpoint: bytes
    leaf_hash: bytes = b""
    """The hash of the leaf at the index; empty where none is claimed."""
    path: tuple[bytes, ...] = ()

    def pack(self) -> bytes:
        """Return the file's bytes."""
        value = {
            "schema": _SCHEMA,
            "claim": self.claim,
            "receipt": self.receipt.to_json(),
            "checkpoint": self.checkpoint.decode(),
            "leaf_hash": b64encode(self.leaf_hash),
            "path": [b64encode(each) for each in self.path],
        }
        return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()

    @classmethod
    def parse(cls, data: bytes) -> Evidence:
        """Read the file.

        Raises:
            Malformed: ``evidence-json``, ``evidence-members``, ``evidence-claim``,
                ``evidence-hash``, or why the receipt in it is none.
        """
        try:
            value = loaded(data)
        except (ValueError, RecursionError):
            raise Malformed("evidence-json") from None
        if not isinstance(value, dict) or value.get("schema") != _SCHEMA:
            raise Malformed("evidence-json")
        checkpoint, path = value.get("checkpoint"), value.get("path")
        if value.keys() != _MEMBERS or not isinstance(checkpoint, str):
            raise Malformed("evidence-members")
        if value["claim"] not in [*REASONS]:
            raise Malformed("evidence-claim")
        if not isinstance(path, list) or len(path) > _MOST_HASHES:
            raise Malformed("evidence-hash")
        return cls(
            claim=value["claim"],
            receipt=Receipt.from_json(value["receipt"]),
            checkpoint=checkpoint.encode("utf-8", "surrogatepass"),
            leaf_hash=_hash(value["leaf_hash"]) if value["leaf_hash"] else b"",
            path=tuple(map(_hash, path)),
        )


def _hash(text: Json) -> bytes:
    data = b64decode(text, "evidence-hash") if isinstance(text, str) else b""
    if len(data) != HASH_SIZE:
        raise Malformed("evidence-hash")
    return data


def judge(evidence: Evidence, keys: Iterable[Verifier]) -> Report:
    """Say whether evidence shows that the log broke its promise. Never raises.

    A finding is proof against the log. Whatever does not hold in the file itself says
    nothing about the log: somebody else may have written it.
    """
    known, report = list(keys), Report(holds="it shows nothing against the log")
    report.facts |= {"claim": evidence.claim, "index": evidence.receipt.index}
    try:
        statement = evidence.receipt.statement(known)
        cosigned = open_checkpoint(evidence.checkpoint, known, shortened=True)
        _show(evidence, statement, cosigned)
    except AuditError as error:
        report.doubts.append(f"the evidence shows nothing: {error}")
    else:
        report.facts["origin"] = statement.origin
        report.findings.append(
            Finding(
                where="checkpoint",
                reason=REASONS[evidence.claim],
                index=evidence.receipt.index,
                kind=Kind.PROMISE_BROKEN,
            )
        )
    return report


def _show(evidence: Evidence, statement: Statement, cosigned: Cosigned) -> None:
    """Return if the claim is shown; any error of this package if not."""
    receipt, checkpoint = evidence.receipt, cosigned.checkpoint
    if statement.origin != checkpoint.origin:
        raise CannotTell("receipt and checkpoint are of two logs")
    if evidence.claim == ANOTHER:
        if evidence.leaf_hash == receipt.leaf_hash:
            raise CannotTell("the leaf there is the one that was promised")
        verify_inclusion(
            evidence.leaf_hash,
            receipt.index,
            checkpoint.size,
            evidence.path,
            checkpoint.root,
        )
        return
    if receipt.index < checkpoint.size:
        raise CannotTell("the checkpoint covers the index")
    if cosigned.seconds is None:
        raise CannotTell("the checkpoint's time was not checked: no key for it")
    if not statement.broken_at(cosigned.seconds):
        raise CannotTell("the checkpoint was signed within the promised delay")
