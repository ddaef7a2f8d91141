"""Every mistake of a file at once, each with its path and the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from gateway.errors import Mistake
from gateway.filewords import form_problem
from gateway.yamlfile import nearest

__all__ = ["explain", "wrong"]

_QUOTED = re.compile(r"'([^']*)'")


def wrong(problem: str, advice: str = "") -> PydanticCustomError:
    """Return the error a validator raises: what is wrong, what would be right."""
    # Braces would be read as places to fill in.
    text = problem.replace("{", "(").replace("}", ")")
    return PydanticCustomError("mistake", text, {"advice": advice})


def explain(error: ValidationError, model: type[BaseModel], name: str) -> list[Mistake]:
    """Turn a validation error into mistakes with ``name:dotted.path``."""
    return [
        Mistake(
            path=":".join(filter(None, (name, _dotted(item["loc"])))),
            problem=_problem(item),
            advice=_advice(item, model),
        )
        for item in error.errors(include_url=False)
    ]


def _dotted(loc: Iterable[int | str]) -> str:
    """Render a path; a wrong key is named by itself."""
    return ".".join(str(part) for part in loc if part != "[key]")


def _problem(item: Any) -> str:  # noqa: ANN401 - a loosely typed dict of pydantic
    """Return the problem in our words where pydantic's would puzzle."""
    match item["type"]:
        case "extra_forbidden":
            return "no such key"
        case "missing":
            return "is missing"
        case "string_pattern_mismatch":
            form = item["ctx"]["pattern"]
            plain = "lower case letters, digits and _, a letter first"
            named = f"a name: {plain}" if form.startswith("^[a-z]") else "a name"
            return f"{item['input']!r} is not {named}"
        case "enum" | "literal_error":
            return f"{item['input']!r} is not one of {item['ctx']['expected']}"
        case _:
            return form_problem(item)


def _advice(item: Any, model: type[BaseModel]) -> str:  # noqa: ANN401 - as above
    """Return what would be right, or the empty string."""
    match item["type"]:
        case "extra_forbidden":
            return nearest(str(item["loc"][-1]), _keys_at(model, item["loc"][:-1]))
        case "enum" | "literal_error":
            words = _QUOTED.findall(item["ctx"]["expected"])
            return nearest(str(item["input"]), words)
        case _:
            return str(item.get("ctx", {}).get("advice", ""))


def _keys_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed where a path ends, by walking the model."""
    here: Any = model
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = None if field is None else field.annotation
        else:
            here = _value_type(here)
        here = _without_none(here)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [field.alias or key for key, field in here.model_fields.items()]
    return []


def _value_type(annotation: Any) -> Any:  # noqa: ANN401 - an annotation
    """Return the type of the values of a list or mapping."""
    arguments = getattr(annotation, "__args__", ())
    return arguments[-1] if arguments else None


def _without_none(annotation: Any) -> Any:  # noqa: ANN401 - an annotation
    """Return ``X`` of ``X | None``."""
    arguments = getattr(annotation, "__args__", ())
    if type(None) in arguments:
        return next(item for item in arguments if item is not type(None))
    return annotation
