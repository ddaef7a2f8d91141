"""Unique values planted everywhere are found nowhere but where they were released."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.clock import SystemClock
from gateway.config import load
from gateway.telemetry import Metrics, Telemetry, configure_lines
from tests.exchange.county import Answer, County, activate, running, write_county
from tests.exchange.requests import SHERIFF, asking, gang

CANARIES = {
    name: f"Zq{place:02d}canary{name}"
    for place, name in enumerate(
        (
            "case",
            "purposetext",
            "selector",
            "statement",
            "member",
            "word",
            "header",
            "key",
            "path",
            "query",
            "name",
            "address",
            "phone",
            "release",
            "notes",
            "gang",
            "body",
        )
    )
}
RELEASED = {CANARIES["gang"], CANARIES["name"]}


def plant(databases: Path) -> None:
    """Plant canaries in records of two databases."""
    with sqlite3.connect(databases / "jail.db") as jail:
        jail.execute(
            "UPDATE bookings SET name = ?, home_address = ?, phone = ?, notes = ?"
            " WHERE booking_no IN ('B-000018', 'B-000022', 'B-000021')",
            (
                CANARIES["name"],
                CANARIES["address"],
                CANARIES["phone"],
                CANARIES["notes"],
            ),
        )
    jail.close()
    with sqlite3.connect(databases / "gang.db") as gang:
        gang.execute("UPDATE designations SET affiliation = ?", (CANARIES["gang"],))
    gang.close()


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Every span of the test."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    yield exporter
    provider.shutdown()


def jail(**more: object) -> dict[str, Any]:
    """Return a request to the jail that carries canaries wherever it may."""
    return asking(
        "county-jail",
        "criminal_investigation",
        **{
            "subjects": [{"booking_number": "B-000018"}],
            "fields": ["custody_status"],
            "case_number": CANARIES["case"],
            "purpose_text": CANARIES["purposetext"],
            **more,
        },
    )


async def every_outcome(county: County) -> list[Answer]:
    """Bring about each outcome and each kind of mistake."""
    selector, word = CANARIES["selector"], CANARIES["word"].lower()
    answers = [
        await county.post(SHERIFF, body, headers={"X-Note": CANARIES["header"]})
        for body in (
            jail(),
            jail(subjects=[{"booking_number": selector}]),
            jail(subjects=[{"name": selector, "dob": "1990-01-01"}]),
            jail(subjects=[{selector.lower(): selector}]),
            jail(subjects=[{"booking_number": "B-000022"}]),
            jail(fields=[word]),
            jail(purpose=word),
            jail(kinds=[word]),
            jail(recipient=word),
            jail(channel=word),
            jail(dataset=word),
            jail(statements={word: True}),
            jail(statements={"dppa_use": word}),
            jail(instruments=[{"type": word, "document_sha256": "0" * 64}]),
            jail(**{CANARIES["member"]: CANARIES["statement"]}),
        )
    ]
    answers += [
        await county.post(SHERIFF, CANARIES["body"].encode()),
        await county.post(SHERIFF, json.dumps([CANARIES["body"]]).encode()),
        await county.post(SHERIFF, jail(), key=CANARIES["key"]),
        await county.post(SHERIFF, jail(fields=["court_date"]), key=CANARIES["key"]),
        await county.post("ice-ero", jail(fields=["immigration_status"])),
        await county.post("unknown", jail()),
        await county.post("broker", jail(), token_of=SHERIFF),
        await county.post(
            SHERIFF, jail(), headers={"Content-Type": CANARIES["header"]}
        ),
        await county.post(
            SHERIFF, jail(), headers={"Content-Encoding": CANARIES["header"]}
        ),
        await county.get(SHERIFF, f"/v1/exchanges/{CANARIES['path']}"),
        await county.get(SHERIFF, f"/{CANARIES['path']}"),
        await county.get(SHERIFF, f"/v1/openapi.json?q={CANARIES['query']}"),
        await county.get(SHERIFF, f"/log/{CANARIES['path']}"),
    ]
    return answers


async def test_canaries_are_nowhere_but_in_what_was_released(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    """No line, metric, span, error page, public leaf or archive row has one."""
    layout = await asyncio.to_thread(write_county, tmp_path / "d")
    await asyncio.to_thread(plant, layout.databases)
    config = await asyncio.to_thread(load, layout.config())
    await activate(config)
    stream = io.BytesIO()
    clock = SystemClock()
    telemetry = Telemetry(
        lines=configure_lines(level="debug", stream=stream),
        metrics=Metrics(),
        clock=clock,
        traces=True,
    )
    async with running(layout, telemetry=telemetry) as county:
        answers = await every_outcome(county)
        known = await county.post(SHERIFF, gang(25))
        metrics = (await county.admin("/metrics")).data
        ready = (await county.admin("/readyz")).data
        leaves = json.dumps(await county.leaves()).encode()
        await county.services.log.settle()

    statuses = {answer.status for answer in answers}
    assert {200, 202, 400, 401, 403, 404, 409, 415, 422} <= statuses
    assert CANARIES["gang"].encode() in known.data

    sinks = {
        "lines": stream.getvalue(),
        "metrics": metrics + ready,
        "spans": json.dumps(
            [span.to_json() for span in spans.get_finished_spans()]
        ).encode(),
        "leaves": leaves,
        "pages": b"".join(a.data for a in answers if a.status != 200),
        "headers": json.dumps([dict(a.headers) for a in answers]).encode(),
        "state": await asyncio.to_thread(config.state_path.read_bytes),
        "public log": await asyncio.to_thread(_files, config.log.directory),
    }
    assert sinks["lines"]
    assert len(spans.get_finished_spans()) >= len(answers)
    found = [
        f"{canary} in {sink}"
        for sink, data in sinks.items()
        for canary in CANARIES.values()
        if canary.lower().encode() in data.lower()
    ]
    assert found == []


def _files(folder: Path) -> bytes:
    """Return everything below a folder; what is sealed is sealed."""
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())
