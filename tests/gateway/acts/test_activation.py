"""Only what was activated starts; anything else refuses with what to run."""

from __future__ import annotations

import pytest

from gateway.acts import Activation, NotActivated, require_active


def activated(counter: int, policy: str = "p", manifest: str = "m") -> Activation:
    """Return an activation."""
    return Activation(
        counter=counter, policy=policy, manifest=manifest, index=counter, at_ms=0
    )


def test_what_was_activated_is_in_force() -> None:
    """The same bundle and manifest pass."""
    assert require_active(activated(1), policy="p", manifest="m").counter == 1


@pytest.mark.parametrize(
    ("policy", "manifest", "named"),
    [
        ("q", "m", ["policy bundle", "sallyport policy activate"]),
        ("p", "n", ["manifest", "sallyport activate"]),
        ("q", "n", ["policy bundle", "manifest", "sallyport policy activate"]),
    ],
)
def test_anything_else_is_refused(policy: str, manifest: str, named: list[str]) -> None:
    """The sentence names what differs, and the command: rules have one of their own."""
    with pytest.raises(NotActivated) as caught:
        require_active(activated(1), policy=policy, manifest=manifest)
    assert all(word in str(caught.value) for word in named)


def test_nothing_activated_is_refused() -> None:
    """A log without activation starts nothing."""
    with pytest.raises(NotActivated, match="nothing was activated yet"):
        require_active(None, policy="p", manifest="m")


def test_what_differs_is_named_where_it_is_known() -> None:
    """The files that changed come first in the sentence."""
    changed = ["agencies.yaml", "catalogue/jail.yaml"]
    with pytest.raises(NotActivated, match=r"since: agencies\.yaml, catalogue/jail"):
        require_active(activated(1), policy="p", manifest="n", changed=changed)
