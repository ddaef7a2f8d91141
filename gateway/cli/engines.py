"""Whether the policy engines can be used: for ``check``, ``serve`` and ``doctor``."""

from __future__ import annotations

import asyncio
import http.client
import importlib.util
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.cli.advice import AN_ENGINE
from gateway.cli.finding import Finding, mistaken, warning, well, wrong
from gateway.clock import Clock
from gateway.config import Config, OpaSection
from gateway.errors import EngineFault, InvalidFile, Mistake
from gateway.policy import Bundle
from gateway.policy.conformance import conform
from gateway.policy.credentials import read_credentials
from gateway.policy.embedded import have_embedded
from gateway.policy.engine import NoAnswer

if TYPE_CHECKING:
    from gateway.policy.opa import OpaServer

__all__ = ["engine_mistakes", "engines_looked_at"]

_WAIT_S = 5.0


def engine_mistakes(config: Config) -> Iterator[Mistake]:
    """Yield what would keep the engines from being opened."""
    if "embedded" in config.engines and not have_embedded():
        yield Mistake(
            path=f"{config.path.name}:engines",
            problem="names embedded, for which there is no wheel on this platform",
            advice="engines: [opa]",
        )
    if config.opa is None:
        return
    if importlib.util.find_spec("opa_client") is None:
        yield Mistake(
            path=f"{config.path.name}:engines",
            problem="names opa, whose client is not installed",
            advice="install sallyport-gateway[opa]",
        )
    try:
        read_credentials(config.opa)
    except InvalidFile as error:
        yield from error.mistakes


async def engines_looked_at(
    config: Config, bundle: Bundle, clock: Clock, *, serving: bool
) -> AsyncIterator[Finding]:
    """Yield how the OPA server is, if there is to be one.

    Args:
        config: names the engines.
        bundle: what the files come to.
        clock: the one clock.
        serving: whether a gateway runs that OPA can have polled.
    """
    opa = config.opa
    if opa is None:
        return
    mistakes = await asyncio.to_thread(lambda: [*engine_mistakes(config)])
    for item in mistakes:
        yield mistaken("opa", item)
    if mistakes:
        return
    for finding in await asyncio.to_thread(lambda: [*_closed(opa)]):
        yield finding
    yield await _asked(opa, bundle, clock, serving=serving)


def _closed(opa: OpaSection) -> Iterator[Finding]:
    """Yield whether its interface lets anybody do more than ask one question."""
    token = read_credentials(opa).token
    for who, headers in (
        ("anybody on this machine", {}),
        ("whoever has the token", {"Authorization": f"Bearer {token}"}),
    ):
        status = _status(opa, headers)
        if status == http.client.OK:
            yield wrong(
                "opa",
                f"{who} can read and write its policies",
                "start it as sallyport opa config says",
            )


def _status(opa: OpaSection, headers: dict[str, str]) -> int:
    """Return the status of a list of policies; 0 if nobody answers."""
    parts = urlsplit(opa.url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(
            host,
            parts.port,
            timeout=_WAIT_S,
            context=ssl.create_default_context(cafile=opa.ca_file),
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port or 80, timeout=_WAIT_S)
    )
    try:
        connection.request("GET", "/v1/policies", headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


async def _asked(
    opa: OpaSection, bundle: Bundle, clock: Clock, *, serving: bool
) -> Finding:
    """Ask it the known questions of the bundle that the files come to."""
    server = await asyncio.to_thread(_server, opa, clock)
    try:
        async with server:
            right = await conform(server.engine(bundle), bundle)
    except NoAnswer as error:
        lacks = error.fault in {EngineFault.UNDEFINED, EngineFault.REVISION}
        if lacks and not serving:
            said = "answers, and has not this bundle; it takes it when a gateway runs"
            return warning("opa", said, "start the gateway, and look again")
        said = f"{opa.url} {error.detail.removeprefix('opa: ')}"
        return wrong("opa", said, AN_ENGINE[error.fault])
    if not right:
        said = "answers known questions wrong"
        return wrong("opa", said, "install another version of it, then look again")
    return well("opa", f"{opa.url} has the bundle, and answers as it should")


def _server(opa: OpaSection, clock: Clock) -> OpaServer:
    from gateway.policy.opa import OpaServer  # noqa: PLC0415  # extra `opa`, and slow

    return OpaServer(
        url=opa.url,
        token=read_credentials(opa).token,
        deadline_s=opa.deadline_ms / 1000,
        monotonic=clock.monotonic,
        authority=opa.ca_file,
    )
