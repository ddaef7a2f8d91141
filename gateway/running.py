"""What commands can do to a gateway that runs: activation takes over at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from gateway.acts import Activation
from gateway.canonical import Json
from gateway.config import Config
from gateway.control import Actions, NotDone, Proposal
from gateway.errors import GatewayError
from gateway.identity import read_face
from gateway.in_force import InForce, Written, put_in_force, read_files
from gateway.ledger import Basis
from gateway.policy.drafts import drafts_in, packs_in
from gateway.policy.proofs import held_of, require_proofs
from gateway.services import Services, witness_word
from gateway.upkeep import docket_of

__all__ = ["actions_of", "propose"]

_MOST_TRIED = 4
"""Proposals kept loaded at once; commands may overlap, and some come to nothing."""


async def propose(config: Config) -> tuple[Proposal, Written]:
    """Return what the files come to now, and their content.

    Raises:
        InvalidFile: with every mistake of the first kind of file that has any.
        Unproved: when it is not proved that the policy keeps to what it must.
    """
    written = await asyncio.to_thread(read_files, config)
    require_proofs(written.bundle)
    archive = await asyncio.to_thread(written.bundle.archive)
    sha256 = hashlib.sha256(archive).hexdigest()
    proposal = Proposal(
        policy=written.bundle.revision,
        bundle=sha256,
        manifest=written.manifest,
        witness=witness_word(config),
        attachments={f"policy/{sha256}.tar.gz": archive},
        drafts=tuple(drafts_in(written.bundle)),
        packs=tuple(packs_in(written.bundle)),
        proofs=tuple(held_of(written.bundle)),
    )
    return proposal, written


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tried:
    """Files that were read, and what they came to in the engines of this process."""

    written: Written
    law: InForce


class _Running:
    """The running gateway, as commands see it."""

    def __init__(self, *, services: Services, stop: Callable[[], None]) -> None:
        self._services = services
        self._stop = stop
        self._tried: dict[Basis, _Tried] = {}

    async def proposed(self) -> Proposal:
        """Look at the files, and try them; what was tried is what is taken over.

        A bundle that no engine takes, or that answers its known questions wrong, is
        refused here: before there is an entry, and with the old one still in force.
        """
        services = self._services
        try:
            proposal, written = await propose(services.config)
            law = await put_in_force(written, services.engines.policy)
        except GatewayError as error:
            services.telemetry.metrics.add("sallyport_activations_refused_total")
            services.telemetry.lines.error("reload-refused", error=type(error).__name__)
            raise
        self._tried[proposal.basis] = _Tried(written=written, law=law)
        while len(self._tried) > _MOST_TRIED:
            del self._tried[next(iter(self._tried))]
        return proposal

    async def basis(self) -> Basis:
        """Return the bundle and manifest that acts name now."""
        return self._services.standing.basis

    async def activated(self, activation: Activation, proposal: Proposal) -> str:
        """Take a new activation over; see :meth:`Takeover.take`."""
        takeover = self._services.takeover
        # In force it is kept elsewhere; here it would outlive the activation after it.
        tried = self._tried.pop(proposal.basis, None)
        if tried is None:
            return takeover.refuse(["what was tried"])
        taken, problem = await takeover.take(activation, tried.law, tried.written)
        if not taken:
            return problem
        said = f"number {activation.counter} is in force"
        return f"{said}, and nothing is released yet: {problem}" if problem else said

    async def looked_at(self) -> None:
        """Ask every engine its known questions.

        Raises:
            NotDone: one does not answer right.
        """
        problem = await self._services.succession.looked_at()
        if problem:
            raise NotDone(f"{problem}; it stays closed")

    def reopened(self) -> str:
        """Answer again after a doubt."""
        self._services.in_force.policy.reopen()
        return "open again"

    async def stop(self) -> str:
        """Begin to end."""
        self._stop()
        return "stopping: pages in flight finish"

    def settled(self, task: str) -> None:
        """Owe an answer anew that somebody closed, if another fault prevents it."""
        self._services.arrears.settled(task)

    def known(self, scope: str) -> Collection[str] | None:
        """Return the families, agencies or datasets there are."""
        law = self._services.in_force
        match scope:
            case "dataset":
                return law.catalogue.datasets.keys()
            case "family":
                return law.policy.vocabulary.families.keys()
            case "agency":
                return law.registry.agencies
            case _:
                return None

    def _closed(self) -> str:
        """Say why nothing is answered and what to do, or nothing."""
        standing = self._services.standing
        if standing.doubt.detail:
            return f"{standing.doubt.detail}; look, then run: sallyport reopen"
        if standing.restored:
            return (
                "the state is older than the log; put back the newest copy,"
                " or run: sallyport reopen"
            )
        return standing.closed

    def status(self) -> Mapping[str, Json]:
        """Return what is worth saying of it."""
        witnessing = self._services.ledger.witnessing
        return {
            "running": True,
            "entries": self._services.log.size,
            "in_flight": self._services.flights.count,
            "closed": self._closed(),
            "engines": list(self._services.in_force.policy.engines),
            "unwitnessed_seconds": round(witnessing.unwitnessed_s),
            "witnesses": [
                {"name": each.name, "entries": each.size, "problem": each.problem}
                for each in witnessing.standings
            ],
        }


def actions_of(services: Services, *, stop: Callable[[], None]) -> Actions:
    """Return what carries out commands on a running gateway."""
    running = _Running(services=services, stop=stop)
    return Actions(
        registrar=services.ledger.registrar,
        reviews=services.reviews,
        docket=docket_of(services),
        papers_key=services.ledger.keys.papers,
        propose=running.proposed,
        face=partial(read_face, services.config.instruments),
        running=running,
    )
