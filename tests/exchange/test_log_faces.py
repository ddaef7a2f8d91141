"""The log's two faces over HTTP: what anybody sees is delayed, receipts are not."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from audit import Receipt
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.cli import main
from audit.note import Verifier
from audit.proof import Proof, leaf_at
from audit.reading import FolderSource
from audit.tiles import entries_of
from gateway.config import load
from gateway.demo.layout import Layout
from tests.exchange.clock import SetClock
from tests.exchange.county import (
    Answer,
    County,
    activate,
    activated,
    running,
    write_county,
)
from tests.exchange.requests import SHERIFF, asking, booking, custody

pytestmark = pytest.mark.timeout(240)

DELAY_S = 600
FACES = {"public": "/log", "live": "/v1/log"}


@pytest_asyncio.fixture
async def layout(tmp_path: Path) -> Layout:
    """An activated county."""
    return await activated(tmp_path)


@pytest_asyncio.fixture
async def delayed(tmp_path: Path) -> Layout:
    """A county whose public log is ten minutes behind."""
    layout = await asyncio.to_thread(write_county, tmp_path / "d", records=60)
    path = layout.config()
    text = await asyncio.to_thread(path.read_text)
    slow = text.replace("delay_seconds: 0", f"delay_seconds: {DELAY_S}")
    assert slow != text
    await asyncio.to_thread(path.write_text, slow)
    await activate(await asyncio.to_thread(load, path))
    return layout


async def get(county: County, face: str, path: str) -> Answer:
    """Get a file of one face, with a certificate and without a token."""
    return await county.get(SHERIFF, f"{FACES[face]}/{path}", signed_in=False)


async def shown(county: County, face: str) -> Checkpoint | None:
    """Return the checkpoint that a face shows, its signature checked."""
    answer = await get(county, face, "checkpoint")
    if answer.status == 404:
        return None
    lines = (await asyncio.to_thread(county.layout.log_keys().read_text)).splitlines()
    keys = [Verifier.parse(each) for each in lines if each]
    return open_checkpoint(answer.data, keys).checkpoint


async def test_the_public_face_is_never_ahead_of_its_delay(delayed: Layout) -> None:
    """What the live face shows at once, the public one shows ten minutes later."""
    clock = SetClock()
    async with running(delayed, clock=clock) as county:
        await county.post(SHERIFF, custody(17))
        await county.services.log.settle()
        live, public = await shown(county, "live"), await shown(county, "public")
        assert live is not None
        assert live.size == county.services.log.size
        assert public is None or public.size < live.size
        width = live.size
        tile = f"tile/0/000.p/{width}"
        entries = f"tile/entries/000.p/{width}"
        for path in (tile, entries):
            assert (await get(county, "live", path)).status == 200, path
            assert (await get(county, "public", path)).status == 404, path

        clock.shift_ms = (DELAY_S + 2) * 1000
        county.believe_clock()
        later = await shown(county, "public")
        served = await get(county, "public", entries)

    assert later is not None
    assert later.size == live.size
    assert served.status == 200
    assert len(entries_of(served.data, width)) == width


async def test_every_receipt_is_in_the_live_tree(layout: Layout) -> None:
    """The leaf at each receipt's index, read over HTTP, has the receipt's hash."""
    from audit.merkle import leaf_hash  # noqa: PLC0415 - only here

    async with running(layout) as county:
        answers = [await county.post(SHERIFF, custody(n)) for n in range(30, 50)]
        await county.services.log.settle()
        size = county.services.log.size
        entries = await get(county, "live", f"tile/entries/000.p/{size}")
        leaves = entries_of(entries.data, size)

    for answer in answers:
        receipt = Receipt.from_json(answer.body["receipt"])
        assert leaf_hash(leaves[receipt.index]) == receipt.leaf_hash


async def test_an_auditor_asks_the_law_again(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each decision that was recorded is given again by the bundle in the log."""
    ice = asking(
        "county-jail",
        "immigration_civil",
        subjects=booking(17),
        fields=["custody_status", "home_address"],
    )
    async with running(layout) as county:
        answers = [
            await county.post(SHERIFF, custody(17)),
            await county.post("ice-ero", ice),
            await county.post(SHERIFF, custody(999_999)),
        ]
        await county.services.log.settle()
    key = ["--key", str(layout.auditor_key), "--vkey", str(layout.log_keys())]
    store = str(county.config.log.directory)
    ends = []
    for answer in answers:
        index = str(answer.body["receipt"]["index"])
        ends.append(
            await asyncio.to_thread(main, ["replay", store, "--index", index, *key])
        )
    assert ends == [0, 0, 0], capsys.readouterr()
    genesis = ["replay", store, "--index", "0", *key]
    assert await asyncio.to_thread(main, genesis) == 2


async def test_who_holds_a_receipt_gets_its_proof(layout: Layout) -> None:
    """A small .tlog-proof that holds offline; anybody else gets the one 404."""
    async with running(layout) as county:
        answer = await county.post(SHERIFF, custody(17))
        await county.services.log.settle()
        receipt = answer.body["receipt"]
        path = f"/v1/log/proof/{receipt['index']}"
        held = {"Leaf-Hash": receipt["leaf_hash"]}

        async def ask(path: str, headers: dict[str, str]) -> Answer:
            return await county.get(SHERIFF, path, signed_in=False, headers=headers)

        found = await ask(path, held)
        leaf = await asyncio.to_thread(
            leaf_at,
            FolderSource(county.config.log.directory / "live"),
            receipt["index"],
            county.services.log.size,
        )
        refused = [
            await ask(path, {}),
            await ask(path, {"Leaf-Hash": "!"}),
            await ask(f"/v1/log/proof/{receipt['index'] - 1}", held),
            await ask("/v1/log/proof/999999", held),
            await ask("/v1/log/proof/-1", held),
            await ask(path.replace("/v1", ""), held),
        ]
        tile = next((county.config.log.directory / "live/tile/0/000.p").iterdir())
        await asyncio.to_thread(tile.unlink)
        gone = await ask(path, held)

    lines = (await asyncio.to_thread(layout.log_keys().read_text)).splitlines()
    keys = [Verifier.parse(each) for each in lines if each]
    proof = Proof.parse(found.data)
    assert proof.index == receipt["index"]
    assert proof.check(leaf, keys).seconds is not None
    assert len(found.data) < 2048
    assert {each.status for each in refused} == {404}
    assert len({each.data for each in refused}) == 1
    assert (gone.status, gone.body["type"].split(":")[-1]) == (503, "log-unavailable")


async def test_acts_and_the_leafs_model_are_readable(layout: Layout) -> None:
    """Each act's note and the model of the leaf lie where the leaves say."""
    import hashlib  # noqa: PLC0415 - only here

    async with running(layout) as county:
        await county.command(command="cutoff-add", scope="all", name="", by="tests")
        await county.services.log.settle()
        leaves = await county.leaves()
        acts = [leaf["act"] for leaf in leaves if leaf["act"]]
        notes = [await get(county, "public", f"acts/{act}") for act in acts]
        model = await get(county, "public", f"schema/{leaves[0]['cfg']}.json")

    assert len(acts) >= 3
    assert [hashlib.sha256(note.data).hexdigest() for note in notes] == acts
    assert hashlib.sha256(model.data).hexdigest() == leaves[0]["cfg"]


@pytest.mark.parametrize(
    "path",
    ["sidecar", "keys/log.key", "wal/0", "epochs", "state.json", "tile", "", "..", "."],
)
async def test_nothing_sealed_is_served(layout: Layout, path: str) -> None:
    """Neither face gives what is not of the public tree."""
    async with running(layout) as county:
        await county.post(SHERIFF, custody(17))
        await county.services.log.settle()
        for face in FACES:
            assert (await get(county, face, path)).status == 404


@asynccontextmanager
async def plain(county: County, face: str) -> AsyncIterator[str]:
    """Hand a face on over plain HTTP on loopback, as a mirror would; yield its URL."""

    async def hand_on(request: web.Request) -> web.Response:
        answer = await get(county, face, request.match_info["path"])
        return web.Response(status=answer.status, body=answer.data)

    application = web.Application()
    application.router.add_get("/{path:.+}", hand_on)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.slow
async def test_an_auditor_verifies_over_http_with_the_log_package_alone(
    layout: Layout, tmp_path: Path
) -> None:
    """``python -m audit verify URL`` is content, also with a checkpoint kept before."""
    kept = tmp_path / "kept"
    async with running(layout) as county:
        await county.post(SHERIFF, custody(17))
        await county.services.log.settle()
        before = await get(county, "live", "checkpoint")
        await asyncio.to_thread(kept.write_bytes, before.data)
        for number in range(20, 40):
            await county.post(SHERIFF, custody(number))
        await county.services.log.settle()
        size = county.services.log.size
        reports = []
        for face in FACES:
            async with plain(county, face) as url:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "audit", "verify", url, "--json"),
                    *("--vkey", str(layout.log_keys()), "--since", str(kept)),
                    "--allow-unwitnessed",
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                )
                out, err = await process.communicate()
                assert process.returncode == 0, (out, err)
                reports.append(json.loads(out))

    assert [report["entries"] for report in reports] == [size, size]


@pytest.mark.services
async def test_tesseras_checker_accepts_the_gateways_log(
    layout: Layout, require_tool: Callable[[str], Path]
) -> None:
    """Tessera's own fsck is content with the log of a gateway that answered."""
    program = await asyncio.to_thread(require_tool, "fsck")
    async with running(layout) as county:
        for number in range(17, 57):
            await county.post(SHERIFF, custody(number))
        await county.services.log.settle()
        size = county.services.log.size
        tree = county.config.log.directory / "live"
        answer = await asyncio.to_thread(
            subprocess.run,
            [
                str(program),
                f"--storage_url=file://{tree}/",
                f"--public_key={layout.log_key()}",
                "--ui=false",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert answer.returncode == 0, answer.stderr
    assert f"Successfully fsck'd log with size {size}" in answer.stderr
