"""The same exchange on a PostgreSQL source and state, beside a bare handler on psycopg.

The server is the suite's own: Debian's, on loopback, with TLS, two statements' plans
in its memory and nothing that waits for its disk.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack

from gateway.demo.layout import Layout
from scripts.bench.asking import compared, county_of
from scripts.bench.county import Size, document
from scripts.bench.figure import Figure
from scripts.bench.running import running
from tests.services.cluster import run_server
from tests.services.moving import move_county
from tests.services.postgres import KEEPER, OWNER, programs

__all__ = ["figures"]


def figures() -> Iterator[Figure]:
    """Measure one record's twelve fields, with record facts and without."""
    found = programs()
    if found is None:
        print("postgres: no PostgreSQL here; make tools", file=sys.stderr)
        return
    with ExitStack() as stack:
        server = stack.enter_context(run_server(found))
        sources = stack.enter_context(server.database(owner=OWNER))
        state = stack.enter_context(server.database(owner=KEEPER))

        def moved(layout: Layout) -> None:
            move_county(
                layout.databases,
                layout.config(),
                server,
                sources=sources,
                state=state,
            )
            with server.admin(sources) as admin:
                admin.execute("CREATE UNIQUE INDEX ON drivers (licence_no)")

        county = stack.enter_context(county_of(Size(), changed=moved))
        bare = stack.enter_context(running("bare", county.config))
        governed = stack.enter_context(running("governed", county.config))
        for name, what in (
            ("bench-register", "rules that need no record facts"),
            ("bench-records", "rules that need record facts"),
        ):
            body = document(name)
            both = compared(county.asks(governed, body), county.asks(bare, body))
            yield Figure(
                name=f"exchange: PostgreSQL source and state, {what}",
                value=both.ratio,
                unit="governed / bare",
                baseline={
                    "bare on psycopg, 1/s": both.beside,
                    "governed, 1/s": both.per_second,
                    "bare, processor us an answer": both.beside_cpu_us,
                    "governed, processor us an answer": both.cpu_us,
                },
            )
