"""The text of an act, and its only parser.

::

    sallyport-act/v1
    origin sallyport.example/log
    act activation
    counter 3
    reason scheduled
    expires never
    policy 8f3a...
    bundle 0c77...
    manifest d21c...
    witness none

The first six lines are the same for every act, in this order; the rest is fixed by
the act (:data:`ACTS`). A value is printable ASCII without spaces, so a person who
signs it sees all of it. The counter is the place of the act among the acts of its own
kind, from 0: a statement can be carried out once.

Stored form: a C2SP signed note, that is the text, an empty line, and one line for
each signature. Until signatures are built there are none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.canonical import digest
from gateway.errors import GatewayError

__all__ = [
    "ACTS",
    "CUTOFF_SCOPES",
    "PAPER_STATES",
    "REASONS",
    "ActMalformed",
    "Statement",
    "parse_note",
]

_HEADER = "sallyport-act/v1"
_COMMON = ("origin", "act", "counter", "reason", "expires")
_MAX_BYTES = 4096
"""Largest note read, in bytes; a roster of signers stays far below."""

_SHA256 = r"[0-9a-f]{64}"
_WORD = r"[a-z0-9][a-z0-9_.-]{0,63}"
_NUMBER = r"(?:0|[1-9][0-9]{0,14})"
_INSTANT = r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"

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
    "operation",
)
"""Why an act was done: a closed word; free text is sealed."""

_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "origin": r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}",
        "act": _WORD,
        "counter": _NUMBER,
        "reason": "|".join(REASONS),
        "expires": rf"never|{_INSTANT}",
        "cfg": _SHA256,
        "roster": "empty",
        "policy": r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}",
        "bundle": _SHA256,
        "manifest": _SHA256,
        "witness": "none|demo|quorum",
        "scope": "|".join(CUTOFF_SCOPES),
        "name": rf"-|{_WORD}",
        "lifts": _NUMBER,
        "paper": _SHA256,
        "state": "|".join(PAPER_STATES),
        "activation": _NUMBER,
        "version": r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}",
        "run": _NUMBER,
        "keys": _SHA256,
        "cause": "policy-disagreement",
        "reopens": _NUMBER,
    }
)

ACTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "genesis": ("roster", "cfg"),
        "activation": ("policy", "bundle", "manifest", "witness"),
        "cutoff": ("scope", "name"),
        "cutoff-lift": ("lifts",),
        "paper": ("paper", "state"),
        "start": ("activation", "version", "witness"),
        "stop": ("run",),
        # Written and checked by audit.rotation; both log keys sign it.
        "key-rotation": ("keys",),
        "close": ("cause",),
        "reopen": ("reopens",),
    }
)
"""Every act and the lines that follow the common ones, in order."""


class ActMalformed(GatewayError):
    """A note is not an act in its only form; the sentence says where.

    In a log this means that somebody wrote an act with other software: the reader
    stops and refuses rather than pass over it.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One act: what is done, for what reason, until when, to what."""

    origin: str
    act: str
    counter: int
    reason: str
    expires: str
    values: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Refuse what could not be read back.

        Raises:
            ActMalformed: naming the line that is wrong.
        """
        wanted = ACTS.get(self.act)
        if wanted is None:
            raise ActMalformed(f"there is no act called {self.act!r}")
        if tuple(name for name, _ in self.values) != wanted:
            raise ActMalformed(f"{self.act} has the lines {', '.join(wanted)}")
        for name, value in self._lines():
            if not re.fullmatch(_VALUES[name], value):
                raise ActMalformed(f"{name} has a value that is not allowed")

    def __getitem__(self, name: str) -> str:
        """Return the value of one of the act's own lines.

        Raises:
            KeyError: when this act has no such line.
        """
        return dict(self.values)[name]

    @property
    def text(self) -> str:
        """Return the text that people sign; it ends in a newline."""
        lines = [_HEADER, *(f"{name} {value}" for name, value in self._lines())]
        return "".join(f"{line}\n" for line in lines)

    @property
    def note(self) -> bytes:
        """Return the stored bytes: the text, an empty line, no signature yet."""
        return f"{self.text}\n".encode()

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of :attr:`note`: the act's name in its leaf."""
        return digest(self.note)

    def _lines(self) -> list[tuple[str, str]]:
        common = (self.origin, self.act, str(self.counter), self.reason, self.expires)
        return [*zip(_COMMON, common, strict=True), *self.values]


def parse_note(note: bytes) -> Statement:
    """Read a stored act back; signature lines after the empty line are passed over.

    Raises:
        ActMalformed: for anything but the one form described above.
    """
    if len(note) > _MAX_BYTES:
        raise ActMalformed(f"longer than {_MAX_BYTES} bytes")
    text, separator, rest = note.partition(b"\n\n")
    if not separator or not text.isascii():
        raise ActMalformed("not a note: no empty line after ASCII text")
    if any(not line.startswith("\u2014 ".encode()) for line in rest.splitlines()):
        raise ActMalformed("something other than signatures follows the text")
    return _statement(text.decode().split("\n"))


def _statement(lines: list[str]) -> Statement:
    if lines[0] != _HEADER:
        raise ActMalformed(f"the first line is not {_HEADER}")
    pairs = [tuple(line.split(" ")) for line in lines[1:]]
    names = tuple(pair[0] for pair in pairs)
    if any(len(pair) != 2 for pair in pairs) or names[: len(_COMMON)] != _COMMON:  # noqa: PLR2004  # name and value
        raise ActMalformed(f"the lines are not {', '.join(_COMMON)} and the act's own")
    common = {pair[0]: pair[1] for pair in pairs[: len(_COMMON)]}
    if not re.fullmatch(_NUMBER, common["counter"]):
        raise ActMalformed("counter has a value that is not allowed")
    return Statement(
        origin=common["origin"],
        act=common["act"],
        counter=int(common["counter"]),
        reason=common["reason"],
        expires=common["expires"],
        values=tuple((pair[0], pair[1]) for pair in pairs[len(_COMMON) :]),
    )
