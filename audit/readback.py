"""Reads a log back from its place, so that this process may write it."""

from __future__ import annotations

from dataclasses import replace

from audit.contract import Parts, Place, Settings
from audit.errors import KeyFileRefused
from audit.unwitnessed import Unwitnessed

__all__ = ["read_back"]


def read_back(place: Place, settings: Settings, *, create: bool) -> Parts:
    """Make or read back a log; blocks.

    Raises:
        LogError, KeyFileRefused: as ``Log.open`` says.
    """
    if settings.origin != settings.keys.origin:
        raise KeyFileRefused(f"these are keys of the log {settings.keys.origin}")
    if not settings.auditors:
        raise KeyFileRefused("no auditor is named: nobody could open what is sealed")
    parts = place.assemble(settings, create=create)
    if settings.cosigner is None:
        return parts
    try:
        watch = Unwitnessed(cosigner=settings.cosigner, charter=parts.charter)
        unfinished = watch.look(parts.publisher.live)
    except BaseException:
        parts.close()
        raise
    return replace(parts, watch=watch, unfinished=unfinished)
