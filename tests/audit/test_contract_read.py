"""What is read of a log while it is written, over each kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from audit.checkpoint import open_checkpoint
from audit.tiles import Tile
from tests.audit.builders import KEYS, START_MS, FakeClock, act_note, entry
from tests.audit.kept import Store


async def test_leaves_are_read_back(store: Store) -> None:
    """Every leaf, a range, or those of one kind; from bundles and the tail."""
    async with store.opening(create=True) as log:
        for start in range(0, 600, 100):
            await asyncio.gather(
                *(
                    log.append(
                        entry(ev="act" if n % 100 == 7 else "exchange", x={"ev": "act"})
                    )
                    for n in range(start, start + 100)
                )
            )

        def read(
            start: int = 0, end: int | None = None, *, ev: Sequence[str] = ()
        ) -> list[int]:
            return [index for index, _ in log.leaves(start, end, ev=ev)]

        for _ in range(2):
            assert await asyncio.to_thread(read) == list(range(600))
            assert await asyncio.to_thread(read, 250, 260) == list(range(250, 260))
            assert await asyncio.to_thread(read, 590, 9999) == list(range(590, 600))
            assert await asyncio.to_thread(read, ev=["act"]) == [
                7 + 100 * n for n in range(6)
            ]
            assert await asyncio.to_thread(read, ev=["nothing"]) == []
            await log.settle()


async def test_the_tree_is_read_by_path(store: Store) -> None:
    """Tiles of every size that had a checkpoint are served, and nothing else."""
    async with store.opening(create=True) as log:
        await asyncio.gather(*(log.append(entry()) for _ in range(300)))
        await log.settle()

        async def read(path: str) -> bytes | None:
            return await asyncio.to_thread(log.read, path)

        whole = await read("tile/0/000")
        assert whole is not None
        assert await read("tile/0/000.p/7") == whole[: 7 * 32]
        assert len(await read("tile/0/001.p/44") or b"") == 44 * 32
        assert len(await read("tile/0/001.p/40") or b"") == 40 * 32
        assert await read("tile/0/001.p/45") is None
        assert await read("tile/0/001") is None
        assert (await read("tile/entries/000")) is not None
        assert (await read("tile/entries/001.p/3")) is not None
        assert await read("tile/1/000.p/1") is not None
        assert await read("../state.json") is None
        assert await read("tile/0/../../wal") is None
        assert await read("checkpoint") == log.checkpoint()


async def test_the_public_sees_what_is_older_than_the_delay(store: Store) -> None:
    """Nothing beyond the public checkpoint is served, tiles and files included."""
    clock = FakeClock()
    act, note = act_note()
    async with store.opening(create=True, clock=clock, delay_s=3600) as log:

        def size() -> int:
            return open_checkpoint(
                log.public_checkpoint(), KEYS.verifiers
            ).checkpoint.size

        async def public(path: str) -> bytes | None:
            return await asyncio.to_thread(log.read, path, public=True)

        assert size() == 0
        await log.append(entry(attachments={f"acts/{act}": note}))
        await log.settle()
        assert size() == 0
        assert await public("tile/0/000.p/1") is None
        assert await public(f"acts/{act}") is None

        clock.ms += 30 * 60_000
        await log.append(entry())
        await log.settle()
        assert size() == 0
        clock.ms += 30 * 60_000
        assert size() == 1
        assert await public("tile/0/000.p/1") is not None
        assert await public("tile/0/000.p/2") is None
        assert await public(f"acts/{act}") == note
        assert await public("checkpoint") == log.public_checkpoint()
        clock.ms += 30 * 60_000
        assert size() == 2
        for _ in range(5):
            await log.append(entry())
            await log.settle()
            clock.ms += 1000
        assert size() == 2
    async with store.opening(clock=clock, delay_s=3600) as log:
        kept = open_checkpoint(log.public_checkpoint(), KEYS.verifiers)
        assert kept.checkpoint.size == 2


async def test_checkpoints_appear_by_themselves(store: Store) -> None:
    """Within the interval a new checkpoint covers the entry; idle logs sign none."""
    async with store.opening(create=True, checkpoint_interval_s=0.02) as log:
        before = log.checkpoint()
        await log.append(entry())
        async with asyncio.timeout(5):
            while log.checkpoint() == before:  # noqa: ASYNC110 - nothing to await
                await asyncio.sleep(0.01)
        after = log.checkpoint()
        await asyncio.sleep(0.1)
        assert log.checkpoint() == after
        assert open_checkpoint(after, KEYS.verifiers).seconds == START_MS // 1000


async def test_a_proof_for_who_holds_the_receipt(store: Store) -> None:
    """It holds offline, while the log grows; no other hash or index gets one."""
    async with store.opening(create=True, checkpoint_interval_s=60) as log:
        receipts = [await log.append(entry()) for _ in range(300)]
        receipt = receipts[290]
        before = await asyncio.to_thread(log.proof, 290, receipt.leaf_hash)
        await log.settle()
        proof = await asyncio.to_thread(log.proof, 290, receipt.leaf_hash)
        assert before is None
        assert proof is not None
        assert proof.check(receipt.leaf or b"", KEYS.verifiers).checkpoint.size == 300
        for index, leaf_hash_ in ((289, receipt.leaf_hash), (290, b""), (-1, b"")):
            assert await asyncio.to_thread(log.proof, index, leaf_hash_) is None
        source = log.tree
        source.wider(Tile(level=0, index=0))
        assert [*source.files(), *source.tiles()] == []
