"""A log in a PostgreSQL database, for many processes at once.

Imported only where such a log is: it needs the extra ``[postgres]``.
"""
