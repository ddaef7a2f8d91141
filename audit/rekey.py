"""Carries a change of keys through on a store: who writes the log, with it stopped.

1. ``next`` in the state: from here on the log opens for nothing else.
2. The announcement, the last entry under the old keys; their last checkpoint.
3. The handover, which leads from the old keys to the new ones.
4. The state: the new keys, and what period the old ones had.

A crash after any step is mended by doing it again with the same keys.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from hashlib import sha256

from audit.assembly import Parts, Settings, assemble
from audit.batch import Batch, Stored
from audit.disk import replace, sync_folder, write_once
from audit.encoding import Json, encode
from audit.entry import Entry
from audit.errors import KeyFileRefused, LogFailed
from audit.frames import frame
from audit.integrator import append
from audit.keyfiles import LogKeys
from audit.leaf import build, hour_of, hour_text
from audit.merkle import leaf_hash
from audit.proof import Proof, path_to
from audit.reading import FolderSource
from audit.rotation import announce, handover_path
from audit.sealing import Epoch
from audit.stored import stored_leaves

__all__ = ["PublicMembers", "rotate"]

PublicMembers = Callable[[str, Mapping[str, Json]], Mapping[str, Json]]


def rotate(
    settings: Settings,
    new: LogKeys,
    *,
    reason: str,
    public: PublicMembers,
    sealed: Mapping[str, Mapping[str, Json]],
) -> int:
    """Give the log of ``settings``, which has its old keys, new ones; blocks.

    Args:
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
    parts = assemble(settings, rotating=True)
    try:
        return _rotate(parts, new, reason, public, sealed)
    except OSError as error:
        raise LogFailed(f"the change of keys: {error.strerror}") from None
    finally:
        parts.wal.close()
        os.close(parts.lock)


def _rotate(
    parts: Parts,
    new: LogKeys,
    reason: str,
    public: PublicMembers,
    sealed: Mapping[str, Mapping[str, Json]],
) -> int:
    settings, folder = parts.settings, parts.folder
    state, last = folder.read_state(), _last_leaf(parts)
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
        folder.write_state({**state, "next": lines}, settings.faults)
        _append(parts, entry)
    size = parts.integrator.live.size
    _hand_over(parts, size)
    period = {
        "keys": state["keys"],
        "first": folder.keyring().periods[-1].first,
        "last": size,
    }
    kept = {name: value for name, value in state.items() if name != "next"}
    earlier = [*state.get("earlier", []), period]
    folder.write_state({**kept, "keys": lines, "earlier": earlier}, settings.faults)
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
    act = parts.folder.live / "acts" / str(last.get("act") or "none")
    said = act.read_text("utf-8") if act.exists() else ""
    # Begun and not announced is nothing that anybody has seen.
    if state.get("next", lines) != lines and sha256(begun).hexdigest() in said:
        raise KeyFileRefused("a change to other keys was announced: give those")


def _last_leaf(parts: Parts) -> Mapping[str, Json]:
    """Return the members of the last leaf there is."""
    size = parts.integrator.live.size
    leaves = [leaf for _, leaf in stored_leaves(parts.folder, max(0, size - 1))]
    found: Mapping[str, Json] = json.loads(leaves[-1]) if leaves else {}
    return found


def _append(parts: Parts, entry: Entry) -> None:
    """Add one entry and sign the checkpoint that ends with it."""
    settings, now_ms = parts.settings, parts.last_ms
    epoch = Epoch(
        origin=settings.origin, auditors=settings.auditors, hour=hour_of(now_ms)
    )
    path = parts.folder.epoch(epoch.id)
    replace(path, epoch.document, faults=settings.faults)
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
    parts.wal.append(batch)
    parts.integrator.run([batch], now_ms)


def _hand_over(parts: Parts, size: int) -> None:
    """Write the proof that leads from the old keys to the entry."""
    folder, live = parts.folder, parts.integrator.live
    [(index, leaf)] = stored_leaves(folder, size - 1, size)
    source = FolderSource(folder.live)
    proof = Proof(
        index=index,
        path=path_to(source, index, size),
        checkpoint=live.note,
        extra=leaf,
    )
    name = handover_path(parts.settings.keys.log.verifier)
    path = folder.live / name
    write_once(path, proof.pack(), faults=parts.settings.faults)
    sync_folder(path.parent)
    sync_folder(folder.live)
    if name not in parts.integrator.files:
        line = frame(encode({"index": index, "name": name}))
        append(folder.files, line, parts.settings.faults)
