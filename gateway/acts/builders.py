"""One builder for each act. Each returns a statement; none writes anything."""

from __future__ import annotations

import hashlib
import hmac

from gateway.acts.statement import Statement

__all__ = [
    "activation",
    "closing",
    "cutoff",
    "cutoff_lift",
    "genesis",
    "paper",
    "paper_commitment",
    "reopening",
    "start",
    "stop",
]


def genesis(*, origin: str, cfg: str) -> Statement:
    """Index 0 of every log: the first roster, empty until acts are signed.

    Args:
        origin: the log's name.
        cfg: SHA-256 of the leaf model in force.
    """
    return _statement(origin, "genesis", 0, "setup", roster="empty", cfg=cfg)


def activation(
    *,
    origin: str,
    counter: int,
    policy: str,
    bundle: str,
    manifest: str,
    witness: str,
    reason: str,
) -> Statement:
    """From this entry on, this bundle and this manifest are in force together.

    Args:
        origin: the log's name.
        counter: how many activations came before.
        policy: revision of the bundle.
        bundle: SHA-256 of its archive, durable at ``policy/<sha256>.tar.gz``.
        manifest: digest of the manifest.
        witness: ``none``, ``demo`` or ``quorum``: who outside watches the log.
        reason: a word of ``REASONS``.
    """
    return _statement(
        origin,
        "activation",
        counter,
        reason,
        policy=policy,
        bundle=bundle,
        manifest=manifest,
        witness=witness,
    )


def cutoff(
    *, origin: str, counter: int, scope: str, name: str, reason: str
) -> Statement:
    """Nothing is released to, or from, what is named, until it is lifted.

    Args:
        origin: the log's name.
        counter: how many cut-offs came before; also this one's number.
        scope: a word of ``CUTOFF_SCOPES``.
        name: the family, agency or dataset; empty for ``all``.
        reason: a word of ``REASONS``.
    """
    return _statement(origin, "cutoff", counter, reason, scope=scope, name=name or "-")


def cutoff_lift(*, origin: str, counter: int, lifts: int, reason: str) -> Statement:
    """The cut-off with the number ``lifts`` no longer holds."""
    return _statement(origin, "cutoff-lift", counter, reason, lifts=str(lifts))


def paper(*, origin: str, counter: int, commitment: str, state: str) -> Statement:
    """A legal paper was found to be in a state (design: verification of papers).

    The public statement holds a commitment, not the document's own digest: whoever
    has the document could otherwise see in the public tree that it was looked at.
    """
    return _statement(
        origin, "paper", counter, "verified", paper=commitment, state=state
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


def start(
    *, origin: str, counter: int, activation: int, version: str, witness: str
) -> Statement:
    """The gateway started under an activation; ``counter`` numbers the run."""
    return _statement(
        origin,
        "start",
        counter,
        "operation",
        activation=str(activation),
        version=version,
        witness=witness,
    )


def stop(*, origin: str, counter: int, run: int) -> Statement:
    """The run with this number ended as it should; without one it was killed."""
    return _statement(origin, "stop", counter, "operation", run=str(run))


def closing(*, origin: str, counter: int) -> Statement:
    """The gateway closed itself: an engine was caught saying something wrong.

    What was asked and answered is in the entry's sealed part, for auditors.
    """
    return _statement(
        origin, "close", counter, "security_incident", cause="policy-disagreement"
    )


def reopening(*, origin: str, counter: int, reopens: int, reason: str) -> Statement:
    """An operator has looked: the closing with the number ``reopens`` is over."""
    return _statement(origin, "reopen", counter, reason, reopens=str(reopens))


def _statement(
    origin: str, act: str, counter: int, reason: str, **values: str
) -> Statement:
    return Statement(
        origin=origin,
        act=act,
        counter=counter,
        reason=reason,
        expires="never",
        values=tuple(values.items()),
    )
