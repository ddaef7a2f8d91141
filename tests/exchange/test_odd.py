"""Values that are not what the catalogue says: withheld, and the operator is told."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from gateway.config import load
from gateway.demo.layout import Layout
from tests.exchange.county import activate, running, write_county
from tests.exchange.requests import SHERIFF, asking, booking

COUNTED = 'sallyport_odd_values_total{source="jail-db"} '


@pytest.fixture
async def spoilt(tmp_path: Path) -> Layout:
    """A county in whose jail the days of birth of two people are no days."""
    layout = await asyncio.to_thread(write_county, tmp_path / "d", records=60)

    def spoil() -> None:
        with sqlite3.connect(layout.databases / "jail.db") as jail:
            jail.execute(
                "UPDATE bookings SET dob = 'Zq91' WHERE booking_no IN (?, ?)",
                ("B-000017", "B-000018"),
            )
        jail.close()

    await asyncio.to_thread(spoil)
    await activate(await asyncio.to_thread(load, layout.config()))
    return layout


async def test_odd_values_are_counted_and_not_released(spoilt: Layout) -> None:
    """By source, on the operator's port alone; the record goes without them."""
    asked = asking(
        "county-jail",
        "criminal_investigation",
        subjects=[*booking(17), *booking(18), *booking(19)],
        fields=["custody_status", "dob"],
    )
    async with running(spoilt) as county:
        before = (await county.admin("/metrics")).data.decode()
        answer = await county.post(SHERIFF, asked)
        after = (await county.admin("/metrics")).data.decode()

    assert answer.status == 200
    shown = [set(record["fields"]) for record in answer.body["records"]]
    assert [{"dob"} & fields for fields in shown] == [set(), set(), {"dob"}]
    assert b"Zq91" not in answer.data
    assert COUNTED not in before
    assert f"{COUNTED}2.0" in after
