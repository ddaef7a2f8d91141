"""Words and sets of words as people read them; two sets never read the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from gateway.policy.words import Titled

__all__ = ["day_text", "joined", "some", "spaced", "titles_of"]

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def titles_of(words: Mapping[str, Titled]) -> dict[str, str]:
    """Return the title of each word; where two are alike the word stands beside."""
    titles = {word: item.title or spaced(word) for word, item in words.items()}
    counts = Counter(titles.values())
    return {
        word: title if counts[title] == 1 else f"{title} [{word}]"
        for word, title in titles.items()
    }


def spaced(word: str) -> str:
    """Return a word of a closed list as it is spoken."""
    return word.replace("_", " ")


def joined(items: Iterable[str], last: str = "or") -> str:
    """Join with semicolons: titles have commas of their own."""
    *most, end = items
    return f"{'; '.join(most)}; {last} {end}" if most else end


def some(
    chosen: Collection[str],
    titles: Mapping[str, str],
    noun: str,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Return a set of words: any, any but, or the words; groups by their names.

    Args:
        chosen: the set.
        titles: the whole list, with the title of each word.
        noun: what one of them is called.
        groups: names of parts of the list; each word is in one part at most.
    """
    missing = [word for word in titles if word not in chosen]
    if not missing:
        return f"any {noun}"
    if not chosen:
        return f"no {noun}"
    named = _grouped(chosen, titles, groups or {})
    left_out = _grouped(missing, titles, groups or {})
    if len(left_out) < len(named):
        return f"any {noun} but {joined(left_out, 'and')}"
    return joined(named)


MOST_LEFT_OUT = 3
"""A group of which a third is missing, or more, is not called by its name."""


def _grouped(
    chosen: Collection[str],
    titles: Mapping[str, str],
    groups: Mapping[str, Sequence[str]],
) -> list[str]:
    """Return titles; those of most of a group as the group, but for what is not."""
    rest, found = set(chosen), []
    for name, members in groups.items():
        left_out = [titles[word] for word in members if word not in rest]
        if len(members) > 1 and MOST_LEFT_OUT * len(left_out) < len(members):
            but = f" (not {joined(left_out, 'and')})" if left_out else ""
            found.append(f'any of "{name}"{but}')
            rest.difference_update(members)
    return [*found, *(title for word, title in titles.items() if word in rest)]


def day_text(day: int) -> str:
    """Return a day YYYYMMDD as it is written in a letter."""
    year, rest = divmod(day, 10_000)
    month, number = divmod(rest, 100)
    return f"{number} {MONTHS[month - 1]} {year}"
