"""What goes over the control socket: a command with its arguments, and an answer.

One POST per command, JSON both ways. The path is always ``/``: no argument is in it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.acts import CUTOFF_SCOPES, PAPER_STATES, REASONS
from gateway.canonical import Json
from gateway.errors import GatewayError, Mistake
from gateway.yamlfile import nearest

__all__ = [
    "Activate",
    "Command",
    "CutoffAdd",
    "CutoffLift",
    "CutoffList",
    "InstrumentConfirm",
    "MalformedCommand",
    "NotDone",
    "Outcome",
    "Reopen",
    "ReviewList",
    "ReviewShow",
    "Status",
    "Stop",
    "TaskList",
    "parse_command",
]

MAX_BYTES = 65_536
"""Largest command, in bytes."""


class NotDone(GatewayError):
    """The command was understood and cannot be carried out; a sentence says why."""


class MalformedCommand(GatewayError):
    """The command was not understood; carries every mistake."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        """Keep every mistake."""
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


class Outcome(StrEnum):
    """How a command ended; the CLI's exit codes follow from it."""

    DONE = "done"
    NOT_DONE = "not-done"
    MALFORMED = "malformed"
    UNAVAILABLE = "unavailable"


Who = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""A person, as they are known here; sealed, never public."""

Reason = Literal[*REASONS]  # type: ignore[valid-type]  # one closed list, kept there
Scope = Literal[*CUTOFF_SCOPES]  # type: ignore[valid-type]  # as above
PaperStateWord = Literal[*PAPER_STATES]  # type: ignore[valid-type]  # as above


class _Command(BaseModel):
    """Closed, frozen and strict."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Status(_Command):
    """What runs, under which activation."""

    command: Literal["status"] = "status"


class Stop(_Command):
    """End gracefully."""

    command: Literal["stop"] = "stop"


class Activate(_Command):
    """Put the files as they are now into force: manifest and bundle together."""

    command: Literal["activate"] = "activate"
    reason: Reason = "scheduled"
    by: Who


class Reopen(_Command):
    """Answer again after engines disagreed and somebody has looked."""

    command: Literal["reopen"] = "reopen"
    reason: Reason = "resolved"
    by: Who


class CutoffAdd(_Command):
    """Stop releasing to a family or agency, from a dataset, or everything."""

    command: Literal["cutoff-add"] = "cutoff-add"
    scope: Scope
    name: str = Field(default="", max_length=64)
    reason: Reason = "security_incident"
    by: Who


class CutoffLift(_Command):
    """Let a cut-off go."""

    command: Literal["cutoff-lift"] = "cutoff-lift"
    number: int = Field(ge=0)
    reason: Reason = "resolved"
    by: Who


class CutoffList(_Command):
    """List the cut-offs in force."""

    command: Literal["cutoff-list"] = "cutoff-list"


class InstrumentConfirm(_Command):
    """Record what was found out about a paper."""

    command: Literal["instrument-confirm"] = "instrument-confirm"
    document: str = Field(pattern=r"^[0-9a-f]{64}$")
    state: PaperStateWord = "issuer_confirmed"
    by: Who


class ReviewList(_Command):
    """List requests that wait, or waited, for a person."""

    command: Literal["review-list"] = "review-list"
    state: Literal["waiting", "approved", "denied", "expired", "withdrawn", "all"] = (
        "waiting"
    )


class ReviewShow(_Command):
    """Show one of them; what was asked stays sealed."""

    command: Literal["review-show"] = "review-show"
    exchange: str = Field(pattern=r"^[0-9a-f]{32}$")


class TaskList(_Command):
    """List what somebody has to do."""

    command: Literal["task-list"] = "task-list"
    state: Literal["open", "done", "cancelled"] = "open"


Command: TypeAlias = (
    Status
    | Stop
    | Activate
    | Reopen
    | CutoffAdd
    | CutoffLift
    | CutoffList
    | InstrumentConfirm
    | ReviewList
    | ReviewShow
    | TaskList
)

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
    return Mistake(path=path, problem=item["msg"], advice=advice)
