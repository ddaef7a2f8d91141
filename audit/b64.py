"""Standard base64 with padding, in the only spelling that encoding gives."""

from __future__ import annotations

import base64
import binascii

from audit.errors import Malformed

__all__ = ["b64decode", "b64encode"]


def b64encode(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def b64decode(text: str, reason: str) -> bytes:
    """Read standard base64; only the one spelling that encoding gives is taken.

    Raises:
        Malformed: with ``reason``.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(reason) from None
    if b64encode(data) != text:
        raise Malformed(reason)
    return data
