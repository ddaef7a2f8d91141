"""Log lines: JSON, one a line, by allow-list."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, BinaryIO

import orjson
import structlog
from structlog.typing import FilteringBoundLogger

from gateway.telemetry.names import EVENTS, FIELDS

__all__ = ["Lines", "allowed", "configure_lines"]

Lines = FilteringBoundLogger
"""What writes lines: ``lines.info("ready", listen=...)``."""

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure_lines(*, level: str = "info", stream: BinaryIO | None = None) -> Lines:
    """Return the writer of log lines and send libraries' lines through it.

    Args:
        level: least severe level written.
        stream: where to; standard error by default.
    """
    lines: Lines = structlog.wrap_logger(
        structlog.BytesLogger(stream or sys.stderr.buffer),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            allowed,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        context_class=dict,
        cache_logger_on_first_use=True,
    )
    _take_over(logging.getLogger(), lines, _LEVELS[level])
    return lines


def allowed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    """Keep declared keys whose values have the declared form; count the rest.

    A structlog processor: the last thing before a line is rendered.
    """
    kept = {
        key: value
        for key, value in event.items()
        if key in FIELDS and FIELDS[key].allows(value)
    }
    if kept.get("event") not in EVENTS:
        kept["event"] = "unnamed"
    dropped = len(event) - len(kept)
    if dropped:
        kept["dropped"] = dropped
    return kept


def _json(event: Mapping[str, Any], **_options: object) -> bytes:
    return orjson.dumps(event)


class _LibraryLines(logging.Handler):
    """Says that a library had something to say; its text may hold anything."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        error = (
            record.exc_info[0].__name__
            if record.exc_info and record.exc_info[0]
            else None
        )
        known = {} if error is None else {"error": error}
        write = (
            self._lines.error
            if record.levelno >= logging.ERROR
            else self._lines.warning
        )
        # Whoever logs is in the middle of something, which a line must not end.
        with contextlib.suppress(OSError, ValueError):
            write("library", logger=record.name, **known)


def _take_over(root: logging.Logger, lines: Lines, level: int) -> None:
    """Replace our own handler of an earlier call; leave others' alone."""
    for handler in root.handlers[:]:
        if isinstance(handler, _LibraryLines):
            root.removeHandler(handler)
    handler = _LibraryLines(lines)
    handler.setLevel(max(level, logging.WARNING))
    root.addHandler(handler)
