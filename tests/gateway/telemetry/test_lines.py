"""Log lines: declared keys with values of their form; everything else is dropped."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry import EVENTS, FIELDS, Lines, configure_lines
from gateway.telemetry.lines import allowed


@pytest.fixture
def stream() -> io.BytesIO:
    """Where lines go."""
    return io.BytesIO()


@pytest.fixture
def lines(stream: io.BytesIO) -> Lines:
    """What writes lines there."""
    return configure_lines(stream=stream)


def read(stream: io.BytesIO) -> list[dict[str, Any]]:
    """Return the lines that were written."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_declared_line_is_written(lines: Lines, stream: io.BytesIO) -> None:
    """Event, level, time and declared keys, as one line of JSON."""
    lines.warning("unavailable", cause="log-unavailable", status=503)
    (line,) = read(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "unavailable",
        "level": "warning",
        "cause": "log-unavailable",
        "status": 503,
    }


def test_an_unknown_key_is_dropped_and_counted(
    lines: Lines, stream: io.BytesIO
) -> None:
    """A key that nobody declared never appears, nor does its value."""
    lines.info("ready", person="CANARY", body={"ssn": "CANARY"})
    (line,) = read(stream)
    assert line["dropped"] == 2
    assert "CANARY" not in stream.getvalue().decode()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("route", "/v1/person/D1234567?name=GARCIA"),
        ("dataset", "GARCIA, MARIA"),
        ("status", "CANARY"),
        ("status", True),
        ("open", 1),
        ("exchange", "CANARY"),
        ("cause", ["CANARY"]),
        ("detail", "two\nlines"),
        ("detail", "Garc\u00eda"),
        ("level", {"CANARY": 1}),
    ],
)
def test_a_value_of_another_form_is_dropped(
    lines: Lines, stream: io.BytesIO, key: str, value: object
) -> None:
    """A declared key is no way out for content."""
    lines.info("request", **{key: value})
    (line,) = read(stream)
    assert line.get(key) in {None, "info"}


def test_an_undeclared_event_is_unnamed(lines: Lines, stream: io.BytesIO) -> None:
    """An event's name cannot carry content either."""
    lines.info("CANARY")
    lines.info("asked by GARCIA")
    assert [line["event"] for line in read(stream)] == ["unnamed", "unnamed"]
    assert b"CANARY" not in stream.getvalue()


def test_the_level_holds(stream: io.BytesIO) -> None:
    """Less severe lines are not written."""
    lines = configure_lines(level="warning", stream=stream)
    lines.info("ready")
    lines.error("failure")
    assert [line["event"] for line in read(stream)] == ["failure"]


def test_libraries_say_only_that_they_spoke(lines: Lines, stream: io.BytesIO) -> None:
    """What a library writes may hold anything: its text is not repeated."""
    assert lines is not None
    try:
        int("CANARY")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("CANARY %s", "CANARY")
    logging.getLogger("asyncio").warning("CANARY")
    logging.getLogger("asyncio").info("CANARY")
    first, second = read(stream)
    assert (first["event"], first["logger"]) == ("library", "aiohttp.server")
    assert first["error"] == "ValueError"
    assert (second["level"], second["logger"]) == ("warning", "asyncio")
    assert b"CANARY" not in stream.getvalue()


def test_every_name_is_explained() -> None:
    """Events and keys have a sentence each: the page is made of them."""
    assert all(text.endswith(".") for text in EVENTS.values())
    assert all(field.help.endswith(".") for field in FIELDS.values())


VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())


@given(st.dictionaries(st.text() | st.sampled_from([*FIELDS]), VALUES))
def test_only_declared_forms_get_through(event: dict[str, object]) -> None:
    """Whatever is handed over, what comes out is declared and of its form."""
    kept = allowed(None, "info", dict(event))
    assert kept["event"] in EVENTS
    assert all(FIELDS[key].allows(value) for key, value in kept.items())


def test_a_library_s_line_that_cannot_be_written_ends_nothing() -> None:
    """Whoever logs is in the middle of an answer, which goes on all the same."""
    stream = io.BytesIO()
    configure_lines(stream=stream)
    stream.close()

    logging.getLogger("aiohttp.server").error("Error handling request")
