"""Changing a log's keys: the old ones announce the new ones, in the log itself.

The announcement is an act, a note that both log keys sign, and names the file of the
new public keys by its digest::

    sallyport-act/v1
    origin county.gov/log
    act key-rotation
    counter 0
    reason scheduled
    expires never
    words none
    keys 3f1c...

Its entry is the last one that the old keys sign for: the checkpoint of the tree that
ends with it is theirs, every larger one the new keys'. ``handover/<digest of the old
log key's line>`` is a ``.tlog-proof`` of that entry to that checkpoint (the entry's
bytes are its extra data), so that who has the old keys finds the new ones and when
they came.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.checkpoint import Checkpoint
from audit.errors import AuditError, Malformed, ProofInvalid, SourceUnreadable
from audit.keyring import Keyring, Period
from audit.note import Note, sign_note
from audit.proof import Proof, leaf_at
from audit.reading import Source
from audit.signer import Signer
from audit.vkey import COSIGNATURE, ED25519, MLDSA44, Verifier

__all__ = [
    "ACT",
    "Announcement",
    "announce",
    "announced",
    "followed",
    "handed_to",
    "handover_path",
    "keys_of",
    "log_key",
]

ACT = "key-rotation"
_HEADER = "sallyport-act/v1"
_MOST = 1000
"""Changes of keys that are followed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """An act of rotation and the file it names."""

    note: bytes
    keys: bytes

    @property
    def act(self) -> str:
        """The act's name in its leaf: SHA-256 of the note."""
        return sha256(self.note).hexdigest()

    @property
    def files(self) -> dict[str, bytes]:
        """The public files that must be durable with the entry."""
        digest = sha256(self.keys).hexdigest()
        return {f"acts/{self.act}": self.note, f"keys/{digest}": self.keys}


def announce(
    old: Signer,
    new: Signer,
    verifiers: Iterable[Verifier],
    *,
    counter: int,
    reason: str,
) -> Announcement:
    """Return the announcement of new keys.

    Args:
        old: the log key that signs until now.
        new: the log key that signs from then on; it signs too, so that nobody can
            announce a key that is not theirs.
        verifiers: the new public keys, ``new``'s among them.
        counter: how many changes of keys came before.
        reason: a closed word.
    """
    keys = "".join(f"{key.text}\n" for key in verifiers).encode()
    text = (
        f"{_HEADER}\norigin {old.verifier.name}\nact {ACT}\ncounter {counter}\n"
        f"reason {reason}\nexpires never\nwords none\n"
        f"keys {sha256(keys).hexdigest()}\n"
    )
    return Announcement(note=sign_note(text, [old, new]), keys=keys)


def log_key(keys: Iterable[Verifier], origin: str) -> Verifier:
    """Return the Ed25519 key that signs checkpoints, of one set of keys."""
    return next(key for key in keys if (key.name, key.kind) == (origin, ED25519))


def keys_of(data: bytes, origin: str) -> tuple[Verifier, ...]:
    """Read a file of a log's public keys: one of each role, ML-DSA's may be missing.

    Raises:
        Malformed: ``keys-text``, ``keys-roles``, or a key's own reason.
    """
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Malformed("keys-text") from None
    if lines.pop():
        raise Malformed("keys-text")
    keys = tuple(map(Verifier.parse, lines))
    roles = [
        (origin, ED25519),
        (f"{origin}/receipt", ED25519),
        (f"{origin}/time", COSIGNATURE),
        (origin, MLDSA44),
    ]
    if [(key.name, key.kind) for key in keys] not in (roles, roles[:-1]):
        raise Malformed("keys-roles")
    return keys


def announced(note: bytes, source: Source, old: Verifier) -> tuple[Verifier, ...]:
    """Return the keys that an act of rotation announces, its signatures checked.

    Raises:
        Malformed, ProofInvalid: it is none, or not signed by both log keys.
        SourceUnreadable: the file of keys could not be read.
    """
    parsed = Note.parse(note)
    lines = parsed.text.split("\n")
    pairs = dict(line.partition(" ")[::2] for line in lines[1:-1])
    if lines[0] != _HEADER or (pairs.get("act"), pairs.get("origin")) != (
        ACT,
        old.name,
    ):
        raise Malformed("rotation-act")
    digest = pairs.get("keys", "")
    data = source.read(f"keys/{digest}") if digest.isalnum() else None
    if data is None or sha256(data).hexdigest() != digest:
        raise ProofInvalid(f"keys/{digest[:64]} is missing or altered")
    keys = keys_of(data, old.name)
    for key in (old, log_key(keys, old.name)):
        if not parsed.of(key):
            raise ProofInvalid(f"no signature of the key {key.name} ({key.id.hex()})")
        parsed.verified([key])
    return keys


def handover_path(old: Verifier) -> str:
    """Return where the proof lies that a log key was given up for another."""
    return f"handover/{sha256(old.text.encode()).hexdigest()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """From one set of keys to the next: the new ones, the last that the old signed."""

    keys: tuple[Verifier, ...]
    last: Checkpoint


def _handed_over(
    data: bytes, source: Source, keys: Sequence[Verifier], origin: str
) -> _Step:
    """Return the keys that follow, and what ``keys`` signed last."""
    proof = Proof.parse(data)
    leaf = proof.extra or b""
    last = proof.check(leaf, keys).checkpoint
    if last.size != proof.index + 1:
        raise ProofInvalid("its entry is not the last of the tree")
    note = _act_in(leaf, source)
    return _Step(keys=announced(note, source, log_key(keys, origin)), last=last)


def _act_in(leaf: bytes, source: Source) -> bytes:
    """Return the act that an entry names."""
    try:
        act = str(json.loads(leaf)["act"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ProofInvalid("its entry names no act") from None
    note = source.read(f"acts/{act}") if act.isalnum() else None
    if note is None or sha256(note).hexdigest() != act:
        raise ProofInvalid(f"acts/{act[:64]} is missing or altered")
    return note


def handed_to(keys: Iterable[Verifier], note: Note, source: Source) -> bool:
    """Whether a checkpoint is the last one of keys that were changed for given ones.

    The last entry is then the announcement, which a given key has signed together with
    the key of the checkpoint.

    Raises:
        SourceUnreadable: the log could not be read.
    """
    head = Checkpoint.parse(note.text)
    theirs = {each.id for each in note.signatures if each.name == head.origin}
    try:
        leaf = leaf_at(source, head.size - 1, head.size)
        act = Note.parse(_act_in(leaf, source))
        mine = (k for k in keys if (k.name, k.kind) == (head.origin, ED25519))
        given = act.verified(mine)
    except SourceUnreadable:
        raise
    except AuditError:
        return False
    shared = {each.id for each in act.signatures if each.name == head.origin} & theirs
    told = f"\norigin {head.origin}\nact {ACT}\n" in act.text
    return bool(given and shared) and told


def followed(source: Source, keys: Iterable[Verifier], origin: str) -> Keyring:
    """Return the ring of a log: the keys given, and those that follow them.

    Raises:
        ProofInvalid: a handover that lies there does not hold.
    """
    known = list(keys)
    names = {origin, f"{origin}/receipt", f"{origin}/time"}
    own = [key for key in known if key.name in names]
    steps: dict[Verifier, _Step] = {}
    waiting = [key for key in own if (key.name, key.kind) == (origin, ED25519)]
    given = list(waiting)
    while waiting and len(steps) < _MOST:
        key = waiting.pop()
        rest = [each for each in own if each.kind != ED25519 or each.name != origin]
        step = _step(source, key, _with(key, steps, rest), origin)
        if step is not None and key not in steps:
            steps[key] = step
            waiting.append(log_key(step.keys, origin))
    return Keyring(
        periods=tuple(_periods(given, own, steps, origin)),
        others=tuple(key for key in known if key.name not in names),
    )


def _with(
    key: Verifier,
    steps: dict[Verifier, _Step],
    rest: Sequence[Verifier],
) -> list[Verifier]:
    """Return the keys of a log key's period, as far as they are known."""
    for step in steps.values():
        if key in step.keys:
            return list(step.keys)
    return [key, *rest]


def _step(
    source: Source, key: Verifier, keys: Sequence[Verifier], origin: str
) -> _Step | None:
    path = handover_path(key)
    try:
        data = source.read(path)
        return None if data is None else _handed_over(data, source, keys, origin)
    except SourceUnreadable:
        return None  # many servers refuse what they do not have
    except AuditError as error:
        raise ProofInvalid(f"{path}: {error}") from None


def _periods(
    given: Sequence[Verifier],
    own: Sequence[Verifier],
    steps: dict[Verifier, _Step],
    origin: str,
) -> list[Period]:
    """Return each period, from the log keys that nothing known leads to."""
    later = {key for step in steps.values() for key in step.keys}
    roots = [key for key in given if key not in later]
    rest = tuple(key for key in own if key not in later and key not in given)
    periods: list[Period] = []
    for root in roots:
        keys, first, key = (root, *rest), 0, root
        # A key that was taken up again would go round for ever: its step is earlier.
        while key in steps and steps[key].last.size >= first:
            step = steps[key]
            last = step.last
            period = Period(keys=keys, first=first, last=last.size, handed=last)
            periods.append(period)
            keys, first = step.keys, last.size + 1
            key = log_key(keys, origin)
        periods.append(Period(keys=keys, first=first))
    return periods or [Period(keys=tuple(own))]
