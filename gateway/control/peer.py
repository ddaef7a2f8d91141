"""Who is at the other end of a Unix socket: the kernel says, nobody else."""

from __future__ import annotations

import socket
import struct
import sys

__all__ = ["peer_uid"]

_LOCAL_PEERCRED = 1
"""macOS: struct xucred from level SOL_LOCAL (0); version, then uid."""


def peer_uid(connection: socket.socket) -> int | None:
    """Return the user id of the process that connected, or None where unknown.

    Unknown means refused: the caller treats None like a stranger.
    """
    try:
        if sys.platform == "linux":
            size = struct.calcsize("3i")
            data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
            _pid, uid, _gid = struct.unpack("3i", data)
        else:
            data = connection.getsockopt(0, _LOCAL_PEERCRED, 256)
            _version, uid = struct.unpack_from("=2I", data)
    except (OSError, struct.error):
        return None
    return int(uid)
