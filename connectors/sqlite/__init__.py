"""SQLite files, each connection on a thread of its own."""

from connectors.sqlite.connector import SqliteConnector

__all__ = ["SqliteConnector"]
