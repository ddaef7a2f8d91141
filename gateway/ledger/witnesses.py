"""The witnesses of the trust policy: who they are, and asking them over the web.

The policy file is the operator's; what is wrong in it is named before anything starts.
Checkpoints say when entries are made, so they travel by TLS, except on this machine.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from audit import Malformed
from audit.asker import Answer, Question
from audit.cosigning import Cosigner
from audit.policyfile import Policy
from gateway.clock import Clock
from gateway.config import Config
from gateway.errors import InvalidFile, Mistake

__all__ = ["WebAsker", "cosigning", "trust_policy"]

_MAX_BYTES = 64 * 1024
"""Longest answer that is read: some lines, or a checkpoint with them."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def trust_policy(config: Config) -> Policy | None:
    """Return whom the log has sign its checkpoints; none if nobody.

    Raises:
        InvalidFile: naming every mistake in the policy file.
    """
    path = config.log.quorum
    if path is None:
        return None
    at = f"{config.path.name}:log.witness"
    try:
        policy = Policy.parse(path.read_bytes())
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror})"
        raise InvalidFile([Mistake(path=at, problem=problem)]) from error
    except Malformed as error:
        problem = f"{path.name}, {error.detail or 'the whole'}: {error.said}"
        advice = "C2SP tlog-policy: lines of log, witness, group, quorum"
        mistake = Mistake(path=at, problem=problem, advice=advice)
        raise InvalidFile([mistake]) from None
    mistakes = [
        Mistake(path=at, problem=f"{path.name}: {problem}", advice=advice)
        for problem, advice in _faults(policy, config.log.origin)
    ]
    if mistakes:
        raise InvalidFile(mistakes)
    return policy


def _faults(policy: Policy, origin: str) -> Iterator[tuple[str, str]]:
    """Yield what a policy says that no log could follow, each with advice."""
    if not policy.satisfied(policy.cosigners):
        yield "asks for no quorum that its witnesses could make", "say witness: none"
    logs = {key.name for key in policy.logs}
    if logs and origin not in logs:
        yield f"is for other logs than {origin}", "add the line of log.vkey"
    for key in policy.cosigners:
        if key.name == origin or key.name.startswith(f"{origin}/"):
            yield f"{key.name} is the log itself", "a witness is somebody else"
            continue
        parts = urlsplit(policy.urls.get(key, ""))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            yield f"{key.name} has no address", "add its URL at the end of its line"
        elif parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            yield f"{key.name} is asked over plain http", "use https"


@asynccontextmanager
async def cosigning(config: Config, *, clock: Clock) -> AsyncIterator[Cosigner | None]:
    """Have what collects cosignatures until the block ends; none without witnesses.

    Raises:
        InvalidFile: the policy file has mistakes, or the authorities' file none.
    """
    policy = await asyncio.to_thread(trust_policy, config)
    if policy is None:
        yield None
        return
    context = await asyncio.to_thread(_context, config.log.witness_ca)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context, limit_per_host=2),
        trust_env=False,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield Cosigner(
            policy,
            asker=WebAsker(session),
            now_ms=clock.now_ms,
            monotonic=clock.monotonic,
            limit_s=config.log.witness_ms / 1000,
        )


def _context(authorities: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is not None:
        try:
            context.load_verify_locations(authorities)
        except (OSError, ValueError) as error:
            problem = "holds no certificate of an authority, in PEM"
            mistake = Mistake(path=str(authorities), problem=problem)
            raise InvalidFile([mistake]) from error
    return context


class WebAsker:
    """Asks from any other thread; the questions run on the session's event loop."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """Take an open session; to be built on its loop."""
        self._session = session
        self._loop = asyncio.get_running_loop()

    def ask(
        self, questions: Sequence[Question], limit_s: float
    ) -> Sequence[Answer | None]:
        """Ask all at once; see :class:`audit.asker.Asker`."""
        asked = self._all(questions, limit_s)
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result()

    async def _all(
        self, questions: Sequence[Question], limit_s: float
    ) -> list[Answer | None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(each, limit_s)) for each in questions]
        return [task.result() for task in tasks]

    async def _one(self, question: Question, limit_s: float) -> Answer | None:
        method = "GET" if question.body is None else "POST"
        headers = {} if question.body is None else {"Content-Type": question.kind}
        try:
            async with (
                asyncio.timeout(limit_s),
                self._session.request(
                    method,
                    question.url,
                    data=question.body,
                    headers=headers,
                    allow_redirects=False,
                ) as answer,
            ):
                body = await _bounded(answer.content)
                kind = answer.content_type if "Content-Type" in answer.headers else ""
                return Answer(status=answer.status, kind=kind, body=body)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return None


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    """Return a body; ``ValueError`` if it is longer than any answer there is."""
    try:
        await content.readexactly(_MAX_BYTES + 1)
    except asyncio.IncompleteReadError as end:
        return end.partial
    raise ValueError("too long")
