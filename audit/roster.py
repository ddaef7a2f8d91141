"""The roster: who may decide, each with the keys that they sign with.

A roster is a list of keys, one line each, in an act that names them all (``genesis``
or ``roster``)::

    person counsel-1+5f0e2a11+AXk...
    person officer-1+9b3c70d4+ARf...

The name of a key is the roster id of a person: a word for somebody in an office, not
their name. A person may have up to three keys (a spare one in a safe); they count as
one person, whichever of them signs. Two people never share a key. The lines are
sorted, so a roster has one text, and one digest that can be read aloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from audit.act import Act
from audit.errors import ActRefused, Malformed, ProofInvalid, StrangerSigned
from audit.sshsig import SshVerifier
from audit.vkey import ED25519, Verifier

__all__ = ["MOST_KEYS", "MOST_PEOPLE", "Key", "Roster", "read_key", "signers"]

Key: TypeAlias = Verifier | SshVerifier
"""A public key of somebody on a roster: a note's own kind, or OpenSSH's."""

_SIGN = (1 << 255) - 1
_PRIME = (1 << 255) - 19
_SMALL = frozenset(
    {
        0,
        1,
        _PRIME - 1,
        int.from_bytes(
            bytes.fromhex(
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
            ),
            "little",
        ),
        int.from_bytes(
            bytes.fromhex(
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
            ),
            "little",
        ),
    }
)
"""The y of the eight points of small order on the curve of RFC 8032, section 5.1: for
a key that is one of them, anybody can make signatures that hold."""

LEAST_PEOPLE = 2
MOST_PEOPLE = 16
MOST_KEYS = 3


def read_key(text: str) -> Key:
    """Read a key's line.

    Raises:
        Malformed: it is none, or of a kind that people don't sign with.
    """
    key: Key | None = SshVerifier.parse(text)
    if key is None:
        key = Verifier.parse(text)
        if key.kind != ED25519:
            raise Malformed("vkey-type")
    y = int.from_bytes(key.public, "little") & _SIGN
    if y >= _PRIME or y in _SMALL:
        raise Malformed("vkey-weak", "anybody could sign for it")
    return key


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """The keys of everybody who may decide."""

    keys: tuple[Key, ...]

    @classmethod
    def parse(cls, lines: Sequence[str]) -> Roster:
        """Read the keys of a roster, in the order of its lines.

        Raises:
            ActRefused: a line is no key, or the roster breaks a rule of this module.
        """
        keys = []
        for place, line in enumerate(lines, 1):
            try:
                keys.append(read_key(line))
            except Malformed as error:
                raise ActRefused(f"person {place} is no key: {error.said}") from None
        roster = cls(keys=tuple(keys))
        if problem := roster._fault():
            raise ActRefused(problem)
        return roster

    def _fault(self) -> str:
        texts = [key.text for key in self.keys]
        names = [key.name for key in self.keys]
        crowded = [name for name in self.people if names.count(name) > MOST_KEYS]
        if texts != sorted(set(texts)):
            return "the people are not in order, or one line is there twice"
        if len({key.public for key in self.keys}) != len(self.keys):
            return "one key is there twice"
        if crowded:
            return f"{crowded[0]} has more than {MOST_KEYS} keys"
        if not LEAST_PEOPLE <= len(self.people) <= MOST_PEOPLE:
            bounds = f"{LEAST_PEOPLE} to {MOST_PEOPLE}"
            return f"a roster has {bounds} people, this one has {len(self.people)}"
        return ""

    @property
    def people(self) -> tuple[str, ...]:
        """The roster ids, sorted, each once."""
        return tuple(sorted({key.name for key in self.keys}))

    @property
    def text(self) -> str:
        """The roster's lines as acts have them."""
        return "".join(f"person {key.text}\n" for key in self.keys)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of :attr:`text`, hex: what a verifier brings along."""
        return sha256(self.text.encode()).hexdigest()


def signers(act: Act, keys: Iterable[Key]) -> tuple[Key, ...]:
    """Return the keys that signed an act, of those given.

    Raises:
        ActRefused: a signature does not hold, is there twice, or is of nobody.
    """
    known = {(key.name, key.id): key for key in keys}
    found: dict[str, Key] = {}
    for each in act.signatures:
        key = known.get((each.name, each.id))
        if key is None:
            raise StrangerSigned(
                f"it has a signature of {each.name} by a key that is not in the roster"
            )
        if key.text in found:
            raise ActRefused(f"the same key of {each.name} has signed twice")
        try:
            key.verify(act.statement.text.encode(), each.signature)
        except ProofInvalid as error:
            raise ActRefused(str(error)) from None
        found[key.text] = key
    return tuple(found.values())
