"""What commands do about rules: which came into force when, and what was tried.

An activation that changes the rules names what was looked at before; one without that
is neither drafted nor carried out. Reading past questions is an entry, written first.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator

from gateway.acts import ActEvent, replay
from gateway.canonical import Json
from gateway.control.proposal import Proposal
from gateway.control.protocol import NotDone, PolicyBundle, PolicyReplay
from gateway.ledger import Basis, Registrar
from gateway.policy.gate import FIRST, Gate, GateRefused, read_gate

__all__ = ["Rules", "checks_word"]

NONE = "none"


def checks_word(gate: str, *, proposal: Proposal, registrar: Registrar) -> str:
    """Return what an activation says was looked at: a gate's digest, or ``none``.

    Whoever drafts it looked, on some machine. What of it can be seen here is held
    against these files and this log: the packs, who signed them, what is proved, that
    cases were run, and that past questions were read since the activation in force.

    Args:
        gate: the text of the gate, or nothing.
        proposal: what would come into force.
        registrar: knows the acts of the log.

    Raises:
        NotDone: the rules change and nobody looked at them, or the gate is of other
            rules, or shut, or says something that is not so.
    """
    before = registrar.in_force.activation
    changes = before is not None and before.policy != proposal.policy
    if not gate:
        if changes:
            raise NotDone(
                "the rules change, and nobody has looked at what that does; run:"
                " sallyport policy activate"
            )
        return NONE
    try:
        looked = read_gate(gate.encode(), policy=proposal.policy)
    except GateRefused as error:
        raise NotDone(f"what was looked at does not count: {error}") from error
    if wrong := [*_untrue(looked, proposal)]:
        raise NotDone(f"what was looked at does not count: {'; '.join(wrong)}")
    if changes and (looked.replay == FIRST or not _past_read(proposal, registrar)):
        raise NotDone("past answers were not looked at under these rules")
    return looked.digest


def _untrue(looked: Gate, proposal: Proposal) -> Iterator[str]:
    """Yield what a gate says that the files here do not."""
    here = {
        "packs": (looked.packs, proposal.packs),
        "drafts": (looked.drafts, proposal.drafts),
        "proofs": (looked.proofs, proposal.proofs),
    }
    for name, (said, found) in here.items():
        if said != [*found]:
            yield (
                f"its {name} are {', '.join(said) or 'none'}, those of the files here"
                f" {', '.join(found) or 'none'}"
            )
    if looked.cases == 0:
        yield "no case was run"


def _past_read(proposal: Proposal, registrar: Registrar) -> bool:
    """Tell whether it is in the log that past questions were put to these rules.

    Since the activation in force: what was asked before it may have come to the same.
    """
    for event in reversed(registrar.events):
        statement = event.statement
        if statement.act == "activation":
            break
        if statement.act == "replay" and statement["policy"] == proposal.policy:
            return True
    return False


class Rules:
    """Tells of activations, and writes that past questions are read."""

    def __init__(self, *, registrar: Registrar) -> None:
        """Take the acts of the log."""
        self._registrar = registrar

    def history(self) -> Json:
        """Return each activation, the first one first."""
        return [_row(event) for event in self._activations()]

    async def bundle(self, command: PolicyBundle) -> Json:
        """Return the archive of an activation's bundle.

        Raises:
            NotDone: there is no such activation, or its archive is gone.
            Unavailable: log-unavailable.
        """
        for event in self._activations():
            if event.statement.counter == command.number:
                return await self._archive(event)
        raise NotDone(f"there was no activation {command.number}")

    async def replay(self, command: PolicyReplay, *, basis: Basis, uid: int) -> Json:
        """Write that past questions are put to other rules; return those in force.

        Raises:
            NotDone: nothing is in force yet.
            Unavailable: log-unavailable.
        """
        *_, last = [None, *self._activations()]
        if last is None:
            raise NotDone("nothing was activated yet; run: sallyport activate")
        before = await self._archive(last)
        event = await self._registrar.state(
            lambda _in_force: replay(
                origin=self._registrar.origin,
                policy=command.policy,
                since=str(command.since) if command.since else "all",
            ),
            basis=basis,
            sealed={"who": {"by": command.by, "uid": uid}},
        )
        return {"entry": event.index, **before}

    def _activations(self) -> Iterator[ActEvent]:
        for event in self._registrar.events:
            if event.statement.act == "activation":
                yield event

    async def _archive(self, event: ActEvent) -> dict[str, Json]:
        name = f"policy/{event.statement['bundle']}.tar.gz"
        data = await self._registrar.public_file(name)
        if data is None:
            raise NotDone(f"{name} is not in the log any more")
        return {
            "number": event.statement.counter,
            "policy": event.statement["policy"],
            "archive": base64.b64encode(data).decode(),
        }


def _row(event: ActEvent) -> dict[str, Json]:
    statement = event.statement
    hour = dt.datetime.fromtimestamp(event.at_ms // 1000, tz=dt.UTC)
    return {
        "number": statement.counter,
        "entry": event.index,
        "hour": f"{hour:%Y-%m-%dT%HZ}",
        "policy": statement["policy"],
        "changes": statement["changes"],
        "reason": statement.reason,
        "drafts": statement["drafts"],
        "checks": statement["checks"],
        "signed_by": ", ".join(sorted({s.name for s in event.act.signatures})),
    }
