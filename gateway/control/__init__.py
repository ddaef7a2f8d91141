"""Commands to a gateway: over its socket while it runs, on its log while none does."""

from gateway.control.actions import Actions, ControlActions, Proposal, Running
from gateway.control.offline import offline_actions
from gateway.control.protocol import (
    Command,
    MalformedCommand,
    NotDone,
    Outcome,
    parse_command,
)
from gateway.control.server import SocketTaken, serve_control

__all__ = [
    "Actions",
    "Command",
    "ControlActions",
    "MalformedCommand",
    "NotDone",
    "Outcome",
    "Proposal",
    "Running",
    "SocketTaken",
    "offline_actions",
    "parse_command",
    "serve_control",
]
