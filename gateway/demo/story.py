"""The story: real requesters ask real gateways, and what comes back is told.

1. Each requester's certificate and token are taken from its own folder.
2. Every scene is one exchange over mutual TLS with a gateway that listens; every
   deed is one command over a gateway's control socket; what two people must sign is
   drafted, signed by both, and handed in.
3. What came back is told, and compared with what the packs of law give.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.signer import Signer
from gateway.demo.cast import REQUESTERS
from gateway.demo.client import ask, client_context, command
from gateway.demo.deciders import decided
from gateway.demo.layout import Layout
from gateway.demo.narrator import Narrator
from gateway.demo.outcome import read_outcome
from gateway.demo.scenes import Chapter, Deed, Scene
from gateway.demo.stage import Gateway

__all__ = ["DeedRefused", "Pass", "Story", "read_passes"]


class DeedRefused(Exception):
    """A gateway of the demo did not carry out a command; the sentence says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass:
    """What one requester shows at the door: a certificate and a token."""

    context: ssl.SSLContext
    token: str


def read_passes(layout: Layout) -> dict[str, Pass]:
    """Read every requester's certificate, key and token. Reads files.

    Raises:
        OSError: when one cannot be read.
    """
    folders = {name: layout.requester(name) for name in REQUESTERS}
    return {
        name: Pass(
            context=client_context(folder), token=folder.token.read_text().strip()
        )
        for name, folder in folders.items()
    }


class Story:
    """Asks and tells, part by part; remembers what came out otherwise."""

    def __init__(
        self,
        *,
        narrator: Narrator,
        gateways: Mapping[str, Gateway],
        passes: Mapping[str, Pass],
        deciders: Sequence[Signer],
    ) -> None:
        """Take who tells it, the gateways, requesters' passes, deciders' keys."""
        self._deciders = deciders
        self._narrator = narrator
        self._gateways = gateways
        self._passes = passes
        self.surprises: list[str] = []
        """Scenes that did not come out as the packs of law say."""
        self.receipts: list[Mapping[str, Any]] = []
        """What the gateways promised in writing, the first answer's first."""

    async def chapter(self, chapter: Chapter) -> None:
        """Tell a chapter.

        Raises:
            aiohttp.ClientError: when no gateway answers.
            DeedRefused: when a gateway refuses its own people.
        """
        self._narrator.chapter(chapter)
        for part in chapter.parts:
            if isinstance(part, Scene):
                await self._scene(part)
            else:
                await self._deed(part)

    async def _scene(self, scene: Scene) -> None:
        """Ask, tell, compare."""
        status, body = await ask(
            self._gateways[scene.county].url,
            scene.body,
            context=self._passes[scene.requester].context,
            token=self._passes[scene.stolen_from or scene.requester].token,
        )
        outcome = read_outcome(status, body)
        if "receipt" in body:
            self.receipts.append(body["receipt"])
        self._narrator.scene(scene, outcome)
        if outcome.word != scene.expects:
            self.surprises.append(
                f"{scene.name}: {outcome.word}, the packs say {scene.expects}"
            )

    async def _deed(self, deed: Deed) -> None:
        """Have the county's own people do something."""
        socket = self._gateways[deed.county].socket

        async def carry(body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
            answer = await command(socket, body)
            if answer["outcome"] != "done":
                raise DeedRefused(f"{deed.says} {answer}")
            return answer["result"]

        if not deed.by:
            done = await carry(deed.command)
            self._narrator.deed(deed, int(done["entry"]))
            return
        done = await decided(carry, deed.command, by=deed.by, keys=self._deciders)
        self._narrator.deed(deed, int(done["entry"]), signed_by=done["signed_by"])
