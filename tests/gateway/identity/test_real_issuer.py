"""A real authorization server, a real TLS server, and the verifier between them."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web
from cryptography import x509
from cryptography.x509.oid import NameOID

from gateway.clock import SystemClock
from gateway.errors import Unauthenticated
from gateway.identity import (
    AgencyRegistry,
    Authenticator,
    ClientAuthorities,
    IssuerRules,
    Keys,
    RegistryWords,
    Verifier,
    bearer_token,
    peer_certificate,
    read_agencies,
    server_ssl_context,
)
from tests.gateway.identity.world import AUDIENCE, CHICAGO, FAMILIES

pytestmark = [pytest.mark.services, pytest.mark.slow]

AGENCIES = """
schema: sallyport.agencies/1
agencies:
  sheriff:
    title: Sample County Sheriff
    family: state_local
    client_ca: sheriff
    components: {office: {title: Office, class: local_le, oris: [IL0990000]}}
    clients: [{issuer: "ISSUER", client_id: sheriff-system}]
    agreements: [{id: mou, from: 2020-01-01}]
"""


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """A running authorization server and what belongs to it."""

    url: str
    folder: Path
    ca: trustme.CA
    client: trustme.LeafCert
    other: trustme.LeafCert

    def client_context(self, leaf: trustme.LeafCert | None) -> ssl.SSLContext:
        """TLS of a requester with this certificate."""
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        if leaf is not None:
            leaf.configure_cert(context)
        return context


@pytest.fixture(scope="module")
def unused_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def issuer(
    tmp_path_factory: pytest.TempPathFactory,
    require_tool: Callable[[str], Path],
    require_folder: Callable[[str], Path],
    repository: Path,
    unused_port: int,
) -> Iterator[Issuer]:
    """oidc-provider, started on a free port, with one registered client."""
    node = require_tool("node")
    modules = require_folder("oidc")
    folder = tmp_path_factory.mktemp("issuer")
    # A module is found beside the script that imports it.
    (folder / "node_modules").symlink_to(modules / "node_modules")
    script = shutil.copy(repository / "tests/tools/oidc/server.mjs", folder)
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    server = ca.issue_cert("localhost", "127.0.0.1")
    server.cert_chain_pems[0].write_to_path(str(folder / "server.pem"))
    server.private_key_pem.write_to_path(str(folder / "server.key"))
    client = ca.issue_cert("s@sheriff.example", common_name="sheriff-system")
    other = ca.issue_cert("o@sheriff.example", common_name="sheriff-other")
    config = {
        "port": unused_port,
        "certificate": str(folder / "server.pem"),
        "key": str(folder / "server.key"),
        "clientCa": str(folder / "ca.pem"),
        "audience": AUDIENCE,
        "clients": [
            {
                "client_id": "sheriff-system",
                "subject_dn": _subject(client),
                "claims": {"sub": "deputy-9", "employer_ori": "IL0990000", "aal": 2},
            }
        ],
    }
    (folder / "config.json").write_text(json.dumps(config))
    process = subprocess.Popen(
        [node, "--preserve-symlinks", script, folder / "config.json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready "), process.communicate(timeout=5)[1]
        yield Issuer(
            url=line.split()[1], folder=folder, ca=ca, client=client, other=other
        )
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _subject(leaf: trustme.LeafCert) -> str:
    """A certificate's subject as Node writes it: one attribute a line."""
    certificate = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    names = {
        NameOID.ORGANIZATION_NAME: "O",
        NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
        NameOID.COMMON_NAME: "CN",
    }
    return "\n".join(
        f"{names[item.oid]}={item.value!s}" for item in certificate.subject
    )


async def token_of(issuer: Issuer) -> str:
    """Get a token as a requester's system does: with its certificate."""
    async with aiohttp.ClientSession() as session:
        answer = await session.post(
            f"{issuer.url}/token",
            data={"grant_type": "client_credentials", "client_id": "sheriff-system"},
            ssl=issuer.client_context(issuer.client),
        )
        body = await answer.json()
    assert answer.status == 200, body
    token: str = body["access_token"]
    return token


@asynccontextmanager
async def gateway(issuer: Issuer) -> AsyncIterator[str]:
    """An aiohttp server that terminates mutual TLS and says who asks."""
    authenticator: Authenticator

    async def who(request: web.Request) -> web.Response:
        """Answer with the requester, or with the reason word."""
        try:
            certificate = peer_certificate(request.transport)
            token = bearer_token(request.headers.getall("Authorization", []))
            requester = await authenticator.authenticate(token, certificate)
        except Unauthenticated as error:
            return web.json_response({"reason": error.reason}, status=401)
        return web.json_response(
            {
                "class": requester.requester_class,
                "agreement": requester.agreement,
                "person": requester.person,
                "aal": requester.aal,
            }
        )

    clock = SystemClock()
    folder = issuer.folder
    cas = {"sheriff": folder / "ca.pem"}
    app = web.Application()
    app.router.add_get("/who", who)
    runner = web.AppRunner(app)
    async with asyncio.TaskGroup() as group:
        rules = IssuerRules(
            issuer=issuer.url,
            audience=AUDIENCE,
            algorithms=("ES256",),
            discovery=f"{issuer.url}/.well-known/openid-configuration",
            ca_file=folder / "ca.pem",
        )
        async with Keys(issuers=[rules], clock=clock).refreshing(group) as keys:
            authenticator = Authenticator(
                verifier=Verifier(keys=keys, clock=clock),
                authorities=await asyncio.to_thread(ClientAuthorities, cas),
                registry=await asyncio.to_thread(_registry, issuer),
                clock=clock,
            )
            await runner.setup()
            context = await asyncio.to_thread(
                server_ssl_context,
                certificate=folder / "server.pem",
                key=folder / "server.key",
                client_cas=cas,
            )
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
            await site.start()
            try:
                port = runner.addresses[0][1]
                yield f"https://localhost:{port}/who"
            finally:
                await runner.cleanup()


def _registry(issuer: Issuer) -> AgencyRegistry:
    """The registry in which the issuer's client is the sheriff's."""
    path = issuer.folder / "agencies.yaml"
    path.write_text(AGENCIES.replace("ISSUER", issuer.url))
    file = read_agencies(path, RegistryWords(classes=FAMILIES))
    return AgencyRegistry(file, zone=CHICAGO, families=FAMILIES)


async def _asked(
    url: str, context: ssl.SSLContext, token: str | None
) -> tuple[int, dict[str, object]]:
    """Ask the gateway once, on a connection of its own."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session:
        answer = await session.get(url, ssl=context, headers=headers)
        return answer.status, await answer.json()


async def test_a_real_servers_token_is_accepted_over_mutual_tls(issuer: Issuer) -> None:
    """A certificate-bound token of a real server names the person and the agency."""
    token = await token_of(issuer)
    async with gateway(issuer) as url:
        status, body = await _asked(url, issuer.client_context(issuer.client), token)

    assert status == 200, body
    assert body["class"] == "local_le"
    assert body["agreement"] == "in_force"
    assert body["aal"] == 2
    assert body["person"]


async def test_the_same_token_with_another_certificate_is_refused(
    issuer: Issuer,
) -> None:
    """A stolen token is of no use with a certificate of the same authority."""
    token = await token_of(issuer)
    async with gateway(issuer) as url:
        answer = await _asked(url, issuer.client_context(issuer.other), token)

    assert answer == (401, {"reason": "binding-mismatch"})


async def test_no_token_is_refused_and_no_certificate_gets_no_connection(
    issuer: Issuer,
) -> None:
    """Without a token 401; without a certificate TLS itself ends the connection."""
    token = await token_of(issuer)
    async with gateway(issuer) as url:
        answer = await _asked(url, issuer.client_context(issuer.client), None)
        with pytest.raises((aiohttp.ClientError, OSError)):
            await _asked(url, issuer.client_context(None), token)

    assert answer == (401, {"reason": "token-missing"})


async def test_a_certificate_of_another_authority_gets_no_connection(
    issuer: Issuer,
) -> None:
    """TLS admits certificates of the pinned authorities only."""
    stranger = trustme.CA().issue_cert("s@sheriff.example")
    async with gateway(issuer) as url:
        with pytest.raises((aiohttp.ClientError, OSError)):
            await _asked(url, issuer.client_context(stranger), await token_of(issuer))
