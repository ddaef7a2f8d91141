"""Requests as operators see them: a template, a status, a time; never content."""

from __future__ import annotations

import io
import json

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.config import parse_config
from gateway.errors import Cause
from gateway.telemetry import (
    SPAN_ATTRIBUTES,
    Metrics,
    Telemetry,
    configure_lines,
)
from tests.gateway.state.conftest import Hands

ROUTE = "/v1/exchanges"


@pytest.fixture
def stream() -> io.BytesIO:
    """Where lines go."""
    return io.BytesIO()


@pytest.fixture
def clock() -> Hands:
    """A clock that moves when told."""
    return Hands()


@pytest.fixture
def telemetry(stream: io.BytesIO, clock: Hands) -> Telemetry:
    """Telemetry without spans."""
    return Telemetry(
        lines=configure_lines(stream=stream),
        metrics=Metrics(routes=[ROUTE]),
        clock=clock,
    )


def last(stream: io.BytesIO) -> dict[str, object]:
    """Return the last line."""
    line: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    return line


def test_a_request_is_a_line_and_a_count(
    telemetry: Telemetry, stream: io.BytesIO, clock: Hands
) -> None:
    """Its template, method, status and time are seen."""
    with telemetry.request(ROUTE, "POST") as span:
        clock.advance(0.25)
        span.answered(200)
    line = last(stream)
    assert (line["route"], line["status"], line["ms"]) == (ROUTE, 200, 250)
    data, content_type = telemetry.exposition()
    assert b'route="/v1/exchanges",status="200"} 1.0' in data
    assert content_type.startswith("text/plain")


def test_a_request_that_breaks_counts_as_500(
    telemetry: Telemetry, stream: io.BytesIO
) -> None:
    """An exception passes through and is counted."""
    with pytest.raises(KeyError), telemetry.request(ROUTE, "CANARY"):
        raise KeyError("CANARY")
    assert last(stream)["status"] == 500
    assert last(stream)["method"] == "other"
    assert b"CANARY" not in stream.getvalue() + telemetry.exposition()[0]


def test_a_503_has_its_cause(telemetry: Telemetry, stream: io.BytesIO) -> None:
    """The cause is counted and said; the detail is the code's own sentence."""
    telemetry.unavailable(Cause.CLOCK, "the clock was set")
    telemetry.unavailable(Cause.CLOCK)
    first = json.loads(stream.getvalue().splitlines()[0])
    assert (first["cause"], first["detail"]) == ("clock", "the clock was set")
    assert b'cause="clock"} 2.0' in telemetry.exposition()[0]


def test_a_defect_is_placed_but_not_quoted(
    telemetry: Telemetry, stream: io.BytesIO
) -> None:
    """Class, module, line and function; never the exception's text."""
    try:
        parse_config("CANARY", object())  # type: ignore[arg-type]  # a defect, on purpose
    except Exception as error:  # noqa: BLE001  # whatever it is
        telemetry.failure(error)
    line = last(stream)
    assert line["event"] == "failure"
    assert str(line["where"]).startswith("gateway/")
    assert b"CANARY" not in stream.getvalue()


def test_a_defect_elsewhere_has_no_place(
    telemetry: Telemetry, stream: io.BytesIO
) -> None:
    """A frame that is not ours is not named."""
    telemetry.failure(ValueError("CANARY"))
    assert last(stream)["where"] == "unknown"


def test_spans_have_declared_attributes_only(
    stream: io.BytesIO, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A span carries template, method and status, and no text of an exception."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    told = Telemetry(
        lines=configure_lines(stream=stream),
        metrics=Metrics(routes=[ROUTE]),
        clock=clock,
        traces=True,
    )
    with told.request(ROUTE, "POST") as span:
        span.answered(403)
    with pytest.raises(KeyError), told.request(ROUTE, "POST"):
        raise KeyError("CANARY")
    first, second = exporter.get_finished_spans()
    assert first.name == f"POST {ROUTE}"
    assert {**(first.attributes or {})} == {
        "http.request.method": "POST",
        "http.route": ROUTE,
        "http.response.status_code": 403,
    }
    assert {*(second.attributes or {})} <= {*SPAN_ATTRIBUTES}
    assert "CANARY" not in first.to_json() + second.to_json()
    provider.shutdown()
