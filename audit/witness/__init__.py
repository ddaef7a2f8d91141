"""A witness of logs (C2SP tlog-witness), for an oversight board or another county.

It keeps the latest checkpoint of each log that it knows, and countersigns only what
continues it. It sees sizes and hashes, never an entry.
"""
