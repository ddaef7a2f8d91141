"""Which bundle and which manifest are in force: the log alone decides.

A signed bundle has no order of its own, so an old and looser one could be served
again (rollback of law). The activation with the highest counter in the log wins, as
:func:`gateway.acts.fold` reads it; to go back, activate again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.act import Statement
from gateway.errors import GatewayError

__all__ = ["Activation", "NotActivated", "require_active"]


class NotActivated(GatewayError):
    """What is configured is not what was activated: refuse to start or to reload."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Activation:
    """The activation in force, and the entry that says so.

    ``at_ms`` is the time of that entry as its leaf shows it: the start of its hour, in
    Unix milliseconds. So a bundle's age is counted up to an hour too long, never too
    short.
    """

    counter: int
    policy: str
    manifest: str
    index: int
    at_ms: int

    @classmethod
    def of(cls, statement: Statement, *, index: int, at_ms: int) -> Activation:
        """Read an activation off its statement."""
        return cls(
            counter=statement.counter,
            policy=statement["policy"],
            manifest=statement["manifest"],
            index=index,
            at_ms=at_ms,
        )


def require_active(
    activation: Activation | None,
    *,
    policy: str,
    manifest: str,
    changed: Sequence[str] = (),
) -> Activation:
    """Return the activation if it is of this bundle and this manifest.

    Args:
        activation: what is in force.
        policy: revision of the bundle that the files come to.
        manifest: digest of the manifest that they come to.
        changed: the names of what differs, as far as they are known.

    Raises:
        NotActivated: with a sentence that says what differs and what to run.
    """
    if activation is None:
        raise NotActivated(
            "nothing was activated yet; have two people sign it: sallyport activate"
        )
    wrong = [
        f"the {name} here is {here}, activated is {there} (number {activation.counter})"
        for name, here, there in (
            ("policy bundle", policy, activation.policy),
            ("manifest", manifest, activation.manifest),
        )
        if here != there
    ]
    if wrong:
        differs = f"changed since: {', '.join(changed)}; " if changed else ""
        # What other rules come to is looked at before anybody signs.
        rules = "policy " if policy != activation.policy else ""
        raise NotActivated(
            f"{differs}{'; '.join(wrong)}; put the activated files here, or look at"
            " what changed (sallyport check) and have two people sign it: sallyport"
            f" {rules}activate"
        )
    return activation
