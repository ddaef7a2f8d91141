"""Carrying out acts that people have signed, and saying which would count.

1. The act must count: form, order, time, who signed (:mod:`audit.authority`).
2. It must be about what is here now: these files, this cut-off, this paper.
3. It is written; what follows from it follows at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping

from audit import ActRefused
from audit.act import Act, Statement
from audit.acttext import sentence
from audit.authority import Need, need
from audit.changes import FIRST, changes_word
from audit.roster import Key, Roster, signers
from gateway.acts import (
    ActFile,
    ActFileMalformed,
    Activation,
    ActOutOfOrder,
    paper_commitment,
    why_not,
)
from gateway.canonical import Json
from gateway.control.drafting import require_activated
from gateway.control.proposal import Proposal, Running
from gateway.control.protocol import ActShow, ActSubmit, NotDone
from gateway.control.rows import activation_row, event_row
from gateway.control.rules import checks_word
from gateway.entries import cfg
from gateway.ledger import Basis, Registrar, changed_names
from gateway.policy.proofs import Unproved

__all__ = ["Submissions"]

_FOR_PEOPLE = frozenset({"genesis", "roster", "activation", "cutoff-lift", "paper"})


class Submissions:
    """Takes the files of acts on an open log."""

    def __init__(
        self,
        *,
        registrar: Registrar,
        papers_key: bytes,
        propose: Callable[[], Awaitable[Proposal]],
        face: Callable[[str], str | None],
        running: Running,
    ) -> None:
        """Take who writes acts, what tells the files' state, and what runs."""
        self._registrar = registrar
        self._papers_key = papers_key
        self._propose = propose
        self._face = face
        self._running = running

    async def submit(self, command: ActSubmit, *, uid: int) -> Json:
        """Carry out an act; when this returns it is an entry and in force.

        Raises:
            NotDone: it does not count, or is about something else; nothing was done.
            InvalidFile: files it needs have mistakes.
            Unavailable: what it needs is gone.
        """
        file = _parsed(command.file)
        proposal = await self._checked(file)
        account = {name.replace("-", "_"): text for name, text in file.sealed.items()}
        try:
            event = await self._registrar.write(
                lambda _in_force: file.act,
                basis=await self._basis(proposal),
                sealed={"who": {"by": command.by, "uid": uid}, "account": {**account}},
                attachments=proposal.files if proposal else None,
            )
        except ActOutOfOrder as error:
            raise NotDone(error.reason) from error
        row = {**event_row(event), "signed_by": _names(file.act)}
        if proposal is None:
            return row
        active = Activation.of(event.statement, index=event.index, at_ms=event.at_ms)
        said = await self._running.activated(active, proposal)
        return {**row, **activation_row(active), "said": said}

    async def show(self, command: ActShow) -> Json:
        """Say what an act does, who signed it, and whether it counts.

        Raises:
            NotDone: there is no such act.
            Unavailable: what it needs is gone.
        """
        if command.entry >= 0:
            event = self._registrar.event(command.entry)
            if event is None:
                raise NotDone(f"entry {command.entry} is no act")
            return {**_told(event.act), "entry": event.index, "counts": True}
        file = _parsed(command.file)
        row = {**_told(file.act), "signatures": self._signatures(file.act)}
        try:
            await self._checked(file)
        except NotDone as error:
            return {**row, "counts": False, "why_not": str(error)}
        return {**row, "counts": True}

    async def _checked(self, file: ActFile) -> Proposal | None:
        """Return what an activation would put into force, if the act counts now."""
        statement = file.act.statement
        if statement.act not in _FOR_PEOPLE:
            raise NotDone(f"an act called {statement.act} is not for people to submit")
        try:
            file.require_own()
            self._registrar.require(file.act)
        except ActFileMalformed as error:
            raise NotDone(str(error)) from error
        except ActOutOfOrder as error:
            raise NotDone(why_not(error)) from error
        match statement.act:
            case "activation":
                return await self._proposed(file)
            case "genesis":
                if statement["cfg"] != cfg():
                    raise NotDone(
                        "it was made by another version, whose entries have another"
                        " form; make it again: sallyport act new genesis"
                    )
            case "paper":
                require_activated(self._registrar)
                await self._require_paper(file)
            case _:
                pass  # a roster, or a cut-off that is in force: nothing else to ask
        return None

    async def _proposed(self, file: ActFile) -> Proposal:
        statement = file.act.statement
        try:
            proposal = await self._propose()
        except Unproved as error:
            # To prove rules that nobody signed would help nobody.
            if error.revision != statement["policy"]:
                raise _other_files({"policy": error.revision}, statement) from error
            raise
        names = await changed_names(
            self._registrar, policy=proposal.policy, manifest=proposal.manifest
        )
        here = {
            "policy": proposal.policy,
            "bundle": proposal.bundle,
            "manifest": proposal.basis.manifest,
            "changes": FIRST if names is None else changes_word(names),
            "witness": proposal.witness,
            "drafts": proposal.drafts_word,
        }
        if any(statement[name] != value for name, value in here.items()):
            raise _other_files(here, statement)
        checks_word(
            file.sealed.get("gate", ""),
            proposal=proposal,
            registrar=self._registrar,
        )
        return proposal

    async def _require_paper(self, file: ActFile) -> None:
        document = file.sealed["document"]
        commitment, _salt = paper_commitment(self._papers_key, document)
        if commitment != file.act.statement["paper"]:
            raise NotDone("it was made for another gateway, or under another key")
        if need(file.act.statement) is Need.TWO:
            face = await asyncio.to_thread(self._face, document)
            if face is None or face != file.sealed.get("face"):
                raise NotDone(
                    "the register says something else of this paper now than people"
                    " signed; make the act again"
                )

    async def _basis(self, proposal: Proposal | None) -> Basis:
        if proposal is not None:
            return proposal.basis
        if self._registrar.in_force.activation is None:
            return Basis()
        return await self._running.basis()

    def _signatures(self, act: Act) -> list[Json]:
        """Say of each signature whether it holds."""
        keys: list[Key] = []
        # In an empty log only the keys of its own first act can be looked at; what is
        # wrong with a roster is said under why_not.
        with contextlib.suppress(ActRefused):
            keys += self._registrar.in_force.authority.roster(
                self._registrar.now_ms
            ).keys
        with contextlib.suppress(ActRefused):
            named = Roster.parse(act.statement.people).keys
            keys += [key for key in named if key not in keys]
        return [_signature(act, place, keys) for place in range(len(act.signatures))]


def _other_files(here: Mapping[str, str], statement: Statement) -> NotDone:
    """Say in what the files here are not those that people signed."""
    wrong = [
        f"its {name} is {statement[name]}, that of the files here {value}"
        for name, value in here.items()
        if statement[name] != value
    ]
    return NotDone(
        f"people signed other files than these: {'; '.join(wrong)}; look at"
        " what changed (sallyport check), or make the act again"
    )


def _signature(act: Act, place: int, keys: Iterable[Key]) -> Json:
    given = act.signatures[place]
    try:
        signers(Act(statement=act.statement, signatures=(given,)), keys)
    except ActRefused as error:
        return {"name": given.name, "holds": False, "why_not": str(error)}
    return {"name": given.name, "holds": True}


def _parsed(text: str) -> ActFile:
    try:
        return ActFile.parse(text.encode())
    except ActFileMalformed as error:
        raise NotDone(f"the file is no act's: {error}") from error


def _names(act: Act) -> list[Json]:
    return [*sorted({each.name for each in act.signatures})]


def _told(act: Act) -> dict[str, Json]:
    statement = act.statement
    return {
        "act": statement.act,
        "number": statement.counter,
        "does": sentence(statement),
        "reason": statement.reason,
        "expires": statement.expires,
        "sha256": act.sha256,
        "signed_by": _names(act),
    }
