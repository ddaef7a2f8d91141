"""The peer of a Unix socket, as the kernel names it."""

from __future__ import annotations

import os
import socket

from gateway.control.peer import peer_uid


def test_the_kernel_names_the_peer() -> None:
    """Both ends of a pair are ours."""
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert peer_uid(one) == os.geteuid()
        assert peer_uid(other) == os.geteuid()


def test_a_closed_socket_names_nobody() -> None:
    """Unknown is None, which callers treat like a stranger."""
    one, other = socket.socketpair(socket.AF_UNIX)
    one.close()
    other.close()
    assert peer_uid(one) is None


def test_a_socket_of_another_kind_names_nobody_of_this_machine() -> None:
    """A TCP socket has no peer with a user id."""
    with socket.socket(socket.AF_INET) as stranger:
        assert peer_uid(stranger) in {None, 2**32 - 1, -1}
