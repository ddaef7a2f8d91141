"""What goes over the control socket: a command with its arguments, and an answer.

One POST per command, JSON both ways. The path is always ``/``: no argument is in it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from audit.actwords import CUTOFF_SCOPES, PAPER_STATES, REASONS
from gateway.errors import GatewayError

__all__ = [
    "ActShow",
    "ActSubmit",
    "Command",
    "CutoffAdd",
    "CutoffList",
    "Draft",
    "DraftActivation",
    "DraftGenesis",
    "DraftLift",
    "DraftPaper",
    "DraftRoster",
    "InstrumentRecord",
    "NotDone",
    "Outcome",
    "PolicyBundle",
    "PolicyHistory",
    "PolicyReplay",
    "Reopen",
    "ReviewList",
    "ReviewShow",
    "Status",
    "Stop",
    "TaskClose",
    "TaskList",
]

MAX_FILE = 49_152
"""Longest act's file, in characters."""


class NotDone(GatewayError):
    """The command was understood and cannot be carried out; a sentence says why."""


class Outcome(StrEnum):
    """How a command ended; the CLI's exit codes follow from it."""

    DONE = "done"
    NOT_DONE = "not-done"
    MALFORMED = "malformed"
    UNAVAILABLE = "unavailable"


# Nothing that a terminal obeys, and nothing that turns the order of letters around; in
# escapes, since a mistake is answered with the pattern.
_PRINTED = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"

Who = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=_PRINTED
    ),
]
"""A person, as they are known here; sealed, never public."""

Reason = Literal[*REASONS]  # type: ignore[valid-type]  # one closed list, kept there
Scope = Literal[*CUTOFF_SCOPES]  # type: ignore[valid-type]  # as above
PaperStateWord = Literal[*PAPER_STATES]  # type: ignore[valid-type]  # as above
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
TaskId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Said = Annotated[str, Field(pattern=r"^[a-z_]{1,64}=[A-Za-z0-9_.:-]{1,64}$")]
"""A parameter of a duty and its value, as the list shows it."""


class _Command(BaseModel):
    """Closed, frozen and strict."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Status(_Command):
    """What runs, under which activation."""

    command: Literal["status"] = "status"


class Stop(_Command):
    """End gracefully."""

    command: Literal["stop"] = "stop"


class _Draft(_Command):
    """Make the file of an act, for people to sign; nothing happens yet."""

    expires: str = Field(
        default="", pattern=r"^$|^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"
    )
    words: str = Field(default="", max_length=500, pattern=_PRINTED)


class DraftGenesis(_Draft):
    """Begin a log with its first roster: not over the socket, there is no log yet."""

    command: Literal["draft-genesis"] = "draft-genesis"
    reason: Reason = "setup"
    people: tuple[str, ...] = Field(min_length=1, max_length=64, strict=False)


class DraftRoster(_Draft):
    """Change who decides; ``people`` are the keys of the whole new roster."""

    command: Literal["draft-roster"] = "draft-roster"
    reason: Reason = "staff_change"
    people: tuple[str, ...] = Field(min_length=1, max_length=64, strict=False)


class DraftActivation(_Draft):
    """Put the files as they are now into force: manifest and bundle together."""

    command: Literal["draft-activation"] = "draft-activation"
    reason: Reason = "scheduled"
    gate: str = Field(default="", max_length=12_000)


class DraftLift(_Draft):
    """Let a cut-off go."""

    command: Literal["draft-lift"] = "draft-lift"
    number: int = Field(ge=0)
    reason: Reason = "resolved"


class DraftPaper(_Draft):
    """Find a paper confirmed by who issued it."""

    command: Literal["draft-paper"] = "draft-paper"
    document: Digest
    reason: Reason = "verified"


class ActSubmit(_Command):
    """Carry out an act that people have signed; ``file`` is its file's text."""

    command: Literal["act-submit"] = "act-submit"
    file: str = Field(max_length=MAX_FILE)
    by: Who


class Reopen(_Command):
    """Answer again after engines disagreed and somebody has looked."""

    command: Literal["reopen"] = "reopen"
    reason: Reason = "resolved"
    by: Who


class ActShow(_Command):
    """Say what an act does, who signed it, and whether it counts."""

    command: Literal["act-show"] = "act-show"
    file: str = Field(default="", max_length=MAX_FILE)
    entry: int = Field(default=-1, ge=-1)


class CutoffAdd(_Command):
    """Stop releasing to a family or agency, from a dataset, or everything."""

    command: Literal["cutoff-add"] = "cutoff-add"
    scope: Scope
    name: str = Field(default="", max_length=64)
    reason: Reason = "security_incident"
    by: Who


class CutoffList(_Command):
    """List the cut-offs in force."""

    command: Literal["cutoff-list"] = "cutoff-list"


class InstrumentRecord(_Command):
    """Record what was found out about a paper, short of a confirmation."""

    command: Literal["instrument-record"] = "instrument-record"
    document: Digest
    state: PaperStateWord
    by: Who


class PolicyHistory(_Command):
    """List the activations: which rules came into force, and who signed."""

    command: Literal["policy-history"] = "policy-history"


class PolicyBundle(_Command):
    """Give the bundle of an activation back."""

    command: Literal["policy-bundle"] = "policy-bundle"
    number: int = Field(ge=0)


class PolicyReplay(_Command):
    """Say that past questions, since a day YYYYMMDD or all, are put to other rules."""

    command: Literal["policy-replay"] = "policy-replay"
    policy: Digest
    since: int = Field(default=0, ge=0, le=99_999_999)
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
    do: str = Field(default="", max_length=64)
    said: tuple[Said, ...] = Field(default=(), max_length=8, strict=False)
    exchange: str = Field(default="", pattern=r"^$|^[0-9a-f]{32}$")
    overdue: bool = False
    most: int = Field(default=1000, ge=1, le=100_000)


class TaskClose(_Command):
    """Say that tasks were done, or that they need not be and why; ``words`` is sealed.

    Each is an entry: it says who says so, and of which duty. ``do`` stands for the
    open tasks that say this is to be done, the first due first, a thousand at a time.
    """

    command: Literal["task-close"] = "task-close"
    tasks: tuple[TaskId, ...] = Field(default=(), max_length=1000, strict=False)
    do: str = Field(default="", max_length=64)
    said: tuple[Said, ...] = Field(default=(), max_length=8, strict=False)
    exchange: str = Field(default="", pattern=r"^$|^[0-9a-f]{32}$")
    state: Literal["done", "cancelled"] = "done"
    words: str = Field(default="", max_length=500, pattern=_PRINTED)
    by: Who

    @model_validator(mode="after")
    def _say_which_and_why(self) -> Self:
        if bool(self.tasks) == bool(self.do):
            raise ValueError("name tasks, or one kind of them")
        if (self.said or self.exchange) and not self.do:
            raise ValueError("words and exchange choose among tasks of one kind")
        if self.state == "cancelled" and not self.words.strip():
            raise ValueError("what need not be done needs words that say why")
        return self


Draft: TypeAlias = DraftRoster | DraftActivation | DraftLift | DraftPaper
"""Commands that make the file of an act."""

Command: TypeAlias = (
    Status
    | Stop
    | Reopen
    | Draft
    | ActSubmit
    | ActShow
    | CutoffAdd
    | CutoffList
    | InstrumentRecord
    | PolicyHistory
    | PolicyBundle
    | PolicyReplay
    | ReviewList
    | ReviewShow
    | TaskList
    | TaskClose
)
