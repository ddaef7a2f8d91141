"""The engines that a configuration names: made for each bundle, kept for the process.

What outlives a bundle is here: the session with OPA, its breaker, the one doubt, and
the bundle that OPA is to take next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.circuit import BreakerState
from gateway.config import Config, OpaSection
from gateway.errors import Cause, Unavailable
from gateway.policy.bundle import Bundle
from gateway.policy.credentials import Credentials, read_credentials
from gateway.policy.doubt import Doubt
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import Engine
from gateway.policy.facade import Policy
from gateway.policy.panel import Failed
from gateway.policy.sign import signed

if TYPE_CHECKING:
    from gateway.policy.opa import OpaServer

__all__ = ["Engines", "Offer", "open_engines"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """The bundle that OPA polls: its entity tag and the bytes of its archive."""

    etag: str
    archive: bytes


class Engines:
    """Makes policies whose engines are those of the configuration."""

    def __init__(
        self,
        *,
        names: Sequence[str],
        doubt: Doubt,
        failed: Failed,
        opa: OpaServer | None = None,
        sign: Callable[[Bundle], Bundle] = lambda bundle: bundle,
    ) -> None:
        """Take the engines' names in order, and what they share."""
        self.doubt = doubt
        self._bundle: Bundle | None = None
        self._offer: Offer | None = None
        self._packing = asyncio.Lock()
        self._names = tuple(names)
        self._failed = failed
        self._opa = opa
        self._sign = sign

    @property
    def remote(self) -> bool:
        """Whether one of them is another process, which polls for its bundle."""
        return self._opa is not None

    @property
    def open(self) -> bool:
        """Whether the breaker of the OPA server refuses to ask it now."""
        return self._opa is not None and (
            self._opa.circuit.state is not BreakerState.CLOSED
        )

    def policy(self, bundle: Bundle) -> Policy:
        """Return a policy of a bundle.

        Raises:
            Unavailable: when an engine of this process does not take the bundle.
        """
        return Policy(
            bundle=bundle,
            make_engines=self._made,
            doubt=self.doubt,
            failed=self._failed,
        )

    def offer(self, bundle: Bundle) -> None:
        """Serve a bundle from now on to whoever polls."""
        self._bundle = bundle
        if self._opa is not None:
            self._opa.offered = bundle.revision

    @property
    def etag(self) -> str:
        """The entity tag of what is served: the same revision is the same law."""
        return f'"{self._bundle.revision}"' if self._bundle else ""

    async def offered(self) -> Offer:
        """Return what is served: signed and packed once, when it is first asked for.

        Raises:
            Unavailable: nothing is in force yet.
        """
        async with self._packing:
            bundle = self._bundle
            if bundle is None:
                raise Unavailable(Cause.POLICY_UNAVAILABLE, "no bundle is offered yet")
            if self._offer is None or self._offer.etag != self.etag:
                archive = await asyncio.to_thread(lambda: self._sign(bundle).archive())
                self._offer = Offer(etag=f'"{bundle.revision}"', archive=archive)
            return self._offer

    def _made(self, bundle: Bundle) -> Sequence[Engine]:
        return [self._one(name, bundle) for name in self._names]

    def _one(self, name: str, bundle: Bundle) -> Engine:
        if name == "opa" and self._opa is not None:
            return self._opa.engine(bundle)
        return EmbeddedEngine(bundle)


@asynccontextmanager
async def open_engines(
    config: Config,
    *,
    monotonic: Callable[[], float],
    failed: Failed,
    took: Callable[[float], None],
) -> AsyncIterator[Engines]:
    """Open what the engines of a configuration need, for the length of the block.

    Args:
        config: names the engines, and says where OPA is.
        monotonic: seconds; never run back.
        failed: told of each failure of an engine.
        took: told how long each answer of OPA took, in seconds.

    Raises:
        InvalidFile: a secret cannot be used.
        ImportError: opa is named, and the extra ``opa`` is not installed.
    """
    doubt = Doubt()
    if config.opa is None:
        yield Engines(names=config.engines, doubt=doubt, failed=failed)
        return
    credentials = await asyncio.to_thread(read_credentials, config.opa)
    server = await asyncio.to_thread(
        _server, config.opa, credentials, monotonic, took, doubt.distrust
    )
    key_id = config.opa.key_id
    async with server:
        yield Engines(
            names=config.engines,
            doubt=doubt,
            failed=failed,
            opa=server,
            sign=lambda bundle: signed(
                bundle, pem=credentials.signing_key, key_id=key_id
            ),
        )


def _server(
    opa: OpaSection,
    credentials: Credentials,
    monotonic: Callable[[], float],
    took: Callable[[float], None],
    opened: Callable[[], None],
) -> OpaServer:
    """Return the server of a configuration; the import takes a quarter of a second."""
    from gateway.policy.opa import OpaServer  # noqa: PLC0415  # extra `opa`, and slow

    return OpaServer(
        url=opa.url,
        token=credentials.token,
        deadline_s=opa.deadline_ms / 1000,
        monotonic=monotonic,
        authority=opa.ca_file,
        took=took,
        opened=opened,
    )
