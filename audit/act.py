"""The text of an act, and its only parser.

An act is what people decide: rules put into force, a cut-off lifted, a paper found
confirmed. Its text::

    sallyport-act/v1
    origin sallyport.example/log
    act activation
    counter 3
    reason scheduled
    expires 2026-12-01T00:00:00Z
    words none
    policy 8f3a...
    bundle 0c77...
    manifest d21c...
    changes catalogue,policy
    witness none
    checks 7be0...
    drafts us-ca,us-federal

The first seven lines are the same for every act, in this order; the rest is fixed by
the act (:data:`audit.actwords.ACTS`). Acts that name a roster end in one ``person``
line for each key. A value is printable ASCII without spaces, so a person who signs it
sees all of it. ``counter`` is the place of the act among those of its kind (of a
paper or a cut-off: among those about the same one), from 0, so that a statement can
be carried out once. ``words`` is a commitment to free text, which is sealed
(:func:`words_commitment`).

Stored form: a C2SP signed note, that is the text, an empty line, and one line for
each signature. An act that nobody has to sign may have none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.actwords import ACTS, ROSTERS, VALUES
from audit.errors import ActRefused, ActUnsigned, Malformed
from audit.note import Note, Signature
from audit.signer import Signer

__all__ = [
    "MAX_BYTES",
    "Act",
    "Statement",
    "parse_act",
    "parse_text",
    "words_commitment",
]

_HEADER = "sallyport-act/v1"
_COMMON = ("origin", "act", "counter", "reason", "expires", "words")
MAX_BYTES = 32_768
"""Largest note read, in bytes; the largest roster with all its signatures fits."""

_BEFORE_SIGNATURES = ("origin", "act", "counter", "reason", "expires", "roster", "cfg")
"""The lines of a first entry written before acts were signed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One act: what is done, for what reason, until when, to what."""

    origin: str
    act: str
    counter: int
    reason: str
    expires: str
    values: tuple[tuple[str, str], ...]
    words: str = "none"

    def __post_init__(self) -> None:
        """Refuse what could not be read back.

        Raises:
            ActRefused: naming the line that is wrong.
        """
        wanted = ACTS.get(self.act)
        if wanted is None:
            raise ActRefused(f"there is no act called {self.act!r}")
        own = tuple(name for name, _ in self.values)
        rest = own[len(wanted) :]
        if own[: len(wanted)] != wanted or (
            set(rest) != ({"person"} if self.act in ROSTERS else set())
        ):
            people = ["person"] if self.act in ROSTERS else []
            lines = ", ".join([*wanted, *people])
            raise ActRefused(f"{self.act} has the lines {lines}")
        for name, value in self._lines():
            if not re.fullmatch(VALUES[name], value, re.ASCII):
                raise ActRefused(f"{name} has a value that is not allowed")
        if self.expires != "never" and _instant_ms(self.expires) is None:
            raise ActRefused("expires is an instant that no calendar has")

    def __getitem__(self, name: str) -> str:
        """Return the value of one of the act's own lines.

        Raises:
            KeyError: when this act has no such line.
        """
        return dict(self.values)[name]

    @property
    def people(self) -> tuple[str, ...]:
        """The keys of the roster that the act names, as they are written."""
        return tuple(value for name, value in self.values if name == "person")

    @property
    def expires_ms(self) -> int | None:
        """The instant from which the act can't be carried out (Unix ms), or none."""
        return None if self.expires == "never" else _instant_ms(self.expires)

    @property
    def text(self) -> str:
        """Return the text that people sign; it ends in a newline."""
        lines = [_HEADER, *(f"{name} {value}" for name, value in self._lines())]
        return "".join(f"{line}\n" for line in lines)

    def _lines(self) -> list[tuple[str, str]]:
        common = (
            *(self.origin, self.act, str(self.counter)),
            *(self.reason, self.expires, self.words),
        )
        return [*zip(_COMMON, common, strict=True), *self.values]


def _instant_ms(text: str) -> int | None:
    try:
        at = dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(at.timestamp()) * 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """A statement with what was signed under it."""

    statement: Statement
    signatures: tuple[Signature, ...] = ()

    @property
    def note(self) -> bytes:
        """Return the stored bytes: the text, an empty line, the signatures."""
        return Note(text=self.statement.text, signatures=self.signatures).pack()

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of :attr:`note`: the act's name in its leaf."""
        return sha256(self.note).hexdigest()

    def signed(self, signature: Signature) -> Act:
        """Return the act with one more signature."""
        return Act(statement=self.statement, signatures=(*self.signatures, signature))

    def signed_with(self, key: Signer) -> Act:
        """Return the act with this key's signature.

        Raises:
            KeyFileRefused: the key is in a token that does not answer.
        """
        public = key.verifier
        raw = key.sign(self.statement.text.encode())
        return self.signed(Signature(name=public.name, id=public.id, signature=raw))


def parse_act(note: bytes, *, first: bool = True) -> Act:
    """Read a stored act back; whose the signatures are is for the roster to say.

    Args:
        note: its bytes.
        first: whether it may be a log's first entry. Of before acts were signed only
            that one is known, and whoever began with signed acts goes on with them.

    Raises:
        ActRefused: for anything but the one form described above.
        ActUnsigned: it is the first entry of a log that was begun before acts were
            signed.
    """
    if len(note) > MAX_BYTES:
        raise ActRefused(f"longer than {MAX_BYTES} bytes")
    if b"\r\n" in note:
        raise ActRefused(
            "its line ends were changed (to CRLF, as by Windows or by mail), so no"
            " signature holds; take the file anew, as it was written"
        )
    text, separator, rest = note.partition(b"\n\n")
    if not separator or not text.isascii():
        raise ActRefused("not a note: no empty line after ASCII text")
    statement = parse_text(text.decode() + "\n", first=first)
    if not rest:
        return Act(statement=statement)
    try:
        signatures = Note.parse(note).signatures
    except Malformed as error:
        raise ActRefused(
            f"something other than signatures follows the text: {error}"
        ) from None
    act = Act(statement=statement, signatures=signatures)
    if act.note != note:
        raise ActRefused("the signatures are not written in their only form")
    return act


def parse_text(text: str, *, first: bool = True) -> Statement:
    """Read the text that people sign, which ends in a newline; as :func:`parse_act`.

    Raises:
        ActRefused, ActUnsigned: as :func:`parse_act`.
    """
    lines = text.removesuffix("\n").split("\n")
    if lines[0] != _HEADER:
        raise ActRefused(f"the first line is not {_HEADER}")
    pairs = [line.split(" ") for line in lines[1:]]
    names = tuple(pair[0] for pair in pairs)
    if first and names == _BEFORE_SIGNATURES:
        raise ActUnsigned(
            "this log was begun before acts were signed: its first entry names no"
            " roster. Keep it for its auditors, and begin a new one, with another"
            " origin, folder and keys: sallyport act new genesis"
        )
    common = pairs[: len(_COMMON)]
    if any(len(pair) != 2 for pair in pairs) or names[: len(_COMMON)] != _COMMON:  # noqa: PLR2004 - name and value
        raise ActRefused(f"the lines are not {', '.join(_COMMON)} and the act's own")
    return _statement([pair[1] for pair in common], pairs[len(_COMMON) :])


def _statement(common: Sequence[str], own: Sequence[Sequence[str]]) -> Statement:
    origin, act, counter, reason, expires, words = common
    if not re.fullmatch(VALUES["counter"], counter, re.ASCII):
        raise ActRefused("counter has a value that is not allowed")
    return Statement(
        origin=origin,
        act=act,
        counter=int(counter),
        reason=reason,
        expires=expires,
        words=words,
        values=tuple((pair[0], pair[1]) for pair in own),
    )


def words_commitment(salt: bytes, text: str) -> str:
    """Return what an act says of the free text beside it: SHA-256(salt, text), hex.

    Salt and text are sealed with the act's entry. Who opens them can show that these
    were the words that people had before them when they signed.
    """
    return sha256(salt + text.encode()).hexdigest()
