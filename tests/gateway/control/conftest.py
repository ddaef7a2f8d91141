"""Actions on a real log, and a gateway that is only pretended to run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.acts import ActFile, Activation, replay
from gateway.asking.idempotency import Tickets
from gateway.canonical import Json
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.control import Actions, Docket, NotDone, Proposal, parse_command
from gateway.ledger import Basis, Ledger, open_ledger
from gateway.manifest import Manifest
from gateway.policy.proofs import Unproved
from gateway.state import Reviews, Tasks
from tests.gateway.county import BOTH, GENESIS, ORIGIN, found_county, signed

DOCUMENT = "e" * 64
"""A document that is in the register of papers."""

BASIS = Basis(policy="a" * 64, manifest="b" * 64)


class Pretended:
    """What a running gateway would say."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.stopped = False
        self.opened = 0
        self.wrong = ""
        self.settled_tasks: list[str] = []
        self.names: Collection[str] | None = {"ice", "hsi"}

    async def basis(self) -> Basis:
        """Return what entries name."""
        return BASIS

    async def activated(self, activation: Activation, _proposal: Proposal) -> str:
        """Take an activation over."""
        self.taken.append(activation.counter)
        return "taken over"

    async def looked_at(self) -> None:
        """Have the engines asked; the test says what comes of it."""
        if self.wrong:
            raise NotDone(self.wrong)

    def reopened(self) -> str:
        """Answer again."""
        self.opened += 1
        return "open again"

    async def stop(self) -> str:
        """Begin to end."""
        self.stopped = True
        return "stopping"

    def settled(self, task: str) -> None:
        """Take note of a task that is over."""
        self.settled_tasks.append(task)

    def known(self, _scope: str) -> Collection[str] | None:
        """Return the names there are."""
        return self.names

    def status(self) -> Mapping[str, Json]:
        """Return something."""
        return {"running": True}


class Files:
    """What the files come to: a proposal that the test can change."""

    def __init__(self) -> None:
        self.policy = "a" * 64
        self.attachments: dict[str, bytes] = {}
        self.drafts: tuple[str, ...] = ()
        self.unproved = ""
        self.faces = {DOCUMENT: '{"type":"ao442"}'}

    async def propose(self) -> Proposal:
        """Return what would be activated now."""
        if self.unproved:
            raise Unproved(self.unproved, revision=self.policy)
        return Proposal(
            policy=self.policy,
            bundle="9" * 64,
            manifest=Manifest(files=(("sallyport.yaml", "c" * 64),)),
            witness="none",
            attachments=self.attachments,
            drafts=self.drafts,
            packs=("us-ca 0.1.0",),
            proofs=("never.x",),
        )

    def face(self, document: str) -> str | None:
        """Return what the register says of a document."""
        return self.faces.get(document)


@pytest.fixture
def running() -> Pretended:
    """A gateway that is only pretended to run."""
    return Pretended()


@pytest.fixture
def files() -> Files:
    """Files that can change."""
    return Files()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A county with keys and no log yet."""
    return found_county(tmp_path)


@pytest.fixture
async def ledger(config: Config) -> AsyncIterator[Ledger]:
    """A new log, still empty."""
    async with open_ledger(config, clock=SystemClock(), create=True) as opened:
        yield opened


@pytest.fixture
def reviews(ledger: Ledger) -> Reviews:
    """An empty queue."""
    return Reviews(
        database=ledger.database, key=b"k" * 32, clock=SystemClock(), due_ms=3_600_000
    )


@pytest.fixture
def tasks(ledger: Ledger) -> Tasks:
    """An empty list of tasks."""
    return Tasks(database=ledger.database, clock=SystemClock())


@pytest.fixture
def docket(ledger: Ledger, tasks: Tasks) -> Docket:
    """The list as people work it."""
    return Docket(
        tasks=tasks,
        log=ledger.log,
        tickets=Tickets(secret=ledger.keys.dedup),
        clock=SystemClock(),
    )


@pytest.fixture
def actions(
    ledger: Ledger, reviews: Reviews, docket: Docket, running: Pretended, files: Files
) -> Actions:
    """What carries out commands."""
    return Actions(
        registrar=ledger.registrar,
        reviews=reviews,
        docket=docket,
        papers_key=b"p" * 32,
        propose=files.propose,
        face=files.face,
        running=running,
    )


SAY_WHO = {
    "act-submit",
    "cutoff-add",
    "instrument-record",
    "policy-replay",
    "task-close",
}
"""Commands that name who gives them."""


async def done(actions: Actions, **command: Any) -> Any:  # noqa: ANN401  # any JSON
    """Carry out one command given by its members."""
    if command["command"] in SAY_WHO:
        command.setdefault("by", "R. Example")
    return await actions.run(parse_command(orjson.dumps(command)), uid=1000)


async def decided(actions: Actions, *people: str, **draft: Any) -> Any:  # noqa: ANN401  # as above
    """Have an act drafted, signed by both or by others, and handed in."""
    drafted = await done(actions, **draft)
    file = ActFile.parse(drafted["file"].encode())
    act = signed(file.act.statement, *(people or BOTH))
    text = replace(file, act=act).text
    return await done(actions, command="act-submit", file=text)


async def past_read(ledger: Ledger, policy: str) -> None:
    """Write that past questions were put to these rules."""
    await ledger.registrar.state(
        lambda _in_force: replay(origin=ORIGIN, policy=policy, since="all"),
        basis=BASIS,
        sealed={"who": {"by": "R. Example", "uid": 1000}},
    )


async def begun(actions: Actions) -> None:
    """Begin the log and activate."""
    await done(actions, command="act-submit", file=GENESIS.note.decode())
    await decided(actions, command="draft-activation")


async def drafted(actions: Actions, **draft: Any) -> ActFile:  # noqa: ANN401  # any JSON
    """Return an act's file that nobody has signed."""
    answer = await done(actions, **draft)
    return ActFile.parse(answer["file"].encode())
