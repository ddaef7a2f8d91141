"""A server that goes and comes back: named while it is gone, not noticed afterwards."""

from __future__ import annotations

import asyncio

import pytest

from connectors import Fault, Query, SourceUnavailable, Table
from tests.connectors.postgres.conftest import SOON_S, Connect
from tests.services.postgres import Server

pytestmark = pytest.mark.services

PEOPLE = Table(name="people", key=("id",), columns=(("name", "name"),))


async def test_a_restart_is_not_noticed(connect: Connect, postgres: Server) -> None:
    """Connections that a restart closed are replaced before anybody asks on them."""
    connector = connect()
    query = Query(table=PEOPLE, columns=("name",))
    before = await connector.select(query, deadline_s=SOON_S)
    await asyncio.gather(
        *(connector.ping(deadline_s=SOON_S) for _ in range(4)),
    )

    await asyncio.to_thread(postgres.crash)
    await asyncio.to_thread(postgres.start)

    assert await connector.select(query, deadline_s=SOON_S) == before


async def test_a_server_that_is_gone_is_said_so(
    connect: Connect, postgres: Server
) -> None:
    """While it is down each call says gone; with it back, the next answers."""
    connector = connect()
    query = Query(table=PEOPLE)
    await connector.ping(deadline_s=SOON_S)

    await asyncio.to_thread(postgres.stop)
    try:
        for _ in range(2):
            with pytest.raises(SourceUnavailable) as caught:
                await connector.select(query, deadline_s=SOON_S)
            assert caught.value.fault is Fault.GONE
    finally:
        await asyncio.to_thread(postgres.start)

    assert len(await connector.select(query, deadline_s=SOON_S)) == 2
