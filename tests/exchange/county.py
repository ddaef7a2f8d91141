"""A running county for the tests of whole exchanges: real files, server and clients."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from audit import AuditorKey
from audit.folder import Folder
from audit.keep import FolderKeep
from audit.opening import open_entry
from audit.proof import leaf_at
from audit.signer import Signer
from gateway.app import Serving, serving
from gateway.clock import Clock, SystemClock
from gateway.config import Config, load
from gateway.control import (
    Actions,
    Command,
    Proposal,
    offline_actions,
    parse_command,
)
from gateway.demo.client import client_context
from gateway.demo.deciders import activate as put_in_force
from gateway.demo.deciders import decided, people
from gateway.demo.files import write_folder
from gateway.demo.layout import Layout
from gateway.errors import GatewayError
from gateway.policy.build import build
from gateway.running import actions_of, propose
from gateway.services import Services
from gateway.telemetry import Telemetry
from tests.gateway.county import looked_at
from tests.gateway.policy.small import kept_proofs

WIDE = """
limits:
  client: {per_minute: 60000, burst: 60000}
  agency: {per_minute: 60000, burst: 60000}
  family: {per_minute: 60000, burst: 60000}
  subjects_per_day: 100000
  guesses_per_day: 1000
"""
"""Limits that no test meets by the way; those of limits set their own."""


@dataclass(kw_only=True)
class Answer:
    """What came back: status, headers, bytes, and the document they are."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def body(self) -> dict[str, Any]:
        """Return the document."""
        found: dict[str, Any] = json.loads(self.data)
        return found

    @property
    def problem(self) -> str:
        """Return the code of the problem document."""
        return str(self.body["type"]).removeprefix("urn:sallyport:problem:")

    @property
    def cause(self) -> str:
        """Return the cause that a 503 names, with which no record comes."""
        assert self.status == 503, self.data
        assert "records" not in self.body
        return self.problem


@dataclass(kw_only=True)
class County:
    """A gateway of the demo's county that runs, and its requesters."""

    layout: Layout
    config: Config
    serving: Serving
    sessions: dict[str, aiohttp.ClientSession] = field(default_factory=dict)
    contexts: dict[str, ssl.SSLContext] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """Return the running parts."""
        return self.serving.services

    async def post(
        self,
        who: str,
        body: Mapping[str, Any] | bytes,
        *,
        key: str | None = None,
        token_of: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Post one request document as a requester."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **self.bearer(token_of or who)}
        if key is not None:
            sent["Idempotency-Key"] = key
        url = f"{self.serving.url}/v1/exchanges"
        session = await self.session(who)
        async with session.post(
            url, data=data, headers=sent | dict(headers or {})
        ) as r:
            return Answer(status=r.status, headers=r.headers, data=await r.read())

    async def get(
        self,
        who: str,
        path: str,
        *,
        signed_in: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Get a path as a requester."""
        session = await self.session(who)
        sent = {**(self.bearer(who) if signed_in else {}), **(headers or {})}
        async with session.get(f"{self.serving.url}{path}", headers=sent) as r:
            return Answer(status=r.status, headers=r.headers, data=await r.read())

    def believe_clock(self) -> None:
        """Take the time as right, as a gateway does after a quiet minute."""
        guard = self.services.standing._clock_guard
        guard._base_s, guard._closed_until = guard._difference(), None

    async def admin(self, path: str) -> Answer:
        """Get a path of the operator's port."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.serving.admin_url}{path}") as r,
        ):
            return Answer(status=r.status, headers=r.headers, data=await r.read())

    async def command(self, **words: object) -> Any:  # noqa: ANN401  # any JSON
        """Carry out a command as the operator; what two must sign, both do."""
        actions = actions_of(self.services, stop=lambda: None)

        async def carry(given: Mapping[str, Any]) -> Any:  # noqa: ANN401  # any JSON
            command: Command = parse_command(json.dumps(dict(given)).encode())
            return await actions.run(command, uid=os.getuid())

        if not str(words["command"]).startswith("draft-"):
            return await carry(words)
        if words["command"] == "draft-activation":
            words.setdefault("gate", await looked_into(self.config, actions))
        keys = await asyncio.to_thread(deciders, self.config)
        return await decided(carry, words, by="tests", keys=keys)

    def bearer(self, who: str) -> dict[str, str]:
        """Return the header that carries a requester's token."""
        token = self.layout.requester(who).token.read_text().strip()
        return {"Authorization": f"Bearer {token}"}

    async def session(self, who: str) -> aiohttp.ClientSession:
        """Return a client that shows a requester's certificate."""
        if who not in self.sessions:
            folder = self.layout.requester(who)
            context = await asyncio.to_thread(client_context, folder)
            self.contexts[who] = context
            self.sessions[who] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context),
                timeout=aiohttp.ClientTimeout(total=30),
            )
        return self.sessions[who]

    async def sealed(self, index: int) -> dict[str, Any]:
        """Return the sealed parts of an entry, as the auditor reads them."""
        await self.services.log.settle()

        def read() -> dict[str, Any]:
            keep = FolderKeep(Folder(root=self.config.log.directory))
            leaf = leaf_at(keep.source(), index, self.services.log.size)
            key = AuditorKey.read(self.layout.auditor_key)
            origin = self.config.log.origin
            parts = open_entry(keep, leaf, index=index, origin=origin, key=key).parts
            return dict(parts)

        return await asyncio.to_thread(read)

    async def leaves(self) -> list[dict[str, Any]]:
        """Return the public members of every entry."""
        return await asyncio.to_thread(
            lambda: [members for _, members in self.services.log.leaves()]
        )


def write_county(
    root: Path,
    *,
    records: int = 300,
    clock: Clock | None = None,
    limits: str = WIDE,
) -> Layout:
    """Write the county's files, with ports that the system chooses."""
    layout = Layout(root=root)
    write_folder(layout, clock=clock or SystemClock(), records=records)
    for name in ("illinois", "california", "texas"):
        path = layout.config(name)
        lines = [
            "  listen: 127.0.0.1:0" if line.strip().startswith("listen:") else line
            for line in path.read_text().splitlines()
        ]
        path.write_text("\n".join([*lines, limits, ""]))
    return layout


def vouch(config: Config) -> None:
    """Keep proofs of a law of the tests' own, as it is written now, without a solver.

    Whoever tests something else than the law need not prove it.
    """
    law = config.jurisdiction
    bundle = build(config.policies, law.packs, law.overlay)
    kept_proofs(config.policies, bundle)


async def activate(config: Config, *, clock: Clock | None = None) -> None:
    """Put the files of a county into force, as its first or next activation."""
    keys = await asyncio.to_thread(deciders, config)
    clock = clock or SystemClock()
    async with offline_actions(
        config, clock=clock, propose=never, known=lambda _scope: None, create=True
    ) as actions:
        gate = await looked_into(config, actions)
    await put_in_force(config, clock=clock, keys=keys, by="the tests", gate=gate)


async def activated(root: Path, name: str = "illinois", *, records: int = 60) -> Layout:
    """Write a county whose files are in force, under a state's law."""
    layout = await asyncio.to_thread(write_county, root / "d", records=records)
    await activate(await asyncio.to_thread(load, layout.config(name)))
    return layout


async def never() -> Proposal:
    """Stand for what nobody asks for."""
    raise AssertionError("nothing is proposed here")


async def looked_into(config: Config, actions: Actions) -> str:
    """Return what is kept of a look at rules as they are; nothing if none is built.

    Where others are in force, the log gets an entry that past questions were read.
    """
    try:
        proposal, _ = await propose(config)
    except GatewayError:
        return ""  # who drafts the act says what is wrong
    status: Any = await actions.run(parse_command(b'{"command":"status"}'), uid=0)
    active = status["activation"]
    if active and active["policy"] != proposal.policy:
        read = {"policy": proposal.policy, "by": "the tests"}
        command = json.dumps({"command": "policy-replay", **read})
        await actions.run(parse_command(command.encode()), uid=0)
    return looked_at(
        proposal.policy,
        packs=[*proposal.packs],
        drafts=[*proposal.drafts],
        proofs=[*proposal.proofs],
    )


def deciders(config: Config) -> list[Signer]:
    """Return the keys of the two who decide in a county of the demo. Reads files."""
    folder = config.path.parent
    root = folder if (folder / "people").is_dir() else folder.parent
    return people(Layout(root=root))


@asynccontextmanager
async def running(
    layout: Layout,
    name: str = "illinois",
    *,
    clock: Clock | None = None,
    telemetry: Telemetry | None = None,
) -> AsyncIterator[County]:
    """Run one of the county's gateways; it must have been activated."""
    config = await asyncio.to_thread(load, layout.config(name))
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(
            serving(config, clock=clock, telemetry=telemetry)
        )
        county = County(layout=layout, config=config, serving=served)
        try:
            yield county
        finally:
            for session in county.sessions.values():
                await session.close()
