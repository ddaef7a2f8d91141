"""A copy of a log's tree in an object store that keeps what it is given.

Imported only where there is one: it needs the extra ``[s3]``.
"""
