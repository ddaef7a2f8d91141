"""State on a PostgreSQL server: one connection, no wait longer than the deadline.

A connection that broke is replaced before the next piece of work, so that a restart
of the server between two of them is not noticed. psycopg is imported when such an
engine is made, and not before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event

from connectors import PostgresServer, driver_problem
from gateway.errors import Cause, Unavailable
from gateway.state.migrate import StateRefused

if TYPE_CHECKING:
    import psycopg

__all__ = ["Deadline", "server_engine"]

_LEAST_CONNECT_S = 2
"""psycopg waits no shorter for a connection."""

_SET = (
    "SELECT pg_catalog.set_config('statement_timeout', %s, true),"
    " CASE pg_catalog.current_setting('synchronous_commit') WHEN 'off' THEN"
    " pg_catalog.set_config('synchronous_commit', 'on', true) END"
)
"""Each statement is bounded at the server too, and a commit is durable there."""


@dataclass(kw_only=True, slots=True)
class Deadline:
    """When the work of the one thread has to be done; ``seconds`` after it began."""

    seconds: float
    ends_at: float = field(default=0.0, init=False)

    def begin(self) -> None:
        """A piece of work begins now."""
        self.ends_at = time.monotonic() + self.seconds

    @property
    def passed(self) -> bool:
        """Whether it should have ended."""
        return time.monotonic() >= self.ends_at


def server_engine(server: PostgresServer, deadline: Deadline) -> Engine:
    """Return an engine with one connection to a server, opened when first used.

    Raises:
        StateRefused: the driver is not installed; the sentence says how.
    """
    if problem := driver_problem("postgres"):
        raise StateRefused(problem)
    engine = create_engine(
        "postgresql+psycopg://",
        creator=_opener(server, deadline),
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        # As SQLite's: whoever comes between sees all of it or nothing.
        isolation_level="SERIALIZABLE",
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        """Bound each statement at the server too; a commit is durable."""
        most = str(max(1, int(deadline.seconds * 1000)))
        connection.exec_driver_sql(_SET, (most,))

    return engine


def _opener(
    server: PostgresServer, deadline: Deadline
) -> Callable[[], psycopg.Connection[Any]]:
    """Return what opens a connection that keeps to the deadline."""
    import psycopg  # noqa: PLC0415 - only where a server is configured
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - as above

    from connectors.postgres.faults import fault_of_opening  # noqa: PLC0415 - as above

    class Deadlined(psycopg.Connection[Any]):
        """A connection whose every wait ends with the deadline."""

        def wait(
            self,
            gen: Generator[Any, Any, Any],
            *args: Any,  # noqa: ANN401 - passed on
            **kwargs: Any,  # noqa: ANN401 - passed on
        ) -> Any:  # noqa: ANN401 - whatever psycopg waits for
            """Wait as psycopg does, or break the connection off."""
            return super().wait(_until(deadline, self, gen), *args, **kwargs)

    def opened() -> psycopg.Connection[Any]:
        """Open a connection.

        Raises:
            Unavailable: state-unavailable, in the words of a source.
        """
        told = server.parameters()
        told["connect_timeout"] = max(_LEAST_CONNECT_S, int(deadline.seconds))
        try:
            if server.password is not None:
                told["password"] = server.password()
            return Deadlined.connect(make_conninfo("", **told), prepare_threshold=None)
        except ValueError:
            raise _unavailable("its password cannot be read") from None
        except psycopg.OperationalError as error:
            fault = fault_of_opening("state", str(error))
            raise _unavailable(f"{fault.fault} ({fault.detail})") from None

    return opened


def _until(
    deadline: Deadline,
    connection: psycopg.Connection[Any],
    generator: Generator[Any, Any, Any],
) -> Generator[Any, Any, Any]:
    """Pass a generator on that waits for the server, until the deadline.

    psycopg looks in at least ten times a second, whether or not anything came.
    """
    from psycopg import OperationalError  # noqa: PLC0415 - as above

    try:
        wanted = next(generator)
        while True:
            ready = yield wanted
            if not ready and deadline.passed:
                connection.pgconn.finish()
                raise OperationalError("the deadline passed")
            wanted = generator.send(ready)
    except StopIteration as ended:
        return ended.value


def _unavailable(detail: str) -> Unavailable:
    return Unavailable(Cause.STATE_UNAVAILABLE, detail)
