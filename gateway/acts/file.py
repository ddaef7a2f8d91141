"""The file in which an act goes round among the people who sign it.

::

    sallyport-act-file/v1
    words-salt 9f02...
    words Asked for by the council on 3 March.

    sallyport-act/v1
    origin sallyport.example/log
    ...

    (one line for each signature)

Above the act stands what is sealed with it and never public: free text, and which
document a confirmed paper is. The act holds commitments to each, so whoever signs can
check that it is these words and this document, and the gateway seals no others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from audit.act import MAX_BYTES, Act, words_commitment
from gateway.acts.builders import face_commitment
from gateway.acts.fold import ActMalformed, parse_note
from gateway.errors import GatewayError

__all__ = ["ActFile", "ActFileMalformed"]

_HEADER = "sallyport-act-file/v1"
_HEX16, _HEX32 = r"[0-9a-f]{32}", r"[0-9a-f]{64}"
# Nothing that a terminal obeys, and nothing that turns the order of letters around.
_PRINTED = r"^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
_SEALED: Mapping[str, str] = MappingProxyType(
    {
        "words-salt": _HEX16,
        "words": rf"[{_PRINTED}]{{1,500}}",
        "document": _HEX32,
        "salt": _HEX16,
        "face": rf"[{_PRINTED}]{{1,8000}}",
        "gate": rf"[{_PRINTED}]{{1,12000}}",
    }
)
_WORDS = frozenset({"words-salt", "words"})
"""Both or neither, beside any act."""

_BESIDE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "paper": frozenset({"document", "salt", "face"}),
        "activation": frozenset({"gate"}),
    }
)
"""What else may stand beside an act: only what it commits to."""

_MOST = MAX_BYTES + 16_384


class ActFileMalformed(GatewayError):
    """A file is not an act's, or what it holds beside the act is not the act's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActFile:
    """An act, and what is sealed with it."""

    act: Act
    sealed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def text(self) -> str:
        """Return the file's text."""
        lines = [_HEADER, *(f"{name} {value}" for name, value in self.sealed.items())]
        return "".join(f"{line}\n" for line in lines) + f"\n{self.act.note.decode()}"

    @classmethod
    def parse(cls, data: bytes) -> ActFile:
        """Read an act's file; a bare act is one with nothing sealed.

        Raises:
            ActFileMalformed: with a sentence that says what is wrong.
        """
        try:
            return cls._parse(data)
        except ActMalformed as error:
            raise ActFileMalformed(f"the act in it is none: {error}") from error

    @classmethod
    def _parse(cls, data: bytes) -> ActFile:
        if len(data) > _MOST:
            raise ActFileMalformed(f"longer than {_MOST} bytes")
        if not data.startswith(_HEADER.encode() + b"\n"):
            return cls(act=parse_note(data))
        head, _, note = data.partition(b"\n\n")
        try:
            lines = head.decode().split("\n")[1:]
        except UnicodeDecodeError:
            raise ActFileMalformed("not text") from None
        pairs = [line.partition(" ") for line in lines]
        sealed = {name: value for name, _, value in pairs}
        for name, value in sealed.items():
            if name not in _SEALED or not re.fullmatch(_SEALED[name], value):
                raise ActFileMalformed(f"{name[:20]} has a value that is not allowed")
        if len(sealed) != len(pairs):
            raise ActFileMalformed("a line is there twice")
        file = cls(act=parse_note(note), sealed=MappingProxyType(sealed))
        file.require_own()
        return file

    def require_own(self) -> None:
        """Check what is sealed against the act's commitments.

        Raises:
            ActFileMalformed: it is not what the act was made with.
        """
        statement = self.act.statement
        strange = self.sealed.keys() - _WORDS - _BESIDE.get(statement.act, frozenset())
        if strange:
            raise ActFileMalformed("beside the act is what does not belong to it")
        salt, words = self.sealed.get("words-salt"), self.sealed.get("words")
        said = "none"
        if salt is not None and words is not None:
            said = words_commitment(bytes.fromhex(salt), words)
        if said != statement.words or (salt is None) is not (words is None):
            raise ActFileMalformed("the words beside the act are not the act's own")
        if statement.act == "paper":
            self._require_paper()
        gate = self.sealed.get("gate")
        said = "none" if gate is None else hashlib.sha256(gate.encode()).hexdigest()
        if statement.act == "activation" and said != statement["checks"]:
            raise ActFileMalformed(
                "what was looked at is not beside the act, or not as the act names it"
            )

    def _require_paper(self) -> None:
        statement = self.act.statement
        document, salt = self.sealed.get("document"), self.sealed.get("salt")
        if document is None or salt is None:
            raise ActFileMalformed("it does not say which document the paper is")
        opened = hashlib.sha256(bytes.fromhex(salt) + bytes.fromhex(document))
        if opened.hexdigest() != statement["paper"]:
            raise ActFileMalformed("the document beside the act is not the act's own")
        face = self.sealed.get("face")
        said = "none" if face is None else face_commitment(salt, face)
        if said != statement["face"]:
            raise ActFileMalformed(
                "what it says is on the paper's face is not the act's own"
            )

    def joined(self, other: ActFile) -> ActFile:
        """Return the file with the signatures of another copy of it as well.

        Raises:
            ActFileMalformed: the other is of another act.
        """
        if other.act.statement != self.act.statement:
            raise ActFileMalformed("the files are of two different acts")
        more = [x for x in other.act.signatures if x not in self.act.signatures]
        signatures = (*self.act.signatures, *more)
        return replace(self, act=replace(self.act, signatures=signatures))
