"""Reading what came over the control socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from gateway.canonical import Json
from gateway.control.protocol import Command
from gateway.errors import GatewayError, Mistake
from gateway.yamlfile import nearest

__all__ = ["FORMS", "MAX_BYTES", "MalformedCommand", "mistake_of", "parse_command"]

FORMS: Mapping[str, str] = {
    r"^[0-9a-f]{64}$": "is no SHA-256, which has 64 digits of 0-9 and a-f",
    r"^[0-9a-f]{32}$": "is no identifier, which has 32 digits of 0-9 and a-f",
    r"^$|^[0-9a-f]{32}$": "is no identifier, which has 32 digits of 0-9 and a-f",
    r"^[a-z_]{1,64}=[A-Za-z0-9_.:-]{1,64}$": "is not of the form name=value",
    r"^$|^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$": (
        "is no instant in UTC, such as 2026-12-01T00:00:00Z"
    ),
    r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$": (
        "has a line end or a character that a terminal would obey"
    ),
}
"""What is said of a member that has not the form that its pattern wants."""

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
        raise MalformedCommand(
            [mistake_of(item, item["loc"][1:]) for item in details]
        ) from None


def mistake_of(item: Any, place: tuple[str | int, ...]) -> Mistake:  # noqa: ANN401  # a loosely typed dict of pydantic
    """Return a mistake that pydantic found, in words."""
    path = ".".join(map(str, place))
    context: dict[str, Json] = item.get("ctx", {})
    words = str(context.get("expected") or context.get("expected_tags") or "")
    known = words.replace(" or ", ", ").replace("'", "").split(", ")
    given = context.get("tag") or item["input"]
    advice = nearest(str(given), known) if words else ""
    problem = FORMS.get(
        str(context.get("pattern")), item["msg"].removeprefix("Value error, ")
    )
    return Mistake(path=path, problem=problem, advice=advice)
