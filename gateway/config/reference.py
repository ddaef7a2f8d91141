"""The settings as data, for the reference page and for the advice in mistakes."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.config.document import Config

__all__ = ["Setting", "help_at", "keys_at", "settings"]

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
    model = _model_at(loc)
    return tuple(_key(name, info) for name, info in model.model_fields.items())


def help_at(loc: Sequence[str | int]) -> str:
    """Return the help of the setting at a place, or the empty string."""
    fields = _model_at(loc[:-1]).model_fields
    for name, info in fields.items():
        if loc and _key(name, info) == loc[-1]:
            return info.description or ""
    return ""


def _walk(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, info in model.model_fields.items():
        path = prefix + _key(name, info)
        inner = _inner(info.annotation)
        yield Setting(
            path=path,
            type=_type(info.annotation),
            default=_default(info),
            unit=_unit(name, info),
            help=info.description or "",
        )
        if inner is not None:
            many = typing.get_origin(info.annotation) in {dict, tuple}
            yield from _walk(inner, f"{path}.*." if many else f"{path}.")


def _model_at(loc: Sequence[str | int]) -> type[BaseModel]:
    """Follow a place down the models; stop at the last one that is known."""
    model: type[BaseModel] = Config
    for part in loc:
        for name, info in model.model_fields.items():
            if _key(name, info) == part:
                model = _inner(info.annotation) or model
    return model


def _key(name: str, info: FieldInfo) -> str:
    return info.alias or name


def _inner(annotation: object) -> type[BaseModel] | None:
    """Find the section in ``Section``, ``Section | None``, ``tuple`` or ``dict``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for item in typing.get_args(annotation):
        found = _inner(item)
        if found is not None:
            return found
    return None


def _type(annotation: object) -> str:
    origin, items = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in {typing.Union, types.UnionType}:
        return " | ".join(_type(item) for item in items if item is not type(None))
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
        return "see help" if _inner(info.annotation) is None else ""
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
