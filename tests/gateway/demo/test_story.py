"""Asking and telling, with a gateway that answers as it is told to."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from audit.act import Act
from gateway.acts import ActFile, cutoff_lift
from gateway.demo.deciders import people
from gateway.demo.layout import Layout
from gateway.demo.narrator import JsonLines
from gateway.demo.scenes import Chapter, Deed, Scene
from gateway.demo.stage import Gateway
from gateway.demo.story import DeedRefused, Story, read_passes

SCENE = Scene(
    name="a", requester="broker", says="asks.", body={"q": 1}, expects="refused"
)
DEED = Deed(says="Somebody acts.", command={"command": "status"})


class Door:
    """Answers every request and every command as the test says."""

    def __init__(self) -> None:
        self.status = 403
        self.answer: dict[str, Any] = {"receipt": {"index": 5}}
        self.done: dict[str, Any] = {"outcome": "done", "result": {"entry": 6}}
        self.tokens: list[str] = []
        self.commands: list[dict[str, Any]] = []

    async def asked(self, request: web.Request) -> web.Response:
        """Answer a request."""
        self.tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        return web.json_response(self.answer, status=self.status)

    async def commanded(self, request: web.Request) -> web.Response:
        """Answer a command."""
        self.commands.append(await request.json())
        return web.json_response(self.done)


@pytest.fixture
def door() -> Door:
    """A door that refuses, until told otherwise."""
    return Door()


@pytest.fixture
async def gateway(door: Door, tmp_path: Path) -> AsyncIterator[Gateway]:
    """The door, reached as a gateway is; plain HTTP will do here."""
    application = web.Application()
    application.router.add_post("/v1/exchanges", door.asked)
    application.router.add_post("/", door.commanded)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    await web.UnixSite(runner, str(tmp_path / "s")).start()
    yield Gateway(
        url=f"http://127.0.0.1:{port}",
        socket=tmp_path / "s",
        store=tmp_path,
        entries=lambda: 0,
    )
    await runner.cleanup()


async def tell(
    county: Layout, gateway: Gateway, *parts: Scene | Deed
) -> tuple[Story, list[dict[str, Any]]]:
    """Tell one chapter; return the story and what was told."""
    stream = io.StringIO()
    story = Story(
        narrator=JsonLines(stream=stream),
        gateways={"illinois": gateway},
        passes=await asyncio.to_thread(read_passes, county),
        deciders=await asyncio.to_thread(people, county),
    )
    await story.chapter(Chapter(title="t", text="x", parts=parts))
    return story, [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_an_expected_answer_is_no_surprise(
    county: Layout, gateway: Gateway
) -> None:
    """What came back is told, after the chapter's heading."""
    story, told = await tell(county, gateway, SCENE, DEED)

    assert [event["event"] for event in told] == ["chapter", "scene", "deed"]
    assert told[1]["outcome"]["entry"] == 5
    assert told[2]["entry"] == 6
    assert story.surprises == []


async def test_another_answer_is_remembered(
    county: Layout, gateway: Gateway, door: Door
) -> None:
    """A release where the law says no is named, with both words."""
    door.status, door.answer = 200, {"status": "released"}

    story, _ = await tell(county, gateway, SCENE)

    assert story.surprises == ["a: released, the packs say refused"]


async def test_a_stolen_token_is_shown_with_the_thief_s_certificate(
    county: Layout, gateway: Gateway, door: Door
) -> None:
    """The token is its owner's, nobody else's."""
    stolen = Scene(
        name="b",
        requester="broker",
        says="steals.",
        body={},
        expects="refused",
        stolen_from="ice-ero",
    )

    await tell(county, gateway, stolen)

    assert door.tokens == [county.requester("ice-ero").token.read_text().strip()]


async def test_a_deed_that_is_refused_ends_the_story(
    county: Layout, gateway: Gateway, door: Door
) -> None:
    """The demo does not tell of what did not happen."""
    door.done = {"outcome": "not-done", "problem": "no"}

    with pytest.raises(DeedRefused, match="no"):
        await tell(county, gateway, DEED)


async def test_what_two_must_sign_is_signed_by_both(
    county: Layout, gateway: Gateway, door: Door
) -> None:
    """Drafted, signed with both keys, handed in; who signed is told."""
    lift = cutoff_lift(
        origin="x", lifts=0, reason="resolved", expires="2999-01-01T00:00:00Z"
    )
    drafted = ActFile(act=Act(statement=lift)).text
    door.done["result"] |= {"file": drafted, "signed_by": ["counsel-1", "officer-1"]}
    deed = Deed(says="Two let go.", command={"command": "draft-lift"}, by="somebody")

    _, told = await tell(county, gateway, deed)

    first, second = door.commands
    assert first == {"command": "draft-lift"}
    assert (second["command"], second["by"]) == ("act-submit", "somebody")
    signatures = ActFile.parse(second["file"].encode()).act.signatures
    assert [each.name for each in signatures] == ["counsel-1", "officer-1"]
    assert told[1]["signed_by"] == ["counsel-1", "officer-1"]
