"""An operator with everything on the machine, and no key that lies elsewhere."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from audit import Auditor, Entry, Log
from audit.act import Act
from audit.cli import main
from audit.roster import Roster
from audit.signer import SeedSigner, Signer
from gateway.acts import ActOutOfOrder, activation
from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.demo.deciders import DECIDERS, people
from gateway.demo.deciders import activate as put_in_force
from gateway.demo.layout import Layout
from gateway.demo.papers import paper
from gateway.entries import leaf
from gateway.ledger import log_keys, open_ledger
from gateway.manifest import read_manifest
from tests.exchange.county import activated, running
from tests.exchange.requests import subpoenaed

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.timeout(240),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A county whose log has begun and whose files are in force."""
    return await activated(tmp_path_factory.mktemp("t"))


def digest_of(layout: Layout) -> str:
    """Return the digest of the roster that was made known."""
    keys = sorted((key.verifier for key in people(layout)), key=lambda key: key.text)
    return Roster(keys=tuple(keys)).digest


def verified(layout: Layout, store: Path, *more: str) -> int:
    """Verify a log as an auditor would; return the exit code."""
    keys = ("--vkey", str(layout.log_keys()), "--allow-unwitnessed")
    return main(["verify", str(store), *keys, *more])


async def test_a_register_edited_after_it_was_confirmed_opens_nothing(
    layout: Layout,
) -> None:
    """Two people confirmed this type, signer and person; another word undoes it."""
    body = subpoenaed()
    document = paper("subpoena-31")["document_sha256"]
    path = layout.root / "instruments.yaml"
    right = await asyncio.to_thread(path.read_text)
    # The operator lets the same paper run for years more.
    head, _, tail = right.partition(f"  {document}:")
    before, _, after = tail.partition("expires: ")
    wrong = f"{head}  {document}:{before}expires: 2099{after[4:]}"
    assert wrong != right

    async with running(layout) as county:

        async def asked(text: str | None = None) -> Any:  # noqa: ANN401  # an answer
            if text is not None:
                await asyncio.to_thread(path.write_text, text)
                papers = county.services.papers
                seen = papers._papers
                async with asyncio.timeout(30):
                    while papers._papers is seen:  # noqa: ASYNC110 - a look at a file
                        await asyncio.sleep(0.05)
            return await county.post("ice-hsi", body)

        assert (await asked()).status == 202
        await county.command(command="draft-paper", document=document)
        assert (await asked()).status == 200
        edited = await asked(wrong)
        again = await asked(right)

    assert edited.status == 202
    assert "records" not in edited.body
    assert again.status == 200


def forged(config: Config, keys: Sequence[Signer]) -> Act:
    """Return an activation that the operator would like, with some signatures."""
    manifest = read_manifest(config).digest
    statement = activation(
        origin=config.log.origin,
        policy="0" * 64,
        bundle="0" * 64,
        manifest=manifest,
        changes="policy",
        witness="demo",
        reason="correction",
        expires="2999-01-01T00:00:00Z",
    )
    act = Act(statement=replace(statement, counter=1))
    for key in keys:
        act = act.signed_with(key)
    return act


async def write_anyway(config: Config, folder: Path, act: Act) -> int:
    """Append an act with the log's own keys, past every check of the gateway."""
    auditors = await asyncio.to_thread(
        lambda: [Auditor.parse(x.key.read_text()) for x in config.log.auditors]
    )
    manifest = act.statement["manifest"]
    async with Log.open(
        folder,
        origin=config.log.origin,
        keys=await asyncio.to_thread(log_keys, config),
        auditors=auditors,
        clock=SystemClock(),
        public_delay_s=config.log.public_delay_seconds,
    ) as log:
        receipt = await log.append(
            Entry(
                public=leaf(
                    event="act",
                    decision="activation",
                    policy=act.statement["policy"],
                    manifest=manifest,
                    act=act.sha256,
                    counter=1,
                ),
                attachments={f"acts/{act.sha256}": act.note},
            )
        )
    return receipt.index


@pytest.mark.parametrize("hands", ["none", "one", "twice", "strangers"])
async def test_an_act_written_past_the_gateway_is_found_and_stops_it(
    layout: Layout, hands: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root has the log's keys: the act is there, named by anybody, and not obeyed."""
    config = await asyncio.to_thread(load, layout.config())
    own = await asyncio.to_thread(people, layout)
    strangers = [SeedSigner.generate(name) for name in DECIDERS]
    signing: dict[str, Sequence[Signer]] = {
        "none": [],
        "one": own[:1],
        "twice": [own[0], own[0]],
        "strangers": strangers,
    }
    kept, store = layout.root / "kept", config.log.directory
    await asyncio.to_thread(shutil.copytree, store, kept)
    try:
        act = await asyncio.to_thread(forged, config, signing[hands])
        index = await write_anyway(config, store, act)
        code = await asyncio.to_thread(verified, layout, store)
        said = capsys.readouterr().out
        with pytest.raises(ActOutOfOrder, match=f"entry {index}, activation 1: "):
            async with open_ledger(config, clock=SystemClock()):
                pass
    finally:
        await asyncio.to_thread(shutil.rmtree, store)
        await asyncio.to_thread(shutil.move, kept, store)

    assert code == 1
    assert f"TAMPERED  acts/{act.sha256}, entry {index}: " in said


async def test_a_log_begun_again_with_other_people_is_not_the_one_made_known(
    layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Same name, same keys of the log, everything signed: only the roster differs."""
    digest = await asyncio.to_thread(digest_of, layout)
    config = await asyncio.to_thread(load, layout.config())
    store, state = config.log.directory, config.state_path
    kept = tmp_path / "kept"
    kept.mkdir()
    await asyncio.to_thread(shutil.move, store, kept / "store")
    await asyncio.to_thread(shutil.move, state, kept / "state.db")
    try:
        mine = [SeedSigner.generate(name) for name in DECIDERS]
        await put_in_force(config, clock=SystemClock(), keys=mine)
        nobody_asked = await asyncio.to_thread(verified, layout, store)
        told = capsys.readouterr().out
        asked = await asyncio.to_thread(verified, layout, store, "--roster", digest)
        said = capsys.readouterr().out
    finally:
        await asyncio.to_thread(shutil.rmtree, store)
        await asyncio.to_thread(state.unlink)
        await asyncio.to_thread(shutil.move, kept / "store", store)
        await asyncio.to_thread(shutil.move, kept / "state.db", state)

    assert nobody_asked == 0
    assert "nobody said which first roster is right" in told
    assert asked == 1
    assert "another roster than the one that you expect" in said
    right = await asyncio.to_thread(verified, layout, store, "--roster", digest)
    assert right == 0
