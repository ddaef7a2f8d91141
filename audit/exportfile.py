"""What an export's own files say: its lines, what it is of, and its digests.

``entries.jsonl`` has one entry a line, with the very bytes that were hashed::

    {"index":7,"leaf":{...}}                        the tree lies beside it
    {"index":7,"leaf":{...},"proof":["...",...]}    chosen entries: the path to the root

An entry that is no canonical JSON object stands there as ``"base64":"..."`` instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from audit.b64 import b64decode, b64encode
from audit.encoding import Json
from audit.errors import Malformed
from audit.merkle import HASH_SIZE
from audit.reading import ABOUT, ENTRIES, SUMS
from audit.selection import leaf_of

__all__ = [
    "ABOUT",
    "ENTRIES",
    "KEYS",
    "OWN",
    "PAGE",
    "README",
    "SUMS",
    "About",
    "Line",
    "pack_sums",
    "parse_sums",
]

KEYS = "log.vkeys"
README = "README.txt"
PAGE = "verify.html"
OWN = frozenset({ABOUT, ENTRIES, KEYS, README, PAGE, SUMS})
"""Files that an export has and a log has not."""

_SCHEMA = "sallyport.export/1"
_INDEX = re.compile(rb'\{"index":(0|[1-9][0-9]{0,18}),"(leaf|base64)":', re.ASCII)
_PROOF = b',"proof":['
_SUM = re.compile(r"([0-9a-f]{64})  ([!-~]{1,512})", re.ASCII)
_MOST_PATH = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One exported entry, and its path to the root if it was chosen from others."""

    index: int
    data: bytes
    path: tuple[bytes, ...] | None = None

    def pack(self) -> bytes:
        """Return the line's bytes, with its end."""
        if leaf_of(self.data) is None:
            said = b'"base64":"%b"' % b64encode(self.data).encode()
        else:
            said = b'"leaf":%b' % self.data
        proof = b""
        if self.path is not None:
            hashes = ",".join(f'"{b64encode(each)}"' for each in self.path)
            proof = b"%b%b]" % (_PROOF, hashes.encode())
        return b'{"index":%d,%b%b}\n' % (self.index, said, proof)

    @classmethod
    def parse(cls, line: bytes) -> Line:
        """Read a line; only its one form is accepted.

        Raises:
            Malformed: ``export-line``.
        """
        head = _INDEX.match(line)
        if head is None:
            raise Malformed("export-line")
        end, path = len(line) - len(b"}\n"), None
        if line.endswith(b"]}\n") and (at := line.rfind(_PROOF)) >= 0:
            path = _path(line[at + len(_PROOF) : -len(b"]}\n")])
            end = at
        data = line[head.end() : end]
        if head[2] == b"base64":
            data = b64decode(data[1:-1].decode("latin-1"), "export-line")
        found = cls(index=int(head[1]), data=data, path=path)
        if found.pack() != line:
            raise Malformed("export-line")
        return found


def _path(data: bytes) -> tuple[bytes, ...]:
    words = data.decode("latin-1").split(",") if data else []
    hashes = tuple(b64decode(word[1:-1], "export-line") for word in words)
    if len(hashes) >= _MOST_PATH or any(len(each) != HASH_SIZE for each in hashes):
        raise Malformed("export-line")
    return hashes


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What an export is of."""

    origin: str
    size: int
    """Entries of the log."""
    root: str
    """In hex."""
    exported: int
    """Entries in the export."""
    asked: Mapping[str, Json] | None = None
    """What was asked for; none where the export is of the whole log."""

    def pack(self) -> bytes:
        """Return the file's bytes."""
        value = {
            "schema": _SCHEMA,
            "origin": self.origin,
            "entries": self.size,
            "root": self.root,
            "exported": self.exported,
            "asked": None if self.asked is None else dict(self.asked),
        }
        return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def parse(cls, data: bytes) -> About:
        """Read the file; only its one form is accepted.

        Raises:
            Malformed: ``export-about``.
        """
        try:
            value = json.loads(data)
            found = cls(
                origin=value["origin"],
                size=value["entries"],
                root=value["root"],
                exported=value["exported"],
                asked=value["asked"],
            )
            same = found.pack() == data
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Malformed("export-about") from None
        if not same:
            raise Malformed("export-about")
        return found


def pack_sums(sums: Mapping[str, str]) -> bytes:
    """Return digests by name as ``sha256sum`` writes and reads them."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    return "".join(lines).encode()


def parse_sums(data: bytes) -> dict[str, str]:
    """Read digests by name.

    Raises:
        Malformed: ``export-sums``.
    """
    found = [_SUM.fullmatch(line) for line in data.decode("latin-1").split("\n")[:-1]]
    sums = {each[2]: each[1] for each in found if each is not None}
    if pack_sums(sums) != data:
        raise Malformed("export-sums")
    return sums
