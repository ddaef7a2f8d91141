"""JSON read in one way only: no member twice, none of the words that are not JSON.

Of two members of one name parsers keep the first or the last as they like, so what is
judged by one of them may be read otherwise by the next.
"""

from __future__ import annotations

import json
from typing import NoReturn

__all__ = ["RepeatedMember", "read_json"]


class RepeatedMember(ValueError):
    """An object names a member twice."""


def read_json(data: bytes) -> object:
    """Return the value of a JSON document in UTF-8.

    Raises:
        RepeatedMember: an object in it names a member twice.
        ValueError: it is not JSON; NaN and infinities are not.
        RecursionError: it is nested too deeply.
    """
    value: object = json.loads(
        data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
    )
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RepeatedMember("a member is named twice")
    return members


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("not JSON")
