"""Whom a verifier trusts (C2SP tlog-policy): logs, witnesses, groups, the quorum.

The verifier brings this file; nothing in the log can stand in for it. Witnesses named
here are what "outside the custodian" means.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from audit.errors import Malformed
from audit.note import COSIGNATURE, ED25519, Verifier, key_name_fault

__all__ = ["Policy"]

_MOST_LINES = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    needed: int
    members: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Policy:
    """A parsed policy file."""

    logs: list[Verifier] = field(default_factory=list)
    witnesses: dict[str, Verifier] = field(default_factory=dict)
    groups: dict[str, _Group] = field(default_factory=dict)
    quorum: str = ""
    """The group or witness that must have cosigned; ``none`` asks for nobody."""

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read a policy file.

        Raises:
            Malformed: ``policy-...`` with the line's number, or a key's own reason.
        """
        policy = cls()
        lines = text.split("\n")
        if len(lines) > _MOST_LINES:
            raise Malformed("policy-too-long")
        for number, line in enumerate(lines, 1):
            words = line.split()
            if words and not line.startswith("#"):
                try:
                    policy._read(words)
                except Malformed as error:
                    raise Malformed(error.reason, f"line {number}") from None
        if not policy.quorum:
            raise Malformed("policy-no-quorum")
        return policy

    def _read(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self.logs.append(_key(vkey, ED25519, "policy-log-key"))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._new(name)
                key = _key(vkey, COSIGNATURE, "policy-witness-key")
                if key.public in {each.public for each in self.witnesses.values()}:
                    raise Malformed("policy-witness-twice")
                self.witnesses[name] = key
            case ["group", name, count, *members] if members:
                self._new(name)
                self.groups[name] = self._group(count, members)
            case ["quorum", name] if not self.quorum:
                if name != "none" and not self._known(name):
                    raise Malformed("policy-unknown-name")
                self.quorum = name
            case ["quorum", _]:
                raise Malformed("policy-quorum-twice")
            case _:
                raise Malformed("policy-line")

    def _known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _new(self, name: str) -> None:
        if name == "none" or key_name_fault(name):
            raise Malformed("policy-name")
        if self._known(name):
            raise Malformed("policy-name-twice")

    def _group(self, count: str, members: list[str]) -> _Group:
        if len(set(members)) != len(members) or not all(map(self._known, members)):
            raise Malformed("policy-members")
        words = {"any": 1, "all": len(members)}
        if count in words:
            needed = words[count]
        elif count.isascii() and count.isdigit() and count[0] != "0":
            needed = int(count[:6])
        else:
            raise Malformed("policy-threshold")
        if needed > len(members):
            raise Malformed("policy-threshold")
        return _Group(needed=needed, members=tuple(members))

    @property
    def cosigners(self) -> list[Verifier]:
        """The witnesses' keys."""
        return list(self.witnesses.values())

    def satisfied(self, times: Mapping[str, int]) -> bool:
        """Whether cosignatures (key name -> time) make the quorum.

        No quorum asked for is no quorum: then nobody outside has seen the log.
        """
        signed = {name for name, key in self.witnesses.items() if key.name in times}
        return self.quorum != "none" and self._met(self.quorum, signed)

    def _met(self, name: str, signed: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in signed
        return sum(self._met(each, signed) for each in group.members) >= group.needed


def _key(vkey: str, kind: int, reason: str) -> Verifier:
    key = Verifier.parse(vkey)
    if key.kind != kind:
        raise Malformed(reason)
    return key
