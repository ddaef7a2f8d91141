"""Looks words up in the closed lists, with every mistake named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from gateway.errors import Mistake
from gateway.policy.vocabulary import Vocabulary
from gateway.yamlfile import nearest

__all__ = ["UNKNOWN_WORD", "Lookup", "Words", "day_number"]

GROUP = "group:"
"""What comes before the name of a pack's own list of words."""

UNKNOWN_WORD = "unknown_word"
"""The code of a mistake that is a word nobody knows."""

Words: TypeAlias = Iterable[str]
"""A closed list, or the words of one."""


def day_number(text: str | None, otherwise: int) -> int:
    """Return an ISO day as the integer YYYYMMDD."""
    return otherwise if text is None else int(text.replace("-", ""))


class Lookup:
    """The closed lists and one pack's own; mistakes are collected, not raised."""

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        groups: Mapping[str, Sequence[str]],
        mistakes: list[Mistake],
    ) -> None:
        """Take the lists, and the list that mistakes are added to."""
        self.vocabulary = vocabulary
        self.groups = groups
        self.mistakes = mistakes

    def words(
        self, words: Sequence[str] | None, known: Words, path: str
    ) -> frozenset[str]:
        """Return the words that are known, groups written out."""
        listed = frozenset(known)
        found: set[str] = set()
        for word in words or ():
            group = word.removeprefix(GROUP)
            if group != word:
                self.listed(path, group, self.groups)
                members = list(self.groups.get(group, ()))
            else:
                members = [word]
            for member in members:
                self.listed(path, member, listed)
            found |= set(members)
        return frozenset(found) & listed

    def listed(self, path: str, word: str, words: Words) -> None:
        """Note a mistake unless the word is in the list."""
        words = list(words)
        if word not in words:
            advice = nearest(word, words)
            problem = f"{word} is not a known word"
            self.mistakes.append(
                Mistake(path=path, problem=problem, advice=advice, code=UNKNOWN_WORD)
            )
