"""The words that acts are made of: kinds, lines, and what each line may hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "ACTS",
    "CLOSINGS",
    "CUTOFF_SCOPES",
    "EVENTS",
    "PAPER_STATES",
    "PERSON",
    "REASONS",
    "ROSTERS",
    "VALUES",
]

_SHA256 = r"[0-9a-f]{64}"
_WORD = r"[a-z0-9][a-z0-9_.-]{0,63}"
_PACK = r"[a-z0-9][a-z0-9-]{1,63}"
_NUMBER = r"(?:0|[1-9][0-9]{0,14})"
_INSTANT = r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"

PERSON = r"[a-z0-9][a-z0-9_.-]{0,31}"
"""A roster id: a word for somebody in an office, such as ``records-1``."""

EVENTS = ("act", "start", "stop")
"""What the leaf of an act says that it is of."""

CUTOFF_SCOPES = ("all", "agency", "family", "dataset")
"""What a cut-off can stop."""

PAPER_STATES = (
    "unverified",
    "form_checked",
    "identity_matched",
    "issuer_confirmed",
    "outside_scope",
    "defective",
    "identity_mismatch",
    "expired",
    "revoked",
    "suspected_forgery",
)
"""What can be found out about a paper (every word but ``absent``)."""

REASONS = (
    "setup",
    "scheduled",
    "correction",
    "rollback",
    "legal_change",
    "security_incident",
    "legal_order",
    "agreement_ended",
    "resolved",
    "mistake",
    "verified",
    "staff_change",
    "key_lost",
    "operation",
)
"""Why an act was done: a closed word; free text is sealed."""

CLOSINGS = ("policy-disagreement", "state-restored")
"""Why a gateway closes itself until somebody has looked."""

VALUES: Mapping[str, str] = MappingProxyType(
    {
        "origin": r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}",
        "act": _WORD,
        "counter": _NUMBER,
        "reason": "|".join(REASONS),
        "expires": rf"never|{_INSTANT}",
        "words": rf"none|{_SHA256}",
        "cfg": _SHA256,
        "policy": r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}",
        "bundle": _SHA256,
        "manifest": _SHA256,
        "changes": r"[a-z][a-z_]{0,31}(?:,[a-z][a-z_]{0,31}){0,39}",
        "witness": "none|demo|quorum",
        "checks": rf"none|{_SHA256}",
        "drafts": rf"none|{_PACK}(?:,{_PACK}){{0,59}}",
        "since": r"all|[0-9]{8}",
        "scope": "|".join(CUTOFF_SCOPES),
        "name": rf"-|{_WORD}",
        "lifts": _NUMBER,
        "paper": _SHA256,
        "state": "|".join(PAPER_STATES),
        "face": rf"none|{_SHA256}",
        "activation": _NUMBER,
        "version": r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}",
        "run": _NUMBER,
        "keys": _SHA256,
        "cause": "|".join(CLOSINGS),
        "reopens": _NUMBER,
        "person": rf"{PERSON}\+[0-9a-f]{{8}}\+[A-Za-z0-9+/]{{1,300}}={{0,2}}",
    }
)

ACTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "genesis": ("cfg",),
        "activation": (
            *("policy", "bundle", "manifest", "changes", "witness"),
            *("checks", "drafts"),
        ),
        "cutoff": ("scope", "name"),
        "cutoff-lift": ("lifts",),
        "paper": ("paper", "state", "face"),
        "replay": ("policy", "since"),
        "roster": (),
        "start": ("activation", "version", "witness"),
        "stop": ("run",),
        "key-rotation": ("keys",),
        "close": ("cause",),
        "reopen": ("reopens",),
    }
)
"""Every act and the lines that follow the common ones, in order."""

ROSTERS = frozenset({"genesis", "roster"})
"""Acts that name a whole roster, in ``person`` lines after all others."""
