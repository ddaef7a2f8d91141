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


def test_another_port_is_none_that_is_wanted_too() -> None:
    """Who gives way takes nobody else's place."""
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        low = 20_000 + any_port.getsockname()[1] % 10_000
    (first,) = free_ports(low)
    with socket.create_server(("127.0.0.1", first)):
        given_way, kept = free_ports(first, first + 20)

    assert kept == first + 20
    assert given_way not in {first, kept}


def test_another_port_is_none_that_somebody_connects_from() -> None:
    """The system gives those away at once, to whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        low = 20_000 + any_port.getsockname()[1] % 10_000
    with socket.create_server(("127.0.0.1", *free_ports(low))) as taken:
        first = taken.getsockname()[1]
        found = free_ports(first, first)

    assert first < min(found) <= max(found) < 32_768
    assert len(set(found)) == 2


def test_a_port_that_only_waits_for_old_connections_is_free() -> None:
    """Its server is gone; another can listen there."""
    (port,) = free_ports(0)
    with socket.create_server(("127.0.0.1", port)) as server:
        client = socket.create_connection(("127.0.0.1", port))
        talk, _ = server.accept()
        talk.close()  # the first to close is the one that waits
        client.close()

    assert free_ports(port) == (port,)


def test_a_free_port_is_kept() -> None:
    """What is asked for is given where nobody listens."""
    (port,) = free_ports(0)

    assert free_ports(port) == (port,)
