"""What came back, read as a requester would read it: status, reasons, receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Ground", "Outcome", "read_outcome"]

_WORDS: Final = {202: "waiting", 401: "not_authenticated", 403: "refused"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """One reason for a part of an outcome: what it says and where it is written."""

    effect: str
    title: str
    citation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One answer of the gateway.

    ``word`` is ``released``, ``partly_released``, ``waiting``, ``refused``,
    ``not_authenticated`` or ``unavailable``; ``entry`` is the answer's number in the
    log, or -1 where there is none (nobody was authenticated).
    """

    status: int
    word: str
    records: tuple[Mapping[str, Any], ...]
    shared: tuple[str, ...]
    withheld: tuple[str, ...]
    grounds: tuple[Ground, ...]
    change: tuple[str, ...]
    duties: tuple[str, ...]
    entry: int
    detail: str


def read_outcome(status: int, body: Mapping[str, Any]) -> Outcome:
    """Read an answer (``sallyport.answer/1``) or a problem document (RFC 9457)."""
    decision: list[Mapping[str, Any]] = list(body.get("decision") or ())
    records = tuple(_shown(record) for record in body.get("records") or ())
    shared = _unique(name for record in records for name in record)
    asked = _unique(name for part in decision for name in _names(part))
    return Outcome(
        status=status,
        word=str(body.get("status") or _WORDS.get(status, "unavailable"))
        if status == 200  # noqa: PLR2004 - HTTP's own number
        else _WORDS.get(status, "unavailable"),
        records=records,
        shared=shared,
        withheld=tuple(name for name in asked if name not in shared),
        grounds=_unique(
            Ground(
                effect=str(part.get("outcome", "")),
                title=str(reason.get("title", "")),
                citation=str(reason.get("citation", "")),
            )
            for part in decision
            for reason in part.get("reasons", ())
        ),
        change=_unique(
            str(word)
            for part in decision
            for word in part.get("what_would_change_it", ())
        ),
        duties=_unique(
            str(duty.get("do", duty) if isinstance(duty, Mapping) else duty)
            for part in decision
            for duty in part.get("obligations", ())
        ),
        entry=int((body.get("receipt") or {}).get("index", -1)),
        detail=str(body.get("detail") or body.get("title") or ""),
    )


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one record of an answer gives: fields, and kinds granted."""
    granted = dict.fromkeys(record.get("granted", ()), "granted")
    return {**record.get("fields", {}), **granted}


def _names(part: Mapping[str, Any]) -> Iterable[str]:
    """Return the fields of one part of a decision; its category where it has none."""
    return part.get("names") or (str(part.get("category", "")),)


def _unique(items: Iterable[Any]) -> tuple[Any, ...]:
    """Return the items once each, in order."""
    return tuple(dict.fromkeys(items))
