"""Taking over what was activated, by a command here or in another process.

Where several processes write one log, an activation made in one is an act that the
others read within a second. Each then reads its own files: they must be what was
activated. Until they are, and at most for the ten seconds that an engine has too, it
goes on under the activation before; then it answers nothing until they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.acts import ActEvent, Activation
from gateway.config import Config
from gateway.errors import GatewayError
from gateway.in_force import InForce, Written, put_in_force, read_files
from gateway.ledger import Registrar
from gateway.manifest import Manifest
from gateway.policy.doubt import Finding
from gateway.policy.panel import WRONG
from gateway.succession import Succession

__all__ = ["Takeover"]

_TAKEN_OVER = ("catalogue/", "agencies.yaml")
"""Files of the manifest that a running gateway takes over without a restart."""

_LOOK_S = 1.0
"""How often it is looked whether an operator has ended a doubt, in seconds."""

_AGAIN_S = 3.0
"""How long after files that do not fit they are read again, in seconds."""

_OTHERS = "the files here are not those that another process activated"


class Takeover:
    """Puts activations into force in this process, in their order."""

    def __init__(
        self,
        config: Config,
        manifest: Manifest,
        active: Activation,
        registrar: Registrar,
        *,
        succession: Succession,
    ) -> None:
        """Take what is in force now, who reads acts, and what puts more into force."""
        self._config = config
        self._manifest = manifest
        self._counter = active.counter
        self._registrar = registrar
        self.succession = succession
        self._standing = succession.standing
        self._clock = succession.clock
        self._telemetry = succession.telemetry
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._wanted: Activation | None = None
        self._said = ""
        newest = registrar.in_force.activation
        if newest is not None and newest.counter > active.counter:
            self._want(newest)  # it came while this process read its files
        registrar.hear(self._hear)

    async def take(
        self, activation: Activation, law: InForce, written: Written
    ) -> tuple[bool, str]:
        """Put an activation into force, or close until a restart does.

        From its entry on, but for a moment that lets engines follow, the old law is
        not applied any more; so what cannot be taken over while running closes the
        gateway.

        Args:
            activation: what the log says.
            law: what it comes to, loaded and tried in this process.
            written: the files it comes from.

        Returns:
            Whether it is in force, and a sentence if something is not well.
        """
        async with self._turn:
            if activation.counter <= self._counter:
                return False, "another activation came after it"
            changed = self._manifest.difference(written.manifest)
            fixed = [name for name in changed if not name.startswith(_TAKEN_OVER)]
            if fixed:
                return False, self.refuse(fixed)
            self._manifest, self._counter = written.manifest, activation.counter
            self._caught_up()
            try:
                problem = await self.succession.take(
                    law, written, at_ms=activation.at_ms
                )
            except BaseException:
                self._standing.close("an activation was not taken over: restart")
                raise
        return True, problem

    def refuse(self, changed: Sequence[str]) -> str:
        """Close: what was activated needs a restart. Return what to do."""
        self._standing.close("activated files need a restart")
        return f"restart the gateway: {', '.join(changed)} changed"

    def begin(self) -> None:
        """Answer nothing yet if the log is further than the files that were read."""
        if self._wanted is not None:
            self._standing.close(_OTHERS)

    async def follow(self) -> None:
        """Take over what other processes activated and reopened, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            await self._reopened()
            while self._wanted is not None:
                await self._catch_up(self._wanted)

    # --- another process's activation ------------------------------------------

    def _hear(self, events: Sequence[ActEvent]) -> None:
        for event in events:
            if event.statement.act == "activation":
                self._want(
                    Activation.of(event.statement, index=event.index, at_ms=event.at_ms)
                )

    def _want(self, activation: Activation) -> None:
        self._wanted = activation
        self._news.set()

    def _caught_up(self) -> None:
        """Want nothing any more that is in force here."""
        if self._wanted is None or self._wanted.counter <= self._counter:
            self._wanted, self._said = None, ""
            self._telemetry.metrics.set("sallyport_behind", False)

    async def _catch_up(self, wanted: Activation) -> None:
        """Take an activation over, or say why not and wait a little."""
        problem, error = await self._tried(wanted)
        self._caught_up()
        if wanted is not self._wanted:
            return  # it is in force, or a newer one was heard of meanwhile
        self._telemetry.metrics.set("sallyport_behind", True)
        if problem != self._said:
            self._said = problem
            self._telemetry.lines.error("reload-refused", error=error, problem=problem)
        left = self._standing.grace_until - self._clock.monotonic()
        if left <= 0:
            self._standing.close(problem)
        await asyncio.sleep(_AGAIN_S if left <= 0 else min(_AGAIN_S, left))

    async def _tried(self, wanted: Activation) -> tuple[str, str]:
        """Return why an activation is not in force here, and an error's class."""
        if wanted.counter <= self._counter:
            return "", ""
        try:
            written = await asyncio.to_thread(read_files, self._config)
            here = written.bundle.revision, written.manifest.digest
            if here != (wanted.policy, wanted.manifest):
                return _OTHERS, "NotActivated"
            policy = self.succession.engines.policy
            law = await put_in_force(written, policy)
            taken, problem = await self.take(wanted, law, written)
        except (GatewayError, OSError) as error:
            return f"{_OTHERS}, or cannot be used", type(error).__name__
        newer = wanted.counter <= self._counter
        return ("", "") if taken or newer else (problem, "NotActivated")

    def _still(self) -> bool:
        """Whether the log says that a doubt closes the gateway."""
        return "policy-disagreement" in self._registrar.in_force.causes

    # --- another process's reopening -------------------------------------------

    async def _reopened(self) -> None:
        """End a doubt that an operator ended elsewhere, if the engines here are right.

        One that is wrong closes every process again; one that does not answer keeps
        this one closed until it does.
        """
        doubt = self._standing.doubt
        if self._still() or not doubt.noted:
            return
        problem = await self.succession.looked_at()
        if self._still():
            return  # another closing was heard of meanwhile
        if problem.endswith(WRONG):
            revision = self._standing.in_force.policy.revision
            doubt.again(Finding(detail=problem, revision=revision))
        elif not problem and doubt.noted:
            self._standing.in_force.policy.reopen()
