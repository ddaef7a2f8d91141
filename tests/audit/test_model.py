"""Every order of the protocol's steps, with what may go wrong, for small sizes."""

from __future__ import annotations

import pytest

from audit.contract import STEPS
from tests.audit.model import EVENTS, Broken, Model, Rules, explore

ONE = (("a", "b"),)
SAME = (("a",), ("a",))
"""The client went to the second process when the first was late."""
TWO = (("a", "b"), ("a",))
THREE = (("a",), ("a",), ("b",))


@pytest.mark.parametrize(
    ("keys", "publishing", "happens"),
    [
        (ONE, 1, (1, 1, 1, 1)),
        (SAME, 2, (1, 1, 1, 1)),
        ((("a",), ("b",)), 2, (0, 0, 1, 1)),
        (TWO, 1, (0, 1, 1, 0)),
        (TWO, 1, (0, 0, 1, 1)),
        (THREE, 1, (0, 0, 1, 1)),
    ],
    ids=["one", "same key", "two that publish", "two", "failover", "three"],
)
def test_every_order_keeps_the_promises(
    keys: tuple[tuple[str, ...], ...], publishing: int, happens: tuple[int, ...]
) -> None:
    """Released implies durable; no index twice; roots extend; nothing is left out."""
    states, names = explore(Model(keys=keys, publishing=publishing, happens=happens))
    assert states > 1000
    assert names >= set(STEPS)


def test_the_model_s_steps_are_the_contract_s() -> None:
    """And each of them, and each event, is met in some order."""
    _, names = explore(Model(keys=SAME))
    assert names == {*STEPS, *EVENTS}


@pytest.mark.parametrize(
    ("rules", "broken"),
    [
        (Rules(durable_first=False), "released implies durable entry"),
        (Rules(one_key_once=False), "no index twice"),
        (Rules(standby_counts=False), "released implies durable entry"),
        (Rules(swap=False), "a published root extends every earlier one"),
        (Rules(time_first=False), "an acknowledged entry is in every later tree"),
    ],
    ids=["durable first", "one key once", "standby", "swap", "time first"],
)
def test_each_rule_is_needed(rules: Rules, broken: str) -> None:
    """Without it there is an order of steps that breaks a promise."""
    with pytest.raises(Broken, match=f"^{broken}"):
        explore(Model(keys=(("a",), ("a", "b")), rules=rules, happens=(1, 0, 0, 1)))
