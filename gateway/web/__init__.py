"""The machine interface: parse, run the exchange, write. HTTP lives here only."""

from gateway.web.connection import listening
from gateway.web.middlewares import (
    bounded_connection,
    count_handshake,
    count_junk,
    problems,
    telemetry,
)
from gateway.web.routes import routes

__all__ = [
    "bounded_connection",
    "count_handshake",
    "count_junk",
    "listening",
    "problems",
    "routes",
    "telemetry",
]
