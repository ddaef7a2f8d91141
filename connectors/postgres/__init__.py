"""PostgreSQL servers, through psycopg's binding of libpq; the extra ``[postgres]``.

Only the address is imported here, so that naming a server loads no driver.
"""

from connectors.postgres.server import PostgresServer, is_here

__all__ = ["PostgresServer", "is_here"]
