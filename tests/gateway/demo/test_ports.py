"""Choosing ports."""

from __future__ import annotations

import socket

from gateway.demo.ports import free_ports


def test_a_taken_port_is_replaced() -> None:
    """A port somebody listens on is not returned; the others are distinct."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]

        ports = free_ports(wanted, wanted)

    assert wanted not in ports
    assert len(set(ports)) == 2


def test_a_free_port_is_kept() -> None:
    """What is asked for is given where nobody listens."""
    (port,) = free_ports(0)

    assert free_ports(port) == (port,)
