"""A PostgreSQL with a synchronous standby, that is failed over to."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.services.cluster import run_server
from tests.services.postgres import OWNER, Server, free_port
from tests.services.users import as_somebody_else, folder_for_others

__all__ = ["Pair", "run_pair"]

_SETTINGS = {"wal_level": "replica", "max_wal_senders": "4", "hot_standby": "on"}
_READY_S = 30.0


@dataclass(kw_only=True)
class Pair:
    """Two servers, of which the second has every commit that was acknowledged."""

    primary: Server
    standby: Server

    @property
    def ports(self) -> str:
        """Both ports, for who finds out which one takes writes."""
        return f"{self.primary.port},{self.standby.port}"

    def fail_over(self) -> None:
        """Lose the first server as in a crash; the second takes over."""
        self.primary.crash()
        with self.standby.admin() as admin:
            admin.execute("SELECT pg_promote(true, 30)")


@contextlib.contextmanager
def run_pair(programs: Path) -> Iterator[Pair]:
    """Run a server and its standby for the length of the block."""
    user, _ = as_somebody_else()
    folder = folder_for_others("sallyport-standby-")
    with run_server(programs, _SETTINGS) as primary:
        standby = replace(primary, folder=folder, port=free_port(), process=None)
        try:
            _copy(primary, standby, user)
            standby.start()
            _synchronous(primary)
            yield Pair(primary=primary, standby=standby)
        finally:
            standby.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _copy(primary: Server, standby: Server, user: str) -> None:
    """Make the standby's folder from the running server."""
    shutil.copy(primary.ca_file, standby.ca_file)
    shutil.chown(standby.folder, user)
    where = primary.environment()
    subprocess.run(
        [
            *primary.become,
            *(primary.programs / "pg_basebackup", "-D", standby.folder / "data"),
            *("--write-recovery-conf", "--checkpoint", "fast", "--no-sync"),
            *("--username", OWNER, "--host", primary.host),
            *("--port", str(primary.port)),
        ],
        env={"PATH": os.environ["PATH"], "HOME": str(standby.folder), **where},
        check=True,
        capture_output=True,
    )


def _synchronous(primary: Server) -> None:
    """Have each commit wait for the standby, once it follows."""
    ends_at = time.monotonic() + _READY_S
    with primary.admin() as admin:
        while not admin.execute("SELECT FROM pg_stat_replication").fetchall():
            assert time.monotonic() < ends_at, "the standby does not follow"
            time.sleep(0.05)
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        admin.execute("SELECT pg_reload_conf()")
        while not admin.execute(
            "SELECT FROM pg_stat_replication WHERE sync_state = 'sync'"
        ).fetchall():
            assert time.monotonic() < ends_at, "the standby is not synchronous"
            time.sleep(0.05)
