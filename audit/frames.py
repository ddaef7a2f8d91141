"""Frames in append-only files: what was written whole can be told from what was not.

A frame is ``SPF1``, four bytes of length, the body, its CRC-32 and ``DONE``. A crash
can leave the last frame cut short or not written at all (zeros); anything else that
does not read is damage and is said.
"""

from __future__ import annotations

import struct
from zlib import crc32

from audit.errors import LogDamaged

__all__ = ["frame", "frames", "readable"]

_HEAD = struct.Struct(">4sI")
_TAIL = struct.Struct(">I4s")
_MAGIC = b"SPF1"
_DONE = b"DONE"


def frame(body: bytes) -> bytes:
    """Return the frame of one body."""
    return b"".join(
        (_HEAD.pack(_MAGIC, len(body)), body, _TAIL.pack(crc32(body), _DONE))
    )


def frames(data: bytes, name: str) -> tuple[list[bytes], int]:
    """Return the bodies in a file and where the last whole frame ends.

    Raises:
        LogDamaged: there is something that no crash leaves.
    """
    bodies: list[bytes] = []
    at = 0
    while at < len(data):
        body = _body(data, at, name)
        if body is None:
            break
        bodies.append(body)
        at += _HEAD.size + len(body) + _TAIL.size
    return bodies, at


def readable(data: bytes) -> tuple[list[tuple[int, bytes]], list[tuple[int, int]]]:
    """Return the frames that still read, with their place, and the bytes that do not.

    For who only reads: after damage it goes on with the next whole frame. What a
    crash leaves at the end is not damage here either.
    """
    bodies: list[tuple[int, bytes]] = []
    lost: list[tuple[int, int]] = []
    at = 0
    while at < len(data):
        body = _whole(data, at)
        if body is not None:
            bodies.append((at, body))
            at += _HEAD.size + len(body) + _TAIL.size
            continue
        following = data.find(_MAGIC, at + 1)
        while following >= 0 and _whole(data, following) is None:
            following = data.find(_MAGIC, following + 1)
        if following >= 0 or not _cut(data, at):
            lost.append((at, following if following >= 0 else len(data)))
        at = following if following >= 0 else len(data)
    return bodies, lost


def _whole(data: bytes, at: int) -> bytes | None:
    try:
        return _body(data, at, "")
    except LogDamaged:
        return None


def _cut(data: bytes, at: int) -> bool:
    """Whether what stands at the end of a file is what a crash leaves."""
    try:
        return _body(data, at, "") is None
    except LogDamaged:
        return False


def _body(data: bytes, at: int, name: str) -> bytes | None:
    """Return the body of the frame at ``at``; none if a crash cut it there."""
    begun = data[at : at + _HEAD.size].rstrip(b"\x00")
    if len(begun) < len(_MAGIC) and not any(data[at + len(begun) :]):
        return None
    if not begun.startswith(_MAGIC):
        raise LogDamaged(f"{name}: no frame at byte {at}")
    if len(data) - at < _HEAD.size:
        return None
    _, length = _HEAD.unpack_from(data, at)
    start = at + _HEAD.size
    end = start + length
    if end + _TAIL.size > len(data):
        return None
    body = data[start:end]
    check, done = _TAIL.unpack_from(data, end)
    if done == _DONE and check == crc32(body):
        return body
    # The last blocks of the file may never have been written: zeros from there on.
    tail = data[end : end + _TAIL.size].rstrip(b"\x00")
    whole = _TAIL.pack(crc32(body), _DONE)
    if not any(data[end + _TAIL.size :]) and (not tail or whole.startswith(tail)):
        return None
    raise LogDamaged(f"{name}: the frame at byte {at} was altered")
