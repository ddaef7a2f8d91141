"""The machine interface: parse, run the exchange, write. HTTP lives here only."""

from gateway.web.connection import Times, listening
from gateway.web.middlewares import (
    count_handshake,
    count_junk,
    problems,
    telemetry,
)
from gateway.web.routes import routes

__all__ = [
    "Times",
    "count_handshake",
    "count_junk",
    "listening",
    "problems",
    "routes",
    "telemetry",
]
