"""The engine of an OPA server: whatever it does but answer right is no answer."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from gateway.canonical import canonical
from gateway.errors import Cause, EngineFault
from gateway.policy.engine import DECISION, RECORDS_A_CALL, SCREEN, NoAnswer, Overtaken
from gateway.policy.opa import MOST_BYTES, REST_S, OpaEngine, OpaServer
from tests.gateway.policy.standin import (
    NEXT,
    OLD,
    REVISION,
    TOKEN,
    Stand,
    http,
    result,
    standing,
)

QUESTION = b'{"asks":[],"records":"pending"}'


async def fault(stand: Stand, *, deadline_s: float = 5.0) -> NoAnswer:
    """Return why there is no answer."""
    async with standing(stand, deadline_s=deadline_s) as server:
        with pytest.raises(NoAnswer) as caught:
            await OpaEngine(server, REVISION, {}).screen(QUESTION)
    assert caught.value.cause is Cause.POLICY_UNAVAILABLE
    return caught.value


LARGE = b"[" + b" " * MOST_BYTES + b"]"
NO_ANSWERS: list[tuple[str, EngineFault, tuple[bytes, ...]]] = [
    ("closes at once", EngineFault.DROPPED, ()),
    (
        "half an answer",
        EngineFault.DROPPED,
        (http(b'{"result": 1} nothing follows', length=999),),
    ),
    ("not HTTP", EngineFault.GARBAGE, (b"\x00\x01 what is this \r\n\r\n",)),
    ("HTML", EngineFault.GARBAGE, (http(b"<html>", media="text/html"),)),
    ("not JSON", EngineFault.GARBAGE, (http(b"{"),)),
    ("coded", EngineFault.GARBAGE, (http(b"{}", "Content-Encoding: gzip"),)),
    ("unauthorized", EngineFault.DENIED, (http(b"{}", status="401 Unauthorized"),)),
    ("forbidden", EngineFault.DENIED, (http(b"{}", status="403 Forbidden"),)),
    ("an error", EngineFault.STATUS, (http(b"{}", status="500 Error"),)),
    ("a path gone", EngineFault.STATUS, (http(b"{}", status="404 Not Found"),)),
    ("no content", EngineFault.STATUS, (http(b"", status="204 No Content"),)),
    ("too large", EngineFault.TOO_LARGE, (http(LARGE),)),
    ("undefined", EngineFault.UNDEFINED, (http(b"{}"),)),
    ("a list", EngineFault.UNDEFINED, (http(b"[]"),)),
    ("a word", EngineFault.ODD, (http(b'{"result": "<undefined>"}'),)),
    ("nothing", EngineFault.ODD, (http(b'{"result": null}'),)),
    ("another form", EngineFault.ODD, (result(schema=DECISION),)),
    ("no rows", EngineFault.ODD, (result(schema="sallyport.screen/2", asks=None),)),
    ("an old revision", EngineFault.REVISION, (result(revision=OLD),)),
    ("no revision", EngineFault.REVISION, (result(revision=None),)),
]


@pytest.mark.parametrize(
    ("expected", "pieces"),
    [(fault, pieces) for _, fault, pieces in NO_ANSWERS],
    ids=[name for name, _, _ in NO_ANSWERS],
)
async def test_whatever_is_no_answer_has_its_word(
    expected: EngineFault, pieces: tuple[bytes, ...]
) -> None:
    """Each way of not answering is policy-unavailable with a word of its own."""
    stand = Stand(*pieces)
    found = await fault(stand)
    assert found.fault is expected, found
    assert found.detail.startswith("opa: ")
    assert len(stand.requests) == 1  # nothing is asked twice


async def test_a_redirect_is_not_followed() -> None:
    """Nobody goes where a redirect leads, with the token least of all."""
    for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):
        stand = Stand(http(b"{}", "Location: /elsewhere", status=status))
        assert (await fault(stand)).fault is EngineFault.REDIRECT
        assert len(stand.requests) == 1


async def test_late_is_late_in_pieces_too() -> None:
    """One deadline holds for the whole answer, hung or dripping."""
    hung = Stand(result(), pause_s=60)
    dripping = Stand(*(bytes([byte]) for byte in result()), pause_s=0.02)
    for stand in (hung, dripping):
        assert (await fault(stand, deadline_s=0.1)).fault is EngineFault.LATE


async def test_nobody_there(free_port: Callable[[], int]) -> None:
    """An address nobody listens on is gone."""
    server = OpaServer(
        url=f"http://127.0.0.1:{free_port()}",
        token=TOKEN,
        deadline_s=5,
        monotonic=lambda: 0.0,
    )
    async with server:
        with pytest.raises(NoAnswer) as caught:
            await OpaEngine(server, REVISION, {}).screen(QUESTION)
    assert caught.value.fault is EngineFault.GONE


async def test_a_right_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for one rule, with the token, past any proxy; its bytes are ours."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    stand = Stand(result(asks=[{"b": 1, "a": True}]))
    took: list[float] = []
    async with standing(stand) as server:
        server._took = took.append
        answer = await OpaEngine(server, REVISION, {}).screen(QUESTION)
    (request,) = stand.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert answer == canonical(orjson.loads(answer))
    assert orjson.loads(answer)["asks"] == [{"a": True, "b": 1}]
    assert head.startswith(b"POST /v1/data/sallyport/ask/answer HTTP/1.1")
    assert f"Authorization: Bearer {TOKEN}".encode() in head
    assert b"Accept-Encoding: identity" in head
    assert body == b'{"input":%s}' % QUESTION
    assert took == [0.0]


async def test_what_is_nested_too_deeply_is_odd() -> None:
    """It can be read, and not be written again."""
    deep = b"[" * 500 + b"]" * 500
    body = b'{"result":{"schema":"%s","revision":"%s","asks":%s}}'
    said = body % (SCREEN.encode(), REVISION.encode(), deep)
    async with standing(Stand(http(said))) as server:
        with pytest.raises(NoAnswer, match="nested too deeply") as caught:
            await OpaEngine(server, REVISION, {}).screen(QUESTION)
    assert caught.value.fault is EngineFault.ODD


async def test_what_comes_next_is_said() -> None:
    """An answer by the bundle that is offered says so: it is decided again then."""
    async with standing(Stand(result(revision=NEXT))) as server:
        with pytest.raises(Overtaken):
            await OpaEngine(server, REVISION, {}).screen(QUESTION)
        assert await OpaEngine(server, NEXT, {}).screen(QUESTION)


async def test_many_records_are_portions() -> None:
    """What no single answer should hold is asked in portions, and joined."""
    part = {"schema": DECISION, "revision": REVISION, "records": [{"asks": []}]}
    stand = Stand(http(canonical({"result": part})))
    records = [{"facts": {"n": i}} for i in range(2 * RECORDS_A_CALL + 1)]
    async with standing(stand) as server:
        answer = await OpaEngine(server, REVISION, {}).decide(
            canonical({"asks": [], "records": records})
        )
    asked = [orjson.loads(one.partition(b"\r\n\r\n")[2]) for one in stand.requests]
    assert [one["input"]["records"] for one in asked] == [
        records[:RECORDS_A_CALL],
        records[RECORDS_A_CALL : 2 * RECORDS_A_CALL],
        records[2 * RECORDS_A_CALL :],
    ]
    assert orjson.loads(answer)["records"] == part["records"] * 3  # type: ignore[operator]  # a list


async def test_a_server_that_keeps_failing_is_left_alone() -> None:
    """After five failures nothing is sent until it rested; one probe then decides."""
    now, opened = [0.0], []
    stand = Stand(http(b"{}", status="500 Error"))
    async with standing(
        stand, monotonic=lambda: now[0], opened=lambda: opened.append(now[0])
    ) as server:
        engine = OpaEngine(server, REVISION, {})

        async def asked() -> EngineFault | None:
            try:
                await engine.screen(QUESTION)
            except NoAnswer as error:
                return error.fault
            return None

        assert [await asked() for _ in range(7)] == [
            *[EngineFault.STATUS] * 5,
            *[EngineFault.BREAKER] * 2,
        ]
        assert len(stand.requests) == 5
        now[0] = REST_S
        assert [await asked() for _ in range(2)] == [
            EngineFault.STATUS,
            EngineFault.BREAKER,
        ]
        now[0], stand.pieces = 2 * REST_S, (result(),)
        assert [await asked() for _ in range(2)] == [None, None]
    assert opened == [0.0]


async def test_an_answer_to_another_question_is_no_failure() -> None:
    """A server without the bundle is there: its breaker stays closed."""
    stand = Stand(http(b"{}"))
    async with standing(stand) as server:
        for _ in range(9):
            with pytest.raises(NoAnswer, match="no answer to the question"):
                await OpaEngine(server, REVISION, {}).screen(QUESTION)
    assert len(stand.requests) == 9


def _certified(folder: Path) -> ssl.SSLContext:
    """Write a certificate for this machine and return a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "opa")])
    now = dt.datetime.now(tz=dt.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "opa.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "opa.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "opa.pem", folder / "opa.key")
    return context


@pytest.mark.blocking("the test's own certificate is written on the loop")
async def test_https_needs_a_certificate_that_is_vouched_for(tmp_path: Path) -> None:
    """With its authority it is asked over TLS; without, nothing is sent."""
    tls, stand = _certified(tmp_path), Stand(result())
    async with standing(stand, tls=tls, authority=tmp_path / "opa.pem") as server:
        assert await OpaEngine(server, REVISION, {}).screen(QUESTION)
    async with standing(stand, tls=tls) as server:
        with pytest.raises(NoAnswer, match="certificate") as caught:
            await OpaEngine(server, REVISION, {}).screen(QUESTION)
    assert caught.value.fault is EngineFault.GONE
    assert len(stand.requests) == 1


async def test_an_address_in_version_6() -> None:
    """An IPv6 address stands in brackets, and ports have their defaults."""
    for url, root in (
        ("http://[::1]:8181", "http://[::1]:8181/v1"),
        ("http://127.0.0.1", "http://127.0.0.1:80/v1"),
        ("https://127.0.0.1", "https://127.0.0.1:443/v1"),
    ):
        server = OpaServer(url=url, token=TOKEN, deadline_s=1, monotonic=lambda: 0.0)
        assert server._client.root_url == root
