"""What the answers of an object store mean."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from audit.errors import LogUnavailable

__all__ = ["HungUp", "ObjectRefused", "bounded", "code_of", "status_of", "unavailable"]

_MAX_BYTES = 64_000_000
"""The largest bundle has 16 MB."""
_PART_BYTES = 1 << 20


class ObjectRefused(LogUnavailable):
    """One object that is not given, or is none of a log; it says nothing of others."""


class HungUp(LogUnavailable):
    """The store gave no answer: what was asked of it may have been done or not."""


async def bounded(name: str, body: Any) -> bytes:  # noqa: ANN401 - untyped
    """Return an object's bytes; ``ObjectRefused`` if no file of a log has so many."""
    data = bytearray()
    while part := await body.read(_PART_BYTES):
        data += part
        if len(data) > _MAX_BYTES:
            raise ObjectRefused(f"{name}: more than {_MAX_BYTES} bytes")
    return bytes(data)


def status_of(error: ClientError) -> int:
    """Return the HTTP status of a refusal."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def code_of(error: ClientError) -> str:
    """Return the store's own word for a refusal."""
    return str(error.response.get("Error", {}).get("Code"))


def unavailable(name: str, error: Exception) -> LogUnavailable:
    """Return what a failure means to the log; ``name`` is the bucket's."""
    said = f"{name} does not answer as it should"
    if isinstance(error, ClientError):
        return LogUnavailable(f"{said}: {code_of(error)}")
    return HungUp(f"{said}: {type(error).__name__}")
