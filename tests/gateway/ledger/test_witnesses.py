"""Whom the log has sign its checkpoints, and asking them over HTTP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web

from audit.asker import Answer, Question
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.errors import InvalidFile
from gateway.ledger import trust_policy
from gateway.ledger.witnesses import WebAsker, cosigning
from tests.gateway.county import ORIGIN, found_county, smallest

BOARD = SeedSigner.generate("board.example/w", COSIGNATURE).verifier.text
OURS = SeedSigner.generate(f"{ORIGIN}/time", COSIGNATURE).verifier.text
ELSEWHERE = SeedSigner.generate("elsewhere.example/log", 1).verifier.text


def county(folder: Path, policy: str | None, **more: object) -> Config:
    """Return a county whose log is to be witnessed."""
    log = smallest()["log"] | more
    if policy is not None:
        log["witness"] = "trust.policy"
        folder.mkdir(exist_ok=True)
        (folder / "trust.policy").write_text(policy)
    return found_county(folder, log=log)


def problems(config: Config) -> str:
    """Return what is said of a policy file."""
    with pytest.raises(InvalidFile) as caught:
        trust_policy(config)
    return "; ".join(f"{each.path}: {each.problem}" for each in caught.value.mistakes)


def test_a_policy_that_can_be_followed(tmp_path: Path) -> None:
    """With an address for each witness; on this machine plain http is enough."""
    for number, url in enumerate(("https://w.example/a", "http://127.0.0.1:1")):
        text = f"witness a {BOARD} {url}\nquorum a\n"
        policy = trust_policy(county(tmp_path / str(number), text))
        assert policy is not None
        assert list(policy.urls.values()) == [url]
    assert trust_policy(county(tmp_path / "none", None)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("quorum none\n", "asks for no quorum"),
        (f"witness a {BOARD}\nquorum a\n", "board.example/w has no address"),
        (f"witness a {BOARD} ftp://x\nquorum a\n", "board.example/w has no address"),
        (f"witness a {BOARD} http://w.example\nquorum a\n", "over plain http"),
        (f"witness a {OURS} https://x\nquorum a\n", "is the log itself"),
        (
            f"log {ELSEWHERE}\nwitness a {BOARD} https://x\nquorum a\n",
            f"is for other logs than {ORIGIN}",
        ),
        ("quorum CANARY\n", "line 1: policy-unknown-name (no line before it has"),
        ("", "the whole: policy-no-quorum (no line says which"),
    ],
    ids=[
        *("no quorum", "no address", "no address we know", "plain http", "the log"),
        *("other logs", "no such name", "empty"),
    ],
)
def test_each_mistake_in_a_policy_has_its_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    """Under the setting that names the file, before anything starts."""
    found = problems(county(tmp_path, text))
    assert said in found
    assert found.startswith("sallyport.yaml:log.witness: ")
    assert "CANARY" not in found


def test_a_policy_that_is_gone_is_named(tmp_path: Path) -> None:
    """It was there when the configuration was read."""
    config = county(tmp_path, f"witness a {BOARD} https://x\nquorum a\n")
    (tmp_path / "trust.policy").unlink()
    assert "cannot be read (No such file or directory)" in problems(config)


async def test_authorities_that_are_none_are_named(tmp_path: Path) -> None:
    """A file without a certificate would trust nobody."""
    text = f"witness a {BOARD} https://x\nquorum a\n"

    def made() -> Config:
        (tmp_path / "ca.pem").write_text("x\n")
        return county(tmp_path, text, witness_ca="ca.pem")

    config = await asyncio.to_thread(made)
    with pytest.raises(InvalidFile, match="no certificate of an authority"):
        async with cosigning(config, clock=SystemClock()):
            pass


async def test_without_a_quorum_nobody_is_asked(tmp_path: Path) -> None:
    """And nothing is opened that could ask."""
    config = await asyncio.to_thread(county, tmp_path, None)
    async with cosigning(config, clock=SystemClock()) as found:
        assert found is None


# --- over HTTP ---------------------------------------------------------------------

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def asked(
    handler: Handler, *questions: str, then: Callable[[], None] = lambda: None
) -> list[Answer | None]:
    """Ask a server made of one handler; GET where no body is given."""
    app = web.Application()
    app.router.add_route("*", "/{path}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            asker = WebAsker(session)
            found = [
                Question(
                    url=f"http://{host}:{port}/{each}",
                    body=b"x" if each.startswith("post") else None,
                )
                for each in questions
            ]
            return list(await asyncio.to_thread(asker.ask, found, 1.0))
    finally:
        then()
        await runner.cleanup()


async def test_what_comes_back_is_the_bytes_and_the_type() -> None:
    """A type without its parameters; none where none is said."""

    async def handler(request: web.Request) -> web.Response:
        if request.method == "POST":
            assert await request.read() == b"x"
            assert request.content_type == "text/plain"
            return web.Response(
                status=409, text="7\n", content_type="text/x.tlog.size", charset="utf-8"
            )
        return web.Response(status=404, headers={"Content-Type": ""})

    size, nothing = await asked(handler, "post", "get")
    assert size == Answer(status=409, kind="text/x.tlog.size", body=b"7\n")
    assert nothing is not None
    assert (nothing.status, nothing.body) == (404, b"")


async def test_what_is_late_or_too_long_or_elsewhere_is_no_answer() -> None:
    """One bad witness costs the limit and no more; a redirect is not followed."""
    ended = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        match request.path:
            case "/late":
                await ended.wait()
            case "/long":
                return web.Response(body=bytes(64 * 1024 + 1))
            case "/most":
                return web.Response(body=bytes(64 * 1024))
            case "/away":
                raise web.HTTPFound("/most")
            case _:
                pass
        return web.Response(text="well")

    late, long, most, away, well = await asked(
        handler, "late", "long", "most", "away", "well", then=ended.set
    )
    assert (late, long) == (None, None)
    assert most is not None
    assert len(most.body) == 64 * 1024
    assert away is not None
    assert away.status == 302
    assert well is not None
    assert well.body == b"well"


async def test_whom_nobody_vouches_for_is_no_answer(tmp_path: Path) -> None:
    """A certificate of another authority; with its authority named it is one."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")

    def contexts() -> ssl.SSLContext:
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)
        return context

    context = await asyncio.to_thread(contexts)

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=404)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    policy = f"witness a {BOARD} {url}\nquorum a\n"
    said = []
    try:
        for number, more in enumerate(({}, {"witness_ca": "../ca.pem"})):
            folder = tmp_path / str(number)
            config = await asyncio.to_thread(county, folder, policy, **more)
            async with cosigning(config, clock=SystemClock()) as one:
                assert one is not None
                said.append(await asyncio.to_thread(one.said, ORIGIN))
    finally:
        await runner.cleanup()
    assert said == [([], ["the witness board.example/w does not answer"]), ([], [])]
