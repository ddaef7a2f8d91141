"""A gateway with a real OPA beside it: two engines that agree, or do not."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateway.config import load
from gateway.control import NotDone
from tests.exchange.beside import free_ports, is_closed, start_beside, until, with_opa
from tests.exchange.between import Pair
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import SHERIFF, asking, booking, custody

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.services,
    pytest.mark.timeout(300),
]


async def test_both_engines_agree_and_the_entry_names_them(pair: Pair) -> None:
    """What is released was answered by OPA and by the embedded engine alike."""
    pair.between.questions.clear()
    answer = await pair.ask()
    again = await pair.county.post(SHERIFF, custody())
    ready = await pair.county.admin("/readyz")
    parts = await pair.county.sealed(answer.body["receipt"]["index"])

    assert (answer.status, again.status, ready.status) == (200, 200, 200)
    assert len(pair.between.questions) == 1  # the second time it is remembered
    assert parts["replay"]["engines"] == ["opa", "embedded"]


async def test_nobody_writes_through_opas_interface(pair: Pair) -> None:
    """No policy or data is read or written there, with the gateway's token either."""
    token = await asyncio.to_thread(pair.county.config.opa.token.read_text)  # type: ignore[union-attr]  # this county has an OPA section
    evil = b"package sallyport.ask\nanswer := 1"
    calls = [
        ("PUT", "/v1/policies/evil", evil),
        ("PUT", "/v1/policies/sallyport/ask.rego", evil),
        ("DELETE", "/v1/policies/sallyport/ask.rego", b""),
        ("GET", "/v1/policies", b""),
        ("PUT", "/v1/data/meta", b'{"revision": "x"}'),
        ("PATCH", "/v1/data", b"[]"),
        ("GET", "/v1/data/meta", b""),
        ("POST", "/v1/query", b'{"query": "data"}'),
        ("POST", "/v1/compile", b'{"query": "data"}'),
        ("POST", "/v1/data", b"{}"),
        ("POST", "/", b"{}"),
    ]

    def statuses() -> list[int]:
        found = []
        for headers in ({}, {"Authorization": f"Bearer {token}"}):
            for method, path, body in calls:
                connection = http.client.HTTPConnection("127.0.0.1", pair.opa.port)
                connection.request(method, path, body, headers)
                found.append(connection.getresponse().status)
                connection.close()
        return found

    assert await asyncio.to_thread(statuses) == [401] * 2 * len(calls)
    await pair.heals()


async def _flipped(_request: web.Request, answer: bytes) -> web.StreamResponse:
    # The digits of what decides: whatever prohibits is a permit that needs nobody.
    flipped = re.sub(rb'"by":"\d1\d{5}"', b'"by":"5430001"', answer)
    return web.Response(body=flipped, content_type="application/json")


def address() -> dict[str, Any]:
    """Return a request for what nobody opens."""
    return asking(
        "county-jail",
        "criminal_investigation",
        subjects=booking(17),
        fields=["home_address"],
    )


async def leaves(county: County, **members: str) -> list[dict[str, Any]]:
    """Return the leaves with these members."""
    return [
        leaf
        for leaf in await county.leaves()
        if all(leaf[name] == value for name, value in members.items())
    ]


@pytest.mark.fault("opa-flipped")
async def test_one_flipped_answer_closes_until_an_operator_looked(pair: Pair) -> None:
    """OPA permits what the law withholds, once: 0 releases until somebody reopens.

    Not after it is right again, and not after a restart; the log has both answers.
    """
    county = pair.county
    await pair.heals()
    county.services.in_force.policy.forget()
    pair.between.change = _flipped
    try:
        flipped = await county.post(SHERIFF, address())
    finally:
        pair.between.change = None
    closed = [await pair.ask() for _ in range(5)]
    await until(lambda: is_closed(county))
    (leaf,) = await leaves(county, decision="close")
    index = (await county.leaves()).index(leaf)
    replay = (await county.sealed(index))["replay"]
    status = await county.command(command="status")
    gauges = (await county.admin("/metrics")).data.decode()

    assert {answer.cause for answer in (flipped, *closed)} == {"policy-disagreement"}
    assert leaf["ev"] == "act"
    assert "home_address" not in json.dumps(leaf)
    theirs, ours = (json.loads(replay["answers"][n]) for n in ("opa", "embedded"))
    said = [
        (theirs["outcome"], ours["outcome"])
        for theirs, ours in zip(theirs["asks"], ours["asks"], strict=True)
    ]
    assert ("release", "withhold") in said
    assert isinstance(status, dict)
    assert str(status["closed"]).startswith("opa and embedded answer one question")
    assert str(status["closed"]).endswith("run: sallyport reopen")
    assert "sallyport_closed 1.0" in gauges
    assert "sallyport_disagreements_total 1.0" in gauges

    await county.command(command="reopen", by="R. Example")
    again = await pair.ask()
    assert again.status == 200
    assert (await leaves(county, decision="reopen"))[-1]["policy"] == leaf["policy"]


async def test_known_questions_answered_wrong_close_too(pair: Pair) -> None:
    """OPA is tried now and then; while it answers wrong nobody can reopen."""
    county = pair.county
    await pair.heals()
    pair.between.change = _flipped
    try:
        county.services.succession._asked.clear()
        ready = await county.admin("/readyz")
        await until(lambda: is_closed(county))
        closed = await pair.ask()
        with pytest.raises(NotDone, match="answers known questions wrong"):
            await county.command(command="reopen", by="R. Example")
    finally:
        pair.between.change = None
    still = await pair.ask()
    await county.command(command="reopen", by="R. Example")

    assert ready.body["parts"]["policy"] == "opa answers known questions wrong"
    assert {closed.cause, still.cause} == {"policy-disagreement"}
    assert (await pair.ask()).status == 200


async def test_opa_may_be_the_only_engine(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """Where there is no embedded engine, entries name the one there is."""
    layout = await asyncio.to_thread(write_county, tmp_path / "d", records=60)
    port, admin_port = free_ports(2)
    await asyncio.to_thread(
        with_opa, layout, url_port=port, admin_port=admin_port, engines=["opa"]
    )
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as county:
        # Started before its OPA: it answers when that has come, and has the bundle.
        early = await county.post(SHERIFF, custody())
        ready = await county.admin("/readyz")
        program = require_tool("opa")
        opa = await asyncio.to_thread(start_beside, layout, program, port)
        try:

            async def answers() -> bool:
                return (await county.post(SHERIFF, custody())).status == 200

            await until(answers)
            answer = await county.post(SHERIFF, custody())
            parts = await county.sealed(answer.body["receipt"]["index"])
        finally:
            await asyncio.to_thread(opa.stop)

    assert early.cause == "policy-unavailable"
    assert ready.body["parts"]["policy"] == "opa: nobody answers at its address"
    assert parts["replay"]["engines"] == ["opa"]
