"""Which words come first, so that what is found reads like what people ask."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.policy.bundle import Bundle
from gateway.policy.prove.places import Word
from gateway.yamlfile import parse

__all__ = ["Usual", "usual_words"]

SOURCE = "sources/vocabulary.yaml"
LISTS = {
    "custodian": "custodian_types",
    "dataset": "datasets",
    "requester": "requester_classes",
    "purpose": "purposes",
}


class Usual:
    """The order in which a vocabulary lists its words: first things first."""

    def __init__(self, lists: Mapping[str, Mapping[str, object]]) -> None:
        """Take the lists as they are written, by name."""
        self._place: dict[tuple[str, Word], int] = {
            (level, (word,)): i
            for level, name in LISTS.items()
            for i, word in enumerate(lists.get(name, ()))
        }
        self._kinds = {word: i for i, word in enumerate(lists.get("kinds", ()))}

    def place(self, level: str, word: Word) -> int:
        """Return the place of a word in its dimension, the most usual first."""
        if level == "ask":
            return 2 * self._kinds.get(word[0], LAST) + (word[1] == "match")
        return self._place.get((level, word), LAST)


LAST = 1_000_000


def usual_words(bundle: Bundle) -> Usual:
    """Return the order of a bundle's words, from its written vocabulary."""
    lists = parse(bundle.files.get(SOURCE, b"{}"), SOURCE)
    return Usual(lists if isinstance(lists, dict) else {})
