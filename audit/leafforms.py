"""What a leaf's members may hold, as the published schema of the leaf says it.

A schema is JSON: ``members`` names every member, ``forms`` gives each one a type and,
for closed lists, the values, and ``shapes`` says what goes together: which words some
members have, and which members then say nothing, or something. A leaf has one of them.
``cfg`` in a leaf is the schema's SHA-256, so the schema that a leaf is compared with is
the one that it was written under.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from audit.encoding import Json, decode
from audit.errors import FileUnreadable
from audit.reading import Source

__all__ = ["Forms", "Schemas"]

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,127}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOST_KEPT = 4096
_MOST_SCHEMAS = 64


def _word(value: Json) -> bool:
    return isinstance(value, str) and bool(_WORD.fullmatch(value))


def _digest(value: Json) -> bool:
    return isinstance(value, str) and bool(_HEX.fullmatch(value))


def _integer(value: Json) -> bool:
    return type(value) is int and value >= 0


def _words(value: Json) -> bool:
    return isinstance(value, list) and all(map(_word, value))


_TYPES: Mapping[str, Callable[[Json], bool]] = {
    "word": _word,
    "word-or-empty": lambda value: value == "" or _word(value),
    "words": _words,
    "digest": _digest,
    "digest-or-empty": lambda value: value == "" or _digest(value),
    "integer": _integer,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shape:
    """One thing that a leaf can say."""

    words: Mapping[str, Sequence[Json]]
    empty: Sequence[str]
    """Members that say nothing: an empty text, an empty list, a zero."""
    given: Sequence[str]

    def fits(self, leaf: Mapping[str, Json]) -> bool:
        """Whether a leaf says this."""
        return (
            all(leaf[name] in words for name, words in self.words.items())
            and not any(leaf[name] for name in self.empty)
            and all(leaf[name] for name in self.given)
        )


@dataclass(kw_only=True, slots=True)
class Forms:
    """One schema: members, the type of each, the closed lists, what goes together."""

    members: frozenset[str]
    types: dict[str, Callable[[Json], bool]] = field(default_factory=dict)
    lists: dict[str, list[Json]] = field(default_factory=dict)
    shapes: Sequence[_Shape] = ()
    _held: set[str] = field(default_factory=set)

    @classmethod
    def parse(cls, schema: bytes) -> Forms | None:
        """Read a schema; none if it is not one that can be compared with."""
        try:
            value = decode(schema)
            forms = value.get("forms", {})
            types = {
                name: _TYPES[form["type"]]
                for name, form in forms.items()
                # What the log writes is checked in every leaf anyway.
                if form["type"] != "log"
            }
            return cls(
                members=frozenset(value["members"].keys()),
                types=types,
                lists={
                    name: list(form["in"])
                    for name, form in forms.items()
                    if "in" in form
                },
                shapes=[_shape(each, types) for each in value.get("shapes", ())],
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def fault(self, leaf: Mapping[str, Json]) -> str:
        """Return what is wrong with a leaf's members by name, or nothing."""
        if leaf.keys() != self.members:
            odd = ", ".join(sorted(leaf.keys() ^ self.members))
            return f"a leaf with other members than its schema: {odd}"
        values = [leaf[name] for name in self.types]
        # Values repeat from leaf to leaf; repr tells 1 from True and from "1".
        seen = repr(values)
        if seen in self._held:
            return ""
        for (name, holds), value in zip(self.types.items(), values, strict=True):
            if not holds(value) or not self._listed(name, value):
                return f"{name} is not what its schema allows"
        if self.shapes and not any(shape.fits(leaf) for shape in self.shapes):
            return "its members do not go together as its schema says"
        if len(self._held) < _MOST_KEPT:
            self._held.add(seen)
        return ""

    def less_than(self, before: Forms) -> list[str]:
        """Return of what this schema says less than an earlier one did."""
        less = {
            name
            for name in before.members
            if name not in self.members
            or self.types.get(name) is not before.types.get(name)
        }
        for name, words in before.lists.items():
            if name not in self.lists or not set(self.lists[name]) <= set(words):
                less.add(name)
        if before.shapes and not self.shapes:
            less.add("what goes together")
        return sorted(less)

    def _listed(self, name: str, value: Json) -> bool:
        return name not in self.lists or value in self.lists[name]


def _shape(value: Json, types: Mapping[str, Callable[[Json], bool]]) -> _Shape:
    """Read a shape; KeyError, TypeError or AttributeError if it is none.

    Its members have types: whoever compares values of these compares all that counts.
    """
    words = {name: [*given] for name, given in value["is"].items()}
    shape = _Shape(words=words, empty=[*value["empty"]], given=[*value["given"]])
    for name in (*shape.words, *shape.empty, *shape.given):
        types[name]
    return shape


class Schemas:
    """The schemas that a log publishes, read when a leaf first names one."""

    def __init__(self, source: Source) -> None:
        self._source = source
        # A log may name as many as it has leaves.
        self.of = lru_cache(maxsize=_MOST_SCHEMAS)(self._read)
        """Return the forms of a ``cfg``; none if they can't be compared with."""

    def _read(self, cfg: str) -> Forms | None:
        data = None
        # What can't be read is told where the schema itself is looked at.
        with suppress(FileUnreadable):
            data = self._source.read(f"schema/{cfg}.json") if cfg else None
        if data is None or sha256(data).hexdigest() != cfg:
            return None
        return Forms.parse(data)
