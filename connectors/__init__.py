"""Read-only access to an agency's own databases: a query in, bounded rows out.

Knows nothing of policy, requesters or the log. What every connector promises is the
docstring of :class:`Connector`; what may go wrong is :mod:`connectors.errors`.
"""

from connectors.breaker import Breaker, BreakerState
from connectors.contract import Connector, Limits, Snapshot
from connectors.errors import (
    ConnectorError,
    DriverMissing,
    Fault,
    InvalidQuery,
    SourceTimeout,
    SourceUnavailable,
)
from connectors.opening import KINDS, driver_problem, open_connector
from connectors.postgres import PostgresServer, is_here
from connectors.query import Key, LiveColumn, Query, Row, Table, Value

__all__ = [
    "KINDS",
    "Breaker",
    "BreakerState",
    "Connector",
    "ConnectorError",
    "DriverMissing",
    "Fault",
    "InvalidQuery",
    "Key",
    "Limits",
    "LiveColumn",
    "PostgresServer",
    "Query",
    "Row",
    "Snapshot",
    "SourceTimeout",
    "SourceUnavailable",
    "Table",
    "Value",
    "driver_problem",
    "is_here",
    "open_connector",
]
