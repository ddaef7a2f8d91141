"""Opening the log, the state database and the acts, in the order that is safe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from audit import (
    Auditor,
    CannotTell,
    KeyFileRefused,
    Log,
    LogKeys,
    LogLocked,
    LogMissing,
    Malformed,
)
from audit.cosigning import Cosigner
from audit.elsewhere import Said
from audit.keyfiles import read_signer
from audit.signer import Signer
from gateway.acts import closing
from gateway.clock import Clock
from gateway.config import Config
from gateway.databases import state_server
from gateway.entries import Basis
from gateway.errors import InvalidFile, Mistake
from gateway.ledger.place import log_place
from gateway.ledger.registrar import Registrar
from gateway.ledger.witnesses import cosigning
from gateway.ledger.witnessing import Witnessing
from gateway.state import ActsCache, CaughtUp, Database, StateKeys, catch_up

__all__ = ["Ledger", "auditors_of", "log_keys", "open_ledger"]

_AGAIN_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """What is open: the log, the state, the acts, and who may write acts."""

    log: Log
    database: Database
    acts: ActsCache
    registrar: Registrar
    keys: StateKeys
    caught_up: CaughtUp
    witnessing: Witnessing
    unasked: tuple[str, ...]
    """Witnesses that could not be asked what they have seen: a sentence each."""


@asynccontextmanager
async def open_ledger(
    config: Config,
    *,
    clock: Clock,
    create: bool = False,
    patience_s: float = 0,
    waits: Callable[[float], None] = lambda _seconds: None,
    progress: Callable[[int], None] = lambda _entries: None,
) -> AsyncIterator[Ledger]:
    """Take the log's lock, open everything, read the acts; close it all at the end.

    A state that was put back from an older copy is written down as such, and keeps
    the gateway closed from then on.

    Args:
        config: where everything lies.
        clock: the one clock.
        create: begin a new log where there is none.
        patience_s: how many seconds to wait for another process that has the log.
        waits: told that for how many seconds, at most, as soon as it waits.
        progress: told how many entries were read back.

    Raises:
        InvalidFile: a key file is missing, open to others or not such a key.
        audit.LogError: the log is held by another process, missing, damaged, or not
            what its witnesses have seen.
        StateRefused, ActOutOfOrder, ActMalformed: log and state do not fit.
        Unavailable: state-unavailable.
    """
    keys, signers, auditors = await asyncio.to_thread(_secrets, config)
    origin = config.log.origin
    async with AsyncExitStack() as stack:
        cosigner = await stack.enter_async_context(cosigning(config, clock=clock))
        said, unasked = await _said_elsewhere(cosigner, origin)
        open_log = partial(
            Log.open,
            log_place(config),
            origin=origin,
            keys=signers,
            auditors=auditors,
            clock=clock,
            public_delay_s=config.log.public_delay_seconds,
            checkpoint_interval_s=config.log.checkpoint_ms / 1000,
            said=said,
            cosigner=cosigner,
        )
        try:
            log = await _once_let_go(open_log, clock, patience_s, waits)
        except LogMissing:
            if not create:
                raise
            log = await open_log(create=True)
        stack.push_async_callback(log.close)
        place = state_server(config) or config.state_path
        database = await Database.open(place, timeout_s=config.state.timeout_ms / 1000)
        stack.push_async_callback(database.close)
        acts = ActsCache(database=database, key=keys.acts, origin=origin)
        registrar = Registrar(log=log, acts=acts, origin=origin, clock=clock)
        stack.push_async_callback(registrar.end)
        yield Ledger(
            log=log,
            database=database,
            acts=acts,
            caught_up=await _caught_up(log, acts, registrar, progress),
            registrar=registrar,
            keys=keys,
            witnessing=Witnessing.of(config, log, cosigner, clock=clock),
            unasked=unasked,
        )


async def _once_let_go(
    open_log: Callable[[], Awaitable[Log]],
    clock: Clock,
    patience_s: float,
    waits: Callable[[float], None],
) -> Log:
    """Open the log; wait for who has it, and say so.

    Raises:
        LogLocked: another process still has it after so many seconds.
    """
    until = clock.monotonic() + patience_s
    said = False
    while True:
        try:
            return await open_log()
        except LogLocked:
            if clock.monotonic() >= until:
                raise
        if not said:
            waits(patience_s)
            said = True
        await asyncio.sleep(_AGAIN_S)


async def _caught_up(
    log: Log, acts: ActsCache, registrar: Registrar, progress: Callable[[int], None]
) -> CaughtUp:
    """Read the acts; write down a state that was put back from an older copy.

    Raises:
        StateRefused, ActOutOfOrder, ActMalformed: log and state do not fit.
        Unavailable: state-unavailable or log-unavailable.
    """
    caught_up = await catch_up(log, acts, progress=progress)
    if caught_up.behind:
        active = acts.in_force.activation
        basis = (
            Basis(policy=active.policy, manifest=active.manifest) if active else None
        )
        await registrar.state(
            lambda _acts: closing(origin=registrar.origin, cause="state-restored"),
            basis=basis or Basis(),
        )
    return caught_up


async def _said_elsewhere(
    cosigner: Cosigner | None, origin: str
) -> tuple[list[Said], tuple[str, ...]]:
    """Return what witnesses have seen of the log, and who could not be asked."""
    if cosigner is None:
        return [], ()
    said, problems = await asyncio.to_thread(cosigner.said, origin)
    return said, tuple(problems)


def _secrets(config: Config) -> tuple[StateKeys, LogKeys, tuple[Auditor, ...]]:
    return StateKeys.read(config.state.key), log_keys(config), auditors_of(config)


def log_keys(config: Config) -> LogKeys:
    """Read the log's signing keys.

    Raises:
        InvalidFile: naming every key that cannot be used, never its content.
    """
    mistakes: list[Mistake] = []
    found: dict[str, Signer] = {}
    for role in ("log", "receipt", "time", "mldsa"):
        path = getattr(config.log.keys, role)
        if path is None:
            continue
        try:
            found[role] = read_signer(path)
        except (KeyFileRefused, Malformed, CannotTell) as error:
            mistakes.append(Mistake(path=str(path), problem=str(error)))
    if not mistakes:
        try:
            keys = LogKeys(**found)
            if keys.origin == config.log.origin:
                return keys
            problem = f"the keys are of the log {keys.origin}"
        except KeyFileRefused as error:
            problem = str(error)
        mistakes.append(Mistake(path=f"{config.path.name}:log.keys", problem=problem))
    raise InvalidFile(mistakes)


def auditors_of(config: Config) -> tuple[Auditor, ...]:
    """Read the auditors' public keys.

    Raises:
        InvalidFile: naming every file that holds none, or another's.
    """
    mistakes: list[Mistake] = []
    found: list[Auditor] = []
    for place, item in enumerate(config.log.auditors):
        try:
            auditor = Auditor.parse(item.key.read_text("utf-8-sig"))
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
        except (UnicodeDecodeError, Malformed) as error:
            problem = f"is not an auditor's public key ({type(error).__name__})"
        else:
            found.append(auditor)
            if auditor.name == item.name:
                continue
            mistakes.append(
                Mistake(
                    path=f"{config.path.name}:log.auditors.{place}.name",
                    problem=f"the key is of {auditor.name}",
                )
            )
            continue
        mistakes.append(Mistake(path=str(item.key), problem=problem))
    if mistakes:
        raise InvalidFile(mistakes)
    return tuple(found)
