"""The settings as data, for the reference page and for the advice in mistakes."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.config.document import Config

__all__ = ["Setting", "as_written", "help_at", "keys_at", "settings"]

_UNITS = {
    "_ms": "milliseconds",
    "_seconds": "seconds",
    "_bytes": "bytes",
    "_days": "days",
    "_hours": "hours",
    "per_minute": "requests a minute",
    "burst": "requests",
    "concurrency": "requests",
    "queue": "requests",
    "reserve": "requests",
    "most_waiting": "requests",
    "subjects_per_day": "people",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One line of the reference: ``path`` has ``*`` for a name of the operator's."""

    path: str
    type: str
    default: str
    unit: str
    help: str


def settings() -> tuple[Setting, ...]:
    """Return every setting in the order of the file."""
    return tuple(_walk(Config, ""))


def keys_at(loc: Sequence[str | int]) -> tuple[str, ...]:
    """Return the settings known at a place in the file."""
    models, _ = _follow(loc)
    names = (_key(*item) for model in models for item in model.model_fields.items())
    return tuple(dict.fromkeys(names))


def help_at(loc: Sequence[str | int]) -> str:
    """Return the help of the setting at a place, or the empty string."""
    models, _ = _follow(loc[:-1])
    for model in models:
        for name, info in model.model_fields.items():
            if loc and _key(name, info) == loc[-1]:
                return info.description or ""
    return ""


def as_written(loc: Sequence[str | int]) -> tuple[str | int, ...]:
    """Return a place as it is in the file, where no branch of a union has a name."""
    return _follow(loc)[1]


def _walk(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, info in model.model_fields.items():
        path = prefix + _key(name, info)
        yield Setting(
            path=path,
            type=_type(info.annotation),
            default=_default(info),
            unit=_unit(name, info),
            help=info.description or "",
        )
        below = f"{path}.*." if _many(info) else f"{path}."
        yield from _of_each(_sections(info.annotation), below)


def _of_each(sections: Sequence[type[BaseModel]], prefix: str) -> Iterator[Setting]:
    """Yield the settings of a section, or of each kind of it: once what all have."""
    found: dict[str, list[tuple[str, Setting]]] = {}
    for section in sections:
        for setting in _walk(section, prefix):
            found.setdefault(setting.path, []).append((_kind(section), setting))
    for kinds in found.values():
        (_, first), *_ = kinds
        only = "" if len(kinds) == len(sections) else f"({kinds[0][0]}) "
        types = dict.fromkeys(setting.type for _, setting in kinds)
        yield replace(first, type=" | ".join(types), help=only + first.help)


def _follow(
    loc: Sequence[str | int],
) -> tuple[tuple[type[BaseModel], ...], tuple[str | int, ...]]:
    """Follow a place down the models, as far as they are known.

    Returns the models there, several where the kind is not told, and the place as it
    is written: a union's branch is named in a place, and not in the file.
    """
    models: tuple[type[BaseModel], ...] = (Config,)
    plain: list[str | int] = []
    named = False
    for part in loc:
        fields = [item for model in models for item in model.model_fields.items()]
        hit = next((i for n, i in fields if _key(n, i) == part and not named), None)
        branch = tuple(model for model in models if _kind(model) == part)
        if hit is None and not named and len(models) > 1 and branch:
            models = branch
            continue
        plain.append(part)
        # Below a mapping or a list the next part is a name or a number.
        named = hit is not None and _many(hit)
        models = (hit is not None and _sections(hit.annotation)) or models
    return models, tuple(plain)


def _many(info: FieldInfo) -> bool:
    """Tell whether a setting holds several, by name or in a list."""
    return typing.get_origin(info.annotation) in {dict, tuple}


def _kind(model: type[BaseModel]) -> str:
    """Return the word by which a section is told from others in its place."""
    info = model.model_fields.get("kind")
    words = typing.get_args(info.annotation) if info is not None else ()
    return str(words[0]) if words else ""


def _key(name: str, info: FieldInfo) -> str:
    return info.alias or name


def _sections(annotation: object) -> tuple[type[BaseModel], ...]:
    """Find the sections in ``Section``, a union, ``tuple`` or ``dict``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    inner = (_sections(item) for item in typing.get_args(annotation))
    return tuple(section for found in inner for section in found)


def _type(annotation: object) -> str:
    origin, items = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in {typing.Union, types.UnionType}:
        words = (_type(item) for item in items if item is not type(None))
        return " | ".join(dict.fromkeys(words))
    if isinstance(annotation, type) and origin is None:
        return _TYPES.get(annotation.__name__, "section")
    return _GENERIC[origin](items)


_GENERIC: dict[object, Callable[[tuple[object, ...]], str]] = {
    typing.Annotated: lambda items: _type(items[0]),
    typing.Literal: lambda items: " | ".join(map(str, items)),
    tuple: lambda items: f"list of {_type(items[0])}",
    dict: lambda items: f"names to {_type(items[1])}",
}
_TYPES = {"str": "text", "int": "integer", "bool": "true | false", "Path": "path"}


def _default(info: FieldInfo) -> str:
    """Return what holds where nothing is written, as the page says it."""
    extra = info.json_schema_extra
    said = extra.get("default") if isinstance(extra, dict) else None
    return str(said) if said is not None else _plain_default(info)


def _plain_default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    if info.default is PydanticUndefined:
        return "" if _sections(info.annotation) else "see help"
    if info.default is None:
        return "none"
    if isinstance(info.default, BaseModel):
        return ""
    if isinstance(info.default, tuple):
        return ", ".join(map(str, info.default))
    return (
        str(info.default).lower()
        if isinstance(info.default, bool)
        else str(info.default)
    )


def _unit(name: str, info: FieldInfo) -> str:
    extra = info.json_schema_extra
    if isinstance(extra, dict) and "unit" in extra:
        return str(extra["unit"])
    return next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
