"""Carries a change of keys through on a store: who writes the log, with it stopped.

1. ``next`` in the state: from here on the log opens for nothing else.
2. The announcement, the last entry under the old keys; their last checkpoint.
3. The handover, which leads from the old keys to the new ones.
4. The state: the new keys, and what period the old ones had.

A crash after any step is mended by doing it again with the same keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256

from audit.batch import Batch, Stored
from audit.contract import Parts, Place, Settings
from audit.encoding import Json
from audit.entry import Entry
from audit.errors import KeyFileRefused, LogFailed
from audit.keyfiles import LogKeys
from audit.leaf import build, hour_of, hour_text
from audit.merkle import leaf_hash
from audit.proof import Proof, path_to
from audit.rotation import announce, handover_path
from audit.sealing import Epoch
from audit.view import LogView

__all__ = ["PublicMembers", "rotate"]

PublicMembers = Callable[[str, Mapping[str, Json]], Mapping[str, Json]]


def rotate(
    place: Place,
    settings: Settings,
    new: LogKeys,
    *,
    reason: str,
    public: PublicMembers,
    sealed: Mapping[str, Mapping[str, Json]],
) -> int:
    """Give the log of ``settings``, which has its old keys, new ones; blocks.

    Args:
        place: where the log lies.
        settings: of the store as it is now.
        new: the keys from then on.
        reason: a closed word for the act.
        public: returns the leaf's members, for the digest of the act and the members
            of the last leaf there is (none in an empty log).
        sealed: what auditors may read of it.

    Returns the index of the entry that announces the new keys.

    Raises:
        KeyFileRefused: the new keys are another log's or in use already, or other
            ones were begun with.
        LogError: the store does not open, or does not take the entry.
    """
    parts = place.assemble(settings, rotating=True)
    try:
        return _rotate(parts, new, reason, public, sealed)
    except OSError as error:
        raise LogFailed(f"the change of keys: {error.strerror}") from None
    finally:
        parts.close()


def _rotate(
    parts: Parts,
    new: LogKeys,
    reason: str,
    public: PublicMembers,
    sealed: Mapping[str, Mapping[str, Json]],
) -> int:
    settings, charter = parts.settings, parts.charter
    state, last = charter.read_state(), _last_leaf(parts)
    lines = [verifier.text for verifier in new.verifiers]
    _refuse(parts, new, state, last)
    said = announce(
        settings.keys.log,
        new.log,
        new.verifiers,
        counter=len(state.get("earlier", [])),
        reason=reason,
    )
    if last.get("act") != said.act:
        members = public(said.act, last)
        entry = Entry(public=members, sealed=sealed, attachments=said.files)
        charter.write_state({**state, "next": lines})
        _append(parts, entry)
    size = parts.publisher.live.size
    _hand_over(parts, size)
    period = {
        "keys": state["keys"],
        "first": charter.keyring().periods[-1].first,
        "last": size,
    }
    kept = {name: value for name, value in state.items() if name != "next"}
    earlier = [*state.get("earlier", []), period]
    charter.write_state({**kept, "keys": lines, "earlier": earlier})
    return size - 1


def _refuse(
    parts: Parts, new: LogKeys, state: Mapping[str, Json], last: Mapping[str, Json]
) -> None:
    """Refuse keys that are not this log's, were its already, or not those announced."""
    lines = [verifier.text for verifier in new.verifiers]
    if new.origin != parts.settings.origin:
        raise KeyFileRefused(f"the new keys are of the log {new.origin}")
    used = {text for each in state.get("earlier", []) for text in each["keys"]}
    if not used.union(state["keys"]).isdisjoint(lines):
        raise KeyFileRefused("one of the new keys was in use before")
    begun = "".join(f"{line}\n" for line in state.get("next", lines)).encode()
    act = f"acts/{last.get('act') or 'none'}"
    said = (parts.shelf.read(act, parts.publisher.live.size) or b"").decode()
    # Begun and not announced is nothing that anybody has seen.
    if state.get("next", lines) != lines and sha256(begun).hexdigest() in said:
        raise KeyFileRefused("a change to other keys was announced: give those")


def _last_leaf(parts: Parts) -> Mapping[str, Json]:
    """Return the members of the last leaf there is."""
    size = parts.publisher.live.size
    leaves = [leaf for _, leaf in parts.shelf.leaves(max(0, size - 1))]
    found: Mapping[str, Json] = json.loads(leaves[-1]) if leaves else {}
    return found


def _append(parts: Parts, entry: Entry) -> None:
    """Add one entry and sign the checkpoint that ends with it."""
    settings, now_ms = parts.settings, parts.last_ms
    epoch = Epoch(
        origin=settings.origin, auditors=settings.auditors, hour=hour_of(now_ms)
    )
    parts.sequencer.keep_epoch(epoch.id, epoch.document)
    built = build(entry, at_ms=now_ms, hour=hour_text(now_ms), epoch=epoch)
    stored = Stored(
        leaf=built.leaf,
        record=built.record,
        at_ms=now_ms,
        dedup=None,
        files=entry.attachments,
    )
    batch = Batch(
        first=parts.size,
        ms=now_ms,
        entries=(stored,),
        hashes=(leaf_hash(built.leaf),),
    )
    parts.publisher.run([parts.sequencer.sequence(batch)], now_ms)


def _hand_over(parts: Parts, size: int) -> None:
    """Write the proof that leads from the old keys to the entry."""
    live = parts.publisher.live
    [(index, leaf)] = parts.shelf.leaves(size - 1, size)
    proof = Proof(
        index=index,
        path=path_to(LogView(parts).tree, index, size),
        checkpoint=live.note,
        extra=leaf,
    )
    name = handover_path(parts.settings.keys.log.verifier)
    parts.charter.attach(name, proof.pack(), index)
