"""Changing the log's keys while no gateway runs; what that means is audit's to say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from audit import KeyFileRefused, LogKeys
from audit.actwords import REASONS
from audit.contract import Settings
from audit.directory import Directory
from audit.disk import no_faults
from audit.rekey import rotate
from gateway.canonical import Json
from gateway.clock import Clock
from gateway.config import Config
from gateway.entries import leaf
from gateway.errors import InvalidFile, Mistake
from gateway.ledger.opening import auditors_of, log_keys
from gateway.yamlfile import nearest

__all__ = ["rotate_keys"]

_MOST_WAITING = 1


def rotate_keys(
    config: Config, folder: Path, *, reason: str, by: str, uid: int, clock: Clock
) -> int:
    """Announce the keys in a folder and hand the log over to them; blocks.

    Args:
        config: of the gateway, which names the keys that the log has now.
        folder: what ``audit keygen`` made.
        reason: a word of ``REASONS``.
        by: who does this; sealed.
        uid: their user id on this machine; sealed.
        clock: the one clock.

    Returns the index of the entry that announces them.

    Raises:
        InvalidFile: a key file, old or new, cannot be used, or the reason is no word.
        audit.LogError: the log is held by another process, missing, or damaged.
        audit.KeyFileRefused: the keys do not fit the log.
    """
    if reason not in REASONS:
        advice = nearest(reason, REASONS)
        raise InvalidFile([Mistake(path="--reason", problem="no word", advice=advice)])
    settings = Settings(
        origin=config.log.origin,
        keys=log_keys(config),
        auditors=auditors_of(config),
        clock=clock,
        public_delay_ms=1000 * config.log.public_delay_seconds,
        checkpoint_interval_s=config.log.checkpoint_ms / 1000,
        max_outstanding=_MOST_WAITING,
        faults=no_faults,
    )
    return rotate(
        Directory(config.log.directory),
        settings,
        LogKeys.read(folder),
        reason=reason,
        public=_members,
        sealed={"who": {"by": by, "uid": uid}},
    )


def _members(act: str, last: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the leaf of the announcement: made under what the last one was."""
    if not last.get("policy"):
        raise KeyFileRefused("nothing was activated yet; run: sallyport activate")
    return leaf(
        event="act",
        decision="key-rotation",
        policy=str(last["policy"]),
        manifest=str(last["manifest"]),
        act=act,
    )
