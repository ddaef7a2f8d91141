"""A county's folder with real keys: enough to open its log and its state."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from audit import AuditorKey, LogKeys
from audit.act import Act, Statement
from audit.signer import SeedSigner
from gateway.acts import ActsInForce, activation, cutoff, cutoff_lift, genesis
from gateway.config import Config, load
from gateway.config.example import SMALLEST
from gateway.entries import cfg
from gateway.policy.gate import Gate
from gateway.state import create_state_key

__all__ = [
    "GENESIS",
    "LATE",
    "PEOPLE",
    "activated",
    "cut",
    "found_county",
    "lifted",
    "looked_at",
    "signed",
    "smallest",
]

ORIGIN = "sallyport.example/log"
LATE = "2999-01-01T00:00:00Z"
"""An instant that no test reaches."""

PEOPLE = {
    name: SeedSigner(name=name, kind=1, seed=bytes([number]) * 32)
    for number, name in enumerate(("counsel-1", "officer-1", "records-1"), 0x11)
}
"""Those who decide in every test's county, with their keys."""

BOTH = ("officer-1", "counsel-1")


def signed(statement: Statement, *people: str, **keys: SeedSigner) -> Act:
    """Return an act with the signatures of some people, or of other keys."""
    act = Act(statement=statement)
    for key in (*(PEOPLE[name] for name in people), *keys.values()):
        act = act.signed_with(key)
    return act


LINES = tuple(key.verifier.text for key in PEOPLE.values())

GENESIS = signed(genesis(origin=ORIGIN, cfg=cfg(), people=LINES, expires=LATE), *PEOPLE)
"""The first entry of every test's log."""


def activated(
    in_force: ActsInForce, *people: str, policy: str = "a" * 64, **more: str
) -> Act:
    """Return the next activation, signed by both unless others are named."""
    values = {
        "bundle": "e" * 64,
        "manifest": "b" * 64,
        "changes": "first",
        "witness": "none",
        "reason": "setup",
        "expires": LATE,
    }
    given = activation(origin=ORIGIN, policy=policy, **(values | more))
    return signed(in_force.numbered(given), *(people or BOTH))


def looked_at(policy: str, *, replay: str = "d" * 64, **members: object) -> str:
    """Return what was looked at before the rules change to these: nothing refused."""
    document = {
        "schema": "sallyport.gate/1",
        "policy": policy,
        "packs": ["us-ca 0.1.0"],
        "cases": 1,
        "proofs": ["never.x"],
        "replay": replay,
        "past": "10 past answers: none would now release something they did not.",
        "drafts": [],
        "warnings": [],
        "refused": [],
    }
    return Gate.model_validate(document | members).text.decode()


def cut(in_force: ActsInForce, name: str = "") -> Act:
    """Return the next cut-off of everything, or of an agency."""
    given = cutoff(
        origin=ORIGIN,
        scope="agency" if name else "all",
        name=name,
        reason="legal_order",
    )
    return Act(statement=in_force.numbered(given))


def lifted(in_force: ActsInForce, number: int, *people: str) -> Act:
    """Return the lift of a cut-off, signed by both unless others are named."""
    given = cutoff_lift(origin=ORIGIN, lifts=number, reason="resolved", expires=LATE)
    return signed(in_force.numbered(given), *(people or BOTH))


def smallest(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """Return the smallest configuration with some sections changed."""
    document = copy.deepcopy(SMALLEST)
    document["demo"] = True
    document["log"]["keys"] = {  # type: ignore[index]  # the example has a log
        name: f"keys/{name}.key" for name in ("log", "receipt", "time")
    }
    return document | changes


def found_county(folder: Path, **changes: Any) -> Config:  # noqa: ANN401  # any JSON
    """Write a county's files and return its configuration."""
    LogKeys.generate(ORIGIN).write(folder / "keys")
    auditor = AuditorKey.generate("board").auditor
    create_state_key(folder / "keys/state")
    files = {
        "keys/board.pub": f"{auditor.text}\n",
        "agencies.yaml": "agencies",
        "instruments.yaml": "papers",
        "catalogue/jail.yaml": "jail",
        "tls/agencies.pem": "authority",
        "tls/server.pem": "certificate",
        "tls/server.key": "key",
        "sallyport.yaml": json.dumps(smallest(**changes)),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (folder / "tls/server.key").chmod(0o600)
    return load(folder / "sallyport.yaml")
