"""The small language of leaves and sealed parts, and its one byte form.

Strings, booleans, integers under 2^53, lists, and objects with ASCII keys: no
floats, no null. Keys are sorted, there is no space, and text is UTF-8 as it is.
In this language ``json`` and ``orjson`` give equal bytes (tests show it), so the
faster one is used where it is installed and an auditor needs neither.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from audit.errors import InvalidEntry

__all__ = ["Json", "checked", "decode", "encode", "encode_plain", "loaded"]

_NAMES = {float: "a float", type(None): "null"}

# The value type of the small language; recursive aliases cost more than they tell.
Json = Any

_LIMIT = 1 << 53


def encode_plain(value: Json) -> bytes:
    """Return the byte form by the standard library alone."""
    text = json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return text.encode()


def _fastest() -> tuple[Callable[[Json], bytes], Callable[[bytes], Json]]:
    try:
        fast = importlib.import_module("orjson")
    except ImportError:
        return encode_plain, json.loads
    return partial(fast.dumps, option=fast.OPT_SORT_KEYS), fast.loads


encode: Callable[[Json], bytes]
decode: Callable[[bytes], Json]


def __getattr__(name: str) -> object:
    """Find the faster of the two where one is needed: importing it takes a while.

    Raises:
        AttributeError: nothing here has that name.
    """
    if name not in {"encode", "decode"}:
        raise AttributeError(name)
    here = globals()
    here["encode"], here["decode"] = _fastest()
    return here[name]


def loaded(data: bytes) -> Json:
    """Read JSON that everybody reads alike: UTF-8, each member of an object once.

    Raises:
        ValueError: it is something else.
        RecursionError: it is nested too deep.
    """
    return json.loads(data.decode(), object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def checked(value: Mapping[str, Json]) -> None:
    """Return if an object is in the small language.

    Raises:
        InvalidEntry: naming the path of the first thing that is not.
    """
    waiting: list[Json] = [dict(value)]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            if not _plain_keys(here):
                raise InvalidEntry(_first_fault(dict(value), ""))
            here = here.values()
        for item in here:
            kind = type(item)
            if kind is str or kind is bool:
                continue
            if kind is int and -_LIMIT < item < _LIMIT:
                continue
            if kind is list or kind is dict or kind is tuple:
                waiting.append(item)
            elif not isinstance(item, str):  # StrEnum is written as its text
                raise InvalidEntry(_first_fault(dict(value), ""))


def _plain_keys(here: dict[str, Json]) -> bool:
    try:
        return "".join(here).isascii()
    except TypeError:
        return False


def _first_fault(value: Json, path: str) -> str:
    """Return where the first mistake is and what it is, or nothing."""
    if isinstance(value, dict):
        if not _plain_keys(value):
            return f"{path}/: a key that is not ASCII text"
        pairs = [(key, value[key]) for key in value]
    elif isinstance(value, list | tuple):
        pairs = [(str(place), item) for place, item in enumerate(value)]
    elif isinstance(value, str | bool):
        return ""
    elif isinstance(value, int):
        inside = -_LIMIT < value < _LIMIT
        return "" if inside else f"{path}: an integer beyond 2^53"
    else:
        name = _NAMES.get(type(value), type(value).__name__)
        return f"{path}: {name} is not allowed"
    faults = (_first_fault(item, f"{path}/{key}") for key, item in pairs)
    return next(filter(None, faults), "")
