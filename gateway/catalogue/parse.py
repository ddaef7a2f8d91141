"""Parsing the short forms of the dataset file: transforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.catalogue.checks import https_url
from gateway.catalogue.mistakes import wrong
from gateway.catalogue.transforms import SETTINGS, Transform, TransformKind
from gateway.yamlfile import nearest

__all__ = ["parse_transform"]

_RANGES = {"keep_last": (1, 6), "width": (5, 30)}


def parse_transform(value: object) -> Transform:
    """Parse ``share``, ``zip3``, ``{mask: {keep_last: 4}}`` and the like.

    Raises:
        PydanticCustomError: naming what is wrong and what would be right.
    """
    if isinstance(value, Transform):
        return value
    if value is None:
        raise wrong("is empty", 'write "null" in quotes to release an empty value')
    if isinstance(value, str):
        value = {value: {}}
    if not isinstance(value, Mapping) or len(value) != 1:
        raise wrong(
            "is not a transform", "for example share, or {mask: {keep_last: 4}}"
        )
    [(word, settings)] = value.items()
    kind = _kind(word)
    settings = {} if settings is None else settings
    if not isinstance(settings, Mapping):
        raise wrong(f"the settings of {kind} are not a mapping")
    _check_names(kind, settings)
    return Transform(
        kind=kind, **{name: _setting(name, item) for name, item in settings.items()}
    )


def _kind(word: object) -> TransformKind:
    """Return the kind a word names."""
    try:
        return TransformKind(str(word))
    except ValueError:
        raise wrong(
            f"no such transform: {word!r}", nearest(str(word), list(TransformKind))
        ) from None


def _check_names(kind: TransformKind, settings: Mapping[Any, Any]) -> None:
    """Refuse settings that are not those of the kind."""
    needed = SETTINGS[kind]
    if missing := sorted(needed - set(settings)):
        raise wrong(f"{kind} needs {', '.join(missing)}")
    if extra := sorted(str(name) for name in set(settings) - needed):
        raise wrong(f"{kind} has no {', '.join(extra)}", nearest(extra[0], needed))


def _setting(name: str, value: object) -> Any:  # noqa: ANN401 - by its name
    """Check one setting and bring it into the form of :class:`Transform`."""
    if name in _RANGES:
        least, most = _RANGES[name]
        if type(value) is not int or not least <= value <= most:
            raise wrong(f"{name} is not a whole number from {least} to {most}")
        return value
    if name == "url":
        if not isinstance(value, str):
            raise wrong("url is not text")
        return https_url(value)
    if (
        not isinstance(value, Mapping)
        or not value
        or not all(isinstance(part, str) for pair in value.items() for part in pair)
    ):
        raise wrong("map is not a mapping of text to text")
    return tuple(sorted((place.casefold(), area) for place, area in value.items()))
