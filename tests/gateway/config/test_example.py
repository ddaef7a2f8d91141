"""The smallest configuration, and what stands in for a mistake."""

from __future__ import annotations

import pytest

from gateway.config.example import SMALLEST, example_at


@pytest.mark.parametrize(
    ("loc", "value"),
    [
        (("schema",), "sallyport.config/1"),
        (("issuers", 7, "audience"), "https://sallyport.example"),
        (("sources", "any-name", "kind"), "sqlite"),
        (("limits", "agency", "burst"), 1),
        (("nothing",), None),
        (("log", "nothing"), None),
    ],
)
def test_a_place_has_its_example(loc: tuple[str | int, ...], value: object) -> None:
    """Names of the operator's and places in lists stand for the example's."""
    assert example_at(loc) == value


def test_an_example_is_a_copy() -> None:
    """Whoever gets an example can change it without changing the next one's."""
    found = example_at(("log",))
    assert isinstance(found, dict)
    found.clear()
    assert SMALLEST["log"]
