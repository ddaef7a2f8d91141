"""Commands to a gateway: over its socket while it runs, on its log while none does."""

from gateway.control.actions import Actions, ControlActions
from gateway.control.docket import Docket
from gateway.control.drafting import draft_genesis
from gateway.control.offline import offline_actions
from gateway.control.parsing import MalformedCommand, mistake_of, parse_command
from gateway.control.proposal import Proposal, Running
from gateway.control.protocol import (
    Command,
    DraftGenesis,
    NotDone,
    Outcome,
)
from gateway.control.rows import people_row
from gateway.control.server import SocketTaken, serve_control

__all__ = [
    "Actions",
    "Command",
    "ControlActions",
    "Docket",
    "DraftGenesis",
    "MalformedCommand",
    "NotDone",
    "Outcome",
    "Proposal",
    "Running",
    "SocketTaken",
    "draft_genesis",
    "mistake_of",
    "offline_actions",
    "parse_command",
    "people_row",
    "serve_control",
]
