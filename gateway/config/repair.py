"""Setting mistakes aside so that the rest of a file can still be checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.config.example import example_at

__all__ = ["Loc", "set_aside"]

Loc = tuple[str | int, ...]
"""Where in the file: names and places in lists."""


def set_aside(document: object, locs: Iterable[Loc]) -> bool:
    """Replace what is wrong by the example's value, or remove it.

    Returns:
        Whether anything changed; False means another try is of no use.
    """
    changed = [_set_aside(document, loc) for loc in locs]
    return any(changed)


def _set_aside(document: object, loc: Loc) -> bool:
    parent, path = _deepest(document, loc)
    if not path and not loc:
        return False
    missing = len(path) < len(loc) and isinstance(parent, dict)
    if missing:
        # Only a mapping can lack something: put the example's value there.
        value = example_at(loc[: len(path) + 1])
        if value is None:
            return False
        parent[loc[len(path)]] = value  # type: ignore[index]  # tested above
        return True
    return _replace(document, path, example_at(path))


def _deepest(document: object, loc: Loc) -> tuple[object, list[str | int]]:
    """Follow a place as far as it exists; a union's branch name does not."""
    here, path = document, []
    for part in loc:
        if not isinstance(here, dict | list) or not _holds(here, part):
            break
        here = here[part]  # type: ignore[index]  # held, tested above
        path.append(part)
    return here, path


def _holds(here: dict[object, object] | list[object], part: object) -> bool:
    if isinstance(here, dict):
        return part in here
    return isinstance(part, int) and part < len(here)


def _replace(document: object, path: Sequence[str | int], value: object) -> bool:
    parent, _ = _deepest(document, tuple(path[:-1]))
    if not path or not isinstance(parent, dict | list):
        return False
    place = path[-1]
    if isinstance(parent, dict) and value is None:
        del parent[place]
        return True
    if value is None or parent[place] == value:  # type: ignore[index]  # walked
        return False
    parent[place] = value  # type: ignore[index]  # walked just before
    return True
