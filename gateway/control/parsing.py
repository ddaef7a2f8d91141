"""Reading what came over the control socket."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from gateway.canonical import Json
from gateway.control.protocol import Command
from gateway.errors import GatewayError, Mistake
from gateway.yamlfile import nearest

__all__ = ["MAX_BYTES", "MalformedCommand", "parse_command"]

MAX_BYTES = 262_144
"""Largest command, in bytes: an act's file as JSON."""


class MalformedCommand(GatewayError):
    """The command was not understood; carries every mistake."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        """Keep every mistake."""
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


_ADAPTER: TypeAdapter[Command] = TypeAdapter(
    Annotated[Command, Field(discriminator="command")]
)


def parse_command(data: bytes) -> Command:
    """Read a command.

    Raises:
        MalformedCommand: with every mistake in it.
    """
    if len(data) > MAX_BYTES:
        problem = f"larger than {MAX_BYTES} bytes"
        raise MalformedCommand([Mistake(path="", problem=problem)])
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise MalformedCommand([_mistake(item) for item in details]) from None


def _mistake(item: Any) -> Mistake:  # noqa: ANN401  # a loosely typed dict of pydantic
    path = ".".join(map(str, item["loc"][1:]))
    context: dict[str, Json] = item.get("ctx", {})
    words = str(context.get("expected") or context.get("expected_tags") or "")
    known = words.replace(" or ", ", ").replace("'", "").split(", ")
    given = context.get("tag") or item["input"]
    advice = nearest(str(given), known) if words else ""
    problem = item["msg"].removeprefix("Value error, ")
    return Mistake(path=path, problem=problem, advice=advice)
