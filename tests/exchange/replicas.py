"""Files of a county for several machines that share its servers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.config import load
from gateway.demo.layout import Layout
from tests.audit.kept import Database
from tests.exchange.beside import POLICIES
from tests.exchange.county import vouch, write_county
from tests.services.moving import move_county
from tests.services.postgres import KEEPER, Server

__all__ = ["on_machines"]


@contextmanager
def on_machines(
    root: Path, server: Server, log: Database, *, machines: int, settings: str
) -> Iterator[list[Layout]]:
    """Write the same files for each machine; sources, state and log are on a server.

    ``settings`` end the configuration. Ports are chosen when a gateway starts.
    """
    first = write_county(root / "0", records=60, limits=settings)
    with server.database() as sources, server.database(owner=KEEPER) as state:
        move_county(
            first.databases,
            first.config(),
            server,
            sources=sources,
            state=state,
            log=log.name,
        )
        shutil.copytree(POLICIES, first.root / "policies")
        path = first.config()
        path.write_text(f"{path.read_text()}\npolicies: policies\n")
        vouch(load(path))
        layouts = [first]
        for number in range(1, machines):
            layouts.append(Layout(root=root / str(number)))
            shutil.copytree(first.root, layouts[-1].root)
        yield layouts
