"""Making the files of acts: what is to be done, put into words for people to sign.

Nothing happens here. A draft is made from what is in force now, so that whoever signs
it later signs what can be carried out, or what will be refused with a sentence.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import assert_never

from audit import ActRefused
from audit.act import Act, Statement, words_commitment
from audit.acttext import sentence
from audit.changes import FIRST, changes_word
from audit.roster import Roster
from gateway.acts import (
    ActFile,
    activation,
    cutoff_lift,
    face_commitment,
    genesis,
    paper,
    paper_commitment,
    roster,
)
from gateway.canonical import Json
from gateway.control.proposal import Proposal
from gateway.control.protocol import (
    Draft,
    DraftActivation,
    DraftGenesis,
    DraftLift,
    DraftPaper,
    DraftRoster,
    NotDone,
)
from gateway.control.rules import checks_word
from gateway.entries import cfg
from gateway.ledger import Registrar, changed_names

__all__ = ["Drafts", "draft_genesis", "require_activated"]

_LIFE_DAYS = 7
"""How long people have to sign an act when nobody says."""


class Drafts:
    """Makes the files of acts on an open log."""

    def __init__(
        self,
        *,
        registrar: Registrar,
        papers_key: bytes,
        propose: Callable[[], Awaitable[Proposal]],
        face: Callable[[str], str | None],
    ) -> None:
        """Take what is in force, and what tells the files' present state.

        Args:
            registrar: the acts of the log.
            papers_key: the key of commitments to papers.
            propose: what the files come to now.
            face: what the register says of a document now; blocks.
        """
        self._registrar = registrar
        self._papers_key = papers_key
        self._propose = propose
        self._face = face

    async def make(self, command: Draft) -> Json:
        """Return the file of an act, what it does, and who has to sign it.

        Raises:
            NotDone: it could not be carried out now, whoever signed it.
            InvalidFile: files it needs have mistakes.
            Unavailable: log-unavailable.
        """
        registrar = self._registrar
        if not registrar.in_force.authority.origin:
            raise NotDone("the log has no roster yet; run: sallyport act new genesis")
        if not isinstance(command, DraftActivation | DraftRoster):
            require_activated(registrar)
        common = _common(command, registrar.origin, registrar.now_ms)
        try:
            file = await self._file(command, common)
        except ActRefused as error:
            raise NotDone(f"such an act could not be: {error}") from error
        statement = registrar.in_force.numbered(file.act.statement)
        file = replace(file, act=Act(statement=statement))
        people = registrar.in_force.authority.roster(registrar.now_ms).people
        return _drafted(file, needs="two", people=people)

    async def _file(self, command: Draft, common: _Common) -> ActFile:
        match command:
            case DraftActivation():
                return await self._activation(common, command.gate)
            case DraftLift():
                return self._lift(command, common)
            case DraftPaper():
                return await self._paper(command, common)
            case DraftRoster():
                return self._roster(command, common)
            case _:
                assert_never(command)

    async def _activation(self, common: _Common, gate: str) -> ActFile:
        proposal = await self._propose()
        now, basis = self._registrar.in_force.activation, proposal.basis
        if now and (now.policy, now.manifest) == (basis.policy, basis.manifest):
            raise NotDone(f"nothing changed: number {now.counter} is of these files")
        names = await changed_names(
            self._registrar, policy=proposal.policy, manifest=proposal.manifest
        )
        sealed = {"gate": gate} if gate else {}
        return common.file(
            activation(
                policy=basis.policy,
                bundle=proposal.bundle,
                manifest=basis.manifest,
                changes=FIRST if names is None else changes_word(names),
                witness=proposal.witness,
                checks=checks_word(gate, proposal=proposal, registrar=self._registrar),
                drafts=proposal.drafts_word,
                **common.texts,
            ),
            **sealed,
        )

    def _lift(self, command: DraftLift, common: _Common) -> ActFile:
        numbers = {item.number for item in self._registrar.in_force.cutoffs}
        if command.number not in numbers:
            listed = ", ".join(map(str, sorted(numbers))) or "none"
            raise NotDone(f"cut-off {command.number} is not in force; {listed} is")
        return common.file(cutoff_lift(lifts=command.number, **common.texts))

    async def _paper(self, command: DraftPaper, common: _Common) -> ActFile:
        face = await asyncio.to_thread(self._face, command.document)
        if face is None:
            raise NotDone(
                "the register of papers (instruments.yaml) has no such document; enter"
                " what is on its face first: that is what two people confirm"
            )
        commitment, salt = paper_commitment(self._papers_key, command.document)
        return common.file(
            paper(
                commitment=commitment,
                state="issuer_confirmed",
                face=face_commitment(salt, face),
                **common.texts,
            ),
            document=command.document,
            salt=salt,
            face=face,
        )

    def _roster(self, command: DraftRoster, common: _Common) -> ActFile:
        file = common.file(roster(people=command.people, **common.texts))
        Roster.parse(file.act.statement.people)
        return file


def require_activated(registrar: Registrar) -> None:
    """Return if something was activated.

    Raises:
        NotDone: with what to run.
    """
    if registrar.in_force.activation is None:
        raise NotDone("nothing was activated yet; run: sallyport activate")


def draft_genesis(command: DraftGenesis, *, origin: str, now_ms: int) -> Json:
    """Return the file of the act that begins a log, and who has to sign it.

    Raises:
        NotDone: the people named make no roster.
    """
    common = _common(command, origin, now_ms)
    try:
        file = common.file(genesis(cfg=cfg(), people=command.people, **common.texts))
        people = Roster.parse(file.act.statement.people).people
    except ActRefused as error:
        raise NotDone(f"such an act could not be: {error}") from error
    return _drafted(file, needs="all", people=people)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Common:
    """What every draft has: the lines that all acts share, and the sealed words."""

    texts: dict[str, str]
    sealed: dict[str, str]

    def file(self, statement: Statement, **sealed: str) -> ActFile:
        """Return the file of an act that nobody has signed."""
        return ActFile(
            act=Act(statement=statement),
            sealed=MappingProxyType({**self.sealed, **sealed}),
        )


def _common(command: Draft | DraftGenesis, origin: str, now_ms: int) -> _Common:
    expires, words, sealed = command.expires, "none", {}
    if not expires:
        at = dt.datetime.fromtimestamp(now_ms // 1000, tz=dt.UTC)
        expires = f"{at + dt.timedelta(days=_LIFE_DAYS):%Y-%m-%dT%H:%M:%SZ}"
    if command.words:
        salt = secrets.token_bytes(16)
        words = words_commitment(salt, command.words)
        sealed = {"words-salt": salt.hex(), "words": command.words}
    texts = {
        "origin": origin,
        "reason": command.reason,
        "expires": expires,
        "words": words,
    }
    return _Common(texts=texts, sealed=sealed)


def _drafted(file: ActFile, *, needs: str, people: tuple[str, ...]) -> Json:
    statement = file.act.statement
    about = {
        "paper": lambda: f"-{statement['paper'][:8]}",
        "cutoff-lift": lambda: f"-{statement['lifts']}",
    }.get(statement.act, lambda: f"-{statement.counter}")()
    name = "genesis" if statement.act == "genesis" else f"{statement.act}{about}"
    return {
        "act": statement.act,
        "does": sentence(statement),
        "expires": statement.expires,
        "file": file.text,
        "name": f"{name}.act",
        "needs": needs,
        "people": [*people],
    }
