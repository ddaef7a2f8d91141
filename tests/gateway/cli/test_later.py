"""Late imports: at the call, not before."""

from __future__ import annotations

import pytest

from gateway.cli.later import later


def test_the_import_waits_for_the_call() -> None:
    """A place that does not exist is found out by calling it."""
    missing = later("gateway.nothing:here")
    with pytest.raises(ModuleNotFoundError):
        missing()
    with pytest.raises(AttributeError):
        later("gateway.clock:nothing")()


def test_arguments_and_result_pass_through() -> None:
    """The function gets what it was called with."""
    assert later("json:dumps")({"b": 1, "a": 2}, sort_keys=True) == '{"a": 2, "b": 1}'
