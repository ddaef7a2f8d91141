"""One builder for each act. Each returns a statement; none writes anything.

The counter is 0 until :meth:`gateway.acts.ActsInForce.numbered` sets it. ``expires``
and ``words`` are those of :class:`audit.act.Statement`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from audit.act import Statement

__all__ = [
    "activation",
    "closing",
    "cutoff",
    "cutoff_lift",
    "face_commitment",
    "genesis",
    "paper",
    "paper_commitment",
    "reopening",
    "replay",
    "roster",
    "start",
    "stop",
]


def genesis(
    *,
    origin: str,
    cfg: str,
    people: Iterable[str],
    expires: str,
    reason: str = "setup",
    words: str = "none",
) -> Statement:
    """Index 0 of every log: the first roster, in force at once.

    Args:
        origin: the log's name.
        cfg: SHA-256 of the leaf model in force.
        people: the roster's keys, as lines.
        expires: the instant from which it can't begin the log any more.
        reason: a word of ``REASONS``.
        words: the commitment to free text, or ``none``.
    """
    return _statement(
        origin, "genesis", reason, expires, words, people=sorted(people), cfg=cfg
    )


def replay(*, origin: str, policy: str, since: str) -> Statement:
    """Past questions, since a day YYYYMMDD or all, are put to the rules of a bundle."""
    return _statement(
        origin, "replay", "operation", "never", "none", policy=policy, since=since
    )


def roster(
    *,
    origin: str,
    people: Iterable[str],
    expires: str,
    reason: str = "staff_change",
    words: str = "none",
) -> Statement:
    """From a day after its entry on, these people decide, and nobody else."""
    return _statement(origin, "roster", reason, expires, words, people=sorted(people))


def activation(
    *,
    origin: str,
    policy: str,
    bundle: str,
    manifest: str,
    changes: str,
    witness: str,
    reason: str,
    expires: str,
    words: str = "none",
    checks: str = "none",
    drafts: str = "none",
) -> Statement:
    """From this entry on, this bundle and this manifest are in force together.

    Args:
        origin: the log's name.
        policy: revision of the bundle.
        bundle: SHA-256 of its archive, durable at ``policy/<sha256>.tar.gz``.
        manifest: digest of the manifest, durable at ``manifest/<sha256>``.
        changes: the kinds of what differs from the activation before.
        witness: ``none``, ``demo`` or ``quorum``: who outside watches the log.
        reason: a word of ``REASONS``.
        expires: the instant from which it can't be carried out any more.
        words: the commitment to free text, or ``none``.
        checks: digest of what was looked at before (``gateway.policy.gate``).
        drafts: the packs that no lawyer has signed, joined by commas, or ``none``.
    """
    return _statement(
        origin,
        "activation",
        reason,
        expires,
        words,
        policy=policy,
        bundle=bundle,
        manifest=manifest,
        changes=changes,
        witness=witness,
        checks=checks,
        drafts=drafts,
    )


def cutoff(*, origin: str, scope: str, name: str, reason: str) -> Statement:
    """Nothing is released to, or from, what is named, until it is lifted.

    Its counter is also the cut-off's number. Nobody has to sign it: it only closes,
    and a key that lies in a safe must not stand in its way.

    Args:
        origin: the log's name.
        scope: a word of ``CUTOFF_SCOPES``.
        name: the family, agency or dataset; empty for ``all``.
        reason: a word of ``REASONS``.
    """
    return _statement(
        origin, "cutoff", reason, "never", "none", scope=scope, name=name or "-"
    )


def cutoff_lift(
    *, origin: str, lifts: int, reason: str, expires: str, words: str = "none"
) -> Statement:
    """The cut-off with the number ``lifts`` no longer holds."""
    return _statement(origin, "cutoff-lift", reason, expires, words, lifts=str(lifts))


def paper(
    *,
    origin: str,
    commitment: str,
    state: str,
    face: str = "none",
    expires: str = "never",
    reason: str = "verified",
    words: str = "none",
) -> Statement:
    """A legal paper was found to be in a state (design: verification of papers).

    The public statement holds commitments, not the document's own digest: whoever
    has the document could otherwise see in the public tree that it was looked at.

    Args:
        origin: the log's name.
        commitment: to the document (:func:`paper_commitment`).
        state: a word of ``PAPER_STATES``.
        face: the commitment to what the register says of the paper
            (:func:`face_commitment`), where the state can require a release.
        expires: the instant from which it can't be recorded any more.
        reason: a word of ``REASONS``.
        words: the commitment to free text, or ``none``.
    """
    return _statement(
        origin,
        "paper",
        reason,
        expires,
        words,
        paper=commitment,
        state=state,
        face=face,
    )


def paper_commitment(secret: bytes, document_sha256: str) -> tuple[str, str]:
    """Return the commitment to a document and the salt that opens it, both hex.

    The salt is derived from the document under the gateway's key, so that the gateway
    can find the act again; auditors get the salt in the entry's sealed part and check
    SHA-256(salt, digest). Losing the key makes every paper unverified: refused.
    """
    document = bytes.fromhex(document_sha256)
    salt = hmac.digest(secret, b"paper" + document, "sha256")[:16]
    return hashlib.sha256(salt + document).hexdigest(), salt.hex()


def face_commitment(salt: str, face: str) -> str:
    """Return the commitment to what the register says of a paper, hex.

    Type, signer, scope, dates and whom it names: two people confirmed exactly that.
    Edited afterwards, the paper is one that nobody confirmed.
    """
    data = bytes.fromhex(salt) + b"face" + face.encode()
    return hashlib.sha256(data).hexdigest()


def start(*, origin: str, activation: int, version: str, witness: str) -> Statement:
    """The gateway started under an activation; the counter numbers the run."""
    return _statement(
        origin,
        "start",
        "operation",
        "never",
        "none",
        activation=str(activation),
        version=version,
        witness=witness,
    )


def stop(*, origin: str, run: int) -> Statement:
    """The run with this number ended as it should; without one it was killed."""
    return _statement(origin, "stop", "operation", "never", "none", run=str(run))


def closing(*, origin: str, cause: str) -> Statement:
    """The gateway closed itself until somebody has looked; ``cause`` says why.

    Where an engine was caught saying something wrong, what was asked and answered is
    in the entry's sealed part, for auditors.
    """
    return _statement(
        origin,
        "close",
        "security_incident",
        "never",
        "none",
        cause=cause,
    )


def reopening(*, origin: str, reopens: int, reason: str) -> Statement:
    """An operator has looked: the closing with the number ``reopens`` is over."""
    return _statement(origin, "reopen", reason, "never", "none", reopens=str(reopens))


def _statement(
    origin: str,
    act: str,
    reason: str,
    expires: str,
    words: str,
    *,
    people: Iterable[str] = (),
    **values: str,
) -> Statement:
    return Statement(
        origin=origin,
        act=act,
        counter=0,
        reason=reason,
        expires=expires,
        words=words,
        values=(*values.items(), *(("person", key) for key in people)),
    )
