"""A county whose log is witnessed: what is published, refused, and noticed at start."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from audit import LogBehind
from audit.keyfiles import read_vkeys
from audit.policyfile import Policy
from audit.reading import FolderSource
from audit.report import Outcome
from audit.signer import SeedSigner
from audit.verify import Trust, verify
from audit.vkey import COSIGNATURE, Verifier
from gateway.cli.finding import Verdict
from gateway.cli.findings import examine
from gateway.clock import SystemClock
from gateway.config import load
from gateway.ledger import open_ledger
from gateway.runs import watch_witnesses
from gateway.telemetry import Metrics, Telemetry, configure_lines
from tests.exchange.county import Answer, County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody
from tests.services.witness import Served, serve_witness, trust_lines

BOARD = SeedSigner.generate("board.example/witness", COSIGNATURE)
CUSTODY = custody()


class Witnessed:
    """A county of the test's own whose log has one witness, which may be away."""

    def __init__(self, root: Path) -> None:
        self.layout = write_county(root / "d", records=40)
        keys = read_vkeys([self.layout.log_keys()])
        self.keys = [key for key in keys if key.name == keys[0].name]
        self.all_keys: list[Verifier] = keys
        self.folder = root / "witness"
        self.folder.mkdir()
        self.port = 0

    def witness(self) -> Any:  # noqa: ANN401  # a context of serve_witness
        """Have the witness serve, at the same address as before."""
        return serve_witness(self.folder, self.keys, port=self.port, signer=BOARD)

    def name(self, served: Served, *more: str) -> None:
        """Name it in the county's configuration."""
        self.port = int(served.url.rpartition(":")[2])
        (self.layout.root / "trust.policy").write_text(trust_lines(served))
        path = self.layout.config()
        settings = "\n  ".join(["witness: trust.policy", *more])
        path.write_text(path.read_text().replace("witness: none", settings))

    def verified(self) -> tuple[Outcome, bool | None]:
        """Verify the log's own folder with the county's policy."""
        policy = Policy.parse((self.layout.root / "trust.policy").read_bytes())
        store = load(self.layout.config()).log.directory
        trust = Trust(keys=self.all_keys, policy=policy)
        report = verify(FolderSource(store / "live"), trust)
        return report.outcome(), report.witnessed


@pytest_asyncio.fixture
async def own(tmp_path: Path) -> AsyncIterator[Witnessed]:
    """A county that was activated before its witness."""
    found = await asyncio.to_thread(Witnessed, tmp_path)
    async with found.witness() as served:
        await asyncio.to_thread(
            found.name,
            served,
            "unwitnessed_alarm_seconds: 1",
            "unwitnessed_refuse_seconds: 1",
        )
        await activate(await asyncio.to_thread(load, found.layout.config()))
    yield found


async def until(county: County, status: int) -> Answer:
    """Ask until the answer has a status."""
    async with asyncio.timeout(60):
        while True:
            answer = await county.post(SHERIFF, CUSTODY)
            if answer.status == status:
                return answer
            await asyncio.sleep(0.05)


async def said(lines: io.BytesIO, words: bytes) -> None:
    """Wait until operators were told something."""
    async with asyncio.timeout(30):
        while words not in lines.getvalue():  # noqa: ASYNC110  # a stream tells nobody
            await asyncio.sleep(0.05)


async def gauges(county: County) -> dict[str, float]:
    """Return what the operator's port says of witnesses."""
    text = (await county.admin("/metrics")).data.decode()
    lines = (line.rpartition(" ") for line in text.splitlines() if "witness" in line)
    return {name: float(value) for name, _, value in lines if name[0] != "#"}


async def test_what_was_released_is_witnessed(own: Witnessed) -> None:
    """From the first entry to the stop; the operator sees who signs."""
    async with own.witness():
        async with running(own.layout) as county:
            answer = await county.post(SHERIFF, CUSTODY)
            await county.services.log.settle()
            found = await gauges(county)
            first, *_ = await county.leaves()
        assert answer.status == 200
        assert found['sallyport_witnesses{signs="yes"}'] == 1
        assert found['sallyport_witnesses{signs="no"}'] == 0
        assert found["sallyport_log_unwitnessed_seconds"] == 0
        assert abs(found["sallyport_witness_clock_offset_seconds"]) < 5
        looked = await examine(own.layout.config())
    assert await asyncio.to_thread(own.verified) == (Outcome.OK, True)
    assert first["ev"] == "act"
    said = {(item.part, item.sentence) for item in looked}
    assert ("witnesses", "trust.policy has no mistakes") in said
    assert ("log", "a quorum of witnesses has signed it too") in said


async def test_nothing_is_released_while_too_much_is_unsigned(own: Witnessed) -> None:
    """Without its witness the county answers for a while, then not, then again."""
    lines = io.BytesIO()
    telemetry = Telemetry(
        lines=configure_lines(stream=lines), metrics=Metrics(), clock=SystemClock()
    )
    async with asyncio.TaskGroup() as group, running(own.layout) as county:
        watch = group.create_task(
            watch_witnesses(county.services.ledger.witnessing, telemetry, every_s=0.05)
        )
        refused = await until(county, 503)
        found = await gauges(county)
        async with own.witness():
            back = await until(county, 200)
            await said(lines, b"signs again")
        watch.cancel()

    assert refused.body["type"] == "urn:sallyport:problem:log-unavailable"
    assert "records" not in refused.body
    assert back.body["status"] == "released"
    assert found["sallyport_log_unwitnessed_seconds"] > 1
    assert found['sallyport_witnesses{signs="no"}'] == 1
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    name = BOARD.verifier.name
    assert [(each["event"], each.get("problem")) for each in told] == [
        ("witness", f"{name}: does not answer"),
        ("unwitnessed", None),
        ("witness", f"{name}: signs again"),
    ]


async def test_an_older_copy_of_log_and_state_is_refused(own: Witnessed) -> None:
    """Both put back together: only the witness has seen that there was more."""
    root = own.layout.root
    config = await asyncio.to_thread(load, own.layout.config())

    def keep() -> None:
        shutil.copytree(config.log.directory, root / "kept")
        shutil.copy(root / "state.db", root / "kept.db")

    def put_back() -> None:
        shutil.rmtree(config.log.directory)
        (root / "kept").rename(config.log.directory)
        (root / "kept.db").replace(root / "state.db")

    await asyncio.to_thread(keep)
    async with own.witness():
        async with running(own.layout) as county:
            assert (await county.post(SHERIFF, CUSTODY)).status == 200
        await asyncio.to_thread(put_back)
        with pytest.raises(LogBehind, match="an older copy of the store was put back"):
            async with open_ledger(config, clock=SystemClock()):
                pass
        looked = await examine(own.layout.config())
    [wrong] = [item for item in looked if "an older copy" in item.sentence]
    assert (wrong.part, wrong.verdict) == ("log", Verdict.WRONG)


async def test_who_cannot_be_asked_at_start_is_said(own: Witnessed) -> None:
    """The gateway starts all the same, and the doctor warns."""
    looked = await examine(own.layout.config())
    problem = f"the witness {BOARD.verifier.name} does not answer"
    [warned] = [item for item in looked if item.sentence == problem]
    assert (warned.part, warned.verdict) == ("witnesses", Verdict.WARNING)
