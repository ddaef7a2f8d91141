"""What commands can do to a gateway that runs: activation takes over at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Mapping

from gateway.acts import Activation
from gateway.canonical import Json
from gateway.config import Config
from gateway.control import Actions, Proposal
from gateway.in_force import Written, put_in_force, read_files
from gateway.ledger import Basis
from gateway.services import Services, witness_word

__all__ = ["actions_of", "propose"]

_TAKEN_OVER = ("catalogue/", "agencies.yaml")
"""Files of the manifest that a running gateway takes over without a restart."""


async def propose(config: Config) -> tuple[Proposal, Written]:
    """Return what the files come to now, and their content.

    Raises:
        InvalidFile: with every mistake of the first kind of file that has any.
    """
    written = await asyncio.to_thread(read_files, config)
    archive = written.bundle.archive()
    sha256 = hashlib.sha256(archive).hexdigest()
    proposal = Proposal(
        policy=written.bundle.revision,
        bundle=sha256,
        manifest=written.manifest,
        witness=witness_word(config),
        attachments={f"policy/{sha256}.tar.gz": archive},
    )
    return proposal, written


class _Running:
    """The running gateway, as commands see it."""

    def __init__(self, *, services: Services, stop: Callable[[], None]) -> None:
        self._services = services
        self._manifest = services.manifest
        self._stop = stop
        self._written: Written | None = None

    async def proposed(self) -> Proposal:
        """Look at the files; what was read is what an activation takes over."""
        proposal, self._written = await propose(self._services.config)
        return proposal

    async def basis(self) -> Basis:
        """Return the bundle and manifest that entries name now."""
        law = self._services.in_force
        return Basis(policy=law.policy.revision, manifest=law.manifest)

    async def activated(self, activation: Activation, proposal: Proposal) -> str:
        """Take a new activation over, or close until a restart does.

        From its entry on the old law is not applied any more, so what cannot be
        taken over while running closes the gateway.
        """
        standing, written = self._services.standing, self._written
        changed = self._manifest.difference(proposal.manifest)
        fixed = [name for name in changed if not name.startswith(_TAKEN_OVER)]
        if written is None or fixed:
            standing.close("activated files need a restart")
            return f"restart the gateway: {', '.join(fixed)} changed"
        standing.activate(await put_in_force(written), at_ms=activation.at_ms)
        self._services.authenticator.use(written.registry)
        self._manifest = proposal.manifest
        return f"number {activation.counter} is in force"

    async def stop(self) -> str:
        """Begin to end."""
        self._stop()
        return "stopping: pages in flight finish"

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

    def status(self) -> Mapping[str, Json]:
        """Return what is worth saying of it."""
        witnessing = self._services.ledger.witnessing
        return {
            "running": True,
            "entries": self._services.log.size,
            "in_flight": self._services.flights.count,
            "closed": self._services.standing.closed,
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
        papers_key=services.ledger.keys.papers,
        propose=running.proposed,
        running=running,
    )
