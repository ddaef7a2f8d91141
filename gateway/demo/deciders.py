"""The two people of the synthetic county who decide together, and their keys.

In real life each key lies on its owner's own machine, or in a token; here they lie in
the demo's folder, so that the demo can sign in their place.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from audit.keyfiles import read_signer, write_public, write_secret
from audit.signer import SeedSigner, Signer
from gateway.acts import ActFile
from gateway.clock import Clock
from gateway.config import Config
from gateway.control import (
    DraftGenesis,
    Proposal,
    draft_genesis,
    offline_actions,
    parse_command,
)
from gateway.demo.layout import Layout
from gateway.running import propose

__all__ = ["DECIDERS", "activate", "decided", "people", "signed", "write_people"]

DECIDERS: Final = ("counsel-1", "officer-1")
"""Roster ids: a lawyer of the county, and its privacy officer."""

Carry = Callable[[Mapping[str, Any]], Awaitable[Any]]
"""Carries out a command and returns its result."""


def write_people(layout: Layout) -> None:
    """Make the keys of those who decide.

    Raises:
        audit.KeyFileRefused: when one is there already.
    """
    layout.people.mkdir(mode=0o700)
    for name in DECIDERS:
        key = SeedSigner.generate(name)
        write_secret(layout.people / f"{name}.key", f"{key.secret_text}\n")
        write_public(layout.people / f"{name}.pub", f"{key.verifier.text}\n")


def people(layout: Layout) -> list[Signer]:
    """Return the keys of those who decide. Reads files.

    Raises:
        audit.AuditError: when one does not read.
    """
    return [read_signer(layout.people / f"{name}.key") for name in DECIDERS]


def signed(file: str, keys: Iterable[Signer]) -> str:
    """Return an act's file with the signatures of all these keys."""
    found = ActFile.parse(file.encode())
    act = found.act
    for key in keys:
        act = act.signed_with(key)
    return replace(found, act=act).text


async def decided(
    carry: Carry, draft: Mapping[str, Any], *, by: str, keys: Iterable[Signer]
) -> Any:  # noqa: ANN401 - the command's own answer
    """Have an act drafted, sign it, and hand it in; return what came of it."""
    drafted = await carry(draft)
    file = signed(drafted["file"], keys)
    return await carry({"command": "act-submit", "file": file, "by": by})


async def activate(
    config: Config,
    *,
    clock: Clock,
    keys: Iterable[Signer],
    by: str = "the demo",
    gate: str = "",
) -> None:
    """Put a county's files into force; where there is no log yet, begin it first.

    Rules that change need a gate: what was looked at before (``gateway.policy.gate``).

    Raises:
        GatewayError, audit.LogError: when the files have mistakes.
    """
    keys = list(keys)
    proposal, _ = await propose(config)

    async def proposed() -> Proposal:
        return proposal

    async with offline_actions(
        config, clock=clock, propose=proposed, known=lambda _scope: None, create=True
    ) as actions:

        async def carry(command: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
            parsed = parse_command(orjson.dumps(dict(command)))
            return await actions.run(parsed, uid=os.geteuid())

        if not (await carry({"command": "status"}))["people"]:
            lines = tuple(key.verifier.text for key in keys)
            first: Any = draft_genesis(
                DraftGenesis(people=lines),
                origin=config.log.origin,
                now_ms=clock.now_ms(),
            )
            file = signed(first["file"], keys)
            await carry({"command": "act-submit", "file": file, "by": by})
        draft = {"command": "draft-activation", "gate": gate}
        await decided(carry, draft, by=by, keys=keys)
