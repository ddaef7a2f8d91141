"""Every name that log lines and spans can carry; the docs are made of this."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = [
    "EVENTS",
    "FIELDS",
    "SPAN_ATTRIBUTES",
    "Field",
]

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/{}+-]{0,127}")
_ROUTE = re.compile(r"unmatched|/[A-Za-z0-9_./{}-]{0,127}")
_SENTENCE = re.compile(r"[\x20-\x7e]{1,300}")
_HEX = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A key that a log line may carry, what it means, and what its value must be.

    ``form`` is ``integer``, ``flag``, or the pattern of its text. A value of another
    form is dropped, like an unknown key.
    """

    help: str
    form: Literal["integer", "flag"] | re.Pattern[str] = _WORD

    def allows(self, value: object) -> bool:
        """Tell whether a value may be written under this key."""
        if self.form == "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        if self.form == "flag":
            return isinstance(value, bool)
        return isinstance(value, str) and bool(self.form.fullmatch(value))


EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "starting": "The gateway reads its files.",
        "ready": "The gateway answers.",
        "stopping": "No new request is taken; pages in flight finish.",
        "stopped": "Nothing runs any more.",
        "refused-to-start": "It did not start, or broke off; standard error says why.",
        "request": "One request was answered.",
        "unavailable": "A request ended in 503; the cause says why.",
        "failure": "Something happened that no code expected: a defect.",
        "authentication": "A token or certificate was not accepted.",
        "activated": "A bundle and a manifest came into force.",
        "reload-refused": "New files were looked at and not taken.",
        "engine": "A policy engine's condition changed; without problem it is well.",
        "disagreement": "A policy engine said something wrong: closed until looked at.",
        "cutoff": "A cut-off was added or lifted; this process goes by it.",
        "paper": "A paper's state was recorded; this process goes by it.",
        "log": "The log stopped: nothing is released until a restart.",
        "witness": "A witness does not sign, signs again, or could not be asked.",
        "unwitnessed": "No quorum of witnesses has signed for longer than allowed.",
        "source": "A source fails and is not asked for a while, or answers again.",
        "drift": "A source's columns differ from the catalogue.",
        "keys": "An issuer's keys could not be read; without problem they were again.",
        "clock": "The wall clock was set, by so many seconds: closed for a while.",
        "control": "A command came in over the socket.",
        "library": "A library wrote a line; its text is not repeated.",
        "unnamed": "Code wrote an event that is not declared here: a defect.",
    }
)
"""Every event a line can have."""

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "event": Field(help="One of the events."),
        "level": Field(help="debug, info, warning or error."),
        "time": Field(help="When, RFC 3339 in UTC."),
        "dropped": Field(
            help="How many keys of this line were dropped.", form="integer"
        ),
        "route": Field(help="The route's template; never the path.", form=_ROUTE),
        "method": Field(help="The HTTP method."),
        "status": Field(help="The HTTP status.", form="integer"),
        "ms": Field(help="How long it took, in milliseconds.", form="integer"),
        "exchange": Field(help="The exchange's random identifier.", form=_HEX),
        "decision": Field(help="The outcome's word."),
        "cause": Field(help="The cause of a 503."),
        "reason": Field(help="A closed word that says why."),
        "detail": Field(help="A sentence of the code's own.", form=_SENTENCE),
        "problem": Field(help="A sentence for the operator.", form=_SENTENCE),
        "error": Field(help="The class of an exception; never its text."),
        "where": Field(help="Module, function and line of an exception."),
        "entry": Field(help="Index of a log entry.", form="integer"),
        "entries": Field(help="How many log entries.", form="integer"),
        "count": Field(help="How many.", form="integer"),
        "seconds": Field(help="How long, in seconds.", form="integer"),
        "dataset": Field(help="A dataset's identifier."),
        "source": Field(help="A source's name in the configuration."),
        "column": Field(help="A column's name in the catalogue or the source."),
        "kind": Field(help="Which kind of thing the event is about."),
        "issuer": Field(help="An issuer as configured."),
        "policy": Field(help="A bundle's revision."),
        "manifest": Field(help="A manifest's digest.", form=_HEX),
        "counter": Field(help="The number of an act.", form="integer"),
        "scope": Field(help="What a cut-off stops: all, agency, family, dataset."),
        "name": Field(help="The agency, family or dataset of a cut-off."),
        "act": Field(help="The word of an act."),
        "command": Field(help="The command that came over the socket."),
        "uid": Field(help="The user id of who sent a command.", form="integer"),
        "listen": Field(help="Host and port.", form=_SENTENCE),
        "version": Field(help="The gateway's version."),
        "engine": Field(help="A policy engine's name."),
        "open": Field(help="Whether a circuit breaker is open.", form="flag"),
        "logger": Field(help="The library that wrote a line."),
    }
)
"""Every key a line can have. An unknown key is dropped and counted."""

SPAN_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "http.request.method": "The HTTP method.",
        "http.route": "The route's template; never the path.",
        "http.response.status_code": "The HTTP status.",
        "error.type": "The class of an exception; never its text.",
    }
)
"""Every attribute a span can have."""
