"""A connection to a database server that is never waited for longer than was said.

What the server answers is told apart by what the log must do next: go on later, stop
for ever, or find out whether what was being written stands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from audit.errors import (
    LogError,
    LogFailed,
    LogFull,
    LogMissing,
    LogUnavailable,
    SourceUnreadable,
)

__all__ = ["Server", "Session", "error_of", "is_here", "lost", "server_at", "sure"]

_LEAST_CONNECT_S = 2
"""libpq waits no shorter for a connection."""

_SAID = frozenset({"SP001", "SP002", "42501"})
"""What our triggers raise, and what a role may not: it is said in their words."""

_AHEAD = "SP003"
"""What a time is refused with that is later than the database's own may be."""

_NOT_THERE = (errors.InvalidSchemaName, errors.UndefinedTable, errors.UndefinedFunction)
_LATER = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
)
_FULL = (errors.DiskFull, errors.OutOfMemory, errors.ProgramLimitExceeded)


def is_here(host: str) -> bool:
    """Tell whether hosts, parted by commas, are all this machine."""
    local = {"localhost", "::1", ""}
    return all(
        each.startswith(("/", "127.")) or each in local for each in host.split(",")
    )


class Session(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose every wait ends with the deadline of what it is for."""

    ends_at = 0.0
    unsure = False
    """Whether a commit was not waited for on the standby (somebody cancelled it)."""

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        *args: Any,  # noqa: ANN401 - passed on
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> Any:  # noqa: ANN401 - whatever psycopg waits for
        """Wait as psycopg does, or break the connection off."""
        return super().wait(self._until(gen), *args, **kwargs)

    def _until(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        # psycopg looks in at least ten times a second, whether or not anything came.
        # An answer that drips is late too, but for what ends with what just came.
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                late = time.monotonic() >= self.ends_at
                if ready or not late:
                    wanted = gen.send(ready)
                if late:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("no answer within the deadline")
        except StopIteration as ended:
            return ended.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """One database and the role we take there.

    Attributes:
        parameters: what libpq is told. ``host`` may name several, parted by commas,
            of which one takes writes.
        password: asked at each new connection; may block. ``ValueError``: none.
        timeout_s: the longest wait for anything.
    """

    parameters: Mapping[str, str | int]
    password: Callable[[], str] | None = field(default=None, repr=False)
    timeout_s: float = 5.0
    reading: bool = False
    """Whether a standby will do."""

    def connect(self) -> Session:
        """Open a connection on which each statement is a transaction of its own.

        Raises:
            LogUnavailable: it can't be opened; the sentence says why.
        """
        told = dict(self.parameters)
        told["connect_timeout"] = max(_LEAST_CONNECT_S, int(self.timeout_s))
        told["target_session_attrs"] = "any" if self.reading else "read-write"
        try:
            if self.password is not None:
                told["password"] = self.password()
            session = Session.connect(
                make_conninfo("", **told), autocommit=True, prepare_threshold=None
            )
        except ValueError:
            raise LogUnavailable("the database's password cannot be read") from None
        except psycopg.OperationalError as error:
            # The reason; a question to whoever runs the server may follow it.
            said = [x for x in str(error).splitlines() if x.strip() and x[0] != "\t"]
            raise LogUnavailable(
                f"the database cannot be reached: {said[-1] if said else 'no answer'}"
            ) from None
        session.add_notice_handler(_listen(session))
        return session


def _listen(session: Session) -> Callable[[errors.Diagnostic], None]:
    def told(notice: errors.Diagnostic) -> None:
        # "The transaction has already committed locally, but might not have been
        # replicated to the standby": it succeeds all the same, and must not count.
        if notice.source_function == "SyncRepWaitForLSN":
            session.unsure = True

    return told


def lost(error: psycopg.Error | OSError) -> bool:
    """Whether it is not known what the server made of the last statement."""
    if isinstance(error, errors.AdminShutdown | errors.CrashShutdown):
        return True
    if isinstance(error, psycopg.OperationalError):
        return error.sqlstate is None
    return isinstance(error, psycopg.InterfaceError | OSError)


def sure(session: Session) -> None:
    """Refuse what was committed here alone: the standby was not waited for."""
    if session.unsure:
        raise psycopg.OperationalError("the standby was not waited for")


def error_of(error: psycopg.Error | OSError) -> LogError:
    """Return what a failure means to the log; never with a value in its words."""
    if isinstance(error, OSError):
        return LogUnavailable(f"the database: {error.strerror}")
    if isinstance(error, _NOT_THERE):
        return LogMissing("there is no log in this database; run: audit prepare")
    if isinstance(error, _FULL):
        return LogFull("no room in the database")
    if error.sqlstate == _AHEAD:
        return LogUnavailable(f"the database: {error.diag.message_primary}")
    if error.sqlstate in _SAID:
        return LogFailed(f"the database: {error.diag.message_primary}")
    said = f"the database: {type(error).__name__} ({error.sqlstate or 'no answer'})"
    later = isinstance(error, _LATER) and not isinstance(error, errors.IoError)
    return LogUnavailable(said) if later else LogFailed(said)


def server_at(address: str) -> Server:
    """Return the server of a ``postgresql://`` address, for who only reads.

    What it does not say comes from libpq's variables and files (``PGPASSFILE``). A
    server elsewhere must prove its name, unless the address says another ``sslmode``.

    Raises:
        SourceUnreadable: the address does not read.
    """
    try:
        told: dict[str, Any] = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        raise SourceUnreadable("the address of the database does not read") from None
    host = str(told.get("host") or told.get("hostaddr") or "")
    if "sslmode" not in told and not is_here(host):
        told |= {"sslmode": "verify-full"}
        told.setdefault("sslrootcert", "system")
    told.setdefault("application_name", "sallyport-audit")
    return Server(parameters=told, timeout_s=60.0, reading=True)
