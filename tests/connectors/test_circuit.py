"""The states of a breaker, whatever is guarded by it."""

from __future__ import annotations

from connectors.circuit import BreakerState, Circuit


def test_failures_in_a_row_open_it_and_one_probe_decides() -> None:
    """Who opened it is told once; while a probe is out everybody else is refused."""
    now = [0.0]
    circuit = Circuit(monotonic=lambda: now[0], threshold=2, rest_s=10)
    states: list[BreakerState] = []

    def see() -> None:
        states.append(circuit.state)

    assert not circuit.enter()
    assert not circuit.failed()
    circuit.succeeded()
    assert [circuit.failed(), circuit.failed(), circuit.failed()] == [
        False,
        True,
        False,
    ]
    see()
    refusing = [circuit.refusing]
    now[0] = 10
    see()
    refusing.append(circuit.refusing)
    probe = circuit.enter()
    assert probe
    refusing.append(circuit.refusing)
    assert refusing == [True, False, True]
    assert not circuit.failed()
    circuit.leave(probe=probe)
    see()
    now[0] = 20
    probe = circuit.enter()
    circuit.succeeded()
    circuit.leave(probe=probe)
    see()
    assert not circuit.refusing
    assert states == [
        BreakerState.OPEN,
        BreakerState.HALF_OPEN,
        BreakerState.OPEN,
        BreakerState.CLOSED,
    ]


def test_a_probe_that_told_nothing_leaves_the_way_to_another() -> None:
    """A cancelled probe counts neither way."""
    now = [0.0]
    circuit = Circuit(monotonic=lambda: now[0], threshold=1, rest_s=1)
    circuit.failed()
    now[0] = 1
    circuit.leave(probe=circuit.enter())
    assert not circuit.refusing
    assert circuit.state is BreakerState.HALF_OPEN
