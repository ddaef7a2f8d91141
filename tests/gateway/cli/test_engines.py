"""Whether the engines can be used, and what the doctor says of an OPA server."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gateway.canonical import Json
from gateway.cli import engines
from gateway.cli.engines import engine_mistakes, engines_looked_at
from gateway.cli.finding import Verdict
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.policy import Bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import NoAnswer
from tests.gateway.cli.counties import TOKEN, county_with_opa
from tests.gateway.county import found_county
from tests.gateway.policy.small import policy_of, rule


@dataclass(kw_only=True)
class Server:
    """Something that answers where OPA should be.

    ``listed`` is the status of a list of policies, without and with the token.
    """

    port: int = 0
    listed: tuple[int, int] = (401, 401)
    answer: Callable[[bytes], Json] = field(default=lambda _question: {})


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that the test tells what to answer."""
    found = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            self._send(found.listed[known], {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            question = body.removeprefix(b'{"input":').removesuffix(b"}")
            self._send(200, found.answer(question))

        def _send(self, status: int, document: Json) -> None:
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    found.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield found
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A bundle of one rule."""
    return policy_of(tmp_path / "law", rule("st.a")).bundle


@pytest.fixture
def config(tmp_path: Path, server: Server) -> Config:
    """A county whose OPA is that server."""
    return county_with_opa(tmp_path / "c", server.port)


@pytest.fixture
def lonely(tmp_path: Path, free_port: Callable[[], int]) -> Config:
    """A county whose OPA is nobody."""
    return county_with_opa(tmp_path / "lonely", free_port())


@pytest.fixture
def plain(tmp_path: Path) -> Config:
    """A county without OPA."""
    return found_county(tmp_path / "plain")


async def looked(
    config: Config, bundle: Bundle, *, serving: bool = True
) -> list[tuple[Verdict, str]]:
    """Return what the doctor says of OPA."""
    return [
        (finding.verdict, str(finding))
        async for finding in engines_looked_at(
            config, bundle, SystemClock(), serving=serving
        )
    ]


def answers(bundle: Bundle) -> Callable[[bytes], Json]:
    """Answer as an OPA with the bundle does."""

    def answer(question: bytes) -> Json:
        engine = EmbeddedEngine(bundle)
        try:
            return {"result": json.loads(engine.answer(question))}
        except NoAnswer:
            return {}  # as it says that a rule is undefined

    return answer


async def test_an_opa_as_it_should_be(
    config: Config, bundle: Bundle, server: Server
) -> None:
    """It has the bundle, and nobody can do more than ask."""
    server.answer = answers(bundle)
    assert await looked(config, bundle) == [
        (
            Verdict.WELL,
            f"http://127.0.0.1:{server.port} has the bundle, and answers as it should",
        )
    ]


@pytest.mark.parametrize(
    ("listed", "who"),
    [((200, 200), "anybody on this machine"), ((401, 200), "whoever has the token")],
)
async def test_an_interface_open_to_others_is_wrong(
    config: Config, bundle: Bundle, server: Server, listed: tuple[int, int], who: str
) -> None:
    """Whoever can write policies can decide; the doctor says what to do."""
    server.answer, server.listed = answers(bundle), listed
    first, *_ = await looked(config, bundle)
    assert first[0] is Verdict.WRONG
    assert first[1].startswith(who)
    assert "sallyport opa config" in first[1]


async def test_an_opa_without_the_bundle(
    config: Config, bundle: Bundle, server: Server
) -> None:
    """It can't have one while no gateway runs; while one does, it should."""
    assert await looked(config, bundle, serving=False) == [
        (
            Verdict.WARNING,
            (
                "answers, and has not this bundle; it takes it when a gateway runs;"
                " start the gateway, and look again"
            ),
        )
    ]
    ((verdict, sentence),) = await looked(config, bundle)
    assert verdict is Verdict.WRONG
    assert "has no answer to the question; look whether it can poll" in sentence
    assert str(server.port) in sentence


async def test_an_opa_that_answers_wrong(
    config: Config, bundle: Bundle, server: Server
) -> None:
    """An answer that the rules do not give is named."""

    def flipped(question: bytes) -> Json:
        text = json.dumps(answers(bundle)(question)).replace("withhold", "release")
        found: Json = json.loads(text)
        return found

    server.answer = flipped
    assert await looked(config, bundle) == [
        (
            Verdict.WRONG,
            (
                "answers known questions wrong; install another version of it, then"
                " look again"
            ),
        )
    ]


async def test_nobody_where_opa_should_be(lonely: Config, bundle: Bundle) -> None:
    """Nobody answers: said once, with the address, over TLS too."""
    assert lonely.opa is not None
    url = lonely.opa.url
    ((verdict, sentence),) = await looked(lonely, bundle)
    assert verdict is Verdict.WRONG
    assert sentence.startswith(f"{url} nobody answers at its address; start it as")
    opa = lonely.opa.model_copy(update={"url": url.replace("http:", "https:")})
    secure = lonely.model_copy(update={"opa": opa})
    ((verdict, _),) = await looked(secure, bundle)
    assert verdict is Verdict.WRONG


async def test_what_cannot_be_opened_is_not_asked(
    config: Config, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing client, a bad secret, a platform without a wheel: each is named."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(engines, "have_embedded", lambda: False)
    await asyncio.to_thread(config.opa.token.write_text, "short")  # type: ignore[union-attr]  # this county has an OPA section
    found = [sentence for _, sentence in await looked(config, bundle)]
    assert "engines: [opa]" in found[0]
    assert "sallyport-gateway[opa]" in found[1]
    assert "openssl" in found[2]


async def test_without_opa_there_is_nothing_to_look_at(
    plain: Config, bundle: Bundle
) -> None:
    """One box with the embedded engine: not a word."""
    assert await looked(plain, bundle) == []
    assert list(engine_mistakes(plain)) == []
