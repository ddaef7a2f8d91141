"""A person as a selector names them, and the keyed digests that stand for them.

Values are compared more loosely than any database does it (case, accents, spaces), so
that writing a name otherwise gains no further guesses. The key is not in the database:
without it nobody can try names on the digests.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

__all__ = ["DIGEST_BYTES", "Parts", "Person", "parts_of", "person_of", "way_of"]

Parts = tuple[tuple[str, str], ...]
"""One person as a selector names them: sorted pairs of category and plain value."""

DIGEST_BYTES = 8
"""Length of each digest: enough to tell people apart, little to remember."""


class Person(NamedTuple):
    """One person: the digest of the whole selector, and of it without each part."""

    whole: bytes
    rests: tuple[bytes, ...]


def parts_of(selectors: Mapping[str, object], categories: Mapping[str, str]) -> Parts:
    """Return one person's selectors as sorted pairs.

    ``categories`` are by selector; what is not in them has none. Two selectors of one
    category are told apart by their names: first and last name, say.
    """
    words = [categories.get(name, "") for name in selectors]
    pairs = [
        (word if words.count(word) == 1 else f"{word}/{name}", _plain(value))
        for word, (name, value) in zip(words, selectors.items(), strict=True)
    ]
    return tuple(sorted(pairs) if len(pairs) > 1 else pairs)


def person_of(parts: Parts, key: bytes) -> Person:
    """Return the digests of one person; a single part has no rest to hold against."""
    if len(parts) == 1:
        return Person(_digest(parts[0], key, b"whole"), ())
    words = [word for part in parts for word in part]
    whole = _digest(words, key, b"whole")
    return Person(
        whole,
        tuple(
            # The part that is left out is named by its category.
            _digest([words[i], *words[:i], *words[i + 2 :]], key, b"rest")
            for i in range(0, len(words), 2)
        ),
    )


def way_of(words: Sequence[str], key: bytes) -> bytes:
    """Return the digest of a way of asking: purpose, recipient, channel."""
    return _way(tuple(words), key)


@lru_cache(maxsize=1024)
def _way(words: tuple[str, ...], key: bytes) -> bytes:
    return _digest(words, key, b"way")


def _plain(value: object) -> str:
    """Return a value without case, accents and superfluous spaces."""
    text = str(value)
    if not text.isascii():
        spread = unicodedata.normalize("NFKD", text)
        text = "".join(mark for mark in spread if not unicodedata.combining(mark))
    # Some letters have a capital that is another letter's too: a column of capitals
    # is asked for the same value by both.
    return " ".join(text.upper().casefold().split())


def _digest(words: Iterable[str], key: bytes, use: bytes) -> bytes:
    # No word holds a NUL: requests with control characters are refused.
    data = "\0".join(words).encode()
    return blake2b(data, digest_size=DIGEST_BYTES, key=key, person=use).digest()
