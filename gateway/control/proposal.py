"""What an activation would put into force, and whom it is told to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.acts import Activation
from gateway.canonical import Json
from gateway.ledger import Basis
from gateway.manifest import Manifest

__all__ = ["Proposal", "Running"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What the files come to now.

    ``bundle`` is the SHA-256 of the bundle's archive; ``attachments`` are public files
    that have to be durable with the activation: the archive, at
    ``policy/<sha256>.tar.gz``. The manifest goes with it, at ``manifest/<sha256>``.
    ``drafts`` are the packs in it that no lawyer has signed, ``packs`` all of them with
    their versions, ``proofs`` the claims that are proved of it.
    """

    policy: str
    bundle: str
    manifest: Manifest
    witness: str
    attachments: Mapping[str, bytes]
    drafts: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()

    @property
    def drafts_word(self) -> str:
        """The drafts as an act names them."""
        return ",".join(self.drafts) or "none"

    @property
    def basis(self) -> Basis:
        """What entries made under it name."""
        return Basis(policy=self.policy, manifest=self.manifest.digest)

    @property
    def files(self) -> Mapping[str, bytes]:
        """Every public file of an activation."""
        name = f"manifest/{self.manifest.digest}"
        return {**self.attachments, name: self.manifest.text.encode()}


class Running(Protocol):
    """What a running gateway adds; a command without one has a stand-in."""

    async def basis(self) -> Basis:
        """Return the bundle and manifest that entries name now."""

    async def activated(self, activation: Activation, proposal: Proposal) -> str:
        """Take a new activation over; return a sentence that says what happened."""

    async def looked_at(self) -> None:
        """Ask every engine its known questions, before a closing is over.

        Raises:
            NotDone: one does not answer right.
        """

    def reopened(self) -> str:
        """Answer again; return a sentence."""

    async def stop(self) -> str:
        """Begin to end; return a sentence."""

    def settled(self, task: str) -> None:
        """Take note that somebody closed a task."""

    def known(self, scope: str) -> Collection[str] | None:
        """Return the families, agencies or datasets there are; None if unknown."""

    def status(self) -> Mapping[str, Json]:
        """Return what is worth saying of it."""
