"""Certificates: what they are, whose they are, and what TLS lets through."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.errors import InvalidFile, Unauthenticated
from gateway.identity import (
    ClientAuthorities,
    Reason,
    binding,
    peer_certificate,
    server_ssl_context,
)
from tests.gateway.identity.signing import AgencyCA, der_of, thumbprint
from tests.gateway.identity.world import World


def test_a_certificate_is_read_with_its_authority(world: World) -> None:
    """Digests in both forms, validity in ms, and the one authority that issued it."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    end = dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    der = der_of(
        world.ice.ca.issue_cert("a@ice.example", not_before=start, not_after=end)
    )

    certificate = world.authorities.read(der)

    assert frozenset({"ice"}) == certificate.authorities
    assert hashlib.sha256(der).hexdigest() == certificate.sha256
    assert thumbprint(der) == certificate.thumbprint
    assert (start.timestamp() * 1000, end.timestamp() * 1000) == (
        certificate.not_before_ms,
        certificate.not_after_ms,
    )


def test_the_rfc_8705_form_of_a_known_digest() -> None:
    """The thumbprint is base64url of the raw digest, without padding."""
    assert thumbprint(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"


def test_a_look_alike_authority_is_not_the_authority(world: World) -> None:
    """A certificate that names our issuer, signed by another key, is not of ours."""
    name = x509.load_pem_x509_certificate(world.ice.ca.cert_pem.bytes()).subject
    key = ec.generate_private_key(ec.SECP256R1())
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    forged = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    der = forged.public_bytes(serialization.Encoding.DER)

    assert frozenset() == world.authorities.read(der).authorities


def test_a_file_of_several_issuers_pins_each(tmp_path: Path, world: World) -> None:
    """An authority may issue with an intermediate: the file names the issuers."""
    below = world.ice.ca.create_child_ca()
    path = tmp_path / "several.pem"
    path.write_bytes(world.ice.ca.cert_pem.bytes() + below.cert_pem.bytes())
    both = ClientAuthorities({"both": path})
    root_only = ClientAuthorities({"root": world.cas["ice"]})
    leaf = der_of(below.issue_cert("b@ice.example"))

    assert frozenset({"both"}) == both.read(leaf).authorities
    assert frozenset({"both"}) == both.read(world.ice.der).authorities
    assert frozenset() == root_only.read(leaf).authorities


def test_what_was_read_is_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of certificates pushes the oldest out and changes no answer."""
    monkeypatch.setattr(binding, "CACHE_ENTRIES", 2)
    leaves = [der_of(world.ice.ca.issue_cert(f"{n}@ice.example")) for n in range(4)]

    first = [world.authorities.read(leaf) for leaf in leaves]
    again = [world.authorities.read(leaf) for leaf in leaves]

    assert first == again
    assert len(world.authorities._known) == 2


@pytest.mark.parametrize("content", [b"", b"not a certificate", None])
def test_an_authority_without_a_certificate_is_named(
    tmp_path: Path, content: bytes | None
) -> None:
    """Every file that holds none is named, with the authority it was for."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InvalidFile) as refused:
        ClientAuthorities({"ice": path, "sheriff": path})

    assert len(refused.value.mistakes) == 2
    assert "client CA ice" in str(refused.value)


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Files of a server and contexts of its clients."""

    folder: Path
    authority: trustme.CA
    agency: AgencyCA

    def server(self, **changes: ssl.TLSVersion) -> ssl.SSLContext:
        """The gateway's context."""
        return server_ssl_context(
            certificate=self.folder / "server.pem",
            key=self.folder / "server.key",
            client_cas={"ice": self.folder / "ice.pem"},
            **changes,
        )

    def client(
        self, leaf: trustme.LeafCert | None, version: ssl.TLSVersion
    ) -> ssl.SSLContext:
        """A client's context of just this version."""
        context = ssl.create_default_context(cafile=self.folder / "server-ca.pem")
        context.minimum_version = context.maximum_version = version
        if leaf is not None:
            leaf.configure_cert(context)
        return context


@pytest.fixture
def tls(tmp_path: Path, made: tuple[object, AgencyCA, AgencyCA]) -> Tls:
    """A server certificate and one agency's authority."""
    authority, agency = trustme.CA(), made[1]
    server = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "server-ca.pem"))
    agency.ca.cert_pem.write_to_path(str(tmp_path / "ice.pem"))
    server.cert_chain_pems[0].write_to_path(str(tmp_path / "server.pem"))
    server.private_key_pem.write_to_path(str(tmp_path / "server.key"))
    return Tls(folder=tmp_path, authority=authority, agency=agency)


@asynccontextmanager
async def served(context: ssl.SSLContext) -> AsyncIterator[int]:
    """A server that answers with the digest of the peer's certificate, or a word."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await reader.readline()
            der = peer_certificate(writer.transport)
            word = "none" if der is None else hashlib.sha256(der).hexdigest()
        except Unauthenticated as error:
            word = error.reason
        writer.write(f"{word}\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        port: int = server.sockets[0].getsockname()[1]
        yield port


async def answered(port: int, context: ssl.SSLContext) -> str:
    """Connect once and return the server's word."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    try:
        writer.write(b"hello\n")
        line = (await reader.readline()).decode().strip()
        if not line:
            raise ConnectionResetError("the server hung up")
        return line
    finally:
        writer.close()


async def test_the_proved_certificate_reaches_the_application(tls: Tls) -> None:
    """What `peer_certificate` returns is the certificate of the handshake."""
    context = tls.client(tls.agency.leaf, ssl.TLSVersion.TLSv1_3)
    server = await asyncio.to_thread(tls.server)
    async with served(server) as port:
        word = await answered(port, context)

    assert hashlib.sha256(tls.agency.der).hexdigest() == word


def test_the_proved_certificate_is_the_same_under_uvloop(tls: Tls) -> None:
    """The faster loop of the extra `speed` hands the certificate over alike."""
    uvloop = pytest.importorskip("uvloop")
    context = tls.client(tls.agency.leaf, ssl.TLSVersion.TLSv1_3)
    server = tls.server()

    async def once() -> str:
        async with served(server) as port:
            return await answered(port, context)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        word = runner.run(once())

    assert hashlib.sha256(tls.agency.der).hexdigest() == word


@pytest.mark.parametrize("kind", ["none", "stranger", "expired", "server only"])
async def test_tls_itself_refuses_certificates(tls: Tls, kind: str) -> None:
    """None, one of another authority, an expired one: no byte reaches the server."""
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    leaf = {
        "none": None,
        "stranger": AgencyCA.new("ice").leaf,
        "expired": tls.agency.ca.issue_cert("a@ice.example", not_after=past),
        "server only": tls.authority.issue_cert("a@ice.example"),
    }[kind]
    server = await asyncio.to_thread(tls.server)
    async with served(server) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await answered(port, tls.client(leaf, ssl.TLSVersion.TLSv1_3))


async def test_tls_before_1_3_is_refused_unless_it_is_asked_for(tls: Tls) -> None:
    """The default speaks TLS 1.3 alone; lowered to 1.2 it speaks 1.2 too."""
    context = tls.client(tls.agency.leaf, ssl.TLSVersion.TLSv1_2)
    server = await asyncio.to_thread(tls.server)
    async with served(server) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await answered(port, context)
    lowered = await asyncio.to_thread(tls.server, minimum=ssl.TLSVersion.TLSv1_2)
    async with served(lowered) as port:
        word = await answered(port, context)

    assert len(word) == 64


async def _resumed(port: int, context: ssl.SSLContext) -> list[tuple[bool, str]]:
    """Connect twice, the second time offering the first's session."""

    def twice() -> list[tuple[bool, str]]:
        found, session = [], None
        for _ in range(2):
            plain = socket.create_connection(("127.0.0.1", port))
            with context.wrap_socket(
                plain, server_hostname="localhost", session=session
            ) as secure:
                secure.sendall(b"hello\n")
                word = secure.makefile().readline().strip()
                session = secure.session
                found.append((bool(secure.session_reused), word))
        return found

    return await asyncio.to_thread(twice)


async def test_no_session_outlives_its_connection(tls: Tls) -> None:
    """TLS 1.3 gives no ticket, so a second connection proves its key again."""
    context = tls.client(tls.agency.leaf, ssl.TLSVersion.TLSv1_3)
    server = await asyncio.to_thread(tls.server)
    async with served(server) as port:
        found = await _resumed(port, context)

    assert [reused for reused, _ in found] == [False, False]
    assert found[0][1] == found[1][1]


async def test_a_resumed_session_of_tls_1_2_is_refused_by_name(tls: Tls) -> None:
    """Python cannot switch session ids off; a session that used one is refused."""
    context = tls.client(tls.agency.leaf, ssl.TLSVersion.TLSv1_2)
    lowered = await asyncio.to_thread(tls.server, minimum=ssl.TLSVersion.TLSv1_2)
    async with served(lowered) as port:
        found = await _resumed(port, context)

    assert found[1] == (True, Reason.SESSION_RESUMED)


def test_without_tls_there_is_no_certificate() -> None:
    """A plain connection, or one that is gone, has none."""
    assert peer_certificate(None) is None
    assert peer_certificate(asyncio.Transport()) is None


@pytest.mark.parametrize("broken", ["server.pem", "server.key", "ice.pem"])
def test_a_file_that_tls_cannot_use_is_named(tls: Tls, broken: str) -> None:
    """The mistake names the file, not what is in it."""
    (tls.folder / broken).write_text("secret words")

    with pytest.raises(InvalidFile) as refused:
        tls.server()

    assert "secret" not in str(refused.value)
    assert "cannot be used" in str(refused.value)


def test_a_server_without_client_authorities_does_not_start(tls: Tls) -> None:
    """Nobody could connect; saying so beats a server that refuses everybody."""
    with pytest.raises(InvalidFile, match="nobody could connect"):
        server_ssl_context(
            certificate=tls.folder / "server.pem",
            key=tls.folder / "server.key",
            client_cas={},
        )
