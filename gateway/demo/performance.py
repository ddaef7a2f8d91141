"""``sallyport demo``: the whole performance, from an empty folder to the last line.

1. Write the county: databases, configuration, certificates, tokens, requests.
2. Put its gateway on the stage, and two more under other states' laws, and beside
   them the witness of their logs: a process of its own.
3. Tell the story: real requests, real answers.
4. Publish the log, verify it, change one byte of a copy, verify again.
5. Say what to try next; with ``serve``, stay until interrupted.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from gateway.clock import Clock, SystemClock
from gateway.config import packaged_policies
from gateway.demo.chapters import CHAPTERS
from gateway.demo.commands import after_serving, after_telling
from gateway.demo.deciders import people
from gateway.demo.files import write_folder
from gateway.demo.glossary import Glossary
from gateway.demo.identities import mint_token
from gateway.demo.inspection import Verification, publish_all, verify
from gateway.demo.layout import Layout
from gateway.demo.narrator import JsonLines, Narrator
from gateway.demo.plainwords import PlainWords
from gateway.demo.room import (
    NotEmpty,
    port_taken,
    remove_made,
    require_empty,
    require_short,
)
from gateway.demo.scenes import Chapter
from gateway.demo.stage import Gateway, on_stage
from gateway.demo.story import Story, read_passes
from gateway.demo.tamper import flip_one_byte
from gateway.demo.witness import witness_running
from gateway.policy.vocabulary import load_vocabulary

__all__ = ["NotEmpty", "new_token", "perform"]


_AUDIT = Chapter(
    title="Can the record be trusted?",
    text="Every outcome of an authenticated requester and each command above is in a "
    "log that can only grow. An auditor checks it with a program of their own.",
    parts=(),
)

_INTRODUCTION = (
    "Everything here is invented: Example County, its people, their records, the "
    "papers. Real are the gateway, the rules of law it applies, the certificates at "
    "the door, and the log."
)

_WITNESSED = (
    "a program of its own, with a key of its own, has signed what the log shows, and "
    "will sign no other past. Here it runs beside the gateways; a real county's is "
    "run by somebody else, such as an oversight board."
)

_UNWITNESSED = "unwitnessed, so the operator could have rewritten all of it."

_PUBLISH_S = 1.0
"""Seconds between publications of the logs while the demo stays up."""


def new_token(directory: Path, name: str) -> str:
    """Mint a token for a requester of a demo's folder; it lives ten minutes.

    Raises:
        UnknownRequester: when the folder has no such requester.
    """
    return mint_token(Layout(root=directory), name, clock=SystemClock())


def perform(
    *,
    directory: Path | None,
    serve: bool,
    records: int,
    as_json: bool,
    colour: bool,
) -> bool:
    """Perform the whole demo; return whether everything came out as it should.

    Args:
        directory: where everything is left; None is a folder that is removed.
        serve: stay up, until interrupted, after the story.
        records: people in the county.
        as_json: one JSON object a line, instead of sentences.
        colour: colour where there is a terminal.

    Raises:
        NotEmpty: when the directory holds something.
        GatewayError, audit.LogError, OSError: when a gateway could not start.
    """
    with ExitStack() as stack:
        root = directory or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="sallyport-"))
        )
        require_empty(root)
        require_short(Layout(root=root.resolve()))
        performance = _Performance(
            layout=Layout(root=root.resolve()),
            narrator=_narrator(as_json=as_json, colour=colour),
            clock=SystemClock(),
        )
        return performance.perform(records, serve=serve, kept=directory)


def _narrator(*, as_json: bool, colour: bool) -> Narrator:
    if as_json:
        return JsonLines(stream=sys.stdout)
    vocabulary = load_vocabulary(packaged_policies() / "vocabulary.yaml")
    return PlainWords(
        console=Console(no_color=not colour, highlight=False),
        glossary=Glossary.of(vocabulary),
    )


class _Performance:
    """One performance in one folder."""

    def __init__(self, *, layout: Layout, narrator: Narrator, clock: Clock) -> None:
        self._layout = layout
        self._narrator = narrator
        self._clock = clock
        self._answered = False

    def perform(self, records: int, *, serve: bool, kept: Path | None) -> bool:
        """Write and run; once more on other ports where somebody took one meanwhile.

        What a run made that never came up is removed, so that the next one can be
        made in the same place.
        """
        root = self._layout.root
        there = root.is_dir()
        self._narrator.say(_INTRODUCTION)
        for last in (False, True):
            try:
                self._write(records)
                return asyncio.run(self._run(serve=serve, kept=kept))
            except Exception as error:
                if not self._answered:
                    remove_made(root, itself=not there)
                if last or self._answered or not port_taken(error):
                    raise
        raise AssertionError  # the second round returned or raised

    def _write(self, records: int) -> None:
        """Write the county."""
        with self._narrator.progress(records) as progress:
            rows = write_folder(
                self._layout,
                clock=self._clock,
                records=records,
                witnessed=True,
                progress=progress,
            )
        self._narrator.say(
            f"The county has {rows['jail.db']} jail bookings, {rows['dmv.db']} driver "
            f"records and {rows['gang.db']} gang entries. Its gateway starts under "
            "Illinois law, and two more, with the same databases, under the laws of "
            "California and Texas ..."
        )

    async def _run(self, *, serve: bool, kept: Path | None) -> bool:
        """Run the gateways, tell the story, check the log."""
        passes = await asyncio.to_thread(read_passes, self._layout)
        async with (
            witness_running(self._layout),
            on_stage(self._layout, clock=self._clock) as gateways,
        ):
            self._answered = True
            self._narrator.say(
                "They answer: "
                + ", ".join(
                    f"{name.title()} at {g.url}" for name, g in gateways.items()
                )
                + ". Each log has three entries already: its beginning, the county's "
                "files put into force, the gateway's start (0 to 2). The first two are "
                "signed by the county's two deciders, officer-1 and counsel-1."
            )
            story = Story(
                narrator=self._narrator,
                gateways=gateways,
                passes=passes,
                deciders=await asyncio.to_thread(people, self._layout),
            )
            for chapter in CHAPTERS:
                await story.chapter(chapter)
            await asyncio.to_thread(self._keep, story.receipts)
            well = await self._check(gateways)
            for surprise in story.surprises:
                self._narrator.fact("Not as expected", surprise, good=False)
            if serve:
                await self._stay(gateways)
        await self._publish(gateways)
        if not serve:
            self._narrator.commands("Try next", after_telling(kept))
        return well and not story.surprises

    def _keep(self, receipts: Sequence[Mapping[str, Any]]) -> None:
        """Leave the first answer's receipt, as its requester would keep it."""
        for receipt in receipts[:1]:
            self._layout.receipt.write_text(json.dumps(receipt, indent=2) + "\n")

    async def _check(self, gateways: Mapping[str, Gateway]) -> bool:
        """Verify the main county's log, then a copy with one byte changed."""
        self._narrator.chapter(_AUDIT)
        await self._publish(gateways, policy=self._layout.policy)
        tree, key = self._layout.public_log(), self._layout.log_keys()
        whole = await verify(tree, key, self._layout.policy)
        self._tell(whole)
        with tempfile.TemporaryDirectory(prefix="sallyport-copy-") as folder:
            copy = Path(folder) / "log"
            flip = await asyncio.to_thread(flip_one_byte, tree, copy)
            self._narrator.say(
                f"Now somebody changes one byte of a copy: number {flip.offset} of the "
                f"file {flip.file}, {flip.before} becomes {flip.after}."
            )
            broken = await verify(copy, key, self._layout.policy)
            self._tell(broken)
        return whole.exit_code == 0 and broken.exit_code == 1

    def _tell(self, verification: Verification) -> None:
        """Tell what an auditor's program reported."""
        for finding in verification.findings:
            self._narrator.fact("Noticed", finding, good=True)
        if verification.whole:
            told = f"all {verification.entries} entries are there, as they were signed"
            self._narrator.fact("Verified", told, good=True)
        if verification.whole and verification.witnessed:
            self._narrator.fact("Witnessed", _WITNESSED, good=True)
        elif verification.whole:
            self._narrator.fact("But", _UNWITNESSED, good=False)

    async def _publish(
        self, gateways: Mapping[str, Gateway], *, policy: Path | None = None
    ) -> None:
        """Publish each county's log as far as it goes now, and is witnessed."""
        for name, gateway in gateways.items():
            await publish_all(
                gateway.store,
                self._layout.public_log(name),
                entries=gateway.entries(),
                clock=self._clock,
                policy=policy,
            )

    async def _stay(self, gateways: Mapping[str, Gateway]) -> None:
        """Keep serving and publishing until somebody interrupts."""
        urls = {name: gateway.url for name, gateway in gateways.items()}
        self._narrator.commands(
            "The gateways stay up until Ctrl-C. Tokens live ten minutes; the first "
            "lines mint new ones:",
            after_serving(self._layout, urls),
        )
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        while not stop.is_set():
            await self._publish(gateways)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PUBLISH_S)
