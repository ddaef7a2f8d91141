"""What a verifier keeps of one verification, so that the next reads only what is new.

A checkpoint alone is enough for the tree. For what the leaves say, a file that
``verify --keep`` wrote also holds what those before came to: acts, schemas, what was
activated, the last hour. It is the verifier's own, and as good as where it is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from audit.encoding import Json, loaded
from audit.errors import Malformed
from audit.leaffacts import ActLeaf, LeafFacts

__all__ = ["Kept"]

_SCHEMA = "sallyport.kept/1"
_MEMBERS = {"schema", "checkpoint", "leaves"}
_LEAVES = {"acts", "bases", "last_hour", "schemas"}
_MOST_BYTES = 64_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A checkpoint and what the leaves up to it came to, if that is known."""

    checkpoint: bytes
    leaves: LeafFacts | None = None

    def pack(self) -> bytes:
        """Return the file's bytes."""
        value = {
            "schema": _SCHEMA,
            "checkpoint": self.checkpoint.decode(),
            "leaves": None if self.leaves is None else _plain(self.leaves),
        }
        return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def parse(cls, data: bytes) -> Kept:
        """Read such a file, or a checkpoint.

        Raises:
            Malformed: ``kept-too-long``, ``kept-json`` or ``kept-members``. Whether
                the checkpoint reads is for its reader to say.
        """
        if not data.startswith(b"{"):
            return cls(checkpoint=data)
        if len(data) > _MOST_BYTES:
            raise Malformed("kept-too-long")
        try:
            value = loaded(data)
        except (ValueError, RecursionError):
            raise Malformed("kept-json") from None
        if value.get("schema") != _SCHEMA:
            raise Malformed("kept-json")
        if value.keys() != _MEMBERS or not isinstance(value["checkpoint"], str):
            raise Malformed("kept-members")
        leaves = None if value["leaves"] is None else _facts(value["leaves"])
        checkpoint = value["checkpoint"].encode("utf-8", "surrogatepass")
        return cls(checkpoint=checkpoint, leaves=leaves)


def _plain(facts: LeafFacts) -> Json:
    return {
        "acts": [[each.index, each.act, each.at_ms, each.word] for each in facts.acts],
        "bases": [[index, *basis] for index, basis in facts.bases],
        "last_hour": facts.last_hour,
        "schemas": facts.schemas,
    }


def _facts(leaves: Json) -> LeafFacts:
    try:
        if leaves.keys() != _LEAVES:
            raise Malformed("kept-members")
        return LeafFacts(
            acts=[
                ActLeaf(index=_index(at), act=_text(act), at_ms=_index(ms), word=word)
                for at, act, ms, word in leaves["acts"]
            ],
            bases=[
                (_index(at), (_text(policy), _text(manifest)))
                for at, policy, manifest in leaves["bases"]
            ],
            last_hour=_text(leaves["last_hour"]),
            schemas=[(_index(at), _text(cfg)) for at, cfg in leaves["schemas"]],
        )
    except (TypeError, ValueError, AttributeError):
        raise Malformed("kept-members") from None


def _index(value: Json) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
