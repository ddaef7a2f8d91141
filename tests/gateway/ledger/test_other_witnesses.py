"""With programs that were not written here: another witness, another log."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import aiohttp
import pytest

from audit import Log
from audit.cosigning import Cosigner
from audit.errors import LogBehind
from audit.policyfile import Policy
from audit.reading import FolderSource
from audit.report import Outcome, Report
from audit.signer import SeedSigner
from audit.verify import Trust, verify
from audit.vkey import COSIGNATURE, Verifier
from gateway.clock import SystemClock
from gateway.ledger.witnesses import WebAsker
from tests.audit.builders import AUDITOR, KEYS, ORIGIN, entry, write_schema
from tests.services.witness import Served, serve_witness, trust_lines

pytestmark = pytest.mark.slow

Finder = Callable[[str], Path]
SIGNER = SeedSigner.generate("other.example/witness", COSIGNATURE)


async def program(
    tool: Path, *words: str | Path, limit_s: float = 60
) -> tuple[int, str, str]:
    """Run a program; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        tool, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        async with asyncio.timeout(limit_s):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
        return -1, "", "it did not end"
    return process.returncode or 0, out.decode(), err.decode()


@contextlib.asynccontextmanager
async def their_witness(tool: Path, folder: Path, port: int) -> AsyncIterator[str]:
    """Run transparency-dev's witness for our log; yield its address."""
    key, vkey = folder / "other.key", folder / "log.vkey"
    key.write_text(SIGNER.secret_text)
    vkey.write_text(KEYS.log.verifier.text)
    process = await asyncio.create_subprocess_exec(
        tool, "serve", f"127.0.0.1:{port}", key, vkey, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(60):
            while not await listens(port):  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def listens(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def verified(tree: Path, keys: Sequence[Verifier], policy: str) -> Report:
    """Verify a log with a policy."""
    trust = Trust(keys=list(keys), policy=Policy.parse(policy.encode()))
    return verify(FolderSource(tree), trust)


async def test_our_log_is_witnessed_by_a_program_of_others(
    require_tool: Finder, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """transparency-dev's witness signs what continues, and stops what does not."""
    tool, clock = require_tool("witness"), SystemClock()

    def opened(one: Cosigner, folder: str, *, create: bool = False) -> Log:
        return Log.open(  # type: ignore[return-value]  # to be entered
            tmp_path / folder,
            origin=ORIGIN,
            keys=KEYS,
            auditors=[AUDITOR.auditor],
            clock=clock,
            public_delay_s=0,
            checkpoint_interval_s=3600,
            create=create,
            cosigner=one,
        )

    async with (
        their_witness(tool, tmp_path, free_port()) as url,
        aiohttp.ClientSession(auto_decompress=False) as session,
    ):
        policy = trust_lines(Served(signer=SIGNER, url=url))

        def asking() -> Cosigner:
            return Cosigner(
                Policy.parse(policy.encode()),
                asker=WebAsker(session),
                now_ms=clock.now_ms,
                monotonic=clock.monotonic,
                limit_s=10,
            )

        one = asking()
        async with opened(one, "s", create=True) as log:
            for number in (1, 2, 255, 44):
                await asyncio.gather(*(log.append(entry()) for _ in range(number)))
                await log.settle()
                assert [(x.size, x.problem) for x in one.standings] == [(log.size, "")]
        async with opened(asking(), "s") as log:  # it remembers nothing, and is told
            await log.append(entry())
            await log.settle()
            assert log.unwitnessed_since_ms is None
        with pytest.raises(LogBehind, match="signed 303 entries, and 0 entries are"):
            async with opened(asking(), "other", create=True):
                pass
    live = tmp_path / "s" / "live"
    await asyncio.to_thread(write_schema, live)
    report = await asyncio.to_thread(verified, live, KEYS.verifiers, policy)
    assert (report.outcome(), report.witnessed) == (Outcome.OK, True)


async def test_a_log_of_others_is_witnessed_here(
    require_tool: Finder, tmp_path: Path
) -> None:
    """Tessera publishes nothing that we did not sign, and can't forget what we did."""
    tool = require_tool("witness")
    log = SeedSigner.generate("tessera.example/log")
    folder = tmp_path / "log"
    (tmp_path / "key").write_text(log.secret_text)
    async with serve_witness(tmp_path, [log.verifier]) as served:
        policy = trust_lines(served)
        (tmp_path / "policy").write_text(policy)
        words = ("append", folder, tmp_path / "key", tmp_path / "policy")
        first = await program(tool, *words, "one", "two", "three")
        more = await program(tool, *words, "four")
        await asyncio.to_thread(shutil.rmtree, folder)
        wiped = await program(tool, *words, "five", limit_s=10)
    assert first[:2] == (0, "0\n1\n2\n"), first[2]
    assert more[:2] == (0, "3\n"), more[2]
    assert wiped[0] != 0
    assert wiped[1] == ""
