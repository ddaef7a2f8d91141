"""The engine of an OPA server: asked over HTTP, bounded in every way, believed in none.

Late, odd, undefined, of another revision, not HTTP at all: each is policy-unavailable
with its own word. Nothing is asked twice: the library's retries are off, a question
has one deadline, and a server that keeps failing is left alone for a moment. The
library is imported here only; it takes a quarter of a second (extra ``opa``).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp.client_middlewares import ClientHandlerType
from opa_client.opa_async import AsyncOpaClient

from audit.rows import (
    DECISION,
    SCREEN,
    MayBeAsked,
    has_schema,
    with_rows,
)
from connectors.circuit import Circuit
from gateway.canonical import Json
from gateway.errors import EngineFault
from gateway.policy.bundle import Bundle
from gateway.policy.engine import NoAnswer, Overtaken, joined, portions

__all__ = ["MOST_BYTES", "OpaEngine", "OpaServer"]

MOST_BYTES = 1024 * 1024
"""Largest answer read, in bytes. Content coding is refused, so none unpacks larger."""

MOST_CONNECTIONS = 32
REST_S = 1.0
"""How long a failing server is left alone: it is on this machine, and asked rarely."""

PACKAGE, RULE = "sallyport.ask", "answer"
"""The one rule that is asked for; the authorization policy allows no other path."""

_ANSWERED = frozenset(
    {
        EngineFault.UNDEFINED,
        EngineFault.TOO_LARGE,
    }
)
"""The server answered: what it said is no answer to this question."""


class _Fault(Exception):
    """One of the words, on its way to :class:`NoAnswer`."""

    def __init__(self, fault: EngineFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class _Answer(aiohttp.ClientResponse):
    """A response whose document is read within bounds."""

    async def json(self, **_: Any) -> Any:  # noqa: ANN401  # as the library calls it
        """Return the document.

        Raises:
            _Fault: too large, or not JSON.
        """
        data = bytearray()
        async for chunk in self.content.iter_any():
            data += chunk
            if len(data) > MOST_BYTES:
                raise _Fault(
                    EngineFault.TOO_LARGE, f"answered more than {MOST_BYTES} bytes"
                )
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            raise _Fault(EngineFault.GARBAGE, "answered what is not JSON") from None


async def _plain(
    request: aiohttp.ClientRequest, handler: ClientHandlerType
) -> aiohttp.ClientResponse:
    """Let only a plain JSON answer through: here no redirect has been followed yet."""
    response = await handler(request)
    status, fault, detail = response.status, None, ""
    if status in range(300, 400):
        fault, detail = EngineFault.REDIRECT, f"HTTP {status}, a redirect"
    elif status in {401, 403}:
        fault, detail = EngineFault.DENIED, f"HTTP {status}, the token is not accepted"
    elif status != 200:  # noqa: PLR2004  # an answer has no other status
        fault, detail = EngineFault.STATUS, f"HTTP {status}"
    elif response.content_type != "application/json":
        fault, detail = EngineFault.GARBAGE, "answered what is not JSON by its type"
    elif response.headers.get("Content-Encoding", "identity") != "identity":
        fault, detail = EngineFault.GARBAGE, "answered in a content coding"
    if fault is not None:
        response.close()
        raise _Fault(fault, detail)
    return response


class _Client(AsyncOpaClient):  # type: ignore[misc]  # the library has no types
    """The library's client, on a session that follows nothing and trusts nobody."""

    def __init__(self, *, authority: Path | None, **arguments: Any) -> None:  # noqa: ANN401  # the library's own
        super().__init__(retries=0, **arguments)
        self._authority = authority

    async def _init_session(self) -> None:
        """Make the session: no proxy, no cookies, no coding, a bounded pool."""
        context: ssl.SSLContext | bool = True
        if self.ssl:
            context = await asyncio.to_thread(
                ssl.create_default_context, cafile=self._authority
            )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS, ssl=context),
            headers={**self.headers, "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=None),  # the deadline is ours, outside
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            json_serialize_bytes=orjson.dumps,
            response_class=_Answer,
            middlewares=(_plain,),
        )


class OpaServer:
    """One OPA server: the session, the breaker, and what they are told apart by.

    ``offered`` is the revision of the bundle that the server is to take next, or has.
    """

    def __init__(
        self,
        *,
        url: str,
        token: str,
        deadline_s: float,
        monotonic: Callable[[], float],
        authority: Path | None = None,
        took: Callable[[float], None] = lambda _seconds: None,
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        """Take where it is and how long a question may take.

        Args:
            url: ``http://127.0.0.1:8181``, or ``https`` with ``authority``.
            token: the bearer token that it knows us by.
            deadline_s: longest time for one question.
            monotonic: seconds; never run back.
            authority: PEM file of who vouches for its certificate.
            took: told how long each answer took, in seconds.
            opened: told when the breaker opens.
        """
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        host = parts.hostname or ""
        self.offered = ""
        self.circuit = Circuit(monotonic=monotonic, rest_s=REST_S)
        self._client = _Client(
            host=f"[{host}]" if ":" in host else host,
            port=parts.port or (443 if secure else 80),
            ssl=secure,
            token=token,
            authority=authority,
        )
        self._deadline_s = deadline_s
        self._monotonic = monotonic
        self._took = took
        self._opened = opened

    async def __aenter__(self) -> Self:
        """Open the session; nothing is sent yet."""
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        await self._client.close_connection()

    def engine(self, bundle: Bundle) -> OpaEngine:
        """Return the engine that answers by one bundle, once the server has it."""
        return OpaEngine(self, bundle.revision, bundle.vocabulary.asked)

    async def ask(self, portions: Iterable[bytes]) -> list[Json]:
        """Return the result for each portion of one canonical question.

        Raises:
            NoAnswer: with the word that says why.
        """
        if self.circuit.refusing:
            raise _none(EngineFault.BREAKER, "rests after it failed repeatedly")
        probe = self.circuit.enter()
        before = self._monotonic()
        try:
            results = await self._asked(portions)
        except _Fault as error:
            if error.fault in _ANSWERED:
                self.circuit.succeeded()
            elif self.circuit.failed():
                self._opened()
            raise _none(error.fault, error.detail) from error.__cause__
        else:
            self.circuit.succeeded()
        finally:
            self.circuit.leave(probe=probe)
        self._took(self._monotonic() - before)
        return results

    async def _asked(self, portions: Iterable[bytes]) -> list[Json]:
        """Ask, and turn whatever goes wrong into one of the words."""
        try:
            async with asyncio.timeout(self._deadline_s):
                return [await self._result(portion) for portion in portions]
        except TimeoutError as error:
            late = f"no answer within {self._deadline_s:g} seconds"
            raise _Fault(EngineFault.LATE, late) from error
        except aiohttp.ClientSSLError as error:
            detail = "its certificate is not vouched for"
            raise _Fault(EngineFault.GONE, detail) from error
        except aiohttp.ClientConnectorError as error:
            raise _Fault(EngineFault.GONE, "nobody answers at its address") from error
        except aiohttp.ClientResponseError as error:
            raise _Fault(EngineFault.GARBAGE, "answered what is not HTTP") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _Fault(EngineFault.DROPPED, "dropped the connection") from error

    async def _result(self, question: bytes) -> Json:
        answer = await self._client.query_rule(
            orjson.Fragment(question), package_path=PACKAGE, rule_name=RULE
        )
        if not isinstance(answer, dict) or "result" not in answer:
            raise _Fault(EngineFault.UNDEFINED, "has no answer to the question")
        result: Json = answer["result"]
        return result


class OpaEngine:
    """Answers by one bundle, for as long as the server has that bundle."""

    name = "opa"
    remote = True

    def __init__(
        self, server: OpaServer, revision: str, may_be_asked: MayBeAsked
    ) -> None:
        """Take the server, the revision that answers must be of, and its words."""
        self.revision = revision
        self._server = server
        self._may_be_asked = may_be_asked

    async def screen(self, question: bytes) -> bytes:
        """Answer a question whose records are pending."""
        (answer,) = await self._server.ask([question])
        asks = orjson.loads(question)["asks"]
        return _bytes([self._believed(answer, SCREEN, asks)])

    async def decide(self, question: bytes) -> bytes:
        """Answer a question that has records, a portion a call."""
        answers = await self._server.ask(portions(question))
        asks = orjson.loads(question)["asks"]
        return _bytes([self._believed(answer, DECISION, asks) for answer in answers])

    def _believed(
        self, answer: Json, schema: str, asks: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Json]:
        """Return an answer of this revision, in the form that answers have."""
        if not isinstance(answer, dict) or not has_schema(answer, schema):
            raise _none(EngineFault.ODD, f"its answer is not a {schema}")
        if (revision := answer.get("revision")) != self.revision:
            if revision == self._server.offered:
                raise Overtaken(self.name)
            detail = "answers by another bundle than the one in force"
            raise _none(EngineFault.REVISION, detail)
        try:
            return with_rows(answer, asks, self._may_be_asked)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _none(EngineFault.ODD, "its answer is not of its form") from error


def _bytes(answers: Sequence[Mapping[str, Json]]) -> bytes:
    """Return the canonical answer of portions; deeper than can be written is none."""
    try:
        return joined(answers)
    except TypeError as error:
        raise _none(EngineFault.ODD, "its answer is nested too deeply") from error


def _none(fault: EngineFault, detail: str) -> NoAnswer:
    return NoAnswer(OpaEngine.name, fault, detail)
