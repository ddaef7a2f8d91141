"""An act in plain sentences, for whoever signs it or reads about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from audit.act import Statement

__all__ = ["listed", "sentence"]

_SHOWN = 12
"""Digits of a digest that a sentence shows; the text beside it has all."""


def listed(names: Sequence[str]) -> str:
    """Return names as ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def sentence(statement: Statement) -> str:
    """Return what an act does, in one plain sentence without a full stop."""
    return _SENTENCES[statement.act](statement)


def _people(statement: Statement) -> str:
    keys = statement.people
    people = list(dict.fromkeys(key.partition("+")[0] for key in keys))
    spare = "" if len(people) == len(keys) else f" ({len(keys)} keys)"
    return f"{listed(people)}{spare}"


def _genesis(statement: Statement) -> str:
    return f"a log begins, and those who decide are {_people(statement)}"


def _roster(statement: Statement) -> str:
    return f"a day from then on, those who decide are {_people(statement)}"


def _activation(statement: Statement) -> str:
    policy, manifest = statement["policy"][:_SHOWN], statement["manifest"][:_SHOWN]
    watching = {
        "none": "nobody outside watches the log",
        "demo": "a demonstration: nobody outside watches the log",
        "quorum": "witnesses outside watch the log",
    }[statement["witness"]]
    looked = "nobody looked at the rules beforehand"
    if statement["checks"] != "none":
        looked = (
            f"the rules were looked at beforehand ({statement['checks'][:_SHOWN]}...)"
        )
    drafts = statement["drafts"].replace(",", ", ")
    unsigned = "" if drafts == "none" else f"; no lawyer has signed {drafts}"
    return (
        f"rules {policy}... and configuration {manifest}... come into force;"
        f" what changes: {statement['changes'].replace(',', ', ')}; {watching};"
        f" {looked}{unsigned}"
    )


def _replay(statement: Statement) -> str:
    policy, since = statement["policy"][:_SHOWN], statement["since"]
    when = "" if since == "all" else f" since {since[:4]}-{since[4:6]}-{since[6:]}"
    return f"past questions{when} are put to the rules {policy}..."


def _cutoff(statement: Statement) -> str:
    scope, name = statement["scope"], statement["name"]
    whom = {
        "all": "anybody",
        "agency": f"the agency {name}",
        "family": f"the family {name}",
        "dataset": f"anybody from the dataset {name}",
    }[scope]
    return f"nothing more is released to {whom} (cut-off {statement.counter})"


def _lift(statement: Statement) -> str:
    return f"cut-off {statement['lifts']} is lifted: its releases go on"


def _paper(statement: Statement) -> str:
    state = statement["state"].replace("_", " ")
    return f"the paper {statement['paper'][:_SHOWN]}... is found: {state}"


def _start(statement: Statement) -> str:
    activation, version = statement["activation"], statement["version"]
    return f"the gateway starts (version {version}, under activation {activation})"


def _stop(statement: Statement) -> str:
    return f"run {statement['run']} of the gateway ends"


def _rotation(statement: Statement) -> str:
    return (
        f"from here on the log signs with other keys ({statement['keys'][:_SHOWN]}...)"
    )


def _close(statement: Statement) -> str:
    why = {
        "policy-disagreement": "engines disagreed",
        "state-restored": "its state is older than the log",
    }[statement["cause"]]
    return f"the gateway closes itself: {why} (closing {statement.counter})"


def _reopen(statement: Statement) -> str:
    return f"somebody has looked at closing {statement['reopens']}: it is over"


_SENTENCES: Mapping[str, Callable[[Statement], str]] = {
    "genesis": _genesis,
    "roster": _roster,
    "activation": _activation,
    "cutoff": _cutoff,
    "cutoff-lift": _lift,
    "paper": _paper,
    "replay": _replay,
    "start": _start,
    "stop": _stop,
    "key-rotation": _rotation,
    "close": _close,
    "reopen": _reopen,
}
