"""The machine interface: parse, run the exchange, write. HTTP lives here only."""

from gateway.web.middlewares import bounded_connection, problems, telemetry
from gateway.web.routes import routes

__all__ = ["bounded_connection", "problems", "routes", "telemetry"]
