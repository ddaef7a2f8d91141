"""What an attacker with a certificate could learn: nothing beyond the effects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateway.demo.chapters import scenes
from tests.exchange.county import Answer, County
from tests.exchange.observer import STATES, VARIED, seen, write
from tests.exchange.requests import SHERIFF, asking, booking, licence

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

FACTS: Mapping[str, tuple[str, str, dict[str, tuple[object, ...]]]] = {
    "county-jail": (
        "jail.db",
        "bookings WHERE booking_no = 'B-000041'",
        {
            "sealed": (0, 1),
            "juvenile": (0, 1),
            "protected": (0, 1),
            "victim": (0, 1),
            "custody": ("in_custody", "released"),
            "bail_posted_at": (None, "2026-01-02"),
            "proved_status": (0, 1),
            "q_7282_5_a": (None, 0, 1),
            "q_7282_5_a3_on": (None, "2025-01-02", "2015-01-02"),
            "pc_872": (None, 0, 1),
            "on_roster": (0, 1),
        },
    ),
    "county-dmv": (
        "dmv.db",
        "drivers WHERE licence_no = 'X000-0000-0041'",
        {"sealed": (0, 1), "protected": (0, 1)},
    ),
    "county-gang": (
        "gang.db",
        "designations WHERE entry_no = 'G-000041'",
        {
            "sealed": (0, 1),
            "juvenile": (0, 1),
            "validated_on": (None, "2026-01-02", "2015-01-02"),
        },
    ),
}
"""By dataset: its file, the row that is varied, and each fact column's values."""


def effects(answer: Answer) -> str:
    """Return what an answer may tell: its status, the effects, what it releases."""
    rows = answer.body.get("decision", [])
    told = [(row["kind"], row["category"], row["outcome"]) for row in rows]
    return json.dumps([answer.status, told, answer.body.get("records")])


def _asked() -> list[tuple[str, dict[str, Any]]]:
    """Return every request of the demo and more, all about one varied person."""
    who = {
        "county-jail": booking(VARIED),
        "county-dmv": licence(VARIED),
        "county-gang": [{"case_number": f"G-{VARIED:06d}"}],
    }
    jail = [
        ("ice-ero", "release_notification", ["notify"], ["release_date"]),
        ("ice-ero", "release_notification", ["notify", "transfer"], ["release_date"]),
        ("ice-ero", "custody_transfer", ["transfer"], []),
        ("ice-ero", "hold_request", ["hold"], []),
        ("ice-ero", "immigration_civil", ["interview"], []),
        ("ice-hsi", "criminal_investigation", ["read_fields"], ["custody_status"]),
        (
            SHERIFF,
            "criminal_investigation",
            ["read_fields"],
            ["custody_status", "court_date", "booking_charges", "convictions", "notes"],
        ),
        (SHERIFF, "criminal_investigation", ["read_fields"], ["home_address"]),
        ("broker", "criminal_investigation", ["read_fields"], ["booking_charges"]),
    ]
    asked = [
        (scene.requester, {**scene.body, "subjects": who[scene.body["dataset"]]})
        for scene in scenes()
        if not scene.stolen_from and scene.body.get("subjects")
    ]
    asked += [
        (
            name,
            asking(
                "county-jail",
                purpose,
                kinds=kinds,
                subjects=booking(VARIED),
                **({"fields": fields} if fields else {}),
            ),
        )
        for name, purpose, kinds, fields in jail
    ]
    distinct = {json.dumps([name, body], sort_keys=True) for name, body in asked}
    return [(name, body) for name, body in map(json.loads, sorted(distinct))]


def _vectors(columns: Mapping[str, Sequence[object]]) -> list[dict[str, object]]:
    """Return a plain record, each fact varied alone, and each pair that matters."""
    plain = {name: values[0] for name, values in columns.items()}
    alone = [
        plain | {name: value} for name, values in columns.items() for value in values
    ]
    together = [
        plain | {"sealed": 1, name: values[-1]} for name, values in columns.items()
    ]
    return [plain, *alone, *together]


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
async def test_equal_effects_are_equal_bytes_whatever_the_record_says(
    states: dict[str, County], state: str
) -> None:
    """Each fact that packs read is varied: beyond the effects no byte changes."""
    county = states[state]
    by_effect: dict[tuple[int, str], set[bytes]] = {}
    vectors = 0
    requests = list(enumerate(_asked()))
    for dataset, (file, row, columns) in FACTS.items():
        table, _, where = row.partition(" WHERE ")
        mine = [(n, who, b) for n, (who, b) in requests if b["dataset"] == dataset]
        for vector in _vectors(columns):
            vectors += 1
            change = ", ".join(f"{name} = ?" for name in vector)
            await asyncio.to_thread(
                write,
                county.layout.databases / file,
                f"UPDATE {table} SET {change} WHERE {where}",  # noqa: S608 - constants
                *vector.values(),
            )
            for number, who, body in mine:
                answer = await county.post(who, body)
                assert answer.status in {200, 202, 403}, (who, body, answer.body)
                told = by_effect.setdefault((number, effects(answer)), set())
                told.add(seen(answer))

    assert vectors > 50
    assert len(by_effect) > len(requests) * 0.8
    differing = [key for key, bodies in by_effect.items() if len(bodies) > 1]
    assert differing == []
