"""Whom a verifier trusts (C2SP tlog-policy): logs, witnesses, groups, the quorum.

The verifier brings this file; nothing in the log can stand in for it. Witnesses named
here are what "outside the custodian" means.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from audit.errors import Malformed
from audit.vkey import COSIGNATURE, ED25519, MLDSA44, Verifier

__all__ = ["Policy"]

_MOST_LINES = 10_000
_NONE = "none"
_NOT_ALLOWED = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_SIGNS = frozenset({ED25519, MLDSA44})
_COSIGNS = frozenset({COSIGNATURE, MLDSA44})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    needed: int
    members: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Policy:
    """A parsed policy file."""

    logs: list[Verifier] = field(default_factory=list)
    witnesses: dict[str, Verifier] = field(default_factory=dict)
    """Each witness by the name that it has in this file alone."""
    urls: dict[Verifier, str] = field(default_factory=dict)
    """Where a log or a witness is reached, if the file says so."""
    groups: dict[str, _Group] = field(default_factory=dict)
    quorum: str = ""
    """The group or witness that must have cosigned; ``none`` asks for nobody."""
    _grouped: set[str] = field(default_factory=set)

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Read a policy file.

        Names are octets that mean nothing outside the file, whatever their encoding.

        Raises:
            Malformed: ``policy-...`` with the line's number, or a key's own reason.
        """
        policy = cls()
        lines = data.split(b"\n")
        if len(lines) > _MOST_LINES:
            raise Malformed("policy-too-long")
        for number, line in enumerate(lines, 1):
            try:
                policy._line(line)
            except Malformed as error:
                raise Malformed(error.reason, f"line {number}") from None
        if not policy.quorum:
            raise Malformed("policy-no-quorum")
        return policy

    def _line(self, line: bytes) -> None:
        if _NOT_ALLOWED.search(line):
            raise Malformed("policy-octet")
        text = line.decode("utf-8", "surrogateescape")
        words = re.findall(r"[^ \t]+", text)
        if words and not words[0].startswith("#"):
            self._read(words)

    def _read(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self._log(vkey, url)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, vkey, url)
            case ["group", name, count, *members] if members:
                self._new(name)
                self.groups[name] = self._group(count, members)
            case ["quorum", name] if not self.quorum:
                if name != _NONE and not self._known(name):
                    raise Malformed("policy-unknown-name")
                self.quorum = name
            case ["quorum", _]:
                raise Malformed("policy-quorum-twice")
            case _:
                raise Malformed("policy-line")

    def _log(self, vkey: str, url: list[str]) -> None:
        key = _key(vkey, _SIGNS, "policy-log-key")
        if key.public in {each.public for each in self.logs}:
            raise Malformed("policy-log-twice")
        self.logs.append(key)
        self.urls |= dict.fromkeys([key], url[0]) if url else {}

    def _witness(self, name: str, vkey: str, url: list[str]) -> None:
        self._new(name)
        key = _key(vkey, _COSIGNS, "policy-witness-key")
        if key.public in {each.public for each in self.witnesses.values()}:
            raise Malformed("policy-witness-twice")
        self.witnesses[name] = key
        self.urls |= dict.fromkeys([key], url[0]) if url else {}

    def _known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _new(self, name: str) -> None:
        if name == _NONE:
            raise Malformed("policy-name")
        if self._known(name):
            raise Malformed("policy-name-twice")

    def _group(self, count: str, members: list[str]) -> _Group:
        if not all(map(self._known, members)):
            raise Malformed("policy-members")
        if len(set(members)) != len(members) or not self._grouped.isdisjoint(members):
            # Else one witness could count in two ways.
            raise Malformed("policy-member-twice")
        self._grouped |= set(members)
        words = {"any": 1, "all": len(members)}
        if count not in words and not _NUMBER.fullmatch(count):
            raise Malformed("policy-threshold")
        needed = words[count] if count in words else int(count)
        if needed > len(members):
            raise Malformed("policy-threshold")
        return _Group(needed=needed, members=tuple(members))

    @property
    def cosigners(self) -> list[Verifier]:
        """The witnesses' keys."""
        return list(self.witnesses.values())

    def satisfied(self, signed: Collection[Verifier]) -> bool:
        """Whether cosignatures of these keys make the quorum.

        No quorum asked for is no quorum: then nobody outside has seen the log.
        """
        names = {name for name, key in self.witnesses.items() if key in signed}
        return self.quorum != _NONE and self._met(self.quorum, names)

    def _met(self, name: str, signed: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in signed
        return sum(self._met(each, signed) for each in group.members) >= group.needed


def _key(vkey: str, kinds: Collection[int], reason: str) -> Verifier:
    key = Verifier.parse(vkey)
    if key.kind not in kinds:
        raise Malformed(reason)
    return key
