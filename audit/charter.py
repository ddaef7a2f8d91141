"""Which log a store is: what it keeps of its own name and keys."""

from __future__ import annotations

from collections.abc import Mapping

from audit.encoding import Json
from audit.errors import KeyFileRefused, LogDamaged, Malformed
from audit.keyfiles import LogKeys
from audit.keyring import Keyring, Period
from audit.vkey import Verifier

__all__ = ["SCHEMA", "check_state", "keyring_of", "new_state"]

SCHEMA = "sallyport.log/1"


def new_state(origin: str, keys: LogKeys, public_delay_ms: int) -> dict[str, Json]:
    """Return what a log that begins keeps of itself."""
    return {
        "origin": origin,
        "keys": [verifier.text for verifier in keys.verifiers],
        "public_delay_ms": public_delay_ms,
    }


def check_state(
    found: Mapping[str, Json], wanted: Mapping[str, Json], *, rotating: bool, where: str
) -> None:
    """Refuse keys that are not those of the log that is there.

    Args:
        found: what the store keeps.
        wanted: what :func:`new_state` gives for the keys that were brought.
        rotating: whether the keys are being changed.
        where: the store, as a sentence ends with it.

    Raises:
        KeyFileRefused: the log has others, or a change of them was begun.
        LogDamaged: the state does not name the log's keys.
    """
    if any(found.get(name) != wanted[name] for name in ("origin", "keys")):
        said = f"the keys are not those of the log in {where}"
        before = [
            [key.text for key in period.keys] for period in keyring_of(found).periods
        ]
        if wanted["keys"] in before[:-1]:
            said += (
                " any more: its keys were changed, and these are from before; name the"
                " new ones (log.keys)"
            )
        raise KeyFileRefused(said)
    if "next" in found and not rotating:
        raise KeyFileRefused("a change of keys was begun: carry it through first")


def keyring_of(state: Mapping[str, Json]) -> Keyring:
    """Return the log's keys with their periods.

    Raises:
        LogDamaged: the state does not name them.
    """
    try:
        earlier = [
            Period(
                keys=tuple(map(Verifier.parse, each["keys"])),
                first=each["first"],
                last=each["last"],
            )
            for each in state.get("earlier", [])
        ]
        now = tuple(map(Verifier.parse, state["keys"]))
    except (KeyError, TypeError, AttributeError, Malformed):
        raise LogDamaged("the state does not name the log's keys") from None
    first = 1 + (earlier[-1].last or 0) if earlier else 0
    return Keyring(periods=(*earlier, Period(keys=now, first=first)))
