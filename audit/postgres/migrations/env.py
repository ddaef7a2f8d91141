"""Alembic's entry point: runs on the connection that is handed over."""

from __future__ import annotations

from alembic import context

from audit.postgres.schema import SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=SCHEMA,
    version_table="version",
)
with context.begin_transaction():
    context.run_migrations()
