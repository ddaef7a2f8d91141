"""Fetching keys: a real TLS server that misbehaves in every way we could think of."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import trustme

from gateway.errors import Unauthenticated, Unavailable
from gateway.identity import IssuerRules, Keys, Verifier, fetch
from gateway.identity import keys as keys_module
from gateway.identity.fetch import MAX_BYTES, KeysUnavailable, fetch_keys
from tests.gateway.identity.signing import SigningKey, compact
from tests.gateway.identity.world import AUDIENCE, ISSUER, World, until

KEY = SigningKey.es256("key-1")
SET = json.dumps({"keys": [KEY.jwk]}).encode()
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A TLS server whose answers a test chooses; it counts what was asked."""

    port: int
    ca_file: Path
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def rules(self, path: str = "/jwks", **changes: Any) -> IssuerRules:  # noqa: ANN401 - fields of any type
        """Rules that point at this server."""
        source = {"jwks_url": f"https://localhost:{self.port}{path}"}
        base = {"issuer": ISSUER, "audience": AUDIENCE, "ca_file": self.ca_file}
        return IssuerRules(**{**base, **source, **changes})


def says(body: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer with this body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, started once."""
    folder = tmp_path_factory.mktemp("jwks")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)

    class Handler(BaseHTTPRequestHandler):
        """Hands each request to the test's answer."""

        state: ClassVar[Server]

        def do_GET(self) -> None:
            """Answer as told."""
            self.state.asked.append(self.path)
            self.state.answers.get(self.path, says(b"", 404))(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        """A server that does not print what clients break."""

        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what these tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Handler.state = Server(port=server.server_port, ca_file=folder / "ca.pem")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Handler.state
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(running: Server) -> Server:
    """The server with nothing to say yet."""
    running.answers.clear()
    running.asked.clear()
    running.answers["/jwks"] = says(SET)
    return running


def test_keys_are_fetched_and_bound_to_an_algorithm(server: Server) -> None:
    """A plain key set gives its key under the one algorithm it can have."""
    (key,) = fetch_keys(server.rules())

    assert (key.key_id, key.algorithm_name) == ("key-1", "ES256")


def test_discovery_leads_to_the_keys(server: Server) -> None:
    """Metadata of exactly this issuer names where its keys are."""
    host = f"https://localhost:{server.port}"
    metadata = {"issuer": ISSUER, "jwks_uri": f"{host}/jwks"}
    server.answers["/meta"] = says(json.dumps(metadata).encode())

    keys = fetch_keys(server.rules(jwks_url=None, discovery=f"{host}/meta"))

    assert server.asked == ["/meta", "/jwks"]
    assert len(keys) == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://other.example", "jwks_uri": "HOST/jwks"},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": 7},
        {"issuer": ISSUER, "jwks_uri": "https://127.0.0.1:1/jwks"},
        {"issuer": ISSUER, "jwks_uri": "https://metadata.internal/jwks"},
        {"issuer": ISSUER, "jwks_uri": "http://localhost/jwks"},
        {"issuer": ISSUER, "jwks_uri": "file:///etc/hostname"},
        {"issuer": ISSUER, "jwks_uri": "https://localhost@evil.example/jwks"},
    ],
)
def test_metadata_cannot_send_us_elsewhere(
    server: Server, metadata: dict[str, object]
) -> None:
    """Another issuer's metadata, another host or scheme: no keys, nothing asked."""
    host = f"https://localhost:{server.port}"
    body = json.dumps(metadata).replace("HOST", host).encode()
    server.answers["/meta"] = says(body)

    with pytest.raises(KeysUnavailable):
        fetch_keys(server.rules(jwks_url=None, discovery=f"{host}/meta"))

    assert server.asked == ["/meta"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: Server, status: int) -> None:
    """Not even to good keys on the same host."""
    to = f"https://localhost:{server.port}/jwks"
    server.answers["/moved"] = says(b"", status, Location=to)

    with pytest.raises(KeysUnavailable):
        fetch_keys(server.rules("/moved"))

    assert server.asked == ["/moved"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says(SET, 500), id="error"),
        pytest.param(says(SET, 404), id="missing"),
        pytest.param(says(b""), id="empty"),
        pytest.param(says(b"not json"), id="not JSON"),
        pytest.param(says(b"[]"), id="list"),
        pytest.param(says(b'{"keys": {}}'), id="keys no list"),
        pytest.param(says(b'{"keys": []}'), id="no keys"),
        pytest.param(says(b'{"keys": [7, {"kty": "EC"}]}'), id="no usable key"),
        pytest.param(says(b"[" * 100_000), id="deep"),
        pytest.param(says(b"\xff\xfe"), id="not UTF-8"),
        pytest.param(says(SET + b" " * MAX_BYTES), id="too large"),
        pytest.param(says(SET, Content_Encoding="gzip"), id="content coding"),
        pytest.param(says(SET[:-9], Content_Length="999"), id="cut short"),
        pytest.param(says(SET, Transfer_Encoding="chunked"), id="broken framing"),
    ],
)
def test_an_odd_answer_gives_no_keys(server: Server, answer: Answer) -> None:
    """Errors, other data, too much data, a content coding, broken framing."""
    server.answers["/jwks"] = answer

    with pytest.raises(KeysUnavailable):
        fetch_keys(server.rules())


def test_a_body_of_just_the_limit_is_read(server: Server) -> None:
    """The limit is the limit: one byte less than too much is enough."""
    server.answers["/jwks"] = says(SET + b" " * (MAX_BYTES - len(SET)))

    assert len(fetch_keys(server.rules())) == 1


def test_an_endless_body_is_let_go(server: Server) -> None:
    """Reading stops at the limit, however much would follow."""
    sent: list[int] = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while len(sent) < 4096:
            handler.wfile.write(b" " * 65536)
            sent.append(65536)

    server.answers["/jwks"] = endless

    with pytest.raises(KeysUnavailable, match="larger than"):
        fetch_keys(server.rules())

    assert sum(sent) < 64 * MAX_BYTES


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_dripping_answer_is_let_go(
    server: Server, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """One byte a moment keeps no thread for longer than the total time."""
    monkeypatch.setattr(fetch, "TOTAL_S", 0.2)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        if where == "body":
            handler.end_headers()
        else:
            handler.flush_headers()
        for _ in range(200):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)

    server.answers["/jwks"] = drip
    started = time.monotonic()

    with pytest.raises(KeysUnavailable, match="TimeoutError"):
        fetch_keys(server.rules())

    assert time.monotonic() - started < 2


def test_the_proxies_of_the_environment_are_not_used(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy variable cannot put anybody between us and the issuer."""
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert len(fetch_keys(server.rules())) == 1


def test_a_server_under_another_name_is_not_believed(server: Server) -> None:
    """The certificate must be the named host's, by a trusted authority."""
    by_address = f"https://127.0.0.1:{server.port}/jwks"
    untrusted = server.rules(ca_file=None)

    for rules in (server.rules(jwks_url=by_address), untrusted):
        with pytest.raises(KeysUnavailable):
            fetch_keys(rules)
    assert server.asked == []


def test_nobody_listening_is_a_named_problem(
    server: Server, free_port: Callable[[], int]
) -> None:
    """A refused connection is KeysUnavailable, with a sentence."""
    url = f"https://localhost:{free_port()}/jwks"

    with pytest.raises(KeysUnavailable, match="refused"):
        fetch_keys(server.rules(jwks_url=url))


async def test_rotation_and_outage_of_a_real_server(
    server: Server, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over real TLS: rotated in mid-traffic, gone for a while, back by itself."""
    monkeypatch.setattr(keys_module, "RETRY_S", 0.02)
    second = SigningKey.es256("key-2")
    rules = server.rules(refresh_s=0.02)
    kept = Keys(issuers=[rules], clock=world.clock)

    def token(key: SigningKey) -> str:
        return compact(world.header(kid=key.jwk["kid"]), world.claims(), key.sign)

    async with world.kept(kept) as keys:
        verifier = Verifier(keys=keys, clock=world.clock)
        await verifier.verify(token(KEY), b"")
        server.answers["/jwks"] = says(json.dumps({"keys": [second.jwk]}).encode())
        await verifier.verify(token(second), b"")
        with pytest.raises(Unauthenticated):
            await verifier.verify(token(KEY), b"")
        server.answers["/jwks"] = says(b"", 503)
        await until(lambda: bool(keys.health()[0].problem))
        await verifier.verify(token(second), b"")
        world.clock.seconds += 3601
        with pytest.raises(Unavailable):
            await verifier.verify(token(second), b"")
        server.answers["/jwks"] = says(SET)
        await until(lambda: keys.health()[0].usable)
        claims = await verifier.verify(token(KEY), b"")

    assert claims.subject == "person-17"
